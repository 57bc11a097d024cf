using System.Buffers.Binary;
using Hornet.Buffers;
using Hornet.Links;
using Hornet.Script.Probes;

namespace Hornet.Script.Runtime;

// While probes are attached.
internal sealed partial class ScriptRun
{
    // How many records are worked on between two looks at the clock, and how many milliseconds a line waits for those behind it at
    // most: where names of frames must be found, a record can take long.
    private const int RecordsPerLook = 32, LongestWait = 5;

    private RecordCallback? _handle;
    private bool _unwinds;
    private uint _handled;
    private long _flushed;

    private void Loop()
    {
        while (true)
        {
            // Once: what comes meanwhile is there after the wait, together.
            DrainOnce();
            Requests.Work();
            // A run that nobody can read any more ends, as one that a signal for a broken pipe ends does.
            if (_sink.IsClosed && !_isFinal) Finish();
            if (_isFinal || _wantsEnd) return;
            if (Interlocked.Exchange(ref _userSignals, 0) > 0)
            {
                foreach (var (script, program) in OfType(ProbeType.Self))
                {
                    foreach (var _ in script.Targets) RunOnce(program);
                }
                continue;
            }
            // What it did last is in the buffer already: its last event came before its end.
            if (_processEnded) return;
            if (_events is null)
            {
                Thread.Sleep(Timeout.Infinite);
                return;
            }
            _events.Wait(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Shows what is in the buffers. What comes behind an exit is no longer shown, nor what comes behind a signal.</summary>
    private void Drain()
    {
        while (DrainOnce() > 0)
        {
        }
    }

    // Lines are written together, at the end at the latest.
    private int DrainOnce()
    {
        _flushed = Environment.TickCount64;
        _sink.IsBatching = true;
        try
        {
            int read = _events?.Drain(_handle!) ?? 0;
            read += _control?.Drain(_handle!) ?? 0;
            if (_loss?.TakeDelta() is > 0 and var lost) _sink.Lost(lost);
            return read;
        }
        finally
        {
            _sink.IsBatching = false;
            _sink.Flush();
        }
    }

    private void Handle(ReadOnlySpan<byte> record)
    {
        if (_isFinal) return;
        if (_wantsEnd)
        {
            Finish();
            return;
        }
        if ((_walkEnded || _unwinds) && !IsForSink(record)) return;
        _sink.Handle(record);
        if (++_handled % RecordsPerLook == 0 && Environment.TickCount64 is var now && now - _flushed >= LongestWait)
        {
            _sink.Flush();
            _flushed = now;
        }
        if (!_sink.WantsExit) return;
        if (_walks) (_walkEnded, _sink.WantsExit) = (true, false);
        else Finish();
    }

    private bool IsForSink(ReadOnlySpan<byte> record)
    {
        var action = record.Length >= 8 && BinaryPrimitives.ReadUInt32LittleEndian(record) is var number && number < _script.Actions.Count ? _script.Actions[(int)number] : null;
        // A walk goes to its end, and prints to its end; all else is over with the exit.
        if (_walkEnded && action is not AsyncAction.Print { Kind: PrintKind.Printf }) return false;
        if (action is not AsyncAction.UnwindRequest) return true;
        UpdateUnwinding(BinaryPrimitives.ReadInt32LittleEndian(record[8..]));
        return false;
    }

    // The first update that a map refused was told with its place; here is how many they were.
    private void TellRefused()
    {
        if (!_loaded!.Maps.TryGetValue(CompiledScript.RefusedMap, out var map)) return;
        Span<byte> key = stackalloc byte[sizeof(uint)];
        key.Clear();
        byte[] counts = new byte[map.ValueBufferSize];
        if (!map.TryLookup(key, counts)) return;
        for (int i = 0; i < _script.Maps.Count; i++)
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(counts.AsSpan(i * sizeof(ulong))) is > 1 and var count) _log.Warning($"{_script.Maps[i].Name} refused {count} updates in all.");
        }
    }

    // Detached at once, so that the buffer cannot fill faster than it is thrown away.
    private void Finish()
    {
        _isFinal = true;
        _sink.WantsExit = false;
        // Detaching takes its time.
        _sink.Flush();
        _attacher?.Dispose();
        if (_options.Child is { IsRunning: true } child && _options.Mode == RunMode.Normal) child.Dispose();
    }

    private void WatchProcesses()
    {
        if (_options.Mode != RunMode.Normal) return;
        foreach (int? watched in (int?[])[_options.Process, _options.Child?.Id])
        {
            if (watched is not { } process) continue;
            int descriptor = NativeProcess.OpenPidFd(process);
            if (descriptor < 0)
            {
                _processEnded = true;
                continue;
            }
            new Thread(() =>
            {
                NativeProcess.Poll(descriptor, -1);
                _ = NativeProcess.Close(descriptor);
                _processEnded = true;
                Wake();
            })
            { IsBackground = true, Name = "process watch" }.Start();
        }
    }

    private void Read(IteratorLink link, IterTarget target)
    {
        if (target.Point.Pin is { Length: > 0 } pin)
        {
            string path = pin.StartsWith('/') ? pin : "/sys/fs/bpf/" + pin;
            try
            {
                link.Pin(path);
                Standard($"Program pinned to {path}\n");
            }
            catch (BpfException e)
            {
                _log.Error($"Failed to pin iter probe link: {e.Message}");
            }
            return;
        }
        using var walk = link.OpenRead();
        using var output = Console.OpenStandardOutput();
        byte[] buffer = new byte[1 << 16];
        // Records fill while the kernel walks, and the walk pauses after every piece that is read.
        _walks = true;
        for (int length; !_wantsEnd && (length = walk.Read(buffer)) > 0; Drain()) output.Write(buffer, 0, length);
        Drain();
        (_walks, _walkEnded) = (false, false);
    }
}
