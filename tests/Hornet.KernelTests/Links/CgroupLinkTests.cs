using System.Net;
using System.Net.Sockets;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Links;
using static Hornet.KernelTests.Links.TestNetwork;

namespace Hornet.KernelTests.Links;

public class CgroupLinkTests
{
    private const int Deny = 0, Allow = 1;

    [KernelTheory(Needs.NetworkNamespaces, Needs.Cgroup2)]
    [InlineData(CgroupMethod.Link)]
    [InlineData(CgroupMethod.Legacy)]
    public void Packets_of_the_cgroup_are_dropped_until_the_link_is_disposed(CgroupMethod method) => In((cgroup, receiver) =>
    {
        using var drop = new CountingProgram(ProgramType.CgroupSkb, Deny, AttachType.CgroupInetEgress);
        Assert.Equal(2, Deliver(receiver, 2));
        using (var link = CgroupLink.Attach(drop.Program, cgroup.Path, new() { Method = method }))
        {
            Assert.Throws<SocketException>(() => Deliver(receiver, 1)); // EPERM from the sender's own egress
            Assert.Equal(1, drop.Count);
            Assert.Equal(method == CgroupMethod.Legacy, link.SurvivesProcess);
            Assert.Equal(method == CgroupMethod.Legacy, link.SurvivalNotice is not null);
            Assert.Equal(Id(drop), Assert.Single(AttachmentQuery.Cgroup(cgroup.Path, AttachType.CgroupInetEgress).Programs).ProgramId);
            if (method == CgroupMethod.Link) Assert.Equal(cgroup.Id, Assert.IsType<CgroupLinkInfo>(link.GetInfo()).CgroupId);
        }
        Assert.Equal(2, Deliver(receiver, 2));
        Assert.Equal(1, drop.Count);
        Assert.Empty(AttachmentQuery.Cgroup(cgroup.Path, AttachType.CgroupInetEgress).Programs);
    });

    [KernelTheory(Needs.NetworkNamespaces, Needs.Cgroup2)]
    [InlineData(CgroupMethod.Link, CgroupAttachFlags.AllowMulti)]
    [InlineData(CgroupMethod.Legacy, CgroupAttachFlags.AllowMulti)]
    [InlineData(CgroupMethod.Legacy, CgroupAttachFlags.AllowOverride)]
    [InlineData(CgroupMethod.Legacy, CgroupAttachFlags.Exclusive)]
    public void An_update_exchanges_the_program_in_place(CgroupMethod method, CgroupAttachFlags flags) => In((cgroup, receiver) =>
    {
        using var drop = new CountingProgram(ProgramType.CgroupSkb, Deny, AttachType.CgroupInetIngress);
        using var pass = new CountingProgram(ProgramType.CgroupSkb, Allow, AttachType.CgroupInetIngress);
        using (var link = CgroupLink.Attach(drop.Program, cgroup.Path, new() { Method = method, Flags = flags }))
        {
            Assert.Equal(0, Deliver(receiver, 2));
            link.Update(pass.Program, expectedOld: drop.Program);
            Assert.Equal(3, Deliver(receiver, 3));
            Assert.Equal((2L, 3L), (drop.Count, pass.Count));
        }
        Assert.Empty(AttachmentQuery.Cgroup(cgroup.Path, AttachType.CgroupInetIngress).Programs);
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Cgroup2)]
    public void Without_link_one_program_of_many_is_replaced_by_name() => In((cgroup, _) =>
    {
        using CountingProgram a = Egress(), b = Egress(), c = Egress();
        var legacy = new CgroupOptions { Method = CgroupMethod.Legacy };
        var linkA = CgroupLink.Attach(a.Program, cgroup.Path, legacy);
        using var linkB = CgroupLink.Attach(b.Program, cgroup.Path, legacy);
        using var linkC = CgroupLink.Attach(c.Program, cgroup.Path, legacy with { Replace = a.Program });
        Assert.Equal((uint[])[Id(c), Id(b)], AttachmentQuery.Cgroup(cgroup.Path, AttachType.CgroupInetEgress).Programs.Select(p => p.ProgramId));
        // A's place is C's now, which A's link leaves alone.
        linkA.Dispose();
        Assert.Equal((uint[])[Id(c), Id(b)], AttachmentQuery.Cgroup(cgroup.Path, AttachType.CgroupInetEgress).Programs.Select(p => p.ProgramId));
        var e = Assert.Throws<BpfSyscallException>(() => CgroupLink.Attach(a.Program, cgroup.Path, legacy with { Replace = a.Program }));
        Assert.Contains("to replace is not attached", e.Message);
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Cgroup2)]
    public void A_cgroup_below_inherits_and_may_override_only_where_allowed() => In((cgroup, _) =>
    {
        using var below = new TestCgroup(cgroup);
        using CountingProgram above = Egress(), own = Egress();
        var legacy = new CgroupOptions { Method = CgroupMethod.Legacy };
        using (CgroupLink.Attach(above.Program, cgroup.Path, legacy with { Flags = CgroupAttachFlags.Exclusive }))
        {
            var e = Assert.Throws<BpfSyscallException>(() => CgroupLink.Attach(own.Program, below.Path, legacy));
            Assert.Equal(Errno.EPERM, e.Errno);
            Assert.Contains("may not be joined or overridden", e.Message);
        }
        using (CgroupLink.Attach(above.Program, cgroup.Path, legacy with { Flags = CgroupAttachFlags.AllowOverride }))
        {
            Assert.Empty(AttachmentQuery.Cgroup(below.Path, AttachType.CgroupInetEgress).Programs);
            Assert.Equal(Id(above), Assert.Single(AttachmentQuery.Cgroup(below.Path, AttachType.CgroupInetEgress, effective: true).Programs).ProgramId);
            using var overriding = CgroupLink.Attach(own.Program, below.Path, legacy with { Flags = CgroupAttachFlags.AllowOverride });
            Assert.Equal(Id(own), Assert.Single(AttachmentQuery.Cgroup(below.Path, AttachType.CgroupInetEgress, effective: true).Programs).ProgramId);
        }
    });

