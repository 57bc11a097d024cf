using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>Where an XDP redirect to a network interface goes: the interface, and a program that runs on the way out (5.8).</summary>
/// <param name="InterfaceIndex">The interface.</param>
/// <param name="Program">
/// When reading, the id of the program; when writing through <see cref="BpfDevMap.Set(uint, uint, FileDescriptor?)"/> the
/// descriptor is given instead. 0 for none.
/// </param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct DevMapEntry(uint InterfaceIndex, uint Program)
{
    internal static DevMapEntry For(BpfMap map, uint interfaceIndex, FileDescriptor? program)
    {
        if (program is null) return new(interfaceIndex, uint.MaxValue);
        if (map.ValueSize < 8) throw new BpfException($"The {map} has values of {map.ValueSize} bytes, without room for a program.");
        return new(interfaceIndex, (uint)program.Value);
    }
}

/// <summary>An array of network interfaces for <c>bpf_redirect_map</c> (4.14); with programs since 5.8.</summary>
public sealed unsafe class BpfDevMap : IndexedMap
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfDevMap(BpfMap map) : base(map, [MapType.DevMap])
    {
    }

    /// <summary>Creates a devmap whose entries may have programs.</summary>
    public static BpfDevMap Create(string name, uint length, MapOptions? options = null) =>
        Own(MapOptions.Create(options, new() { Name = name, Type = MapType.DevMap, ValueSize = 8, MaxEntries = length }), static map => new BpfDevMap(map));

    /// <summary>Puts an interface in a slot.</summary>
    /// <param name="index">The slot.</param>
    /// <param name="interfaceIndex">The interface, of this process's network namespace.</param>
    /// <param name="program">An XDP program loaded for devmaps; null for none.</param>
    /// <exception cref="BpfSyscallException">There is no such slot (E2BIG) or interface (EINVAL), or the program is of another kind.</exception>
    public void Set(uint index, uint interfaceIndex, FileDescriptor? program = null)
    {
        var entry = DevMapEntry.For(Map, interfaceIndex, program);
        Write(index, &entry);
    }

    /// <summary>The interface in a slot; false when it is empty.</summary>
    public bool TryGet(uint index, out DevMapEntry entry)
    {
        DevMapEntry read = default;
        bool found = TryRead(index, &read);
        entry = read;
        return found;
    }

    /// <summary>Empties a slot. The kernel does not say whether it was empty.</summary>
    public void Remove(uint index) => Empty(index);
}
