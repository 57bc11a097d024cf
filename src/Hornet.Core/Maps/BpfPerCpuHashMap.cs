using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>A hash map with one value for each CPU (4.6), plain or LRU (4.10). Programs count in it without contention.</summary>
/// <typeparam name="TKey">The key: an integer, or a struct without padding.</typeparam>
/// <typeparam name="TValue">The value of one CPU.</typeparam>
public sealed unsafe class BpfPerCpuHashMap<[DynamicallyAccessedMembers(ElementLayout.Fields)] TKey, [DynamicallyAccessedMembers(ElementLayout.Fields)] TValue>
    : MapView
    where TKey : unmanaged where TValue : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or a type is not fit for a map.</exception>
    public BpfPerCpuHashMap(BpfMap map) : base(map, [MapType.PerCpuHash, MapType.LruPerCpuHash])
    {
        ElementLayout.CheckKey<TKey>();
        ElementLayout.CheckValue<TValue>();
        CheckKeySize<TKey>();
        CheckValueSize<TValue>();
    }

    /// <summary>Creates a map.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="maxEntries">The largest number of elements.</param>
    /// <param name="lru">Whether the least recently used element makes room for a new one.</param>
    /// <param name="options">Flags and the like.</param>
    public static BpfPerCpuHashMap<TKey, TValue> Create(string name, uint maxEntries, bool lru = false, MapOptions? options = null)
    {
        ElementLayout.CheckKey<TKey>();
        ElementLayout.CheckValue<TValue>();
        return Own(ElementBtf.Create<TKey, TValue>(options, new MapSpec
        {
            Name = name,
            Type = lru ? MapType.LruPerCpuHash : MapType.PerCpuHash,
            KeySize = (uint)sizeof(TKey),
            ValueSize = (uint)sizeof(TValue),
            MaxEntries = maxEntries,
        }), static map => new BpfPerCpuHashMap<TKey, TValue>(map));
    }

    /// <summary>Every CPU's value of a key; in kernel code the current CPU's: <c>counts[key]++</c>.</summary>
    /// <exception cref="KeyNotFoundException">There is none. (In kernel code it is zero.)</exception>
    public PerCpuValues<TValue> this[in TKey key]
    {
        get
        {
            var values = new PerCpuValues<TValue>();
            return TryGetValues(key, values) ? values : throw new KeyNotFoundException($"The {Map} has no element with the key {key}.");
        }
        set => Set(key, value);
    }

    /// <summary>Whether a key has an element.</summary>
    public bool Contains(in TKey key) => TryGetValues(key, new PerCpuValues<TValue>());

    /// <summary>Reads every CPU's value of a key into an object that can be used again.</summary>
    /// <returns>False when there is no such element.</returns>
    public bool TryGetValues(in TKey key, PerCpuValues<TValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        fixed (TKey* k = &key)
        fixed (byte* v = values.Bytes)
        {
            var errno = Map.LookupRaw(k, v, 0);
            if (errno == Errno.None) return true;
            return errno == Errno.ENOENT ? false : throw Refused(MapErrors.Lookup, key, errno);
        }
    }

    /// <summary>Creates or replaces an element: all CPUs' values at once; in kernel code the current CPU's: <c>Set(key, 7)</c>.</summary>
    /// <exception cref="BpfSyscallException">The map is full (E2BIG), or the kernel refused.</exception>
    public void Set(in TKey key, PerCpuValues<TValue> values, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        ArgumentNullException.ThrowIfNull(values);
        fixed (TKey* k = &key)
        fixed (byte* v = values.Bytes)
        {
            var errno = Map.UpdateRaw(k, v, (ulong)flags);
            if (errno != Errno.None) throw Refused(MapErrors.Update, key, errno, flags);
        }
    }

    /// <summary>Reads one CPU's value of a key. The kernel copies only that one from 7.0 on, all of them before.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cpu">The CPU's number, one of <see cref="Kernel.CpuList.Possible"/>.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when there is no such element.</returns>
    public bool TryGet(in TKey key, int cpu, out TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            var errno = Map.LookupCpuRaw(k, cpu, v);
            if (errno == Errno.None) return true;
            value = default;
            return errno == Errno.ENOENT ? false : throw Refused(MapErrors.Lookup, key, errno);
        }
    }

    /// <summary>Replaces one CPU's value of a key and leaves the others (7.0); those of a new element are zero.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cpu">The CPU's number, one of <see cref="Kernel.CpuList.Possible"/>.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfNotSupportedException">The kernel is older.</exception>
    /// <exception cref="BpfSyscallException">The map is full (E2BIG), or the kernel refused.</exception>
    public void Set(in TKey key, int cpu, in TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            var errno = Map.UpdateCpuRaw(k, cpu, v);
            if (errno != Errno.None) throw Refused(MapErrors.Update, key, errno);
        }
    }

    /// <summary>Creates or replaces an element: the same value for every CPU.</summary>
    /// <exception cref="BpfSyscallException">The map is full (E2BIG), or the kernel refused.</exception>
    public void SetAll(in TKey key, in TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            var errno = Map.UpdateAllCpusRaw(k, v);
            if (errno != Errno.None) throw Refused(MapErrors.Update, key, errno);
        }
    }

    /// <summary>Removes an element; false when none has this key.</summary>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
        {
            var errno = Map.DeleteRaw(k);
            if (errno == Errno.None) return true;
            return errno == Errno.ENOENT ? false : throw Refused(MapErrors.Delete, key, errno);
        }
    }

    /// <summary>Takes an element out: reads and removes it in one step (5.14).</summary>
    /// <returns>False when none has this key.</returns>
    public bool TryTake(in TKey key, PerCpuValues<TValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        fixed (TKey* k = &key)
        fixed (byte* v = values.Bytes)
        {
            var errno = Map.LookupAndDeleteRaw(k, v, 0);
            if (errno == Errno.None) return true;
            return errno == Errno.ENOENT ? false : throw Refused(MapErrors.LookupAndDelete, key, errno);
        }
    }

    /// <summary>
    /// All elements, read in batches. The values are one object that is filled anew for each element: read it, do not
    /// keep it.
    /// </summary>
    public IEnumerable<(TKey Key, PerCpuValues<TValue> Values)> Entries() => Enumerate(remove: false);

    /// <summary>Takes all elements out, each read and removed in one step (5.6). The values object is reused.</summary>
    public IEnumerable<(TKey Key, PerCpuValues<TValue> Values)> TakeAll() => Enumerate(remove: true);

    /// <summary>Creates or replaces many elements. The values of each key follow one another, at multiples of 8 bytes.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">For each key every CPU's value, as <see cref="PerCpuValues{T}"/> has them.</param>
    public void SetBatch(ReadOnlySpan<TKey> keys, IReadOnlyList<PerCpuValues<TValue>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count != keys.Length) throw new ArgumentException($"{keys.Length} keys and {values.Count} values were given.", nameof(values));
        byte[] all = new byte[checked(keys.Length * Map.ValueBufferSize)];
        for (int i = 0; i < keys.Length; i++) values[i].Bytes.CopyTo(all.AsSpan(i * Map.ValueBufferSize));
        Map.UpdateBatch(MemoryMarshal.AsBytes(keys), all);
    }

    /// <summary>Removes many elements; those that are not there are passed over.</summary>
    /// <returns>How many were there.</returns>
    public int RemoveBatch(ReadOnlySpan<TKey> keys) => Map.RemoveBatch(MemoryMarshal.AsBytes(keys));

    /// <summary>Removes all elements that are there now.</summary>
    /// <returns>How many there were.</returns>
    public long Clear() => Map.Clear();

    /// <summary>Kernel code only: copies this CPU's value of a key; false when there is no such element.</summary>
    [KernelOnly]
    public bool TryGetValue(in TKey key, out TValue value) => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: creates an element with this CPU's value; false when one with this key exists or the map is full.</summary>
    [KernelOnly]
    public bool TryAdd(in TKey key, in TValue value) => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: replaces this CPU's value of an element; false when none has this key.</summary>
    [KernelOnly]
    public bool TryReplace(in TKey key, in TValue value) => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: this CPU's value of a key, in place; a null reference when there is none, to be tested with <c>Unsafe.IsNullRef</c>.</summary>
    [KernelOnly]
    public ref TValue Find(in TKey key) => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: another CPU's value of a key, in place (5.19); a null reference when there is no such element or CPU.</summary>
    [KernelOnly]
    public ref TValue FindOn(in TKey key, uint cpu) => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: this CPU's value of a key, in place; made of zeros when there is none. A full map ends the program.</summary>
    [KernelOnly]
    public ref TValue GetOrAdd(in TKey key) => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: this CPU's value of a key, in place; the given one when there is none. A full map ends the program.</summary>
    [KernelOnly]
    public ref TValue GetOrAdd(in TKey key, in TValue value) => throw KernelOnlyMember.Error();

    private IEnumerable<(TKey Key, PerCpuValues<TValue> Values)> Enumerate(bool remove)
    {
        var chunks = new MapChunks(Map, remove);
        var values = new PerCpuValues<TValue>();
        while (chunks.Next())
        {
            for (int i = 0; i < chunks.Count; i++)
            {
                chunks.Value(i).CopyTo(values.Bytes);
                yield return (MemoryMarshal.Read<TKey>(chunks.Key(i)), values);
            }
        }
    }

    private BpfSyscallException Refused(string operation, in TKey key, Errno errno, MapUpdateFlags flags = MapUpdateFlags.Any) =>
        MapErrors.Refused(Map, operation, MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(in key)), errno, flags);
}
