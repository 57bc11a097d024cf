using Hornet.Script.Probes;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>What a script means besides its text: parameters, options, and where names outside of it lead.</summary>
internal sealed record BindOptions
{
    /// <summary>Expands attach points.</summary>
    public required IProbeResolver Probes { get; init; }

    /// <summary>Parses what is imported; null with errors reported.</summary>
    public required Func<SourceText, DiagnosticBag, ScriptSyntax?> Parse { get; init; }

    /// <summary><c>$1</c> and on.</summary>
    public IReadOnlyList<string> Positional { get; init; } = [];

    /// <summary>Options of the script (<c>--name=value</c> behind <c>--</c>); null for one without a value.</summary>
    public IReadOnlyDictionary<string, string?> Named { get; init; } = new Dictionary<string, string?>();

    /// <summary>Variables of the environment; those whose names begin with <c>BPFTRACE_</c> are settings.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The types and constants a script can name: those of its C part, in front of the kernel's.</summary>
    public Func<ScriptSyntax, DiagnosticBag, ITypeSource?> Types { get; init; } = static (_, _) => null;

    public SystemFacts System { get; init; } = new();

    /// <summary>What imports lead to, where files are not looked for; null where they are.</summary>
    public IReadOnlyList<BundledImport>? Bundled { get; init; }

    /// <summary>Is told of every file that is imported.</summary>
    public Action<BundledImport>? Imported { get; init; }

    /// <summary>Compiles a program in C that is imported.</summary>
    public Func<string, ClangResult?> CompileC { get; init; } = static _ => new ClangResult(null, "") { IsMissing = true };

    /// <summary>Folders where imports are looked for, after the importing script's own.</summary>
    public IReadOnlyList<string> ImportPaths { get; init; } = [];

    /// <summary>Option --unsafe.</summary>
    public bool Unsafe { get; init; }

    /// <summary>Option -k: 0 to 2.</summary>
    public int HelperErrors { get; init; }

    /// <summary>Option -p: only this process.</summary>
    public int? Pid { get; init; }

    /// <summary>Option -c: the child's process.</summary>
    public int? ChildPid { get; init; }

    /// <summary>Is told the type of every expression once it is known, for editors.</summary>
    public Action<SourceSpan, ScriptType>? ObserveTypes { get; init; }

    /// <summary>Whether there is a process whose stacks dw_ustack can walk: options -p, -c, --dwarf-pid.</summary>
    public bool HasUnwoundProcess { get; init; }
}

/// <summary>What binding asks the running system. All questions are asked only when a script needs the answer.</summary>
internal sealed record SystemFacts
{
    /// <summary>The address of a kernel symbol; null when there is none.</summary>
    public Func<string, ulong?> KernelSymbol { get; init; } = static _ => null;

    /// <summary>Address, size and whether the file always is at the same place, of a symbol (2) in a file (1).</summary>
    public Func<string, string, (ulong Address, int Size, bool IsFixed)?> UserSymbol { get; init; } = static (_, _) => null;

    /// <summary>The address, as the file has it, of what is at a place (2) in a file (1).</summary>
    public Func<string, ulong, ulong?> UserPlace { get; init; } = static (_, _) => null;

    /// <summary>Whether the kernel can attach to places of a kind at all.</summary>
    public Func<ProbeType, bool> CanAttach { get; init; } = static _ => true;

    /// <summary>The id of a control group's folder; null when it is none.</summary>
    public Func<string, ulong?> CgroupId { get; init; } = static _ => null;

    /// <summary>Whether the kernel has a function that programs may call.</summary>
    public Func<string, bool> HasKernelFunction { get; init; } = static _ => false;

    /// <summary>Whether this process is in a process namespace of its own, where numbers of processes differ from the kernel's.</summary>
    public bool InPidNamespace { get; init; }

    /// <summary>Processors there can be.</summary>
    public int CpuCount { get; init; } = 1;

    public bool HasTaiClock { get; init; } = true;
    public bool HasPathHelper { get; init; } = true;
}

/// <summary>An option of the script itself, as <c>getopt</c> declares it.</summary>
/// <param name="Name">Without dashes.</param>
/// <param name="Default">As it would be written.</param>
/// <param name="Description">For the usage text; may be empty.</param>
/// <param name="Type">Boolean, integer or string.</param>
internal sealed record ScriptOption(string Name, string Default, string Description, ScriptType Type);
