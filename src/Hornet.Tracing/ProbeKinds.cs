namespace Hornet.Tracing;

/// <summary>The names of the kinds, short and long, and those that other tools use.</summary>
internal static class ProbeKinds
{
    private static readonly Dictionary<string, ProbeKind> s_kinds = new(StringComparer.Ordinal)
    {
        ["syscall"] = ProbeKind.Syscall,
        ["s"] = ProbeKind.Syscall,
        ["tracepoint"] = ProbeKind.Tracepoint,
        ["t"] = ProbeKind.Tracepoint,
        ["rawtracepoint"] = ProbeKind.RawTracepoint,
        ["rt"] = ProbeKind.RawTracepoint,
        ["raw_tp"] = ProbeKind.RawTracepoint,
        ["tp_btf"] = ProbeKind.RawTracepoint,
        ["function"] = ProbeKind.Function,
        ["f"] = ProbeKind.Function,
        ["fentry"] = ProbeKind.Function,
        ["fexit"] = ProbeKind.Function,
        ["kfunc"] = ProbeKind.Function,
        ["kprobe"] = ProbeKind.Kprobe,
        ["kretprobe"] = ProbeKind.Kprobe,
        ["k"] = ProbeKind.Kprobe,
        ["uprobe"] = ProbeKind.Uprobe,
        ["uretprobe"] = ProbeKind.Uprobe,
        ["u"] = ProbeKind.Uprobe,
        ["usdt"] = ProbeKind.Usdt,
        ["software"] = ProbeKind.Software,
        ["hardware"] = ProbeKind.Hardware,
        ["h"] = ProbeKind.Hardware,
        ["iter"] = ProbeKind.Iterator,
        ["it"] = ProbeKind.Iterator,
        ["lsm"] = ProbeKind.Lsm,
    };

    public static IEnumerable<string> Names => s_kinds.Keys;

    public static string NameOf(ProbeKind kind) => kind == ProbeKind.Iterator ? "iter" : kind.ToString().ToLowerInvariant();

    public static ProbeKind? Find(string name) => s_kinds.TryGetValue(name, out var kind) ? kind : null;
}
