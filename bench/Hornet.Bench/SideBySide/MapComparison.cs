using System.Diagnostics;
using Hornet.Maps;

namespace Hornet.Bench.SideBySide;

/// <summary>Map operations: one at a time, and in batches.</summary>
internal static unsafe class MapComparison
{
    // Short rounds, many of them: somewhere among them are some that nothing on the machine has disturbed.
    private const int Rounds = 1000, BatchRounds = 200;

    public static void Elements()
    {
        const int N = 1000;
        using var hash = BpfHashMap<int, ulong>.Create("bench", 1024);
        hash[1] = 41;
        Measure("hash lookup", N, n => { ulong sum = 0; for (int i = 0; i < n; i++) { hash.TryGetValue(1, out ulong v); sum += v; } return sum; }, n => Peer.Lookup(hash.Map.Descriptor.Value, 1, n));
        Measure("hash lookup, miss", N, n => { ulong sum = 0; for (int i = 0; i < n; i++) { hash.TryGetValue(77, out ulong v); sum += v; } return sum; }, n => Peer.Lookup(hash.Map.Descriptor.Value, 77, n));
        Measure("hash update", N, n => { for (int i = 0; i < n; i++) hash.Set(1, 1ul); return 0; }, n => Peer.Update(hash.Map.Descriptor.Value, 1, n));
        using var array = BpfArray<ulong>.Create("bench", 1024);
        Measure("array lookup", N, n => { ulong sum = 0; for (int i = 0; i < n; i++) { array.TryGetValue(1, out ulong v); sum += v; } return sum; }, n => Peer.Lookup(array.Map.Descriptor.Value, 1, n));
        Measure("array update", N, n => { for (int i = 0; i < n; i++) array.Set(1, 1ul); return 0; }, n => Peer.Update(array.Map.Descriptor.Value, 1, n));
    }

    public static void Batches()
    {
        const int N = 4096, Batch = 1024;
        uint[] keys = [.. Enumerable.Range(0, N).Select(i => (uint)i)];
        ulong[] values = new ulong[N];
        using var hash = BpfHashMap<uint, ulong>.Create("bench", N * 2);
        using var array = BpfArray<ulong>.Create("bench", N);
        hash.SetBatch(keys, values);
        foreach (var (name, map) in new[] { ("hash", hash.Map), ("array", array.Map) })
        {
            int fd = map.Descriptor.Value;
            double ours = double.MaxValue, theirs = double.MaxValue, ourUpdate = double.MaxValue, theirUpdate = double.MaxValue;
            long bytes = 0;
            uint[] outKeys = new uint[N];
            ulong[] outValues = new ulong[N];
            fixed (uint* k = keys, ok = outKeys)
            fixed (ulong* v = values, ov = outValues)
            {
                for (int round = 0; round < BatchRounds; round++)
                {
                    theirs = Math.Min(theirs, Peer.LookupBatch(fd, ok, ov, Batch));
                    long begin = Stopwatch.GetTimestamp();
                    long seen = 0;
                    var chunks = new MapChunks(map, capacity: Batch);
                    while (chunks.Next()) seen += chunks.Count;
                    ours = Math.Min(ours, Stopwatch.GetElapsedTime(begin).TotalNanoseconds);
                    if (seen != N) throw new InvalidOperationException($"{seen} elements instead of {N}");
                    theirUpdate = Math.Min(theirUpdate, Peer.UpdateBatch(fd, k, v, N));
                    long allocated = GC.GetAllocatedBytesForCurrentThread();
                    begin = Stopwatch.GetTimestamp();
                    map.UpdateBatch(System.Runtime.InteropServices.MemoryMarshal.AsBytes<uint>(keys), System.Runtime.InteropServices.MemoryMarshal.AsBytes<ulong>(values));
                    ourUpdate = Math.Min(ourUpdate, Stopwatch.GetElapsedTime(begin).TotalNanoseconds);
                    bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
                }
            }
            Comparison.Add($"{name} batch lookup, per element of {N}", ours / N, theirs / N, "≤ 1.1", 0);
            Comparison.Add($"{name} batch update, per element of {N}", ourUpdate / N, theirUpdate / N, "≤ 1.1", bytes / (double)N);
        }
    }

    private static void Measure(string what, int n, Func<int, ulong> hornet, Func<int, long> libbpf)
    {
        double ours = double.MaxValue, theirs = double.MaxValue;
        // For the just-in-time compiler's tiers, not timed: the last one needs calls, and a moment in the background.
        for (int i = 0; i < 60; i++)
        {
            hornet(n);
            if (i % 20 == 0) Thread.Sleep(200);
        }
        long bytes = 0;
        for (int round = 0; round < Rounds; round++)
        {
            theirs = Math.Min(theirs, libbpf(n));
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long begin = Stopwatch.GetTimestamp();
            hornet(n);
            ours = Math.Min(ours, Stopwatch.GetElapsedTime(begin).TotalNanoseconds);
            bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        }
        Comparison.Add(what, ours / n, theirs / n, $"+30 ns (is {(ours - theirs) / n:+0;-0})", bytes / (double)n);
    }
}
