using System.Buffers.Binary;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>What values gathered on several CPUs are together. The bytes are one block after the other, of the type's size each.</summary>
internal static class Aggregate
{
    /// <summary>The one number of an aggregate: count, sum, smallest, largest, average; of stats the average. Sums wrap, as the kernel's do.</summary>
    public static ulong Number(AggregateType type, ReadOnlySpan<byte> bytes)
    {
        switch (type.Kind)
        {
            case AggregateKind.Min or AggregateKind.Max:
                return Extreme(type, bytes);
            case AggregateKind.Avg or AggregateKind.Stats:
                return Stats(type, bytes).Average;
            default:
                ulong sum = 0;
                for (; bytes.Length >= 8; bytes = bytes[8..]) sum += BinaryPrimitives.ReadUInt64LittleEndian(bytes);
                return sum;
        }
    }

    /// <summary>Total, count and average; the average of nothing is 0.</summary>
    public static (ulong Total, ulong Count, ulong Average) Stats(AggregateType type, ReadOnlySpan<byte> bytes)
    {
        ulong total = 0, count = 0;
        for (; bytes.Length >= 16; bytes = bytes[16..])
        {
            total += BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            count += BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        }
        if (count == 0) return (total, 0, 0);
        return (total, count, type.IsSigned ? Divide(total, (long)count) : total / count);
    }

    /// <summary>Adds the counters of all CPUs up, position by position.</summary>
    public static void Buckets(ReadOnlySpan<byte> bytes, Span<ulong> buckets)
    {
        buckets.Clear();
        for (; bytes.Length >= buckets.Length * 8; bytes = bytes[(buckets.Length * 8)..])
        {
            for (int i = 0; i < buckets.Length; i++) buckets[i] += BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * 8)..]);
        }
    }

    /// <summary>A signed quotient, without the one division that is too large.</summary>
    public static ulong Divide(ulong value, long divisor) => divisor == -1 ? 0ul - value : (ulong)((long)value / divisor);

    private static ulong Extreme(AggregateType type, ReadOnlySpan<byte> bytes)
    {
        ulong best = 0;
        bool isSet = false, isMaximum = type.Kind == AggregateKind.Max;
        for (; bytes.Length >= 16; bytes = bytes[16..])
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) == 0) continue;
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            bool isMore = type.IsSigned ? (long)value > (long)best : value > best;
            if (!isSet || (isMaximum ? isMore : !isMore)) best = value;
            isSet = true;
        }
        return best;
    }
}
