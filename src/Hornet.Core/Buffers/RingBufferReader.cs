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
/// </summary>
public sealed partial class RingBufferReader : IDisposable
{
    private readonly RingBufferMemory[] _rings;
    private readonly RingBufferOptions _options;
    private readonly int _interval;
    private readonly Epoll _epoll;
    private readonly Lock _gate = new();
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
        _interval = (int)Math.Clamp(_options.Interval.TotalMilliseconds, 1, 60_000);
        List<RingBufferMemory> rings = [];
        Epoll? epoll = null;
        try
        {
            epoll = new Epoll();
            foreach (var map in maps)
            {
                if (map.Type != MapType.RingBuf) throw new BpfException($"A ring buffer reader cannot read the {map}.");
                if ((map.Flags & MapFlags.RingBufferOverwrite) != 0)
                    throw new BpfException($"The {map} overwrites its oldest records; a reader that takes them while they are written would deliver torn ones.");
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
    }

    /// <summary>How many records have been delivered. During a drain or a lease, those whose room was given back.</summary>
    public long Delivered { get; private set; }

    /// <summary>
    /// How many records programs had no room for since this reader was made, as <see cref="RingBufferOptions.Loss"/>
    /// counts them; 0 when nobody counts.
    /// </summary>
    public long Lost => _options.Loss?.Total ?? 0;

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
