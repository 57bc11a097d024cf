using System.Buffers.Binary;
using Hornet.Script.Runtime;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>A map's elements as they are to be printed: in order, the largest only when so asked, the CPUs put together.</summary>
internal sealed class MapReport
{
    private readonly MapSnapshot _snapshot;
    private readonly int[] _rows;
    private readonly byte[] _reduced = new byte[8];
    private ulong? _latest;

    /// <param name="map">The map.</param>
    /// <param name="snapshot">Its elements.</param>
    /// <param name="top">How many of the largest are kept; 0 keeps all. Time series are always all.</param>
    /// <param name="divisor">What numbers are divided by; 0 counts as 1.</param>
    public MapReport(ScriptMap map, MapSnapshot snapshot, uint top = 0, uint divisor = 1)
    {
        Map = map;
        _snapshot = snapshot;
        Divisor = Math.Max(1, divisor);
        _rows = MapOrder.Sort(map, snapshot, this);
        if (top > 0 && _rows.Length > top && Aggregate?.Kind != AggregateKind.TimeSeries) _rows = _rows[^(int)top..];
    }

    public ScriptMap Map { get; }
    public uint Divisor { get; }
    public int Count => _rows.Length;
    public AggregateType? Aggregate => Map.Value as AggregateType;
    public bool IsScalar => Map.Key is null;

    /// <summary>Whether a value takes several lines of its own.</summary>
    public bool IsGraph => Aggregate is { Kind: AggregateKind.Hist or AggregateKind.LinearHist or AggregateKind.TimeSeries };

    /// <summary>The latest interval of all time series of the map; 0 for other maps.</summary>
    public ulong Latest => _latest ??= FindLatest();

    public bool IsStats => Aggregate is { Kind: AggregateKind.Stats or AggregateKind.Avg };

    public ReadOnlySpan<byte> Key(int row) => _snapshot.Key(_rows[row]);

    public ScriptValue Value(int row) => ValueAt(_rows[row]);

    /// <summary>A value by its place in the snapshot: aggregates with the blocks of all CPUs, numbers added up, of all else the first CPU's.</summary>
    public ScriptValue ValueAt(int index)
    {
        var bytes = _snapshot.Value(index);
        if (_snapshot.Cpus == 1 || Map.Value is AggregateType) return new(Map.Value, bytes);
        if (Map.Value is not (IntegerType or EnumType)) return new(Map.Value, bytes[.._snapshot.ValueSize]);
        ulong sum = 0;
        for (int cpu = 0; cpu < _snapshot.Cpus; cpu++) sum += new ScriptValue(Map.Value, bytes.Slice(cpu * _snapshot.ValueSize, _snapshot.ValueSize)).Number;
        BinaryPrimitives.WriteUInt64LittleEndian(_reduced, sum);
        return new(Map.Value, _reduced.AsSpan(0, _snapshot.ValueSize));
    }

    private ulong FindLatest()
    {
        ulong latest = 0;
        if (Aggregate?.Kind != AggregateKind.TimeSeries) return latest;
        for (int row = 0; row < Count; row++) latest = Math.Max(latest, TimeSeries.LatestEpoch(Value(row).Bytes));
        return latest;
    }
}

/// <summary>The order in which elements are printed.</summary>
internal static class MapOrder
{
    public static int[] Sort(ScriptMap map, MapSnapshot snapshot, MapReport report)
    {
        var rows = new int[snapshot.Count];
        for (int i = 0; i < rows.Length; i++) rows[i] = i;
        if (rows.Length < 2) return rows;
        // Equal values come in the order of their keys: the order of the kernel's hash is another one in every run.
        if (map.Key is not null) ByKey(map.Key, snapshot, rows);
        if (map.Value is IntegerType or EnumType or AggregateType) ByNumber(rows, i => Rank(map.Value, report.ValueAt(i)));
        return rows;
    }

    // Numbers so that unsigned comparison orders them. Of histograms the number of values, of time series the latest interval.
    private static ulong Rank(ScriptType type, ScriptValue value) => type switch
    {
        AggregateType { Kind: AggregateKind.Hist or AggregateKind.LinearHist } => Aggregate.Number((AggregateType)type with { Kind = AggregateKind.Sum }, value.Bytes),
        AggregateType { Kind: AggregateKind.TimeSeries } => TimeSeries.LatestEpoch(value.Bytes),
        // bpftrace compares these as unsigned numbers, whatever their sign.
        AggregateType { Kind: AggregateKind.Min or AggregateKind.Max } => value.Number,
        _ => value.IsSigned ? value.Number ^ (1ul << 63) : value.Number,
    };

    private static void ByNumber(int[] rows, Func<int, ulong> rank)
    {
        var ranked = new (ulong Rank, int Row)[rows.Length];
        int[] before = [.. rows];
        for (int i = 0; i < rows.Length; i++) ranked[i] = (rank(before[i]), i);
        // Equal ones stay as they are.
        ranked.AsSpan().Sort(static (a, b) => a.Rank != b.Rank ? (a.Rank < b.Rank ? -1 : 1) : a.Row - b.Row);
        for (int i = 0; i < rows.Length; i++) rows[i] = before[ranked[i].Row];
    }

    /// <summary>
    /// By key: numbers (as signed ones) and texts from the first to the last part; what is left equal, by its bytes, so that the order is the same
    /// in every run.
    /// </summary>
    private static void ByKey(ScriptType key, MapSnapshot snapshot, int[] rows)
    {
        var parts = key is TupleType { Names: null } tuple
            ? [.. tuple.Elements.Select((e, i) => (Type: e, Offset: tuple.Offset(i)))]
            : new[] { (Type: key, Offset: 0) };
        parts = [.. parts.Where(p => p.Type is IntegerType or EnumType or StringType)];
        if (parts is [{ Type: IntegerType or EnumType } only] && key is not TupleType)
        {
            ByNumber(rows, i => ScriptValue.Integer(snapshot.Key(i)[only.Offset..], only.Type.Size * 8, true) ^ (1ul << 63));
            return;
        }
        rows.AsSpan().Sort((a, b) =>
        {
            var first = snapshot.Key(a);
            var second = snapshot.Key(b);
            foreach (var (type, offset) in parts)
            {
                int order = type is StringType
                    ? first.Slice(offset, type.Size).SequenceCompareTo(second.Slice(offset, type.Size))
                    : ((long)ScriptValue.Integer(first[offset..], type.Size * 8, true)).CompareTo((long)ScriptValue.Integer(second[offset..], type.Size * 8, true));
                if (order != 0) return order;
            }
            int rest = first.SequenceCompareTo(second);
            return rest != 0 ? rest : a - b;
        });
    }
}
