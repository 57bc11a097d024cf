using Hornet.Btf;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Features;

/// <summary>Kinds of map: is one created?</summary>
internal static class MapTypeFeatures
{
    private const uint NoPrealloc = 1;
    private const uint Mmapable = 1 << 10;

    // In the order of enum bpf_map_type, from 1 on.
    private static readonly KernelFeature[] s_all =
    [
        Make("hash", new ProbeMap(MapType.Hash)),
        Make("array", new ProbeMap(MapType.Array)),
        Make("prog_array", new ProbeMap(MapType.ProgramArray)),
        Make("perf_event_array", new ProbeMap(MapType.PerfEventArray), "CONFIG_PERF_EVENTS"),
        Make("percpu_hash", new ProbeMap(MapType.PerCpuHash)),
        Make("percpu_array", new ProbeMap(MapType.PerCpuArray)),
        Make("stack_trace", new ProbeMap(MapType.StackTrace, ValueSize: 8), "CONFIG_PERF_EVENTS", Capability.PerfMon),
        Make("cgroup_array", new ProbeMap(MapType.CgroupArray), "CONFIG_CGROUPS"),
        Make("lru_hash", new ProbeMap(MapType.LruHash)),
        Make("lru_percpu_hash", new ProbeMap(MapType.LruPerCpuHash)),
        Make("lpm_trie", new ProbeMap(MapType.LpmTrie, KeySize: 8) { Flags = NoPrealloc }),
        Make("array_of_maps", MapType.ArrayOfMaps, () => OfMaps(MapType.ArrayOfMaps)),
        Make("hash_of_maps", MapType.HashOfMaps, () => OfMaps(MapType.HashOfMaps)),
        Make("devmap", new ProbeMap(MapType.DevMap), "CONFIG_NET", Capability.NetAdmin),
        Make("sockmap", new ProbeMap(MapType.SockMap), "CONFIG_INET", Capability.NetAdmin),
        Make("cpumap", new ProbeMap(MapType.CpuMap), "CONFIG_NET"),
        Make("xskmap", new ProbeMap(MapType.XskMap), "CONFIG_XDP_SOCKETS", Capability.NetAdmin),
        Make("sockhash", new ProbeMap(MapType.SockHash), "CONFIG_INET", Capability.NetAdmin),
        Make("cgroup_storage", new ProbeMap(MapType.CgroupStorage, KeySize: 16, MaxEntries: 0), "CONFIG_CGROUP_BPF"),
        Make("reuseport_sockarray", new ProbeMap(MapType.ReusePortSockArray), "CONFIG_INET"),
        Make("percpu_cgroup_storage", new ProbeMap(MapType.PerCpuCgroupStorage, KeySize: 16, MaxEntries: 0), "CONFIG_CGROUP_BPF"),
        Make("queue", new ProbeMap(MapType.Queue, KeySize: 0)),
        Make("stack", new ProbeMap(MapType.Stack, KeySize: 0)),
        Make("sk_storage", MapType.SkStorage, () => Storage(MapType.SkStorage), "CONFIG_NET"),
        Make("devmap_hash", new ProbeMap(MapType.DevMapHash), "CONFIG_NET", Capability.NetAdmin),
        Make("struct_ops", MapType.StructOps, () => StructOps(0), "CONFIG_BPF_JIT", Capability.NetAdmin),
        Make("ringbuf", MapType.RingBuf, () => Ring(MapType.RingBuf)),
        Make("inode_storage", MapType.InodeStorage, () => Storage(MapType.InodeStorage), "CONFIG_BPF_LSM"),
        Make("task_storage", MapType.TaskStorage, () => Storage(MapType.TaskStorage)),
        Make("bloom_filter", new ProbeMap(MapType.BloomFilter, KeySize: 0)),
        Make("user_ringbuf", MapType.UserRingBuf, () => Ring(MapType.UserRingBuf)),
        Make("cgrp_storage", MapType.CgrpStorage, () => Storage(MapType.CgrpStorage), "CONFIG_CGROUPS"),
        Make("arena", new ProbeMap(MapType.Arena, KeySize: 0, ValueSize: 0) { Flags = Mmapable }, "CONFIG_MMU"),
        // struct bpf_insn_array_value has 16 bytes.
        Make("insn_array", new ProbeMap((MapType)34, ValueSize: 16)),
    ];

    public static IReadOnlyList<KernelFeature> All => s_all;

    public static KernelFeature? Find(MapType type) => (uint)type is > 0 and var n && n <= s_all.Length ? s_all[n - 1] : null;

    /// <summary>A struct_ops map of TCP congestion control, the one kind every kernel with struct_ops has.</summary>
    public static ProbeAnswer StructOps(uint flags)
    {
        if (!KernelBtf.IsAvailable) return ProbeAnswer.Unclear(Errno.None, "Without the kernel's BTF no struct_ops map can be made to ask with.");
        if (!KernelBtf.Vmlinux.TryFind("bpf_struct_ops_tcp_congestion_ops", BtfKind.Struct, out var type)) return ProbeAnswer.No();
        // The kernel wants some BTF with it, though the type is its own.
        using var btf = ProbeBtf.LoadInt(out var errno);
        if (btf is null) return ProbeAnswer.Of(errno);
        return new ProbeMap(MapType.StructOps, ValueSize: type.Size) { Btf = btf, VmlinuxValueTypeId = type.Id, Flags = flags }.Ask();
    }

    /// <summary>A local storage, which needs BTF for its key and value.</summary>
    public static ProbeAnswer Storage(MapType type)
    {
        using var btf = ProbeBtf.LoadInt(out var errno);
        return btf is null ? ProbeAnswer.Of(errno) : new ProbeMap(type, MaxEntries: 0) { Btf = btf, Flags = NoPrealloc }.Ask();
    }

    private static ProbeAnswer Ring(MapType type) => new ProbeMap(type, 0, 0, (uint)Environment.SystemPageSize).Ask();

    private static ProbeAnswer OfMaps(MapType type)
    {
        using var inner = new ProbeMap(MapType.Array).Create(out var errno);
        return inner is null ? ProbeAnswer.Unclear(errno) : new ProbeMap(type) { Inner = inner }.Ask();
    }

    private static KernelFeature Make(string name, ProbeMap map, string? config = null, Capability? needs = null) =>
        Make(name, map.Type, map.Ask, config, needs);

    private static KernelFeature Make(string name, MapType type, Func<ProbeAnswer> probe, string? config = null, Capability? needs = null) =>
        new(FeatureCategory.MapType, name, FirstKernel.Of(type), probe) { Config = config, Needs = needs };
}
