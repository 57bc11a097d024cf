namespace Hornet;

/// <summary>What a tc program makes of a packet (<c>TC_ACT_*</c>).</summary>
public enum TcAction
{
    /// <summary>Nothing decided: the next program or filter decides.</summary>
    Unspecified = -1,
    /// <summary>The packet goes on. Also what a program returns that a failed check ended.</summary>
    Ok = 0,
    /// <summary>Begin with the filters again (not with tcx).</summary>
    Reclassify = 1,
    /// <summary>Drop it.</summary>
    Shot = 2,
    /// <summary>The next action of the filter decides (not with tcx).</summary>
    Pipe = 3,
    /// <summary>Drop it without counting a drop: somebody else has it.</summary>
    Stolen = 4,
    /// <summary>Somebody else has queued it.</summary>
    Queued = 5,
    /// <summary>Run the action again (not with tcx).</summary>
    Repeat = 6,
    /// <summary>Send it where a redirect helper said.</summary>
    Redirect = 7,
    /// <summary>Hand it from the hardware to the host (not with tcx).</summary>
    Trap = 8,
}

/// <summary>What a program of a socket map, of socket lookup or of port sharing decides (<c>SK_DROP</c>, <c>SK_PASS</c>).</summary>
public enum SkAction
{
    /// <summary>Drop it. Also what a program returns that a failed check ended.</summary>
    Drop = 0,
    /// <summary>Let it pass: to where a helper said, or as if there were no program.</summary>
    Pass = 1,
}

/// <summary>What a program of a control group decides.</summary>
public enum CgroupVerdict
{
    /// <summary>The call fails with EPERM, the packet is dropped. Also what a program returns that a failed check ended.</summary>
    Deny = 0,
    /// <summary>It is allowed.</summary>
    Allow = 1,
}

/// <summary>What a program on a route decides (<c>BPF_OK</c> and so on).</summary>
public enum LwtAction
{
    /// <summary>The packet goes on. Also what a program returns that a failed check ended.</summary>
    Ok = 0,
    /// <summary>Drop it.</summary>
    Drop = 2,
    /// <summary>Send it where <see cref="SkbContext.RedirectTo(uint, RedirectFlags)"/> said (on transmission only).</summary>
    Redirect = 7,
    /// <summary>Look for a route again, since the headers changed.</summary>
    Reroute = 128,
}

/// <summary>For whom a packet is (<c>PACKET_*</c>).</summary>
public enum SkbPacketType : uint
{
    /// <summary>This host.</summary>
    Host = 0,
    /// <summary>All.</summary>
    Broadcast = 1,
    /// <summary>A group.</summary>
    Multicast = 2,
    /// <summary>Another host: seen because the interface is promiscuous.</summary>
    OtherHost = 3,
    /// <summary>It is leaving.</summary>
    Outgoing = 4,
}

/// <summary>Where offsets are counted from.</summary>
public enum PacketStart : uint
{
    /// <summary>The Ethernet header.</summary>
    Ethernet = 0,
    /// <summary>The IP header.</summary>
    Network = 1,
}

/// <summary>What else happens when bytes of a packet are written.</summary>
[Flags]
public enum StoreFlags : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>The packet's own checksum is repaired (<c>BPF_F_RECOMPUTE_CSUM</c>), not those in headers.</summary>
    RecomputeChecksum = 1,
    /// <summary>The flow's hash is forgotten (<c>BPF_F_INVALIDATE_HASH</c>).</summary>
    InvalidateHash = 2,
}

/// <summary>The field that a checksum is repaired for.</summary>
[Flags]
public enum ChecksumField : ulong
{
    /// <summary>The difference is given, made by ChecksumDifference.</summary>
    Difference = 0,
    /// <summary>A field of 2 bytes.</summary>
    TwoBytes = 2,
    /// <summary>A field of 4 bytes.</summary>
    FourBytes = 4,
    /// <summary>The field is part of the pseudo header: an address (<c>BPF_F_PSEUDO_HDR</c>).</summary>
    PseudoHeader = 1 << 4,
    /// <summary>A checksum of 0 means none, and stays: UDP (<c>BPF_F_MARK_MANGLED_0</c>, 4.5).</summary>
    MayBeZero = 1 << 5,
    /// <summary>A checksum that becomes 0 is written as 0xffff (<c>BPF_F_MARK_ENFORCE</c>, 4.10).</summary>
    NeverZero = 1 << 6,
}

/// <summary>How a packet is redirected to an interface.</summary>
[Flags]
public enum RedirectFlags : ulong
{
    /// <summary>It is sent out of it.</summary>
    None = 0,
    /// <summary>It comes in by it (<c>BPF_F_INGRESS</c>).</summary>
    Ingress = 1,
}

/// <summary>How a message is redirected to a socket.</summary>
[Flags]
public enum SockMapRedirectFlags : ulong
{
    /// <summary>The socket sends it.</summary>
    None = 0,
    /// <summary>The socket's owner receives it (<c>BPF_F_INGRESS</c>).</summary>
    Ingress = 1,
}

/// <summary>Where room is made in a packet.</summary>
public enum AdjustRoomMode : uint
{
    /// <summary>Behind the IP header (<c>BPF_ADJ_ROOM_NET</c>).</summary>
    Network = 0,
    /// <summary>Behind the Ethernet header (<c>BPF_ADJ_ROOM_MAC</c>, 5.2).</summary>
    Ethernet = 1,
}

/// <summary>What the room in a packet is for (<c>BPF_F_ADJ_ROOM_*</c>, 5.1).</summary>
[Flags]
public enum AdjustRoomFlags : ulong
{
    /// <summary>Nothing is said.</summary>
    None = 0,
    /// <summary>The segments' size stays (4.13).</summary>
    FixedSegmentSize = 1,
    /// <summary>An outer IPv4 header.</summary>
    OuterIPv4 = 2,
    /// <summary>An outer IPv6 header.</summary>
    OuterIPv6 = 4,
    /// <summary>GRE.</summary>
    Gre = 8,
    /// <summary>UDP.</summary>
    Udp = 16,
    /// <summary>The packet's checksum is not reset (5.3).</summary>
    KeepChecksum = 32,
}
