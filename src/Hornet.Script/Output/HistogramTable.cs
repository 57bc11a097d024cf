using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>The limit of a bucket.</summary>
/// <param name="Value">The number.</param>
/// <param name="IsPlain">Whether it is one of the numbers that stand alone in their bucket; a bucket from one such to the next is written as <c>[1]</c>.</param>
/// <param name="Letters">By which power of 1024 it is shortened: 1 is K, 2 is M.</param>
internal readonly record struct BucketLimit(Int128 Value, bool IsPlain, int Letters = 0);

/// <summary>
/// A histogram as it is printed: the buckets from the first that holds something to the last. Those by powers of two have 2^k buckets for
/// each power, those in steps one for each step; in front is one for what is below, behind one for what is above.
/// </summary>
internal sealed class HistogramTable
{
    private const int BarWidth = 52;
    private readonly AggregateType _type;
    private readonly ulong[] _counts;
    private readonly uint _divisor;

    private HistogramTable(AggregateType type, ulong[] counts, uint divisor)
    {
        _type = type;
        _counts = counts;
        // Steps are never divided, as in bpftrace.
        _divisor = type.Kind == AggregateKind.Hist ? Math.Max(1, divisor) : 1;
        First = Array.FindIndex(counts, c => c > 0);
        Last = Array.FindLastIndex(counts, c => c > 0);
    }

    /// <summary>The first bucket with something in it; -1 when there is none.</summary>
    public int First { get; }

    public int Last { get; }

    /// <param name="type">hist or lhist.</param>
    /// <param name="bytes">The counters of each CPU.</param>
    /// <param name="divisor">What counts by powers of two are divided by.</param>
    public static HistogramTable Read(AggregateType type, ReadOnlySpan<byte> bytes, uint divisor = 1)
    {
        var counts = new ulong[type.BucketCount];
        Aggregate.Buckets(bytes, counts);
        if (type.Kind == AggregateKind.LinearHist)
        {
            // When the steps do not fill the range, what is behind the last whole one counts as above.
            int above = (int)((type.Maximum - type.Minimum) / type.Step) + 1;
            for (int i = above + 1; i < counts.Length; i++)
            {
                counts[above] += counts[i];
                counts[i] = 0;
            }
        }
        return new(type, counts, divisor);
    }

    public ulong Count(int bucket) => _counts[bucket] / _divisor;

    /// <summary>The smallest number of a bucket; null for what is below all.</summary>
    public BucketLimit? Lower(int bucket) => bucket == 0 ? null : Limit(bucket - 1);

    /// <summary>The number after a bucket's largest; null for what is above all.</summary>
    public BucketLimit? Upper(int bucket) =>
        _type.Kind == AggregateKind.LinearHist && (Int128)_type.Minimum + (Int128)bucket * _type.Step > _type.Maximum ? null : Limit(bucket);

    /// <summary>A line for each bucket: its limits, its count, a bar.</summary>
    public void Text(ByteWriter writer)
    {
        if (First < 0) return;
        ulong most = 0;
        for (int i = First; i <= Last; i++) most = Math.Max(most, Count(i));
        for (int i = First; i <= Last; i++)
        {
            int start = writer.Length;
            Label(writer, Lower(i), Upper(i));
            writer.Fill((byte)' ', 16 - (writer.Length - start));
            start = writer.Length;
            writer.Unsigned(Count(i));
            writer.Insert(start, (byte)' ', 8 - (writer.Length - start));
            writer.Bytes(" |"u8);
            // In single precision, which decides about a sign now and then.
            int bar = most == 0 ? 0 : (int)(Count(i) / (float)most * BarWidth);
            writer.Fill((byte)'@', bar);
            writer.Fill((byte)' ', BarWidth - bar);
            writer.Bytes("|\n"u8);
        }
    }

    /// <summary>An array of objects with min, max (both included) and count.</summary>
    public void Json(ByteWriter writer)
    {
        writer.Byte((byte)'[');
        for (int i = First; i <= Last && First >= 0; i++)
        {
            writer.Bytes(i > First ? ",{"u8 : "{"u8);
            if (Lower(i) is { } lower)
            {
                writer.Bytes("\"min\": "u8);
                JsonNumber(writer, lower.Value);
                writer.Bytes(", "u8);
            }
            if (Upper(i) is { } upper)
            {
                writer.Bytes("\"max\": "u8);
                JsonNumber(writer, upper.Value - 1);
                writer.Bytes(", "u8);
            }
            writer.Bytes("\"count\": "u8);
            writer.Unsigned(Count(i));
            writer.Byte((byte)'}');
        }
        writer.Byte((byte)']');
    }

    private static void JsonNumber(ByteWriter writer, Int128 value) =>
        ValueFormatter.JsonNumber(writer, (ulong)value, isSigned: value < 0);

    private static void Label(ByteWriter writer, BucketLimit? lower, BucketLimit? upper)
    {
        if (lower is not { } from)
        {
            writer.Bytes("(..., "u8);
            Limit(writer, upper!.Value);
            writer.Byte((byte)')');
            return;
        }
        writer.Byte((byte)'[');
        Limit(writer, from);
        if (upper is not { } to)
        {
            writer.Bytes(", ...)"u8);
        }
        else if (from.IsPlain && to.IsPlain && from.Value + 1 == to.Value)
        {
            writer.Byte((byte)']');
        }
        else
        {
            writer.Bytes(", "u8);
            Limit(writer, to);
            writer.Byte((byte)')');
        }
    }

    private static void Limit(ByteWriter writer, BucketLimit limit)
    {
        writer.Number(limit.Value >> (10 * limit.Letters));
        if (limit.Letters > 0) writer.Byte("KMGTPE"u8[limit.Letters - 1]);
    }

    private BucketLimit Limit(int index)
    {
        if (_type.Kind == AggregateKind.LinearHist)
        {
            var value = (Int128)_type.Minimum + (Int128)index * _type.Step;
            return new(value, _type.Step % 1024 != 0, _type.Step % 1024 != 0 || value == 0 || value % 1024 != 0 ? 0 : value % (1024 * 1024) == 0 ? 2 : 1);
        }
        if (index <= 2 << _type.HistBits) return new(index, true);
        int perPower = 1 << _type.HistBits, power = (index >> _type.HistBits) - 1;
        return new((Int128)(perPower + (index & (perPower - 1))) << power, false, power / 10);
    }
}
