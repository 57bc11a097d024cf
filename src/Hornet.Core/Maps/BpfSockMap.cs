namespace Hornet.Maps;

/// <summary>
/// An array of sockets (4.14) that programs redirect data between. TCP, and UDP, UNIX and vsock sockets on newer kernels.
/// A socket leaves by itself when it is closed.
/// </summary>
public sealed class BpfSockMap : SocketArray
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfSockMap(BpfMap map) : base(map, [MapType.SockMap])
    {
    }

    /// <summary>Creates a sockmap whose sockets can be read back as cookies.</summary>
    public static BpfSockMap Create(string name, uint length, MapOptions? options = null) =>
        Own(MapOptions.Create(options, Specification(MapType.SockMap, name, length)), static map => new BpfSockMap(map));
}
