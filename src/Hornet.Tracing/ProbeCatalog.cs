using Hornet.Btf;
using Hornet.Kernel;

namespace Hornet.Tracing;

/// <summary>
/// Everything that can be probed on this machine, by pattern: <c>KIND:NAME</c> with the wildcards <c>*</c> and <c>?</c>,
/// or a name alone, which is looked for among system calls, tracepoints and kernel functions.
/// </summary>
public static class ProbeCatalog
{
    /// <summary>Finds probes.</summary>
    /// <param name="pattern">
    /// <c>syscall:open*</c>, <c>tracepoint:sched:*</c>, <c>rawtracepoint:sched_*</c>, <c>function:vfs_*</c>,
    /// <c>kprobe:do_sys_*</c>, <c>uprobe:/bin/bash:read*</c>, <c>usdt:libc.so.6:*</c>, <c>software:*faults</c>, <c>hardware:*</c>,
    /// <c>iter:task*</c>, <c>lsm:file_*</c>, or a name without a kind.
    /// </param>
    /// <returns>The probes, by kind and in the kind's own order. Nothing matches: empty.</returns>
    /// <exception cref="ArgumentException">The pattern is malformed; the message says how it should be.</exception>
    /// <exception cref="BpfException">What the kind needs is not there: tracefs, BTF, the binary.</exception>
    public static IEnumerable<Probe> Find(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        int colon = pattern.IndexOf(':');
        string prefix = colon < 0 ? "" : pattern[..colon], rest = pattern[(colon + 1)..];
        if (colon < 0) return Everywhere(pattern);
        if (ProbeKinds.Find(prefix) is not { } kind)
        {
            // sched:sched_switch, as perf and trace-cmd write it.
            if (Tracefs.FindMount() is not null && TracepointProbe.Find(pattern).Any()) return TracepointProbe.Find(pattern);
            throw new ArgumentException($"'{prefix}' is neither a kind of probe nor a group of tracepoints. {CloseNames.Describe(prefix, [.. ProbeKinds.Names.Where(n => n.Length > 2)])}", nameof(pattern));
        }
        if (rest.Length == 0) throw new ArgumentException($"'{pattern}' has no name after the kind; write '{prefix}:*' for all.", nameof(pattern));
        return Find(kind, rest);
    }

    /// <summary>A kind as it is written in patterns: <c>iter</c>.</summary>
    public static string NameOf(ProbeKind kind) => ProbeKinds.NameOf(kind);

    /// <summary>Finds probes of one kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="name">The name with wildcards; for programs <c>BINARY:FUNCTION</c> or <c>BINARY:PROVIDER:PROBE</c>.</param>
    /// <exception cref="ArgumentException">The name is malformed.</exception>
    /// <exception cref="BpfException">What the kind needs is not there: tracefs, BTF, the binary.</exception>
    public static IEnumerable<Probe> Find(ProbeKind kind, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        switch (kind)
        {
            case ProbeKind.Syscall: return SyscallProbe.Find(name);
            case ProbeKind.Tracepoint: return TracepointProbe.Find(name);
            case ProbeKind.RawTracepoint: return RawTracepointProbe.Find(name);
            case ProbeKind.Function: return KernelFunctionProbe.Find(name);
            case ProbeKind.Kprobe: return KprobeProbe.Find(name);
            case ProbeKind.Uprobe:
                int colon = name.LastIndexOf(':');
                if (colon <= 0 || colon == name.Length - 1) throw new ArgumentException($"'uprobe:{name}' is not complete; write 'uprobe:BINARY:FUNCTION', such as 'uprobe:/bin/bash:readline'.", nameof(name));
                return UprobeProbe.Find(name[..colon], name[(colon + 1)..]);
            case ProbeKind.Usdt:
                string[] parts = name.Split(':');
                return parts switch
                {
                    [var binary] => StaticProbe.Find(binary, "*", "*"),
                    [var binary, var probe] => StaticProbe.Find(binary, "*", probe),
                    [var binary, var provider, var probe] => StaticProbe.Find(binary, provider, probe),
                    _ => throw new ArgumentException($"'usdt:{name}' has too many parts; write 'usdt:BINARY:PROVIDER:PROBE'.", nameof(name)),
                };
            case ProbeKind.Software or ProbeKind.Hardware: return CounterProbe.Find(kind, name);
            case ProbeKind.Iterator: return IteratorProbe.Find(name);
            case ProbeKind.Lsm: return LsmProbe.Find(name);
            default: throw new ArgumentOutOfRangeException(nameof(kind));
        }
    }

    private static IEnumerable<Probe> Everywhere(string name)
    {
        if (Tracefs.FindMount() is not null)
        {
            foreach (var probe in SyscallProbe.Find(name)) yield return probe;
            foreach (var probe in TracepointProbe.Find(name)) yield return probe;
        }
        if (!KernelBtf.IsAvailable) yield break;
        foreach (var probe in RawTracepointProbe.Find(name)) yield return probe;
        foreach (var probe in KernelFunctionProbe.Find(name)) yield return probe;
    }
}
