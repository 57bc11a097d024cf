namespace Hornet.KernelTests;

/// <summary>What a test may need of the kernel and the machine. Each has an entry in <see cref="NeedCatalog"/>.</summary>
public enum Needs
{
    None,

    // The machine.
    Root,
    Bpftool,
    Clang,
    HardwarePmu,
    Modules,
    ModuleBtf,
    VmlinuxBtf,
    Cgroup2,
    NetworkNamespaces,

    // Probes.
    Kprobes,
    KprobeMulti,
    KprobeSession,
    Uprobes,
    UprobeMulti,
    UprobeSession,
    Usdt,
    PerfEventLink,
    AvailableFilterFunctions,

    // Trampolines.
    Fentry,
    FmodRet,
    Freplace,
    Lsm,
    LsmCgroup,
    TpBtf,

    // Network.
    XdpLink,
    Tcx,
    Netkit,
    Netfilter,
    SkLookup,
    CgroupLink,
    SockMapLink,

    // Programs.
    SleepablePrograms,
    SyscallPrograms,
    Kfuncs,
    BpfLoop,
    IsaV4,
    LoadAcquire,
    XdpLiveFrames,
    BpfStatistics,
    Token,

    // Maps.
    RingBuffer,
    UserRingBuffer,
    BloomFilter,
    TaskStorage,
    CgroupStorage,
    InodeStorage,
    Arena,
    StructOps,
    StructOpsLink,
    Schedulers,
    BatchOperations,
    Iterators,
}
