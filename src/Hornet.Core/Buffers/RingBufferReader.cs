using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Buffers;

/// <summary>
/// Reads one or more BPF ring buffers (<c>BPF_MAP_TYPE_RINGBUF</c>, 5.8). Draining copies nothing and allocates nothing:
/// handlers, callbacks and leases see the kernel's own memory. One thread reads at a time; others wait their turn.
/// <list type="bullet">
/// <item><see cref="Drain{THandler}(ref THandler, int)"/> and its overloads take what is there and return;</item>
/// <item><see cref="Lease"/> is the same as a <c>foreach</c>;</item>
/// <item><see cref="Wait"/> waits for records; <see cref="Poll{THandler}(ref THandler, TimeSpan, CancellationToken)"/> waits and drains;</item>
/// <item><see cref="RunAsync(RecordCallback, CancellationToken)"/> reads on a thread of its own;</item>
/// <item><see cref="ReadAllAsync{T}(CancellationToken)"/> is the asynchronous stream.</item>
/// </list>
/// A ring that overwrites its oldest records (<see cref="MapFlags.RingBufferOverwrite"/>, 6.19) is read alike, but each record is
/// copied out before it is shown, since a program may take its room at any moment; a torn record is never delivered. What was
/// overwritten unread is in <see cref="OverwrittenBytes"/>, and with <see cref="RingBufferOptions.Produced"/> counted in
/// <see cref="Lost"/>.
/// </summary>
public sealed partial class RingBufferReader : IDisposable
{
    private readonly RingBufferMemory[] _rings;
    private readonly RingBufferOptions _options;
    private readonly int _interval;
    private readonly Epoll _epoll;
    private readonly Lock _gate = new();
    private readonly long _producedBefore;
    private readonly long _waitingBefore;
    private bool _draining;
    private volatile bool _disposed;
    private bool _released;

    /// <summary>Reads a ring buffer.</summary>
    /// <param name="map">The ring buffer's map, which stays the caller's and must stay open.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <exception cref="BpfException">The map is another kind, or its memory cannot be mapped.</exception>
    public RingBufferReader(BpfMap map, RingBufferOptions? options = null) : this([map], options)
    {
    }

    /// <summary>Reads several ring buffers with one wait.</summary>
    /// <inheritdoc cref="RingBufferReader(BpfMap, RingBufferOptions?)"/>
    /// <param name="maps">The ring buffers' maps; the order is the order of draining.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    public RingBufferReader(IReadOnlyList<BpfMap> maps, RingBufferOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(maps);
        if (maps.Count == 0) throw new ArgumentException("A ring buffer reader needs at least one ring buffer.", nameof(maps));
        _options = options ?? new();
        if (_options.Wakeup == RingBufferWakeup.WhenAsleep != _options.SleepFlag is not null)
            throw new ArgumentException("RingBufferWakeup.WhenAsleep and RingBufferOptions.SleepFlag go together.", nameof(options));
        _interval = (int)Math.Clamp(_options.Interval.TotalMilliseconds, 1, 60_000);
        List<RingBufferMemory> rings = [];
        Epoll? epoll = null;
        try
        {
            epoll = new Epoll();
            foreach (var map in maps)
            {
                if (map.Type != MapType.RingBuf) throw new BpfException($"A ring buffer reader cannot read the {map}.");
                rings.Add(new RingBufferMemory(map));
                if (_options.Wakeup != RingBufferWakeup.Timed) epoll.Add(map.Descriptor);
            }
        }
        catch
        {
            foreach (var ring in rings) ring.Dispose();
            epoll?.Dispose();
            throw;
        }
        _rings = [.. rings];
        _epoll = epoll;
        if (_options.Produced is { } produced)
        {
            // What waits already is delivered by this reader, though it was produced before.
            _producedBefore = produced.Total;
            _waitingBefore = rings.Sum(ring => ring.CountWaiting());
        }
    }

    /// <summary>How many records have been delivered. During a drain or a lease, those whose room was given back.</summary>
    public long Delivered { get; private set; }

    /// <summary>
    /// How many records were lost since this reader was made: those that programs had no room for, as
    /// <see cref="RingBufferOptions.Loss"/> counts them, and those of <see cref="RingBufferOptions.Produced"/> that were
    /// overwritten. 0 when nobody counts.
    /// </summary>
    public long Lost
    {
        get
        {
            long refused = _options.Loss?.Total ?? 0;
            if (_options.Produced is not { } produced) return refused;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                // The counter before the ring: a record that comes between the two must not count as lost.
                long total = produced.Total - _producedBefore + _waitingBefore;
                long waiting = 0;
                foreach (var ring in _rings) waiting += ring.CountWaiting();
                return refused + Math.Max(0, total - Delivered - waiting);
            }
        }
    }

    /// <summary>
    /// Bytes of records, headers of 8 bytes included, that rings in overwriting mode took the room of before they were
    /// read, as far as reading has noticed; exact after each drain. 0 for other rings.
    /// </summary>
    public long OverwrittenBytes
    {
        get
        {
            lock (_gate) return _rings.Sum(ring => ring.OverwrittenBytes);
        }
    }

    /// <summary>Bytes waiting in all rings, record headers included.</summary>
    public long AvailableBytes
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                ulong sum = 0;
                foreach (var ring in _rings) sum += ring.Available;
                return (long)sum;
            }
        }
    }

    /// <summary>Bytes all rings hold.</summary>
    public long Size => _rings.Sum(ring => (long)ring.Size);

    /// <summary>
    /// Ends the reading: a wait under way returns, a drain under way finishes its record, and the memory is unmapped.
    /// May be called from inside a handler.
    /// </summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            lock (_wakeGate)
            {
                if (!_released) _epoll.Wake();
            }
        }
        lock (_gate)
        {
            // Inside a handler of this thread the ring is still being walked; the drain releases it on its way out.
            if (!_draining && _waiting == 0) Release();
        }
    }

    private void Release()
    {
        lock (_wakeGate)
        {
            if (_released) return;
            _released = true;
            foreach (var ring in _rings) ring.Dispose();
            _epoll.Dispose();
        }
    }
}
