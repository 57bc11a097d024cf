using Hornet.Objects;
using Hornet.Script.Output;

namespace Hornet.Script.Runtime;

/// <summary>A run shown by <see cref="ScriptOutput"/>: records are dispatched, maps are those of the loaded object.</summary>
internal sealed class OutputScriptSink : IScriptSink, IScriptRuntime, IDisposable
{
    private readonly CompiledScript _script;
    private readonly Func<ScriptOutput, OutputSink, OutputSink, ScriptOutput> _copy;
    private readonly RecordDispatcher _dispatcher;
    private readonly ScriptOutput _output;
    private readonly Dictionary<int, IMapContents> _contents = [];
    private readonly List<TestOutcome> _outcomes = [];
    private LoadedObject? _loaded;
    private (ScriptOutput Output, MemoryStream Text, OutputSink Sink)? _capture;
    private int _failedTests;
    private MetricsText? _metrics;

    /// <param name="script">The script.</param>
    /// <param name="output">Where everything is shown.</param>
    /// <param name="isUnsafe">Option --unsafe: commands may be run.</param>
    /// <param name="copy">Makes an output like another one over other sinks, to catch what tests print.</param>
    public OutputScriptSink(CompiledScript script, ScriptOutput output, bool isUnsafe, Func<ScriptOutput, OutputSink, OutputSink, ScriptOutput> copy)
    {
        (_script, _output, IsUnsafeAllowed, _copy) = (script, output, isUnsafe, copy);
        _dispatcher = new RecordDispatcher(script, output, this);
    }

    public bool IsBatching
    {
        get => _output.Sink.IsBatching;
        set => _output.Sink.IsBatching = value;
    }

    public bool WantsExit { get; set; }

    public int ExitCode { get; set; }

    public bool IsUnsafeAllowed { get; }

    /// <summary>The object in the kernel: from here on maps can be read.</summary>
    public void Use(LoadedObject loaded) => _loaded = loaded;

    public void Handle(ReadOnlySpan<byte> record)
    {
        // Records of end probes follow an exit.
        if (_dispatcher.IsFinished && !WantsExit) _dispatcher.Resume();
        _dispatcher.Dispatch(record);
    }

    public IMapContents Contents(int map)
    {
        if (!_contents.TryGetValue(map, out var contents))
            _contents.Add(map, contents = new LiveMapContents(_loaded!.Map(_script.Maps[map].ObjectName), _script.Maps[map]));
        return contents;
    }

    public void Exit(int code) => (WantsExit, ExitCode) = (true, code);

    public void TestResult(bool passed)
    {
        if (!passed) _failedTests++;
    }

    public void Attached(int probes) => _output.AttachedProbes(probes);

    public void Lost(long events) => _dispatcher.Output.LostEvents((ulong)events);

    public void End() => _output.End();

    public void PrintMaps() => _dispatcher.PrintAllMaps();

    /// <summary>Writes all maps for a collector of metrics.</summary>
    public void WriteMetrics(ByteWriter page)
    {
        _metrics ??= new MetricsText(_dispatcher.Plain);
        _metrics.Write(page, _script.MapsByName().Select(i => new MapReport(_script.Maps[i], Contents(i).Read())));
    }

    public bool IsClosed => _output.Sink.Failure is not null;

    public void Flush()
    {
        if (_capture is not null) return;
        _output.Sink.Idle();
        _output.Errors.Flush();
    }

    public void BeginCapture(bool discard)
    {
        MemoryStream text = new();
        var sink = OutputSink.ToStream(discard ? Stream.Null : text, BufferingMode.Full);
        _failedTests = 0;
        var output = _copy(_output, sink, sink);
        _capture = (output, text, sink);
        _dispatcher.Output = output;
    }

    public (string Text, int Errors) EndCapture()
    {
        if (_capture is not { } capture) return ("", 0);
        capture.Sink.Flush();
        _capture = null;
        _dispatcher.Output = _output;
        return (System.Text.Encoding.UTF8.GetString(capture.Text.GetBuffer(), 0, (int)capture.Text.Length), capture.Output.ErrorCount + _failedTests);
    }

    public void TestResult(IReadOnlyList<string> names, int index, long nanoseconds, IReadOnlyList<bool> passed, string output)
    {
        _outcomes.Add(new TestOutcome(names[index], passed[index], TimeSpan.FromTicks(nanoseconds / 100), output));
        _output.TestResult(_outcomes, names.Count);
        Flush();
    }

    public void BenchmarkResult(IReadOnlyList<string> names, int index, long nanoseconds, long iterations)
    {
        _output.BenchmarkResult(names, index, nanoseconds, (ulong)iterations);
        Flush();
    }

    public void Dispose()
    {
        _dispatcher.Dispose();
        _output.Sink.Flush();
        _output.Errors.Flush();
    }
}
