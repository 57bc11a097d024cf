using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>Sockets by a key (4.18). A socket leaves by itself when it is closed.</summary>
/// <typeparam name="TKey">The key: an integer, or a struct without padding.</typeparam>
public sealed unsafe class BpfSockHash<[DynamicallyAccessedMembers(ElementLayout.Fields)] TKey> : MapView where TKey : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a key.</exception>
    public BpfSockHash(BpfMap map) : base(map, [MapType.SockHash])
    {
        ElementLayout.CheckKey<TKey>();
        CheckKeySize<TKey>();
    }

    /// <summary>Creates a sockhash whose sockets can be read back as cookies.</summary>
    public static BpfSockHash<TKey> Create(string name, uint maxEntries, MapOptions? options = null)
    {
        ElementLayout.CheckKey<TKey>();
        return Own(MapOptions.Create(options, new()
        {
            Name = name,
            Type = MapType.SockHash,
            KeySize = (uint)sizeof(TKey),
            ValueSize = 8,
            MaxEntries = maxEntries,
        }), static map => new BpfSockHash<TKey>(map));
    }

    /// <summary>Creates or replaces an entry.</summary>
    /// <exception cref="BpfSyscallException">The map is full (E2BIG), or the socket's kind or state is not taken (EOPNOTSUPP).</exception>
    public void Set(in TKey key, Socket socket, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Set(key, socket.SafeHandle, flags);
    }

    /// <inheritdoc cref="Set(in TKey, Socket, MapUpdateFlags)"/>
    public void Set(in TKey key, SafeHandle socket, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        using var held = new HeldHandle(socket);
        long fd = held.Number;
        fixed (TKey* k = &key)
        {
            var errno = Map.UpdateRaw(k, &fd, (ulong)flags);
            if (errno != Errno.None) throw MapErrors.Refused(Map, MapErrors.Update, Bytes(key), errno, flags);
        }
    }

    /// <summary>The cookie of a key's socket (5.8; <c>SO_COOKIE</c>); null when there is none.</summary>
    public ulong? GetCookie(in TKey key)
    {
        ulong cookie = 0;
        return Map.TryLookup(Bytes(key), MemoryMarshal.AsBytes(new Span<ulong>(ref cookie))) ? cookie : null;
    }

    /// <summary>Removes an entry; false when there is none.</summary>
    public bool Remove(in TKey key) => Map.Remove(Bytes(key));

    private static ReadOnlySpan<byte> Bytes(in TKey key) => MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(in key));
}
