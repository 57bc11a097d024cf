using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Buffers;

/// <summary>
/// The writing side of a user ring buffer (<c>BPF_MAP_TYPE_USER_RINGBUF</c>, 6.1): records from this process to programs,
/// which take them with <c>bpf_user_ringbuf_drain</c>. May be used from several threads.
/// </summary>
public sealed unsafe class UserRingBuffer : IDisposable
{
    private readonly nuint _page = (nuint)Environment.SystemPageSize;
    private readonly Lock _gate = new();
    private readonly bool _ownsMap;
    private readonly Epoll _epoll;
    private void* _consumerPage;
    private void* _producerPages;
    private int _reserved;
    private bool _disposed;

    /// <summary>Writes to a ring.</summary>
    /// <param name="map">The ring's map, which stays the caller's and must stay open.</param>
    /// <exception cref="BpfException">The map is another kind, or its memory cannot be mapped.</exception>
    public UserRingBuffer(BpfMap map) : this(map, ownsMap: false)
    {
    }

    private UserRingBuffer(BpfMap map, bool ownsMap)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.Type != MapType.UserRingBuf) throw new BpfException($"A user ring buffer cannot be a {map}.");
        Map = map;
        _ownsMap = ownsMap;
        Size = map.MaxEntries;
        _epoll = new Epoll();
        try
        {
            // The consumer's position is the kernel's: it refuses to map it writable.
            _consumerPage = MapPages(_page, Libc.PROT_READ, 0);
            _producerPages = MapPages(_page + 2 * (nuint)Size, Libc.PROT_READ | Libc.PROT_WRITE, (nint)_page);
            _epoll.Add(map.Descriptor, Epoll.EPOLLOUT);
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>Creates a ring.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="size">Bytes; rounded up to a power of two of pages.</param>
    public static UserRingBuffer Create(string name, uint size)
    {
        var map = BpfMap.Create(new() { Name = name, Type = MapType.UserRingBuf, MaxEntries = size });
        try
        {
            return new UserRingBuffer(map, ownsMap: true);
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>The ring's map.</summary>
    public BpfMap Map { get; }

    /// <summary>Bytes the ring holds, record headers of 8 bytes included.</summary>
    public long Size { get; }

    /// <summary>Bytes that programs have not taken yet, record headers included.</summary>
    public long PendingBytes
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return (long)(*Producer - Volatile.Read(ref *Consumer));
            }
        }
    }

    /// <summary>Reserves room for a record. Programs see nothing after it until it is submitted or discarded.</summary>
    /// <param name="size">Bytes.</param>
    /// <param name="record">The record; to be submitted, or disposed to discard it.</param>
    /// <returns>False when there is no room now.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The ring can never hold so large a record.</exception>
    public bool TryReserve(int size, out UserRingBufferRecord record)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        uint total = RingBufferMemory.Span((uint)size);
        if (total > Size) throw new ArgumentOutOfRangeException(nameof(size), $"The {Map} has {Size} bytes; a record of {size} takes {total}.");
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ulong producer = *Producer;
            ulong used = producer - Volatile.Read(ref *Consumer);
            if ((ulong)Size - used < total)
            {
                record = default;
                return false;
            }
            byte* header = Data + (producer & (ulong)(Size - 1));
            ((uint*)header)[0] = (uint)size | RingBufferMemory.Busy;
            ((uint*)header)[1] = 0;
            Volatile.Write(ref *Producer, producer + total);
            _reserved++;
            record = new UserRingBufferRecord(this, header, size);
            return true;
        }
    }

    /// <summary>Writes a record; false when there is no room now.</summary>
    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!TryReserve(bytes.Length, out var record)) return false;
        bytes.CopyTo(record.Data);
        record.Submit();
        return true;
    }

    /// <summary>Writes a record by its type; false when there is no room now.</summary>
    public bool TryWrite<T>(in T value) where T : unmanaged => TryWrite(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Writes a record, and waits for programs to make room.</summary>
    /// <param name="bytes">The record.</param>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> without end.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>False when time is up.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public bool Write(ReadOnlySpan<byte> bytes, TimeSpan timeout, CancellationToken cancellation = default)
    {
        bool forever = timeout == Timeout.InfiniteTimeSpan;
        long end = forever ? long.MaxValue : Environment.TickCount64 + (long)Math.Ceiling(timeout.TotalMilliseconds);
        using var registration = cancellation.UnsafeRegister(static self => ((UserRingBuffer)self!).Wake(), this);
        while (!TryWrite(bytes))
        {
            cancellation.ThrowIfCancellationRequested();
            long left = forever ? 100 : Math.Min(100, end - Environment.TickCount64);
            if (left <= 0) return false;
            // There is some room, only not enough: the kernel would say "writable" again and again.
            if (PendingBytes < Size) Thread.Sleep(1);
            else _epoll.Wait((int)left);
        }
        return true;
    }

    /// <summary>Unmaps the ring, once the records reserved are submitted or discarded, and closes the map if this object created it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            if (_reserved == 0) Release();
        }
        if (_ownsMap) Map.Dispose();
    }

    internal void Finish(byte* header, bool discard)
    {
        uint length = *(uint*)header & ~RingBufferMemory.Busy;
        Volatile.Write(ref *(uint*)header, discard ? length | RingBufferMemory.Discard : length);
        lock (_gate)
        {
            if (--_reserved == 0 && _disposed) Release();
        }
    }

    private ulong* Consumer => (ulong*)_consumerPage;

    private ulong* Producer => (ulong*)_producerPages;

    private byte* Data => (byte*)_producerPages + _page;

    private void Wake()
    {
        lock (_gate)
        {
            if (_producerPages is not null) _epoll.Wake();
        }
    }

    private void Release()
    {
        if (_consumerPage is not null) _ = Libc.Munmap(_consumerPage, _page);
        if (_producerPages is not null) _ = Libc.Munmap(_producerPages, _page + 2 * (nuint)Size);
        _consumerPage = _producerPages = null;
        _epoll.Dispose();
    }

    private void* MapPages(nuint length, int protection, nint offset)
    {
        void* address = Libc.Mmap(null, length, protection, Libc.MAP_SHARED, Map.Descriptor.Value, offset);
        return address != (void*)-1 ? address : throw new BpfSyscallException($"map the memory of {Map}", Libc.LastError);
    }
}

/// <summary>A record under construction in a user ring buffer.</summary>
public unsafe ref struct UserRingBufferRecord : IDisposable
{
    private readonly UserRingBuffer? _ring;
    private readonly int _size;
    private byte* _header;

    internal UserRingBufferRecord(UserRingBuffer ring, byte* header, int size)
    {
        _ring = ring;
        _header = header;
        _size = size;
    }

    /// <summary>The bytes to fill in. They hold what was there before.</summary>
    public readonly Span<byte> Data => _header is null ? default : new(_header + RingBufferMemory.HeaderSize, _size);

    /// <summary>Hands the record to programs.</summary>
    public void Submit() => Finish(discard: false);

    /// <summary>Gives the record up: programs pass over it.</summary>
    public void Discard() => Finish(discard: true);

    /// <summary>Discards the record unless it was submitted.</summary>
    public void Dispose() => Finish(discard: true);

    private void Finish(bool discard)
    {
        if (_header is null) return;
        _ring!.Finish(_header, discard);
        _header = null;
    }
}
