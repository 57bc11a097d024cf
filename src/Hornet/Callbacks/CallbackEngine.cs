using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Hornet.Buffers;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet;

/// <summary>
/// What all callbacks of a session share: one ring buffer, one counter of losses, one map for calls between entry and
/// return, and one thread, on which every callback runs.
/// </summary>
internal sealed partial class CallbackEngine : IDisposable
{
    // Calls that are under way at one time, in the whole system: a thread is in one.
    private const uint MostPending = 16 * 1024;

    private readonly BpfMap _ring, _pending;
    private readonly LossCounter _loss;
    private readonly RingBufferSleepFlag _asleep;
    private readonly RingBufferReader _reader;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<int> _threadId = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly Action<ProbeCallbackFailure> _failed;
    private ProbeGroup?[] _groups = new ProbeGroup?[16];
    private int _groupCount;
    private readonly List<BpfProgram> _programs = [];
    private long _failures, _missedBefore;

    public CallbackEngine(int bufferSize, Action<ProbeCallbackFailure> failed)
    {
        _failed = failed;
        List<IDisposable> made = [];
        try
        {
            made.Add(_ring = BpfMap.Create(new MapSpec { Name = "hornet_events", Type = MapType.RingBuf, MaxEntries = (uint)bufferSize }));
            made.Add(_pending = BpfMap.Create(new MapSpec { Name = "hornet_pending", Type = MapType.Hash, KeySize = 8, ValueSize = CaptureCode.KeptSize, MaxEntries = MostPending }));
            made.Add(_loss = LossCounter.Create("hornet_lost"));
            made.Add(_asleep = RingBufferSleepFlag.Create("hornet_asleep"));
            made.Add(_reader = new RingBufferReader(_ring, new RingBufferOptions { Loss = _loss, Wakeup = RingBufferWakeup.WhenAsleep, SleepFlag = _asleep }));
        }
        catch
        {
            for (int i = made.Count - 1; i >= 0; i--) made[i].Dispose();
            throw;
        }
        _thread = new Thread(Run) { IsBackground = true, Name = "hornet events" };
        _thread.Start();
        ReaderThread = _threadId.Task.Result;
    }

    /// <summary>The kernel's number of the thread that runs the callbacks. Its own events are left out.</summary>
    public int ReaderThread { get; }

    public long Delivered => _reader.Delivered;

    public long Lost => _loss.Total;

    /// <summary>How often the kernel left out a program of ours, since it was running already on that CPU.</summary>
    public long Missed
    {
        get
        {
            lock (_gate)
            {
                long missed = _missedBefore;
                foreach (var program in _programs) missed += MissesOf(program);
                return missed;
            }
        }
    }

    public long Failures => Interlocked.Read(ref _failures);

    public int AddGroup(Func<int, ProbeGroup> make)
    {
        lock (_gate)
        {
            int number = _groupCount++;
            if (number == _groups.Length)
            {
                var larger = new ProbeGroup?[2 * number];
                _groups.CopyTo(larger, 0);
                Volatile.Write(ref _groups, larger);
            }
            Volatile.Write(ref _groups[number], make(number));
            return number;
        }
    }

    public void RemoveGroup(int number)
    {
        lock (_gate) Volatile.Write(ref _groups[number], null);
    }

    public BpfProgram Load(string name, ProgramType type, Isa.Instruction[] code, ProgramLoadOptions? options = null, AttachType attachType = default, IReadOnlyDictionary<string, BpfMap>? stageMaps = null, params ReadOnlySpan<(string, BpfMap)> maps)
    {
        Dictionary<string, BpfMap> all = new(StringComparer.Ordinal) { [CaptureCode.Events] = _ring, [CaptureCode.Lost] = _loss.Map, [CaptureCode.Asleep] = _asleep.Map, [CaptureCode.Pending] = _pending };
        foreach (var (map, live) in maps) all[map] = live;
        foreach (var (map, live) in stageMaps ?? KernelStages.None.Maps) all[map] = live;
        ProgramSpec spec = new() { Name = name, Type = type, AttachType = attachType, Instructions = code };
        var program = BpfProgram.Load(spec, (options ?? ProgramLoadOptions.Default) with { Maps = all });
        lock (_gate) _programs.Add(program);
        return program;
    }

    /// <summary>Remembers what a program missed; before it is disposed.</summary>
    public void Retire(BpfProgram program)
    {
        lock (_gate)
        {
            if (_programs.Remove(program)) _missedBefore += MissesOf(program);
        }
    }

    private static long MissesOf(BpfProgram program) => (long)program.GetInfo().RecursionMisses;

    public void Dispose()
    {
        _stop.Cancel();
        // A callback may end the session it belongs to; its thread then ends after it.
        if (Thread.CurrentThread != _thread) _thread.Join();
        _reader.Dispose();
        _asleep.Dispose();
        _loss.Dispose();
        _pending.Dispose();
        _ring.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        _threadId.SetResult(GetThreadId());
        Handler handler = new(this);
        try
        {
            while (!_stop.IsCancellationRequested) _reader.Poll(ref handler, TimeSpan.FromSeconds(1), _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The session ends.
        }
    }

    private void Handle(ReadOnlySpan<byte> record)
    {
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(record);
        var groups = Volatile.Read(ref _groups);
        if (number >= groups.Length || Volatile.Read(ref groups[number]) is not { } group) return;
        try
        {
            group.Dispatch(record);
        }
        catch (Exception e)
        {
            // Whatever a callback throws, the other events go on.
            Interlocked.Increment(ref _failures);
            _failed(new ProbeCallbackFailure(group.Describe(record), e));
        }
    }

    private readonly struct Handler(CallbackEngine engine) : IRecordHandler
    {
        public bool Handle(ReadOnlySpan<byte> record)
        {
            engine.Handle(record);
            return !engine._stop.IsCancellationRequested;
        }
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
