using System.Runtime.InteropServices;

namespace Hornet.Maps;

/// <summary>AF_XDP sockets by queue number (4.18), for <c>bpf_redirect_map</c>.</summary>
public sealed unsafe class BpfXskMap : IndexedMap
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfXskMap(BpfMap map) : base(map, [MapType.XskMap])
    {
    }

    /// <summary>Creates an xskmap.</summary>
    public static BpfXskMap Create(string name, uint length, MapOptions? options = null) =>
        Own(MapOptions.Create(options, new() { Name = name, Type = MapType.XskMap, MaxEntries = length }), static map => new BpfXskMap(map));

    /// <summary>Puts an AF_XDP socket in a slot. It leaves by itself when it is closed.</summary>
    /// <exception cref="Hornet.BpfSyscallException">There is no such slot (E2BIG), or it is another kind of socket (EOPNOTSUPP).</exception>
    public void Set(uint index, SafeHandle socket)
    {
        using var held = new HeldHandle(socket);
        int fd = held.Number;
        Write(index, &fd);
    }

    /// <summary>Empties a slot. The kernel does not say whether it was empty.</summary>
    public void Remove(uint index) => Empty(index);
}
