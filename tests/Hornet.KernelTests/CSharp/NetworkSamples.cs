using Hornet.Links;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet.KernelTests.CSharp;

/// <summary>The code of docs/csharp-networking.md, run by <see cref="NetworkSampleTests"/>.</summary>
internal static class NetworkSamples
{
    public static void DropByNetwork(BpfSession session)
    {
        // sample: drop
        var blocked = IPv4Network.Parse("127.5.0.0/16");

        session.AttachXdp("lo", packet =>
            packet.TryReadIPv4(out var ip, out _) && blocked.Contains(ip.Source) ? XdpAction.Drop : XdpAction.Pass);
        // end
    }

    // sample: pair
    public readonly record struct Pair(IPv4Address Source, IPv4Address Destination);
    // end

    public static void CountPairs(BpfSession session, BpfHashMap<Pair, ulong> packets)
    {
        // sample: count
        session.AttachTc("lo", TcDirection.Ingress, packet =>
        {
            if (packet.TryReadIPv4(out var ip, out _)) packets[new Pair(ip.Source, ip.Destination)]++;
            return TcAction.Ok;
        });
        // end
    }

    // sample: any
    private static bool IsUdpTo<TPacket>(TPacket packet, ushort port) where TPacket : IPacket, allows ref struct =>
        packet.TryReadIPv4(out var ip, out int payload)
        && ip.Protocol == IPProtocol.Udp
        && packet.TryRead(payload, out UdpHeader udp)
        && udp.DestinationPort == port;
    // end

    public static void BothWays(BpfSession session, ushort port)
    {
        // sample: both
        session.AttachXdp("lo", packet => IsUdpTo(packet, port) ? XdpAction.Drop : XdpAction.Pass);
        session.AttachTc("lo", TcDirection.Egress, packet => IsUdpTo(packet, port) ? TcAction.Shot : TcAction.Ok);
        // end
    }

    public static void Redirect(BpfSession session, string cgroup, ushort port)
    {
        // sample: connect
        session.AttachSocketAddress(cgroup, SocketAddressHook.Connect4, address =>
        {
            if (address.Port == 80)
            {
                address.IPv4 = IPv4Address.Loopback;
                address.Port = port;
            }
            return CgroupVerdict.Allow;
        });
        // end
    }

    public static void WatchTcp(BpfSession session, string cgroup, BpfHashMap<IPv4Address, ulong> connections, BpfArray<ulong> closed)
    {
        // sample: tcp
        session.AttachSockOps(cgroup, tcp =>
        {
            switch (tcp.Operation)
            {
                case SockOpsEvent.ActiveEstablished:
                    connections[tcp.RemoteIPv4]++;
                    tcp.SetCallbacks(SockOpsCallbacks.StateChange);
                    break;
                case SockOpsEvent.StateChange when tcp.Argument1 == (uint)TcpState.Close:
                    closed[0]++;
                    break;
            }
        });
        // end
    }

    public static void FindSocket(BpfSession session, BpfArray<ulong> listened)
    {
        // sample: find
        session.AttachTc("lo", TcDirection.Ingress, packet =>
        {
            if (!packet.TryReadIPv4(out var ip, out int payload) || ip.Protocol != IPProtocol.Tcp || !packet.TryRead(payload, out TcpHeader tcp) || !tcp.IsSyn || tcp.IsAck) return TcAction.Ok;
            SocketTuple4 connection = new() { Source = ip.Source, SourcePort = tcp.SourcePort, Destination = ip.Destination, DestinationPort = tcp.DestinationPort };
            using var socket = packet.FindTcpSocket(connection);
            if (socket.IsNull) return TcAction.Shot; // nobody listens: no answer either
            listened[0]++;
            return TcAction.Ok;
        });
        // end
    }

    public static void AnyPort(BpfSession session, BpfSockMap sockets)
    {
        // sample: lookup
        session.AttachSkLookup(lookup =>
        {
            if (lookup.Protocol != IPProtocol.Tcp || lookup.LocalPort is < 7000 or > 7999) return SkAction.Pass;
            using var server = lookup.FindSocket(sockets, 0u);
            return !server.IsNull && lookup.Assign(server) ? SkAction.Pass : SkAction.Drop;
        });
        // end
    }
}
