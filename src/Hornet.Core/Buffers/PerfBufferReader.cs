using System.Numerics;
using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Maps;

namespace Hornet.Buffers;

/// <summary>
/// Reads what programs write with <c>bpf_perf_event_output</c> (4.4): one ring for each CPU, in a perf event array. The
/// kernel counts what has no room, and says so with the next record that has. On kernels with ring buffers (5.8) those
/// are the better choice: one order over all CPUs, and no copy.
/// </summary>
public sealed class PerfBufferReader : IDisposable
{
    private readonly BpfMap _map;
    private readonly List<PerfRing> _rings = [];
    private readonly Epoll _epoll;
    private readonly Lock _gate = new();
    private readonly bool _overwrite;
    private bool _draining;
    private int _waiting;
    private bool _released;
    private volatile bool _disposed;

    /// <summary>Opens a ring on every CPU that is online and puts it in the map.</summary>
    /// <param name="map">A perf event array, which stays the caller's and must stay open.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <exception cref="BpfException">The map is another kind, or the kernel refused.</exception>
    public PerfBufferReader(BpfMap map, PerfBufferOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        options ??= new();
        if (map.Type != MapType.PerfEventArray) throw new BpfException($"A perf buffer reader cannot read the {map}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WakeupEvents, 1, "options.WakeupEvents");
        ArgumentOutOfRangeException.ThrowIfNegative(options.WatermarkBytes, "options.WatermarkBytes");
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(options.BytesPerCpu, Environment.SystemPageSize, 1 << 30));
        _map = map;
        _overwrite = options.Overwrite;
        _epoll = new Epoll();
        try
        {
            foreach (int cpu in CpuList.Online)
            {
                if ((uint)cpu >= map.MaxEntries || PerfRing.Open(cpu, size, options) is not { } ring) continue;
                _rings.Add(ring);
                _epoll.Add(ring.Descriptor);
                map.Update(BitConverter.GetBytes(cpu), BitConverter.GetBytes(ring.Descriptor.Value));
            }
            if (_rings.Count == 0) throw new BpfException($"The {map} has no slot for any CPU that is online.");
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>How many records have been delivered.</summary>
    public long Delivered { get; private set; }

    /// <summary>How many records had no room, as far as the kernel has said.</summary>
    public long Lost { get; private set; }

    internal bool IsDisposed => _disposed;

    /// <summary>Hands every record that is there to a callback, CPU by CPU.</summary>
    /// <param name="callback">Takes the records. An exception it throws passes through; its record counts as taken.</param>
    /// <param name="lost">Hears of losses; they are counted in <see cref="Lost"/> all the same.</param>
    /// <returns>How many records were taken.</returns>
    /// <exception cref="InvalidOperationException">The buffer overwrites; use <see cref="ReadRecent"/>.</exception>
    public int Drain(PerfRecordCallback callback, PerfLostCallback? lost = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (_overwrite) throw new InvalidOperationException("A perf buffer that overwrites is read with ReadRecent.");
        lock (_gate)
        {
            Enter();
            try
            {
                long before = Delivered;
                foreach (var ring in _rings)
                {
                    if (!_disposed) ring.Drain(this, callback, lost);
                }
                return (int)(Delivered - before);
            }
            finally
            {
                Leave();
            }
        }
    }

    /// <summary>
    /// Hands over what a buffer that overwrites holds: CPU by CPU, each CPU's newest first. Its writing is paused
    /// meanwhile, and the records stay.
    /// </summary>
    /// <returns>How many records there are.</returns>
    /// <exception cref="InvalidOperationException">The buffer does not overwrite; use <see cref="Drain"/>.</exception>
    public int ReadRecent(PerfRecordCallback callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (!_overwrite) throw new InvalidOperationException("A perf buffer that does not overwrite is read with Drain.");
        lock (_gate)
        {
            Enter();
            try
            {
                return _rings.Sum(ring => ring.ReadRecent(callback));
            }
            finally
            {
                Leave();
            }
        }
    }

    /// <summary>Waits until a ring has as many records or bytes as the options ask for.</summary>
    /// <param name="timeout">How long; zero to look only, <see cref="Timeout.InfiniteTimeSpan"/> without end.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>False when time is up.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The reader was disposed, before or during the wait.</exception>
    public bool Wait(TimeSpan timeout, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_draining) throw new InvalidOperationException("A callback must not wait for the buffer it is called from.");
            _waiting++;
        }
        try
        {
            using var registration = cancellation.CanBeCanceled ? cancellation.UnsafeRegister(static self => ((PerfBufferReader)self!)._epoll.Wake(), this) : default;
            int milliseconds = timeout == Timeout.InfiniteTimeSpan ? -1 : (int)Math.Min(int.MaxValue, Math.Ceiling(timeout.TotalMilliseconds));
            var result = _epoll.Wait(milliseconds);
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (result == Epoll.WaitResult.Woken) cancellation.ThrowIfCancellationRequested();
            return result == Epoll.WaitResult.Ready || _rings.Exists(ring => !_overwrite && ring.HasRecords);
        }
        finally
        {
            lock (_gate)
            {
                _waiting--;
                if (_disposed && _waiting == 0 && !_draining) Release();
            }
        }
    }

