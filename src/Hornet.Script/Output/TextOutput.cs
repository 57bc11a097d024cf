using Hornet.Script.Source;

namespace Hornet.Script.Output;

/// <summary>Results as text, messages to standard error: what people read.</summary>
internal class TextOutput(OutputSink sink, OutputSink errors, ValueFormatter formatter, OutputOptions options) : ScriptOutput(sink, errors, formatter, options)
{
    private const int LeastNameWidth = 40, TimeWidth = 15;
    private readonly MapText _maps = new(formatter);

    public override void Map(MapReport report)
    {
        _maps.Text(Buffer, report);
        Sink.EndRecord();
    }

    public override void Value(ScriptValue value)
    {
        Formatter.ForgetProcesses();
        Formatter.Text(Buffer, value);
        Buffer.Byte((byte)'\n');
        Sink.EndRecord();
    }

    public override void MapValue(MapReport report, int row)
    {
        Formatter.ForgetProcesses();
        _maps.Value(Buffer, report, row);
        Buffer.Byte((byte)'\n');
        Sink.EndRecord();
    }

    public override void Printf(PrintfPlan plan, ReadOnlySpan<byte> arguments)
    {
        Formatter.ForgetProcesses();
        plan.Write(Buffer, arguments, Formatter);
        Sink.EndRecord();
    }

    public override void Time(ReadOnlySpan<byte> text)
    {
        Buffer.Bytes(text);
        Sink.EndRecord();
    }

    public override void Cat(ReadOnlySpan<byte> text)
    {
        Formatter.Foreign(Buffer, text);
        Sink.EndRecord();
    }

    public override void Join(ReadOnlySpan<byte> text) => Line(text);

    public override void System(ReadOnlySpan<byte> text) => Line(text);

    public override void LostEvents(ulong count) => Note($"Lost {count} events\n");

    public override void AttachedProbes(int count) => Note($"Attached {count} probe{(count == 1 ? "" : "s")}\n");

    protected override void WriteHelperError(string helper, int result, string message, SourceSpan place, IReadOnlyList<SourceSpan> expandedFrom) =>
        WriteRuntimeError($"{message}\nAdditional Info - helper: {helper}, retcode: {result}", place, expandedFrom);

    protected override void WriteRuntimeError(string message, SourceSpan place, IReadOnlyList<SourceSpan> expandedFrom)
    {
        if (Options.ShowsWarnings) Log(ScriptSeverity.Warning, place, message, withSource: true, expandedFrom);
    }

    /// <summary>Green and red, as those who look at test runs know it; what a test printed is shown when it failed.</summary>
    public override void TestResult(IReadOnlyList<TestOutcome> soFar, int total)
    {
        var last = soFar[^1];
        if (soFar.Count == 1) Green("[==========]", $"Running {total} tests.");
        Green("[ RUN      ]", last.Name);
        if (!last.Passed)
        {
            foreach (string line in last.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Buffer.Text(line);
                Buffer.Byte((byte)'\n');
            }
        }
        string name = $"{last.Name} ({Duration(last.Duration)})";
        if (last.Passed) Green("[       OK ]", name);
        else Red("[  FAILED  ]", name);
        if (soFar.Count == total)
        {
            int passed = soFar.Count(t => t.Passed), failed = total - passed;
            Green("[==========]", $"{total} {Tests(total)} ran.");
            Green("[  PASSED  ]", $"{passed} {Tests(passed)}.");
            if (failed > 0)
            {
                Red("[  FAILED  ]", $"{failed} {Tests(failed)}, listed below:");
                foreach (var test in soFar.Where(t => !t.Passed)) Red("[  FAILED  ]", test.Name);
            }
        }
        Sink.EndRecord();
    }

    public override void BenchmarkResult(IReadOnlyList<string> names, int index, long nanoseconds, ulong iterations)
    {
        int width = Math.Max(LeastNameWidth, names.Max(n => n.Length)) + 1;
        if (index == 0)
        {
            Buffer.Text($"{"Benchmark".PadRight(width)}{"Time(ns)".PadRight(TimeWidth)}Iterations\n");
            Buffer.Fill((byte)'-', width + TimeWidth + "Iterations".Length);
            Buffer.Byte((byte)'\n');
        }
        Buffer.Text($"{names[index].PadRight(width)}{nanoseconds.ToString(global::System.Globalization.CultureInfo.InvariantCulture).PadRight(TimeWidth)}{iterations}\n");
        Sink.EndRecord();
    }

    public override void End()
    {
        Buffer.Bytes("\n\n"u8);
        Sink.EndRecord();
    }

    protected override void WriteMessage(ScriptSeverity severity, SourceSpan place, IReadOnlyList<SourceSpan> expandedFrom, string text) =>
        Log(severity, place, text, withSource: false, expandedFrom);

    private static string Tests(int count) => count == 1 ? "test" : "tests";

    private static string Duration(TimeSpan duration) => (duration.Ticks * 100) switch
    {
        >= 1_000_000_000 and var n => $"{n / 1_000_000_000} s",
        >= 1_000_000 and var n => $"{n / 1_000_000} ms",
        >= 1_000 and var n => $"{n / 1_000} μs",
        var n => $"{n} ns",
    };

    private void Green(string mark, string text) => Buffer.Text($"\x1b[32m{mark}\x1b[0m {text}\n");

    private void Red(string mark, string text) => Buffer.Text($"\x1b[31m{mark}\x1b[0m {text}\n");

    private void Line(ReadOnlySpan<byte> text)
    {
        Formatter.Foreign(Buffer, text);
        Buffer.Byte((byte)'\n');
        Sink.EndRecord();
    }

    private void Note(string text)
    {
        Sink.Flush();
        Errors.Buffer.Text(text);
        Errors.EndRecord();
        Errors.Flush();
    }
}
