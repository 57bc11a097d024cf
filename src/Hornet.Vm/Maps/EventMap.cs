using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Vm;

/// <summary>What a program sent to user space.</summary>
/// <param name="Cpu">The CPU it ran on.</param>
/// <param name="Data">The bytes it sent.</param>
public readonly record struct VmRecord(int Cpu, byte[] Data);

/// <summary>
/// Ring buffers and perf event arrays: what programs send is kept until it is taken. As in the kernel, what does not fit is
/// lost, and told to the program by an error.
/// </summary>
public sealed class VmEventMap : VmMap
{
    private const int Header = 8;

    /// <summary>What a perf event array may keep, as its buffers do not have a size of the map's own.</summary>
    private const long PerfCapacity = 64 << 20;

    private readonly object _lock = new();
    private readonly Queue<Entry> _entries = new();
    private readonly long _capacity;
    private long _used;

    internal VmEventMap(BpfMachine machine, MapSpec spec, uint id) : base(machine, spec, id)
    {
        if (spec.Type == MapType.RingBuf)
        {
            if (!System.Numerics.BitOperations.IsPow2(spec.MaxEntries) || spec.MaxEntries < 4096)
                throw new BpfException($"map '{spec.Name}': the size of a ring buffer is a power of two and a multiple of the page size, not {spec.MaxEntries}");
            machine.TakeMapMemory(spec.Name, spec.MaxEntries);
            _capacity = spec.MaxEntries;
        }
        else
        {
            _capacity = PerfCapacity;
        }
    }

    /// <summary>How many records wait to be taken.</summary>
    public override int Count
    {
        get
        {
            lock (_lock) return _entries.Count(e => e.State == State.Committed);
        }
    }

    /// <summary>Records have no keys.</summary>
    public override IReadOnlyList<byte[]> Keys => [];

    /// <summary>How many records did not fit.</summary>
    public long Lost { get; private set; }

    /// <summary>Takes the records sent so far, oldest first, up to one that is still being written.</summary>
    public IReadOnlyList<VmRecord> Drain()
    {
        List<VmRecord> records = [];
        lock (_lock)
        {
            while (_entries.TryPeek(out var entry) && entry.State != State.Reserved)
            {
                _entries.Dequeue();
                _used -= entry.Charged;
                if (entry.State == State.Committed) records.Add(new VmRecord(entry.Cpu, entry.Data));
            }
        }
        return records;
    }

    /// <summary>Makes room for a record; null when there is none.</summary>
    internal Entry? Reserve(uint size, int cpu)
    {
        lock (_lock)
        {
            long charged = ((long)size + Header + 7) & ~7L;
            // One byte less than all, as the kernel's producer may not catch up with its consumer.
            if (_used + charged > _capacity - (Type == MapType.RingBuf ? 1 : 0))
            {
                Lost++;
                return null;
            }
            Entry entry = new() { Data = GC.AllocateArray<byte>((int)size, pinned: true), Cpu = cpu, Charged = charged };
            _used += charged;
            _entries.Enqueue(entry);
            return entry;
        }
    }

    internal void Finish(Entry entry, bool commit)
    {
        lock (_lock) entry.State = commit ? State.Committed : State.Discarded;
    }

    internal Errno Send(ReadOnlySpan<byte> data, int cpu)
    {
        if (Reserve((uint)data.Length, cpu) is not { } entry) return Type == MapType.RingBuf ? Errno.EAGAIN : Errno.ENOSPC;
        data.CopyTo(entry.Data);
        Finish(entry, commit: true);
        return Errno.None;
    }

    /// <summary>What <c>bpf_ringbuf_query</c> answers.</summary>
    internal ulong Query(ulong what)
    {
        lock (_lock)
        {
            return what switch
            {
                0 => (ulong)_used, // BPF_RB_AVAIL_DATA
                1 => (ulong)_capacity, // BPF_RB_RING_SIZE
                _ => 0,
            };
        }
    }

    internal override byte[]? LookupCore(ReadOnlySpan<byte> key, int cpu) => null;

    internal override Errno UpdateCore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MapUpdateFlags flags, int cpu) => Errno.ENOTSUPP;

    internal override Errno DeleteCore(ReadOnlySpan<byte> key) => Errno.ENOTSUPP;

    internal enum State
    {
        Reserved,
        Committed,
        Discarded,
    }

    internal sealed class Entry
    {
        public required byte[] Data { get; init; }

        public required int Cpu { get; init; }

        public required long Charged { get; init; }

        public State State { get; set; }
    }
}
