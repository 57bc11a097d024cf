using Hornet.Isa;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet;

/// <summary>
/// Something that happened to a TCP connection of a control group (<c>struct bpf_sock_ops</c>, 4.13). Exists in kernel code
/// only.
/// </summary>
[KernelContext]
public readonly ref struct SockOpsContext
{
    /// <summary>The packet from its TCP header on, in events about headers (5.10).</summary>
    public Span<byte> Data { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Copies a value out of the packet, from its TCP header on.</summary>
    /// <param name="offset">Where it begins, in bytes.</param>
    /// <param name="value">The value; zero when there are not as many bytes.</param>
    /// <returns>Whether there are as many bytes.</returns>
    [KernelOnly]
    public bool TryRead<T>(int offset, out T value) where T : unmanaged => throw KernelOnly.Error();
    /// <summary>What happened.</summary>
    [ContextField(0, Width = 4)]
    public SockOpsEvent Operation { get => throw KernelOnly.Error(); }

    /// <summary>The address family: 2 is IPv4, 10 is IPv6.</summary>
    [ContextField(20)]
    public uint Family { get => throw KernelOnly.Error(); }

    /// <summary>The remote address.</summary>
    [ContextField(24)]
    public IPv4Address RemoteIPv4 { get => throw KernelOnly.Error(); }

    /// <summary>The local address.</summary>
    [ContextField(28)]
    public IPv4Address LocalIPv4 { get => throw KernelOnly.Error(); }

    /// <summary>The remote IPv6 address.</summary>
    [ContextField(32)]
    public IPv6Address RemoteIPv6 { get => throw KernelOnly.Error(); }

    /// <summary>The local IPv6 address.</summary>
    [ContextField(48)]
    public IPv6Address LocalIPv6 { get => throw KernelOnly.Error(); }

    /// <summary>The remote port.</summary>
    [ContextField(64, Width = 4, BigEndianBits = 32)]
    public ushort RemotePort { get => throw KernelOnly.Error(); }

    /// <summary>The local port.</summary>
    [ContextField(68, Width = 4)]
    public ushort LocalPort { get => throw KernelOnly.Error(); }

    /// <summary>Whether the numbers of the connection are there; they read as zero when not.</summary>
    [ContextField(72, Width = 4)]
    public bool IsFullSocket { get => throw KernelOnly.Error(); }

    /// <summary>The first argument of the event: the new window, the sequence number, the old state.</summary>
    [ContextField(4)]
    public uint Argument0 { get => throw KernelOnly.Error(); }

    /// <summary>The second argument: the new state.</summary>
    [ContextField(8)]
    public uint Argument1 { get => throw KernelOnly.Error(); }

    /// <summary>The third argument.</summary>
    [ContextField(12)]
    public uint Argument2 { get => throw KernelOnly.Error(); }

    /// <summary>What the kernel is answered, for events that ask: a timeout, a window, whether ECN is wanted.</summary>
    [ContextField(4)]
    public uint Reply { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The congestion window in packets.</summary>
    [ContextField(76)]
    public uint CongestionWindow { get => throw KernelOnly.Error(); }

    /// <summary>The smoothed round trip time in eighths of a microsecond.</summary>
    [ContextField(80)]
    public uint SmoothedRoundTrip { get => throw KernelOnly.Error(); }

    /// <summary>Which other events the program is run for.</summary>
    [ContextField(84, Width = 4)]
    public SockOpsCallbacks CallbackFlags { get => throw KernelOnly.Error(); }

    /// <summary>The state of the connection.</summary>
    [ContextField(88, Width = 4)]
    public TcpState State { get => throw KernelOnly.Error(); }

    /// <summary>The smallest round trip time of late in microseconds.</summary>
    [ContextField(92)]
    public uint MinimumRoundTrip { get => throw KernelOnly.Error(); }

    /// <summary>The window at which slow start ends, in packets.</summary>
    [ContextField(96)]
    public uint SlowStartThreshold { get => throw KernelOnly.Error(); }

    /// <summary>The sequence number expected next.</summary>
    [ContextField(100)]
    public uint NextReceived { get => throw KernelOnly.Error(); }

    /// <summary>The sequence number sent next.</summary>
    [ContextField(104)]
    public uint NextSent { get => throw KernelOnly.Error(); }

    /// <summary>The first sequence number that is not acknowledged.</summary>
    [ContextField(108)]
    public uint FirstUnacknowledged { get => throw KernelOnly.Error(); }

    /// <summary>The size of a segment in bytes.</summary>
    [ContextField(112)]
    public uint MaximumSegment { get => throw KernelOnly.Error(); }

    /// <summary>Packets on their way.</summary>
    [ContextField(128)]
    public uint PacketsOut { get => throw KernelOnly.Error(); }

    /// <summary>Of these, sent again.</summary>
    [ContextField(132)]
    public uint RetransmitsOut { get => throw KernelOnly.Error(); }

    /// <summary>Packets sent again since the connection began.</summary>
    [ContextField(136)]
    public uint TotalRetransmits { get => throw KernelOnly.Error(); }

    /// <summary>Segments received.</summary>
    [ContextField(140)]
    public uint SegmentsIn { get => throw KernelOnly.Error(); }

    /// <summary>Segments sent.</summary>
    [ContextField(148)]
    public uint SegmentsOut { get => throw KernelOnly.Error(); }

    /// <summary>Packets taken for lost.</summary>
    [ContextField(156)]
    public uint LostOut { get => throw KernelOnly.Error(); }

    /// <summary>Bytes received.</summary>
    [ContextField(168)]
    public ulong BytesReceived { get => throw KernelOnly.Error(); }

    /// <summary>Bytes sent and acknowledged.</summary>
    [ContextField(176)]
    public ulong BytesAcknowledged { get => throw KernelOnly.Error(); }

    /// <summary>The socket (5.3).</summary>
    [ContextField(184)]
    public BpfSocket Socket { get => throw KernelOnly.Error(); }

    /// <summary>A number that stands for the socket as long as it lives.</summary>
    [Helper(BpfHelper.GetSocketCookie)]
    public ulong Cookie { get => throw KernelOnly.Error(); }

    /// <summary>Sets an option of the socket (4.13).</summary>
    /// <returns>0, or a negative error number.</returns>
    [Helper(BpfHelper.Setsockopt)]
    public int SetOption(int level, int option, ReadOnlySpan<byte> value) => throw KernelOnly.Error();

    /// <summary>Reads an option of the socket (4.15).</summary>
    /// <returns>0, or a negative error number.</returns>
    [Helper(BpfHelper.Getsockopt)]
    public int GetOption(int level, int option, Span<byte> value) => throw KernelOnly.Error();

    /// <summary>Says which other events of the connection the program is run for (4.16).</summary>
    /// <returns>0, or what of it the kernel does not have.</returns>
    [Helper(BpfHelper.SockOpsCbFlagsSet)]
    public int SetCallbacks(SockOpsCallbacks callbacks) => throw KernelOnly.Error();

    /// <summary>Asks for room in the TCP header, in <see cref="SockOpsEvent.HeaderOptionsLength"/> (5.10).</summary>
    /// <returns>Whether there is as much.</returns>
    [Helper(BpfHelper.ReserveHdrOpt, 0)]
    public bool ReserveHeaderOptions(uint bytes) => throw KernelOnly.Error();

    /// <summary>Writes an option into the TCP header, in <see cref="SockOpsEvent.WriteHeaderOptions"/> (5.10).</summary>
    /// <param name="option">The option: kind, length, data.</param>
    /// <returns>Whether there was room, and no such option yet.</returns>
    [Helper(BpfHelper.StoreHdrOpt, 0)]
    public bool StoreHeaderOption(ReadOnlySpan<byte> option) => throw KernelOnly.Error();

    /// <summary>Finds an option in the TCP header (5.10).</summary>
    /// <param name="option">Begins with the kind looked for and a length of 0 (or, for kinds 253 and 254, of what follows); the option comes back here.</param>
    /// <returns>Its length in bytes, or a negative error number: -42 when there is none.</returns>
    [Helper(BpfHelper.LoadHdrOpt, 0)]
    public int LoadHeaderOption(Span<byte> option) => throw KernelOnly.Error();

    /// <summary>Puts the socket into a map (4.14).</summary>
    /// <returns>Whether it fitted.</returns>
    [Helper(BpfHelper.SockMapUpdate)]
    public bool AddTo(BpfSockMap map, in uint index, MapUpdateFlags flags = MapUpdateFlags.Any) => throw KernelOnly.Error();

    /// <summary>Puts the socket into a map (4.18).</summary>
    /// <returns>Whether it fitted.</returns>
    [Helper(BpfHelper.SockHashUpdate)]
    public bool AddTo<TKey>(BpfSockHash<TKey> map, in TKey key, MapUpdateFlags flags = MapUpdateFlags.Any) where TKey : unmanaged => throw KernelOnly.Error();

}

/// <summary>What happened to a TCP connection (<c>BPF_SOCK_OPS_*</c>).</summary>
public enum SockOpsEvent : uint
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Asks for the timeout of SYN; reply -1 for the usual one.</summary>
    TimeoutInit = 1,
    /// <summary>Asks for the first receive window in packets; reply -1 for the usual one.</summary>
    ReceiveWindowInit = 2,
    /// <summary><c>connect</c> is about to send SYN.</summary>
    Connecting = 3,
    /// <summary>A connection that this host began stands.</summary>
    ActiveEstablished = 4,
    /// <summary>A connection that the other side began stands.</summary>
    PassiveEstablished = 5,
    /// <summary>Asks whether congestion control wants ECN.</summary>
    NeedsEcn = 6,
    /// <summary>Asks for the base round trip time in microseconds.</summary>
    BaseRoundTrip = 7,
    /// <summary>A retransmission timer ran out (4.16).</summary>
    RetransmitTimeout = 8,
    /// <summary>A packet is sent again (4.16).</summary>
    Retransmit = 9,
    /// <summary>The state changes: from the first argument to the second (4.16).</summary>
    StateChange = 10,
    /// <summary>A socket listens (4.19).</summary>
    Listening = 11,
    /// <summary>A round trip was measured (5.3).</summary>
    RoundTrip = 12,
    /// <summary>Options of a header are to be read (5.10).</summary>
    ParseHeaderOptions = 13,
    /// <summary>Asks how long the header's options shall be (5.10).</summary>
    HeaderOptionsLength = 14,
    /// <summary>The header's options are to be written (5.10).</summary>
    WriteHeaderOptions = 15,
    /// <summary>A packet that was asked for is queued for the device (6.15).</summary>
    TimestampScheduled = 16,
    /// <summary>The driver took it (6.15).</summary>
    TimestampSent = 17,
    /// <summary>The device sent it (6.15).</summary>
    TimestampSentByHardware = 18,
    /// <summary>The other side acknowledged it (6.15).</summary>
    TimestampAcknowledged = 19,
    /// <summary>The process sends: the time to ask with <see cref="BpfConnections.EnableTransmitTimestamps"/> (6.15).</summary>
    TimestampSend = 20,
}

/// <summary>Events that a program asks for on a connection (<c>BPF_SOCK_OPS_*_CB_FLAG</c>).</summary>
[Flags]
public enum SockOpsCallbacks : uint
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary><see cref="SockOpsEvent.RetransmitTimeout"/>.</summary>
    RetransmitTimeout = 1,
    /// <summary><see cref="SockOpsEvent.Retransmit"/>.</summary>
    Retransmit = 2,
    /// <summary><see cref="SockOpsEvent.StateChange"/>.</summary>
    StateChange = 4,
    /// <summary><see cref="SockOpsEvent.RoundTrip"/> (5.3).</summary>
    RoundTrip = 8,
    /// <summary><see cref="SockOpsEvent.ParseHeaderOptions"/> for every header (5.10).</summary>
    ParseAllHeaderOptions = 16,
    /// <summary><see cref="SockOpsEvent.ParseHeaderOptions"/> for options the kernel does not know (5.10).</summary>
    ParseUnknownHeaderOptions = 32,
    /// <summary><see cref="SockOpsEvent.WriteHeaderOptions"/> (5.10).</summary>
    WriteHeaderOptions = 64,
}