    /// <summary>Waits for records and hands all that are there to a callback.</summary>
    /// <returns>How many records were taken; 0 when time is up.</returns>
    public int Poll(PerfRecordCallback callback, TimeSpan timeout, PerfLostCallback? lost = null, CancellationToken cancellation = default) =>
        Wait(timeout, cancellation) ? Drain(callback, lost) : 0;

    /// <summary>
    /// Reads on a thread of its own until cancelled. What is in the rings at that moment is still delivered; then the task
    /// completes. An exception of the callback ends the reading and is the task's.
    /// </summary>
    /// <returns>The number of records delivered.</returns>
    public Task<long> RunAsync(PerfRecordCallback callback, PerfLostCallback? lost, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            long before = Delivered;
            try
            {
                while (!cancellation.IsCancellationRequested)
                {
                    try
                    {
                        Wait(Timeout.InfiniteTimeSpan, cancellation);
                    }
                    catch (OperationCanceledException)
                    {
                        break;
                    }
                    Drain(callback, lost);
                }
                Drain(callback, lost);
                done.SetResult(Delivered - before);
            }
            catch (ObjectDisposedException) when (_disposed)
            {
                done.SetResult(Delivered - before);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Name = "hornet perf" };
        thread.Start();
        return done.Task;
    }

    /// <summary>Stops programs from writing; what they try to write is lost, and counted by the kernel.</summary>
    public void Pause() => SetPaused(true);

    /// <summary>Lets programs write again.</summary>
    public void Resume() => SetPaused(false);

    /// <summary>Takes the rings out of the map and releases them. A wait under way ends. May be called from a callback.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _epoll.Wake();
            if (!_draining && _waiting == 0) Release();
        }
    }

    internal void CountDelivered() => Delivered++;

    internal void CountLost(long count) => Lost += count;

    private void SetPaused(bool paused)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (var ring in _rings)
            {
                if (!PerfEvent.TryPauseOutput(ring.Descriptor, paused))
                    throw new BpfSyscallException($"{(paused ? "pause" : "resume")} the perf buffer of CPU {ring.Cpu}", Libc.LastError);
            }
        }
    }

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_draining) throw new InvalidOperationException("A callback must not read the buffer it is called from.");
        _draining = true;
    }

    private void Leave()
    {
        _draining = false;
        if (_disposed && _waiting == 0) Release();
    }

    private void Release()
    {
        if (_released) return;
        _released = true;
        foreach (var ring in _rings)
        {
            int cpu = ring.Cpu;
            // The map may be closed already; the kernel removes the events with it.
            if (!_map.Descriptor.IsClosed) _ = _map.Remove(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in cpu)));
            ring.Dispose();
        }
        _epoll.Dispose();
    }
}
