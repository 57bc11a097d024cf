using System.Net;
using System.Net.Sockets;
using Hornet.Kernel;
using Hornet.KernelTests.Links;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet.KernelTests.CSharp;

/// <summary>What a control group's processes may do, decided in C#, by their real calls.</summary>
public class NetworkCgroupTests
{
    [KernelFact(Needs.Cgroup2)]
    public void Packets_that_leave_are_counted_and_dropped_by_port() => In((cgroup, session) =>
    {
        using var seen = BpfHashMap<ushort, ulong>.Create("seen", 16);
        using Socket allowed = TestNetwork.BindUdp(), blocked = TestNetwork.BindUdp();
        ushort open = Port(allowed), closed = Port(blocked);
        session.AttachCgroupEgress(cgroup.Path, packet =>
        {
            if (!packet.TryReadIPv4At(0, out var ip, out int payload) || ip.Protocol != IPProtocol.Udp || !packet.TryRead(payload, out UdpHeader udp)) return CgroupVerdict.Allow;
            ushort port = udp.DestinationPort;
            seen[port]++;
            return port == closed ? CgroupVerdict.Deny : CgroupVerdict.Allow;
        });
        cgroup.Run(() =>
        {
            using Socket inside = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            for (int i = 0; i < 3; i++) inside.SendTo("ping"u8, allowed.LocalEndPoint!);
            for (int i = 0; i < 2; i++) Assert.Equal(SocketError.AccessDenied, Assert.Throws<SocketException>(() => inside.SendTo("ping"u8, blocked.LocalEndPoint!)).SocketErrorCode);
        });
        Assert.Equal((3ul, 2ul), (seen[open], seen[closed]));
        Assert.Equal((3, 0), (TestNetwork.Received(allowed, 3), TestNetwork.Received(blocked, 1)));
    });

    [KernelFact(Needs.Cgroup2)]
    public void Packets_that_arrive_are_dropped() => In((cgroup, session) =>
    {
        using var seen = BpfArray<long>.Create("seen", 4);
        session.AttachCgroupIngress(cgroup.Path, packet =>
        {
            if (packet.Family != 2) return CgroupVerdict.Allow;
            seen[0]++;
            seen[1] = packet.LocalPort;
            return CgroupVerdict.Deny;
        });
        cgroup.Run(() =>
        {
            using var receiver = TestNetwork.BindUdp();
            Assert.Equal(0, TestNetwork.Deliver(receiver, 2));
            Assert.Equal((2L, (long)Port(receiver)), (seen[0], seen[1]));
        });
    });

