using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Vm.Maps;

/// <summary>Queues and stacks, which have values and no keys.</summary>
internal sealed class SequenceMap : VmMap
{
    private readonly object _lock = new();
    private readonly LinkedList<byte[]> _values = new();

    public SequenceMap(BpfMachine machine, MapSpec spec, uint id) : base(machine, spec, id) =>
        machine.TakeMapMemory(spec.Name, (long)spec.MaxEntries * spec.ValueSize);

    public override int Count => _values.Count;

    /// <summary>Elements have no keys; see <see cref="Values"/>.</summary>
    public override IReadOnlyList<byte[]> Keys => [];

    /// <summary>The values, next one to pop first.</summary>
    public IReadOnlyList<byte[]> Values
    {
        get
        {
            lock (_lock) return [.. _values];
        }
    }

    internal override byte[]? LookupCore(ReadOnlySpan<byte> key, int cpu)
    {
        byte[] value = new byte[ValueSize];
        return Pop(value, remove: false) == Errno.None ? value : null;
    }

    internal override Errno UpdateCore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MapUpdateFlags flags, int cpu) => Push(value, flags);

    internal override Errno DeleteCore(ReadOnlySpan<byte> key) => Errno.EINVAL;

    internal override Errno Push(ReadOnlySpan<byte> value, MapUpdateFlags flags)
    {
        if (flags is not (MapUpdateFlags.Any or MapUpdateFlags.Exist)) return Errno.EINVAL;
        lock (_lock)
        {
            if (_values.Count >= Spec.MaxEntries)
            {
                if (flags != MapUpdateFlags.Exist) return Errno.E2BIG;
                // The oldest goes: the next one of a queue, the last one of a stack.
                if (Type == MapType.Queue) _values.RemoveFirst();
                else _values.RemoveLast();
            }
            if (Type == MapType.Queue) _values.AddLast(value.ToArray());
            else _values.AddFirst(value.ToArray());
            return Errno.None;
        }
    }

    internal override Errno Pop(Span<byte> value, bool remove)
    {
        lock (_lock)
        {
            if (_values.First is not { } first)
            {
                value.Clear();
                return Errno.ENOENT;
            }
            first.Value.CopyTo(value);
            if (remove) _values.RemoveFirst();
            return Errno.None;
        }
    }
}
