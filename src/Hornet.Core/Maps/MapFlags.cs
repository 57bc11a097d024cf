namespace Hornet.Maps;

/// <summary>Creation flags of maps (<c>BPF_F_*</c> in include/uapi/linux/bpf.h). Which are allowed depends on the kind.</summary>
[Flags]
public enum MapFlags : uint
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>Entries are allocated when inserted (<c>BPF_F_NO_PREALLOC</c>); required for LPM tries and local storage.</summary>
    NoPrealloc = 1 << 0,
    /// <summary>One LRU list per CPU (<c>BPF_F_NO_COMMON_LRU</c>).</summary>
    NoCommonLru = 1 << 1,
    /// <summary>Allocate on the given NUMA node (<c>BPF_F_NUMA_NODE</c>).</summary>
    NumaNode = 1 << 2,
    /// <summary>User space may only read (<c>BPF_F_RDONLY</c>).</summary>
    ReadOnly = 1 << 3,
    /// <summary>User space may only write (<c>BPF_F_WRONLY</c>).</summary>
    WriteOnly = 1 << 4,
    /// <summary>Stack traces hold build ids and offsets (<c>BPF_F_STACK_BUILD_ID</c>).</summary>
    StackBuildId = 1 << 5,
    /// <summary>A hash seed of zero (<c>BPF_F_ZERO_SEED</c>): for tests only.</summary>
    ZeroSeed = 1 << 6,
    /// <summary>Programs may only read (<c>BPF_F_RDONLY_PROG</c>, 5.2).</summary>
    ReadOnlyProgram = 1 << 7,
    /// <summary>Programs may only write (<c>BPF_F_WRONLY_PROG</c>, 5.2).</summary>
    WriteOnlyProgram = 1 << 8,
    /// <summary>Storage is cloned to accepted sockets (<c>BPF_F_CLONE</c>, 5.4).</summary>
    Clone = 1 << 9,
    /// <summary>The array can be mapped into user space (<c>BPF_F_MMAPABLE</c>, 5.5).</summary>
    Mmapable = 1 << 10,
    /// <summary>Perf events stay in the array when its descriptor closes (<c>BPF_F_PRESERVE_ELEMS</c>, 5.10).</summary>
    PreserveElements = 1 << 11,
    /// <summary>Inner arrays may differ in size (<c>BPF_F_INNER_MAP</c>, 5.10).</summary>
    InnerMap = 1 << 12,
    /// <summary>Creates a struct_ops map that is used through a link (<c>BPF_F_LINK</c>, 6.4).</summary>
    Link = 1 << 13,
    /// <summary>The arena or ring buffer takes a descriptor of a BPF file system path (<c>BPF_F_PATH_FD</c>, 6.5).</summary>
    PathFd = 1 << 14,
    /// <summary><c>BPF_F_VTYPE_BTF_OBJ_FD</c> (6.9): the value type is looked up in the given BTF object.</summary>
    ValueTypeBtfObjectFd = 1 << 15,
    /// <summary>A token descriptor is given (<c>BPF_F_TOKEN_FD</c>, 6.9).</summary>
    TokenFd = 1 << 16,
    /// <summary>Faults in an arena kill the process instead of allocating (<c>BPF_F_SEGV_ON_FAULT</c>, 6.9).</summary>
    SegvOnFault = 1 << 17,
    /// <summary>The arena is not mapped by user space (<c>BPF_F_NO_USER_CONV</c>, 6.9).</summary>
    NoUserConversion = 1 << 18,
    /// <summary>A ring buffer overwrites its oldest records (<c>BPF_F_RB_OVERWRITE</c>, 6.19).</summary>
    RingBufferOverwrite = 1 << 19,
}
