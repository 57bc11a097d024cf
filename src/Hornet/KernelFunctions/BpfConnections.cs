using System.Runtime.InteropServices;
using Hornet.KernelTypes;

namespace Hornet;

/// <summary>What a TCP connection is to be like whose handshake a program answered (<c>struct bpf_tcp_req_attrs</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = 20)]
public struct TcpRequestAttributes
{
    /// <summary>The other's last time stamp.</summary>
    public uint ReceivedTimestamp;

    /// <summary>Our time stamp that it sent back.</summary>
    public uint EchoedTimestamp;

    /// <summary>The longest segment.</summary>
    public ushort MaximumSegmentSize;

    /// <summary>The scale of our window.</summary>
    public byte ReceiveWindowScale;

    /// <summary>The scale of its window.</summary>
    public byte SendWindowScale;

    /// <summary>Whether both know congestion notification (ECN).</summary>
    public bool AllowsEcn;

    /// <summary>Whether windows are scaled.</summary>
    public bool ScalesWindows;

    /// <summary>Whether both know selective acknowledgements.</summary>
    public bool AllowsSack;

    /// <summary>Whether both send time stamps.</summary>
    public bool HasTimestamps;

    /// <summary>Whether time stamps count microseconds.</summary>
    public bool CountsMicroseconds;
}

/// <summary>What functions of the kernel do with sockets, each in programs of one kind.</summary>
public static class BpfConnections
{
    /// <summary>Closes a socket as if its peer had (<c>bpf_sock_destroy</c>, 6.5), in iterators over TCP and UDP sockets.</summary>
    /// <returns>0, or a negative error number: -95 (EOPNOTSUPP) for protocols that cannot.</returns>
    [KernelFunction("bpf_sock_destroy")]
    public static int Destroy(this SockCommon socket) => throw KernelOnly.Error();

    /// <summary>
    /// Hands a packet to a listening socket as the end of a handshake that the program answered itself, by cookies of its own (<c>bpf_sk_assign_tcp_reqsk</c>,
    /// 6.9; tc programs at the entry).
    /// </summary>
    /// <param name="packet">The packet.</param>
    /// <param name="listener">The socket.</param>
    /// <param name="attributes">What was agreed on.</param>
    /// <returns>0, or a negative error number.</returns>
    [KernelFunction("bpf_sk_assign_tcp_reqsk")]
    public static int AssignRequest(this SkbContext packet, BpfSocket listener, ref TcpRequestAttributes attributes) => throw KernelOnly.Error();

    /// <summary>
    /// Has the time stamps of a packet's way out reported to the connection's program (<c>bpf_sock_ops_enable_tx_tstamp</c>, 6.15; sockops programs, in
    /// <see cref="SockOpsEvent.TimestampSend"/>). The connection is to have said that it wants them: <c>SetOption(1, 1009, …)</c> with the number 1
    /// (<c>SK_BPF_CB_FLAGS</c>, <c>SK_BPF_CB_TX_TIMESTAMPING</c>).
    /// </summary>
    /// <returns>0, or a negative error number.</returns>
    public static int EnableTransmitTimestamps(this SockOpsContext happened) => EnableTimestamps(happened.ToKernel(), 0);

    /// <summary>Exchanges the path of a Unix socket (<c>bpf_sock_addr_set_sun_path</c>, 6.7; programs of Unix sockets in control groups).</summary>
    /// <param name="address">The address.</param>
    /// <param name="path">The path, at most 108 bytes; one that begins with a zero is abstract.</param>
    /// <returns>0, or a negative error number.</returns>
    public static int SetUnixPath(this SocketAddressContext address, ReadOnlySpan<byte> path) => SetPath(address.ToKernel(), path);

    [KernelFunction("bpf_sock_ops_enable_tx_tstamp")]
    private static int EnableTimestamps(SockOpsKernel happened, ulong flags) => throw KernelOnly.Error();

    [KernelFunction("bpf_sock_addr_set_sun_path")]
    private static int SetPath(SockAddrKernel address, ReadOnlySpan<byte> path) => throw KernelOnly.Error();
}
