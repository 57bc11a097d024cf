using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Hornet.Maps;

/// <summary>
/// An array of sockets (4.14) that programs redirect data between. TCP, and UDP, UNIX and vsock sockets on newer kernels.
/// A socket leaves by itself when it is closed.
/// </summary>
public sealed unsafe class BpfSockMap : IndexedMap
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfSockMap(BpfMap map) : base(map, [MapType.SockMap])
    {
    }

    /// <summary>Creates a sockmap whose sockets can be read back as cookies.</summary>
    public static BpfSockMap Create(string name, uint length, MapOptions? options = null) =>
        Own(MapOptions.Create(options, new() { Name = name, Type = MapType.SockMap, KeySize = 4, ValueSize = 8, MaxEntries = length }), static map => new BpfSockMap(map));

    /// <summary>Puts a socket in a slot.</summary>
    /// <exception cref="Hornet.BpfSyscallException">There is no such slot (E2BIG), or the socket's kind or state is not taken (EOPNOTSUPP).</exception>
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

    /// <summary>The cookie of the socket in a slot (5.8; <c>SO_COOKIE</c>); null when it is empty.</summary>
    /// <exception cref="Hornet.BpfSyscallException">The map has values of 4 bytes, which cannot hold a cookie (ENOSPC).</exception>
    public ulong? GetCookie(uint index)
    {
        ulong cookie;
        return TryRead(index, &cookie) ? cookie : null;
    }

    /// <summary>Empties a slot; false when it is empty already.</summary>
    public bool Remove(uint index) => Empty(index);
}
