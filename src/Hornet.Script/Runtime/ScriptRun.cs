using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Hornet.Buffers;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;
using Hornet.Script.Probes;

namespace Hornet.Script.Runtime;

/// <summary>
/// A script from loading to its last map: begin probes, attaching, records as they come, and when somebody ends it (the script, a
/// signal, the process it is about), detaching, end probes, what is left in the buffer, maps.
/// </summary>
/// <remarks>Nothing here waits for a time: the thread sleeps until a record, a signal or the end of a process wakes it.</remarks>
internal sealed partial class ScriptRun : IDisposable
{
    /// <summary>What a run returns when it could not load or attach.</summary>
    public const int Failed = 255;

    private readonly CompiledScript _script;
    private readonly RunOptions _options;
    private readonly IScriptSink _sink;
    private readonly RunLog _log;
    private readonly List<RunningProgram> _programs = [];
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly Lock _gate = new();
    private LoadedObject? _loaded;
    private RingBufferSleepFlag? _sleepFlag;
    private RingBufferReader? _events, _control;
    private LossCounter? _loss;
    private ProbeAttacher? _attacher;
    private bool _isFinal, _walks, _walkEnded;
    private UnwindTables? _unwinding;
    private volatile bool _wantsEnd, _processEnded;
    private int _userSignals;

    public ScriptRun(CompiledScript script, RunOptions options, IScriptSink sink, RunLog log)
    {
        (_script, _options, _sink, _log) = (script, options, sink, log);
        Requests = new RunRequests(Wake);
    }

    /// <summary>The object in the kernel, once it is loaded: the sink reads its maps.</summary>
    public event Action<LoadedObject>? Loaded;

    /// <summary>What other threads want done while probes are attached, between two records.</summary>
    public RunRequests Requests { get; }

    /// <summary>Runs it. The result is the exit status.</summary>
    public int Run()
    {
        Listen();
        var programs = Filter();
        int count = 0;
        foreach (var program in programs)
        {
            foreach (var target in program.Targets) count += target.Count;
        }
        if (count == 0)
        {
            if (!_options.IsQuiet) Standard("No probes to attach\n");
            return 1;
        }
        if (count > _script.Config.MaxProbes)
        {
            _log.Error($"Can't attach to {count} probes because it exceeds the current limit of {_script.Config.MaxProbes} probes.\nYou can increase the limit through the BPFTRACE_MAX_PROBES environment variable, but BE CAREFUL since a high number of probes attached can cause your system to crash.");
            return 1;
        }
        if (!NativeProcess.RaiseOpenFiles((ulong)(count * 3 + _script.Maps.Count + 50))) _log.Warning("couldn't set RLIMIT_NOFILE. If your program is not loading, you can try increasing \"ulimit -n\" to fix the problem");
        bool needsMappings = _options.Mode == RunMode.Normal && programs.Any(p => p.Targets.Any(t => t.Type == ProbeType.Usdt));
        if (needsMappings) _options.Child?.StopAtBeginning();
        if (!Load(programs)) return Failed;
        Loaded?.Invoke(_loaded!);
        _unwinding = UnwindTables.Of(_loaded!, _options.DebugFolders);
        Open();
        WriteBegan();

        int self = 0, result = 0;
        foreach (var (script, program) in OfType(ProbeType.Begin))
        {
            foreach (var _ in script.Targets)
            {
                if (!RunOnce(program)) return Failed;
                self++;
            }
        }
        self += OfType(ProbeType.End).Sum(p => p.Script.Targets.Count);
        if (_options.Mode != RunMode.Normal)
        {
            result = _options.Mode == RunMode.Test ? RunTests(ref self) : RunBenchmarks(ref self);
            if (result == Failed) return Failed;
        }
        else
        {
            // Before the first probe fires; the child's libraries are there once it has run to its beginning.
            foreach (int process in _options.UnwoundProcesses.Concat(_options.Process is { } only ? [only] : [])) UpdateUnwinding(process);
            _attacher = new ProbeAttacher(new AttachOptions { Process = _options.Child?.Id ?? _options.Process, MissingProbes = _script.Config.MissingProbes }, _log);
            if (!_attacher.Attach(_programs, () => _wantsEnd)) return Failed;
            if (_options.IsDryRun) return result;
            if (_unwinding is not null && _options.Child is { } unwound)
            {
                unwound.RunToEntry();
                UpdateUnwinding(unwound.Id);
            }
            _options.Child?.Start();
        }
        int signals = _options.Mode == RunMode.Normal ? OfType(ProbeType.Self).Sum(p => p.Script.Targets.Count) : 0, attached = _attacher?.Count ?? 0;
        if (self + signals + attached == 0)
        {
            _log.Error(Declares(ProbeType.Test) ? "No probes attached; use --test to run test probes."
                : Declares(ProbeType.Bench) ? "No probes attached; use --bench to run benchmark probes."
                : "Attachment failed for all probes.");
            return Failed;
        }
        if (!_options.IsQuiet && _options.Mode == RunMode.Normal) _sink.Attached(self + signals + attached);
        if (Environment.GetEnvironmentVariable("__BPFTRACE_NOTIFY_PROBES_ATTACHED") is not null)
        {
            _sink.Flush();
            Standard("__BPFTRACE_NOTIFY_PROBES_ATTACHED\n");
        }
        ServiceManager.Notify("READY=1\nSTATUS=Processing events...", _log);
        WatchProcesses();
        // A finished walk, or begin and end alone: there is nothing to wait for.
        if (_attacher?.Iterator is { } iterator) Read(iterator.Link, iterator.Target);
        else if (signals > 0 || attached > 0) Loop();
        Requests.End();
        Drain();
        ServiceManager.Notify("STOPPING=1\nSTATUS=Shutting down...", _log);

        _attacher?.Dispose();
        if (_options.Child is { IsRunning: true } child) child.Dispose();
        (_isFinal, _wantsEnd) = (false, false);
        foreach (var (script, program) in OfType(ProbeType.End))
        {
            foreach (var _ in script.Targets)
            {
                if (!RunOnce(program)) return Failed;
            }
        }
        Drain();
        if (_loss?.Total is > 0 and var total) _log.Warning($"Total lost event count: {total}");
        TellRefused();
        _sink.End();
        if (_options.Mode == RunMode.Normal && _script.Config.PrintMapsOnExit) _sink.PrintMaps();
        _sink.Flush();
        return result != 0 ? result : _sink.ExitCode;
    }

