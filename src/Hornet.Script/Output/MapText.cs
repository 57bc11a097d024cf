using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>Maps as text and JSON, as bpftrace prints them.</summary>
internal sealed class MapText(ValueFormatter formatter)
{
    private readonly ByteWriter _key = new();

    /// <summary>A line for each element; histograms, time series and stacks take several.</summary>
    public void Text(ByteWriter writer, MapReport report)
    {
        formatter.ForgetProcesses();
        var name = Source.ScriptBytes.Of(report.Map.Name);
        for (int row = 0; row < report.Count; row++)
        {
            writer.Bytes(name);
            if (!report.IsScalar)
            {
                writer.Byte((byte)'[');
                Key(writer, report, row);
                writer.Byte((byte)']');
            }
            writer.Bytes(report.IsGraph ? ":\n"u8 : ": "u8);
            Value(writer, report, row);
            writer.Byte((byte)'\n');
        }
    }

    /// <summary>The value of a row: of a whole map's, or behind <c>print(@m[k])</c>.</summary>
    public void Value(ByteWriter writer, MapReport report, int row, bool asJson = false)
    {
        var value = report.Value(row);
        switch (report.Aggregate)
        {
            case { Kind: AggregateKind.Hist or AggregateKind.LinearHist } type:
                var histogram = HistogramTable.Read(type, value.Bytes, report.Divisor);
                if (asJson) histogram.Json(writer);
                else histogram.Text(writer);
                break;
            case { Kind: AggregateKind.TimeSeries } type:
                TimeSeries series = new(type, value.Bytes, report.Latest);
                if (asJson) series.Json(writer, formatter.Context.Clock);
                else series.Text(writer, formatter.Context.Clock);
                break;
            default:
                if (asJson) formatter.Json(writer, value, report.Divisor);
                else formatter.Text(writer, value, report.Divisor);
                break;
        }
    }

    /// <summary>The whole map as one line; nothing for an empty map, except that averages and stats are an empty object then.</summary>
    public void Json(ByteWriter writer, MapReport report)
    {
        if (report.Count == 0 && !report.IsStats) return;
        formatter.ForgetProcesses();
        string kind = report.Aggregate?.Kind switch
        {
            AggregateKind.Avg or AggregateKind.Stats => "stats",
            AggregateKind.Hist or AggregateKind.LinearHist => "hist",
            AggregateKind.TimeSeries => "tseries",
            _ => "map",
        };
        writer.Bytes("{\"type\": \""u8);
        writer.Text(kind);
        writer.Bytes("\", \"data\": {"u8);
        TextEscapes.JsonString(writer, Source.ScriptBytes.Of(report.Map.Name));
        writer.Bytes(": "u8);
        if (report.IsScalar && report.Count > 0)
        {
            Value(writer, report, 0, asJson: true);
        }
        else
        {
            writer.Byte((byte)'{');
            for (int row = 0; row < report.Count; row++)
            {
                if (row > 0) writer.Bytes(", "u8);
                JsonKey(writer, report, row);
                writer.Bytes(": "u8);
                Value(writer, report, row, asJson: true);
            }
            writer.Byte((byte)'}');
        }
        writer.Bytes("}}\n"u8);
    }

    /// <summary>A key as text: a tuple without its parentheses, and so is everything else whose text looks like one, as in bpftrace.</summary>
    public void Key(ByteWriter writer, MapReport report, int row)
    {
        if (report.Map.Key is TupleType { Names: null } tuple)
        {
            formatter.TupleElements(writer, tuple, report.Key(row));
            return;
        }
        int start = writer.Length;
        formatter.Text(writer, new(report.Map.Key!, report.Key(row)));
        var text = writer.Written[start..];
        if (text.Length < 2 || text[0] != '(' || text[^1] != ')') return;
        writer.Truncate(writer.Length - 1);
        writer.Remove(start, 1);
    }

    // A string without its blanks.
    private void JsonKey(ByteWriter writer, MapReport report, int row)
    {
        _key.Clear();
        Key(_key, report, row);
        int kept = 0;
        var text = _key.Editable;
        foreach (byte b in text)
        {
            if (b != ' ') text[kept++] = b;
        }
        TextEscapes.JsonString(writer, text[..kept]);
    }
}
