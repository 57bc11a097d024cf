using System.Buffers.Binary;
using System.Diagnostics;
using Hornet.Script.Runtime;
using Hornet.Script.Source;

namespace Hornet.Script.Output;

/// <summary>What records ask of the run that is no output.</summary>
internal interface IScriptRuntime
{
    /// <summary>What is in a map, by its position in <see cref="CompiledScript.Maps"/>.</summary>
    IMapContents Contents(int map);

    /// <summary>The script wants to end.</summary>
    void Exit(int code);

    /// <summary>Whether commands may be run (--unsafe). A script that wants to without was refused earlier.</summary>
    bool IsUnsafeAllowed { get; }

    /// <summary>How a test ended.</summary>
    void TestResult(bool passed);
}

/// <summary>
/// Turns the records of a script into output and actions. For one thread. Nothing that is wrong with a record or with the output keeps later
/// records from being worked on.
/// </summary>
internal sealed class RecordDispatcher : IDisposable
{
    private const int HeadSize = 8;
    private readonly CompiledScript _script;
    private readonly IScriptRuntime _runtime;
    private readonly AsyncAction[] _actions;
    private readonly PrintfPlan?[] _plans;
    private readonly PacketFiles _packets;
    private readonly ByteWriter _text = new(1024);

    public RecordDispatcher(CompiledScript script, ScriptOutput output, IScriptRuntime runtime)
    {
        _script = script;
        _runtime = runtime;
        Output = output;
        _packets = new(output.Formatter.Context.Clock);
        _actions = [.. script.Actions];
        _plans = [.. script.Actions.Select(a => a is AsyncAction.Print print ? new PrintfPlan(print.Format, print.Payload) : null)];
        // Paths, commands and messages are not for a terminal's eyes first.
        var context = output.Formatter.Context;
        Plain = !context.IsTerminal ? output.Formatter : new(new()
        {
            Names = context.Names,
            TimeFormats = context.TimeFormats,
            CgroupFilters = context.CgroupFilters,
            Symbols = context.Symbols,
            Stacks = context.Stacks,
            System = context.System,
            Clock = context.Clock,
            TruncationTrailer = context.TruncationTrailer,
            ShowDebugInfo = context.ShowDebugInfo,
        });
    }

    /// <summary>Where output goes; a test's or benchmark's is caught by putting another one here.</summary>
    public ScriptOutput Output { get; set; }

    /// <summary>Whether <c>exit()</c> was called: records behind it are not for us any more, as in bpftrace. <see cref="Resume"/> before the end probes.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Makes text for others than a terminal: nothing in it is escaped.</summary>
    public ValueFormatter Plain { get; }

    /// <summary>Records that were not what the script sends.</summary>
    public long Malformed { get; private set; }

    public void Resume() => IsFinished = false;

    /// <summary>Does what a record says.</summary>
    public void Dispatch(ReadOnlySpan<byte> record)
    {
        if (IsFinished) return;
        if (record.Length < HeadSize)
        {
            Malformed++;
            return;
        }
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(record);
        if (number >= (uint)_actions.Length)
        {
            Malformed++;
            return;
        }
        Run(_actions[number], (int)number, record[HeadSize..]);
    }

    /// <summary>Prints a map, as <c>print(@m)</c> does: a scalar that was never set is zero.</summary>
    public void PrintMap(int map, uint top = 0, uint divisor = 1)
    {
        var shape = _script.Maps[map];
        var snapshot = _runtime.Contents(map).Read();
        MapReport report = new(shape, snapshot, top, divisor);
        if (report is { IsScalar: true, Count: 0, IsGraph: false })
        {
            MapSnapshot zero = new(KeySize(shape), shape.Value.Size);
            zero.Add(new byte[KeySize(shape)], new byte[shape.Value.Size], shape.Value.Size);
            report = new(shape, zero, top, divisor);
        }
        Output.Map(report);
    }

    /// <summary>Prints all maps, sorted by name, as the end of a run does. One that cannot be read is reported.</summary>
    public void PrintAllMaps()
    {
        foreach (int map in _script.MapsByName())
        {
            try
            {
                Output.Map(new MapReport(_script.Maps[map], _runtime.Contents(map).Read()));
            }
            catch (BpfSyscallException e)
            {
                Output.RunError($"Error printing map: {e.Message}");
            }
        }
    }

    public void Dispose() => _packets.Dispose();

    private static int KeySize(ScriptMap map) => map.Key?.Size ?? 8;

