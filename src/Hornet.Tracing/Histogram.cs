using System.Globalization;

namespace Hornet.Tracing;

/// <summary>A bucket of a histogram: the values from one number to before another.</summary>
/// <param name="Low">The smallest value; null when there is no lower bound.</param>
/// <param name="High">The number after the largest value; null when there is no upper bound.</param>
/// <param name="Count">How many values.</param>
public readonly record struct HistogramBucket(long? Low, long? High, ulong Count);

/// <summary>
/// How many values fell into which bucket, as programs in the kernel count them: by powers of two, or in steps.
/// </summary>
/// <remarks>
/// The layouts are bpftrace's. By powers of two: 0 is for negative numbers, 1 for zero, 2 for one, and from there on each
/// bucket is twice as wide as the one before. Linear: 0 is for what is below the minimum, the last for the maximum and above.
/// </remarks>
public sealed class Histogram
{
    /// <summary>How many buckets a histogram by powers of two has: those of every number of 64 bits.</summary>
    public const int Log2Buckets = 66;

    private const int BarWidth = 52;

    private Histogram(IReadOnlyList<HistogramBucket> buckets) => Buckets = buckets;

    /// <summary>The buckets from the smallest numbers to the largest, the empty ones too.</summary>
    public IReadOnlyList<HistogramBucket> Buckets { get; }

    /// <summary>How many values there are. Overflow wraps around, as the kernel's counters do.</summary>
    public ulong Total => Buckets.Aggregate(0ul, static (sum, bucket) => sum + bucket.Count);

    /// <summary>The bucket of a number in a histogram by powers of two.</summary>
    public static int Log2Bucket(long value) => value < 0 ? 0 : value == 0 ? 1 : 2 + System.Numerics.BitOperations.Log2((ulong)value);

    /// <summary>How many buckets a linear histogram has.</summary>
    /// <exception cref="ArgumentException">The maximum is not above the minimum, or the step is not positive.</exception>
    public static int LinearBuckets(long minimum, long maximum, long step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(maximum, minimum);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        UInt128 steps = ((UInt128)((Int128)maximum - minimum) + (UInt128)step - 1) / (UInt128)step;
        return steps <= 100_000 ? (int)steps + 2 : throw new ArgumentException($"A histogram from {minimum} to {maximum} in steps of {step} has more than 100,000 buckets.", nameof(step));
    }

    /// <summary>A histogram by powers of two.</summary>
    /// <param name="counts">The counts by bucket, <see cref="Log2Buckets"/> of them.</param>
    public static Histogram Log2(ReadOnlySpan<ulong> counts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length, Log2Buckets);
        var buckets = new HistogramBucket[Log2Buckets];
        buckets[0] = new(null, 0, counts[0]);
        buckets[1] = new(0, 1, counts[1]);
        for (int i = 2; i < buckets.Length; i++) buckets[i] = new(i == 65 ? long.MaxValue : 1L << (i - 2), i >= 64 ? null : 1L << (i - 1), counts[i]);
        // Numbers of the last bucket are above what a long holds.
        buckets[64] = new(1L << 62, long.MaxValue, counts[64]);
        return new(buckets);
    }

    /// <summary>A linear histogram.</summary>
    /// <param name="minimum">Where the first step begins.</param>
    /// <param name="maximum">Where the last step ends.</param>
    /// <param name="step">How wide a bucket is.</param>
    /// <param name="counts">The counts by bucket, <see cref="LinearBuckets"/> of them.</param>
    public static Histogram Linear(long minimum, long maximum, long step, ReadOnlySpan<ulong> counts)
    {
        int count = LinearBuckets(minimum, maximum, step);
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length, count);
        var buckets = new HistogramBucket[count];
        buckets[0] = new(null, minimum, counts[0]);
        for (int i = 1; i < count - 1; i++) buckets[i] = new(minimum + ((i - 1) * step), (long)Int128.Min((Int128)minimum + ((Int128)i * step), maximum), counts[i]);
        buckets[^1] = new(maximum, null, counts[^1]);
        return new(buckets);
    }

    /// <summary>Writes the histogram as text: a line for each bucket from the first that is not empty to the last.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        int first = 0, last = Buckets.Count - 1;
        while (first <= last && Buckets[first].Count == 0) first++;
        while (last >= first && Buckets[last].Count == 0) last--;
        ulong most = Buckets.Max(static bucket => bucket.Count);
        for (int i = first; i <= last; i++)
        {
            var bucket = Buckets[i];
            int bar = (int)((UInt128)bucket.Count * BarWidth / most);
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{Range(bucket),-16} {bucket.Count,12} |{new string('@', bar)}{new string(' ', BarWidth - bar)}|\n"));
        }
    }

    /// <summary>The histogram as text; empty without values.</summary>
    public override string ToString()
    {
        using StringWriter text = new(CultureInfo.InvariantCulture);
        Write(text);
        return text.ToString();
    }

    private static string Range(HistogramBucket bucket) => (bucket.Low, bucket.High) switch
    {
        (null, { } high) => $"(..., {Number(high)})",
        ({ } low, null) => $"[{Number(low)}, ...)",
        ({ } low, { } high) when high - 1 == low => $"[{Number(low)}]",
        ({ } low, { } high) => $"[{Number(low)}, {Number(high)})",
        _ => "(..., ...)",
    };

    // Powers of 1024 have a letter, as bpftrace writes them.
    private static string Number(long value)
    {
        const string Letters = "KMGTPE";
        if (value == long.MaxValue) return "8E";
        int letter = -1;
        while (value != 0 && value % 1024 == 0 && letter + 1 < Letters.Length)
        {
            value /= 1024;
            letter++;
        }
        return value.ToString(CultureInfo.InvariantCulture) + (letter < 0 ? "" : Letters[letter]);
    }
}
