using System.Buffers.Binary;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>
/// A time series as it is printed. On each CPU there is an entry of three numbers (value, meta, epoch) for each interval that is kept, and interval n
/// since 1970 is in entry n % count. Meta is the time for the newest value, the count for averages. Epoch 0 is an entry that was never used.
/// </summary>
internal sealed class TimeSeries
{
    private const int EntrySize = 24;
    private const int GraphWidth = 53;
    private const int LabelWidth = 21;
    private readonly AggregateType _type;
    private readonly SortedDictionary<ulong, Int128> _values = [];
    private readonly ulong _first, _last;

    /// <param name="type">The type.</param>
    /// <param name="bytes">The entries of each CPU.</param>
    /// <param name="latest">The last interval to be shown: the latest of all series of the map.</param>
    public TimeSeries(AggregateType type, ReadOnlySpan<byte> bytes, ulong latest)
    {
        _type = type;
        _last = latest;
        ulong count = (ulong)Math.Max(1, type.SeriesCount);
        _first = latest >= count ? latest - count + 1 : 0;
        int entries = bytes.Length / EntrySize;
        for (int slot = 0; slot < Math.Min(entries, (int)count); slot++)
        {
            ulong epoch = Reduce(bytes, slot, (int)count, out var value);
            if (epoch != 0 && epoch >= _first && epoch <= latest) _values[epoch] = value;
        }
    }

