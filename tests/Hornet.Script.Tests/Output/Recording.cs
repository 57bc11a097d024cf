using System.Text;
using Hornet.Script.Output;
using Hornet.Script.Runtime;
using Hornet.Script.Source;

namespace Hornet.Script.Tests.Output;

/// <summary>A run without a kernel: records go in, what is printed comes out.</summary>
internal sealed class Recording : IScriptRuntime, IDisposable
{
    private readonly MemoryStream _out = new(), _errors = new();

    public Recording(OutputKind kind, ScriptMap[] maps, AsyncAction[] actions, bool isTerminal = false, OutputOptions? options = null, ScriptConfig? config = null, BufferingMode mode = BufferingMode.None)
    {
        Script = new CompiledScript
        {
            Compilation = null!,
            Config = config ?? new ScriptConfig(),
            Programs = [],
            Maps = maps,
            Actions = actions,
        };
        Contents = [.. maps.Select(m => new FakeContents(m))];
        Sink = OutputSink.ToStream(_out, mode);
        ValueContext context = new() { IsTerminal = isTerminal, System = new FakeNames(), Clock = Build.Utc };
        Output = OutputKinds.Create(kind, Sink, OutputSink.ToStream(_errors, BufferingMode.None), new(context), options ?? new());
        Dispatcher = new(Script, Output, this);
    }

    public CompiledScript Script { get; }
    public FakeContents[] Contents { get; }
    public OutputSink Sink { get; }
    public ScriptOutput Output { get; }
    public RecordDispatcher Dispatcher { get; }
    public List<int> Exits { get; } = [];
    public List<bool> Tests { get; } = [];
    public bool IsUnsafeAllowed { get; set; }

    public string Printed => Encoding.UTF8.GetString(_out.ToArray());
    public string Errors => Encoding.UTF8.GetString(_errors.ToArray());

    public void Send(int action, params byte[] payload) => Dispatcher.Dispatch([.. Build.Int(action), .. payload]);

    IMapContents IScriptRuntime.Contents(int map) => Contents[map];

    public void Exit(int code) => Exits.Add(code);

    public void TestResult(bool passed) => Tests.Add(passed);

    public void Dispose() => Dispatcher.Dispose();
}

internal sealed class FakeContents(ScriptMap map) : IMapContents
{
    public List<(byte[] Key, byte[] Value)> Elements { get; private set; } = [];

    public MapSnapshot Read() => Build.Snapshot(map, 1, [.. Elements]);

    public byte[]? Find(ReadOnlySpan<byte> key)
    {
        foreach (var (k, value) in Elements)
        {
            if (key.SequenceEqual(k)) return value;
        }
        return null;
    }

    public void Clear() => Elements.Clear();

    public void Zero() => Elements = [.. Elements.Select(e => (e.Key, new byte[e.Value.Length]))];
}

internal static class Places
{
    private static readonly SourceText s_text = new("stdin", "macro bad() { errorf(\"x\"); }\nbegin {\tbad(); }\n");

    public static SourceSpan Inner { get; } = new(s_text, 14, 25);
    public static SourceSpan Outer { get; } = new(s_text, 37, 42);
}
