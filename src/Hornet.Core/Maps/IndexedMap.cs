using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>What the kinds whose key is an index have in common.</summary>
public abstract unsafe class IndexedMap : MapView
{
    private protected IndexedMap(BpfMap map, ReadOnlySpan<MapType> kinds) : base(map, kinds) => CheckKeySize<uint>();

    /// <summary>How many slots there are.</summary>
    public uint Length => Map.MaxEntries;

    private protected bool TryRead(uint index, void* value, ulong flags = 0)
    {
        var errno = Map.LookupRaw(&index, value, flags);
        if (errno == Errno.None) return true;
        return errno == Errno.ENOENT ? false : throw Refused(MapErrors.Lookup, index, errno);
    }

    private protected void Write(uint index, void* value, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        var errno = Map.UpdateRaw(&index, value, (ulong)flags);
        if (errno != Errno.None) throw Refused(MapErrors.Update, index, errno, flags);
    }

    // An empty slot is ENOENT for arrays of descriptors, EINVAL for sockmaps and devmaps.
    private protected bool Empty(uint index)
    {
        var errno = Map.DeleteRaw(&index);
        if (errno == Errno.None) return true;
        if (errno == Errno.ENOENT || (errno == Errno.EINVAL && index < Length && Map.Type is MapType.SockMap)) return false;
        throw Refused(MapErrors.Delete, index, errno);
    }

    private protected BpfSyscallException Refused(string operation, uint index, Errno errno, MapUpdateFlags flags = MapUpdateFlags.Any) =>
        MapErrors.Refused(Map, operation, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in index)), errno, flags);

    private protected ArgumentOutOfRangeException OutOfRange(uint index) =>
        new(nameof(index), $"The {Map} has {Length} slots; {index} is not one of them.");
}
