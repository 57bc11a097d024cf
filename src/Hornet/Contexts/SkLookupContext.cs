using Hornet.Isa;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet;

/// <summary>
/// A packet that arrives and whose socket is looked for (<c>struct bpf_sk_lookup</c>, 5.9): the program may choose any
/// listening TCP or unconnected UDP socket, whatever it is bound to. Exists in kernel code only.
/// </summary>
[KernelContext]
public readonly ref struct SkLookupContext
{
    /// <summary>The socket that an earlier program chose; null for none.</summary>
    [ContextField(0)]
    public BpfSocket Chosen { get => throw KernelOnly.Error(); }

    /// <summary>The address family: 2 is IPv4, 10 is IPv6.</summary>
    [ContextField(8)]
    public uint Family { get => throw KernelOnly.Error(); }

    /// <summary><see cref="IPProtocol.Tcp"/> or <see cref="IPProtocol.Udp"/>.</summary>
    [ContextField(12, Width = 4)]
    public IPProtocol Protocol { get => throw KernelOnly.Error(); }

    /// <summary>The remote address.</summary>
    [ContextField(16)]
    public IPv4Address RemoteIPv4 { get => throw KernelOnly.Error(); }

    /// <summary>The remote IPv6 address.</summary>
    [ContextField(20)]
    public IPv6Address RemoteIPv6 { get => throw KernelOnly.Error(); }

    /// <summary>The remote port.</summary>
    [ContextField(36, Width = 2, BigEndianBits = 16)]
    public ushort RemotePort { get => throw KernelOnly.Error(); }

    /// <summary>The local address.</summary>
    [ContextField(40)]
    public IPv4Address LocalIPv4 { get => throw KernelOnly.Error(); }

    /// <summary>The local IPv6 address.</summary>
    [ContextField(44)]
    public IPv6Address LocalIPv6 { get => throw KernelOnly.Error(); }

    /// <summary>The local port.</summary>
    [ContextField(60, Width = 4)]
    public ushort LocalPort { get => throw KernelOnly.Error(); }

    /// <summary>The index of the interface the packet came in by (5.17).</summary>
    [ContextField(64)]
    public uint InterfaceIndex { get => throw KernelOnly.Error(); }

    /// <summary>Chooses a socket; return <see cref="SkAction.Pass"/> afterwards.</summary>
    /// <param name="socket">The socket: of a socket map, see <see cref="FindSocket(BpfSockMap, in uint)"/>.</param>
    /// <param name="flags">What else.</param>
    /// <returns>Whether the socket can take the packet.</returns>
    [Helper(BpfHelper.SkAssign)]
    public bool Assign(BpfSocket socket, SkAssignFlags flags = SkAssignFlags.None) => throw KernelOnly.Error();

    /// <summary>A socket of a map; dispose it (<c>using var</c>): the kernel refuses programs that keep it.</summary>
    /// <param name="map">The sockets.</param>
    /// <param name="index">Which of them.</param>
    [Helper(BpfHelper.MapLookupElem, WithoutContext = true)]
    public BpfSocket FindSocket(BpfSockMap map, in uint index) => throw KernelOnly.Error();

    /// <summary>A socket of a map; dispose it (<c>using var</c>): the kernel refuses programs that keep it.</summary>
    /// <param name="map">The sockets.</param>
    /// <param name="key">Which of them.</param>
    [Helper(BpfHelper.MapLookupElem, WithoutContext = true)]
    public BpfSocket FindSocket<TKey>(BpfSockHash<TKey> map, in TKey key) where TKey : unmanaged => throw KernelOnly.Error();
}

/// <summary>How a socket is chosen (<c>BPF_SK_LOOKUP_F_*</c>).</summary>
[Flags]
public enum SkAssignFlags : ulong
{
    /// <summary>An error where another program chose before.</summary>
    None = 0,
    /// <summary>What another program chose is replaced.</summary>
    Replace = 1,
    /// <summary>Among sockets that share a port, this very one.</summary>
    NoReusePort = 2,
}
