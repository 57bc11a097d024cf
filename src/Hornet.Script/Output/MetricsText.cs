using System.Text;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>
/// Maps as OpenMetrics 1.0 text, which Prometheus and others collect: counts are counters, histograms histograms, stats summaries, other
/// numbers gauges; of a time series the latest value, of all else an info. The parts of a key are labels.
/// </summary>
internal sealed class MetricsText(ValueFormatter formatter)
{
    public const string ContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly ByteWriter _labels = new(), _text = new();
    private readonly HashSet<string> _seen = [];

    /// <summary>The whole page.</summary>
    public void Write(ByteWriter writer, IEnumerable<MapReport> maps)
    {
        formatter.ForgetProcesses();
        HashSet<string> names = [];
        foreach (var report in maps)
        {
            string name = Name(report.Map.Name);
            // Names that differ only in what a metric's name cannot have.
            for (int i = 2; !names.Add(name); i++) name = $"{Name(report.Map.Name)}_{i}";
            if (report.Count > 0) Map(writer, report, name);
        }
        writer.Bytes("# EOF\n"u8);
    }

    /// <summary>The metric of a map: <c>hornet_reads</c> for <c>@reads</c>, <c>hornet_map</c> for <c>@</c>.</summary>
    internal static string Name(string map)
    {
        StringBuilder name = new("hornet_");
        string own = map.TrimStart('@');
        foreach (char c in own.Length == 0 ? "map" : own) name.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
        return name.ToString();
    }

    private static string Kind(ScriptType value) => value switch
    {
        AggregateType { Kind: AggregateKind.Count } or AggregateType { Kind: AggregateKind.Sum, IsSigned: false } => "counter",
        AggregateType { Kind: AggregateKind.Stats } => "summary",
        AggregateType { Kind: AggregateKind.Hist or AggregateKind.LinearHist } => "histogram",
        AggregateType or IntegerType or EnumType or BooleanType or PointerType => "gauge",
        _ => "info",
    };

    private void Map(ByteWriter writer, MapReport report, string name)
    {
        string kind = Kind(report.Map.Value);
        writer.Text($"# TYPE {name} {kind}\n# HELP {name} The map {report.Map.Name} of the script.\n");
        _seen.Clear();
        for (int row = 0; row < report.Count; row++)
        {
            var value = report.Value(row);
            Labels(report, row, kind == "info" ? value : default);
            // Two keys can have one text: addresses in one function. A metric may come once only.
            if (!_seen.Add(_labels.ToString())) continue;
            switch (report.Aggregate)
            {
                case { Kind: AggregateKind.Hist or AggregateKind.LinearHist } type:
                    Histogram(writer, name, HistogramTable.Read(type, value.Bytes));
                    break;
                case { Kind: AggregateKind.Stats } type:
                    var (total, count, _) = Aggregate.Stats(type, value.Bytes);
                    Sample(writer, name + "_count", count);
                    Sample(writer, name + "_sum", type.IsSigned ? (long)total : total);
                    break;
                case { Kind: AggregateKind.TimeSeries } type:
                    if (new TimeSeries(type, value.Bytes, report.Latest).Latest is { } newest) Sample(writer, name, newest);
                    break;
                default:
                    if (kind == "info") Sample(writer, name + "_info", 1);
                    else Sample(writer, kind == "counter" ? name + "_total" : name, value.IsSigned ? (long)value.Number : value.Number);
                    break;
            }
        }
    }

    // Counts add up from bucket to bucket; limits are included.
    private void Histogram(ByteWriter writer, string name, HistogramTable table)
    {
        Int128 total = 0;
        for (int i = table.First; i >= 0 && i <= table.Last; i++)
        {
            total += table.Count(i);
            if (table.Upper(i) is not { } upper) break;
            _text.Clear();
            _text.Number(upper.Value - 1);
            Bucket(writer, name, _text.Written, total);
        }
        Bucket(writer, name, "+Inf"u8, total);
    }

    private void Bucket(ByteWriter writer, string name, ReadOnlySpan<byte> limit, Int128 count)
    {
        writer.Text(name);
        writer.Bytes("_bucket{"u8);
        writer.Bytes(_labels.Written);
        if (_labels.Length > 0) writer.Byte((byte)',');
        writer.Bytes("le=\""u8);
        writer.Bytes(limit);
        // Limits are floating point numbers by the standard.
        writer.Bytes(limit[0] == '+' ? "\"} "u8 : ".0\"} "u8);
        writer.Number(count);
        writer.Byte((byte)'\n');
    }

    private void Sample(ByteWriter writer, string name, Int128 value)
    {
        writer.Text(name);
        if (_labels.Length > 0)
        {
            writer.Byte((byte)'{');
            writer.Bytes(_labels.Written);
            writer.Byte((byte)'}');
        }
        writer.Byte((byte)' ');
        writer.Number(value);
        writer.Byte((byte)'\n');
    }

    private void Labels(MapReport report, int row, ScriptValue info)
    {
        _labels.Clear();
        if (report.Map.Key is { } key)
        {
            var names = CsvOutput.KeyNames(key);
            var bytes = report.Key(row);
            for (int i = 0; i < names.Count; i++)
            {
                if (key is TupleType tuple) Label(names[i], new(tuple.Elements[i], ValueFormatter.Slice(bytes, tuple.Offset(i), tuple.Elements[i].Size)));
                else Label(names[i], new(key, bytes));
            }
        }
        if (info.Type is not null) Label("value", info);
    }

    private void Label(string name, ScriptValue value)
    {
        if (_labels.Length > 0) _labels.Byte((byte)',');
        _labels.Text(name);
        _labels.Bytes("=\""u8);
        _text.Clear();
        formatter.Text(_text, value);
        var text = _text.Written;
        while (!text.IsEmpty)
        {
            switch (text[0])
            {
                case (byte)'\\': _labels.Bytes("\\\\"u8); break;
                case (byte)'"': _labels.Bytes("\\\""u8); break;
                case (byte)'\n': _labels.Bytes("\\n"u8); break;
                default:
                    bool isText = Rune.DecodeFromUtf8(text, out _, out int length) == global::System.Buffers.OperationStatus.Done;
                    _labels.Bytes(isText ? text[..length] : "\uFFFD"u8);
                    text = text[(isText ? length : 1)..];
                    continue;
            }
            text = text[1..];
        }
        _labels.Byte((byte)'"');
    }
}
