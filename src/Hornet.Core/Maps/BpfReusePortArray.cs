namespace Hornet.Maps;

/// <summary>
/// Sockets of one <c>SO_REUSEPORT</c> group (4.19), among which <c>bpf_sk_select_reuseport</c> chooses. A socket leaves by
/// itself when it is closed.
/// </summary>
public sealed class BpfReusePortArray : SocketArray
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfReusePortArray(BpfMap map) : base(map, [MapType.ReusePortSockArray])
    {
    }

    /// <summary>Creates an array whose sockets can be read back as cookies.</summary>
    public static BpfReusePortArray Create(string name, uint length, MapOptions? options = null) =>
        Own(MapOptions.Create(options, Specification(MapType.ReusePortSockArray, name, length)), static map => new BpfReusePortArray(map));
}
