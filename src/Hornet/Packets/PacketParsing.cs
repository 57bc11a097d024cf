namespace Hornet.Packets;

/// <summary>Finding headers in packets of any kind of program. These are compiled like the user's own code.</summary>
public static class PacketParsing
{
    /// <summary>Finds what an Ethernet frame carries, behind up to two VLAN tags.</summary>
    /// <param name="packet">A packet that begins with its Ethernet header.</param>
    /// <param name="type">What it carries.</param>
    /// <param name="offset">Where that begins, in bytes.</param>
    /// <returns>Whether the packet is long enough.</returns>
    public static bool TryReadEthernet<TPacket>(this TPacket packet, out EtherType type, out int offset) where TPacket : IPacket, allows ref struct
    {
        offset = EthernetHeader.Size;
        bool found = packet.TryRead(12, out UInt16BigEndian number);
        type = (EtherType)number.Value;
        if (!found) return false;
        if (type is not (EtherType.Vlan or EtherType.ServiceVlan)) return true;
        if (!packet.TryRead(offset, out VlanHeader outer)) return false;
        type = outer.Type;
        offset += VlanHeader.Size;
        if (type is not (EtherType.Vlan or EtherType.ServiceVlan)) return true;
        if (!packet.TryRead(offset, out VlanHeader inner)) return false;
        type = inner.Type;
        offset += VlanHeader.Size;
        return true;
    }

    /// <summary>Reads the IPv4 header of a packet.</summary>
    /// <param name="packet">A packet that begins with its Ethernet header; VLAN tags are passed over.</param>
    /// <param name="header">The header.</param>
    /// <param name="payload">Where the transport header begins, in bytes from the packet's beginning.</param>
    /// <returns>Whether it is an IPv4 packet.</returns>
    public static bool TryReadIPv4<TPacket>(this TPacket packet, out IPv4Header header, out int payload) where TPacket : IPacket, allows ref struct
    {
        header = default;
        payload = 0;
        if (!packet.TryReadEthernet(out var type, out int offset) || type != EtherType.IPv4) return false;
        return packet.TryReadIPv4At(offset, out header, out payload);
    }

    /// <summary>Reads an IPv4 header.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="offset">Where the header begins: 0 in control groups and routes.</param>
    /// <param name="header">The header.</param>
    /// <param name="payload">Where the transport header begins, in bytes from the packet's beginning.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryReadIPv4At<TPacket>(this TPacket packet, int offset, out IPv4Header header, out int payload) where TPacket : IPacket, allows ref struct
    {
        bool found = packet.TryRead(offset, out header);
        payload = offset + header.HeaderLength;
        return found && header.Version == 4;
    }

    /// <summary>Reads the IPv6 header of a packet.</summary>
    /// <param name="packet">A packet that begins with its Ethernet header; VLAN tags are passed over.</param>
    /// <param name="header">The header.</param>
    /// <param name="payload">Where what comes after it begins, in bytes from the packet's beginning.</param>
    /// <returns>Whether it is an IPv6 packet.</returns>
    public static bool TryReadIPv6<TPacket>(this TPacket packet, out IPv6Header header, out int payload) where TPacket : IPacket, allows ref struct
    {
        header = default;
        payload = 0;
        if (!packet.TryReadEthernet(out var type, out int offset) || type != EtherType.IPv6) return false;
        payload = offset + IPv6Header.Size;
        return packet.TryRead(offset, out header);
    }
}
