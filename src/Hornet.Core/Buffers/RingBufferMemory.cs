using System.Runtime.CompilerServices;
using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Buffers;

/// <summary>
/// A ring buffer's memory as user space sees it (kernel/bpf/ringbuf.c): one page with the consumer's position, which is
/// ours to write; one with the producer's; then the data, mapped twice in a row, so that a record that wraps around
/// is still one piece.
/// </summary>
internal sealed unsafe partial class RingBufferMemory : IDisposable
{
    /// <summary>Reserved, and not yet submitted or discarded.</summary>
    public const uint Busy = 1u << 31;

    /// <summary>To be skipped.</summary>
    public const uint Discard = 1u << 30;

    /// <summary>Bytes before a record's data: its length with the two bits above, and a page offset of the kernel's own.</summary>
    public const int HeaderSize = 8;

    private readonly nuint _page = (nuint)Environment.SystemPageSize;
    private void* _consumerPage;
    private void* _producerPages;

    public RingBufferMemory(BpfMap map)
    {
        Size = map.MaxEntries;
        Map = map;
        Overwrites = (map.Flags & MapFlags.RingBufferOverwrite) != 0;
        try
        {
            _consumerPage = MapPages(map, _page, Libc.PROT_READ | Libc.PROT_WRITE, 0);
            _producerPages = MapPages(map, _page + 2 * (nuint)Size, Libc.PROT_READ, (nint)_page);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The map; kept open by whoever made it.</summary>
    public BpfMap Map { get; }

    /// <summary>Whether a full ring takes its oldest records' room for new ones; reading is then <see cref="TryCopyOldest"/>'s.</summary>
    public bool Overwrites { get; }

    /// <summary>Bytes of data, a power of two.</summary>
    public uint Size { get; }

    /// <summary>Bytes a record takes in the ring: header and data, rounded up to 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Span(uint length) => (length + HeaderSize + 7) & ~7u;

    public ulong Mask => Size - 1;

    public ulong* Consumer => (ulong*)_consumerPage;

    public ulong* Producer => (ulong*)_producerPages;

    public byte* Data => (byte*)_producerPages + _page;

    /// <summary>Bytes between the two positions, headers included. Some of them may be reserved only.</summary>
    public ulong Available
    {
        get
        {
            // The oldest first: were the producer read first, it could be the smaller.
            ulong oldest = Oldest;
            return Volatile.Read(ref *Producer) - oldest;
        }
    }

    /// <summary>Whether a record at the consumer's position waits to be read (or skipped).</summary>
    public Head State
    {
        get
        {
            ulong consumer = Oldest;
            if (consumer >= Volatile.Read(ref *Producer)) return Head.Empty;
            return (Volatile.Read(ref *(uint*)(Data + (consumer & Mask))) & Busy) != 0 ? Head.Busy : Head.Ready;
        }
    }

    public void Dispose()
    {
        if (_consumerPage is not null) _ = Libc.Munmap(_consumerPage, _page);
        if (_producerPages is not null) _ = Libc.Munmap(_producerPages, _page + 2 * (nuint)Size);
        _consumerPage = _producerPages = null;
        FreeCopy();
    }

    private static void* MapPages(BpfMap map, nuint length, int protection, nint offset)
    {
        void* address = Libc.Mmap(null, length, protection, Libc.MAP_SHARED, map.Descriptor.Value, offset);
        if (address != (void*)-1) return address;
        var errno = Libc.LastError;
        throw new BpfSyscallException($"map the memory of {map}", errno, errno switch
        {
            Errno.EPERM => "The map was opened read-only, or is another kind than a ring buffer",
            Errno.ENOMEM => "The address space is limited (ulimit -v), or the machine is out of memory",
            _ => null,
        });
    }

    /// <summary>What is at the consumer's position.</summary>
    public enum Head
    {
        /// <summary>Nothing.</summary>
        Empty,
        /// <summary>A record that a program has reserved and not yet submitted.</summary>
        Busy,
        /// <summary>A record.</summary>
        Ready,
    }
}
