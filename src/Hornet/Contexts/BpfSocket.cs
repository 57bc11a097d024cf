using Hornet.Isa;
using Hornet.Packets;

namespace Hornet;

/// <summary>
/// A socket of the kernel (<c>struct bpf_sock</c>): what a lookup found, or the socket of a context. Test <see cref="IsNull"/>
/// before reading; the kernel refuses programs that do not. Exists in kernel code only.
/// </summary>
/// <remarks>
/// What a lookup found must be given back: <c>using var socket = packet.FindTcpSocket(…)</c>. Between the two no check may
/// end the program, since nothing would give it back then: use TryRead, not <c>Data[i]</c>.
/// </remarks>
[KernelContext("bpf_sock")]
public readonly ref struct BpfSocket : IDisposable
{
    /// <summary>The network namespace of the program's interface or socket.</summary>
    public const ulong CurrentNamespace = ulong.MaxValue;

    /// <summary>Whether there is none.</summary>
    [NullTest]
    public bool IsNull { get => throw KernelOnly.Error(); }

    /// <summary>The interface the socket is bound to; 0 for any. Only of a <see cref="Full"/> socket.</summary>
    [ContextField(0)]
    public uint BoundInterfaceIndex { get => throw KernelOnly.Error(); }

    /// <summary>The address family: 1 is Unix, 2 is IPv4, 10 is IPv6.</summary>
    [ContextField(4)]
    public uint Family { get => throw KernelOnly.Error(); }

    /// <summary>The type: 1 is stream, 2 is datagram. Only of a <see cref="Full"/> socket.</summary>
    [ContextField(8)]
    public uint Type { get => throw KernelOnly.Error(); }

    /// <summary>The protocol. Only of a <see cref="Full"/> socket.</summary>
    [ContextField(12, Width = 4)]
    public IPProtocol Protocol { get => throw KernelOnly.Error(); }

    /// <summary>The mark of its packets. Only of a <see cref="Full"/> socket.</summary>
    [ContextField(16)]
    public uint Mark { get => throw KernelOnly.Error(); }

    /// <summary>The priority of its packets. Only of a <see cref="Full"/> socket.</summary>
    [ContextField(20)]
    public uint Priority { get => throw KernelOnly.Error(); }

    /// <summary>The local address.</summary>
    [ContextField(24)]
    public IPv4Address LocalIPv4 { get => throw KernelOnly.Error(); }

    /// <summary>The local IPv6 address.</summary>
    [ContextField(28)]
    public IPv6Address LocalIPv6 { get => throw KernelOnly.Error(); }

    /// <summary>The local port.</summary>
    [ContextField(44, Width = 4)]
    public ushort LocalPort { get => throw KernelOnly.Error(); }

    /// <summary>The remote port.</summary>
    [ContextField(48, Width = 4, BigEndianBits = 16)]
    public ushort RemotePort { get => throw KernelOnly.Error(); }

    /// <summary>The remote address.</summary>
    [ContextField(52)]
    public IPv4Address RemoteIPv4 { get => throw KernelOnly.Error(); }

    /// <summary>The remote IPv6 address.</summary>
    [ContextField(56)]
    public IPv6Address RemoteIPv6 { get => throw KernelOnly.Error(); }

    /// <summary>The state, of TCP: 1 is established, 10 is listening.</summary>
    [ContextField(72, Width = 4)]
    public TcpState State { get => throw KernelOnly.Error(); }

    /// <summary>The receive queue its packets come in by; -1 when not known (5.8).</summary>
    [ContextField(76)]
    public int ReceiveQueue { get => throw KernelOnly.Error(); }

    /// <summary>The same socket with all its fields; null for one that is only a request or waits for its end (5.1).</summary>
    [Helper(BpfHelper.SkFullsock)]
    public BpfSocket Full { get => throw KernelOnly.Error(); }

    /// <summary>What TCP knows of the socket; null when it is none of TCP (5.1).</summary>
    [Helper(BpfHelper.TcpSock)]
    public TcpSocketInfo Tcp { get => throw KernelOnly.Error(); }

    /// <summary>The listening socket that a connection came from; null when there is none (5.1).</summary>
    [Helper(BpfHelper.GetListenerSock)]
    public BpfSocket Listener { get => throw KernelOnly.Error(); }

    /// <summary>The id of the control group (v2) that the socket belongs to (5.8).</summary>
    [Helper(BpfHelper.SkCgroupId)]
    public ulong CgroupId { get => throw KernelOnly.Error(); }

    /// <summary>The id of a control group (v2) above the socket's: 0 for the root (5.8).</summary>
    [Helper(BpfHelper.SkAncestorCgroupId)]
    public ulong GetAncestorCgroupId(int level) => throw KernelOnly.Error();

    /// <summary>Makes a SYN cookie as the listening socket would (5.4): XDP and tc.</summary>
    /// <param name="ip">The packet's IP header.</param>
    /// <param name="tcp">The TCP header with its options.</param>
    /// <returns>The sequence number in the low 32 bits, the MSS in the next 16; negative when there is none.</returns>
    [Helper(BpfHelper.TcpGenSyncookie)]
    public long MakeSynCookie(ReadOnlySpan<byte> ip, ReadOnlySpan<byte> tcp) => throw KernelOnly.Error();

    /// <summary>Checks the SYN cookie that an ACK brings back to the listening socket (5.2): XDP and tc.</summary>
    [Helper(BpfHelper.TcpCheckSyncookie)]
    public bool CheckSynCookie(ReadOnlySpan<byte> ip, ReadOnlySpan<byte> tcp) => throw KernelOnly.Error();

    /// <summary>Gives back a socket that a lookup found.</summary>
    [Helper(BpfHelper.SkRelease)]
    public void Release() => throw KernelOnly.Error();

    /// <summary>Gives back a socket that a lookup found; nothing when there is none.</summary>
    public void Dispose()
    {
        if (!IsNull) Release();
    }
}

/// <summary>The state of a TCP connection (<c>TCP_*</c>).</summary>
public enum TcpState : uint
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>Connected.</summary>
    Established = 1,
    /// <summary>Connecting: SYN was sent.</summary>
    SynSent = 2,
    /// <summary>SYN came in.</summary>
    SynReceived = 3,
    /// <summary>Closed here, FIN was sent.</summary>
    FinWait1 = 4,
    /// <summary>Closed here, and the other side knows.</summary>
    FinWait2 = 5,
    /// <summary>Closed; late packets are waited for.</summary>
    TimeWait = 6,
    /// <summary>Closed.</summary>
    Close = 7,
    /// <summary>The other side closed.</summary>
    CloseWait = 8,
    /// <summary>Both closed, the last acknowledgement is missing.</summary>
    LastAck = 9,
    /// <summary>Listening.</summary>
    Listen = 10,
    /// <summary>Both closed at once.</summary>
    Closing = 11,
    /// <summary>A request to connect.</summary>
    NewSynReceived = 12,
}
