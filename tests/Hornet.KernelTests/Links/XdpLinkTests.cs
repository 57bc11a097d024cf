using Hornet.Interop;
using Hornet.Links;
using static Hornet.KernelTests.Links.TestNetwork;

namespace Hornet.KernelTests.Links;

public class XdpLinkTests
{
    private const int Drop = 1, Pass = 2;

    [KernelTheory(Needs.NetworkNamespaces)]
    [InlineData(XdpMethod.Link)]
    [InlineData(XdpMethod.Netlink)]
    public void A_dropping_program_stops_the_traffic_until_it_is_disposed(XdpMethod method) => InNewNamespace(_ =>
    {
        using var drop = new CountingProgram(ProgramType.Xdp, Drop, AttachType.Xdp);
        using var receiver = BindUdp();
        Assert.Equal(3, Deliver(receiver, 3));
        using (var link = XdpLink.Attach(drop.Program, "lo", new() { Method = method }))
        {
            Assert.Equal(0, Deliver(receiver, 3));
            Assert.Equal(3, drop.Count);
            Assert.Equal(method == XdpMethod.Netlink, link.UsesNetlink);
            Assert.Equal(method == XdpMethod.Netlink, link.SurvivesProcess);
            Assert.Equal(method == XdpMethod.Netlink, link.SurvivalNotice is not null);
            Assert.Equal(ProgramIdentity.Of(drop.Program.Descriptor).Id, NetworkDevice.Find("lo").Xdp.GenericProgramId);
        }
        Assert.Equal(3, Deliver(receiver, 3));
        Assert.Equal(3, drop.Count);
        Assert.False(NetworkDevice.Find("lo").Xdp.IsAttached);
    });

    [KernelTheory(Needs.NetworkNamespaces)]
    [InlineData(XdpMethod.Link)]
    [InlineData(XdpMethod.Netlink)]
    public void An_update_exchanges_the_program_in_place(XdpMethod method) => InNewNamespace(_ =>
    {
        using var drop = new CountingProgram(ProgramType.Xdp, Drop, AttachType.Xdp);
        using var pass = new CountingProgram(ProgramType.Xdp, Pass, AttachType.Xdp);
        using var other = new CountingProgram(ProgramType.Xdp, Pass, AttachType.Xdp);
        using var receiver = BindUdp();
        using var link = XdpLink.Attach(drop.Program, "lo", new() { Method = method });
        Assert.Equal(0, Deliver(receiver, 2));
        Assert.Throws<BpfSyscallException>(() => link.Update(pass.Program, expectedOld: other.Program));
        Assert.Equal(0, Deliver(receiver, 1));
        link.Update(pass.Program, expectedOld: drop.Program);
        Assert.Equal(4, Deliver(receiver, 4));
        Assert.Equal((3L, 4L), (drop.Count, pass.Count));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void Native_mode_runs_in_the_driver_of_a_veth_pair() => InNewNamespace(socket =>
    {
        AddVeth(socket, "left", "right");
        AddAddress(socket, "left", System.Net.IPAddress.Parse("10.1.1.1"), 24);
        using var pass = new CountingProgram(ProgramType.Xdp, Pass, AttachType.Xdp);
        using (XdpLink.Attach(pass.Program, "right", new() { Mode = XdpMode.Native }))
        {
            Assert.NotEqual(0u, NetworkDevice.Find("right").Xdp.NativeProgramId);
            // ARP requests for an address nobody has: they leave by left and arrive at right.
            using var sender = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Udp);
            sender.SendTo("x"u8, new System.Net.IPEndPoint(System.Net.IPAddress.Parse("10.1.1.2"), 9));
            Assert.True(TestThread.Eventually(() => pass.Count > 0));
        }
        Assert.False(NetworkDevice.Find("right").Xdp.IsAttached);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_second_program_is_refused_and_the_first_one_is_named() => InNewNamespace(_ =>
    {
        using var first = new CountingProgram(ProgramType.Xdp, Pass, AttachType.Xdp, name: "first_one");
        using var second = new CountingProgram(ProgramType.Xdp, Pass, AttachType.Xdp);
        using var link = XdpLink.Attach(first.Program, "lo");
        var e = Assert.Throws<BpfSyscallException>(() => XdpLink.Attach(second.Program, "lo"));
        Assert.Equal(Errno.EBUSY, e.Errno);
        Assert.Contains("'first_one' (generic)", e.Message);
        e = Assert.Throws<BpfSyscallException>(() => XdpLink.Attach(second.Program, "lo", new() { Method = XdpMethod.Netlink }));
        Assert.Contains("'first_one' (generic)", e.Message);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void An_interface_that_does_not_exist_is_answered_with_close_names() => InNewNamespace(socket =>
    {
        AddVeth(socket, "uplink0", "uplink1");
        using var pass = new CountingProgram(ProgramType.Xdp, Pass, AttachType.Xdp);
        var e = Assert.Throws<BpfException>(() => XdpLink.Attach(pass.Program, "uplnk0"));
        Assert.Contains("no network interface 'uplnk0'", e.Message);
        Assert.Contains("Did you mean 'uplink0'", e.Message);
        Assert.Throws<BpfException>(() => XdpLink.Attach(pass.Program, 4711));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void Native_mode_without_driver_support_says_so() => InNewNamespace(_ =>
    {
        using var pass = new CountingProgram(ProgramType.Xdp, Pass, AttachType.Xdp);
        var e = Assert.ThrowsAny<BpfException>(() => XdpLink.Attach(pass.Program, "lo", new() { Mode = XdpMode.Native }));
        Assert.Contains("The driver of lo has no XDP", e.Message);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_program_of_another_type_never_reaches_the_kernel() => InNewNamespace(_ =>
    {
        using var filter = new CountingProgram(ProgramType.SocketFilter, 0);
        var e = Assert.Throws<BpfException>(() => XdpLink.Attach(filter.Program, "lo"));
        Assert.Contains("is of type SocketFilter; XDP takes programs of type Xdp", e.Message);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_link_tells_the_interface_and_can_be_detached_by_force() => InNewNamespace(_ =>
    {
        using var drop = new CountingProgram(ProgramType.Xdp, Drop, AttachType.Xdp);
        using var receiver = BindUdp();
        using var link = XdpLink.Attach(drop.Program, "lo", new() { Method = XdpMethod.Link });
        var info = Assert.IsType<InterfaceLinkInfo>(link.GetInfo());
        Assert.Equal((LinkType.Xdp, 1u), (info.Type, info.InterfaceIndex));
        Assert.Equal(0, Deliver(receiver, 1));
        link.Detach();
        Assert.Equal(1, Deliver(receiver, 1));
        Assert.Equal(0u, ((InterfaceLinkInfo)link.GetInfo()).InterfaceIndex);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void What_somebody_else_put_in_place_over_netlink_is_left_alone() => InNewNamespace(_ =>
    {
        using var ours = new CountingProgram(ProgramType.Xdp, Pass, AttachType.Xdp);
        using var theirs = new CountingProgram(ProgramType.Xdp, Drop, AttachType.Xdp);
        using var receiver = BindUdp();
        var link = XdpLink.Attach(ours.Program, "lo", new() { Method = XdpMethod.Netlink });
        using (XdpLink.Attach(theirs.Program, "lo", new() { Replace = true }))
        {
            link.Dispose();
            Assert.Equal(0, Deliver(receiver, 1));
        }
        Assert.Equal(1, Deliver(receiver, 1));
    });
}
