namespace Hornet.Maps;

/// <summary>What is true of every map of a kind: its C name, the first kernel that has it, how its values are laid out.</summary>
internal static class MapKind
{
    /// <summary>The kind's name as the field says it, for messages: <c>per-CPU hash</c>.</summary>
    public static string Name(MapType type) => type switch
    {
        MapType.Hash => "hash",
        MapType.Array => "array",
        MapType.ProgramArray => "program array",
        MapType.PerfEventArray => "perf event array",
        MapType.PerCpuHash => "per-CPU hash",
        MapType.PerCpuArray => "per-CPU array",
        MapType.StackTrace => "stack trace",
        MapType.CgroupArray => "cgroup array",
        MapType.LruHash => "LRU hash",
        MapType.LruPerCpuHash => "LRU per-CPU hash",
        MapType.LpmTrie => "LPM trie",
        MapType.ArrayOfMaps => "array of maps",
        MapType.HashOfMaps => "hash of maps",
        MapType.DevMap => "devmap",
        MapType.SockMap => "sockmap",
        MapType.CpuMap => "cpumap",
        MapType.XskMap => "xskmap",
        MapType.SockHash => "sockhash",
        MapType.CgroupStorage => "cgroup storage",
        MapType.ReusePortSockArray => "reuseport socket array",
        MapType.PerCpuCgroupStorage => "per-CPU cgroup storage",
        MapType.Queue => "queue",
        MapType.Stack => "stack",
        MapType.SkStorage => "socket storage",
        MapType.DevMapHash => "devmap hash",
        MapType.StructOps => "struct_ops",
        MapType.RingBuf => "ring buffer",
        MapType.InodeStorage => "inode storage",
        MapType.TaskStorage => "task storage",
        MapType.BloomFilter => "bloom filter",
        MapType.UserRingBuf => "user ring buffer",
        MapType.CgrpStorage => "cgrp storage",
        MapType.Arena => "arena",
        MapType.InstructionArray => "instruction array",
        _ => $"map type {(uint)type}",
    };

    /// <summary>The first kernel with the kind; null for a kind this library does not know.</summary>
    public static Version? MinimumVersion(MapType type) => type switch
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

    /// <summary>The configuration option without which the kernel refuses the kind; null when BPF itself is enough.</summary>
    public static string? Config(MapType type) => type switch
    {
        MapType.DevMap or MapType.DevMapHash or MapType.CpuMap or MapType.SkStorage or MapType.SockMap or MapType.SockHash
            or MapType.ReusePortSockArray => "CONFIG_NET",
        MapType.XskMap => "CONFIG_XDP_SOCKETS",
        MapType.CgroupArray or MapType.CgrpStorage => "CONFIG_CGROUPS",
        MapType.CgroupStorage or MapType.PerCpuCgroupStorage => "CONFIG_CGROUP_BPF",
        MapType.PerfEventArray or MapType.StackTrace => "CONFIG_PERF_EVENTS",
        MapType.InodeStorage => "CONFIG_BPF_LSM",
        MapType.StructOps => "CONFIG_BPF_JIT",
        MapType.Arena => "CONFIG_MMU and CONFIG_64BIT",
        _ => null,
    };

    /// <summary>Whether a value read through <c>bpf(2)</c> is one block per possible CPU.</summary>
    public static bool IsPerCpu(MapType type) => type is MapType.PerCpuHash or MapType.PerCpuArray
        or MapType.LruPerCpuHash or MapType.PerCpuCgroupStorage;

    /// <summary>Whether the key is an index below max_entries.</summary>
    public static bool IsArray(MapType type) => type is MapType.Array or MapType.PerCpuArray or MapType.ProgramArray
        or MapType.PerfEventArray or MapType.CgroupArray or MapType.ArrayOfMaps or MapType.DevMap or MapType.CpuMap
        or MapType.XskMap or MapType.SockMap or MapType.ReusePortSockArray or MapType.InstructionArray;

    /// <summary>Whether the kernel evicts an old entry when the map is full, so that an insertion never fails for that.</summary>
    public static bool IsLru(MapType type) => type is MapType.LruHash or MapType.LruPerCpuHash;

    /// <summary>Whether the map is a local storage, whose elements belong to a kernel object and go with it.</summary>
    public static bool IsLocalStorage(MapType type) => type is MapType.SkStorage or MapType.InodeStorage
        or MapType.TaskStorage or MapType.CgrpStorage;

    /// <summary>
    /// Whether <c>map_create</c> refuses BTF key and value types for the kind (no <c>map_check_btf</c> operation, or one
    /// that always says no). Compilers emit them all the same, so they are left out rather than reported.
    /// </summary>
    public static bool RefusesBtfTypes(MapType type) => type is MapType.PerfEventArray or MapType.CgroupArray
        or MapType.StackTrace or MapType.ArrayOfMaps or MapType.HashOfMaps or MapType.DevMap or MapType.DevMapHash
        or MapType.CpuMap or MapType.XskMap or MapType.SockMap or MapType.SockHash or MapType.Queue or MapType.Stack
        or MapType.RingBuf or MapType.UserRingBuf or MapType.ProgramArray or MapType.Arena or MapType.InstructionArray;
}
