using System.Net;
using System.Runtime.CompilerServices;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Hashes, arrays, tries and their per-CPU kinds used by C# kernel code, seen from user space afterwards.</summary>
public class MapsKeyedTests
{
    [KernelTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_member_of_a_hash(bool lru)
    {
        using var map = BpfHashMap<Key, long>.Create("hash", 16, lru);
        using var seen = BpfArray<long>.Create("seen", 32);
        MapsRun.Once(() =>
        {
            Key key = new(7, 9);
            seen[0] = map.Contains(key) ? 1 : 2;
            seen[1] = map[key];
            map[key] = 5;
            seen[2] = map.Contains(key) ? 1 : 2;
            seen[3] = map.TryGetValue(key, out long value) ? value : -1;
            seen[4] = map.TryAdd(key, 6) ? 1 : 2;
            seen[5] = map.TryReplace(key, 6) ? 1 : 2;
            map[key]++;
            map[key] += 10;
            map[key] -= 2;
            map[key] *= 2;
            seen[6] = map[key];
            map.Set(key, 40, MapUpdateFlags.Exist);
            map.Set(new Key(1, 1), 41, MapUpdateFlags.Exist);
            seen[7] = map.Contains(new Key(1, 1)) ? 1 : 2;
            ref long found = ref map.Find(key);
            if (!Unsafe.IsNullRef(ref found)) found += 2;
            seen[8] = map[key];
            map.GetOrAdd(new Key(2, 2)) = 50;
            map.GetOrAdd(new Key(3, 3), 60) += 1;
            map.GetOrAdd(new Key(3, 3), 70) += 1;
            seen[9] = map.Remove(new Key(2, 2)) ? 1 : 2;
            seen[10] = map.Remove(new Key(2, 2)) ? 1 : 2;
        });
        Assert.Equal([2, 0, 1, 5, 2, 1, 30, 2, 42, 1, 2], seen.ToArray()[..11]);
        Assert.Equal([(new Key(3, 3), 62L), (new Key(7, 9), 42L)], map.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.True(map.Contains(new Key(3, 3)));
        Assert.False(map.Contains(new Key(2, 2)));
    }

    [KernelFact]
    public void Compound_assignments_change_the_element()
    {
        using var map = BpfHashMap<uint, uint>.Create("flags", 16);
        using var array = BpfArray<ulong>.Create("array", 4);
        MapsRun.Once(() =>
        {
            map[1] |= 6;
            map[1] |= 1;
            map[1] &= 5;
            map[1] ^= 9;
            map[2] &= 3;
            map[3] <<= 3;
            map[4]++;
            map[4] <<= 3;
            array[0]++;
            array[0] |= 6;
            array[1] -= 1;
            array[9]++;
        });
        Assert.Equal([(1u, 12u), (2u, 0u), (3u, 0u), (4u, 8u)], map.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal([7ul, ulong.MaxValue, 0, 0], array.ToArray());
    }

    [KernelFact]
    public void A_value_that_was_read_before_another_write_is_the_value_of_then()
    {
        using var map = BpfHashMap<uint, long>.Create("order", 16);
        MapsRun.Once(() =>
        {
            map[1] = 10;
            long old = map[1];
            map[1] = 100;
            map[1] = old + 1;
            long before = map[2];
            for (int i = 0; i < 3; i++) map[2] = before + 5;
            map[3] = 7;
            long three = map[3];
            map.Remove(3);
            map[3] = three + 1;
        });
        Assert.Equal([(1u, 11L), (2u, 5L), (3u, 8L)], map.Select(pair => (pair.Key, pair.Value)).Order());
    }

    [KernelFact]
    public void Every_member_of_an_array()
    {
        using var map = BpfArray<Pair>.Create("pairs", 4);
        using var seen = BpfArray<long>.Create("seen", 16);
        MapsRun.Once(() =>
        {
            map[1] = new Pair { A = 3, B = 4 };
            seen[0] = map[1].A + map[1].B;
            seen[1] = map.TryGetValue(1, out var pair) ? pair.B : -1;
            seen[2] = map.TryGetValue(4, out pair) ? 1 : 2 + pair.B;
            map.Set(2, new Pair { A = 5, B = 6 });
            ref var third = ref map.Find(3);
            if (!Unsafe.IsNullRef(ref third)) third.B = 9;
            seen[3] = Unsafe.IsNullRef(ref map.Find(4)) ? 1 : 2;
            seen[4] = map.Length;
            map[77] = new Pair { A = 1 };
        });
        Assert.Equal([7, 4, 2, 1, 4], seen.ToArray()[..5]);
        Assert.Equal([(0, 0L), (3, 4L), (5, 6L), (0, 9L)], map.Select(p => (p.A, p.B)));
    }

    [KernelTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_per_cpu_hash_holds_this_cpus_value(bool lru)
    {
        using var map = BpfPerCpuHashMap<uint, ulong>.Create("counts", 16, lru);
        using var pairs = BpfPerCpuHashMap<uint, Pair>.Create("pairs", 16, lru);
        using var seen = BpfArray<ulong>.Create("seen", 32);
        MapsRun.Once(() =>
        {
            seen[31] = Bpf.Cpu;
            seen[0] = map[1];
            map[1]++;
            map[1] += 5;
            map[1] |= 8;
            seen[1] = map[1];
            ulong two = map[1] * 2;
            map[2] = two;
            seen[2] = map.Contains(2) ? 1ul : 2;
            seen[3] = map.TryGetValue(2, out ulong value) ? value : 0;
            seen[4] = map.TryAdd(2, 1) ? 1ul : 2;
            seen[5] = map.TryAdd(3, 30) ? 1ul : 2;
            seen[6] = map.TryReplace(3, 31) ? 1ul : 2;
            seen[7] = map.TryReplace(4, 31) ? 1ul : 2;
            map.Set(5, 50, MapUpdateFlags.NoExist);
            ref ulong found = ref map.Find(5);
            if (!Unsafe.IsNullRef(ref found)) found++;
            map.GetOrAdd(6) += 6;
            map.GetOrAdd(6) += 6;
            seen[8] = map.Remove(2) ? 1ul : 2;
            if (map[1] > 10) seen[9] = 1;
            Pair pair = pairs[4];
            pair.B = 11;
            pairs[4] = pair;
        });
        int cpu = (int)seen[31];
        Assert.Equal([0ul, 14, 1, 28, 2, 1, 1, 2, 1, 1], seen.ToArray()[..10]);
        Assert.Equal([(1u, 14ul), (3u, 31ul), (5u, 51ul), (6u, 12ul)], map.Entries().Select(entry => (entry.Key, entry.Values.Sum())).Order());
        Assert.Equal(14ul, map[1][map[1].Cpus.ToList().IndexOf(cpu)]);
        Assert.Equal(11, pairs[4][pairs[4].Cpus.ToList().IndexOf(cpu)].B);
        Assert.False(map.Contains(2));
        Assert.Throws<KeyNotFoundException>(() => map[2]);
    }

    [KernelFact]
    public void A_per_cpu_array_holds_this_cpus_value()
    {
        using var map = BpfPerCpuArray<ulong>.Create("counts", 4);
        using var seen = BpfArray<ulong>.Create("seen", 8);
        MapsRun.Times(5, () =>
        {
            map[0]++;
            map[1] += 3;
            map[9]++;
            ref ulong third = ref map.Find(2);
            if (!Unsafe.IsNullRef(ref third)) third += 2;
            if (map.TryGetValue(2, out ulong value)) map.Set(3, value * 2);
            seen[0] = map.TryGetValue(4, out _) ? 1ul : 2;
            seen[1] = map.Length;
        });
        Assert.Equal([5ul, 15, 10, 20], Enumerable.Range(0, 4).Select(i => map[(uint)i].Sum()));
        Assert.Equal([2ul, 4], seen.ToArray()[..2]);
    }

    [KernelFact(MinKernel = "5.19")]
    public void Another_cpus_value_is_found()
    {
        using var hash = BpfPerCpuHashMap<uint, ulong>.Create("hash", 4);
        using var array = BpfPerCpuArray<ulong>.Create("array", 4);
        using var seen = BpfArray<ulong>.Create("seen", 8);
        var values = new PerCpuValues<ulong>();
        for (int i = 0; i < values.Count; i++) values[i] = (ulong)(100 + values.Cpus[i]);
        hash[7] = values;
        array[1] = values;
        uint last = (uint)values.Cpus[^1];
        MapsRun.Once(() =>
        {
            ref ulong first = ref hash.FindOn(7, 0);
            if (!Unsafe.IsNullRef(ref first)) seen[0] = first;
            ref ulong other = ref array.FindOn(1, last);
            if (!Unsafe.IsNullRef(ref other)) seen[1] = other;
            seen[2] = Unsafe.IsNullRef(ref array.FindOn(1, 100_000)) ? 1ul : 2;
        });
        Assert.Equal([100ul, 100 + last, 1], seen.ToArray()[..3]);
    }

    [KernelFact]
    public void Every_member_of_a_trie()
    {
        using var routes = BpfLpmTrie<uint>.Create("routes", System.Net.Sockets.AddressFamily.InterNetwork, 16);
        using var seen = BpfArray<uint>.Create("seen", 16);
        routes.Set(IPNetwork.Parse("10.0.0.0/8"), 8);
        routes.Set(IPNetwork.Parse("10.1.0.0/16"), 16);
        uint inside = Network("10.1.2.3"), outside = Network("10.2.2.3"), nowhere = Network("11.0.0.1"), added = Network("192.168.0.0");
        MapsRun.Once(() =>
        {
            seen[0] = routes.TryMatch(inside, out uint value) ? value : 99;
            seen[1] = routes.TryMatch(outside, out value) ? value : 99;
            seen[2] = routes.TryMatch(nowhere, out value) ? 98 : value;
            Span<byte> bytes = [10, 1, 9, 9];
            seen[3] = routes.TryMatch(bytes, 32, out value) ? value : 99;
            seen[4] = routes.TryMatch(bytes, 9, out value) ? value : 99;
            ref uint hops = ref routes.Find(bytes);
            if (!Unsafe.IsNullRef(ref hops)) hops += 100;
            routes.Set(added, 16, 77u);
            routes.Set(bytes, 32, 32u);
            seen[5] = routes.Remove(outside, 8) ? 1u : 2;
            seen[6] = routes.Remove(outside, 9) ? 1u : 2;
            seen[7] = (uint)routes.DataSize;
        });
        Assert.Equal([16u, 8, 0, 16, 8, 1, 2, 4], seen.ToArray()[..8]);
        Assert.Equal([("10.1.0.0/16", 116u), ("10.1.9.9/32", 32u), ("192.168.0.0/16", 77u)],
            routes.Networks().Select(pair => (pair.Key.ToString(), pair.Value)).OrderBy(pair => pair.Item1, StringComparer.Ordinal));
        Assert.True(routes.TryMatch(added, out uint found));
        Assert.Equal(77u, found);
    }

    [KernelFact]
    public void A_packets_address_is_matched()
    {
        using var routes = BpfLpmTrie<uint>.Create("routes", System.Net.Sockets.AddressFamily.InterNetwork, 16);
        routes.Set(IPNetwork.Parse("10.0.0.0/8"), (uint)XdpAction.Drop);
        using BpfSession session = new();
        using var program = session.LoadXdp(ctx => routes.TryMatch(ctx.Data.Slice(26, 4), 32, out uint action) ? (XdpAction)action : XdpAction.Pass);
        byte[] packet = new byte[64];
        (packet[26], packet[29]) = (10, 1);
        Assert.Equal((uint)XdpAction.Drop, program.TestRun(packet).ReturnValue);
        packet[26] = 11;
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(packet).ReturnValue);
        Assert.Equal((uint)XdpAction.Aborted, program.TestRun(packet.AsMemory(0, 28)).ReturnValue);
    }

    private static uint Network(string address) => BitConverter.ToUInt32(IPAddress.Parse(address).GetAddressBytes());

    private readonly record struct Key(uint A, uint B) : IComparable<Key>
    {
        public int CompareTo(Key other) => A.CompareTo(other.A);
    }

    private struct Pair
    {
        public int A;
        public long B;
    }
}
