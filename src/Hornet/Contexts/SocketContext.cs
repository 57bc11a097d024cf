using Hornet.Isa;
using Hornet.Packets;

namespace Hornet;

/// <summary>
/// A socket that a process of a control group makes, closes or has bound (<c>struct bpf_sock</c>, 4.10). Exists in kernel
/// code only.
/// </summary>
[KernelContext]
public readonly ref struct SocketContext
{
    /// <summary>The interface the socket is bound to; 0 for any. Written when it is made or closed.</summary>
    [ContextField(0)]
    public uint BoundInterfaceIndex { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The address family: 2 is IPv4, 10 is IPv6.</summary>
    [ContextField(4)]
    public uint Family { get => throw KernelOnly.Error(); }

    /// <summary>The type: 1 is stream, 2 is datagram, 3 is raw.</summary>
    [ContextField(8)]
    public uint Type { get => throw KernelOnly.Error(); }

    /// <summary>The protocol.</summary>
    [ContextField(12, Width = 4)]
    public IPProtocol Protocol { get => throw KernelOnly.Error(); }

    /// <summary>The mark of its packets (4.14). Written when it is made or closed.</summary>
    [ContextField(16)]
    public uint Mark { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The priority of its packets (4.14). Written when it is made or closed.</summary>
    [ContextField(20)]
    public uint Priority { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The local address, once bound (4.17).</summary>
    [ContextField(24)]
    public IPv4Address LocalIPv4 { get => throw KernelOnly.Error(); }

    /// <summary>The local IPv6 address, once bound (4.17).</summary>
    [ContextField(28)]
    public IPv6Address LocalIPv6 { get => throw KernelOnly.Error(); }

    /// <summary>The local port, once bound (4.17).</summary>
    [ContextField(44, Width = 4)]
    public ushort LocalPort { get => throw KernelOnly.Error(); }

    /// <summary>A number that stands for the socket as long as it lives (5.6).</summary>
    [Helper(BpfHelper.GetSocketCookie)]
    public ulong Cookie { get => throw KernelOnly.Error(); }
}
