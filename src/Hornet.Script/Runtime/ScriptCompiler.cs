using Hornet.Elf;
using Hornet.Features;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Script.Binding;
using Hornet.Script.Lowering;
using Hornet.Script.Probes;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Syntax.C;
using Hornet.Script.Syntax.Parsing;
using Hornet.Script.Types;

namespace Hornet.Script.Runtime;

/// <summary>What a script is compiled with: the command line, as far as it means something to it.</summary>
internal sealed record ScriptOptions
{
    public IReadOnlyList<string> Positional { get; init; } = [];
    public IReadOnlyDictionary<string, string?> Named { get; init; } = new Dictionary<string, string?>();
    public ScriptProbeOptions Probes { get; init; } = new();
    public bool IsUnsafe { get; init; }
    public int HelperErrors { get; init; }

    /// <summary>Option -p.</summary>
    public int? Process { get; init; }

    /// <summary>Option -c.</summary>
    public int? Child { get; init; }

    /// <summary>Whether -p, -c or --dwarf-pid names a process whose stacks can be walked.</summary>
    public bool HasUnwoundProcess { get; init; }

    /// <summary>Whether probes at calls and returns of the same functions may become one program. Not where probes are chosen by name.</summary>
    public bool AllowsSessions { get; init; } = true;

    /// <summary>What the script is taken from, with its imports and headers; null for files as they are.</summary>
    public ScriptBundle? Bundle { get; init; }

    /// <summary>Is given what the script needs beside itself; null when nobody asks.</summary>
    public ScriptBundle? Pack { get; init; }
    public IReadOnlyList<string> IncludeFolders { get; init; } = [];
    public IReadOnlyList<string> IncludeFiles { get; init; } = [];

    /// <summary>Whether every stage of the compiler is kept as text.</summary>
    public bool KeepsStages { get; init; }

    /// <summary>Compiles what is imported of C, or has done so before: as for <see cref="BindOptions.CompileC"/>; null has clang do it now.</summary>
    public Func<string, ClangResult?>? CompileC { get; init; }

    /// <summary>Is told the type of every expression once it is known, for editors.</summary>
    public Action<SourceSpan, ScriptType>? ObserveTypes { get; init; }
}

/// <summary>From the text of a script to programs: parser, binder, code generator, with this machine's kernel behind them.</summary>
internal static class ScriptCompiler
{
    /// <summary>Parses; null with errors reported.</summary>
    public static ScriptSyntax? Parse(SourceText source, DiagnosticBag diagnostics)
    {
        var script = ScriptParser.Parse(source, diagnostics);
        return diagnostics.HasErrors ? null : script;
    }

    /// <summary>Finds names, types and places; null with errors reported.</summary>
    public static BoundScript? Bind(ScriptSyntax script, ScriptOptions options, DiagnosticBag diagnostics) => Binder.Bind(script, new BindOptions
    {
        Probes = new ProbeResolver(options.Probes),
        Parse = Parse,
        Positional = options.Positional,
        Named = options.Named,
        Environment = Settings(options.Bundle),
        Types = (whole, report) => Types(whole, options, report),
        System = Facts(options),
        ImportPaths = options.IncludeFolders,
        Bundled = options.Bundle?.Imports,
        Imported = options.Pack is { } pack ? pack.Imports.Add : null,
        CompileC = options.CompileC ?? (path => ClangCompiler.Compile(path, options.IncludeFolders)),
        Unsafe = options.IsUnsafe,
        HelperErrors = options.HelperErrors,
        Pid = options.Process,
        ChildPid = options.Child,
        ObserveTypes = options.ObserveTypes,
        HasUnwoundProcess = options.HasUnwoundProcess,
    }, diagnostics);

    /// <summary>Makes the programs.</summary>
    /// <exception cref="ScriptException">The kernel cannot run it.</exception>
    public static CompiledScript Lower(BoundScript script, ScriptOptions options) => ScriptLowering.Lower(script, new LoweringOptions
    {
        KeepStages = options.KeepsStages,
        HasKprobeSessions = () => options.AllowsSessions && !options.Probes.WithoutFeatures.Contains("kprobe_session")
            && KernelFeatures.Find(FeatureCategory.Attach, "kprobe.session link")?.Probe().IsAvailable == true,
        ClockMap = Environment.GetEnvironmentVariable("BPFTRACE_DUMMY_TS_MAP"),
    });

