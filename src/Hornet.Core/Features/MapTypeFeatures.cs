using Hornet.Btf;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Features;

/// <summary>Kinds of map: is one created?</summary>
internal static class MapTypeFeatures
{
    private const uint NoPrealloc = 1;
    private const uint Mmapable = 1 << 10;

    // In the order of enum bpf_map_type, from 1 on. First kernels: the commits that added them to it.
    private static readonly KernelFeature[] s_all =
    [
        Make("hash", "3.19", new ProbeMap(MapType.Hash)),
        Make("array", "3.19", new ProbeMap(MapType.Array)),
        Make("prog_array", "4.2", new ProbeMap(MapType.ProgramArray)),
        Make("perf_event_array", "4.3", new ProbeMap(MapType.PerfEventArray), "CONFIG_PERF_EVENTS"),
        Make("percpu_hash", "4.6", new ProbeMap(MapType.PerCpuHash)),
        Make("percpu_array", "4.6", new ProbeMap(MapType.PerCpuArray)),
        Make("stack_trace", "4.6", new ProbeMap(MapType.StackTrace, ValueSize: 8), "CONFIG_PERF_EVENTS", Capability.PerfMon),
        Make("cgroup_array", "4.8", new ProbeMap(MapType.CgroupArray), "CONFIG_CGROUPS"),
        Make("lru_hash", "4.10", new ProbeMap(MapType.LruHash)),
        Make("lru_percpu_hash", "4.10", new ProbeMap(MapType.LruPerCpuHash)),
        Make("lpm_trie", "4.11", new ProbeMap(MapType.LpmTrie, KeySize: 8) { Flags = NoPrealloc }),
        Make("array_of_maps", "4.12", () => OfMaps(MapType.ArrayOfMaps)),
        Make("hash_of_maps", "4.12", () => OfMaps(MapType.HashOfMaps)),
        Make("devmap", "4.14", new ProbeMap(MapType.DevMap), "CONFIG_NET", Capability.NetAdmin),
        Make("sockmap", "4.14", new ProbeMap(MapType.SockMap), "CONFIG_INET", Capability.NetAdmin),
        Make("cpumap", "4.15", new ProbeMap(MapType.CpuMap), "CONFIG_NET"),
        Make("xskmap", "4.18", new ProbeMap(MapType.XskMap), "CONFIG_XDP_SOCKETS", Capability.NetAdmin),
        Make("sockhash", "4.18", new ProbeMap(MapType.SockHash), "CONFIG_INET", Capability.NetAdmin),
        Make("cgroup_storage", "4.19", new ProbeMap(MapType.CgroupStorage, KeySize: 16, MaxEntries: 0), "CONFIG_CGROUP_BPF"),
        Make("reuseport_sockarray", "4.19", new ProbeMap(MapType.ReusePortSockArray), "CONFIG_INET"),
        Make("percpu_cgroup_storage", "4.20", new ProbeMap(MapType.PerCpuCgroupStorage, KeySize: 16, MaxEntries: 0), "CONFIG_CGROUP_BPF"),
        Make("queue", "4.20", new ProbeMap(MapType.Queue, KeySize: 0)),
        Make("stack", "4.20", new ProbeMap(MapType.Stack, KeySize: 0)),
        Make("sk_storage", "5.2", () => Storage(MapType.SkStorage), "CONFIG_NET"),
        Make("devmap_hash", "5.4", new ProbeMap(MapType.DevMapHash), "CONFIG_NET", Capability.NetAdmin),
        Make("struct_ops", "5.6", () => StructOps(0), "CONFIG_BPF_JIT", Capability.NetAdmin),
        Make("ringbuf", "5.8", () => Ring(MapType.RingBuf)),
        Make("inode_storage", "5.10", () => Storage(MapType.InodeStorage), "CONFIG_BPF_LSM"),
        Make("task_storage", "5.11", () => Storage(MapType.TaskStorage)),
        Make("bloom_filter", "5.16", new ProbeMap(MapType.BloomFilter, KeySize: 0)),
        Make("user_ringbuf", "6.1", () => Ring(MapType.UserRingBuf)),
        Make("cgrp_storage", "6.2", () => Storage(MapType.CgrpStorage), "CONFIG_CGROUPS"),
        Make("arena", "6.9", new ProbeMap(MapType.Arena, KeySize: 0, ValueSize: 0) { Flags = Mmapable }, "CONFIG_MMU"),
        // struct bpf_insn_array_value has 16 bytes.
        Make("insn_array", "6.19", new ProbeMap((MapType)34, ValueSize: 16)),
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

    private static KernelFeature Make(string name, string since, ProbeMap map, string? config = null, Capability? needs = null) =>
        Make(name, since, map.Ask, config, needs);

    private static KernelFeature Make(string name, string since, Func<ProbeAnswer> probe, string? config = null, Capability? needs = null) =>
        new(FeatureCategory.MapType, name, since, probe) { Config = config, Needs = needs };
}
