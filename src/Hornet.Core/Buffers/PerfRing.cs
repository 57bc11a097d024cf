using Hornet.Interop;

namespace Hornet.Buffers;

/// <summary>
/// One CPU's ring of a perf buffer: a page with the two positions (<c>struct perf_event_mmap_page</c>), then the data. A
/// record that wraps around is in two pieces.
/// </summary>
internal sealed unsafe class PerfRing : IDisposable
{
    private const int HeadOffset = 1024;
    private const int TailOffset = 1032;
    private const int HeaderSize = 8;
    private const uint RecordLost = 2;
    private const uint RecordSample = 9;
    private const ulong SwBpfOutput = 10;
    private const ulong SampleRaw = 1 << 10;

    private readonly nuint _page = (nuint)Environment.SystemPageSize;
    private readonly int _size;
    private readonly bool _overwrite;
    private byte[] _pieces = new byte[4096];
    private void* _memory;

    private PerfRing(int cpu, FileDescriptor descriptor, int size, bool overwrite)
    {
        Cpu = cpu;
        Descriptor = descriptor;
        _size = size;
        _overwrite = overwrite;
    }

    public int Cpu { get; }

    public FileDescriptor Descriptor { get; }

    /// <summary>Opens a CPU's ring; null when the CPU is offline.</summary>
    public static PerfRing? Open(int cpu, int size, PerfBufferOptions options)
    {
        PerfEventAttr attr = new()
        {
            Type = PerfEvent.TypeSoftware,
            Config = SwBpfOutput,
            SampleType = SampleRaw,
            SamplePeriod = 1,
            WakeupEvents = (uint)(options.WatermarkBytes > 0 ? options.WatermarkBytes : options.WakeupEvents),
            Flags = (options.WatermarkBytes > 0 ? PerfEventFlags.Watermark : PerfEventFlags.None)
                | (options.Overwrite ? PerfEventFlags.WriteBackward : PerfEventFlags.None),
        };
        return Open(cpu, size, attr, options.Overwrite);
    }

    /// <summary>Opens a CPU's ring for any event; null when the CPU is offline.</summary>
    public static PerfRing? Open(int cpu, int size, PerfEventAttr attr, bool overwrite = false)
    {
        var descriptor = PerfEvent.TryOpen(ref attr, -1, cpu, $"perf buffer of CPU {cpu}");
        if (descriptor is null)
        {
            var errno = Libc.LastError;
            if (errno == Errno.ENODEV) return null;
            throw new BpfSyscallException($"open the perf buffer of CPU {cpu}", errno,
                errno is Errno.EACCES or Errno.EPERM ? "It needs CAP_PERFMON, or kernel.perf_event_paranoid is too strict" : null);
        }
        var ring = new PerfRing(cpu, descriptor, size, overwrite);
        try
        {
            // Without write permission the kernel takes the ring for one it may overwrite.
            int protection = overwrite ? Libc.PROT_READ : Libc.PROT_READ | Libc.PROT_WRITE;
            void* memory = Libc.Mmap(null, ring._page + (nuint)size, protection, Libc.MAP_SHARED, descriptor.Value, 0);
            if (memory == (void*)-1)
            {
                var errno = Libc.LastError;
                throw new BpfSyscallException($"map the perf buffer of CPU {cpu}", errno,
                    errno == Errno.EPERM ? "It is larger than kernel.perf_event_mlock_kb and RLIMIT_MEMLOCK allow without CAP_IPC_LOCK" : null);
            }
            ring._memory = memory;
            if (!PerfEvent.TryEnable(descriptor)) throw new BpfSyscallException($"enable the perf buffer of CPU {cpu}", Libc.LastError);
            return ring;
        }
        catch
        {
            ring.Dispose();
            throw;
        }
    }

    public bool HasRecords => Volatile.Read(ref *Head) != *Tail;