    private void Run(AsyncAction action, int number, ReadOnlySpan<byte> payload)
    {
        try
        {
            switch (action)
            {
                case AsyncAction.Print print:
                    Print(print, _plans[number]!, payload);
                    break;
                case AsyncAction.PrintValue:
                    var type = action.Payload.Elements[0];
                    Output.Value(new(type, ValueFormatter.Slice(payload, action.Payload.Offset(0), type.Size)));
                    break;
                case AsyncAction.PrintMap map:
                    PrintMap(map.Map, map.Top, map.Divisor);
                    break;
                case AsyncAction.PrintMapElement element:
                    PrintElement(element.Map, payload);
                    break;
                case AsyncAction.Clear clear:
                    _runtime.Contents(clear.Map).Clear();
                    break;
                case AsyncAction.Zero zero:
                    _runtime.Contents(zero.Map).Zero();
                    break;
                case AsyncAction.Exit:
                    IsFinished = true;
                    _runtime.Exit(payload.Length > 0 ? payload[0] : 0);
                    break;
                case AsyncAction.Time time:
                    _text.Clear();
                    if (Output.Formatter.Context.Clock.WriteNow(_text, time.Format)) Output.Time(_text.Written);
                    else Output.RunError("strftime returned zero");
                    break;
                case AsyncAction.Join join:
                    Join(join, payload);
                    break;
                case AsyncAction.HelperError error:
                    Output.HelperError(error.Helper, payload.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(payload) : 0, action.Span, action.ExpandedFrom, error.Map >= 0 ? _script.Maps[error.Map] : null);
                    break;
                case AsyncAction.RuntimeError error:
                    Output.RuntimeError(error.Message, action.Span, action.ExpandedFrom);
                    break;
                case AsyncAction.PacketOutput packet:
                    _packets.Write(packet.Path, payload);
                    break;
                case AsyncAction.TestResult:
                    _runtime.TestResult(payload.Length > 0 && payload[0] != 0);
                    break;
                default:
                    throw new UnreachableException(action.GetType().Name);
            }
        }
        catch (Exception e) when (e is BpfSyscallException or IOException or UnauthorizedAccessException)
        {
            Output.RunError(e.Message);
        }
    }

    private void Print(AsyncAction.Print print, PrintfPlan plan, ReadOnlySpan<byte> payload)
    {
        switch (print.Kind)
        {
            case PrintKind.Errorf:
                Output.Message(ScriptSeverity.Error, print.Span, print.ExpandedFrom, Made(plan, payload));
                break;
            case PrintKind.Warnf:
                Output.Message(ScriptSeverity.Warning, print.Span, print.ExpandedFrom, Made(plan, payload));
                break;
            case PrintKind.Cat:
                CatFile(Made(plan, payload));
                break;
            case PrintKind.System:
                if (_runtime.IsUnsafeAllowed) RunCommand(Made(plan, payload));
                else Output.RunError("syscall() not allowed in safe mode. Use '--unsafe'. (Operation not permitted)");
                break;
            default:
                Output.Printf(plan, payload);
                break;
        }
    }

    private string Made(PrintfPlan plan, ReadOnlySpan<byte> payload)
    {
        _text.Clear();
        Plain.ForgetProcesses();
        plan.Write(_text, payload, Plain);
        return _text.ToString();
    }

    private void PrintElement(int map, ReadOnlySpan<byte> payload)
    {
        var shape = _script.Maps[map];
        // A record that is shorter than the key asks for one that ends in zeros.
        var key = new byte[KeySize(shape)];
        payload[..Math.Min(key.Length, payload.Length)].CopyTo(key);
        var value = _runtime.Contents(map).Find(key) ?? new byte[shape.Value.Size];
        MapSnapshot one = new(key.Length, shape.Value.Size, Math.Max(1, value.Length / Math.Max(1, shape.Value.Size)));
        one.Add(key, value, shape.Value.Size);
        Output.MapValue(new(shape, one), 0);
    }

    private void Join(AsyncAction.Join join, ReadOnlySpan<byte> payload)
    {
        _text.Clear();
        var separator = ScriptBytes.Of(join.Separator);
        for (int i = 0; i < join.Payload.Elements.Count; i++)
        {
            var text = UntrustedText.CString(ValueFormatter.Slice(payload, join.Payload.Offset(i), join.Payload.Elements[i].Size));
            if (text.IsEmpty) break;
            if (i > 0) _text.Bytes(separator);
            _text.Bytes(text);
        }
        Output.Join(_text.Written);
    }

    private void CatFile(string path)
    {
        var content = new byte[_script.Config.MaxCatBytes];
        int length = 0;
        try
        {
            // As a stream: files of /proc have no length and no places.
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            while (length < content.Length && file.Read(content, length, content.Length - length) is > 0 and var n) length += n;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string reason = e is FileNotFoundException or DirectoryNotFoundException ? "No such file or directory" : e is UnauthorizedAccessException ? "Permission denied" : e.Message;
            Output.RunError($"failed to open file '{path}' ({reason})");
            return;
        }
        Output.Cat(content.AsSpan(0, length));
    }

    private void RunCommand(string command)
    {
        // Its own output may not come in front of what the script printed before.
        Output.Sink.Flush();
        ProcessStartInfo start = new("sh") { RedirectStandardOutput = true, UseShellExecute = false };
        // One stream for both, in the order they were written.
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec 2>&1\n" + command);
        try
        {
            using var process = Process.Start(start)!;
            using MemoryStream output = new();
            process.StandardOutput.BaseStream.CopyTo(output);
            process.WaitForExit();
            // Unlike bpftrace we also show what a command printed that failed.
            if (process.ExitCode == 0 || output.Length > 0) Output.System(output.GetBuffer().AsSpan(0, (int)output.Length));
            if (process.ExitCode != 0) Output.RunError($"command exited with code {process.ExitCode}");
        }
        catch (global::System.ComponentModel.Win32Exception e)
        {
            Output.RunError($"failed to run a shell ({e.Message})");
        }
    }
}
