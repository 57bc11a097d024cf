using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hornet.Maps;

/// <summary>An array (3.19): slots 0 to <see cref="IndexedMap.Length"/> - 1, all there from the start and zero.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed unsafe class BpfArray<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : IndexedMap, IEnumerable<T> where T : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a map.</exception>
    public BpfArray(BpfMap map) : base(map, [MapType.Array])
    {
        ElementLayout.CheckValue<T>();
        CheckValueSize<T>();
    }

    /// <summary>Creates an array.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="length">How many slots.</param>
    /// <param name="mapped">Whether the array can be mapped into this process (<see cref="MapMemory"/>, 5.5).</param>
    /// <param name="options">Flags and the like.</param>
    public static BpfArray<T> Create(string name, uint length, bool mapped = false, MapOptions? options = null)
    {
        ElementLayout.CheckValue<T>();
        return Own(ElementBtf.Create<uint, T>(options, new MapSpec
        {
            Name = name,
            Type = MapType.Array,
            KeySize = sizeof(uint),
            ValueSize = (uint)sizeof(T),
            MaxEntries = length,
            Flags = mapped ? MapFlags.Mmapable : MapFlags.None,
        }), static map => new BpfArray<T>(map));
    }

    /// <summary>The value of a slot.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public T this[uint index]
    {
        get => TryGetValue(index, out var value) ? value : throw OutOfRange(index);
        set => Set(index, value);
    }

    /// <summary>Copies the value of a slot.</summary>
    /// <param name="index">The slot.</param>
    /// <param name="value">The value; zero when there is no such slot.</param>
    /// <param name="flags">How to read.</param>
    /// <returns>False when there is no such slot.</returns>
    public bool TryGetValue(uint index, out T value, MapLookupFlags flags = MapLookupFlags.None)
    {
        Unsafe.SkipInit(out value);
        fixed (T* v = &value)
        {
            if (TryRead(index, v, (ulong)flags)) return true;
        }
        value = default;
        return false;
    }

    /// <summary>Replaces the value of a slot.</summary>
    /// <exception cref="BpfSyscallException">There is no such slot (E2BIG), or the kernel refused.</exception>
    public void Set(uint index, in T value, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        fixed (T* v = &value) Write(index, v, flags);
    }

    /// <summary>Replaces consecutive slots in one system call (5.6).</summary>
    /// <param name="first">The first slot.</param>
    /// <param name="values">The values from there on.</param>
    public void SetRange(uint first, ReadOnlySpan<T> values)
    {
        uint[] keys = new uint[values.Length];
        for (int i = 0; i < keys.Length; i++) keys[i] = first + (uint)i;
        Map.UpdateBatch(MemoryMarshal.AsBytes(keys.AsSpan()), MemoryMarshal.AsBytes(values));
    }

    /// <summary>All values in the order of the slots, read in batches (5.6).</summary>
    public T[] ToArray()
    {
        var all = new T[Length];
        var chunks = new MapChunks(Map);
        int at = 0;
        while (chunks.Next())
        {
            chunks.Values.CopyTo(MemoryMarshal.AsBytes(all.AsSpan(at)));
            at += chunks.Count;
        }
        return all;
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator()
    {
        var chunks = new MapChunks(Map);
        while (chunks.Next())
        {
            for (int i = 0; i < chunks.Count; i++) yield return MemoryMarshal.Read<T>(chunks.Value(i));
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// Maps the array into this process: reading and writing it is then reading and writing memory, without system calls.
    /// An array that user space may not write is mapped for reading.
    /// </summary>
    /// <exception cref="BpfException">The array was not created for it, or the kernel refused.</exception>
    public MappedArray<T> MapMemory() => new(Map);

    /// <summary>Kernel code only: the value of a slot, in place; a null reference when there is no such slot, to be tested with <c>Unsafe.IsNullRef</c>.</summary>
    [KernelOnly]
    public ref T Find(uint index) => throw KernelOnlyMember.Error();
}