    /// <summary>Hands over what is there, oldest first. Exceptions pass through; their record counts as taken.</summary>
    public void Drain(PerfBufferReader reader, PerfRecordCallback callback, PerfLostCallback? lost)
    {
        ulong tail = *Tail;
        ulong head = Volatile.Read(ref *Head);
        try
        {
            while (tail < head)
            {
                var record = Record(tail, out uint type, out int size);
                tail += (uint)size;
                if (type == RecordSample)
                {
                    reader.CountDelivered();
                    callback(Cpu, Raw(record));
                }
                else if (type == RecordLost && record.Length >= 16)
                {
                    long count = BitConverter.ToInt64(record[8..]);
                    reader.CountLost(count);
                    lost?.Invoke(Cpu, count);
                }
                if (reader.IsDisposed) return;
            }
        }
        finally
        {
            Volatile.Write(ref *Tail, tail);
        }
    }

    /// <summary>Hands over records of every type as they are, behind their heads.</summary>
    public void Drain(PerfSidebandCallback callback)
    {
        ulong tail = *Tail, head = Volatile.Read(ref *Head);
        try
        {
            while (tail < head)
            {
                var record = Record(tail, out uint type, out int size);
                // A size of nothing would never end.
                if (size == 0) return;
                ushort flags = *(ushort*)((byte*)_memory + _page + (int)(tail & (ulong)(_size - 1)) + 4);
                tail += (uint)size;
                callback(type, flags, record);
            }
        }
        finally
        {
            Volatile.Write(ref *Tail, tail);
        }
    }

    /// <summary>Hands over what a backward ring holds, newest first, while its writing is paused.</summary>
    public int ReadRecent(PerfRecordCallback callback)
    {
        if (!PerfEvent.TryPauseOutput(Descriptor, true)) throw new BpfSyscallException($"pause the perf buffer of CPU {Cpu}", Libc.LastError);
        try
        {
            int taken = 0;
            // The head goes down from zero; what is at and above it is whole until the ring's size is used up, or until
            // zero, above which nothing has been written yet.
            ulong head = Volatile.Read(ref *Head);
            for (int at = 0; at + HeaderSize <= _size && head + (ulong)at != 0;)
            {
                var record = Record(head + (ulong)at, out uint type, out int size);
                if (size == 0 || at + size > _size) break;
                if (type == RecordSample)
                {
                    callback(Cpu, Raw(record));
                    taken++;
                }
                at += size;
            }
            return taken;
        }
        finally
        {
            _ = PerfEvent.TryPauseOutput(Descriptor, false);
        }
    }

    public void Dispose()
    {
        if (_memory is not null) _ = Libc.Munmap(_memory, _page + (nuint)_size);
        _memory = null;
        Descriptor.Dispose();
    }

    private ulong* Head => (ulong*)((byte*)_memory + HeadOffset);

    private ulong* Tail => (ulong*)((byte*)_memory + TailOffset);

    private static ReadOnlySpan<byte> Raw(ReadOnlySpan<byte> record)
    {
        int length = record.Length >= 4 ? (int)Math.Min(BitConverter.ToUInt32(record), (uint)record.Length - 4) : 0;
        return length > 0 ? record.Slice(4, length) : default;
    }

    private ReadOnlySpan<byte> Record(ulong position, out uint type, out int size)
    {
        byte* data = (byte*)_memory + _page;
        int at = (int)(position & (ulong)(_size - 1));
        // Records are multiples of 8 long, so a header is never in two pieces.
        type = *(uint*)(data + at);
        size = *(ushort*)(data + at + 6);
        if (size < HeaderSize)
        {
            size = 0;
            return default;
        }
        if (at + size <= _size) return new(data + at + HeaderSize, size - HeaderSize);
        if (_pieces.Length < size) _pieces = new byte[ushort.MaxValue + 1];
        int first = _size - at;
        new ReadOnlySpan<byte>(data + at, first).CopyTo(_pieces);
        new ReadOnlySpan<byte>(data, size - first).CopyTo(_pieces.AsSpan(first));
        return _pieces.AsSpan(HeaderSize, size - HeaderSize);
    }
}

/// <summary>Takes a record of any type.</summary>
/// <param name="type">Its type (<c>PERF_RECORD_…</c>).</param>
/// <param name="flags">What the head says besides (<c>misc</c>).</param>
/// <param name="record">What stands behind the head; gone when it returns.</param>
internal delegate void PerfSidebandCallback(uint type, ushort flags, ReadOnlySpan<byte> record);
