namespace Hornet.Links;

/// <summary>Software events (<c>PERF_COUNT_SW_*</c>).</summary>
public enum SoftwareEvent : uint
{
    /// <summary>A timer of the CPU, in nanoseconds.</summary>
    CpuClock = 0,
    /// <summary>A timer that runs while the task runs, in nanoseconds.</summary>
    TaskClock = 1,
    /// <summary>Page faults.</summary>
    PageFaults = 2,
    /// <summary>Context switches.</summary>
    ContextSwitches = 3,
    /// <summary>Migrations to another CPU.</summary>
    CpuMigrations = 4,
    /// <summary>Page faults that needed no input or output.</summary>
    PageFaultsMinor = 5,
    /// <summary>Page faults that needed input or output.</summary>
    PageFaultsMajor = 6,
    /// <summary>Unaligned accesses the kernel had to repair.</summary>
    AlignmentFaults = 7,
    /// <summary>Instructions the kernel had to emulate.</summary>
    EmulationFaults = 8,
    /// <summary>Nothing; a carrier for other data.</summary>
    Dummy = 9,
    /// <summary>Output of BPF programs (<c>bpf_perf_event_output</c>).</summary>
    BpfOutput = 10,
    /// <summary>Switches between control groups (5.13).</summary>
    CgroupSwitches = 11,
}

/// <summary>Hardware counters that every CPU has in some way (<c>PERF_COUNT_HW_*</c>).</summary>
public enum HardwareEvent : uint
{
    /// <summary>Cycles.</summary>
    CpuCycles = 0,
    /// <summary>Instructions that completed.</summary>
    Instructions = 1,
    /// <summary>Accesses of the last-level cache.</summary>
    CacheReferences = 2,
    /// <summary>Misses of the last-level cache.</summary>
    CacheMisses = 3,
    /// <summary>Branches.</summary>
    BranchInstructions = 4,
    /// <summary>Mispredicted branches.</summary>
    BranchMisses = 5,
    /// <summary>Bus cycles.</summary>
    BusCycles = 6,
    /// <summary>Cycles the front end waited.</summary>
    StalledCyclesFrontend = 7,
    /// <summary>Cycles the back end waited.</summary>
    StalledCyclesBackend = 8,
    /// <summary>Cycles at a constant rate.</summary>
    ReferenceCycles = 9,
}

/// <summary>The caches of <see cref="PerfEventSource.Cache"/> (<c>PERF_COUNT_HW_CACHE_*</c>).</summary>
public enum HardwareCache : uint
{
    /// <summary>First level, data.</summary>
    L1Data = 0,
    /// <summary>First level, instructions.</summary>
    L1Instruction = 1,
    /// <summary>Last level.</summary>
    LastLevel = 2,
    /// <summary>Address translations of data.</summary>
    DataTlb = 3,
    /// <summary>Address translations of instructions.</summary>
    InstructionTlb = 4,
    /// <summary>Branch predictor.</summary>
    BranchPredictor = 5,
    /// <summary>Memory of the own node.</summary>
    Node = 6,
}

/// <summary>What is done with a cache.</summary>
public enum CacheOperation : uint
{
    /// <summary>Reads.</summary>
    Read = 0,
    /// <summary>Writes.</summary>
    Write = 1,
    /// <summary>Prefetches.</summary>
    Prefetch = 2,
}

/// <summary>How a cache access ends.</summary>
public enum CacheResult : uint
{
    /// <summary>All accesses.</summary>
    Access = 0,
    /// <summary>Those that missed.</summary>
    Miss = 1,
}

/// <summary>What a hardware breakpoint watches for.</summary>
[Flags]
public enum BreakpointKind : uint
{
    /// <summary>Reads of the address. x86 watches <see cref="ReadWrite"/> instead.</summary>
    Read = 1,
    /// <summary>Writes to the address.</summary>
    Write = 2,
    /// <summary>Reads and writes.</summary>
    ReadWrite = 3,
    /// <summary>Execution of the instruction at the address.</summary>
    Execute = 4,
}

/// <summary>What a perf event counts or watches.</summary>
public readonly record struct PerfEventSource
{
    private PerfEventSource(uint type, ulong config, string name) => (Type, Config, Name) = (type, config, name);

    /// <summary>The perf type (<c>PERF_TYPE_*</c>, or the number of a PMU in sysfs).</summary>
    public uint Type { get; }

    /// <summary>The event within its type.</summary>
    public ulong Config { get; }

    /// <summary>A short name for messages.</summary>
    public string Name { get; }

    internal ulong Address { get; private init; }

    internal ulong Length { get; private init; }

    internal BreakpointKind Breakpoint { get; private init; }

    /// <summary>A software event.</summary>
    public static PerfEventSource Software(SoftwareEvent softwareEvent) => new(Interop.PerfEvent.TypeSoftware, (ulong)softwareEvent, softwareEvent.ToString());

    /// <summary>A hardware counter. Virtual machines often have none.</summary>
    public static PerfEventSource Hardware(HardwareEvent hardwareEvent) => new(Interop.PerfEvent.TypeHardware, (ulong)hardwareEvent, hardwareEvent.ToString());

    /// <summary>A counter of a cache.</summary>
    public static PerfEventSource Cache(HardwareCache cache, CacheOperation operation, CacheResult result) =>
        new(Interop.PerfEvent.TypeHardwareCache, (ulong)cache | (ulong)operation << 8 | (ulong)result << 16, $"{cache} {operation} {result}");

    /// <summary>A counter by the CPU's own number, as in its manual.</summary>
    public static PerfEventSource Raw(ulong config) => new(Interop.PerfEvent.TypeRaw, config, $"raw 0x{config:x}");

    /// <summary>An event of any PMU in <c>/sys/bus/event_source/devices</c>, by its type number.</summary>
    public static PerfEventSource Pmu(uint type, ulong config) => new(type, config, $"PMU {type} event 0x{config:x}");

    /// <summary>
    /// A hardware breakpoint. CPUs have few: four on x86-64. Those with AVX-512 also report a masked vector store whose whole width
    /// reaches the address though the mask leaves it out, as the C library's memset does up to 63 bytes before it.
    /// </summary>
    /// <param name="address">The address, of the watched process or of the kernel.</param>
    /// <param name="kind">What to watch for.</param>
    /// <param name="length">The bytes to watch: 1, 2, 4 or 8; for <see cref="BreakpointKind.Execute"/> always 8.</param>
    public static PerfEventSource Watch(ulong address, BreakpointKind kind, int length = 8)
    {
        if (length is not (1 or 2 or 4 or 8)) throw new ArgumentOutOfRangeException(nameof(length), length, "A breakpoint watches 1, 2, 4 or 8 bytes.");
        if (kind is not (BreakpointKind.Read or BreakpointKind.Write or BreakpointKind.ReadWrite or BreakpointKind.Execute)) throw new ArgumentOutOfRangeException(nameof(kind));
        if (kind == BreakpointKind.Execute && length != 8) throw new ArgumentOutOfRangeException(nameof(length), length, "A breakpoint on execution has the length of a machine word, 8.");
        if (address % (ulong)length != 0 && kind != BreakpointKind.Execute) throw new ArgumentException($"The address 0x{address:x} is not a multiple of the length {length}.", nameof(address));
        return new(Interop.PerfEvent.TypeBreakpoint, 0, $"breakpoint 0x{address:x}") { Address = address, Length = (ulong)length, Breakpoint = kind };
    }
}
