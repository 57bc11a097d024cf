using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>Network interfaces by any 32-bit key, usually the interface's own number (5.4).</summary>
public sealed unsafe class BpfDevMapHash : MapView
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfDevMapHash(BpfMap map) : base(map, [MapType.DevMapHash]) => CheckKeySize<uint>();

    /// <summary>Creates a devmap whose entries may have programs.</summary>
    public static BpfDevMapHash Create(string name, uint maxEntries, MapOptions? options = null) =>
        Own(MapOptions.Create(options, new() { Name = name, Type = MapType.DevMapHash, KeySize = 4, ValueSize = 8, MaxEntries = maxEntries }), static map => new BpfDevMapHash(map));

    /// <summary>Creates or replaces an entry.</summary>
    /// <inheritdoc cref="BpfDevMap.Set(uint, uint, FileDescriptor?)"/>
    /// <param name="key">The key.</param>
    /// <param name="interfaceIndex">The interface, of this process's network namespace.</param>
    /// <param name="program">An XDP program loaded for devmaps; null for none.</param>
    public void Set(uint key, uint interfaceIndex, FileDescriptor? program = null)
    {
        var entry = DevMapEntry.For(Map, interfaceIndex, program);
        var errno = Map.UpdateRaw(&key, &entry, 0);
        if (errno != Errno.None) throw MapErrors.Refused(Map, MapErrors.Update, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in key)), errno);
    }

    /// <summary>The entry of a key; false when there is none.</summary>
    public bool TryGet(uint key, out DevMapEntry entry)
    {
        DevMapEntry read = default;
        bool found = Map.TryLookup(MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in key)), MemoryMarshal.AsBytes(new Span<DevMapEntry>(ref read)));
        entry = read;
        return found;
    }

    /// <summary>Removes an entry; false when there is none.</summary>
    public bool Remove(uint key) => Map.Remove(MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in key)));

    /// <summary>All entries.</summary>
    public IEnumerable<KeyValuePair<uint, DevMapEntry>> Entries()
    {
        foreach (var (key, value) in Map.ReadAll())
            yield return new(BitConverter.ToUInt32(key), new(BitConverter.ToUInt32(value), value.Length >= 8 ? BitConverter.ToUInt32(value, 4) : 0));
    }
}
