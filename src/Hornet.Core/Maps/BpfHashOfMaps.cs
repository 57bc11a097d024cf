using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>Maps by a key (4.12).</summary>
/// <typeparam name="TKey">The key: an integer, or a struct without padding.</typeparam>
public sealed unsafe class BpfHashOfMaps<[DynamicallyAccessedMembers(ElementLayout.Fields)] TKey> : MapView where TKey : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a key.</exception>
    public BpfHashOfMaps(BpfMap map) : base(map, [MapType.HashOfMaps])
    {
        ElementLayout.CheckKey<TKey>();
        CheckKeySize<TKey>();
    }

    /// <summary>Creates a hash of maps.</summary>
    /// <inheritdoc cref="BpfArrayOfMaps.Create(string, uint, MapSpec, MapOptions?)"/>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="maxEntries">The largest number of inner maps.</param>
    /// <param name="inner">What the inner maps are like.</param>
    /// <param name="options">Flags and the like.</param>
    public static BpfHashOfMaps<TKey> Create(string name, uint maxEntries, MapSpec inner, MapOptions? options = null)
    {
        ElementLayout.CheckKey<TKey>();
        return Own(MapOptions.Create(options, new() { Name = name, Type = MapType.HashOfMaps, KeySize = (uint)sizeof(TKey), MaxEntries = maxEntries, InnerMap = inner }),
            static map => new BpfHashOfMaps<TKey>(map));
    }

    /// <summary>Creates a hash of maps that are like one that exists.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="maxEntries">The largest number of inner maps.</param>
    /// <param name="example">A map as the inner maps are: kind, sizes and flags must agree, before 5.10 max_entries too. It is not put in.</param>
    /// <param name="options">Flags and the like.</param>
    public static BpfHashOfMaps<TKey> Create(string name, uint maxEntries, MapView example, MapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(example);
        ElementLayout.CheckKey<TKey>();
        MapSpec spec = new() { Name = name, Type = MapType.HashOfMaps, KeySize = (uint)sizeof(TKey), MaxEntries = maxEntries, InnerMap = example.Map.Spec };
        return Own(MapOptions.Create(options, spec, new() { InnerMap = example.Map }), static map => new BpfHashOfMaps<TKey>(map));
    }

    /// <summary>Creates or replaces an entry. The hash keeps the map in the kernel.</summary>
    /// <inheritdoc cref="Set(in TKey, BpfMap, MapUpdateFlags)"/>
    public void Set(in TKey key, MapView map, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        ArgumentNullException.ThrowIfNull(map);
        Set(key, map.Map, flags);
    }

    /// <summary>Creates or replaces an entry. The hash keeps the map in the kernel.</summary>
    /// <exception cref="BpfSyscallException">The hash is full (E2BIG), or the map is not like the declared inner map (EINVAL).</exception>
    public void Set(in TKey key, BpfMap map, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        ArgumentNullException.ThrowIfNull(map);
        uint fd = (uint)map.Descriptor.Value;
        fixed (TKey* k = &key)
        {
            var errno = Map.UpdateRaw(k, &fd, (ulong)flags);
            if (errno != Errno.None) throw MapErrors.Refused(Map, MapErrors.Update, Bytes(key), errno, flags);
        }
    }

    /// <summary>The id of a key's map; null when there is none.</summary>
    public uint? GetMapId(in TKey key)
    {
        uint id = 0;
        return Map.TryLookup(Bytes(key), MemoryMarshal.AsBytes(new Span<uint>(ref id))) ? id : null;
    }

    /// <summary>Opens a key's map; null when there is none. The caller disposes it.</summary>
    public BpfMap? Open(in TKey key) => GetMapId(key) is { } id ? BpfMap.OpenById(id) : null;

    /// <summary>Removes an entry; false when there is none.</summary>
    public bool Remove(in TKey key) => Map.Remove(Bytes(key));

    /// <summary>All entries: keys and the ids of their maps.</summary>
    public IEnumerable<KeyValuePair<TKey, uint>> Entries()
    {
        foreach (var (key, value) in Map.ReadAll()) yield return new(MemoryMarshal.Read<TKey>(key), BitConverter.ToUInt32(value));
    }

    /// <summary>Kernel code only: the map of a key, to work on like a captured one; false when there is none, and then it must not be used.</summary>
    /// <typeparam name="TMap">What the inner maps are: a hash, an array, one of their per-CPU kinds, a queue, a stack or a bloom filter.</typeparam>
    [KernelOnly]
    public bool TryGetMap<TMap>(in TKey key, out TMap map) where TMap : MapView => throw KernelOnlyMember.Error();

    private static ReadOnlySpan<byte> Bytes(in TKey key) => MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(in key));
}
