using Hornet.Links;

namespace Hornet.Tracing;

/// <summary>Every so many events of a counter: one that the kernel keeps itself, or one of the processor.</summary>
public sealed class CounterProbe : Probe
{
    private readonly string? _alias;

    private CounterProbe(ProbeKind kind, string name, string? alias, PerfEventSource source, ulong period) : base(kind, name) => (_alias, Source, Period) = (alias, source, period);

    /// <summary>The events of the kernel's own counters.</summary>
    public static IReadOnlyList<CounterProbe> Software { get; } = All(ProbeKind.Software);

    /// <summary>
    /// The events of the processor that have a name in the kernel. Whether this processor counts one is known when it is attached to:
    /// virtual machines often have none.
    /// </summary>
    public static IReadOnlyList<CounterProbe> Hardware { get; } = All(ProbeKind.Hardware);

    /// <summary>What is attached to.</summary>
    public PerfEventSource Source { get; }

    /// <summary>After how many events the probe fires when nothing else is said.</summary>
    public ulong Period { get; }

    /// <summary>The name and the short one, where there is one.</summary>
    public IEnumerable<string> Names => _alias is null ? [Name] : [Name, _alias];

    /// <summary>None: the program has the registers of what was interrupted.</summary>
    public override IReadOnlyList<ProbeArgument>? Arguments => null;

    /// <summary>The counters of a kind whose name or short name matches.</summary>
    internal static IEnumerable<CounterProbe> Find(ProbeKind kind, string pattern)
    {
        NamePattern name = new(pattern);
        return (kind == ProbeKind.Software ? Software : Hardware).Where(p => p.Names.Any(n => name.Matches(n.AsSpan())));
    }

    private static CounterProbe[] All(ProbeKind kind)
    {
        CounterProbe Event(string name, string? alias, PerfEventSource source, ulong period) => new(kind, name, alias, source, period);
        // The periods are bpftrace's.
        return kind == ProbeKind.Software
            ?
            [
                Event("alignment-faults", null, PerfEventSource.Software(SoftwareEvent.AlignmentFaults), 1),
                Event("bpf-output", null, PerfEventSource.Software(SoftwareEvent.BpfOutput), 1),
                Event("context-switches", "cs", PerfEventSource.Software(SoftwareEvent.ContextSwitches), 1000),
                Event("cpu-clock", "cpu", PerfEventSource.Software(SoftwareEvent.CpuClock), 1_000_000),
                Event("cpu-migrations", null, PerfEventSource.Software(SoftwareEvent.CpuMigrations), 1),
                Event("dummy", null, PerfEventSource.Software(SoftwareEvent.Dummy), 1),
                Event("emulation-faults", null, PerfEventSource.Software(SoftwareEvent.EmulationFaults), 1),
                Event("major-faults", null, PerfEventSource.Software(SoftwareEvent.PageFaultsMajor), 1),
                Event("minor-faults", null, PerfEventSource.Software(SoftwareEvent.PageFaultsMinor), 100),
                Event("page-faults", "faults", PerfEventSource.Software(SoftwareEvent.PageFaults), 100),
                Event("task-clock", null, PerfEventSource.Software(SoftwareEvent.TaskClock), 1),
            ]
            :
            [
                Event("backend-stalls", null, PerfEventSource.Hardware(HardwareEvent.StalledCyclesBackend), 1_000_000),
                Event("branch-instructions", "branches", PerfEventSource.Hardware(HardwareEvent.BranchInstructions), 100_000),
                Event("branch-misses", null, PerfEventSource.Hardware(HardwareEvent.BranchMisses), 100_000),
                Event("bus-cycles", null, PerfEventSource.Hardware(HardwareEvent.BusCycles), 100_000),
                Event("cache-misses", null, PerfEventSource.Hardware(HardwareEvent.CacheMisses), 1_000_000),
                Event("cache-references", null, PerfEventSource.Hardware(HardwareEvent.CacheReferences), 1_000_000),
                Event("cpu-cycles", "cycles", PerfEventSource.Hardware(HardwareEvent.CpuCycles), 1_000_000),
                Event("frontend-stalls", null, PerfEventSource.Hardware(HardwareEvent.StalledCyclesFrontend), 1_000_000),
                Event("instructions", null, PerfEventSource.Hardware(HardwareEvent.Instructions), 1_000_000),
                Event("ref-cycles", null, PerfEventSource.Hardware(HardwareEvent.ReferenceCycles), 1_000_000),
            ];
    }
}
