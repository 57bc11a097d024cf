using System.Net;
using System.Net.Sockets;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Maps;
using static Hornet.KernelTests.Links.TestNetwork;

namespace Hornet.KernelTests.Links;

public class SockMapLinkTests
{
    private const int Drop = 0, Pass = 1;

    public static TheoryData<SockMapMethod> Methods => [SockMapMethod.Auto, SockMapMethod.Legacy];

    // Linux 5.10 (seen: 5.10.223) hangs when a parser and a verdict are given a message; so no traffic through them there.
    [KernelTheory(Needs.NetworkNamespaces, MinKernel = "5.13")]
    [MemberData(nameof(Methods))]
    public void A_parser_and_a_verdict_decide_about_received_messages(SockMapMethod method) => In((map, connect) =>
    {
        var (client, server) = connect();
        using var parser = Parser();
        using CountingProgram drop = new(ProgramType.SkSkb, Drop, AttachType.SkSkbStreamVerdict), pass = new(ProgramType.SkSkb, Pass, AttachType.SkSkbStreamVerdict);
        using var parserLink = SockMapLink.Attach(parser.Program, map, method: method);
        using (var verdict = SockMapLink.Attach(drop.Program, map, method: method))
        {
            Insert(map, server);
            client.Send("lost"u8);
            Assert.True(TestThread.Eventually(() => drop.Count == 1));
            verdict.Update(pass.Program);
            // A socket keeps the programs it was put in with; the next one gets the new.
            (client, server) = connect();
            Insert(map, server, at: 1);
            client.Send("kept"u8);
            Assert.Equal("kept", Read(server));
            Assert.Equal((1L, 1L), (drop.Count, pass.Count));
            Assert.Equal(2, parser.Count);
            Assert.Equal(verdict.Descriptor is null, method == SockMapMethod.Legacy || KernelFacts.Version < new Version(6, 10));
        }
    });

    [KernelTheory(Needs.NetworkNamespaces)]
    [MemberData(nameof(Methods))]
    public void A_message_program_decides_about_sent_messages(SockMapMethod method) => In((map, connect) =>
    {
        var (client, server) = connect();
        using CountingProgram drop = new(ProgramType.SkMsg, Drop, AttachType.SkMsgVerdict), pass = new(ProgramType.SkMsg, Pass, AttachType.SkMsgVerdict);
        using var link = SockMapLink.Attach(drop.Program, map, method: method);
        Insert(map, client);
        Assert.Throws<SocketException>(() => client.Send("lost"u8));
        Assert.Equal(1, drop.Count);
        link.Update(pass.Program, expectedOld: drop.Program);
        (client, server) = connect();
        Insert(map, client, at: 1);
        client.Send("kept"u8);
        Assert.Equal("kept", Read(server));
        Assert.Equal((1L, 1L), (drop.Count, pass.Count));
    });

    [KernelFact(Needs.NetworkNamespaces, MinKernel = "5.13")]
    public void A_verdict_alone_needs_no_parser() => In((map, connect) =>
    {
        var (client, server) = connect();
        using var pass = new CountingProgram(ProgramType.SkSkb, Pass, AttachType.SkSkbVerdict);
        using (SockMapLink.Attach(pass.Program, map))
        {
            Insert(map, server);
            client.Send("kept"u8);
            Assert.Equal("kept", Read(server));
            Assert.Equal(1, pass.Count);
        }
    });

    [KernelFact(Needs.NetworkNamespaces, MinKernel = "5.19")]
    public void A_taken_hook_is_refused_by_name_and_queried() => In((map, _) =>
    {
        using CountingProgram first = new(ProgramType.SkSkb, Pass, AttachType.SkSkbVerdict, "first_one"), second = new(ProgramType.SkSkb, Pass, AttachType.SkSkbVerdict);
        using (SockMapLink.Attach(first.Program, map))
        {
            Assert.Equal(ProgramIdentity.Of(first.Program.Descriptor).Id, Assert.Single(AttachmentQuery.SockMap(map, AttachType.SkSkbVerdict).Programs).ProgramId);
            if (KernelFacts.Version >= new Version(6, 10))
                Assert.Contains("'first_one'", Assert.Throws<BpfSyscallException>(() => SockMapLink.Attach(second.Program, map)).Message);
        }
        Assert.Empty(AttachmentQuery.SockMap(map, AttachType.SkSkbVerdict).Programs);
    });

    [KernelFact]
    public void Other_maps_and_hooks_never_reach_the_kernel()
    {
        using var array = BpfMap.Create(new MapSpec { Name = "array", Type = MapType.Array, KeySize = 4, ValueSize = 4, MaxEntries = 1 });
        using var message = new CountingProgram(ProgramType.SkMsg, Pass, AttachType.SkMsgVerdict);
        Assert.Contains("only SockMap and SockHash", Assert.Throws<BpfException>(() => SockMapLink.Attach(message.Program, array)).Message);
        Assert.Contains("cannot be attached to SkSkbVerdict", Assert.Throws<BpfException>(() => SockMapLink.Attach(message.Program, array, AttachType.SkSkbVerdict)).Message);
    }

    private static CountingProgram Parser() =>
        // The whole of what has arrived is one message: its length is the first field of the context.
        new(ProgramType.SkSkb, null, AttachType.SkSkbStreamParser, then: code => code.Load(Register.R0, Register.R6, 0, MemorySize.U32));

    private static void In(Action<BpfMap, Func<(Socket Client, Socket Server)>> test) => InNewNamespace(_ =>
    {
        using var map = BpfMap.Create(new MapSpec { Name = "sockets", Type = MapType.SockMap, KeySize = 4, ValueSize = 4, MaxEntries = 2 });
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var opened = new List<Socket>();
        try
        {
            test(map, () =>
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                opened.Add(client);
                client.Connect(listener.LocalEndPoint!);
                var server = listener.Accept();
                opened.Add(server);
                server.ReceiveTimeout = 5000;
                return (client, server);
            });
        }
        finally
        {
            opened.ForEach(s => s.Dispose());
        }
    });

    private static void Insert(BpfMap map, Socket socket, int at = 0) => map.Update(BitConverter.GetBytes(at), BitConverter.GetBytes((int)socket.Handle));

    private static string Read(Socket socket)
    {
        var buffer = new byte[64];
        return System.Text.Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
    }
}
