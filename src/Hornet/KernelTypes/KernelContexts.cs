namespace Hornet.KernelTypes;

/// <summary>A packet as XDP drivers keep it (<c>struct xdp_buff</c>): see <see cref="BpfCast"/>.</summary>
[KernelType("xdp_buff")]
public interface XdpBuff
{
    /// <summary>The device and queue it came in by.</summary>
    XdpRxqInfo Rxq { get; }

    /// <summary>The size of its buffer.</summary>
    uint FrameSz { get; }
}

/// <summary>A receive queue (<c>struct xdp_rxq_info</c>).</summary>
[KernelType("xdp_rxq_info")]
public interface XdpRxqInfo
{
    /// <summary>The device.</summary>
    NetDevice Dev { get; }

    /// <summary>The queue's number.</summary>
    uint QueueIndex { get; }
}

/// <summary>What happened to a connection, as the kernel keeps it (<c>struct bpf_sock_ops_kern</c>): see <see cref="BpfCast"/>.</summary>
[KernelType("bpf_sock_ops_kern")]
public interface SockOpsKernel
{
    /// <summary>The socket.</summary>
    Sock Sk { get; }

    /// <summary>The packet; null where there is none.</summary>
    SkBuff? Skb { get; }
}

/// <summary>An address that a process binds or connects to, as the kernel keeps it (<c>struct bpf_sock_addr_kern</c>): see <see cref="BpfCast"/>.</summary>
[KernelType("bpf_sock_addr_kern")]
public interface SockAddrKernel
{
    /// <summary>The socket.</summary>
    Sock Sk { get; }

    /// <summary>The length of the address.</summary>
    uint Uaddrlen { get; }
}
