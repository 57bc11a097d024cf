using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Vm.Maps;

/// <summary>Arrays and per-CPU arrays: all elements exist always.</summary>
internal sealed class ArrayMap : VmMap
{
    private readonly ValueStore _values;

    public ArrayMap(BpfMachine machine, MapSpec spec, uint id) : base(machine, spec, id) =>
        _values = new ValueStore(machine, spec.Name, spec.MaxEntries, ValueSize, spec.Type == MapType.PerCpuArray ? machine.Options.CpuCount : 1, !spec.Flags.HasFlag(MapFlags.ReadOnlyProgram));

    public override int Count => (int)Spec.MaxEntries;

    public override IReadOnlyList<byte[]> Keys => [.. Enumerable.Range(0, Count).Select(BitConverter.GetBytes)];

    internal override ulong LookupAddress(ReadOnlySpan<byte> key, int cpu)
    {
        uint index = MemoryMarshal.Read<uint>(key);
        return index < Spec.MaxEntries ? _values.AddressOf((int)index, cpu) : 0;
    }

    internal override byte[]? LookupCore(ReadOnlySpan<byte> key, int cpu)
    {
        uint index = MemoryMarshal.Read<uint>(key);
        return index < Spec.MaxEntries ? _values[(int)index, cpu].ToArray() : null;
    }

    internal override Errno UpdateCore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MapUpdateFlags flags, int cpu)
    {
        uint index = MemoryMarshal.Read<uint>(key);
        if ((flags & ~MapUpdateFlags.Lock) > MapUpdateFlags.Exist) return Errno.EINVAL;
        if (index >= Spec.MaxEntries) return Errno.E2BIG;
        if (flags.HasFlag(MapUpdateFlags.NoExist)) return Errno.EEXIST;
        value.CopyTo(_values[(int)index, cpu]);
        return Errno.None;
    }

    internal override Errno DeleteCore(ReadOnlySpan<byte> key) => Errno.EINVAL;

    internal override ulong DirectValueAddress(out uint size)
    {
        if (Type != MapType.Array || Spec.MaxEntries != 1) return base.DirectValueAddress(out size);
        size = Spec.ValueSize;
        return _values.AddressOf(0, 0);
    }

    /// <summary>All values, 8 bytes aligned, as the kernel lays them out. Lives as long as the map.</summary>
    internal unsafe void* Memory => _values.Memory;

    /// <summary>A value in place, for the variables of an object.</summary>
    internal Span<byte> ValueAt(int index) => _values[index, 0];

    internal override long ForEach(byte[] key, int cpu, Func<ulong, bool> callback)
    {
        long calls = 0;
        for (int index = 0; index < Count; index++)
        {
            MemoryMarshal.Write(key, in index);
            calls++;
            if (callback(_values.AddressOf(index, cpu))) break;
        }
        return calls;
    }

    private protected override string Why(Errno error) => error switch
    {
        Errno.EINVAL => ". The elements of an array cannot be removed",
        Errno.E2BIG => $". The array has {Spec.MaxEntries} elements",
        _ => base.Why(error),
    };
}
