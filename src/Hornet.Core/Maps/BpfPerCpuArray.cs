using System.Diagnostics.CodeAnalysis;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>An array with one value for each CPU (4.6): counters without contention, and scratch space of programs.</summary>
/// <typeparam name="T">The value of one CPU.</typeparam>
public sealed unsafe class BpfPerCpuArray<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : IndexedMap where T : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a map.</exception>
    public BpfPerCpuArray(BpfMap map) : base(map, [MapType.PerCpuArray])
    {
        ElementLayout.CheckValue<T>();
        CheckValueSize<T>();
    }

    /// <summary>Creates an array.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="length">How many slots.</param>
    /// <param name="options">Flags and the like.</param>
    public static BpfPerCpuArray<T> Create(string name, uint length, MapOptions? options = null)
    {
        ElementLayout.CheckValue<T>();
        return Own(ElementBtf.Create<uint, T>(options, new MapSpec
        {
            Name = name,
            Type = MapType.PerCpuArray,
            KeySize = sizeof(uint),
            ValueSize = (uint)sizeof(T),
            MaxEntries = length,
        }), static map => new BpfPerCpuArray<T>(map));
    }

    /// <summary>Reads every CPU's value of a slot into an object that can be used again.</summary>
    /// <returns>False when there is no such slot.</returns>
    public bool TryGetValues(uint index, PerCpuValues<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        fixed (byte* v = values.Bytes) return TryRead(index, v);
    }

    /// <summary>Every CPU's value of a slot; in kernel code the current CPU's: <c>counts[3]++</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public PerCpuValues<T> this[uint index]
    {
        set => Set(index, value);
        get
        {
            var values = new PerCpuValues<T>();
            return TryGetValues(index, values) ? values : throw OutOfRange(index);
        }
    }

    /// <summary>Replaces every CPU's value of a slot; in kernel code the current CPU's: <c>Set(3, 7)</c>.</summary>
    /// <exception cref="BpfSyscallException">There is no such slot (E2BIG), or the kernel refused.</exception>
    public void Set(uint index, PerCpuValues<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        fixed (byte* v = values.Bytes) Write(index, v);
    }

    /// <summary>Reads one CPU's value of a slot. The kernel copies only that one from 7.0 on, all of them before.</summary>
    /// <param name="index">The slot.</param>
    /// <param name="cpu">The CPU's number, one of <see cref="Kernel.CpuList.Possible"/>.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when there is no such slot.</returns>
    public bool TryGet(uint index, int cpu, out T value)
    {
        fixed (T* v = &value)
        {
            var errno = Map.LookupCpuRaw(&index, cpu, v);
            if (errno == Errno.None) return true;
            value = default;
            return errno == Errno.ENOENT ? false : throw Refused(MapErrors.Lookup, index, errno);
        }
    }

    /// <summary>Replaces one CPU's value of a slot and leaves the others (7.0).</summary>
    /// <param name="index">The slot.</param>
    /// <param name="cpu">The CPU's number, one of <see cref="Kernel.CpuList.Possible"/>.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfNotSupportedException">The kernel is older.</exception>
    /// <exception cref="BpfSyscallException">There is no such slot (E2BIG), or the kernel refused.</exception>
    public void Set(uint index, int cpu, in T value)
    {
        fixed (T* v = &value)
        {
            var errno = Map.UpdateCpuRaw(&index, cpu, v);
            if (errno != Errno.None) throw Refused(MapErrors.Update, index, errno);
        }
    }

    /// <summary>Sets every CPU's value of a slot to the same.</summary>
    /// <exception cref="BpfSyscallException">There is no such slot (E2BIG), or the kernel refused.</exception>
    public void SetAll(uint index, in T value)
    {
        fixed (T* v = &value)
        {
            var errno = Map.UpdateAllCpusRaw(&index, v);
            if (errno != Errno.None) throw Refused(MapErrors.Update, index, errno);
        }
    }

    /// <summary>All slots, read in batches where the kernel has them (5.13). The values object is filled anew for each slot.</summary>
    public IEnumerable<PerCpuValues<T>> Slots()
    {
        var chunks = new MapChunks(Map);
        var values = new PerCpuValues<T>();
        while (chunks.Next())
        {
            for (int i = 0; i < chunks.Count; i++)
            {
                chunks.Value(i).CopyTo(values.Bytes);
                yield return values;
            }
        }
    }

    /// <summary>Kernel code only: copies this CPU's value of a slot; false when there is no such slot.</summary>
    [KernelOnly]
    public bool TryGetValue(uint index, out T value) => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: this CPU's value of a slot, in place; a null reference when there is no such slot, to be tested with <c>Unsafe.IsNullRef</c>.</summary>
    [KernelOnly]
    public ref T Find(uint index) => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: another CPU's value of a slot, in place (5.19); a null reference when there is no such slot or CPU.</summary>
    [KernelOnly]
    public ref T FindOn(uint index, uint cpu) => throw KernelOnlyMember.Error();
}
