using Hornet.Isa;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet;

// What the kernel does with a packet when a program asks it.
public readonly ref partial struct SkbContext
{
    /// <summary>Copies bytes out of the packet, wherever they lie (4.5).</summary>
    /// <returns>Whether they lie within the packet; if not, the destination is filled with zeros.</returns>
    [Helper(BpfHelper.SkbLoadBytes)]
    public bool LoadBytes(int offset, Span<byte> destination) => throw KernelOnly.Error();

    /// <summary>Copies bytes out of the packet, counted from its Ethernet or IP header, even where the packet begins later (4.18).</summary>
    /// <returns>Whether they lie within the packet; if not, the destination is filled with zeros.</returns>
    [Helper(BpfHelper.SkbLoadBytesRelative)]
    public bool LoadBytesRelative(int offset, Span<byte> destination, PacketStart start) => throw KernelOnly.Error();

    /// <summary>Copies bytes into the packet, wherever they lie (4.1).</summary>
    /// <returns>Whether they lie within the packet.</returns>
    [Helper(BpfHelper.SkbStoreBytes)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtXmit, ProgramType.SkSkb)]
    public bool StoreBytes(int offset, ReadOnlySpan<byte> source, StoreFlags flags = StoreFlags.None) => throw KernelOnly.Error();

    /// <summary>Brings so many bytes of the packet together in <see cref="Data"/> (4.9); 0 for all.</summary>
    /// <returns>Whether there was memory, and as many bytes.</returns>
    [Helper(BpfHelper.SkbPullData)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtIn, ProgramType.LwtOut, ProgramType.LwtXmit, ProgramType.SkSkb)]
    public bool PullData(int length) => throw KernelOnly.Error();

    /// <summary>Repairs the checksum of an IPv4 header for a field that changes (4.1).</summary>
    /// <param name="offset">Where the checksum is, in bytes from the packet's beginning.</param>
    /// <param name="before">The field's value until now, as it lies in memory (network byte order).</param>
    /// <param name="after">The new one.</param>
    /// <param name="size">The size of the field.</param>
    [Helper(BpfHelper.L3CsumReplace)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtXmit)]
    public bool ReplaceIPChecksum(int offset, ulong before, ulong after, ChecksumField size = ChecksumField.TwoBytes) => throw KernelOnly.Error();

    /// <summary>Repairs the checksum of TCP, UDP or ICMP for a field that changes (4.1).</summary>
    /// <param name="offset">Where the checksum is, in bytes from the packet's beginning.</param>
    /// <param name="before">The field's value until now, as it lies in memory (network byte order).</param>
    /// <param name="after">The new one.</param>
    /// <param name="flags">The size of the field; with <see cref="ChecksumField.PseudoHeader"/> for addresses, with <see cref="ChecksumField.MayBeZero"/> for UDP.</param>
    [Helper(BpfHelper.L4CsumReplace)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtXmit)]
    public bool ReplaceChecksum(int offset, ulong before, ulong after, ChecksumField flags = ChecksumField.TwoBytes) => throw KernelOnly.Error();

    /// <summary>What a checksum changes by when bytes are exchanged (4.6); lengths are multiples of 4, and one may be 0.</summary>
    /// <returns>The difference, to be handed to <see cref="ReplaceChecksum"/> as the new value with 0 as the old and no size; negative when the lengths are not allowed.</returns>
    [Helper(BpfHelper.CsumDiff, WithoutContext = true)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtIn, ProgramType.LwtOut, ProgramType.LwtXmit)]
    public long ChecksumDifference(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, uint seed = 0) => throw KernelOnly.Error();

    /// <summary>Sends the packet out of an interface, or into it (4.4): return what this returns.</summary>
    [Helper(BpfHelper.Redirect, WithoutContext = true)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtXmit)]
    public TcAction RedirectTo(uint interfaceIndex, RedirectFlags flags = RedirectFlags.None) => throw KernelOnly.Error();

    /// <summary>Puts a packet that came in to the other end of a veth or netkit pair, in its network namespace, without another round through the queue (5.10): return what this returns.</summary>
    [Helper(BpfHelper.RedirectPeer, 0, WithoutContext = true)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public TcAction RedirectToPeer(uint interfaceIndex) => throw KernelOnly.Error();

    /// <summary>Sends the packet out of an interface with the Ethernet addresses of the neighbour that routing finds (5.10): return what this returns.</summary>
    [Helper(BpfHelper.RedirectNeigh, 0, 0, 0, WithoutContext = true)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public TcAction RedirectToNeighbour(uint interfaceIndex) => throw KernelOnly.Error();

    /// <summary>Sends a copy of the packet out of an interface, or into it (4.2).</summary>
    /// <returns>Whether it was sent.</returns>
    [Helper(BpfHelper.CloneRedirect)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtXmit)]
    public bool CloneRedirect(uint interfaceIndex, RedirectFlags flags = RedirectFlags.None) => throw KernelOnly.Error();

    /// <summary>Makes room in front of the packet (4.10).</summary>
    /// <returns>Whether there was memory.</returns>
    [Helper(BpfHelper.SkbChangeHead, 0)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtXmit, ProgramType.SkSkb)]
    public bool ChangeHead(uint bytes) => throw KernelOnly.Error();

    /// <summary>Makes the packet as long as is said (4.9).</summary>
    /// <returns>Whether there was memory, and the headers fit.</returns>
    [Helper(BpfHelper.SkbChangeTail, 0)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtXmit, ProgramType.SkSkb)]
    public bool ChangeTail(uint length) => throw KernelOnly.Error();

    /// <summary>Makes room behind the IP or Ethernet header, or takes it away (4.13).</summary>
    /// <returns>Whether it could be done.</returns>
    [Helper(BpfHelper.SkbAdjustRoom)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.SkSkb)]
    public bool AdjustRoom(int delta, AdjustRoomMode mode, AdjustRoomFlags flags = AdjustRoomFlags.None) => throw KernelOnly.Error();

    /// <summary>Makes an IPv4 packet an IPv6 packet or back (4.8); the program writes the new header.</summary>
    /// <returns>Whether it could be done.</returns>
    [Helper(BpfHelper.SkbChangeProto, 0)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public bool ChangeProtocol(EtherType protocol) => throw KernelOnly.Error();

    /// <summary>Says for whom the packet is (4.8): a packet for others becomes one for this host.</summary>
    /// <returns>Whether the change is allowed.</returns>
    [Helper(BpfHelper.SkbChangeType)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public bool ChangeType(SkbPacketType type) => throw KernelOnly.Error();

    /// <summary>Gives the packet a VLAN tag (4.3).</summary>
    /// <param name="protocol"><see cref="EtherType.Vlan"/> or <see cref="EtherType.ServiceVlan"/>.</param>
    /// <param name="tag">Priority, and in the low 12 bits the VLAN's number.</param>
    /// <returns>Whether it could be done.</returns>
    [Helper(BpfHelper.SkbVlanPush)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public bool PushVlan(EtherType protocol, ushort tag) => throw KernelOnly.Error();

    /// <summary>Takes the outermost VLAN tag away (4.3).</summary>
    /// <returns>Whether it could be done.</returns>
    [Helper(BpfHelper.SkbVlanPop)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public bool PopVlan() => throw KernelOnly.Error();

    /// <summary>The hash of the packet's flow, computed where it was not yet (4.8).</summary>
    [Helper(BpfHelper.GetHashRecalc)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtIn, ProgramType.LwtOut, ProgramType.LwtXmit)]
    public uint RecalculateHash() => throw KernelOnly.Error();

    /// <summary>Says that the flow's hash is to be computed anew (4.9).</summary>
    [Helper(BpfHelper.SetHashInvalid)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public void InvalidateHash() => throw KernelOnly.Error();

    /// <summary>The realm of the packet's route; 0 for none (4.4).</summary>
    [Helper(BpfHelper.GetRouteRealm)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtIn, ProgramType.LwtOut, ProgramType.LwtXmit)]
    public uint RouteRealm() => throw KernelOnly.Error();

    /// <summary>A number that stands for the packet's socket as long as that lives; 0 without one (4.12).</summary>
    [Helper(BpfHelper.GetSocketCookie)]
    [OnlyIn(ProgramType.SocketFilter, ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public ulong SocketCookie { get => throw KernelOnly.Error(); }

    /// <summary>The user whom the packet's socket belongs to; 65534 when that is not known (4.12).</summary>
    [Helper(BpfHelper.GetSocketUid)]
    [OnlyIn(ProgramType.SocketFilter, ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public uint SocketUserId { get => throw KernelOnly.Error(); }

    /// <summary>The id of the control group (v2) that the packet's socket belongs to; 0 without one (4.18).</summary>
    [Helper(BpfHelper.SkbCgroupId)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb)]
    public ulong CgroupId { get => throw KernelOnly.Error(); }

    /// <summary>Whether the packet's socket belongs to a control group, or one below it (4.8).</summary>
    [Helper(BpfHelper.SkbUnderCgroup, ResultIsTruth = true)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtXmit)]
    public bool IsUnder(BpfCgroupArray groups, uint index) => throw KernelOnly.Error();

    /// <summary>Marks the packet as one that met congestion, where its sender understands that (5.1).</summary>
    /// <returns>Whether it is marked.</returns>
    [Helper(BpfHelper.SkbEcnSetCe, ResultIsTruth = true)]
    [OnlyIn(ProgramType.CgroupSkb, ProgramType.SchedCls, ProgramType.SchedAct)]
    public bool SetCongestion() => throw KernelOnly.Error();

    /// <summary>Asks the routing table where a packet goes (4.18).</summary>
    /// <param name="query">The question, in which the answer is written: interface, addresses of the neighbours.</param>
    /// <param name="flags">How to look.</param>
    [Helper(BpfHelper.FibLookup)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public FibResult FibLookup([Sized] ref FibQuery query, FibFlags flags = FibFlags.None) => throw KernelOnly.Error();

    /// <summary>Finds a TCP socket, a listening one too (4.20). Dispose it (<c>using var</c>): the kernel refuses programs that keep it.</summary>
    /// <param name="tuple">The connection, as it is written in packets that come in.</param>
    /// <param name="namespaceId">The network namespace by its id.</param>
    [Helper(BpfHelper.SkLookupTcp, 0)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public BpfSocket FindTcpSocket([Sized] in SocketTuple4 tuple, ulong namespaceId = BpfSocket.CurrentNamespace) => throw KernelOnly.Error();

    /// <summary>Finds a TCP socket, a listening one too (4.20). Dispose it (<c>using var</c>): the kernel refuses programs that keep it.</summary>
    /// <param name="tuple">The connection, as it is written in packets that come in.</param>
    /// <param name="namespaceId">The network namespace by its id.</param>
    [Helper(BpfHelper.SkLookupTcp, 0)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public BpfSocket FindTcpSocket([Sized] in SocketTuple6 tuple, ulong namespaceId = BpfSocket.CurrentNamespace) => throw KernelOnly.Error();

    /// <summary>Finds a UDP socket (4.20). Dispose it (<c>using var</c>): the kernel refuses programs that keep it.</summary>
    /// <param name="tuple">The addresses and ports, as they are written in packets that come in.</param>
    /// <param name="namespaceId">The network namespace by its id.</param>
    [Helper(BpfHelper.SkLookupUdp, 0)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public BpfSocket FindUdpSocket([Sized] in SocketTuple4 tuple, ulong namespaceId = BpfSocket.CurrentNamespace) => throw KernelOnly.Error();

    /// <summary>Finds a UDP socket (4.20). Dispose it (<c>using var</c>): the kernel refuses programs that keep it.</summary>
    /// <param name="tuple">The addresses and ports, as they are written in packets that come in.</param>
    /// <param name="namespaceId">The network namespace by its id.</param>
    [Helper(BpfHelper.SkLookupUdp, 0)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public BpfSocket FindUdpSocket([Sized] in SocketTuple6 tuple, ulong namespaceId = BpfSocket.CurrentNamespace) => throw KernelOnly.Error();

    /// <summary>Gives a packet that comes in to a socket, whatever it is addressed to (5.7).</summary>
    /// <returns>Whether the socket can take it.</returns>
    [Helper(BpfHelper.SkAssign, 0)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public bool AssignSocket(BpfSocket socket) => throw KernelOnly.Error();

    /// <summary>Sends the message to a socket of a map (4.14): return what this returns.</summary>
    /// <param name="map">The sockets.</param>
    /// <param name="index">Which of them.</param>
    /// <param name="flags">Whether the socket shall send it, or its owner receive it.</param>
    [Helper(BpfHelper.SkRedirectMap)]
    [OnlyIn(ProgramType.SkSkb)]
    public SkAction RedirectTo(BpfSockMap map, uint index, SockMapRedirectFlags flags = SockMapRedirectFlags.None) => throw KernelOnly.Error();

    /// <summary>Sends the message to a socket of a map (4.18): return what this returns.</summary>
    /// <param name="map">The sockets.</param>
    /// <param name="key">Which of them.</param>
    /// <param name="flags">Whether the socket shall send it, or its owner receive it.</param>
    [Helper(BpfHelper.SkRedirectHash)]
    [OnlyIn(ProgramType.SkSkb)]
    public SkAction RedirectTo<TKey>(BpfSockHash<TKey> map, in TKey key, SockMapRedirectFlags flags = SockMapRedirectFlags.None) where TKey : unmanaged => throw KernelOnly.Error();

    /// <summary>The id of a control group above the one that the packet's socket belongs to; 0 without one (4.19).</summary>
    /// <param name="level">How far below the root: 0 is the root.</param>
    [Helper(BpfHelper.SkbAncestorCgroupId)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb)]
    public ulong AncestorCgroupId(int level) => throw KernelOnly.Error();

    /// <summary>A number that stands for the network namespace of the packet (5.14).</summary>
    [Helper(BpfHelper.GetNetnsCookie)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.SocketFilter, ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public ulong NamespaceCookie { get => throw KernelOnly.Error(); }

    /// <summary>Asks whether a packet of this length fits an interface (5.12).</summary>
    /// <param name="interfaceIndex">The interface; 0 for the packet's.</param>
    /// <param name="length">A length to ask about, 0 for the packet's; the MTU comes back here.</param>
    /// <param name="delta">Bytes that are to be added or taken away.</param>
    /// <returns>0 when it fits; positive when not; negative for a wrong question.</returns>
    [Helper(BpfHelper.CheckMtu, 0)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public int CheckMtu(uint interfaceIndex, ref uint length, int delta = 0) => throw KernelOnly.Error();

    /// <summary>Puts a header in front of the packet's IP header, on routes (5.1); then return <see cref="LwtAction.Reroute"/>.</summary>
    /// <param name="type">What the header is: 2 for an IP header (on transmission).</param>
    /// <param name="header">The header.</param>
    /// <returns>Whether it fits.</returns>
    [Helper(BpfHelper.LwtPushEncap)]
    [OnlyIn(ProgramType.LwtIn, ProgramType.LwtXmit)]
    public bool PushEncapsulation(uint type, ReadOnlySpan<byte> header) => throw KernelOnly.Error();

    /// <summary>Reads what the tunnel device said of the packet's tunnel (4.3).</summary>
    /// <returns>Whether the packet came by a tunnel.</returns>
    [Helper(BpfHelper.SkbGetTunnelKey, 0)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtXmit)]
    public bool GetTunnelKey([Sized] out TunnelKey key) => throw KernelOnly.Error();

    /// <summary>Says which tunnel the packet takes, for a tunnel device in external mode (4.3).</summary>
    /// <returns>Whether there was memory.</returns>
    [Helper(BpfHelper.SkbSetTunnelKey)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtXmit)]
    public bool SetTunnelKey([Sized] in TunnelKey key, TunnelFlags flags = TunnelFlags.None) => throw KernelOnly.Error();

    /// <summary>Reads the options of the packet's tunnel, as its device has them (4.6).</summary>
    /// <returns>Their length; negative when there are none or they do not fit.</returns>
    [Helper(BpfHelper.SkbGetTunnelOpt)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtXmit)]
    public int GetTunnelOptions(Span<byte> options) => throw KernelOnly.Error();

    /// <summary>Sets the options of the tunnel that the packet takes, after <see cref="SetTunnelKey"/> (4.6).</summary>
    /// <returns>Whether the device takes them.</returns>
    [Helper(BpfHelper.SkbSetTunnelOpt)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtXmit)]
    public bool SetTunnelOptions(ReadOnlySpan<byte> options) => throw KernelOnly.Error();

    /// <summary>Sets the packet's hash, by which queues and paths are chosen (4.13).</summary>
    [Helper(BpfHelper.SetHash)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public bool SetHash(uint hash) => throw KernelOnly.Error();

    /// <summary>Adds to the packet's checksum when it comes complete from the device, after bytes were changed (4.9).</summary>
    /// <returns>The checksum; negative when the packet's is not complete.</returns>
    [Helper(BpfHelper.CsumUpdate)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public long UpdateChecksum(uint difference) => throw KernelOnly.Error();

    /// <summary>Changes how many checksums count as verified (5.8): 0 asks, 1 adds one, 2 takes one away, 3 forgets all.</summary>
    /// <returns>For 0 the level; negative for a wrong question or no level.</returns>
    [Helper(BpfHelper.CsumLevel)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public int ChecksumLevel(ulong change) => throw KernelOnly.Error();

    /// <summary>Sets the packet's time (5.18).</summary>
    /// <param name="ns">Nanoseconds: the time of arrival, or when to send.</param>
    /// <param name="kind">0 for the arrival, 1 for a time of CLOCK_MONOTONIC to send at.</param>
    [Helper(BpfHelper.SkbSetTstamp)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public bool SetTimestamp(ulong ns, uint kind) => throw KernelOnly.Error();

    /// <summary>The class id (net_cls, cgroup v1) of the task that sends the packet (4.3).</summary>
    [Helper(BpfHelper.GetCgroupClassid)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.LwtIn, ProgramType.LwtOut, ProgramType.LwtXmit)]
    public uint GetCgroupClassId() => throw KernelOnly.Error();

    /// <summary>The class id (net_cls, cgroup v1) of the packet's socket (5.10).</summary>
    [Helper(BpfHelper.SkbCgroupClassid)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public uint GetSocketCgroupClassId() => throw KernelOnly.Error();

    /// <summary>Writes into the segment routing header, its flags, tag and TLVs (4.18).</summary>
    [Helper(BpfHelper.LwtSeg6StoreBytes)]
    [OnlyIn(ProgramType.LwtSeg6local)]
    public bool StoreSegmentBytes(int offset, ReadOnlySpan<byte> source) => throw KernelOnly.Error();

    /// <summary>Makes room for TLVs in the segment routing header, or takes some away (4.18).</summary>
    [Helper(BpfHelper.LwtSeg6AdjustSrh)]
    [OnlyIn(ProgramType.LwtSeg6local)]
    public bool AdjustSegmentHeader(int offset, int delta) => throw KernelOnly.Error();

    /// <summary>Does a segment routing action (4.18): 2 END.X, 3 END.T, 7 END.B6, 10 END.B6.ENCAP, with its parameter.</summary>
    [Helper(BpfHelper.LwtSeg6Action)]
    [OnlyIn(ProgramType.LwtSeg6local)]
    public bool SegmentAction(uint action, ReadOnlySpan<byte> parameter) => throw KernelOnly.Error();
}
