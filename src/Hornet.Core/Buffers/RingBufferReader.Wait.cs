using Hornet.Interop;

namespace Hornet.Buffers;

public sealed partial class RingBufferReader
{
    private readonly Lock _wakeGate = new();
    private int _waiting;

    // As many times is looked for records in vain before the reader sleeps.
    private const int LooksBeforeSleep = 2;

    private bool _flushed;

    /// <summary>Waits until a record is there.</summary>
    /// <param name="timeout">How long; zero to look only, <see cref="Timeout.InfiniteTimeSpan"/> without end.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>True when there is a record; false when time is up, or after <see cref="Flush"/> when there is none.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The reader was disposed, before or during the wait.</exception>
    public bool Wait(TimeSpan timeout, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_options.Wakeup is RingBufferWakeup.PerEvent or RingBufferWakeup.Adaptive && HasRecord()) return true;
            if (_draining) throw new InvalidOperationException("A handler must not wait for the ring it is called from.");
            _waiting++;
        }
        try
        {
            using var registration = cancellation.CanBeCanceled ? cancellation.UnsafeRegister(static self => ((RingBufferReader)self!).Wake(), this) : default;
            bool ready = WaitForRecord(timeout, cancellation);
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!ready) cancellation.ThrowIfCancellationRequested();
            return ready;
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

    /// <summary>Waits for records and hands all that are there to a handler.</summary>
    /// <inheritdoc cref="Wait"/>
    /// <returns>How many records were taken; 0 when time is up.</returns>
    public int Poll<THandler>(ref THandler handler, TimeSpan timeout, CancellationToken cancellation = default) where THandler : struct, IRecordHandler, allows ref struct =>
        Wait(timeout, cancellation) ? Drain(ref handler) : 0;

    /// <summary>Waits for records and hands all that are there to a callback.</summary>
    /// <inheritdoc cref="Wait"/>
    /// <returns>How many records were taken; 0 when time is up.</returns>
    public int Poll(RecordCallback callback, TimeSpan timeout, CancellationToken cancellation = default) =>
        Wait(timeout, cancellation) ? Drain(callback) : 0;

    /// <summary>Waits for records and hands all that are there to a callback, by their type.</summary>
    /// <inheritdoc cref="Wait"/>
    /// <returns>How many records were taken; 0 when time is up.</returns>
    public int Poll<T>(RecordCallback<T> callback, TimeSpan timeout, CancellationToken cancellation = default) where T : unmanaged =>
        Wait(timeout, cancellation) ? Drain(callback) : 0;

    /// <summary>
    /// Ends the wait under way (or the next), so that its thread drains what was submitted without a wake-up.
    /// </summary>
    public void Flush()
    {
        Volatile.Write(ref _flushed, true);
        Wake();
    }

    private void Wake()
    {
        lock (_wakeGate)
        {
            if (!_released) _epoll.Wake();
        }
    }

    private bool WaitForRecord(TimeSpan timeout, CancellationToken cancellation)
    {
        bool forever = timeout == Timeout.InfiniteTimeSpan;
        long end = forever ? long.MaxValue : Environment.TickCount64 + (long)Math.Ceiling(timeout.TotalMilliseconds);
        var spinner = new SpinWait();
        int looks = 0;
        while (true)
        {
            long left = forever ? int.MaxValue : Math.Clamp(end - Environment.TickCount64, 0, int.MaxValue);
            bool asleep = _options.Wakeup == RingBufferWakeup.WhenAsleep && looks++ >= LooksBeforeSleep && TryFallAsleep();
            int wait = _options.Wakeup switch
            {
                RingBufferWakeup.PerEvent => forever ? -1 : (int)left,
                // A ring that fills faster than the interval is drained at once.
                RingBufferWakeup.Timed or RingBufferWakeup.WhenAsleep when IsFilling() => 0,
                RingBufferWakeup.WhenAsleep when asleep => forever ? -1 : (int)left,
                _ => (int)Math.Min(left, _interval),
            };
            if (_disposed || cancellation.IsCancellationRequested) return false;
            var result = _epoll.Wait(wait);
            if (asleep) _options.SleepFlag!.Clear();
            if (result == Epoll.WaitResult.Woken && Interlocked.Exchange(ref _flushed, false)) return HasRecord();
            if (_disposed || cancellation.IsCancellationRequested) return false;
            if (HasRecord()) return true;
            if (!forever && Environment.TickCount64 >= end) return false;
            // The oldest record is reserved and not yet submitted: epoll says readable all the same. Its program runs at
            // this moment, or was preempted on this CPU, so give way instead of asking again and again.
            if (result == Epoll.WaitResult.Ready) spinner.SpinOnce(sleep1Threshold: 20);
        }
    }

    // False when something is on its way: what was reserved before programs could see that the reader sleeps may wake nobody.
    private bool TryFallAsleep()
    {
        _options.SleepFlag!.Set();
        foreach (var ring in _rings)
        {
            if (ring.State == RingBufferMemory.Head.Empty) continue;
            _options.SleepFlag.Clear();
            return false;
        }
        return true;
    }

    private bool HasRecord()
    {
        foreach (var ring in _rings)
        {
            if (ring.State == RingBufferMemory.Head.Ready) return true;
        }
        return false;
    }

    private bool IsFilling()
    {
        foreach (var ring in _rings)
        {
            if (ring.Available > ring.Size / 4) return true;
        }
        return false;
    }
}
