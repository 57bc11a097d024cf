using System.Runtime.InteropServices;
using Hornet.Packets;

namespace Hornet;

/// <summary>Addresses and ports of a connection over IPv4, as they are written in packets that come in.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SocketTuple4
{
    /// <summary>The sender's address: the remote one.</summary>
    public IPv4Address Source;
    /// <summary>The receiver's address: the local one.</summary>
    public IPv4Address Destination;
    /// <summary>The sender's port.</summary>
    public UInt16BigEndian SourcePort;
    /// <summary>The receiver's port.</summary>
    public UInt16BigEndian DestinationPort;
}

/// <summary>Addresses and ports of a connection over IPv6, as they are written in packets that come in.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SocketTuple6
{
    /// <summary>The sender's address: the remote one.</summary>
    public IPv6Address Source;
    /// <summary>The receiver's address: the local one.</summary>
    public IPv6Address Destination;
    /// <summary>The sender's port.</summary>
    public UInt16BigEndian SourcePort;
    /// <summary>The receiver's port.</summary>
    public UInt16BigEndian DestinationPort;
}
