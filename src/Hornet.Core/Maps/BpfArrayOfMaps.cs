namespace Hornet.Maps;

/// <summary>An array of maps (4.12). Programs look an inner map up by its slot.</summary>
public sealed unsafe class BpfArrayOfMaps : IndexedMap
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfArrayOfMaps(BpfMap map) : base(map, [MapType.ArrayOfMaps])
    {
    }

    /// <summary>Creates an array of maps.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="length">How many slots.</param>
    /// <param name="inner">
    /// What the inner maps are like: kind, sizes and flags must agree. Arrays with <see cref="MapFlags.InnerMap"/> (5.10)
    /// may differ in length; before 5.10 max_entries must agree for all kinds.
    /// </param>
    /// <param name="options">Flags and the like.</param>
    public static BpfArrayOfMaps Create(string name, uint length, MapSpec inner, MapOptions? options = null) =>
        Own(MapOptions.Create(options, new() { Name = name, Type = MapType.ArrayOfMaps, MaxEntries = length, InnerMap = inner }), static map => new BpfArrayOfMaps(map));

    /// <summary>Creates an array of maps that are like one that exists.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="length">How many slots.</param>
    /// <param name="example">A map as the inner maps are: kind, sizes and flags must agree, before 5.10 max_entries too. It is not put in.</param>
    /// <param name="options">Flags and the like.</param>
    public static BpfArrayOfMaps Create(string name, uint length, MapView example, MapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(example);
        MapSpec spec = new() { Name = name, Type = MapType.ArrayOfMaps, MaxEntries = length, InnerMap = example.Map.Spec };
        return Own(MapOptions.Create(options, spec, new() { InnerMap = example.Map }), static map => new BpfArrayOfMaps(map));
    }

    /// <summary>Puts a map in a slot. The array keeps it in the kernel.</summary>
    /// <inheritdoc cref="Set(uint, BpfMap)"/>
    public void Set(uint index, MapView map)
    {
        ArgumentNullException.ThrowIfNull(map);
        Set(index, map.Map);
    }

    /// <summary>Puts a map in a slot. The array keeps it in the kernel.</summary>
    /// <exception cref="Hornet.BpfSyscallException">There is no such slot (E2BIG), or the map is not like the declared inner map (EINVAL).</exception>
    public void Set(uint index, BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        uint fd = (uint)map.Descriptor.Value;
        Write(index, &fd);
    }

    /// <summary>The id of the map in a slot; null when it is empty.</summary>
    public uint? GetMapId(uint index)
    {
        uint id;
        return TryRead(index, &id) ? id : null;
    }

    /// <summary>Opens the map in a slot; null when it is empty. The caller disposes it.</summary>
    public BpfMap? Open(uint index) => GetMapId(index) is { } id ? BpfMap.OpenById(id) : null;

    /// <summary>Empties a slot; false when it is empty already.</summary>
    public bool Remove(uint index) => Empty(index);

    /// <summary>Kernel code only: the map in a slot, to work on like a captured one; false when the slot is empty, and then it must not be used.</summary>
    /// <typeparam name="TMap">What the inner maps are: a hash, an array, one of their per-CPU kinds, a queue, a stack or a bloom filter.</typeparam>
    [KernelOnly]
    public bool TryGetMap<TMap>(uint index, out TMap map) where TMap : MapView => throw KernelOnlyMember.Error();
}