    [KernelFact(Needs.Cgroup2, MinKernel = "6.17")]
    public void Anchors_put_programs_of_a_cgroup_in_order() => In((cgroup, receiver) =>
    {
        using CountingProgram a = Egress(), b = Egress(), c = Egress();
        using var linkB = CgroupLink.Attach(b.Program, cgroup.Path);
        using var linkC = CgroupLink.Attach(c.Program, cgroup.Path, new() { Order = new() { Anchor = Anchor.After(linkB) } });
        using var linkA = CgroupLink.Attach(a.Program, cgroup.Path, new() { Order = new() { Anchor = Anchor.First } });
        var query = AttachmentQuery.Cgroup(cgroup.Path, AttachType.CgroupInetEgress);
        Assert.Equal((uint[])[Id(a), Id(b), Id(c)], query.Programs.Select(p => p.ProgramId));
        Assert.NotEqual(0ul, query.Revision);
        using var d = Egress();
        var e = Assert.Throws<BpfSyscallException>(() => CgroupLink.Attach(d.Program, cgroup.Path, new() { Order = new() { ExpectedRevision = query.Revision + 7 } }));
        Assert.Equal(Errno.ESTALE, e.Errno);
        Assert.Contains("have changed since", e.Message);
        Assert.Equal(1, Deliver(receiver, 1));
        Assert.Equal((1L, 1L, 1L), (a.Count, b.Count, c.Count));
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.CgroupLink)]
    public void A_connect_program_sends_the_caller_elsewhere() => In((cgroup, receiver) =>
    {
        var port = (ushort)((IPEndPoint)receiver.LocalEndPoint!).Port;
        // bpf_sock_addr: user_port at 24, in network byte order.
        using var redirect = new CountingProgram(ProgramType.CgroupSockAddr, Allow, AttachType.CgroupInet4Connect, then: code => code
            .Mov(Register.R1, BitConverter.IsLittleEndian ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(port) : port)
            .Store(Register.R6, 24, Register.R1, MemorySize.U32));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using (CgroupLink.Attach(redirect.Program, cgroup.Path)) client.Connect(IPAddress.Loopback, 9);
        Assert.Equal(1, redirect.Count);
        client.Send("ping"u8);
        Assert.Equal(1, Received(receiver, 1));
    });

