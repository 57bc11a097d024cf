using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Hornet.Maps;

/// <summary>What the arrays of sockets have in common. A socket leaves by itself when it is closed.</summary>
public abstract unsafe class SocketArray : IndexedMap
{
    private protected SocketArray(BpfMap map, ReadOnlySpan<MapType> kinds) : base(map, kinds)
    {
    }

    // Values of 8 bytes, so that the sockets can be read back as cookies; 4 would hold their descriptors just as well.
    private protected static MapSpec Specification(MapType type, string name, uint length) =>
        new() { Name = name, Type = type, KeySize = 4, ValueSize = 8, MaxEntries = length };

    /// <summary>Puts a socket in a slot.</summary>
    /// <exception cref="Hornet.BpfSyscallException">
    /// There is no such slot (E2BIG), or the socket's kind or state is not taken: EOPNOTSUPP in a sockmap; EINVAL or EBUSY in a
    /// reuseport array, which wants it bound, with <c>SO_REUSEPORT</c> set, and in no other such array.
    /// </exception>
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

    /// <summary>The cookie of the socket in a slot (<c>SO_COOKIE</c>; sockmaps since 5.8); null when it is empty.</summary>
    /// <exception cref="Hornet.BpfSyscallException">The map has values of 4 bytes, which cannot hold a cookie (ENOSPC).</exception>
    public ulong? GetCookie(uint index)
    {
        ulong cookie;
        return TryRead(index, &cookie) ? cookie : null;
    }

    /// <summary>Empties a slot; false when it is empty already.</summary>
    public bool Remove(uint index) => Empty(index);
}
