using System.Runtime.InteropServices;

namespace Hornet.Interop;

/// <summary><c>struct perf_event_attr</c> (include/uapi/linux/perf_event.h), up to <c>PERF_ATTR_SIZE_VER5</c>, which every kernel since 4.1 knows.</summary>
[StructLayout(LayoutKind.Explicit, Size = 112)]
internal struct PerfEventAttr
{
    [FieldOffset(0)] public uint Type;
    [FieldOffset(4)] public uint Size;
    [FieldOffset(8)] public ulong Config;
    [FieldOffset(16)] public ulong SamplePeriod;
    [FieldOffset(24)] public ulong SampleType;
    [FieldOffset(32)] public ulong ReadFormat;
    [FieldOffset(40)] public PerfEventFlags Flags;
    [FieldOffset(48)] public uint WakeupEvents;
    [FieldOffset(52)] public uint BreakpointType;
    [FieldOffset(56)] public ulong Config1;
    [FieldOffset(64)] public ulong Config2;
    [FieldOffset(92)] public int ClockId;
}

/// <summary>The bit fields of <c>struct perf_event_attr</c>, from the lowest bit up.</summary>
[Flags]
internal enum PerfEventFlags : ulong
{
    None = 0,
    Disabled = 1 << 0,
    Inherit = 1 << 1,
    Pinned = 1 << 2,
    ExcludeUser = 1 << 4,
    ExcludeKernel = 1 << 5,
    ExcludeHypervisor = 1 << 6,
    ExcludeIdle = 1 << 7,
    /// <summary>Records of memory that is mapped as code.</summary>
    Mappings = 1 << 8,
    /// <summary>Records of new names of threads.</summary>
    Names = 1 << 9,
    Frequency = 1 << 10,
    /// <summary>Records of threads that begin and end.</summary>
    Tasks = 1 << 13,
    /// <summary>WakeupEvents counts bytes.</summary>
    Watermark = 1 << 14,
    /// <summary><c>precise_ip</c> is two bits wide, from here.</summary>
    PreciseIpLow = 1 << 15,
    /// <summary>The event's samples' identification stands behind every other record too.</summary>
    SampleIdOfAll = 1 << 18,
    /// <summary>Records of mappings say which file it is (3.12).</summary>
    MappingsWithFile = 1 << 23,
    /// <summary>Records of names say when a new program is the reason (3.16).</summary>
    NamesOfPrograms = 1 << 24,
    /// <summary><c>ClockId</c> says by which clock times are.</summary>
    UseClock = 1 << 25,
    /// <summary>The ring is written from its end to its beginning (4.7).</summary>
    WriteBackward = 1 << 27,
    /// <summary>With <see cref="Inherit"/>: threads inherit the event, forked processes do not (5.13).</summary>
    InheritThread = 1ul << 35,
}

/// <summary><c>perf_event_open(2)</c> and the ioctls of its descriptors.</summary>
internal static unsafe class PerfEvent
{
    public const uint TypeHardware = 0;
    public const uint TypeSoftware = 1;
    public const uint TypeTracepoint = 2;
    public const uint TypeHardwareCache = 3;
    public const uint TypeRaw = 4;
    public const uint TypeBreakpoint = 5;

    private const nuint IocEnable = 0x2400;
    private const nuint IocDisable = 0x2401;
    private const nuint IocPauseOutput = 0x40042409;
    private const nuint IocSetBpf = 0x40042408;
    private const nint FlagPidCgroup = 1 << 2;
    private const nint FlagCloseOnExec = 1 << 3;

    /// <summary>Opens an event; null with <see cref="Libc.LastError"/> set when the kernel refuses.</summary>
    /// <param name="attr">The event; its size is filled in.</param>
    /// <param name="pid">A thread id, or -1 for all, or a cgroup directory's descriptor with <paramref name="cgroup"/>.</param>
    /// <param name="cpu">A CPU, or -1 for all (with a thread only).</param>
    /// <param name="what">For leak reports.</param>
    /// <param name="cgroup">Whether <paramref name="pid"/> is a cgroup's descriptor.</param>
    public static FileDescriptor? TryOpen(ref PerfEventAttr attr, int pid, int cpu, string what, bool cgroup = false)
    {
        attr.Size = (uint)sizeof(PerfEventAttr);
        fixed (PerfEventAttr* p = &attr)
        {
            int fd = (int)Libc.Syscall(Libc.NrPerfEventOpen, (nint)p, pid, cpu, -1, FlagCloseOnExec | (cgroup ? FlagPidCgroup : 0), 0);
            return fd < 0 ? null : new FileDescriptor(fd, what);
        }
    }

    public static bool TrySetBpf(FileDescriptor perfEvent, FileDescriptor program) => Libc.Ioctl(perfEvent.Value, IocSetBpf, program.Value) >= 0;

    public static bool TryEnable(FileDescriptor perfEvent) => Libc.Ioctl(perfEvent.Value, IocEnable, 0) >= 0;

    /// <summary>Stops or resumes writing to the event's ring (4.7); what comes meanwhile is counted as lost.</summary>
    public static bool TryPauseOutput(FileDescriptor perfEvent, bool pause) => Libc.Ioctl(perfEvent.Value, IocPauseOutput, pause ? 1 : 0) >= 0;

    public static bool TryDisable(FileDescriptor perfEvent) => Libc.Ioctl(perfEvent.Value, IocDisable, 0) >= 0;
}
