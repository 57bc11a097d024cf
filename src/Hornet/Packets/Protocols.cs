namespace Hornet.Packets;

/// <summary>What an Ethernet frame carries (<c>ETH_P_*</c>).</summary>
public enum EtherType : ushort
{
    /// <summary>IPv4.</summary>
    IPv4 = 0x0800,
    /// <summary>ARP.</summary>
    Arp = 0x0806,
    /// <summary>A VLAN tag (802.1Q).</summary>
    Vlan = 0x8100,
    /// <summary>IPv6.</summary>
    IPv6 = 0x86dd,
    /// <summary>MPLS.</summary>
    Mpls = 0x8847,
    /// <summary>A provider's VLAN tag (802.1ad).</summary>
    ServiceVlan = 0x88a8,
}

/// <summary>What an IP packet carries (<c>IPPROTO_*</c>).</summary>
public enum IPProtocol : byte
{
    /// <summary>ICMP.</summary>
    Icmp = 1,
    /// <summary>IGMP.</summary>
    Igmp = 2,
    /// <summary>IPv4 in IP.</summary>
    IPv4 = 4,
    /// <summary>TCP.</summary>
    Tcp = 6,
    /// <summary>UDP.</summary>
    Udp = 17,
    /// <summary>IPv6 in IP.</summary>
    IPv6 = 41,
    /// <summary>GRE.</summary>
    Gre = 47,
    /// <summary>ICMP for IPv6.</summary>
    IcmpV6 = 58,
    /// <summary>SCTP.</summary>
    Sctp = 132,
}

/// <summary>The flags of a TCP segment.</summary>
[Flags]
public enum TcpFlags : byte
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>The sender has no more to send.</summary>
    Fin = 1,
    /// <summary>Begins a connection.</summary>
    Syn = 2,
    /// <summary>Ends the connection at once.</summary>
    Rst = 4,
    /// <summary>Hand the data on now.</summary>
    Psh = 8,
    /// <summary>The acknowledgement counts.</summary>
    Ack = 16,
    /// <summary>There is urgent data.</summary>
    Urg = 32,
    /// <summary>Congestion was met.</summary>
    Ece = 64,
    /// <summary>The window was made smaller.</summary>
    Cwr = 128,
}
