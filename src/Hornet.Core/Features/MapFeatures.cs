using Hornet.Interop;

namespace Hornet.Features;

/// <summary>Flags of maps, and operations on them.</summary>
internal static unsafe class MapFeatures
{
    public const string ValuesOfOneCpu = "values of one CPU";

    public static IReadOnlyList<KernelFeature> All { get; } =
    [
        Flag("no_prealloc hash", MapType.Hash, 1 << 0),
        Flag("per-CPU LRU lists", MapType.LruHash, 1 << 1),
        Flag("NUMA node", MapType.Hash, 1 << 2),
        Flag("read-only for user space", MapType.Array, 1 << 3),
        Flag("write-only for user space", MapType.Array, 1 << 4),
        Flag("stacks as build ids", 1 << 5, () => new ProbeMap(MapType.StackTrace, ValueSize: 32) { Flags = 1 << 5 }.Ask(), "CONFIG_PERF_EVENTS"),
        Flag("zero seed", MapType.Hash, 1 << 6),
        Flag("read-only for programs", MapType.Array, 1 << 7),
        Flag("write-only for programs", MapType.Array, 1 << 8),
        Flag("mmapable array", MapType.Array, 1 << 10),
        Flag("preserved perf events", 1 << 11, () => new ProbeMap(MapType.PerfEventArray) { Flags = 1 << 11 }.Ask(), "CONFIG_PERF_EVENTS"),
        Flag("inner arrays of any size", MapType.Array, 1 << 12),
        Flag("struct_ops through a link", 1 << 13, () => MapTypeFeatures.StructOps(1 << 13), "CONFIG_BPF_JIT"),
        Make("hash count of bloom filters", "5.16", () => new ProbeMap(MapType.BloomFilter, KeySize: 0) { Extra = 3 }.Ask()),
        Flag("overwriting ring buffer", 1 << 19, () => new ProbeMap(MapType.RingBuf, 0, 0, (uint)Environment.SystemPageSize) { Flags = 1 << 19 }.Ask()),
        Make("map names", "4.15", Named),
        Make("freeze", "5.2", () => OnArray(BpfCommand.MapFreeze, (int fd, ref MapElemAttr attr) => attr.MapFd = (uint)fd)),
        Make("batch operations on hashes", "5.6", () => Batch(MapType.Hash)),
        Make("batch operations on arrays", "5.6", () => Batch(MapType.Array)),
        Make("batch operations on per-CPU arrays", "5.13", () => Batch(MapType.PerCpuArray)),
        Make("batch operations on LPM tries", "5.13", () => Batch(MapType.LpmTrie)),
        Make("lookup-and-delete on hashes", "5.14", LookupAndDelete),
        Make(ValuesOfOneCpu, "7.0", OfOneCpu),
        Make("memory charged to the cgroup", "5.11", () => ProbeAnswer.If(Kernel.KernelVersion.Running >= new Kernel.KernelVersion(5, 11), "Maps and programs count against RLIMIT_MEMLOCK.")),
    ];

    private delegate void Fill(int map, ref MapElemAttr attr);

    private static KernelFeature Make(string name, string since, Func<ProbeAnswer> probe, string? config = null) =>
        new(FeatureCategory.Map, name, since, probe) { Config = config };

    private static KernelFeature Flag(string name, MapType type, uint flag) => Flag(name, flag, new ProbeMap(type) { Flags = flag }.Ask);

    private static KernelFeature Flag(string name, uint flag, Func<ProbeAnswer> probe, string? config = null) =>
        new(FeatureCategory.Map, name, Kernel.FirstKernel.OfMapFlag(flag), probe) { Config = config };

    private static ProbeAnswer Named()
    {
        MapCreateAttr attr = new() { MapType = (uint)MapType.Array, KeySize = 4, ValueSize = 4, MaxEntries = 1 };
        Bpf.CopyName("hornet", attr.MapName);
        using var map = Bpf.TryOpen(BpfCommand.MapCreate, ref attr, "feature probe map");
        return map is not null ? ProbeAnswer.Yes : ProbeAnswer.Of(Libc.LastError);
    }

    private static ProbeAnswer OnArray(BpfCommand command, Fill fill)
    {
        using var map = new ProbeMap(MapType.Array).Create(out var errno);
        if (map is null) return ProbeAnswer.Unclear(errno);
        MapElemAttr attr = default;
        fill(map.Value, ref attr);
        return Bpf.Call(command, ref attr) >= 0 ? ProbeAnswer.Yes : ProbeAnswer.Of(Libc.LastError);
    }

    // A lookup of a batch of one in a map of one: every kind that has batches answers with it, or that there is no more.
    private static ProbeAnswer Batch(MapType type)
    {
        bool trie = type == MapType.LpmTrie;
        using var map = new ProbeMap(type, KeySize: trie ? 8u : 4) { Flags = trie ? 1u : 0 }.Create(out var errno);
        if (map is null) return ProbeAnswer.Unclear(errno);
        ulong cursor = 0, key = 0;
        byte[] values = new byte[8 * 4096];
        fixed (byte* value = values)
        {
            MapBatchAttr attr = new()
            {
                MapFd = (uint)map.Value,
                OutBatch = Bpf.Pointer(&cursor),
                Keys = Bpf.Pointer(&key),
                Values = Bpf.Pointer(value),
                Count = 1,
            };
            if (Bpf.Call(BpfCommand.MapLookupBatch, ref attr) >= 0) return ProbeAnswer.Yes;
            return ProbeAnswer.Complains(Libc.LastError, Errno.ENOENT, Errno.ENOSPC);
        }
    }

    private static ProbeAnswer OfOneCpu()
    {
        using var map = new ProbeMap(MapType.PerCpuArray, ValueSize: 8).Create(out var errno);
        if (map is null) return ProbeAnswer.Unclear(errno);
        uint key = 0;
        ulong value = 0;
        // The number of the CPU is in the upper half of the flags.
        MapElemAttr attr = new()
        {
            MapFd = (uint)map.Value,
            Key = Bpf.Pointer(&key),
            Value = Bpf.Pointer(&value),
            Flags = 8 | ((ulong)(uint)Kernel.CpuList.Possible[0] << 32),
        };
        return Bpf.Call(BpfCommand.MapLookupElem, ref attr) >= 0 ? ProbeAnswer.Yes : ProbeAnswer.Of(Libc.LastError);
    }

    private static ProbeAnswer LookupAndDelete()
    {
        using var map = new ProbeMap(MapType.Hash).Create(out var errno);
        if (map is null) return ProbeAnswer.Unclear(errno);
        uint key = 0, value = 0;
        MapElemAttr attr = new() { MapFd = (uint)map.Value, Key = Bpf.Pointer(&key), Value = Bpf.Pointer(&value) };
        return Bpf.Call(BpfCommand.MapLookupAndDeleteElem, ref attr) >= 0 ? ProbeAnswer.Yes : ProbeAnswer.Complains(Libc.LastError, Errno.ENOENT);
    }
}
