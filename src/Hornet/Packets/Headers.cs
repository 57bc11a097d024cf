using System.Runtime.InteropServices;

namespace Hornet.Packets;

/// <summary>The header of an Ethernet frame: 14 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct EthernetHeader
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 14;

    /// <summary>The receiver.</summary>
    public MacAddress Destination;
    /// <summary>The sender.</summary>
    public MacAddress Source;

    private UInt16BigEndian _type;

    /// <summary>What comes after it.</summary>
    public EtherType Type { readonly get => (EtherType)_type.Value; set => _type = (ushort)value; }
}

/// <summary>A VLAN tag behind the addresses of an Ethernet header, without the type before it: 4 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct VlanHeader
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 4;

    private UInt16BigEndian _control;
    private UInt16BigEndian _type;

    /// <summary>The VLAN's number: 12 bits.</summary>
    public ushort Id { readonly get => (ushort)(_control.Value & 0xfff); set => _control = (ushort)(_control.Value & 0xf000 | value & 0xfff); }

    /// <summary>The priority, 0 to 7.</summary>
    public byte Priority { readonly get => (byte)(_control.Value >> 13); set => _control = (ushort)(_control.Value & 0x1fff | (value & 7) << 13); }

    /// <summary>What comes after it.</summary>
    public EtherType Type { readonly get => (EtherType)_type.Value; set => _type = (ushort)value; }
}

/// <summary>The header of an IPv4 packet: 20 bytes, and options behind it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct IPv4Header
{
    /// <summary>The size in bytes, without options.</summary>
    public const int Size = 20;

    private byte _versionAndLength;

    /// <summary>The type of service: differentiated services and congestion.</summary>
    public byte TypeOfService;
    /// <summary>The length of the packet with this header in bytes.</summary>
    public UInt16BigEndian TotalLength;
    /// <summary>A number that its fragments share.</summary>
    public UInt16BigEndian Identification;

    private UInt16BigEndian _fragment;

    /// <summary>How many routers it may pass.</summary>
    public byte TimeToLive;
    /// <summary>What comes after the header.</summary>
    public IPProtocol Protocol;
    /// <summary>The header's checksum.</summary>
    public UInt16BigEndian Checksum;
    /// <summary>The sender.</summary>
    public IPv4Address Source;
    /// <summary>The receiver.</summary>
    public IPv4Address Destination;

    /// <summary>The version: 4.</summary>
    public byte Version { readonly get => (byte)(_versionAndLength >> 4); set => _versionAndLength = (byte)(value << 4 | _versionAndLength & 15); }

    /// <summary>The length of the header with its options in bytes: 20 to 60. What comes after it begins there.</summary>
    public int HeaderLength { readonly get => (_versionAndLength & 15) * 4; set => _versionAndLength = (byte)(_versionAndLength & 0xf0 | value / 4 & 15); }

    /// <summary>Whether the packet must not be divided.</summary>
    public readonly bool DontFragment => (_fragment.Value & 0x4000) != 0;

    /// <summary>Whether more fragments of the packet follow.</summary>
    public readonly bool MoreFragments => (_fragment.Value & 0x2000) != 0;

    /// <summary>Where in the whole packet this fragment begins, in bytes. Only the one at 0 has a transport header.</summary>
    public readonly int FragmentOffset => (_fragment.Value & 0x1fff) * 8;
}

/// <summary>The header of an IPv6 packet: 40 bytes, and extension headers behind it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct IPv6Header
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 40;

    private UInt32BigEndian _versionClassFlow;

    /// <summary>The length of what comes after this header in bytes.</summary>
    public UInt16BigEndian PayloadLength;
    /// <summary>What comes after this header: a protocol, or an extension header.</summary>
    public IPProtocol NextHeader;
    /// <summary>How many routers it may pass.</summary>
    public byte HopLimit;
    /// <summary>The sender.</summary>
    public IPv6Address Source;
    /// <summary>The receiver.</summary>
    public IPv6Address Destination;

    /// <summary>The version: 6.</summary>
    public readonly byte Version => (byte)(_versionClassFlow.Value >> 28);

    /// <summary>The traffic class.</summary>
    public readonly byte TrafficClass => (byte)(_versionClassFlow.Value >> 20);

    /// <summary>The flow label: 20 bits.</summary>
    public readonly uint FlowLabel => _versionClassFlow.Value & 0xfffff;
}

/// <summary>The header of a TCP segment: 20 bytes, and options behind it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct TcpHeader
{
    /// <summary>The size in bytes, without options.</summary>
    public const int Size = 20;

    /// <summary>The sender's port.</summary>
    public UInt16BigEndian SourcePort;
    /// <summary>The receiver's port.</summary>
    public UInt16BigEndian DestinationPort;
    /// <summary>The number of the first byte.</summary>
    public UInt32BigEndian Sequence;
    /// <summary>The number of the byte that the sender waits for.</summary>
    public UInt32BigEndian Acknowledgement;

    private byte _offset;

    /// <summary>The flags.</summary>
    public TcpFlags Flags;
    /// <summary>How much the sender can take, in units that the connection agreed on.</summary>
    public UInt16BigEndian Window;
    /// <summary>The checksum.</summary>
    public UInt16BigEndian Checksum;
    /// <summary>Where urgent data ends.</summary>
    public UInt16BigEndian Urgent;

    /// <summary>The length of the header with its options in bytes: 20 to 60. The data begins there.</summary>
    public int HeaderLength { readonly get => (_offset >> 4) * 4; set => _offset = (byte)(value / 4 << 4 | _offset & 15); }

    /// <summary>Whether it begins a connection.</summary>
    public readonly bool IsSyn => (Flags & TcpFlags.Syn) != 0;

    /// <summary>Whether it acknowledges.</summary>
    public readonly bool IsAck => (Flags & TcpFlags.Ack) != 0;
}

/// <summary>The header of a UDP datagram: 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct UdpHeader
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 8;

    /// <summary>The sender's port.</summary>
    public UInt16BigEndian SourcePort;
    /// <summary>The receiver's port.</summary>
    public UInt16BigEndian DestinationPort;
    /// <summary>The length with this header in bytes.</summary>
    public UInt16BigEndian Length;
    /// <summary>The checksum; 0 for none.</summary>
    public UInt16BigEndian Checksum;
}

/// <summary>The header of an ICMP message: 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct IcmpHeader
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 8;

    /// <summary>The type: 8 asks for an echo, 0 answers (128 and 129 in IPv6).</summary>
    public byte Type;
    /// <summary>What exactly.</summary>
    public byte Code;
    /// <summary>The checksum.</summary>
    public UInt16BigEndian Checksum;
    /// <summary>The number of the conversation, of echoes.</summary>
    public UInt16BigEndian Identifier;
    /// <summary>The number of the message, of echoes.</summary>
    public UInt16BigEndian Sequence;
}
