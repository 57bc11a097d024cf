namespace Hornet.Kernel;

/// <summary>
/// The first kernels: one table that feature probes, error messages and the tests' requirements take their versions from. A version
/// is a claim about the mainline kernel; distributions may have a thing earlier. The tests compare each with what probes find on every
/// kernel of the matrix.
/// </summary>
internal static class FirstKernel
{
    /// <summary>The first kernel with a kind of map; null for a kind this library does not know.</summary>
    public static Version? Of(MapType type) => type switch
    {
        MapType.Hash or MapType.Array => new(3, 19),
        MapType.ProgramArray => new(4, 2),
        MapType.PerfEventArray => new(4, 3),
        MapType.PerCpuHash or MapType.PerCpuArray or MapType.StackTrace => new(4, 6),
        MapType.CgroupArray => new(4, 8),
        MapType.LruHash or MapType.LruPerCpuHash => new(4, 10),
        MapType.LpmTrie => new(4, 11),
        MapType.ArrayOfMaps or MapType.HashOfMaps => new(4, 12),
        MapType.DevMap or MapType.SockMap => new(4, 14),
        MapType.CpuMap => new(4, 15),
        MapType.XskMap or MapType.SockHash => new(4, 18),
        MapType.CgroupStorage or MapType.ReusePortSockArray => new(4, 19),
        MapType.PerCpuCgroupStorage or MapType.Queue or MapType.Stack => new(4, 20),
        MapType.SkStorage => new(5, 2),
        MapType.DevMapHash => new(5, 4),
        MapType.StructOps => new(5, 6),
        MapType.RingBuf => new(5, 8),
        MapType.InodeStorage => new(5, 10),
        MapType.TaskStorage => new(5, 11),
        MapType.BloomFilter => new(5, 16),
        MapType.UserRingBuf => new(6, 1),
        MapType.CgrpStorage => new(6, 2),
        MapType.Arena => new(6, 9),
        MapType.InstructionArray => new(6, 19),
        _ => null,
    };

    /// <summary>The first kernel with a flag of map creation (a <c>BPF_F_*</c> bit); null for one this library does not know.</summary>
    public static Version? OfMapFlag(uint flag) => flag switch
    {
        1 << 0 => new(4, 6),
        1 << 1 => new(4, 10),
        1 << 2 => new(4, 14),
        1 << 3 or 1 << 4 => new(4, 15),
        1 << 5 => new(4, 17),
        1 << 6 => new(5, 0),
        1 << 7 or 1 << 8 => new(5, 2),
        1 << 9 => new(5, 4),
        1 << 10 => new(5, 5),
        1 << 11 or 1 << 12 => new(5, 10),
        1 << 13 => StructOpsLink,
        1 << 14 => new(6, 5),
        1 << 15 or 1 << 16 or 1 << 17 or 1 << 18 => new(6, 9),
        1 << 19 => new(6, 19),
        _ => null,
    };

    /// <summary>Perf_event links, and the cookies that came with them.</summary>
    public static Version PerfEventLink => new(5, 15);

    /// <summary>Programs on kprobes.</summary>
    public static Version Kprobe => new(4, 1);

    /// <summary>Programs on uprobes by <c>perf_event_open</c> alone.</summary>
    public static Version Uprobe => new(4, 17);

    /// <summary>Kprobe.multi links.</summary>
    public static Version KprobeMulti => new(5, 18);

    /// <summary>Kprobe.session links.</summary>
    public static Version KprobeSession => new(6, 10);

    /// <summary>Uprobe.multi links.</summary>
    public static Version UprobeMulti => new(6, 6);

    /// <summary>Uprobe.session links.</summary>
    public static Version UprobeSession => new(6, 13);

    /// <summary>Raw tracepoints.</summary>
    public static Version RawTracepoint => new(4, 17);

    /// <summary>Fentry, fexit and tp_btf.</summary>
    public static Version Tracing => new(5, 5);

    /// <summary>Fmod_ret.</summary>
    public static Version ModifyReturn => new(5, 7);

    /// <summary>Freplace.</summary>
    public static Version Freplace => new(5, 6);

    /// <summary>LSM programs.</summary>
    public static Version Lsm => new(5, 7);

    /// <summary>LSM programs of a cgroup.</summary>
    public static Version LsmCgroup => new(6, 0);

    /// <summary>Iterators.</summary>
    public static Version Iterator => new(5, 8);

    /// <summary>Struct_ops through links.</summary>
    public static Version StructOpsLink => new(6, 4);

    /// <summary>Cgroup links.</summary>
    public static Version CgroupLink => new(5, 7);

    /// <summary>Network namespace links.</summary>
    public static Version NetnsLink => new(5, 8);

    /// <summary>XDP links.</summary>
    public static Version XdpLink => new(5, 9);

    /// <summary>Tcx.</summary>
    public static Version Tcx => new(6, 6);

    /// <summary>Lists and trees in map values, with nodes of today's size: they came in 6.2 and 6.3, and grew in 6.6.</summary>
    public static Version OwnObjects => new(6, 6);

    /// <summary>Netkit.</summary>
    public static Version Netkit => new(6, 7);

    /// <summary>Netfilter programs.</summary>
    public static Version Netfilter => new(6, 4);

    /// <summary>Sockmap links.</summary>
    public static Version SockMapLink => new(6, 10);
}
