using System.Net;
using System.Net.Sockets;
using System.Text;
using Hornet.Compiler.Diagnostics;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>A TCP congestion control that is a C# class, used by connections over loopback.</summary>
public class NetworkStructOpsTests
{
    private const int SolTcp = 6, TcpCongestion = 13;

    [KernelFact(Needs.StructOps, Needs.NetworkNamespaces)]
    public void A_class_is_a_congestion_control()
    {
        using var calls = BpfArray<ulong>.Create("calls", 4);
        using TestNamespace ns = new();
        ns.Run(() =>
        {
            using BpfSession session = new();
            Assert.DoesNotContain("hornet_steady", Available());
            using (session.AttachStructOps(new Steady(calls, 20)))
            {
                using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                listener.Listen();
                using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                client.SetRawSocketOption(SolTcp, TcpCongestion, "hornet_steady"u8);
                client.Connect(listener.LocalEndPoint!);
                using var server = listener.Accept();
                byte[] data = new byte[1 << 16], name = new byte[16];
                for (int i = 0; i < 8; i++)
                {
                    client.Send(data);
                    for (int got = 0; got < data.Length;) got += server.Receive(data);
                }
                client.GetRawSocketOption(SolTcp, TcpCongestion, name);
                Assert.Equal("hornet_steady", Encoding.UTF8.GetString(name).TrimEnd('\0'));
                // Once for the connection, and for what was acknowledged.
                Assert.Equal((1ul, 2ul), (calls[0], calls[2]));
                Assert.InRange(calls[1], 1ul, 10_000ul);
            }
            Assert.True(TestThread.Eventually(() => !Available().Contains("hornet_steady", StringComparison.Ordinal)));
        });
    }

    [KernelFact(Needs.StructOps, Needs.Kfuncs, Needs.NetworkNamespaces)]
    public void It_may_call_the_kernels_own_functions()
    {
        using var calls = BpfArray<ulong>.Create("calls", 1);
        using TestNamespace ns = new();
        ns.Run(() =>
        {
            using BpfSession session = new();
            using var link = session.AttachStructOps(new CountingReno(calls));
            using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.SetRawSocketOption(SolTcp, TcpCongestion, "counting_reno"u8);
            client.Connect(listener.LocalEndPoint!);
            using var server = listener.Accept();
            byte[] data = new byte[1 << 16];
            for (int i = 0; i < 8; i++)
            {
                client.Send(data);
                for (int got = 0; got < data.Length;) got += server.Receive(data);
            }
            Assert.InRange(calls[0], 1ul, 10_000ul);
        });
    }

    [KernelFact(Needs.StructOps)]
    public void What_does_not_fit_the_table_is_told()
    {
        using BpfSession session = new();
        Assert.Contains("does not say which table", Assert.Throws<ArgumentException>(() => session.AttachStructOps(new object())).Message);
        Assert.Contains("The public method Misspelt.SsThreshold is no member of tcp_congestion_ops, which has", Assert.Throws<BpfException>(() => session.AttachStructOps(new Misspelt())).Message);
        Assert.Contains("tcp_congestion_ops.ssthresh returns 'u32', and Wrong.Ssthresh(Sock) returns void", Assert.Throws<CompilationException>(() => session.AttachStructOps(new Wrong())).Message);
        Assert.Contains("holds 15 bytes of text", Assert.Throws<BpfException>(() => session.AttachStructOps(new LongName())).Message);
        Assert.Contains("no struct 'no_such_ops'", Assert.Throws<BpfException>(() => session.AttachStructOps(new Nothing())).Message);
    }

    private static string Available() => File.ReadAllText("/proc/sys/net/ipv4/tcp_available_congestion_control");

    [StructOps("tcp_congestion_ops")]
    private sealed class Steady(BpfArray<ulong> calls, uint window)
    {
        public string Name => "hornet_steady";

        public void Init(Sock sk)
        {
            calls[0]++;
            calls[2] = sk.Family;
        }

        public uint Ssthresh(Sock sk) => window;

        public uint UndoCwnd(Sock sk) => Window();

        public void CongAvoid(Sock sk, uint ack, uint acked)
        {
            if (acked > 0) calls[1]++;
        }

        private uint Window() => window;
    }

    // sample: reno
    [StructOps("tcp_congestion_ops")]
    public sealed class CountingReno(BpfArray<ulong> calls)
    {
        public string Name => "counting_reno";

        public uint Ssthresh(Sock sk) => RenoThreshold(sk);

        public uint UndoCwnd(Sock sk) => RenoUndo(sk);

        public void CongAvoid(Sock sk, uint ack, uint acked)
        {
            calls[0]++;
            RenoAvoid(sk, ack, acked);
        }

        [KernelFunction("tcp_reno_ssthresh")]
        private static uint RenoThreshold(Sock sk) => throw new NotSupportedException();

        [KernelFunction("tcp_reno_undo_cwnd")]
        private static uint RenoUndo(Sock sk) => throw new NotSupportedException();

        [KernelFunction("tcp_reno_cong_avoid")]
        private static void RenoAvoid(Sock sk, uint ack, uint acked) => throw new NotSupportedException();
    }
    // end

    [StructOps("tcp_congestion_ops")]
    private sealed class Misspelt
    {
        public uint SsThreshold(Sock sk) => 10;
    }

    [StructOps("tcp_congestion_ops")]
    private sealed class Wrong
    {
        public void Ssthresh(Sock sk) => _ = sk;
    }

    [StructOps("tcp_congestion_ops")]
    private sealed class LongName
    {
        public string Name => "a name that is too long";

        public uint Ssthresh(Sock sk) => 10;
    }

    [StructOps("no_such_ops")]
    private sealed class Nothing
    {
        public uint Ssthresh(Sock sk) => 10;
    }
}
