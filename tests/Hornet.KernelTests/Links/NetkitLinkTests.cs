using System.Net;
using System.Net.Sockets;
using Hornet.Links;
using static Hornet.KernelTests.Links.TestNetwork;

namespace Hornet.KernelTests.Links;

public class NetkitLinkTests
{
    private const int Next = -1, Drop = 2;

    [KernelFact(Needs.NetworkNamespaces, Needs.Netkit)]
    public void Programs_of_the_primary_end_see_what_it_sends_in_the_order_of_their_anchors() => In((send, _) =>
    {
        using CountingProgram a = Program(Next), b = Program(Next), c = Program(Drop), d = Program(Next);
        using var linkC = NetkitLink.Attach(c.Program, "nk0", NetkitEnd.Primary);
        using var linkA = NetkitLink.Attach(a.Program, "nk0", NetkitEnd.Primary, new() { Anchor = Anchor.First });
        using var linkB = NetkitLink.Attach(b.Program, "nk0", NetkitEnd.Primary, new() { Anchor = Anchor.Before(linkC) });
        using var linkD = NetkitLink.Attach(d.Program, "nk0", NetkitEnd.Primary, new() { Anchor = Anchor.AfterProgram(Id(c)) });
        var query = AttachmentQuery.Netkit("nk0", NetkitEnd.Primary);
        Assert.Equal((uint[])[Id(a), Id(b), Id(c), Id(d)], query.Programs.Select(p => p.ProgramId));
        Assert.Equal(linkC.GetInfo().Id, query.Programs[2].LinkId);
        send();
        send();
        Assert.Equal((2L, 2L, 2L, 0L), (a.Count, b.Count, c.Count, d.Count));
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Netkit)]
    public void A_link_is_updated_detached_and_disposed() => In((send, _) =>
    {
        using CountingProgram first = Program(Drop), second = Program(Drop);
        using (var link = NetkitLink.Attach(first.Program, "nk0", NetkitEnd.Primary))
        {
            send();
            link.Update(second.Program, expectedOld: first.Program);
            send();
            Assert.Equal((1L, 1L), (first.Count, second.Count));
            var info = Assert.IsType<InterfaceLinkInfo>(link.GetInfo());
            Assert.Equal((LinkType.Netkit, AttachType.NetkitPrimary), (info.Type, info.AttachType));
        }
        send();
        Assert.Equal((1L, 1L), (first.Count, second.Count));
        Assert.Empty(AttachmentQuery.Netkit("nk0", NetkitEnd.Primary).Programs);
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Netkit)]
    public void Programs_of_the_peer_end_are_attached_through_the_primary() => In((_, sendFromPeer) =>
    {
        using var drop = Program(Drop);
        using var link = NetkitLink.Attach(drop.Program, "nk0", NetkitEnd.Peer);
        sendFromPeer();
        Assert.Equal(1, drop.Count);
        var e = Assert.Throws<BpfSyscallException>(() => NetkitLink.Attach(drop.Program, "nk1", NetkitEnd.Peer));
        Assert.Contains("nk1 is the peer end", e.Message);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void An_interface_of_another_kind_is_refused_by_its_kind() => InNewNamespace(socket =>
    {
        AddVeth(socket, "left", "right");
        using var drop = Program(Drop);
        Assert.Contains("left is of kind veth, not netkit", Assert.Throws<BpfException>(() => NetkitLink.Attach(drop.Program, "left", NetkitEnd.Primary)).Message);
        Assert.Contains("lo is no virtual interface", Assert.Throws<BpfException>(() => NetkitLink.Attach(drop.Program, "lo", NetkitEnd.Primary)).Message);
    });

    private static CountingProgram Program(int verdict) => new(ProgramType.SchedCls, verdict);

    private static uint Id(CountingProgram program) => ProgramIdentity.Of(program.Program.Descriptor).Id;

    /// <summary>Runs a test with a netkit pair and an action that sends one packet out of each end.</summary>
    private static void In(Action<Action, Action> test) => InNewNamespace(socket =>
    {
        TestNetlink.AddLink("netkit", "nk0", "nk1");
        foreach (string name in (string[])["nk0", "nk1"])
        {
            Silence(name);
            SetUp(socket, name);
        }
        AddAddress(socket, "nk0", IPAddress.Parse("10.2.2.1"), 24);
        AddAddress(socket, "nk1", IPAddress.Parse("10.3.3.1"), 24);
        test(() => Send("10.2.2.2"), () => Send("10.3.3.2"));
    });

    private static void Send(string to)
    {
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.SendTo("x"u8, new IPEndPoint(IPAddress.Parse(to), 9));
    }
}