    public void Dispose()
    {
        Requests.End();
        _attacher?.Dispose();
        foreach (var signal in _signals) signal.Dispose();
        lock (_gate)
        {
            _events?.Dispose();
            _events = null;
        }
        _control?.Dispose();
        _unwinding?.Dispose();
        _loaded?.Dispose();
        _sleepFlag?.Dispose();
    }

    private List<RunningProgram> OfType(ProbeType type) => _programs.FindAll(p => p.Script.Targets is [{ } first, ..] && first.Type == type);

    private bool Declares(ProbeType type) => _script.Programs.Any(p => p.Targets.Any(t => t.Type == type));

    // What the filter leaves; begin, end and signals always run.
    private List<ScriptProgram> Filter()
    {
        if (_options.ProbeFilter is not { } filter) return [.. _script.Programs];
        List<ScriptProgram> kept = [];
        foreach (var program in _script.Programs)
        {
            // A target's position is its cookie, so places are left out only from the whole.
            bool isOwn = program.Targets is [{ Type: ProbeType.Begin or ProbeType.End or ProbeType.Self }, ..];
            if (isOwn || program.Targets.All(t => filter.IsMatch(t.FullName))) kept.Add(program);
            else if (!program.UsesCookie && program.Targets.Any(t => filter.IsMatch(t.FullName))) kept.Add(program with { Targets = [.. program.Targets.Where(t => filter.IsMatch(t.FullName))] });
            else if (program.Targets.FirstOrDefault(t => filter.IsMatch(t.FullName)) is not null) kept.Add(program);
        }
        return kept;
    }

