using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace Hornet.Maps;

/// <summary>Values kept with sockets (<c>BPF_MAP_TYPE_SK_STORAGE</c>, 5.2).</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class BpfSocketStorage<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : LocalStorageMap<T> where T : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a map.</exception>
    public BpfSocketStorage(BpfMap map) : base(map, MapType.SkStorage)
    {
    }

    /// <summary>Creates a storage.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="clone">Whether accepted sockets inherit the listener's value (5.4).</param>
    /// <param name="options">Flags and the like.</param>
    public static BpfSocketStorage<T> Create(string name, bool clone = false, MapOptions? options = null) =>
        Own(Create(MapType.SkStorage, name, options, clone ? MapFlags.Clone : MapFlags.None), static map => new BpfSocketStorage<T>(map));

    /// <summary>The value kept with a socket; false when it has none.</summary>
    public bool TryGetValue(Socket socket, out T value)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return TryGetValue(socket.SafeHandle, out value);
    }

    /// <summary>Keeps a value with a socket.</summary>
    public void Set(Socket socket, in T value, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Set(socket.SafeHandle, value, flags);
    }

    /// <summary>Removes the value kept with a socket; false when it has none.</summary>
    public bool Remove(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return Remove(socket.SafeHandle);
    }
}