    [KernelTheory(Needs.NetworkNamespaces, Needs.CgroupLink)]
    [InlineData(AttachType.CgroupInet4Bind)]
    [InlineData(AttachType.CgroupInet4PostBind)]
    [InlineData(AttachType.CgroupInetSockCreate)]
    [InlineData(AttachType.CgroupInetSockRelease)]
    [InlineData(AttachType.CgroupInet4Connect)]
    [InlineData(AttachType.CgroupUdp4SendMsg)]
    [InlineData(AttachType.CgroupUdp4RecvMsg)]
    [InlineData(AttachType.CgroupInet4GetSockName)]
    [InlineData(AttachType.CgroupInet4GetPeerName)]
    [InlineData(AttachType.CgroupInet6Bind)]
    [InlineData(AttachType.CgroupInet6PostBind)]
    [InlineData(AttachType.CgroupInet6Connect)]
    [InlineData(AttachType.CgroupUdp6SendMsg)]
    [InlineData(AttachType.CgroupUdp6RecvMsg)]
    [InlineData(AttachType.CgroupInet6GetSockName)]
    [InlineData(AttachType.CgroupInet6GetPeerName)]
    public void Each_socket_hook_runs_for_its_operation(AttachType hook) => In((cgroup, _) =>
    {
        var type = hook is AttachType.CgroupInet4PostBind or AttachType.CgroupInet6PostBind or AttachType.CgroupInetSockCreate or AttachType.CgroupInetSockRelease
            ? ProgramType.CgroupSock : ProgramType.CgroupSockAddr;
        using var program = new CountingProgram(type, Allow, hook);
        using (CgroupLink.Attach(program.Program, cgroup.Path))
        {
            Assert.Equal(0, program.Count);
            Talk(hook.ToString().Contains('6') ? IPAddress.IPv6Loopback : IPAddress.Loopback);
        }
        long counted = program.Count;
        Assert.True(counted > 0, $"{hook} did not run");
        Talk(IPAddress.Loopback);
        Assert.Equal(counted, program.Count);
    });

    [KernelTheory(Needs.Cgroup2, MinKernel = "6.7")]
    [InlineData(AttachType.CgroupUnixConnect)]
    [InlineData(AttachType.CgroupUnixSendMsg)]
    [InlineData(AttachType.CgroupUnixRecvMsg)]
    [InlineData(AttachType.CgroupUnixGetPeerName)]
    [InlineData(AttachType.CgroupUnixGetSockName)]
    public void Each_unix_socket_hook_runs_for_its_operation(AttachType hook) => In((cgroup, _) =>
    {
        using var program = new CountingProgram(ProgramType.CgroupSockAddr, Allow, hook);
        using var link = CgroupLink.Attach(program.Program, cgroup.Path);
        var address = new UnixDomainSocketEndPoint($"\0hornet-{Environment.ProcessId}-{hook}");
        using var server = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        using var client = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        server.Bind(address);
        client.SendTo("ping"u8, address);
        EndPoint from = address;
        server.ReceiveFrom(new byte[8], ref from);
        client.Connect(address);
        Names.Ask(server);
        Names.Ask(client);
        Assert.True(program.Count > 0, $"{hook} did not run");
    });

    [KernelFact(Needs.CgroupLink)]
    public void A_device_program_decides_who_may_open_a_device() => In((cgroup, _) =>
    {
        using var deny = new CountingProgram(ProgramType.CgroupDevice, Deny, AttachType.CgroupDevice);
        using (CgroupLink.Attach(deny.Program, cgroup.Path)) Assert.ThrowsAny<Exception>(() => File.OpenRead("/dev/zero").Dispose());
        Assert.Equal(1, deny.Count);
        File.OpenRead("/dev/zero").Dispose();
    });

    [KernelFact(Needs.CgroupLink)]
    public void A_sysctl_program_decides_who_may_read_a_setting() => In((cgroup, _) =>
    {
        using var deny = new CountingProgram(ProgramType.CgroupSysctl, Deny, AttachType.CgroupSysctl);
        using (CgroupLink.Attach(deny.Program, cgroup.Path)) Assert.ThrowsAny<Exception>(() => File.ReadAllText("/proc/sys/kernel/ostype"));
        Assert.True(deny.Count > 0);
        Assert.Equal("Linux\n", File.ReadAllText("/proc/sys/kernel/ostype"));
    });