    private bool Load(List<ScriptProgram> programs)
    {
        var spec = _script.Compilation.Object;
        var wanted = programs.ToDictionary(p => p.ProgramName, StringComparer.Ordinal);
        Dictionary<string, BpfProgram> probed = [];
        Dictionary<string, BpfMap> replacements = [];
        try
        {
            foreach (var program in spec.Programs)
            {
                var script = wanted.GetValueOrDefault(program.Name);
                // Tests only run as tests, and nothing else does then.
                bool isRun = script is not null && (script.Targets[0].Type switch
                {
                    ProbeType.Test => _options.Mode == RunMode.Test,
                    ProbeType.Bench => _options.Mode == RunMode.Bench,
                    ProbeType.Begin or ProbeType.End => true,
                    _ => _options.Mode == RunMode.Normal,
                });
                // What imported maps lead to (tail calls) is loaded for them; an imported object's other programs are nobody's.
                program.AutoLoad = isRun || IsInMap(spec, program.Name);
                if (script?.Targets[0].AttachTo is { } place && string.IsNullOrEmpty(program.AttachTo)) program.AttachTo = place;
                if (isRun && script!.Targets[0] is FentryTarget { ProgramId: { } id }) probed.Add(program.Name, BpfProgram.OpenById(id));
            }
            if (spec.Maps.Any(m => m.Name == CompiledScript.AsleepMap))
            {
                _sleepFlag = RingBufferSleepFlag.Create(CompiledScript.AsleepMap);
                replacements.Add(CompiledScript.AsleepMap, _sleepFlag.Map);
            }
            _loaded = _script.Compilation.Load(new LoadOptions
            {
                TargetPrograms = probed,
                MapReplacements = replacements,
                LogLevel = _options.VerifierLog is null ? VerifierLogLevel.None : VerifierLogLevel.Paths | VerifierLogLevel.Statistics,
            });
        }
        catch (BpfException e)
        {
            var verifier = e as VerifierException;
            if (verifier is not null && HelperRefusal.Explain(verifier, spec.Programs.FirstOrDefault(p => p.Name == verifier.Program)?.Instructions ?? [], _script.Places) is { } diagnostic) _log.Report(diagnostic);
            else _log.Error(e.Message);
            if (verifier is not null) _log.Verbose(verifier.Log);
            return false;
        }
        finally
        {
            foreach (var program in probed.Values) program.Dispose();
        }
        foreach (var script in programs)
        {
            if (_loaded.Programs.TryGetValue(script.ProgramName, out var program)) _programs.Add(new RunningProgram(script, program));
        }
        if (_options.VerifierLog is { } show)
        {
            foreach (var (script, program) in _programs) show(script.Targets[0].FullName, program.VerifierLog);
        }
        return true;
    }

    private static bool IsInMap(BpfObject spec, string program) => spec.Maps.Any(m => m.Contents.Any(c => c.Value is string name && name == program));

    private void Open()
    {
        _handle = Handle;
        _unwinds = _script.Actions.Any(a => a is AsyncAction.UnwindRequest);
        if (!_loaded!.Maps.TryGetValue(CompiledScript.EventsMap, out var events)) return;
        _loss = _loaded.Maps.TryGetValue(CompiledScript.LostMap, out var lost) ? new LossCounter(lost) : null;
        _events = new RingBufferReader(events, new RingBufferOptions
        {
            Wakeup = _sleepFlag is null ? RingBufferWakeup.PerEvent : RingBufferWakeup.WhenAsleep,
            SleepFlag = _sleepFlag,
            Loss = _loss,
        });
        if (_loaded.Maps.TryGetValue(CompiledScript.ControlMap, out var control)) _control = new RingBufferReader(control);
    }

    // Elapsed time counts from here, not from compiling.
    private void WriteBegan()
    {
        if (!_loaded!.Maps.TryGetValue(CompiledScript.BeganMap, out var map) || map.KeySize != sizeof(uint) || map.ValueSize != sizeof(ulong)) return;
        Span<byte> key = stackalloc byte[sizeof(uint)], value = stackalloc byte[sizeof(ulong)];
        key.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(value, System.Diagnostics.Stopwatch.GetTimestamp());
        map.TryUpdate(key, value, MapUpdateFlags.Any);
    }

    private void UpdateUnwinding(int process)
    {
        if (_unwinding?.Update(process) is { } problem) _log.Warning($"dw_ustack: stacks of process {process} may end early: {problem}");
    }

    private bool RunOnce(BpfProgram program)
    {
        try
        {
            program.TestRun(new TestRunOptions());
            return true;
        }
        catch (BpfException e)
        {
            _log.Error(e.Message);
            return false;
        }
    }

    private void Listen()
    {
        // A shell lets what it starts in the background ignore SIGINT, and .NET respects that; whoever sends one to a trace means it.
        NativeProcess.ListenTo(NativeProcess.SigInt);
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                _wantsEnd = true;
                Wake();
            }));
        }
        _signals.Add(PosixSignalRegistration.Create((PosixSignal)NativeProcess.SigUsr1, context =>
        {
            context.Cancel = true;
            Interlocked.Increment(ref _userSignals);
            Wake();
        }));
    }

    private void Wake()
    {
        lock (_gate) _events?.Flush();
    }

    private static void Standard(string text)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }
}
