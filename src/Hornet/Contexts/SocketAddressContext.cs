using Hornet.Isa;
using Hornet.Packets;

namespace Hornet;

/// <summary>
/// An address that a process of a control group binds, connects or sends to, or asks for (<c>struct bpf_sock_addr</c>,
/// 4.17): it may be read, and be exchanged for another. Exists in kernel code only.
/// </summary>
[KernelContext]
public readonly ref struct SocketAddressContext
{
    /// <summary>The address family that was given: 2 is IPv4, 10 is IPv6.</summary>
    [ContextField(0)]
    public uint UserFamily { get => throw KernelOnly.Error(); }

    /// <summary>The address. In hooks of IPv4.</summary>
    [ContextField(4)]
    public IPv4Address IPv4 { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The IPv6 address. In hooks of IPv6.</summary>
    [ContextField(8)]
    public IPv6Address IPv6 { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The port.</summary>
    [ContextField(24, Width = 4, BigEndianBits = 16)]
    public ushort Port { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The address family of the socket.</summary>
    [ContextField(28)]
    public uint Family { get => throw KernelOnly.Error(); }

    /// <summary>The type of the socket: 1 is stream, 2 is datagram.</summary>
    [ContextField(32)]
    public uint Type { get => throw KernelOnly.Error(); }

    /// <summary>The protocol of the socket.</summary>
    [ContextField(36, Width = 4)]
    public IPProtocol Protocol { get => throw KernelOnly.Error(); }

    /// <summary>The address to send from, in <see cref="SocketAddressHook.SendMsg4"/> (4.18).</summary>
    [ContextField(40)]
    public IPv4Address SourceIPv4 { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The IPv6 address to send from, in <see cref="SocketAddressHook.SendMsg6"/> (4.18).</summary>
    [ContextField(44)]
    public IPv6Address SourceIPv6 { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The socket (5.3).</summary>
    [ContextField(64)]
    public BpfSocket Socket { get => throw KernelOnly.Error(); }

    /// <summary>A number that stands for the socket as long as it lives (4.12).</summary>
    [Helper(BpfHelper.GetSocketCookie)]
    public ulong Cookie { get => throw KernelOnly.Error(); }

    /// <summary>A number that stands for the network namespace of the socket (5.7).</summary>
    [Helper(BpfHelper.GetNetnsCookie)]
    public ulong NamespaceCookie { get => throw KernelOnly.Error(); }

    /// <summary>Binds the socket to an address before it connects: in <see cref="SocketAddressHook.Connect4"/> (4.17).</summary>
    /// <param name="address">The address; port 0 for any.</param>
    /// <returns>Whether it could be bound.</returns>
    [Helper(BpfHelper.Bind)]
    public bool Bind([Sized] in SocketAddress4 address) => throw KernelOnly.Error();

    /// <summary>Sets an option of the socket (5.8).</summary>
    /// <returns>0, or a negative error number.</returns>
    [Helper(BpfHelper.Setsockopt)]
    public int SetOption(int level, int option, ReadOnlySpan<byte> value) => throw KernelOnly.Error();

    /// <summary>Reads an option of the socket (5.8).</summary>
    /// <returns>0, or a negative error number.</returns>
    [Helper(BpfHelper.Getsockopt)]
    public int GetOption(int level, int option, Span<byte> value) => throw KernelOnly.Error();
}

/// <summary>When a program sees an address, and of which kind.</summary>
public enum SocketAddressHook : uint
{
    /// <summary><c>bind</c> over IPv4 (4.17).</summary>
    Bind4 = AttachType.CgroupInet4Bind,
    /// <summary><c>bind</c> over IPv6 (4.17).</summary>
    Bind6 = AttachType.CgroupInet6Bind,
    /// <summary><c>connect</c> over IPv4 (4.17).</summary>
    Connect4 = AttachType.CgroupInet4Connect,
    /// <summary><c>connect</c> over IPv6 (4.17).</summary>
    Connect6 = AttachType.CgroupInet6Connect,
    /// <summary><c>connect</c> of Unix sockets (6.7).</summary>
    ConnectUnix = AttachType.CgroupUnixConnect,
    /// <summary><c>sendmsg</c> and <c>sendto</c> of UDP over IPv4 (4.18).</summary>
    SendMsg4 = AttachType.CgroupUdp4SendMsg,
    /// <summary><c>sendmsg</c> and <c>sendto</c> of UDP over IPv6 (4.18).</summary>
    SendMsg6 = AttachType.CgroupUdp6SendMsg,
    /// <summary><c>sendmsg</c> and <c>sendto</c> of Unix sockets (6.7).</summary>
    SendMsgUnix = AttachType.CgroupUnixSendMsg,
    /// <summary><c>recvmsg</c> and <c>recvfrom</c> of UDP over IPv4: the sender's address (5.2). It must be allowed.</summary>
    RecvMsg4 = AttachType.CgroupUdp4RecvMsg,
    /// <summary><c>recvmsg</c> and <c>recvfrom</c> of UDP over IPv6: the sender's address (5.2). It must be allowed.</summary>
    RecvMsg6 = AttachType.CgroupUdp6RecvMsg,
    /// <summary><c>recvmsg</c> and <c>recvfrom</c> of Unix sockets (6.7). It must be allowed.</summary>
    RecvMsgUnix = AttachType.CgroupUnixRecvMsg,
    /// <summary><c>getpeername</c> over IPv4 (5.8). It must be allowed.</summary>
    GetPeerName4 = AttachType.CgroupInet4GetPeerName,
    /// <summary><c>getpeername</c> over IPv6 (5.8). It must be allowed.</summary>
    GetPeerName6 = AttachType.CgroupInet6GetPeerName,
    /// <summary><c>getpeername</c> of Unix sockets (6.7). It must be allowed.</summary>
    GetPeerNameUnix = AttachType.CgroupUnixGetPeerName,
    /// <summary><c>getsockname</c> over IPv4 (5.8). It must be allowed.</summary>
    GetSockName4 = AttachType.CgroupInet4GetSockName,
    /// <summary><c>getsockname</c> over IPv6 (5.8). It must be allowed.</summary>
    GetSockName6 = AttachType.CgroupInet6GetSockName,
    /// <summary><c>getsockname</c> of Unix sockets (6.7). It must be allowed.</summary>
    GetSockNameUnix = AttachType.CgroupUnixGetSockName,
}
