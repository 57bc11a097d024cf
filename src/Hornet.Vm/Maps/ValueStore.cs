using Hornet.Vm.Execution;

namespace Hornet.Vm.Maps;

/// <summary>
/// The values of a map: one block of memory that never moves, and the addresses programs see them under. As with the kernel's
/// preallocated maps, the memory of a removed element stays and serves a later one.
/// </summary>
internal sealed unsafe class ValueStore
{
    private readonly VmRegion _region;
    private readonly byte[] _memory;
    private readonly int _stride;

    public ValueStore(BpfMachine machine, string map, uint count, int size, int perElement, bool writable)
    {
        Size = size;
        PerElement = perElement;
        _stride = (size + 7) & ~7;
        long total = (long)count * perElement * _stride;
        machine.TakeMapMemory(map, total);
        _memory = GC.AllocateArray<byte>((int)total, pinned: true);
        // Between two values lies at least as much as one takes, so that running off one's end is seen.
        ulong stride = System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(8, size) * 2);
        fixed (byte* host = _memory)
        {
            _region = new VmRegion
            {
                Name = $"a value of map '{map}'",
                Size = (ulong)size,
                Count = (ulong)count * (ulong)perElement,
                Stride = stride,
                HostStride = (ulong)_stride,
                Host = host,
                Owner = _memory,
                IsWritable = writable,
            };
        }
        machine.AddRegion(_region, checked(stride * _region.Count));
    }

    /// <summary>The first value's memory.</summary>
    public void* Memory => _region.Host;

    /// <summary>Bytes per value.</summary>
    public int Size { get; }

    /// <summary>How many values an element has: one for each CPU, or one.</summary>
    public int PerElement { get; }

    public ulong AddressOf(int element, int cpu) => _region.Start + ((ulong)((element * PerElement) + (PerElement == 1 ? 0 : cpu)) * _region.Stride);

    public Span<byte> this[int element, int cpu] => _memory.AsSpan(((element * PerElement) + (PerElement == 1 ? 0 : cpu)) * _stride, Size);

    /// <summary>Zeroes an element's values on all CPUs.</summary>
    public void Clear(int element) => _memory.AsSpan(element * PerElement * _stride, PerElement * _stride).Clear();
}
