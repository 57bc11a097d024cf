using Hornet.Tracing;

namespace Hornet.Script.Probes;

/// <summary>The kinds of probes as scripts name them.</summary>
internal static class ProbeNames
{
    /// <summary>A kind.</summary>
    /// <param name="Type">The kind.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Aliases">Other names: short ones, former ones.</param>
    /// <param name="Form">How attach points of the kind are written; several with commas between.</param>
    /// <param name="IsKernelList">Whether lists without a kind show it.</param>
    /// <param name="IsUserList">Whether lists of a process or a file show it.</param>
    public sealed record Provider(ProbeType Type, string Name, string[] Aliases, string Form, bool IsKernelList = false, bool IsUserList = false);

    public static readonly Provider[] All =
    [
        new(ProbeType.Kprobe, "kprobe", ["k"], "kprobe:[MODULE:]FUNCTION[+OFFSET]", IsKernelList: true),
        new(ProbeType.Kretprobe, "kretprobe", ["kr"], "kretprobe:[MODULE:]FUNCTION"),
        new(ProbeType.Uprobe, "uprobe", ["u"], "uprobe:BINARY:FUNCTION[+OFFSET], uprobe:BINARY@FILE:LINE", IsUserList: true),
        new(ProbeType.Uretprobe, "uretprobe", ["ur"], "uretprobe:BINARY:FUNCTION"),
        new(ProbeType.Usdt, "usdt", [], "usdt:BINARY:[PROVIDER:]NAME", IsUserList: true),
        new(ProbeType.Begin, "begin", [], "begin"),
        new(ProbeType.End, "end", [], "end"),
        new(ProbeType.Self, "self", [], "self:signal:SIGUSR1"),
        new(ProbeType.Test, "test", [], "test:NAME"),
        new(ProbeType.Bench, "bench", [], "bench:NAME"),
        new(ProbeType.Tracepoint, "tracepoint", ["t"], "tracepoint:GROUP:EVENT", IsKernelList: true),
        new(ProbeType.Profile, "profile", ["p"], "profile:hz:99, profile:ms:10"),
        new(ProbeType.Interval, "interval", ["i"], "interval:s:1, interval:100ms"),
        new(ProbeType.Software, "software", ["s"], "software:EVENT[:COUNT]", IsKernelList: true),
        new(ProbeType.Hardware, "hardware", ["h"], "hardware:EVENT[:COUNT]", IsKernelList: true),
        new(ProbeType.Watchpoint, "watchpoint", ["w"], "watchpoint:ADDRESS:LENGTH:MODE, with a length of 1, 2, 4 or 8 and a mode of r, w, x"),
        new(ProbeType.Fentry, "fentry", ["f", "kfunc"], "fentry:[MODULE:]FUNCTION, fentry:bpf:[ID:]PROGRAM", IsKernelList: true),
        new(ProbeType.Fexit, "fexit", ["fr", "kretfunc"], "fexit:[MODULE:]FUNCTION, fexit:bpf:[ID:]PROGRAM"),
        new(ProbeType.Iter, "iter", ["it"], "iter:KIND[:PIN]", IsKernelList: true),
        new(ProbeType.RawTracepoint, "rawtracepoint", ["rt"], "rawtracepoint:[MODULE:]EVENT", IsKernelList: true),
        new(ProbeType.Xdp, "xdp", [], "xdp:INTERFACE"),
        new(ProbeType.Tc, "tc", [], "tc:INTERFACE:ingress, tc:INTERFACE:egress"),
        new(ProbeType.Cgroup, "cgroup", [], "cgroup:PATH:HOOK"),
        new(ProbeType.Lsm, "lsm", [], "lsm:HOOK"),
    ];

    /// <summary>The kind of a name or alias in any case; <c>U</c> is usdt and <c>u</c> uprobe.</summary>
    public static Provider? Find(string name)
    {
        if (name == "U") return Of(ProbeType.Usdt);
        foreach (var provider in All)
        {
            if (provider.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || provider.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase)) return provider;
        }
        return null;
    }

    public static Provider Of(ProbeType type) => Array.Find(All, p => p.Type == type)!;

    public static string NameOf(ProbeType type) => Of(type).Name;
}

/// <summary>The events of counters, as attach points name them.</summary>
internal static class CounterEvents
{
    public static IReadOnlyList<CounterProbe> Of(ProbeType type) => type == ProbeType.Software ? CounterProbe.Software : CounterProbe.Hardware;

    public static CounterProbe? Find(IReadOnlyList<CounterProbe> events, string name) => events.FirstOrDefault(e => e.Names.Contains(name));

    /// <summary>What lists show: names and aliases.</summary>
    public static IEnumerable<string> Names(IReadOnlyList<CounterProbe> events) => events.SelectMany(e => e.Names);
}
