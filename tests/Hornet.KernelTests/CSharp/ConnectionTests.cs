using System.Net;
using System.Net.Sockets;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet.KernelTests.CSharp;

/// <summary>TCP connections that programs have a part in: handshakes that they answer, and the times of packets.</summary>
public class ConnectionTests
{
    private const int SolTcp = 6, TcpMaxSegment = 2;

    [KernelFact(Needs.NetworkNamespaces, Needs.Tcx, MinKernel = "6.9")]
    public void A_program_answers_the_handshake_and_the_kernel_makes_the_connection()
    {
        using var seen = BpfArray<ulong>.Create("seen", 3);
        using TestNamespace ns = new();
        ns.Run(() =>
        {
            // Only the option that says the size of segments; and packets of this machine come in again where they are sent back.
            foreach (string option in (string[])["tcp_timestamps", "tcp_sack", "tcp_window_scaling"]) File.WriteAllText($"/proc/sys/net/ipv4/{option}", "0");
            foreach (string option in (string[])["route_localnet", "accept_local"]) File.WriteAllText($"/proc/sys/net/ipv4/conf/lo/{option}", "1");
            using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            ushort port = (ushort)((IPEndPoint)listener.LocalEndPoint!).Port;
            uint loopback = 1;
            const uint Cookie = 0x1234_5678;
            using BpfSession session = new();
            session.AttachTc("lo", TcDirection.Ingress, packet =>
            {
                if (!packet.TryReadIPv4(out var ip, out int at) || ip.Protocol != IPProtocol.Tcp || !packet.TryRead(at, out TcpHeader tcp) || tcp.DestinationPort != port) return TcAction.Ok;
                if (tcp.IsSyn)
                {
                    seen[0]++;
                    tcp.DestinationPort = tcp.SourcePort;
                    tcp.SourcePort = new(port);
                    tcp.Acknowledgement = new((uint)tcp.Sequence + 1);
                    tcp.Sequence = new(Cookie);
                    tcp.Flags = TcpFlags.Syn | TcpFlags.Ack;
                    return packet.TryWrite(at, tcp) ? packet.RedirectTo(loopback, RedirectFlags.Ingress) : TcAction.Shot;
                }
                if (!tcp.IsAck || tcp.Acknowledgement != Cookie + 1) return TcAction.Ok;
                SocketTuple4 tuple = new() { Source = ip.Source, SourcePort = tcp.SourcePort, Destination = ip.Destination, DestinationPort = tcp.DestinationPort };
                using var socket = packet.FindTcpSocket(tuple);
                if (socket.IsNull) return TcAction.Shot;
                TcpRequestAttributes attributes = new() { MaximumSegmentSize = 1111 };
                // What comes later finds the connection, which is no listener.
                if (packet.AssignRequest(socket, ref attributes) == 0) seen[1]++;
                else seen[2]++;
                return TcAction.Ok;
            });
            client.Connect(listener.LocalEndPoint!);
            client.Send("hello"u8);
            using var server = listener.Accept();
            byte[] buffer = new byte[16];
            Assert.Equal(5, server.Receive(buffer));
            Assert.Equal("hello"u8, buffer.AsSpan(0, 5));
            server.Send("there"u8);
            Assert.Equal(5, client.Receive(buffer));
            server.GetRawSocketOption(SolTcp, TcpMaxSegment, buffer.AsSpan(0, 4));
            Assert.Equal(1111, BitConverter.ToInt32(buffer));
            Assert.Equal((1ul, 1ul), (seen[0], seen[1]));
        });
    }

    [KernelFact(Needs.Cgroup2, Needs.NetworkNamespaces, MinKernel = "6.15")]
    public void The_times_of_packets_are_reported()
    {
        const int SolSocket = 1, CallbackFlags = 1009; // SK_BPF_CB_FLAGS
        using var seen = BpfArray<ulong>.Create("seen", 8);
        using TestCgroup group = new();
        using BpfSession session = new();
        session.AttachSockOps(group.Path, tcp =>
        {
            switch (tcp.Operation)
            {
                case SockOpsEvent.ActiveEstablished:
                    Span<byte> transmit = stackalloc byte[4]; // SK_BPF_CB_TX_TIMESTAMPING
                    transmit.Clear();
                    transmit[0] = 1;
                    if (tcp.SetOption(SolSocket, CallbackFlags, transmit) == 0) seen[0]++;
                    break;
                case SockOpsEvent.TimestampSend:
                    if (tcp.EnableTransmitTimestamps() == 0) seen[1]++;
                    break;
                case SockOpsEvent.TimestampScheduled:
                    seen[2]++;
                    break;
                case SockOpsEvent.TimestampSent:
                    seen[3]++;
                    break;
                case SockOpsEvent.TimestampAcknowledged:
                    seen[4]++;
                    break;
            }
        });
        using TestNamespace ns = new();
        ns.Run(() => group.Run(() =>
        {
            using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            client.Connect(listener.LocalEndPoint!);
            using var server = listener.Accept();
            for (int i = 0; i < 3; i++)
            {
                client.Send("x"u8);
                Assert.Equal(1, server.Receive(new byte[1]));
            }
            Assert.True(TestThread.Eventually(() => seen[4] == 3), $"{seen[4]} acknowledged");
        }));
        Assert.Equal((1ul, 3ul, 3ul, 3ul), (seen[0], seen[1], seen[2], seen[3]));
    }
}
