using System.Net;
using System.Net.Sockets;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Links;
using Hornet.Maps;
using static Hornet.KernelTests.Links.TestNetwork;

namespace Hornet.KernelTests.Links;

public class SocketLinkTests
{
    [KernelFact(Needs.NetworkNamespaces)]
    public void A_filter_drops_or_cuts_what_a_socket_receives_until_it_is_disposed() => InNewNamespace(_ =>
    {
        const int udpHeader = 8;
        using CountingProgram drop = new(ProgramType.SocketFilter, 0), cut = new(ProgramType.SocketFilter, udpHeader + 2);
        using var receiver = BindUdp();
        using (SocketLink.AttachFilter(drop.Program, receiver.SafeHandle))
        {
            Assert.Equal(0, Deliver(receiver, 2));
            Assert.Equal(2, drop.Count);
        }
        using (SocketLink.AttachFilter(cut.Program, receiver.SafeHandle))
        {
            using var sender = BindUdp();
            sender.SendTo("ping"u8, receiver.LocalEndPoint!);
            var buffer = new byte[16];
            Assert.Equal(2, receiver.Receive(buffer));
            Assert.Equal("pi"u8.ToArray(), buffer[..2]);
        }
        Assert.Equal(2, Deliver(receiver, 2));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_filter_does_not_keep_its_socket_open() => InNewNamespace(_ =>
    {
        using var drop = new CountingProgram(ProgramType.SocketFilter, 0);
        var receiver = BindUdp();
        var place = (IPEndPoint)receiver.LocalEndPoint!;
        using var link = SocketLink.AttachFilter(drop.Program, receiver.SafeHandle);
        receiver.Dispose();
        using var next = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        next.Bind(place);
        link.Dispose();
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_locked_filter_stays_with_its_socket() => InNewNamespace(_ =>
    {
        using CountingProgram drop = new(ProgramType.SocketFilter, 0), pass = new(ProgramType.SocketFilter, int.MaxValue);
        using var receiver = BindUdp();
        using (SocketLink.AttachFilter(drop.Program, receiver.SafeHandle, locked: true)) { }
        Assert.Equal(0, Deliver(receiver, 1));
        var e = Assert.Throws<BpfSyscallException>(() => SocketLink.AttachFilter(pass.Program, receiver.SafeHandle));
        Assert.Equal(Errno.EPERM, e.Errno);
        Assert.Contains("locked", e.Message);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_filter_chooses_among_sockets_that_share_a_port() => InNewNamespace(_ =>
    {
        using var first = Shared(0);
        using var second = Shared(((IPEndPoint)first.LocalEndPoint!).Port);
        using CountingProgram toFirst = new(ProgramType.SocketFilter, 0), toSecond = new(ProgramType.SocketFilter, 1);
        using (SocketLink.AttachReusePort(toFirst.Program, first.SafeHandle)) Assert.Equal(8, Deliver(first, 8));
        using (SocketLink.AttachReusePort(toSecond.Program, first.SafeHandle)) Assert.Equal(8, Deliver(second, 8));
        Assert.Equal((8L, 8L), (toFirst.Count, toSecond.Count));
        Deliver(first, 4);
        Assert.Equal((8L, 8L), (toFirst.Count, toSecond.Count));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_reuseport_program_chooses_from_a_map() => InNewNamespace(_ =>
    {
        using var map = BpfMap.Create(new MapSpec { Name = "group", Type = MapType.ReusePortSockArray, KeySize = 4, ValueSize = 8, MaxEntries = 2 });
        using var first = Shared(0);
        using var second = Shared(((IPEndPoint)first.LocalEndPoint!).Port);
        map.Update(BitConverter.GetBytes(0), BitConverter.GetBytes((long)second.Handle));
        using var choose = new CountingProgram(ProgramType.SkReusePort, 1, maps: map, then: code => code
            .Store(Register.R10, -4, 0, MemorySize.U32)
            .Mov(Register.R1, Register.R6).LoadMap(Register.R2, "group")
            .Mov(Register.R3, Register.R10).Add(Register.R3, -4).Mov(Register.R4, 0)
            .Call(BpfHelper.SkSelectReuseport));
        using (SocketLink.AttachReusePort(choose.Program, first.SafeHandle)) Assert.Equal(8, Deliver(second, 8));
        Assert.Equal(8, choose.Count);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void What_is_no_socket_is_refused() => InNewNamespace(_ =>
    {
        using var pass = new CountingProgram(ProgramType.SocketFilter, 1);
        using var file = File.OpenHandle("/proc/self/status");
        Assert.Contains("no socket", Assert.Throws<BpfSyscallException>(() => SocketLink.AttachFilter(pass.Program, file)).Message);
        using var alone = BindUdp();
        Assert.Contains("SO_REUSEPORT", Assert.Throws<BpfSyscallException>(() => SocketLink.AttachReusePort(pass.Program, alone.SafeHandle)).Message);
    });

    private static Socket Shared(int port)
    {
        const int socketLevel = 1, reusePort = 15;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 300 };
        socket.SetRawSocketOption(socketLevel, reusePort, BitConverter.GetBytes(1));
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }
}
