using System.Net;
using System.Net.Sockets;
using Hornet.KernelTests.Links;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet.KernelTests.CSharp;

/// <summary>The samples of docs/csharp-networking.md do what the page says.</summary>
public class NetworkSampleTests
{
    [KernelFact(Needs.NetworkNamespaces)]
    public void Packets_of_a_network_are_dropped() => In(session =>
    {
        using var receiver = TestNetwork.BindUdp();
        NetworkSamples.DropByNetwork(session);
        using Socket from = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        from.Bind(new IPEndPoint(IPAddress.Parse("127.5.6.7"), 0));
        for (int i = 0; i < 2; i++) from.SendTo("no"u8, receiver.LocalEndPoint!);
        Assert.Equal(3, TestNetwork.Deliver(receiver, 3));
        Assert.Equal(0, TestNetwork.Received(receiver, 1));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void Pairs_are_counted() => In(session =>
    {
        using var packets = BpfHashMap<NetworkSamples.Pair, ulong>.Create("packets", 64);
        using var receiver = TestNetwork.BindUdp();
        NetworkSamples.CountPairs(session, packets);
        Assert.Equal(4, TestNetwork.Deliver(receiver, 4));
        Assert.Equal(4ul, packets[new(IPv4Address.Loopback, IPv4Address.Loopback)]);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void One_method_serves_both_ways() => In(session =>
    {
        using Socket open = TestNetwork.BindUdp(), blocked = TestNetwork.BindUdp();
        NetworkSamples.BothWays(session, Port(blocked));
        Assert.Equal((2, 0), (TestNetwork.Deliver(open, 2), TestNetwork.Deliver(blocked, 1)));
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Cgroup2)]
    public void Connections_are_redirected_and_watched() => In(session =>
    {
        using TestCgroup cgroup = new();
        using var connections = BpfHashMap<IPv4Address, ulong>.Create("connections", 64);
        using var closed = BpfArray<ulong>.Create("closed", 1);
        using var listened = BpfArray<ulong>.Create("listened", 1);
        using var listener = Listen();
        NetworkSamples.Redirect(session, cgroup.Path, Port(listener));
        NetworkSamples.WatchTcp(session, cgroup.Path, connections, closed);
        NetworkSamples.FindSocket(session, listened);
        cgroup.Run(() =>
        {
            for (int i = 0; i < 2; i++)
            {
                using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                client.Connect(new IPEndPoint(IPAddress.Parse("10.1.1.1"), 80));
                using var server = listener.Accept();
                server.Close();
                while (client.Receive(new byte[4]) > 0) { }
            }
        });
        Assert.Equal((2ul, 2ul), (connections[IPv4Address.Loopback], listened[0]));
        Assert.True(TestThread.Eventually(() => closed[0] == 2));
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.SkLookup)]
    public void A_thousand_ports_lead_to_one_socket() => In(session =>
    {
        using var sockets = BpfSockMap.Create("sockets", 1);
        using var listener = Listen();
        sockets.Set(0, listener);
        NetworkSamples.AnyPort(session, sockets);
        foreach (int port in (int[])[7000, 7999])
        {
            using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(new IPEndPoint(IPAddress.Loopback, port));
            using var server = listener.Accept();
            Assert.Equal(port, Port(server));
        }
    });

    private static Socket Listen()
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
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