    /// <summary>The latest interval that has a value; 0 without any.</summary>
    public static ulong LatestEpoch(ReadOnlySpan<byte> bytes)
    {
        ulong latest = 0;
        for (; bytes.Length >= EntrySize; bytes = bytes[EntrySize..]) latest = Math.Max(latest, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
        return latest;
    }

    /// <summary>The latest value; null without any.</summary>
    public Int128? Latest => _values.Count > 0 ? _values.Last().Value : null;

    /// <summary>The intervals that have a value: when they began, in Greenwich's time, and the value.</summary>
    public IEnumerable<(string Start, Int128 Value)> Intervals(ScriptClock clock)
    {
        ScriptClock utc = new() { IsUtc = true, BootTime = clock.BootTime };
        ByteWriter writer = new();
        foreach (var (epoch, value) in _values)
        {
            ulong time = epoch * _type.Interval;
            writer.Clear();
            _ = utc.Calendar(writer, (long)(time / 1_000_000_000), "%Y-%m-%d %H:%M:%S");
            writer.Byte((byte)'.');
            Fraction(writer, time, 9);
            yield return (writer.ToString(), value);
        }
    }

    /// <summary>An array of objects with the beginning of the interval and its value; intervals without a value are not in it.</summary>
    public void Json(ByteWriter writer, ScriptClock clock)
    {
        writer.Byte((byte)'[');
        bool isFirst = true;
        foreach (var (start, value) in Intervals(clock))
        {
            writer.Bytes(isFirst ? "{\"interval_start\":\""u8 : ",{\"interval_start\":\""u8);
            isFirst = false;
            writer.Text(start);
            writer.Bytes("\",\"value\":"u8);
            writer.Number(value);
            writer.Byte((byte)'}');
        }
        writer.Byte((byte)']');
    }

    /// <summary>A graph: a line for each interval from the first with a value to the last.</summary>
    public void Text(ByteWriter writer, ScriptClock clock)
    {
        if (_values.Count == 0)
        {
            writer.Bytes("<no data>"u8);
            return;
        }
        Int128 least = _values.Values.Min(), most = _values.Values.Max();
        if (least == most)
        {
            // Room on both sides, where the type has it.
            if (least > (_type.IsSigned ? long.MinValue : 0)) least--;
            if (most < (_type.IsSigned ? long.MaxValue : ulong.MaxValue)) most++;
        }
        ulong first = _values.Keys.First();
        var (unit, digits) = first == _last ? ("ns", 9) : Unit(_type.Interval);
        int timeWidth = 8 + (digits > 0 ? digits + 1 : 0);

        Limits(writer, timeWidth, least, most);
        int start = writer.Length;
        writer.Bytes("hh:mm:ss"u8);
        if (digits > 0)
        {
            writer.Byte((byte)'.');
            writer.Text(unit);
        }
        writer.Fill((byte)' ', timeWidth + 1 - (writer.Length - start));
        writer.Byte((byte)'|');
        writer.Fill((byte)'_', GraphWidth - 2);
        writer.Bytes("|\n"u8);

        int zero = least < 0 && most > 0 ? (int)((float)GraphWidth * Single(least) / Single(least - most)) : 0;
        Span<byte> line = stackalloc byte[GraphWidth];
        for (ulong epoch = first; epoch <= _last; epoch++)
        {
            Time(writer, clock, epoch * _type.Interval, digits);
            writer.Byte((byte)' ');
            line.Fill((byte)' ');
            line[0] = line[^1] = (byte)'|';
            if (zero > 0) line[zero] = (byte)'.';
            if (_values.TryGetValue(epoch, out var value))
            {
                int point = (int)((float)(GraphWidth - 1) * Single(least - value) / Single(least - most));
                line[Math.Clamp(point, 0, GraphWidth - 1)] = (byte)'*';
                writer.Bytes(line);
                writer.Byte((byte)' ');
                writer.Number(value);
            }
            else
            {
                writer.Bytes(line);
                writer.Bytes(" -"u8);
            }
            writer.Byte((byte)'\n');
        }
        writer.Fill((byte)' ', timeWidth + 1);
        writer.Byte((byte)'v');
        writer.Fill((byte)'_', GraphWidth - 2);
        writer.Bytes("v\n"u8);
        Limits(writer, timeWidth, least, most);
    }

    private static float Single(Int128 value) => (float)(long)value;

    private static (string Name, int Digits) Unit(ulong nanoseconds) => nanoseconds switch
    {
        >= 1_000_000_000 => ("s", 0),
        >= 1_000_000 => ("ms", 3),
        >= 1_000 => ("μs", 6),
        _ => ("ns", 9),
    };

    private static void Limits(ByteWriter writer, int timeWidth, Int128 least, Int128 most)
    {
        writer.Fill((byte)' ', timeWidth + 1);
        int start = writer.Length;
        writer.Number(least);
        writer.Fill((byte)' ', LabelWidth - (writer.Length - start));
        start = writer.Length;
        writer.Number(most);
        writer.Insert(start, (byte)' ', GraphWidth - LabelWidth - (writer.Length - start));
        writer.Byte((byte)'\n');
    }

    private static void Time(ByteWriter writer, ScriptClock clock, ulong nanoseconds, int digits)
    {
        _ = clock.Calendar(writer, (long)(nanoseconds / 1_000_000_000), "%H:%M:%S");
        if (digits == 0) return;
        writer.Byte((byte)'.');
        Fraction(writer, nanoseconds, digits);
    }

    private static void Fraction(ByteWriter writer, ulong nanoseconds, int digits)
    {
        ulong fraction = nanoseconds % 1_000_000_000;
        for (int i = digits; i < 9; i++) fraction /= 10;
        int start = writer.Length;
        writer.Unsigned(fraction);
        writer.Insert(start, (byte)'0', digits - (writer.Length - start));
    }

    // Values of one interval are put together; those of an older one that another CPU still keeps in the same place are dropped.
    private ulong Reduce(ReadOnlySpan<byte> bytes, int slot, int count, out Int128 value)
    {
        ulong latest = 0;
        Int128 total = 0, meta = 0;
        for (int at = slot * EntrySize; at + EntrySize <= bytes.Length; at += count * EntrySize)
        {
            var entry = bytes.Slice(at, EntrySize);
            ulong epoch = BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]);
            if (epoch == 0 || epoch < latest) continue;
            var v = Number(entry);
            Int128 m = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            if (epoch > latest)
            {
                (latest, total, meta) = (epoch, v, m);
                continue;
            }
            switch (_type.SeriesAggregate)
            {
                case AggregateKind.Avg:
                    total += v;
                    meta += m;
                    break;
                case AggregateKind.Sum: total += v; break;
                case AggregateKind.Min: total = Int128.Min(total, v); break;
                case AggregateKind.Max: total = Int128.Max(total, v); break;
                default:
                    if (m > meta) (total, meta) = (v, m);
                    break;
            }
        }
        value = _type.SeriesAggregate == AggregateKind.Avg && meta != 0 ? total / meta : total;
        return latest;
    }

    private Int128 Number(ReadOnlySpan<byte> bytes)
    {
        ulong number = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return _type.IsSigned ? (long)number : number;
    }
}
