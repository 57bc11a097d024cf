using System.Net;
using Hornet.Interop;
using Hornet.Links;
using static Hornet.KernelTests.Links.TestNetwork;

namespace Hornet.KernelTests.Links;

public class NetfilterLinkTests
{
    private const int Drop = 0, Accept = 1;

    [KernelTheory(Needs.NetworkNamespaces, Needs.Netfilter)]
    [InlineData(NetfilterProtocol.IPv4, NetfilterHook.LocalIn)]
    [InlineData(NetfilterProtocol.IPv4, NetfilterHook.PreRouting)]
    [InlineData(NetfilterProtocol.IPv6, NetfilterHook.LocalIn)]
    public void A_dropping_program_stops_the_traffic_until_it_is_disposed(NetfilterProtocol protocol, NetfilterHook hook) => InNewNamespace(_ =>
    {
        using var drop = Program(Drop);
        using var receiver = BindUdp(protocol == NetfilterProtocol.IPv4 ? IPAddress.Loopback : IPAddress.IPv6Loopback);
        Assert.Equal(1, Deliver(receiver, 1));
        using (var link = NetfilterLink.Attach(drop.Program, protocol, hook, new() { Priority = 5 }))
        {
            Assert.Equal(0, Deliver(receiver, 2));
            Assert.Equal(2, drop.Count);
            var info = Assert.IsType<NetfilterLinkInfo>(link.GetInfo());
            Assert.Equal(((uint)protocol, (uint)hook, 5), (info.ProtocolFamily, info.Hook, info.Priority));
            Assert.False(link.SurvivesProcess);
        }
        Assert.Equal(1, Deliver(receiver, 1));
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Netfilter)]
    public void Programs_run_by_priority_and_a_taken_one_is_refused() => InNewNamespace(_ =>
    {
        using CountingProgram first = Program(Accept), second = Program(Drop), third = Program(Accept);
        using var c = NetfilterLink.Attach(third.Program, NetfilterProtocol.IPv4, NetfilterHook.LocalIn, new() { Priority = 30 });
        using var a = NetfilterLink.Attach(first.Program, NetfilterProtocol.IPv4, NetfilterHook.LocalIn, new() { Priority = 10 });
        using var b = NetfilterLink.Attach(second.Program, NetfilterProtocol.IPv4, NetfilterHook.LocalIn, new() { Priority = 20 });
        using var receiver = BindUdp();
        Assert.Equal(0, Deliver(receiver, 1));
        Assert.Equal((1L, 1L, 0L), (first.Count, second.Count, third.Count));
        var e = Assert.Throws<BpfSyscallException>(() => NetfilterLink.Attach(first.Program, NetfilterProtocol.IPv4, NetfilterHook.LocalIn, new() { Priority = 20 }));
        Assert.Equal(Errno.EBUSY, e.Errno);
        Assert.Contains("has this priority", e.Message);
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Netfilter, MinKernel = "6.6")]
    public void Fragments_are_put_together_when_asked() => InNewNamespace(_ =>
    {
        using CountingProgram whole = Program(Accept), pieces = Program(Accept);
        using var receiver = BindUdp();
        using var sender = BindUdp();
        using var p = NetfilterLink.Attach(pieces.Program, NetfilterProtocol.IPv4, NetfilterHook.PreRouting, new() { Priority = -500 });
        using (var link = NetfilterLink.Attach(whole.Program, NetfilterProtocol.IPv4, NetfilterHook.PreRouting, new() { Priority = -300, Defragment = true }))
        {
            Assert.Equal(1u, Assert.IsType<NetfilterLinkInfo>(link.GetInfo()).Flags);
            // Larger than the loopback's MTU of 65536 is not possible in UDP; a small MTU makes the pieces.
            using var socket = new NetlinkSocket();
            const ushort mtu = 4;
            socket.Send(NetlinkWriter.Start(Netlink.NewLink, NetlinkFlags.Ack, new InterfaceMessage { Index = 1 }).Add(mtu, 1500u)).Check("set the MTU of lo");
            sender.SendTo(new byte[4000], receiver.LocalEndPoint!);
            Assert.Equal(1, Received(receiver, 1));
            Assert.Equal((3L, 1L), (pieces.Count, whole.Count));
        }
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Netfilter)]
    public void Options_that_cannot_work_never_reach_the_kernel() => InNewNamespace(_ =>
    {
        using var accept = Program(Accept);
        Assert.Throws<ArgumentException>(() => NetfilterLink.Attach(accept.Program, NetfilterProtocol.IPv4, NetfilterHook.LocalIn, new() { Priority = int.MinValue }));
        Assert.Throws<ArgumentException>(() => NetfilterLink.Attach(accept.Program, NetfilterProtocol.IPv4, NetfilterHook.LocalIn, new() { Priority = -400, Defragment = true }));
        Assert.Throws<ArgumentException>(() => NetfilterLink.Attach(accept.Program, (NetfilterProtocol)7, NetfilterHook.LocalIn));
    });

    private static CountingProgram Program(int verdict) => new(ProgramType.Netfilter, verdict, AttachType.Netfilter);
}
