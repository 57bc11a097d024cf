using System.Runtime.InteropServices;
using Hornet.Packets;

namespace Hornet;

/// <summary>An address and a port of IPv4, as system calls take them (<c>struct sockaddr_in</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SocketAddress4
{
    private ushort _family;

    /// <summary>The port; 0 for any.</summary>
    public UInt16BigEndian Port;
    /// <summary>The address.</summary>
    public IPv4Address Address;

    private readonly ulong _zero;

    /// <summary>Makes an address.</summary>
    public SocketAddress4(IPv4Address address, ushort port)
    {
        _family = 2;
        Address = address;
        Port = port;
        _zero = 0;
    }
}