    /// <summary>The variables of the environment that are settings, in front of those a bundle was made with.</summary>
    public static Dictionary<string, string> Settings(ScriptBundle? bundle = null)
    {
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (string setting in bundle?.Settings ?? []) found[setting[..setting.IndexOf('=', StringComparison.Ordinal)]] = setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..];
        var variables = Environment.GetEnvironmentVariables().GetEnumerator();
        while (variables.MoveNext())
        {
            if (variables.Key is string name && name.StartsWith("BPFTRACE_", StringComparison.Ordinal)) found[name] = (string)variables.Value!;
        }
        return found;
    }

    private static SystemFacts Facts(ScriptOptions options) => new()
    {
        KernelSymbol = static name => KernelSymbols.Find([name], out _) is var found && found.TryGetValue(name, out ulong address) ? address : null,
        UserSymbol = (path, name) => UserSymbol(path, name, options.Child ?? options.Process),
        UserPlace = (path, offset) => UserPlace(path, offset, options.Child ?? options.Process),
        CgroupId = CgroupId,
        CanAttach = ProbeResolver.CanAttach,
        HasKernelFunction = static name => BtfTypes.Kernel?.FindFunction(name) is not null,
        InPidNamespace = PidNamespace.IsOwn,
        CpuCount = CpuList.PossibleCount,
        HasTaiClock = RunningKernel.Version >= new Version(6, 1),
        HasPathHelper = HelperTable.FirstKernel(BpfHelper.DPath) is { } since && RunningKernel.Version >= since,
    };

    private static (ulong Address, int Size, bool IsFixed)? UserSymbol(string path, string name, int? process)
    {
        try
        {
            using var file = ElfFile.Open(UserBinary.Find(path, process));
            foreach (var symbol in file.Symbols.Concat(file.DynamicSymbols))
            {
                if (symbol.Name == name && symbol.IsInSection) return (symbol.Value, (int)Math.Min(symbol.Size, int.MaxValue), file.Type == ElfType.Executable);
            }
        }
        catch (BpfException)
        {
            // No such file, or none with symbols.
        }
        return null;
    }

    private static ulong? UserPlace(string path, ulong offset, int? process)
    {
        try
        {
            using var file = ElfFile.Open(UserBinary.Find(path, process));
            foreach (var segment in file.Segments)
            {
                if (segment.IsLoaded && offset >= segment.Offset && offset - segment.Offset < segment.FileSize) return offset - segment.Offset + segment.VirtualAddress;
            }
        }
        catch (BpfException)
        {
            // As above.
        }
        return null;
    }

    // The number of the folder's node is the group's id.
    private static ulong? CgroupId(string path) => Directory.Exists(path) ? NativeProcess.InodeOf(path) : null;

    /// <summary>The types of the script's C, with that of what it imports, in front of the kernel's.</summary>
    private static TypeSources Types(ScriptSyntax script, ScriptOptions options, DiagnosticBag diagnostics)
    {
        BtfTypeSource kernel = new(static () => BtfTypes.Kernel);
        if (script.CDefinitions.Count == 0 && options.IncludeFiles.Count == 0) return new TypeSources(kernel, VerdictNames.Instance);
        var environment = CEnvironment.ForSystem(options.IncludeFolders, options.IncludeFiles, BtfTypes.Kernel is not null);
        if (options.Bundle is { } bundle) environment.TakeFrom(bundle.HeaderFolders, bundle.Headers);
        CTypeSource declared = new(CDeclarations.Read(script, environment, kernel.FindType, diagnostics));
        if (options.Pack is { } pack)
        {
            pack.HeaderFolders.AddRange(environment.Directories);
            foreach (var (path, text) in environment.Files) pack.Headers[path] = text;
        }
        return new TypeSources(declared, kernel, VerdictNames.Instance);
    }
}
