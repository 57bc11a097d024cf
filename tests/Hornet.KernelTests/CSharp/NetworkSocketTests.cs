using System.Net;
using System.Net.Sockets;
using Hornet.KernelTests.Links;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet.KernelTests.CSharp;

/// <summary>Sockets and interfaces with programs in C#, by packets over loopback in a network namespace of their own.</summary>
public class NetworkSocketTests
{
    [KernelFact(Needs.NetworkNamespaces)]
    public void Xdp_on_loopback_counts_and_drops() => In(session =>
    {
        using var counts = BpfArray<ulong>.Create("counts", 2);
        using Socket open = TestNetwork.BindUdp(), blocked = TestNetwork.BindUdp();
        ushort port = Port(blocked);
        session.AttachXdp("lo", packet =>
        {
            if (!packet.TryReadIPv4(out var ip, out int payload) || ip.Protocol != IPProtocol.Udp || !packet.TryRead(payload, out UdpHeader udp)) return XdpAction.Pass;
            counts[udp.DestinationPort == port ? 1u : 0u]++;
            return udp.DestinationPort == port ? XdpAction.Drop : XdpAction.Pass;
        });
        Assert.Equal((3, 0), (TestNetwork.Deliver(open, 3), TestNetwork.Deliver(blocked, 2)));
        Assert.Equal([3ul, 2], counts.ToArray());
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void Tc_marks_what_leaves_and_drops_what_comes() => In(session =>
    {
        using var counts = BpfArray<ulong>.Create("counts", 4);
        using Socket open = TestNetwork.BindUdp(), blocked = TestNetwork.BindUdp();
        ushort port = Port(blocked);
        session.AttachTc("lo", TcDirection.Egress, packet =>
        {
            counts[0]++;
            counts[1] = packet.InterfaceIndex;
            if (!packet.Socket.IsNull) counts[2]++;
            packet.Mark = 42;
            return TcAction.Ok;
        });
        var ingress = session.AttachTc("lo", TcDirection.Ingress, packet =>
        {
            if (packet.Mark == 42) counts[3]++;
            return packet.TryReadIPv4(out _, out int payload) && packet.TryRead(payload, out UdpHeader udp) && udp.DestinationPort == port ? TcAction.Shot : TcAction.Ok;
        });
        Assert.Equal((3, 0), (TestNetwork.Deliver(open, 3), TestNetwork.Deliver(blocked, 2)));
        Assert.Equal((5ul, 1ul, 5ul), (counts[0], counts[1], counts[2]));
        ingress.Dispose();
        Assert.Equal(1, TestNetwork.Deliver(blocked, 1));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_socket_filter_keeps_what_it_wants() => In(session =>
    {
        using var receiver = TestNetwork.BindUdp();
        session.AttachSocketFilter(receiver, packet => packet.TryRead(UdpHeader.Size, out byte first) && first == (byte)'p' ? UdpHeader.Size + 2 : 0);
        using Socket sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.SendTo("nothing"u8, receiver.LocalEndPoint!);
        sender.SendTo("ping"u8, receiver.LocalEndPoint!);
        byte[] buffer = new byte[20];
        Assert.Equal(2, receiver.Receive(buffer));
        Assert.Equal("pi"u8, buffer.AsSpan(0, 2));
        Assert.Equal(0, TestNetwork.Received(receiver, 1));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_socket_is_found_by_its_connection_and_given_back() => In(session =>
    {
        using var found = BpfArray<ulong>.Create("found", 8);
        using var receiver = TestNetwork.BindUdp();
        ushort port = Port(receiver);
        session.AttachTc("lo", TcDirection.Ingress, packet =>
        {
            if (!packet.TryReadIPv4(out var ip, out int payload) || ip.Protocol != IPProtocol.Udp || !packet.TryRead(payload, out UdpHeader udp)) return TcAction.Ok;
            SocketTuple4 tuple = new() { Source = ip.Source, Destination = ip.Destination, SourcePort = udp.SourcePort, DestinationPort = udp.DestinationPort };
            using var socket = packet.FindUdpSocket(tuple);
            if (socket.IsNull)
            {
                found[0]++;
                return TcAction.Ok;
            }
            found[1]++;
            found[2] = socket.LocalPort;
            found[3] = socket.LocalIPv4.Value;
            found[4] = socket.Family;
            return TcAction.Ok;
        });
        Assert.Equal(3, TestNetwork.Deliver(receiver, 3));
        using Socket nobody = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        nobody.SendTo("x"u8, new IPEndPoint(IPAddress.Loopback, port == 9 ? 10 : 9));
        Assert.Equal([1ul, 3, port, 0x7f000001, 2], found.ToArray()[..5]);
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.SkLookup)]
    public void Any_port_leads_to_one_socket() => In(session =>
    {
        using var sockets = BpfSockMap.Create("sockets", 1);
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        sockets.Set(0, listener);
        session.AttachSkLookup(lookup =>
        {
            if (lookup.Protocol != IPProtocol.Tcp || lookup.LocalPort is < 7000 or > 7009 || lookup.LocalIPv4 != IPv4Address.Loopback) return SkAction.Pass;
            using var socket = lookup.FindSocket(sockets, 0u);
            if (socket.IsNull) return SkAction.Pass;
            return lookup.Assign(socket) ? SkAction.Pass : SkAction.Drop;
        });
        for (int port = 7000; port < 7010; port += 3)
        {
            using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(new IPEndPoint(IPAddress.Loopback, port));
            using var server = listener.Accept();
            Assert.Equal(port, ((IPEndPoint)server.LocalEndPoint!).Port);
        }
        using Socket refused = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Throws<SocketException>(() => refused.Connect(new IPEndPoint(IPAddress.Loopback, 7010)));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void Among_sockets_that_share_a_port_the_program_chooses() => In(session =>
    {
        const int solSocket = 1, soReusePort = 15;
        using var sockets = BpfReusePortArray.Create("sockets", 2);
        using Socket first = Shared(0), second = Shared(Port(first));
        sockets.Set(0, first);
        sockets.Set(1, second);
        session.AttachReusePort(first, packet =>
        {
            // The data begins behind the UDP header.
            if (!packet.TryRead(UdpHeader.Size, out byte wanted)) return SkAction.Drop;
            return packet.Select(sockets, wanted == (byte)'b' ? 1u : 0u) ? SkAction.Pass : SkAction.Drop;
        });
        using Socket sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        foreach (byte letter in "abbab"u8) sender.SendTo([letter], first.LocalEndPoint!);
        Assert.Equal((2, 3), (TestNetwork.Received(first, 2), TestNetwork.Received(second, 3)));

        static Socket Shared(int port)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 300 };
            socket.SetRawSocketOption(solSocket, soReusePort, BitConverter.GetBytes(1));
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void What_a_socket_sends_is_judged_and_redirected() => In(session =>
    {
        using var sockets = BpfSockMap.Create("sockets", 4);
        using var seen = BpfArray<ulong>.Create("seen", 4);
        session.AttachSkMsg(sockets, message =>
        {
            seen[0] += message.Length;
            seen[1] = message.RemoteIPv4.Value;
            if (message.TryRead(0, out byte first) && first == (byte)'!') return SkAction.Drop;
            return message.RedirectTo(sockets, 1, SockMapRedirectFlags.Ingress);
        });
        var (client, server) = TcpPair();
        using (client)
        using (server)
        {
            sockets.Set(0, client);
            sockets.Set(1, server);
            client.Send("hello"u8);
            byte[] buffer = new byte[20];
            Assert.Equal(5, server.Receive(buffer));
            Assert.Equal("hello"u8, buffer.AsSpan(0, 5));
            Assert.Throws<SocketException>(() => client.Send("!no"u8));
        }
        Assert.Equal((8ul, 0x7f000001ul), (seen[0], seen[1]));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void Messages_are_parsed_and_sent_on_to_another_socket() => In(session =>
    {
        using var sockets = BpfSockMap.Create("sockets", 4);
        using var seen = BpfArray<ulong>.Create("seen", 4);
        // Messages begin with their length.
        session.AttachStreamParser(sockets, stream => stream.TryRead(0, out byte length) ? length : 0);
        session.AttachStreamVerdict(sockets, message =>
        {
            seen[0]++;
            seen[1] += message.Length;
            return message.RedirectTo(sockets, 1);
        });
        var (client, proxy) = TcpPair();
        var (other, end) = TcpPair();
        using (client)
        using (proxy)
        using (other)
        using (end)
        {
            sockets.Set(0, proxy);
            sockets.Set(1, other);
            // The first one comes in two pieces, of which the parser makes one message. A parser sees a packet from its
            // beginning, so the second message is sent when the first is through.
            foreach (byte[] message in (byte[][])[[4, 1, 2, 3], [3, 8, 9]])
            {
                client.Send(message, 0, 2, SocketFlags.None);
                client.Send(message, 2, message.Length - 2, SocketFlags.None);
                byte[] buffer = new byte[message.Length];
                for (int got = 0; got < buffer.Length;) got += end.Receive(buffer.AsSpan(got));
                Assert.Equal(message, buffer);
            }
        }
        Assert.Equal((2ul, 7ul), (seen[0], seen[1]));
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Netfilter)]
    public void Netfilter_drops_what_arrives_for_a_port() => In(session =>
    {
        using var seen = BpfArray<ulong>.Create("seen", 8);
        using Socket open = TestNetwork.BindUdp(), blocked = TestNetwork.BindUdp();
        ushort port = Port(blocked);
        session.AttachNetfilter(NetfilterProtocol.IPv4, NetfilterHook.LocalIn, packet =>
        {
            if (!packet.TryReadIPv4At(0, out var ip, out int payload) || ip.Protocol != IPProtocol.Udp || !packet.TryRead(payload, out UdpHeader udp)) return NetfilterVerdict.Accept;
            seen[0]++;
            seen[1] = (ulong)packet.Hook;
            seen[2] = (ulong)packet.Protocol;
            seen[3] = packet.IngressInterfaceIndex;
            seen[4] = packet.EgressInterfaceIndex;
            seen[5] += packet.Length;
            return udp.DestinationPort == port ? NetfilterVerdict.Drop : NetfilterVerdict.Accept;
        });
        Assert.Equal((3, 0), (TestNetwork.Deliver(open, 3), TestNetwork.Deliver(blocked, 2)));
        Assert.Equal([5ul, (ulong)NetfilterHook.LocalIn, (ulong)NetfilterProtocol.IPv4, 1, 0, 5 * 32], seen.ToArray()[..6]);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void Packets_are_redirected_between_interfaces() => In(session =>
    {
        TestNetlink.AddLink("veth", "left", "right");
        TestNetlink.SetUp(TestNetlink.IndexOf("left"));
        TestNetlink.SetUp(TestNetlink.IndexOf("right"));
        using var ports = BpfDevMap.Create("ports", 2);
        uint right = (uint)TestNetlink.IndexOf("right");
        ports.Set(0, right);
        var program = session.LoadXdp(packet => packet.RedirectTo(ports, 0));
        Assert.Equal((uint)XdpAction.Redirect, program.TestRun(new byte[60]).ReturnValue);
        var missing = session.LoadXdp(packet => packet.RedirectTo(ports, 1, XdpAction.Aborted));
        Assert.Equal((uint)XdpAction.Aborted, missing.TestRun(new byte[60]).ReturnValue);
        var tc = session.LoadTc(packet => packet.RedirectTo(right, RedirectFlags.Ingress));
        Assert.Equal((uint)TcAction.Redirect, tc.TestRun(new byte[60]).ReturnValue);
        var clone = session.LoadTc(packet => packet.CloneRedirect(right) ? TcAction.Ok : TcAction.Shot);
        Assert.Equal((uint)TcAction.Ok, clone.TestRun(new byte[60]).ReturnValue);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void The_routing_table_is_asked() => In(session =>
    {
        var program = session.LoadTc(packet =>
        {
            FibQuery query = default;
            query.Family = 2;
            query.SourceIPv4 = IPv4Address.Loopback;
            query.DestinationIPv4 = new IPv4Address(127, 0, 0, 2);
            query.InterfaceIndex = 1;
            var result = packet.FibLookup(ref query);
            // For this host: not forwarded.
            return result is FibResult.NotForwarded or FibResult.ForwardingDisabled ? TcAction.Stolen : TcAction.Ok;
        });
        Assert.Equal((uint)TcAction.Stolen, program.TestRun(new byte[60]).ReturnValue);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_route_has_a_program_for_what_leaves_by_it() => In(session =>
    {
        using var seen = BpfArray<ulong>.Create("seen", 4);
        session.AttachLwtRoute(new LwtRouteOptions { Destination = IPNetwork.Parse("10.77.0.0/16"), InterfaceName = "lo" }, outgoing: packet =>
        {
            if (!packet.TryReadIPv4At(0, out var ip, out _)) return LwtAction.Ok;
            seen[0]++;
            seen[1] = ip.Destination.Value;
            return LwtAction.Drop;
        });
        using Socket sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        for (int i = 0; i < 3; i++)
        {
            try
            {
                sender.SendTo("ping"u8, new IPEndPoint(IPAddress.Parse("10.77.1.2"), 9));
            }
            catch (SocketException)
            {
                // Dropped packets of UDP are an error of the call in some kernels.
            }
        }
        Assert.Equal((3ul, 0x0a4d0102ul), (seen[0], seen[1]));
        Assert.Throws<ArgumentException>(() => session.AttachLwtRoute(new LwtRouteOptions { Destination = IPNetwork.Parse("10.78.0.0/16"), InterfaceName = "lo" }));
    });

    private static (Socket Client, Socket Server) TcpPair()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
        client.Connect(listener.LocalEndPoint!);
        var server = listener.Accept();
        server.ReceiveTimeout = 10_000;
        return (client, server);
    }

    private static ushort Port(Socket socket) => (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;

    private static void In(Action<BpfSession> test)
    {
        using TestNamespace ns = new();
        ns.Run(() =>
        {
            using BpfSession session = new();
            test(session);
        });
    }
}
