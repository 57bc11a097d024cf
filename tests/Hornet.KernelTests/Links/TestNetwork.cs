using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Hornet.Interop;
using Hornet.Links;

namespace Hornet.KernelTests.Links;

/// <summary>Network namespaces that last as long as a test, with interfaces made in them.</summary>
internal static class TestNetwork
{
    /// <summary>
    /// Runs a test on a thread in a fresh network namespace whose loopback is up. The namespace and everything in it go
    /// away with the thread and the sockets opened there.
    /// </summary>
    public static void InNewNamespace(Action<NetlinkSocket> test)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Libc.Check(NetworkNamespaces.Unshare(NetworkNamespaces.CloneNewNet), "make a network namespace");
                using var socket = new NetlinkSocket();
                SetUp(socket, "lo");
                test(socket);
            }
            catch (Exception e)
            {
                failure = e;
            }
        })
        { IsBackground = true };
        thread.Start();
        thread.Join();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    public static void SetUp(NetlinkSocket socket, string name)
    {
        const uint up = 1;
        var device = NetworkDevice.Find(socket, name);
        socket.Send(NetlinkWriter.Start(Netlink.NewLink, NetlinkFlags.Ack, new InterfaceMessage { Index = device.Index, Flags = up, Change = up }))
            .Check($"set {name} up");
    }

    /// <summary>Makes a pair of connected interfaces, both up.</summary>
    public static void AddVeth(NetlinkSocket socket, string name, string peer, uint mtu = 1500, FileDescriptor? peerNamespace = null)
    {
        const ushort interfaceName = 3, interfaceMtu = 4, info = 18, kind = 1, data = 2, vethPeer = 1, namespaceDescriptor = 28;
        socket.Send(NetlinkWriter.Start(Netlink.NewLink, NetlinkFlags.Ack | NetlinkFlags.Create | NetlinkFlags.Exclusive, new InterfaceMessage())
            .Add(interfaceName, name).Add(interfaceMtu, mtu)
            .Nest(info, i => i.Add(kind, "veth").Nest(data, d => d.Nest(vethPeer, p =>
            {
                p.Struct(new InterfaceMessage()).Add(interfaceName, peer).Add(interfaceMtu, mtu);
                if (peerNamespace is not null) p.Add(namespaceDescriptor, peerNamespace.Value);
            }))))
            .Check($"make the veth pair {name} and {peer}");
        SetUp(socket, name);
        if (peerNamespace is null) SetUp(socket, peer);
    }

    public static void Delete(NetlinkSocket socket, string name) =>
        socket.Send(NetlinkWriter.Start(Netlink.DelLink, NetlinkFlags.Ack, new InterfaceMessage { Index = NetworkDevice.Find(socket, name).Index }))
            .Check($"delete {name}");

    public static void AddAddress(NetlinkSocket socket, string name, IPAddress address, byte prefixLength)
    {
        const ushort ifaAddress = 1, ifaLocal = 2, ifaFlags = 8;
        const uint noDuplicateDetection = 2;
        socket.Send(NetlinkWriter.Start(Netlink.NewAddress, NetlinkFlags.Ack | NetlinkFlags.Create | NetlinkFlags.Exclusive, new AddressMessage
        {
            Family = (byte)(address.AddressFamily == AddressFamily.InterNetwork ? 2 : 10),
            PrefixLength = prefixLength,
            InterfaceIndex = NetworkDevice.Find(socket, name).Index,
        }).Add(ifaLocal, address.GetAddressBytes()).Add(ifaAddress, address.GetAddressBytes()).Add(ifaFlags, noDuplicateDetection))
            .Check($"give {name} the address {address}/{prefixLength}");
    }

    /// <summary>Routes a network over a gateway.</summary>
    public static void AddRoute(NetlinkSocket socket, IPNetwork destination, IPAddress gateway)
    {
        const ushort rtaDestination = 1, rtaGateway = 5;
        socket.Send(NetlinkWriter.Start(Netlink.NewRoute, NetlinkFlags.Ack | NetlinkFlags.Create | NetlinkFlags.Exclusive, new RouteMessage
        {
            Family = 2,
            DestinationLength = (byte)destination.PrefixLength,
            Table = 254,
            Protocol = 4,
            Type = 1,
        }).Add(rtaDestination, destination.BaseAddress.GetAddressBytes()).Add(rtaGateway, gateway.GetAddressBytes())).Check($"route {destination} over {gateway}");
    }

    /// <summary>Keeps an interface from sending router solicitations and the like, so that packets can be counted exactly.</summary>
    public static void Silence(string name) => File.WriteAllText($"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "1");

    /// <summary>A UDP socket on a free port of an address.</summary>
    public static Socket BindUdp(IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 300 };
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    /// <summary>Sends datagrams to a bound socket and says how many arrived.</summary>
    public static int Deliver(Socket receiver, int datagrams, IPEndPoint? to = null)
    {
        using var sender = new Socket(receiver.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        for (int i = 0; i < datagrams; i++) sender.SendTo("ping"u8, to ?? receiver.LocalEndPoint!);
        return Received(receiver, datagrams);
    }

    /// <summary>How many datagrams wait in a socket; waits a little only when one is missing.</summary>
    public static int Received(Socket receiver, int expected)
    {
        var buffer = new byte[2048];
        int arrived = 0;
        for (; arrived < expected; arrived++)
        {
            try
            {
                receiver.Receive(buffer);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                break;
            }
        }
        return arrived;
    }
}