    [KernelFact(Needs.Cgroup2)]
    public void Sockets_are_made_and_refused() => In((cgroup, session) =>
    {
        session.AttachSocketCreate(cgroup.Path, socket =>
        {
            socket.Mark = 77;
            socket.Priority = 3;
            return socket.Family == 2 && socket.Type == 2 && socket.Protocol == IPProtocol.Udp ? CgroupVerdict.Deny : CgroupVerdict.Allow;
        });
        cgroup.Run(() =>
        {
            Assert.Equal(SocketError.AccessDenied, Assert.Throws<SocketException>(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp).Dispose()).SocketErrorCode);
            using Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            const int solSocket = 1, soMark = 36, soPriority = 12;
            byte[] value = new byte[4];
            tcp.GetRawSocketOption(solSocket, soMark, value);
            Assert.Equal(77, BitConverter.ToInt32(value));
            tcp.GetRawSocketOption(solSocket, soPriority, value);
            Assert.Equal(3, BitConverter.ToInt32(value));
        });
    });

    [KernelFact(Needs.Cgroup2, MinKernel = "5.9")]
    public void Sockets_that_close_and_bind_are_seen() => In((cgroup, session) =>
    {
        using var seen = BpfHashMap<uint, ulong>.Create("seen", 16);
        // .NET opens sockets of its own to find these out, once.
        Assert.True(Socket.OSSupportsIPv4 | Socket.OSSupportsIPv6);
        session.AttachSocketRelease(cgroup.Path, socket =>
        {
            if (socket.Protocol == IPProtocol.Udp) seen[1]++;
            return CgroupVerdict.Allow;
        });
        ushort forbidden = 31337;
        session.AttachPostBind4(cgroup.Path, socket =>
        {
            seen[2]++;
            return socket.LocalPort == forbidden && socket.LocalIPv4 == IPv4Address.Loopback ? CgroupVerdict.Deny : CgroupVerdict.Allow;
        });
        cgroup.Run(() =>
        {
            for (int i = 0; i < 2; i++) TestNetwork.BindUdp().Dispose();
            using Socket refused = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            Assert.Throws<SocketException>(() => refused.Bind(new IPEndPoint(IPAddress.Loopback, 31337)));
        });
        Assert.Equal((3ul, 3ul), (seen[1], seen[2]));
    });

    [KernelFact(Needs.Cgroup2)]
    public void A_connection_is_sent_elsewhere() => In((cgroup, session) =>
    {
        using var receiver = TestNetwork.BindUdp();
        ushort port = Port(receiver);
        using var counts = BpfArray<ulong>.Create("counts", 4);
        session.AttachSocketAddress(cgroup.Path, SocketAddressHook.Connect4, address =>
        {
            if (address.Port != 53 || address.IPv4 != new IPv4Address(10, 9, 8, 7)) return CgroupVerdict.Allow;
            counts[0]++;
            address.IPv4 = IPv4Address.Loopback;
            address.Port = port;
            return CgroupVerdict.Allow;
        });
        cgroup.Run(() =>
        {
            using Socket client = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            client.Connect(new IPEndPoint(IPAddress.Parse("10.9.8.7"), 53));
            client.Send("ping"u8);
        });
        Assert.Equal(1, TestNetwork.Received(receiver, 1));
        Assert.Equal(1ul, counts[0]);
    });

    [KernelFact(Needs.Cgroup2)]
    public void A_socket_is_bound_before_it_connects() => In((cgroup, session) =>
    {
        session.AttachSocketAddress(cgroup.Path, SocketAddressHook.Connect4, address =>
            address.Bind(new SocketAddress4(new IPv4Address(127, 0, 0, 77), 0)) ? CgroupVerdict.Allow : CgroupVerdict.Deny);
        using var receiver = TestNetwork.BindUdp();
        cgroup.Run(() =>
        {
            using Socket client = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            client.Connect(receiver.LocalEndPoint!);
            Assert.Equal(IPAddress.Parse("127.0.0.77"), ((IPEndPoint)client.LocalEndPoint!).Address);
        });
    });

    [KernelFact(Needs.Cgroup2)]
    public void Addresses_of_IPv6_are_read_and_written() => In((cgroup, session) =>
    {
        var forbidden = IPv6Address.Parse("2001:db8::1");
        session.AttachSocketAddress(cgroup.Path, SocketAddressHook.Connect6, address => address.IPv6 == forbidden && address.Port == 4711 ? CgroupVerdict.Deny : CgroupVerdict.Allow);
        session.AttachSocketAddress(cgroup.Path, SocketAddressHook.SendMsg6, address =>
        {
            address.IPv6 = IPv6Address.Loopback;
            return CgroupVerdict.Allow;
        });
        using Socket receiver = new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 300 };
        receiver.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        cgroup.Run(() =>
        {
            using Socket client = new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
            Assert.Equal(SocketError.AccessDenied, Assert.Throws<SocketException>(() => client.Connect(new IPEndPoint(IPAddress.Parse("2001:db8::1"), 4711))).SocketErrorCode);
            client.SendTo("ping"u8, new IPEndPoint(IPAddress.Parse("2001:db8::9"), Port(receiver)));
        });
        Assert.Equal(1, TestNetwork.Received(receiver, 1));
    });

    [KernelFact(Needs.Cgroup2, MinKernel = "5.8")]
    public void The_name_of_the_other_side_is_made_up() => In((cgroup, session) =>
    {
        session.AttachSocketAddress(cgroup.Path, SocketAddressHook.GetPeerName4, address =>
        {
            address.IPv4 = new IPv4Address(1, 2, 3, 4);
            address.Port = 5;
            return CgroupVerdict.Allow;
        });
        using var receiver = TestNetwork.BindUdp();
        cgroup.Run(() =>
        {
            using Socket client = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            client.Connect(receiver.LocalEndPoint!);
            Assert.Equal("1.2.3.4:5", client.RemoteEndPoint!.ToString());
        });
    });

    [KernelFact(Needs.Cgroup2)]
    public void Every_hook_of_addresses_loads()
    {
        using BpfSession session = new();
        foreach (var hook in Enum.GetValues<SocketAddressHook>())
        {
            if (hook.ToString().Contains("Unix", StringComparison.Ordinal) && KernelVersion.Running < new KernelVersion(6, 7)) continue;
            if (hook is SocketAddressHook.GetPeerName4 or SocketAddressHook.GetPeerName6 or SocketAddressHook.GetSockName4 or SocketAddressHook.GetSockName6 && KernelVersion.Running < new KernelVersion(5, 8)) continue;
            Assert.Equal((AttachType)hook, session.LoadSocketAddress(hook, address => address.Family == 99 ? CgroupVerdict.Allow : CgroupVerdict.Allow).AttachType ?? (AttachType)hook);
        }
        Assert.Contains("is no hook", Assert.Throws<ArgumentException>(() => session.LoadSocketAddress((SocketAddressHook)3, _ => CgroupVerdict.Allow)).Message);
    }

    [KernelFact(Needs.Cgroup2, MinKernel = "5.2")]
    public void Settings_are_read_by_name_and_not_written() => In((cgroup, session) =>
    {
        using var seen = BpfArray<ulong>.Create("seen", 4);
        session.AttachSysctl(cgroup.Path, setting =>
        {
            Span<byte> name = stackalloc byte[32];
            int length = setting.GetName(name);
            if (length != 17 || !name.StartsWith("net/ipv4/tcp_sack"u8)) return CgroupVerdict.Allow;
            seen[setting.IsWrite ? 1u : 0u]++;
            return setting.IsWrite ? CgroupVerdict.Deny : CgroupVerdict.Allow;
        });
        const string path = "/proc/sys/net/ipv4/tcp_sack";
        cgroup.Run(() =>
        {
            // One call each: a whole file is read until there is no more.
            byte[] before = new byte[8];
            using (var handle = File.OpenHandle(path)) Assert.InRange(RandomAccess.Read(handle, before, 0), 1, 8);
            using (var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write)) Assert.ThrowsAny<Exception>(() => RandomAccess.Write(handle, before.AsSpan(0, 1), 0));
        });
        Assert.Equal((1ul, 1ul), (seen[0], seen[1]));
    });

    [KernelFact(Needs.Cgroup2)]
    public void Devices_are_judged_by_number_and_access() => In((cgroup, session) =>
    {
        using var seen = BpfArray<long>.Create("seen", 4);
        session.AttachDevice(cgroup.Path, device =>
        {
            if (device.Type != DeviceType.Character || device.Major != 1 || device.Minor != 7) return CgroupVerdict.Allow; // /dev/full
            seen[0]++;
            seen[1] = (long)device.Access;
            return device.Access.HasFlag(DeviceAccess.Write) ? CgroupVerdict.Deny : CgroupVerdict.Allow;
        });
        cgroup.Run(() =>
        {
            using (File.OpenRead("/dev/full")) { }
            Assert.Equal((1L, (long)DeviceAccess.Read), (seen[0], seen[1]));
            Assert.Throws<UnauthorizedAccessException>(() => File.OpenWrite("/dev/full").Dispose());
            Assert.Equal((2L, (long)DeviceAccess.Write), (seen[0], seen[1]));
        });
    });

    [KernelFact(Needs.Cgroup2, MinKernel = "5.3")]
    public void Socket_options_are_answered_and_refused() => In((cgroup, session) =>
    {
        const int solIP = 0, ipTos = 1, ipTtl = 2;
        session.AttachGetSockOpt(cgroup.Path, option =>
        {
            if (option.Level != solIP || option.Option != ipTos || !option.TryRead(0, out byte before)) return CgroupVerdict.Allow;
            option.TryWrite(0, (byte)(before + 5));
            return CgroupVerdict.Allow;
        });
        session.AttachSetSockOpt(cgroup.Path, option =>
        {
            if (option.Level == solIP && option.Option == ipTtl) return CgroupVerdict.Deny;
            if (option.Level == solIP && option.Option == ipTos && option.TryRead(0, out int tos) && tos == 16) option.TryWrite(0, 32);
            return CgroupVerdict.Allow;
        });
        cgroup.Run(() =>
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            Assert.Throws<SocketException>(() => socket.SetRawSocketOption(solIP, ipTtl, BitConverter.GetBytes(9)));
            socket.SetRawSocketOption(solIP, ipTos, BitConverter.GetBytes(16));
            byte[] value = new byte[4];
            socket.GetRawSocketOption(solIP, ipTos, value);
            Assert.Equal(32 + 5, BitConverter.ToInt32(value));
        });
    });

    [KernelFact(Needs.Cgroup2, MinKernel = "4.19")]
    public void Connections_are_watched_from_their_beginning_to_their_end() => In((cgroup, session) =>
    {
        using var events = BpfHashMap<uint, ulong>.Create("events", 32);
        using var ports = BpfHashMap<ushort, ulong>.Create("ports", 32);
        session.AttachSockOps(cgroup.Path, tcp =>
        {
            events[(uint)tcp.Operation]++;
            if (tcp.Operation is SockOpsEvent.ActiveEstablished or SockOpsEvent.PassiveEstablished)
            {
                tcp.SetCallbacks(SockOpsCallbacks.StateChange);
                if (tcp.RemoteIPv4 == IPv4Address.Loopback) ports[tcp.Operation == SockOpsEvent.ActiveEstablished ? tcp.RemotePort : tcp.LocalPort]++;
            }
            if (tcp.Operation == SockOpsEvent.StateChange && tcp.Argument1 == (uint)TcpState.Close) ports[1]++;
        });
        ushort port = 0;
        cgroup.Run(() =>
        {
            using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            port = Port(listener);
            for (int i = 0; i < 3; i++)
            {
                using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                client.Connect(listener.LocalEndPoint!);
                using var server = listener.Accept();
                client.Shutdown(SocketShutdown.Both);
                while (server.Receive(new byte[10]) > 0) { }
            }
        });
        Assert.Equal((3ul, 3ul), (events[(uint)SockOpsEvent.ActiveEstablished], events[(uint)SockOpsEvent.PassiveEstablished]));
        Assert.Equal(6ul, ports[port]);
        Assert.True(TestThread.Eventually(() => ports[1] >= 6));
    });

    [KernelFact(Needs.Cgroup2, MinKernel = "5.10")]
    public void Connections_carry_an_option_of_their_own() => In((cgroup, session) =>
    {
        using var seen = BpfArray<ulong>.Create("seen", 4);
        session.AttachSockOps(cgroup.Path, tcp =>
        {
            switch (tcp.Operation)
            {
                case SockOpsEvent.Listening or SockOpsEvent.Connecting:
                    tcp.SetCallbacks(SockOpsCallbacks.WriteHeaderOptions | SockOpsCallbacks.ParseUnknownHeaderOptions);
                    break;
                case SockOpsEvent.HeaderOptionsLength:
                    if (tcp.ReserveHeaderOptions(4)) seen[0]++;
                    break;
                case SockOpsEvent.WriteHeaderOptions:
                    Span<byte> option = stackalloc byte[4];
                    option[0] = 254;
                    option[1] = 4;
                    option[2] = 0xab;
                    option[3] = 0xcd;
                    if (tcp.StoreHeaderOption(option)) seen[1]++;
                    break;
                case SockOpsEvent.ParseHeaderOptions:
                    Span<byte> found = stackalloc byte[4];
                    found[0] = 254;
                    found[1] = 4;
                    found[2] = 0xab;
                    found[3] = 0xcd;
                    if (tcp.LoadHeaderOption(found) == 4) seen[2]++;
                    break;
            }
        });
        cgroup.Run(() =>
        {
            using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(listener.LocalEndPoint!);
            using var server = listener.Accept();
            client.Send("hello"u8);
            server.Receive(new byte[10]);
        });
        Assert.InRange(seen[0], 1ul, 1000ul);
        Assert.InRange(seen[1], 1ul, 1000ul);
        Assert.InRange(seen[2], 1ul, 1000ul);
    });

    private static ushort Port(Socket socket) => (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;

    private static void In(Action<TestCgroup, BpfSession> test)
    {
        using TestCgroup cgroup = new();
        using BpfSession session = new();
        test(cgroup, session);
    }
}
