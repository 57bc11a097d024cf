using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>A hash map (3.19), plain or evicting its least recently used element when full (LRU, 4.10).</summary>
/// <typeparam name="TKey">The key: an integer, or a struct without padding.</typeparam>
/// <typeparam name="TValue">The value.</typeparam>
public sealed unsafe class BpfHashMap<[DynamicallyAccessedMembers(ElementLayout.Fields)] TKey, [DynamicallyAccessedMembers(ElementLayout.Fields)] TValue>
    : MapView, IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : unmanaged where TValue : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or a type is not fit for a map.</exception>
    public BpfHashMap(BpfMap map) : base(map, [MapType.Hash, MapType.LruHash])
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
    /// <exception cref="BpfException">A type is not fit for a map, or the kernel refused.</exception>
    public static BpfHashMap<TKey, TValue> Create(string name, uint maxEntries, bool lru = false, MapOptions? options = null)
    {
        ElementLayout.CheckKey<TKey>();
        ElementLayout.CheckValue<TValue>();
        return Own(ElementBtf.Create<TKey, TValue>(options, new MapSpec
        {
            Name = name,
            Type = lru ? MapType.LruHash : MapType.Hash,
            KeySize = (uint)sizeof(TKey),
            ValueSize = (uint)sizeof(TValue),
            MaxEntries = maxEntries,
        }), static map => new BpfHashMap<TKey, TValue>(map));
    }

    /// <summary>The value of a key.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public TValue this[in TKey key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"The {Map} has no element with the key {key}.");
        set => Set(key, value);
    }

    /// <summary>Copies the value of a key. Allocates nothing, throws nothing when there is none.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryGetValue(in TKey key, out TValue value) => TryGetValue(key, out value, MapLookupFlags.None);

    /// <summary>Copies the value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; zero when there is none.</param>
    /// <param name="flags">How to read.</param>
    /// <returns>False when there is none.</returns>
    public bool TryGetValue(in TKey key, out TValue value, MapLookupFlags flags)
    {
        Unsafe.SkipInit(out value);
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            var errno = Map.LookupRaw(k, v, (ulong)flags);
            if (errno == Errno.None) return true;
            value = default;
            return errno == Errno.ENOENT ? false : throw Refused(MapErrors.Lookup, key, errno);
        }
    }

    /// <summary>Whether a key has an element.</summary>
    public bool Contains(in TKey key) => TryGetValue(key, out _);

    /// <summary>Creates or replaces an element.</summary>
    /// <exception cref="BpfSyscallException">The map is full (E2BIG), or the kernel refused.</exception>
    public void Set(in TKey key, in TValue value, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        var errno = Write(key, value, flags);
        if (errno != Errno.None) throw Refused(MapErrors.Update, key, errno, flags);
    }

    /// <summary>Creates an element; false when one with this key exists.</summary>
    /// <exception cref="BpfSyscallException">The map is full (E2BIG), or the kernel refused.</exception>
    public bool TryAdd(in TKey key, in TValue value) => TrySet(key, value, MapUpdateFlags.NoExist);

    /// <summary>Replaces an element; false when none has this key.</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public bool TryReplace(in TKey key, in TValue value) => TrySet(key, value, MapUpdateFlags.Exist);

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
    /// <exception cref="BpfSyscallException">The kernel has no such step for hashes, or refused.</exception>
    public bool TryTake(in TKey key, out TValue value)
    {
        Unsafe.SkipInit(out value);
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            var errno = Map.LookupAndDeleteRaw(k, v, 0);
            if (errno == Errno.None) return true;
            value = default;
            return errno == Errno.ENOENT ? false : throw Refused(MapErrors.LookupAndDelete, key, errno);
        }
    }

    /// <summary>Creates or replaces many elements in one system call (5.6).</summary>
    /// <exception cref="BpfSyscallException">The kernel refused an element, which the message names; those before it are in.</exception>
    public void SetBatch(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values, MapUpdateFlags flags = MapUpdateFlags.Any) =>
        Map.UpdateBatch(MemoryMarshal.AsBytes(keys), MemoryMarshal.AsBytes(values), flags);

    /// <summary>Removes many elements; those that are not there are passed over.</summary>
    /// <returns>How many were there.</returns>
    public int RemoveBatch(ReadOnlySpan<TKey> keys) => Map.RemoveBatch(MemoryMarshal.AsBytes(keys));

    /// <summary>Removes all elements that are there now.</summary>
    /// <returns>How many there were.</returns>
    public long Clear() => Map.Clear();

    /// <summary>
    /// All elements, read in batches. One that is there all the time comes exactly once, whatever programs do meanwhile.
    /// </summary>
    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator() => Enumerate(new MapChunks(Map));

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// Takes all elements out: each is read and removed in one step, so that no count of a program is lost in between
    /// (5.6). Elements made meanwhile may stay.
    /// </summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> TakeAll()
    {
        var all = Enumerate(new MapChunks(Map, remove: true));
        while (all.MoveNext()) yield return all.Current;
    }

    /// <summary>Counts the elements by walking them: the kernel keeps no number.</summary>
    public long Count()
    {
        long count = 0;
        var chunks = new MapChunks(Map);
        while (chunks.Next()) count += chunks.Count;
        return count;
    }

    /// <summary>Kernel code only: the value of a key, in place; a null reference when there is none, to be tested with <c>Unsafe.IsNullRef</c>.</summary>
    [KernelOnly]
    public ref TValue Find(in TKey key) => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: the value of a key, in place; made of zeros when there is none. A full map ends the program.</summary>
    [KernelOnly]
    public ref TValue GetOrAdd(in TKey key) => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: the value of a key, in place; the given one when there is none. A full map ends the program.</summary>
    [KernelOnly]
    public ref TValue GetOrAdd(in TKey key, in TValue value) => throw KernelOnlyMember.Error();

    private static IEnumerator<KeyValuePair<TKey, TValue>> Enumerate(MapChunks chunks)
    {
        while (chunks.Next())
        {
            for (int i = 0; i < chunks.Count; i++)
                yield return new(MemoryMarshal.Read<TKey>(chunks.Key(i)), MemoryMarshal.Read<TValue>(chunks.Value(i)));
        }
    }

    private bool TrySet(in TKey key, in TValue value, MapUpdateFlags flags)
    {
        var errno = Write(key, value, flags);
        if (errno == Errno.None) return true;
        return BpfMap.IsCondition(errno, flags) ? false : throw Refused(MapErrors.Update, key, errno, flags);
    }

    private Errno Write(in TKey key, in TValue value, MapUpdateFlags flags)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
            return Map.UpdateRaw(k, v, (ulong)flags);
    }

    private BpfSyscallException Refused(string operation, in TKey key, Errno errno, MapUpdateFlags flags = MapUpdateFlags.Any) =>
        MapErrors.Refused(Map, operation, MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(in key)), errno, flags);
}
