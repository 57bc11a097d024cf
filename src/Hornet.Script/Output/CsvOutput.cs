using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>
/// Maps as tables of comma-separated values: a line of headings, then a line for each element, for a histogram one for each bucket, for a time
/// series one for each interval. Tuples are several columns. All else is text.
/// </summary>
internal sealed class CsvOutput(OutputSink sink, OutputSink errors, ValueFormatter formatter, OutputOptions options) : TextOutput(sink, errors, formatter, options)
{
    private readonly ByteWriter _cell = new();
    private bool _isFirst = true;

    public override void Map(MapReport report)
    {
        if (report.Count == 0) return;
        Formatter.ForgetProcesses();
        Heading("map");
        foreach (string name in KeyNames(report.Map.Key)) Heading(name);
        foreach (string name in ValueNames(report.Map.Value)) Heading(name);
        EndLine();
        for (int row = 0; row < report.Count; row++) Rows(report, row);
        Sink.EndRecord();
    }

    /// <summary>A line with the value's parts.</summary>
    public override void Value(ScriptValue value)
    {
        Formatter.ForgetProcesses();
        Cells(value.Type, value.Bytes, 1);
        EndLine();
        Sink.EndRecord();
    }

    public override void MapValue(MapReport report, int row) => Map(report);

    /// <summary>No empty lines between tables.</summary>
    public override void End()
    {
    }

    /// <summary>The names of a key's columns; none for a map without key.</summary>
    internal static IReadOnlyList<string> KeyNames(ScriptType? key) => key switch
    {
        null => [],
        TupleType { Names: { } names } => names,
        TupleType tuple => [.. Enumerable.Range(1, tuple.Elements.Count).Select(i => $"key{i}")],
        _ => ["key"],
    };

    private static IReadOnlyList<string> ValueNames(ScriptType value) => value switch
    {
        AggregateType { Kind: AggregateKind.Stats } => ["count", "average", "total"],
        AggregateType { Kind: AggregateKind.Hist or AggregateKind.LinearHist } => ["min", "max", "count"],
        AggregateType { Kind: AggregateKind.TimeSeries } => ["interval_start", "value"],
        TupleType { Names: { } names } => names,
        TupleType tuple => [.. Enumerable.Range(1, tuple.Elements.Count).Select(i => $"value{i}")],
        _ => ["value"],
    };

    private void Rows(MapReport report, int row)
    {
        var value = report.Value(row);
        switch (report.Aggregate)
        {
            case { Kind: AggregateKind.Hist or AggregateKind.LinearHist } type:
                var table = HistogramTable.Read(type, value.Bytes, report.Divisor);
                for (int i = table.First; i >= 0 && i <= table.Last; i++)
                {
                    Start(report, row);
                    Limit(table.Lower(i)?.Value);
                    Limit(table.Upper(i)?.Value - 1);
                    Limit(table.Count(i));
                    EndLine();
                }
                break;
            case { Kind: AggregateKind.TimeSeries } type:
                foreach (var (start, number) in new TimeSeries(type, value.Bytes, report.Latest).Intervals(Formatter.Context.Clock))
                {
                    Start(report, row);
                    Heading(start);
                    Limit(number);
                    EndLine();
                }
                break;
            case { Kind: AggregateKind.Stats } type:
                var (total, count, average) = Aggregate.Stats(type, value.Bytes);
                Start(report, row);
                Limit(count);
                Limit((type.IsSigned ? (long)average : average) / (Int128)report.Divisor);
                Limit(type.IsSigned ? (long)total : total);
                EndLine();
                break;
            default:
                Start(report, row);
                Cells(value.Type, value.Bytes, report.Divisor);
                EndLine();
                break;
        }
    }

    private void Start(MapReport report, int row)
    {
        Heading(report.Map.Name);
        if (report.Map.Key is { } key) Cells(key, report.Key(row), 1);
    }

    private void Limit(Int128? number)
    {
        _cell.Clear();
        if (number is { } known) _cell.Number(known);
        Cell();
    }

    private void Heading(string text)
    {
        _cell.Clear();
        _cell.Text(text);
        Cell();
    }

    private void Cells(ScriptType type, ReadOnlySpan<byte> bytes, uint divisor)
    {
        if (type is TupleType tuple)
        {
            for (int i = 0; i < tuple.Elements.Count; i++)
            {
                _cell.Clear();
                Formatter.Text(_cell, new(tuple.Elements[i], ValueFormatter.Slice(bytes, tuple.Offset(i), tuple.Elements[i].Size)), divisor);
                Cell();
            }
            return;
        }
        _cell.Clear();
        Formatter.Text(_cell, new(type, bytes), divisor);
        Cell();
    }

    // Quoted where a comma, a quote or a line end is in it.
    private void Cell()
    {
        if (!_isFirst) Buffer.Byte((byte)',');
        _isFirst = false;
        var text = _cell.Written;
        if (text.IndexOfAny(",\"\r\n"u8) < 0)
        {
            Buffer.Bytes(text);
            return;
        }
        Buffer.Byte((byte)'"');
        foreach (byte b in text)
        {
            if (b == '"') Buffer.Byte(b);
            Buffer.Byte(b);
        }
        Buffer.Byte((byte)'"');
    }

    private void EndLine()
    {
        Buffer.Byte((byte)'\n');
        _isFirst = true;
    }
}
