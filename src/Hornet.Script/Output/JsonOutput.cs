using Hornet.Script.Source;

namespace Hornet.Script.Output;

/// <summary>Everything as JSON, an object a line, to one place: what programs read.</summary>
internal sealed class JsonOutput(OutputSink sink, OutputSink errors, ValueFormatter formatter, OutputOptions options) : ScriptOutput(sink, errors, formatter, options)
{
    private readonly MapText _maps = new(formatter);
    private readonly ByteWriter _text = new(1024);

    public override void Map(MapReport report)
    {
        _maps.Json(Buffer, report);
        Sink.EndRecord();
    }

    public override void Value(ScriptValue value)
    {
        Formatter.ForgetProcesses();
        Begin("value");
        Formatter.Json(Buffer, value);
        End("}\n"u8);
    }

    public override void MapValue(MapReport report, int row)
    {
        Formatter.ForgetProcesses();
        Begin("value");
        _maps.Value(Buffer, report, row, asJson: true);
        End("}\n"u8);
    }

    public override void Printf(PrintfPlan plan, ReadOnlySpan<byte> arguments)
    {
        Formatter.ForgetProcesses();
        _text.Clear();
        plan.Write(_text, arguments, Formatter);
        Text("printf", _text.Written);
    }

    public override void Time(ReadOnlySpan<byte> text) => Text("time", text);

    public override void Cat(ReadOnlySpan<byte> text) => Text("cat", text);

    public override void Join(ReadOnlySpan<byte> text) => Text("join", text);

    public override void System(ReadOnlySpan<byte> text) => Text("syscall", text);

    public override void LostEvents(ulong count)
    {
        Buffer.Text($"{{\"type\": \"lost_events\", \"count\": {count}, \"data\": {{\"events\": {count}}}}}\n");
        Sink.EndRecord();
    }

    public override void AttachedProbes(int count)
    {
        Buffer.Text($"{{\"type\": \"attached_probes\", \"count\": {count}, \"data\": {{\"probes\": {count}}}}}\n");
        Sink.EndRecord();
    }

    protected override void WriteHelperError(string helper, int result, string message, SourceSpan place, IReadOnlyList<SourceSpan> expandedFrom)
    {
        Buffer.Bytes("{\"type\": \"helper_error\", \"msg\": "u8);
        Quoted(ErrorText(result));
        Buffer.Bytes(", \"helper\": "u8);
        Quoted(helper);
        Buffer.Bytes(", \"retcode\": "u8);
        Buffer.Signed(result);
        Place(place);
    }

    protected override void WriteRuntimeError(string message, SourceSpan place, IReadOnlyList<SourceSpan> expandedFrom)
    {
        Buffer.Bytes("{\"type\": \"runtime_error\", \"msg\": "u8);
        Quoted(message);
        Place(place);
    }

    public override void TestResult(IReadOnlyList<TestOutcome> soFar, int total)
    {
        var last = soFar[^1];
        Begin("test_result");
        Buffer.Byte((byte)'{');
        Quoted(last.Name);
        Buffer.Text($": {{\"duration\": {last.Duration.Ticks * 100}, \"passed\": {(last.Passed ? "true" : "false")}, \"output\": ");
        Quoted(last.Output);
        End("}}}\n"u8);
    }

    public override void BenchmarkResult(IReadOnlyList<string> names, int index, long nanoseconds, ulong iterations)
    {
        Begin("benchmark_result");
        Buffer.Byte((byte)'{');
        Quoted(names[index]);
        Buffer.Text($": {{\"average\": {nanoseconds}, \"iters\": {iterations}}}");
        End("}}\n"u8);
    }

    protected override void WriteMessage(ScriptSeverity severity, SourceSpan place, IReadOnlyList<SourceSpan> expandedFrom, string text)
    {
        Buffer.Text($"{{\"type\": \"{(severity == ScriptSeverity.Error ? "errorf" : "warnf")}\", \"msg\": ");
        Quoted(text);
        Place(place);
    }

    private void Begin(string type) => Buffer.Text($"{{\"type\": \"{type}\", \"data\": ");

    private void End(ReadOnlySpan<byte> closing)
    {
        Buffer.Bytes(closing);
        Sink.EndRecord();
    }

    private void Text(string type, ReadOnlySpan<byte> text)
    {
        Begin(type);
        TextEscapes.JsonString(Buffer, text);
        End("}\n"u8);
    }

    private void Quoted(string text) => TextEscapes.JsonString(Buffer, ScriptBytes.Of(text));

    private void Place(SourceSpan place)
    {
        var (line, column) = place.Source is null ? (0, 0) : place.Source.LineAndColumn(place.Start);
        Buffer.Bytes(", \"filename\": "u8);
        Quoted(place.Source?.Name ?? "");
        Buffer.Text($", \"line\": {line}, \"col\": {column}");
        End("}\n"u8);
    }
}
