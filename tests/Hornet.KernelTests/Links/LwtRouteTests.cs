using System.Net;
using System.Net.Sockets;
using Hornet.Interop;
using Hornet.Links;
using static Hornet.KernelTests.Links.TestNetwork;

namespace Hornet.KernelTests.Links;

public class LwtRouteTests
{
    private const int Ok = 0, Drop = 2;
    private static readonly IPNetwork s_network = IPNetwork.Parse("10.9.9.0/24");
    private static readonly IPEndPoint s_somewhere = new(IPAddress.Parse("10.9.9.1"), 9);

    [KernelTheory(Needs.NetworkNamespaces)]
    [InlineData(false)]
    [InlineData(true)]
    public void A_program_on_a_route_sees_each_packet_sent_there(bool xmit) => InNewNamespace(socket =>
    {
        AddVeth(socket, "left", "right");
        Silence("left");
        AddAddress(socket, "left", IPAddress.Parse("10.1.1.1"), 24);
        using var drop = new CountingProgram(xmit ? ProgramType.LwtXmit : ProgramType.LwtOut, Drop);
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var options = new LwtRouteOptions { Destination = s_network, InterfaceName = "left", Metric = 7 };
        using (var route = LwtRoute.Attach(xmit ? options with { Xmit = drop.Program, XmitHeadroom = 32 } : options with { Out = drop.Program }))
        {
            for (int i = 0; i < 3; i++)
            {
                try
                {
                    sender.SendTo("x"u8, s_somewhere);
                }
                catch (SocketException)
                {
                    // A dropped packet may be told to its sender.
                }
            }
            Assert.Equal(3, drop.Count);
            Assert.True(route.SurvivesProcess);
            Assert.Contains("hornet cleanup", route.SurvivalNotice);
            var e = Assert.Throws<BpfSyscallException>(() => LwtRoute.Attach(xmit ? options with { Xmit = drop.Program } : options with { Out = drop.Program }));
            Assert.Equal(Errno.EEXIST, e.Errno);
        }
        Assert.Throws<SocketException>(() => sender.SendTo("x"u8, s_somewhere)); // no route any more
        Assert.Equal(3, drop.Count);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void An_input_program_sees_packets_that_pass_through() => InNewNamespace(here =>
    {
        using var origin = NetworkNamespaces.OpenCurrent();
        ulong originInode = NetworkNamespaces.CurrentInode();
        InNewNamespace(router =>
        {
            AddVeth(router, "inside", "outside", peerNamespace: origin);
            Silence("inside");
            AddAddress(router, "inside", IPAddress.Parse("10.1.1.2"), 24);
            File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
            using var drop = new CountingProgram(ProgramType.LwtIn, Drop);
            using var route = LwtRoute.Attach(new() { Destination = s_network, InterfaceName = "inside", In = drop.Program });
            Assert.True(NetworkNamespaces.TryRun(originInode, () =>
            {
                using var socket = new NetlinkSocket();
                Silence("outside");
                SetUp(socket, "outside");
                AddAddress(socket, "outside", IPAddress.Parse("10.1.1.1"), 24);
                AddRoute(socket, s_network, IPAddress.Parse("10.1.1.2"));
                using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                for (int i = 0; i < 3; i++) sender.SendTo("x"u8, s_somewhere);
            }));
            Assert.True(TestThread.Eventually(() => drop.Count == 3), $"{drop.Count} of 3 packets were seen");
        });
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_segment_program_is_put_on_a_route() => InNewNamespace(socket =>
    {
        AddVeth(socket, "left", "right");
        using var ok = new CountingProgram(ProgramType.LwtSeg6local, Ok);
        var options = new LwtRouteOptions { Destination = IPNetwork.Parse("fc00::1/128"), InterfaceName = "left", Segment = ok.Program };
        using (LwtRoute.Attach(options)) Assert.Contains("fc000000000000000000000000000001 80", File.ReadAllText("/proc/thread-self/net/ipv6_route"));
        Assert.DoesNotContain("fc000000000000000000000000000001 80", File.ReadAllText("/proc/thread-self/net/ipv6_route"));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_route_somebody_put_in_place_stays() => InNewNamespace(socket =>
    {
        AddVeth(socket, "left", "right");
        using var drop = new CountingProgram(ProgramType.LwtOut, Drop);
        var ours = LwtRoute.Attach(new() { Destination = s_network, InterfaceName = "left", Out = drop.Program });
        ours.Detach();
        using var theirs = LwtRoute.Attach(new() { Destination = s_network, InterfaceName = "left", Out = drop.Program });
        ours.Dispose();
        Assert.Contains("0009090A", File.ReadAllText("/proc/thread-self/net/route"));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void Options_that_cannot_work_never_reach_the_kernel() => InNewNamespace(_ =>
    {
        using var outward = new CountingProgram(ProgramType.LwtOut, Ok);
        using var segment = new CountingProgram(ProgramType.LwtSeg6local, Ok);
        var options = new LwtRouteOptions { Destination = s_network, InterfaceName = "lo" };
        Assert.Throws<ArgumentException>(() => LwtRoute.Attach(options));
        Assert.Throws<ArgumentException>(() => LwtRoute.Attach(options with { Out = outward.Program, XmitHeadroom = 8 }));
        Assert.Throws<ArgumentException>(() => LwtRoute.Attach(options with { Segment = segment.Program }));
        Assert.Throws<ArgumentException>(() => LwtRoute.Attach(options with { Out = outward.Program, Gateway = IPAddress.IPv6Loopback }));
        Assert.Contains("of type LwtOut; the input side", Assert.Throws<BpfException>(() => LwtRoute.Attach(options with { In = outward.Program })).Message);
    });
}
