namespace Hornet.KernelTypes;

/// <summary>A network socket (<c>struct sock</c>).</summary>
[KernelType("sock")]
public interface Sock
{
    /// <summary>The address family: 2 for IPv4, 10 for IPv6.</summary>
    [KernelField("__sk_common.skc_family")]
    ushort Family { get; }

    /// <summary>The state of a connection (<c>TCP_*</c>).</summary>
    [KernelField("__sk_common.skc_state")]
    byte State { get; }

    /// <summary>The local port, in the machine's byte order.</summary>
    [KernelField("__sk_common.skc_num")]
    ushort LocalPort { get; }

    /// <summary>The other side's port, in network byte order.</summary>
    [KernelField("__sk_common.skc_dport")]
    ushort RemotePortNetworkOrder { get; }

    /// <summary>The local IPv4 address, in network byte order.</summary>
    [KernelField("__sk_common.skc_rcv_saddr")]
    uint LocalAddress { get; }

    /// <summary>The other side's IPv4 address, in network byte order.</summary>
    [KernelField("__sk_common.skc_daddr")]
    uint RemoteAddress { get; }

    /// <summary>The local IPv6 address: 16 bytes.</summary>
    [KernelField("__sk_common.skc_v6_rcv_saddr")]
    KernelPtr<byte> LocalAddress6 { get; }

    /// <summary>The other side's IPv6 address: 16 bytes.</summary>
    [KernelField("__sk_common.skc_v6_daddr")]
    KernelPtr<byte> RemoteAddress6 { get; }

    /// <summary>The protocol: 6 for TCP, 17 for UDP.</summary>
    ushort SkProtocol { get; }

    /// <summary>The network namespace's inode number.</summary>
    [KernelField("__sk_common.skc_net.net.ns.inum")]
    uint NetworkNamespace { get; }
}

/// <summary>What all sockets have, those that wait and those that are asked for too (<c>struct sock_common</c>).</summary>
[KernelType("sock_common")]
public interface SockCommon
{
    /// <summary>The address family.</summary>
    ushort SkcFamily { get; }

    /// <summary>The state, of TCP's.</summary>
    byte SkcState { get; }

    /// <summary>The local port.</summary>
    ushort SkcNum { get; }

    /// <summary>The other's port, in the network's byte order.</summary>
    ushort SkcDport { get; }
}

/// <summary>A packet on its way through the kernel (<c>struct sk_buff</c>).</summary>
[KernelType("sk_buff")]
public interface SkBuff
{
    /// <summary>Bytes, in the first piece and all others.</summary>
    uint Len { get; }

    /// <summary>The EtherType, in network byte order.</summary>
    ushort Protocol { get; }

    /// <summary>The mark.</summary>
    uint Mark { get; }

    /// <summary>Where the memory of the first piece begins; header offsets count from here.</summary>
    KernelPtr<byte> Head { get; }

    /// <summary>Where the packet begins.</summary>
    KernelPtr<byte> Data { get; }

    /// <summary>The offset of the IP header from <see cref="Head"/>.</summary>
    ushort NetworkHeader { get; }

    /// <summary>The offset of the TCP or UDP header from <see cref="Head"/>.</summary>
    ushort TransportHeader { get; }

    /// <summary>The device it came in by, or is to go out by.</summary>
    NetDevice? Dev { get; }

    /// <summary>The socket it belongs to.</summary>
    Sock? Sk { get; }
}

/// <summary>A network device (<c>struct net_device</c>).</summary>
[KernelType("net_device")]
public interface NetDevice
{
    /// <summary>The name: at most 15 bytes.</summary>
    KernelString Name { get; }

    /// <summary>The index.</summary>
    int Ifindex { get; }

    /// <summary>The largest packet, in bytes.</summary>
    uint Mtu { get; }
}