    [KernelTheory(Needs.CgroupLink)]
    [InlineData(AttachType.CgroupGetSockOpt)]
    [InlineData(AttachType.CgroupSetSockOpt)]
    public void A_socket_option_program_refuses_options(AttachType hook) => In((cgroup, receiver) =>
    {
        using var deny = new CountingProgram(ProgramType.CgroupSockOpt, Deny, hook);
        using (CgroupLink.Attach(deny.Program, cgroup.Path))
        {
            Assert.Throws<SocketException>(() =>
            {
                if (hook == AttachType.CgroupGetSockOpt) _ = receiver.SendBufferSize;
                else receiver.SendBufferSize = 8192;
            });
        }
        Assert.Equal(1, deny.Count);
        receiver.SendBufferSize = 8192;
        Assert.NotEqual(0, receiver.SendBufferSize);
    });

    [KernelFact(Needs.CgroupLink)]
    public void A_sockops_program_sees_connections_being_made() => In((cgroup, _) =>
    {
        using var watch = new CountingProgram(ProgramType.SockOps, 1, AttachType.CgroupSockOps);
        using (CgroupLink.Attach(watch.Program, cgroup.Path)) Talk(IPAddress.Loopback);
        Assert.True(watch.Count > 0);
    });

    [KernelFact(Needs.Cgroup2)]
    public void A_path_that_is_no_cgroup_is_explained() => In((cgroup, _) =>
    {
        using var pass = Egress();
        var e = Assert.Throws<BpfSyscallException>(() => CgroupLink.Attach(pass.Program, cgroup.Path + "x"));
        Assert.Contains($"Did you mean '{Path.GetFileName(cgroup.Path)}'", e.Message);
        e = Assert.Throws<BpfSyscallException>(() => CgroupLink.Attach(pass.Program, "/tmp"));
        Assert.Contains("not in a cgroup2 hierarchy", e.Message);
        Assert.Contains("cgroup2 is mounted at", e.Message);
    });

    [KernelFact(Needs.Cgroup2)]
    public void Options_and_programs_that_do_not_fit_never_reach_the_kernel() => In((cgroup, _) =>
    {
        using var pass = Egress();
        using var connect = new CountingProgram(ProgramType.CgroupSockAddr, Allow, AttachType.CgroupInet4Connect);
        using var xdp = new CountingProgram(ProgramType.Xdp, 2);
        Assert.Throws<ArgumentException>(() => CgroupLink.Attach(pass.Program, cgroup.Path, new() { Method = CgroupMethod.Link, Flags = CgroupAttachFlags.Exclusive }));
        Assert.Throws<ArgumentException>(() => CgroupLink.Attach(pass.Program, cgroup.Path, new() { Flags = CgroupAttachFlags.AllowMulti | CgroupAttachFlags.AllowOverride }));
        Assert.Contains("of type Xdp; a cgroup takes", Assert.Throws<BpfException>(() => CgroupLink.Attach(xdp.Program, cgroup.Path)).Message);
        Assert.Contains("was loaded for CgroupInet4Connect", Assert.Throws<BpfException>(() => CgroupLink.Attach(connect.Program, cgroup.Path, new() { Hook = AttachType.CgroupInet6Connect })).Message);
        Assert.Contains("cannot be attached to CgroupDevice", Assert.Throws<BpfException>(() => CgroupLink.Attach(pass.Program, cgroup.Path, new() { Hook = AttachType.CgroupDevice })).Message);
    });

    private static CountingProgram Egress() => new(ProgramType.CgroupSkb, Allow, AttachType.CgroupInetEgress);

    private static uint Id(CountingProgram program) => ProgramIdentity.Of(program.Program.Descriptor).Id;

    /// <summary>Runs a test in a network namespace and a cgroup of its own, with a socket that belongs to both.</summary>
    private static void In(Action<TestCgroup, Socket> test) => InNewNamespace(_ =>
    {
        using var cgroup = new TestCgroup();
        cgroup.Run(() =>
        {
            using var receiver = BindUdp();
            test(cgroup, receiver);
        });
    });

    /// <summary>Does everything the socket hooks are about: a TCP and a UDP conversation with their names asked.</summary>
    private static void Talk(IPAddress address)
    {
        using var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen();
        using (var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp))
        {
            client.Connect(listener.LocalEndPoint!);
            using var accepted = listener.Accept();
            client.Send("ping"u8);
            accepted.Receive(new byte[8]);
            Names.Ask(client);
        }
        using var receiver = BindUdp(address);
        using var sender = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        sender.SendTo("ping"u8, receiver.LocalEndPoint!);
        EndPoint from = new IPEndPoint(address, 0);
        receiver.ReceiveFrom(new byte[8], ref from);
    }
}
