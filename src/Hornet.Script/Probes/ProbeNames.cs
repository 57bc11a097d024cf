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

/// <summary>Events of the kernel's counters, with the count that is taken when a script gives none.</summary>
internal static class CounterEvents
{
    public sealed record Event(string Name, string? Alias, uint Number, ulong Period);

    public static readonly Event[] Software =
    [
        new("alignment-faults", null, 7, 1), new("bpf-output", null, 10, 1), new("context-switches", "cs", 3, 1000),
        new("cpu-clock", "cpu", 0, 1_000_000), new("cpu-migrations", null, 4, 1), new("dummy", null, 9, 1),
        new("emulation-faults", null, 8, 1), new("major-faults", null, 6, 1), new("minor-faults", null, 5, 100),
        new("page-faults", "faults", 2, 100), new("task-clock", null, 1, 1),
    ];

    public static readonly Event[] Hardware =
    [
        new("backend-stalls", null, 8, 1_000_000), new("branch-instructions", "branches", 4, 100_000), new("branch-misses", null, 5, 100_000),
        new("bus-cycles", null, 6, 100_000), new("cache-misses", null, 3, 1_000_000), new("cache-references", null, 2, 1_000_000),
        new("cpu-cycles", "cycles", 0, 1_000_000), new("frontend-stalls", null, 7, 1_000_000), new("instructions", null, 1, 1_000_000),
        new("ref-cycles", null, 9, 1_000_000),
    ];

    public static Event? Find(Event[] events, string name) => Array.Find(events, e => e.Name == name || e.Alias == name);

    /// <summary>What lists show: names and aliases.</summary>
    public static IEnumerable<string> Names(Event[] events) => events.SelectMany(e => e.Alias is { } alias ? [e.Name, alias] : (string[])[e.Name]);
}
