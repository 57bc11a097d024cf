using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Hornet.Maps;

/// <summary>
/// Sockets of one <c>SO_REUSEPORT</c> group (4.19), among which <c>bpf_sk_select_reuseport</c> chooses. A socket leaves by
/// itself when it is closed.
/// </summary>
public sealed unsafe class BpfReusePortArray : IndexedMap
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfReusePortArray(BpfMap map) : base(map, [MapType.ReusePortSockArray])
    {
    }

    /// <summary>Creates an array whose sockets can be read back as cookies.</summary>
    public static BpfReusePortArray Create(string name, uint length, MapOptions? options = null) =>
        Own(MapOptions.Create(options, new() { Name = name, Type = MapType.ReusePortSockArray, KeySize = 4, ValueSize = 8, MaxEntries = length }), static map => new BpfReusePortArray(map));

    /// <summary>Puts a socket in a slot: bound, with <c>SO_REUSEPORT</c> set, and in no other such array.</summary>
    /// <exception cref="Hornet.BpfSyscallException">The socket is not like that (EINVAL, EBUSY), or there is no such slot (E2BIG).</exception>
    public void Set(uint index, Socket socket, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Set(index, socket.SafeHandle, flags);
    }

    /// <inheritdoc cref="Set(uint, Socket, MapUpdateFlags)"/>
    public void Set(uint index, SafeHandle socket, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        using var held = new HeldHandle(socket);
        long fd = held.Number;
        Write(index, &fd, flags);
    }

    /// <summary>The cookie of the socket in a slot (<c>SO_COOKIE</c>); null when it is empty.</summary>
    public ulong? GetCookie(uint index)
    {
        ulong cookie;
        return TryRead(index, &cookie) ? cookie : null;
    }

    /// <summary>Empties a slot; false when it is empty already.</summary>
    public bool Remove(uint index) => Empty(index);
}
