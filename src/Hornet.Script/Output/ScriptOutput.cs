using System.Runtime.InteropServices;
using System.Text;
using Hornet.Script.Runtime;
using Hornet.Script.Source;

namespace Hornet.Script.Output;

/// <summary>How messages look.</summary>
internal sealed record OutputOptions
{
    /// <summary>False with --no-warnings: warnings of the script and of the run are not shown.</summary>
    public bool ShowsWarnings { get; init; } = true;

    /// <summary>Whether errors are red and warnings yellow.</summary>
    public bool UsesColors { get; init; }
}

/// <summary>A probe that was run as a test.</summary>
/// <param name="Output">What it printed.</param>
internal sealed record TestOutcome(string Name, bool Passed, TimeSpan Duration, string Output);

/// <summary>
/// What a script says, in one form: text, JSON, CSV. Every method writes one record whole. For one thread.
/// </summary>
internal abstract class ScriptOutput(OutputSink sink, OutputSink errors, ValueFormatter formatter, OutputOptions options)
{
    private const int E2big = -7, Enoent = -2;

    /// <summary>Where results go.</summary>
    public OutputSink Sink { get; } = sink;

    /// <summary>Where messages go that are for the person, not for the reader of results.</summary>
    public OutputSink Errors { get; } = errors;
    public ValueFormatter Formatter { get; } = formatter;
    public OutputOptions Options { get; } = options;

    /// <summary>How many errors were told: those of errorf, and what programs could not do. A test with one has failed.</summary>
    public int ErrorCount { get; private set; }

    protected ByteWriter Buffer => Sink.Buffer;

    public abstract void Map(MapReport report);

    /// <summary>A value by itself.</summary>
    public abstract void Value(ScriptValue value);

    /// <summary>One element of a map by itself.</summary>
    public abstract void MapValue(MapReport report, int row);

    public abstract void Printf(PrintfPlan plan, ReadOnlySpan<byte> arguments);
    public abstract void Time(ReadOnlySpan<byte> text);
    public abstract void Cat(ReadOnlySpan<byte> text);

    /// <summary>Texts with something between them.</summary>
    public abstract void Join(ReadOnlySpan<byte> text);

    /// <summary>What a command printed.</summary>
    public abstract void System(ReadOnlySpan<byte> text);
    public abstract void LostEvents(ulong count);
    public abstract void AttachedProbes(int count);

    /// <summary>errorf and warnf.</summary>
    public void Message(ScriptSeverity severity, SourceSpan place, IReadOnlyList<SourceSpan> expandedFrom, string text)
    {
        if (severity == ScriptSeverity.Error) ErrorCount++;
        else if (!Options.ShowsWarnings) return;
        WriteMessage(severity, place, expandedFrom, text);
    }

    /// <summary>A helper of the kernel that failed.</summary>
    /// <param name="helper">Its name without <c>bpf_</c>.</param>
    /// <param name="result">What it returned: an error number below zero.</param>
    /// <param name="map">The map it was about; null for none.</param>
    public void HelperError(string helper, int result, SourceSpan place, IReadOnlyList<SourceSpan> expandedFrom, ScriptMap? map = null)
    {
        ErrorCount++;
        WriteHelperError(helper, result, map is not null && result == E2big ? FullMessage(map) : HelperMessage(helper, result), place, expandedFrom);
    }

    /// <summary>Something the program could not do as it was asked.</summary>
    public void RuntimeError(string message, SourceSpan place, IReadOnlyList<SourceSpan> expandedFrom)
    {
        ErrorCount++;
        WriteRuntimeError(message, place, expandedFrom);
    }

    /// <summary>The result of the last of these tests.</summary>
    public abstract void TestResult(IReadOnlyList<TestOutcome> soFar, int total);

    /// <param name="names">All benchmarks, which decide about widths.</param>
    /// <param name="index">Which of them this is.</param>
    public abstract void BenchmarkResult(IReadOnlyList<string> names, int index, long nanoseconds, ulong iterations);

    /// <summary>The end of the run; what maps still hold comes behind it.</summary>
    public virtual void End()
    {
    }

    /// <summary>An error of the run itself. To standard error, whatever the form of results.</summary>
    public void RunError(string message) => Log(ScriptSeverity.Error, default, message, withSource: false);

    /// <summary>A warning of the run itself.</summary>
    public void RunWarning(string message)
    {
        if (Options.ShowsWarnings) Log(ScriptSeverity.Warning, default, message, withSource: false);
    }

    protected abstract void WriteHelperError(string helper, int result, string message, SourceSpan place, IReadOnlyList<SourceSpan> expandedFrom);

    protected abstract void WriteRuntimeError(string message, SourceSpan place, IReadOnlyList<SourceSpan> expandedFrom);

    protected abstract void WriteMessage(ScriptSeverity severity, SourceSpan place, IReadOnlyList<SourceSpan> expandedFrom, string text);

    private static string FullMessage(ScriptMap map) =>
        $"Map full; can't update element. {map.Name} has {map.MaxEntries} keys. Try increasing max_map_keys config or manually setting the max entries in a map declaration e.g. `let {map.Name} = {(map.Type == MapType.PerCpuHash ? "percpuhash" : "hash")}({Math.Min(2L * map.MaxEntries, uint.MaxValue)})`";

    protected static string HelperMessage(string helper, int result) => (helper, result) switch
    {
        ("map_update_elem", E2big) => "Map full; can't update element. Try increasing max_map_keys config or manually setting the max entries in a map declaration e.g. `let @a = hash(5000)`",
        ("map_delete_elem", Enoent) => "Can't delete map element because it does not exist.",
        ("map_lookup_elem", _) => "Can't lookup map element because it does not exist.",
        _ => ErrorText(result),
    };

    protected static string ErrorText(int result) => Marshal.GetPInvokeErrorMessage(-result);

    /// <summary>A line to standard error with what it is about, then that line of the script, then from where it was expanded.</summary>
    protected void Log(ScriptSeverity severity, SourceSpan place, string message, bool withSource, IReadOnlyList<SourceSpan>? expandedFrom = null)
    {
        // What was printed before stands before it where both go to one place.
        Sink.Flush();
        var text = Errors.Buffer;
        if (Options.UsesColors) text.Bytes(severity == ScriptSeverity.Error ? "\x1b[31m"u8 : "\x1b[33m"u8);
        if (place.Source is not null)
        {
            text.Text(place.ToString());
            text.Bytes(": "u8);
        }
        text.Bytes(severity == ScriptSeverity.Error ? "ERROR: "u8 : "WARNING: "u8);
        text.Text(message.EndsWith('\n') ? message.AsSpan(0, message.Length - 1) : message);
        if (Options.UsesColors) text.Bytes("\x1b[0m"u8);
        text.Byte((byte)'\n');
        if (withSource)
        {
            StringBuilder source = new();
            DiagnosticRenderer.AppendSource(source, place);
            text.Text(source.ToString());
        }
        foreach (var outer in expandedFrom ?? []) Log(severity, outer, "expanded from", withSource: true);
        Errors.EndRecord();
        Errors.Flush();
    }
}
