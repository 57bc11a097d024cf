using System.Net;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Links;
using static Hornet.KernelTests.Links.TestNetwork;

namespace Hornet.KernelTests.Links;

public class TcLinkTests
{
    private const int Ok = 0, Shot = 2, Next = -1;

    [KernelTheory(Needs.NetworkNamespaces)]
    [InlineData(TcDirection.Ingress)]
    [InlineData(TcDirection.Egress)]
    public void A_clsact_filter_drops_what_it_sees_until_it_is_disposed(TcDirection direction) => InNewNamespace(_ =>
    {
        using var drop = new CountingProgram(ProgramType.SchedCls, Shot, name: "drop_all");
        using var receiver = BindUdp();
        using (var link = TcFilterLink.Attach(drop.Program, "lo", direction, new() { Priority = 7, Handle = 5 }))
        {
            Assert.Equal(0, Deliver(receiver, 3));
            Assert.Equal(3, drop.Count);
            var listed = Assert.Single(TcFilterLink.List("lo", direction));
            Assert.Equal(link.Filter, listed);
            Assert.Equal((5u, 7, 3, 0u, "bpf", "drop_all", true), (listed.Handle, listed.Priority, listed.Protocol, listed.Chain, listed.Kind, listed.Name, listed.DirectAction));
            Assert.Equal(ProgramIdentity.Of(drop.Program.Descriptor).Id, listed.ProgramId);
            Assert.True(link.SurvivesProcess);
            Assert.Contains("hornet cleanup", link.SurvivalNotice);
        }
        Assert.Equal(3, Deliver(receiver, 3));
        Assert.Equal(3, drop.Count);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void The_qdisc_that_was_made_goes_with_the_last_filter() => InNewNamespace(socket =>
    {
        using var pass = new CountingProgram(ProgramType.SchedCls, Next);
        Assert.False(HasClsact(socket));
        var first = TcFilterLink.Attach(pass.Program, "lo", TcDirection.Ingress);
        var second = TcFilterLink.Attach(pass.Program, "lo", TcDirection.Egress);
        Assert.True(HasClsact(socket));
        Assert.NotEqual(0, first.Filter.Priority);
        Assert.NotEqual(0u, first.Filter.Handle);
        second.Dispose();
        Assert.True(HasClsact(socket));
        first.Dispose();
        Assert.False(HasClsact(socket));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_qdisc_that_was_there_or_is_in_use_stays() => InNewNamespace(socket =>
    {
        using var pass = new CountingProgram(ProgramType.SchedCls, Next);
        Assert.True(TcNetlink.EnsureClsact(socket, NetworkDevice.Find("lo")));
        TcFilterLink.Attach(pass.Program, "lo", TcDirection.Ingress).Dispose();
        Assert.True(HasClsact(socket));
        Assert.True(TcNetlink.RemoveClsactIfEmpty(socket, 1));
        // Ours first, then somebody else's: ours goes, theirs keeps the qdisc.
        var ours = TcFilterLink.Attach(pass.Program, "lo", TcDirection.Ingress);
        using var theirs = TcFilterLink.Attach(pass.Program, "lo", TcDirection.Ingress);
        ours.Dispose();
        Assert.True(HasClsact(socket));
        Assert.Equal(theirs.Filter.Handle, Assert.Single(TcFilterLink.List("lo", TcDirection.Ingress)).Handle);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void Filters_run_by_priority_and_only_for_their_protocol() => InNewNamespace(_ =>
    {
        using var early = new CountingProgram(ProgramType.SchedCls, Next);
        using var late = new CountingProgram(ProgramType.SchedCls, Ok);
        using var never = new CountingProgram(ProgramType.SchedCls, Shot);
        using var ipv6 = new CountingProgram(ProgramType.SchedCls, Shot);
        using var receiver = BindUdp();
        using var c = TcFilterLink.Attach(never.Program, "lo", TcDirection.Ingress, new() { Priority = 30 });
        using var b = TcFilterLink.Attach(late.Program, "lo", TcDirection.Ingress, new() { Priority = 20 });
        using var a = TcFilterLink.Attach(early.Program, "lo", TcDirection.Ingress, new() { Priority = 10 });
        using var d = TcFilterLink.Attach(ipv6.Program, "lo", TcDirection.Ingress, new() { Priority = 5, Protocol = 0x86dd });
        Assert.Equal(4, Deliver(receiver, 4));
        Assert.Equal((4L, 4L, 0L, 0L), (early.Count, late.Count, never.Count, ipv6.Count));
        Assert.Equal((int[])[5, 10, 20, 30], TcFilterLink.List("lo", TcDirection.Ingress).Select(f => (int)f.Priority));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void An_update_exchanges_the_program_in_place() => InNewNamespace(_ =>
    {
        using var drop = new CountingProgram(ProgramType.SchedCls, Shot);
        using var pass = new CountingProgram(ProgramType.SchedCls, Ok, name: "pass_all");
        using var receiver = BindUdp();
        using var link = TcFilterLink.Attach(drop.Program, "lo", TcDirection.Egress);
        Assert.Equal(0, Deliver(receiver, 2));
        Assert.Throws<BpfException>(() => link.Update(pass.Program, expectedOld: pass.Program));
        link.Update(pass.Program);
        Assert.Equal(3, Deliver(receiver, 3));
        Assert.Equal((2L, 3L), (drop.Count, pass.Count));
        Assert.Equal("pass_all", Assert.Single(TcFilterLink.List("lo", TcDirection.Egress)).Name);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_taken_place_is_refused_by_name_and_replaced_only_when_asked() => InNewNamespace(_ =>
    {
        using var first = new CountingProgram(ProgramType.SchedCls, Shot, name: "first_one");
        using var second = new CountingProgram(ProgramType.SchedCls, Ok);
        var options = new TcFilterOptions { Priority = 1, Handle = 1 };
        var old = TcFilterLink.Attach(first.Program, "lo", TcDirection.Ingress, options);
        var e = Assert.Throws<BpfSyscallException>(() => TcFilterLink.Attach(second.Program, "lo", TcDirection.Ingress, options));
        Assert.Equal(Errno.EEXIST, e.Errno);
        Assert.Contains("'first_one'", e.Message);
        using var link = TcFilterLink.Attach(second.Program, "lo", TcDirection.Ingress, options with { Replace = true });
        // The old link finds a stranger in its place and leaves it alone.
        old.Dispose();
        using var receiver = BindUdp();
        Assert.Equal(1, Deliver(receiver, 1));
        Assert.Equal((0L, 1L), (first.Count, second.Count));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_program_rewrites_the_destination_port_of_packets_on_their_way() => InNewNamespace(_ =>
    {
        using Sockets sockets = new();
        ushort port = (ushort)((IPEndPoint)sockets.Other.LocalEndPoint!).Port;
        // skb_store_bytes(skb, 14 + 20 + 2, the other port, 2, 0): the destination port behind Ethernet and IPv4 headers.
        using var rewrite = new CountingProgram(ProgramType.SchedCls, Ok, then: code => code
            .Store(Register.R10, -4, BitConverter.IsLittleEndian ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(port) : port, MemorySize.U32)
            .Mov(Register.R1, Register.R6)
            .Mov(Register.R2, 36)
            .Mov(Register.R3, Register.R10).Add(Register.R3, -4)
            .Mov(Register.R4, 2)
            .Mov(Register.R5, 0)
            .Call(BpfHelper.SkbStoreBytes));
        using (TcFilterLink.Attach(rewrite.Program, "lo", TcDirection.Egress))
        {
            Assert.Equal(0, Deliver(sockets.Wanted, 2));
            Assert.Equal(2, Received(sockets.Other, 2));
        }
        Assert.Equal(1, Deliver(sockets.Wanted, 1));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void An_action_program_decides_about_what_the_filter_matched() => InNewNamespace(_ =>
    {
        using var match = new CountingProgram(ProgramType.SchedCls, -1);
        using var drop = new CountingProgram(ProgramType.SchedAct, Shot);
        using var receiver = BindUdp();
        TcFilterLink link;
        try
        {
            link = TcFilterLink.Attach(match.Program, "lo", TcDirection.Ingress, new() { DirectAction = false, Action = drop.Program });
        }
        catch (BpfSyscallException e) when (e.Message.Contains("CONFIG_NET_ACT_BPF", StringComparison.Ordinal))
        {
            Assert.Skip("this kernel has no BPF actions (CONFIG_NET_ACT_BPF)");
            return;
        }
        using (link)
        {
            Assert.Equal(0, Deliver(receiver, 2));
            Assert.Equal((2L, 2L), (match.Count, drop.Count));
        }
        Assert.Equal(1, Deliver(receiver, 1));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void Options_that_contradict_each_other_never_reach_the_kernel() => InNewNamespace(_ =>
    {
        using var pass = new CountingProgram(ProgramType.SchedCls, Ok);
        Assert.Throws<ArgumentException>(() => TcFilterLink.Attach(pass.Program, "lo", TcDirection.Ingress, new() { Replace = true }));
        Assert.Throws<ArgumentException>(() => TcFilterLink.Attach(pass.Program, "lo", TcDirection.Ingress, new() { SkipHardware = true, SkipSoftware = true }));
        Assert.Contains("of type SchedCls; the action", Assert.Throws<BpfException>(() =>
            TcFilterLink.Attach(pass.Program, "lo", TcDirection.Ingress, new() { DirectAction = false, Action = pass.Program })).Message);
        Assert.Contains("qdisc or class", Assert.Throws<BpfSyscallException>(() =>
            TcFilterLink.Attach(pass.Program, "lo", TcDirection.Ingress, new() { Parent = 0x12340000 })).Message);
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Tcx)]
    public void Tcx_programs_run_in_the_order_of_their_anchors() => InNewNamespace(_ =>
    {
        using CountingProgram a = new(ProgramType.SchedCls, Next), b = new(ProgramType.SchedCls, Next), c = new(ProgramType.SchedCls, Next), d = new(ProgramType.SchedCls, Ok), e = new(ProgramType.SchedCls, Shot);
        using var linkD = TcxLink.Attach(d.Program, "lo", TcDirection.Ingress);
        using var linkB = TcxLink.Attach(b.Program, "lo", TcDirection.Ingress, new() { Anchor = Anchor.Before(linkD) });
        using var linkA = TcxLink.Attach(a.Program, "lo", TcDirection.Ingress, new() { Anchor = Anchor.First });
        using var linkC = TcxLink.Attach(c.Program, "lo", TcDirection.Ingress, new() { Anchor = Anchor.AfterProgram(Id(b)) });
        using var linkE = TcxLink.Attach(e.Program, "lo", TcDirection.Ingress, new() { Anchor = Anchor.AfterLink(linkD.GetInfo().Id) });
        var query = AttachmentQuery.Tcx("lo", TcDirection.Ingress);
        Assert.Equal((uint[])[Id(a), Id(b), Id(c), Id(d), Id(e)], query.Programs.Select(p => p.ProgramId));
        Assert.Equal(linkA.GetInfo().Id, query.Programs[0].LinkId);
        using var receiver = BindUdp();
        Assert.Equal(2, Deliver(receiver, 2));
        // d says the packet is fine, so that e is not asked.
        Assert.Equal((2L, 2L, 2L, 2L, 0L), (a.Count, b.Count, c.Count, d.Count, e.Count));
        Assert.False(linkA.SurvivesProcess);
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Tcx)]
    public void A_tcx_hook_that_changed_since_the_query_refuses() => InNewNamespace(_ =>
    {
        using CountingProgram a = new(ProgramType.SchedCls, Next), b = new(ProgramType.SchedCls, Next), stranger = new(ProgramType.SchedCls, Next);
        using var linkA = TcxLink.Attach(a.Program, "lo", TcDirection.Egress);
        ulong revision = AttachmentQuery.Tcx("lo", TcDirection.Egress).Revision;
        var e = Assert.Throws<BpfSyscallException>(() => TcxLink.Attach(b.Program, "lo", TcDirection.Egress, new() { ExpectedRevision = revision + 1 }));
        Assert.Equal(Errno.ESTALE, e.Errno);
        Assert.Contains("have changed since revision", e.Message);
        using var linkB = TcxLink.Attach(b.Program, "lo", TcDirection.Egress, new() { ExpectedRevision = revision });
        Assert.Equal(revision + 1, AttachmentQuery.Tcx("lo", TcDirection.Egress).Revision);
        Assert.Contains("attached to this hook already", Assert.Throws<BpfSyscallException>(() => TcxLink.Attach(a.Program, "lo", TcDirection.Egress)).Message);
        Assert.Contains("anchor", Assert.Throws<BpfSyscallException>(() =>
            TcxLink.Attach(stranger.Program, "lo", TcDirection.Egress, new() { Anchor = Anchor.Before(stranger.Program) })).Message);
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Tcx)]
    public void A_tcx_link_is_updated_in_place_and_vanishes_with_its_interface() => InNewNamespace(socket =>
    {
        AddVeth(socket, "left", "right");
        using CountingProgram a = new(ProgramType.SchedCls, Next), b = new(ProgramType.SchedCls, Next);
        using var link = TcxLink.Attach(a.Program, "left", TcDirection.Egress);
        link.Update(b.Program, expectedOld: a.Program);
        Assert.Equal(Id(b), Assert.Single(AttachmentQuery.Tcx("left", TcDirection.Egress).Programs).ProgramId);
        Delete(socket, "left");
        Assert.Equal(0u, ((InterfaceLinkInfo)link.GetInfo()).InterfaceIndex);
        Assert.Contains("interface", Assert.Throws<BpfSyscallException>(() => link.Update(a.Program)).Message);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void The_kernel_decides_between_tcx_and_clsact() => InNewNamespace(_ =>
    {
        using var drop = new CountingProgram(ProgramType.SchedCls, Shot);
        using var receiver = BindUdp();
        using (var link = TcLink.Attach(drop.Program, "lo", TcDirection.Ingress))
        {
            Assert.Equal(0, Deliver(receiver, 1));
            Assert.Equal(KernelFacts.Version < new Version(6, 6), link.SurvivesProcess);
            Assert.Equal(KernelFacts.Version < new Version(6, 6), link is TcFilterLink);
        }
        Assert.Equal(1, Deliver(receiver, 1));
    });

    private static uint Id(CountingProgram program) => ProgramIdentity.Of(program.Program.Descriptor).Id;

    private static bool HasClsact(NetlinkSocket socket)
    {
        const ushort kind = 1;
        return socket.Send(NetlinkWriter.Start(Netlink.GetQdisc, NetlinkFlags.Dump, new TrafficControlMessage())).Check("list qdiscs")
            .Messages.Any(m => m.Attributes<TrafficControlMessage>().String(kind) == "clsact");
    }

    private sealed class Sockets : IDisposable
    {
        public System.Net.Sockets.Socket Wanted { get; } = BindUdp();
        public System.Net.Sockets.Socket Other { get; } = BindUdp();
        public void Dispose()
        {
            Wanted.Dispose();
            Other.Dispose();
        }
    }
}
