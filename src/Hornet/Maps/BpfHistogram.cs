using System.Numerics;
using System.Runtime.InteropServices;
using Hornet.Maps;
using Hornet.Tracing;

namespace Hornet;

/// <summary>
/// Counts values by size (4.6): kernel code records them, each CPU for itself, and user space reads the buckets or shows
/// them as text.
/// </summary>
public sealed class BpfHistogram : IDisposable
{
    private readonly BpfPerCpuArray<ulong> _counts;
    private readonly HistogramLayout _layout;

    private BpfHistogram(string name, HistogramLayout layout)
    {
        _layout = layout;
        _counts = BpfPerCpuArray<ulong>.Create(name, (uint)layout.Buckets);
    }

    /// <summary>Creates a histogram by powers of two: one bucket for each number of bits.</summary>
    /// <param name="name">The map's name; the kernel keeps 15 bytes.</param>
    public static BpfHistogram Create(string name) => new(name, default);

    /// <summary>Creates a histogram of buckets of one size, with one more at each end for what is outside.</summary>
    /// <param name="name">The map's name; the kernel keeps 15 bytes.</param>
    /// <param name="minimum">Where the first bucket begins.</param>
    /// <param name="maximum">Where the last bucket ends.</param>
    /// <param name="step">How wide a bucket is.</param>
    public static BpfHistogram CreateLinear(string name, long minimum, long maximum, long step) => new(name, HistogramLayout.Linear(minimum, maximum, step));

    /// <summary>The map behind it.</summary>
    public BpfPerCpuArray<ulong> Counts => _counts;

    /// <summary>Counts a value, on the current CPU. In kernel code only.</summary>
    /// <exception cref="InvalidOperationException">Always in user space.</exception>
    public void Record(long value) => _counts[_layout.BucketOf(value)]++;

    /// <inheritdoc cref="Record(long)"/>
    public void Record(ulong value) => _counts[_layout.BucketOf(value)]++;

    /// <summary>The counts of all CPUs together.</summary>
    public Histogram Read()
    {
        var counts = new ulong[_layout.Buckets];
        int at = 0;
        foreach (var values in _counts.Slots()) counts[at++] = values.Sum();
        return _layout.Read(counts);
    }

    /// <summary>Forgets all values. What is recorded meanwhile may stay or go.</summary>
    public void Clear()
    {
        PerCpuValues<ulong> zeros = new();
        for (uint i = 0; i < _counts.Length; i++) _counts.Set(i, zeros);
    }

    /// <summary>The histogram as text.</summary>
    public override string ToString() => Read().ToString();

    /// <inheritdoc/>
    public void Dispose() => _counts.Dispose();
}

/// <summary>A histogram for each key (4.6), as <see cref="BpfHistogram"/>.</summary>
/// <typeparam name="TKey">The key: an integer, or a struct without padding.</typeparam>
public sealed class BpfHistogram<TKey> : IDisposable where TKey : unmanaged
{
    private readonly BpfPerCpuHashMap<HistogramKey<TKey>, ulong> _counts;
    private readonly HistogramLayout _layout;

    private BpfHistogram(string name, uint maxEntries, HistogramLayout layout)
    {
        _layout = layout;
        _counts = BpfPerCpuHashMap<HistogramKey<TKey>, ulong>.Create(name, maxEntries);
    }

    /// <summary>Creates histograms by powers of two.</summary>
    /// <param name="name">The map's name; the kernel keeps 15 bytes.</param>
    /// <param name="maxEntries">The largest number of buckets in use, of all keys together: 20 for each key are usual.</param>
    public static BpfHistogram<TKey> Create(string name, uint maxEntries) => new(name, maxEntries, default);

    /// <summary>Creates histograms of buckets of one size, with one more at each end for what is outside.</summary>
    /// <param name="name">The map's name; the kernel keeps 15 bytes.</param>
    /// <param name="maxEntries">The largest number of buckets in use, of all keys together.</param>
    /// <param name="minimum">Where the first bucket begins.</param>
    /// <param name="maximum">Where the last bucket ends.</param>
    /// <param name="step">How wide a bucket is.</param>
    public static BpfHistogram<TKey> CreateLinear(string name, uint maxEntries, long minimum, long maximum, long step) => new(name, maxEntries, HistogramLayout.Linear(minimum, maximum, step));

    /// <summary>Counts a value of a key, on the current CPU. In kernel code only. Nothing is counted when the map is full.</summary>
    /// <exception cref="InvalidOperationException">Always in user space.</exception>
    public void Record(TKey key, long value) => Count(key, _layout.BucketOf(value));

    /// <inheritdoc cref="Record(TKey, long)"/>
    public void Record(TKey key, ulong value) => Count(key, _layout.BucketOf(value));

    private void Count(TKey key, uint bucket)
    {
        HistogramKey<TKey> at = new() { Key = key, Bucket = bucket };
        ref ulong count = ref _counts.Find(at);
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref count)) _counts.Set(at, 1);
        else count++;
    }

    /// <summary>The histograms by key.</summary>
    public Dictionary<TKey, Histogram> Read()
    {
        Dictionary<TKey, ulong[]> all = [];
        foreach (var (at, values) in _counts.Entries())
        {
            if (!all.TryGetValue(at.Key, out var counts)) all.Add(at.Key, counts = new ulong[_layout.Buckets]);
            counts[at.Bucket] = values.Sum();
        }
        return all.ToDictionary(pair => pair.Key, pair => _layout.Read(pair.Value));
    }

    /// <summary>Forgets all values.</summary>
    public void Clear() => _counts.Clear();

    /// <inheritdoc/>
    public void Dispose() => _counts.Dispose();
}

/// <summary>A bucket of a key, without padding between them.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct HistogramKey<TKey> where TKey : unmanaged
{
    public TKey Key;
    public uint Bucket;
}

/// <summary>Which bucket a value belongs to; compiled for the kernel. A step of 0 is by powers of two.</summary>
internal readonly record struct HistogramLayout(long Minimum, long Maximum, long Step)
{
    public int Buckets => Step == 0 ? Histogram.Log2Buckets : Histogram.LinearBuckets(Minimum, Maximum, Step);

    public static HistogramLayout Linear(long minimum, long maximum, long step)
    {
        _ = Histogram.LinearBuckets(minimum, maximum, step);
        return new(minimum, maximum, step);
    }

    public uint BucketOf(long value)
    {
        if (Step != 0) return value < Minimum ? 0 : value >= Maximum ? Last : 1 + (uint)((ulong)(value - Minimum) / (ulong)Step);
        return value < 0 ? 0 : value == 0 ? 1 : 2 + (uint)BitOperations.Log2((ulong)value);
    }

    public uint BucketOf(ulong value)
    {
        if (Step != 0) return value > long.MaxValue ? Last : BucketOf((long)value);
        return value == 0 ? 1 : 2 + (uint)BitOperations.Log2(value);
    }

    // All constants: no loop or division is left in the program.
    private uint Last => 1 + (uint)((((ulong)(Maximum - Minimum)) + (ulong)Step - 1) / (ulong)Step);

    public Histogram Read(ReadOnlySpan<ulong> counts) => Step == 0 ? Histogram.Log2(counts) : Histogram.Linear(Minimum, Maximum, Step, counts);
}
