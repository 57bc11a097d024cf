using Hornet.Btf;
using Hornet.Programs;
using Hornet.Script.Types;
using Hornet.Tracing;

namespace Hornet.Script.Probes;

/// <summary>
/// What of the running kernel a script can be attached to, by name: what the catalogue of probes finds, without what is dangerous or
/// cannot be.
/// </summary>
/// <param name="traceableFile">Option --traceable-functions: a list in the form of <c>available_filter_functions</c>; null for the kernel's own.</param>
internal sealed class KernelCatalog(string? traceableFile = null)
{
    // Tracing these has stopped machines: the list of the kernel's own tests of kprobe.multi.
    private static readonly string[] s_dangerous = ["arch_cpu_idle", "default_idle", "bpf_dispatcher_xdp_func"];

    /// <summary>The name of the kernel itself among its modules.</summary>
    public const string KernelName = "vmlinux";

    private FunctionNames? _names;

    public static BtfTypes? Types => BtfTypes.Kernel;

    /// <summary>The tracepoints whose group and name match, as <c>group:event</c>, sorted.</summary>
    /// <exception cref="BpfException">tracefs is not mounted, or this user may not enter.</exception>
    public static List<string> Tracepoints(NamePattern pattern) => TracepointProbe.Names(pattern);

    /// <summary>
    /// The functions that match, sorted by module and name, each once. From the kernel's list of what it can trace; where that
    /// cannot be read (no ftrace, lockdown), from its symbols.
    /// </summary>
    public List<(string Module, string Name)> Functions(NamePattern? module, NamePattern name)
    {
        HashSet<(string, string)> found = [];
        foreach (var (owner, function) in Names.Find(module, name))
        {
            if (!IsDangerous(function)) found.Add((owner ?? KernelName, function));
        }
        List<(string Module, string Name)> list = [.. found];
        list.Sort(static (a, b) => string.CompareOrdinal(a.Module, b.Module) is var order and not 0 ? order : string.CompareOrdinal(a.Name, b.Name));
        return list;
    }

    /// <summary>Whether a function can perhaps be traced: it is in the list that was given, or the kernel has it.</summary>
    public bool HasFunction(string name, string? module = null)
    {
        if (module == "") module = null;
        if (traceableFile is null && module is null && Types?.FindFunction(name) is not null && !IsDangerous(name)) return true;
        return Functions(module is null ? null : Wildcard.Of(module), Wildcard.Of(name)).Count > 0;
    }

    /// <summary>The modules that are loaded, and the kernel.</summary>
    public static IReadOnlyList<string> Modules()
    {
        List<string> names = [KernelName];
        if (File.Exists("/proc/modules")) names.AddRange(File.ReadLines("/proc/modules").Select(l => l.Split(' ')[0]));
        return names;
    }

    /// <summary>The functions with prototypes, by module; of up to as many arguments as travel in registers, as fentry has it.</summary>
    public IEnumerable<(string Module, string Name, BtfType Function)> TypedFunctions(NamePattern? module, NamePattern name)
    {
        if (Types is not { } types) yield break;
        // Symbols know no more than BTF does; the list of the kernel does.
        HashSet<(string, string)>? traceable = (!name.IsExact || traceableFile is not null) && Names.IsTraceable ? [.. Functions(module, name)] : null;
        foreach (var probe in KernelFunctionProbe.Find(Of(types, module), name))
        {
            string owner = probe.Module ?? KernelName;
            if (!IsDangerous(probe.Name) && probe.Function.Target.Count <= Registers.InRegisters && traceable?.Contains((owner, probe.Name)) != false)
                yield return (owner, probe.Name, probe.Function);
        }
    }

    /// <summary>The raw tracepoints by module, each with a prototype whose parameters (but for the first) are the arguments.</summary>
    public static IEnumerable<(string Module, string Name, BtfType Prototype)> RawTracepoints(NamePattern? module, NamePattern name) =>
        Types is { } types ? RawTracepointProbe.Find(Of(types, module), name).Select(p => (p.Module ?? KernelName, p.Name, p.Described)) : [];

    /// <summary>The kinds of iterators.</summary>
    public static IEnumerable<IteratorProbe> Iterators(NamePattern pattern) => Types is { } types ? IteratorProbe.Find(types.Specs, pattern) : [];

    /// <summary>The BPF programs that are loaded, by id, with their whole names.</summary>
    public static IEnumerable<(uint Id, string Name)> BpfPrograms()
    {
        foreach (var program in BpfProgram.OpenAll())
        {
            using (program) yield return (program.GetInfo().Id, program.GetFullName());
        }
    }

    private FunctionNames Names => _names ??= traceableFile is { } path ? FunctionNames.FromFile(path) : FunctionNames.Traceable();

    private static IEnumerable<BtfSpec> Of(BtfTypes types, NamePattern? module) => module is null ? types.Specs : types.Specs.Where(s => module.Matches(s.Name));

    private static bool IsDangerous(string function) =>
        function.StartsWith("rcu_", StringComparison.Ordinal) || function.StartsWith("__ftrace_invalid_address__", StringComparison.Ordinal)
        || function.Contains(".part.", StringComparison.Ordinal) || s_dangerous.Contains(function);
}
