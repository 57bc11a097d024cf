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
