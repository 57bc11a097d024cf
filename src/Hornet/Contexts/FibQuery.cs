using System.Runtime.InteropServices;
using Hornet.Packets;

namespace Hornet;

/// <summary>A question to the routing table, and its answer in the same place (<c>struct bpf_fib_lookup</c>, 4.18).</summary>
/// <remarks>
/// For IPv4, set <see cref="Family"/> to 2, the addresses, and <see cref="InterfaceIndex"/> to where the packet came in. The
/// answer is the interface it leaves by and the Ethernet addresses it is sent with.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 64)]
public struct FibQuery
{
    /// <summary>The address family: 2 is IPv4, 10 is IPv6.</summary>
    [FieldOffset(0)] public byte Family;
    /// <summary>The protocol above IP, for rules about it; may be 0.</summary>
    [FieldOffset(1)] public IPProtocol Protocol;
    /// <summary>The sender's port, for rules about it; may be 0.</summary>
    [FieldOffset(2)] public UInt16BigEndian SourcePort;
    /// <summary>The receiver's port, for rules about it; may be 0.</summary>
    [FieldOffset(4)] public UInt16BigEndian DestinationPort;
    /// <summary>The packet's length, checked against the MTU; 0 for no check. When it is too long, the MTU comes back here.</summary>
    [FieldOffset(6)] public ushort TotalLength;
    /// <summary>Where the packet came in; the answer is where it leaves.</summary>
    [FieldOffset(8)] public uint InterfaceIndex;
    /// <summary>The type of service, for rules about it.</summary>
    [FieldOffset(12)] public byte TypeOfService;
    /// <summary>The sender.</summary>
    [FieldOffset(16)] public IPv4Address SourceIPv4;
    /// <summary>The sender.</summary>
    [FieldOffset(16)] public IPv6Address SourceIPv6;
    /// <summary>The receiver; the answer is the gateway, when there is one.</summary>
    [FieldOffset(32)] public IPv4Address DestinationIPv4;
    /// <summary>The receiver; the answer is the gateway, when there is one.</summary>
    [FieldOffset(32)] public IPv6Address DestinationIPv6;
    /// <summary>The answer: the Ethernet address to send from.</summary>
    [FieldOffset(52)] public MacAddress SourceMac;
    /// <summary>The answer: the Ethernet address to send to.</summary>
    [FieldOffset(58)] public MacAddress DestinationMac;
}

/// <summary>How the routing table is asked (<c>BPF_FIB_LOOKUP_*</c>).</summary>
[Flags]
public enum FibFlags : uint
{
    /// <summary>As a packet that is forwarded.</summary>
    None = 0,
    /// <summary>In the table of the interface, without rules.</summary>
    Direct = 1,
    /// <summary>As a packet that leaves by the interface.</summary>
    Output = 2,
    /// <summary>Without the neighbour's addresses (6.4).</summary>
    SkipNeighbour = 4,
}

/// <summary>What came of asking the routing table (<c>BPF_FIB_LKUP_RET_*</c>); negative for a wrong question.</summary>
public enum FibResult
{
    /// <summary>The question holds the answer.</summary>
    Success = 0,
    /// <summary>The destination is a black hole.</summary>
    Blackhole = 1,
    /// <summary>The destination is unreachable.</summary>
    Unreachable = 2,
    /// <summary>The destination is forbidden.</summary>
    Prohibit = 3,
    /// <summary>The packet is not forwarded: for this host, or to be answered by the stack.</summary>
    NotForwarded = 4,
    /// <summary>Forwarding is not enabled on the interface.</summary>
    ForwardingDisabled = 5,
    /// <summary>The route encapsulates.</summary>
    UnsupportedTunnel = 6,
    /// <summary>The neighbour's address is not known yet.</summary>
    NoNeighbour = 7,
    /// <summary>The packet is longer than the MTU.</summary>
    FragmentationNeeded = 8,
    /// <summary>There is no source address (6.7).</summary>
    NoSourceAddress = 9,
}
