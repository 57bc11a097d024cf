using System.Runtime.InteropServices;
using Hornet.Buffers;
using Hornet.Isa;
using Hornet.KernelTests.Links;
using Hornet.KernelTypes;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet.KernelTests.CSharp;

/// <summary>Helpers that are declared as methods, by Hornet and by the author of a program.</summary>
public class DeclaredHelperTests
{
    [KernelHelper(BpfHelper.Strncmp)]
    private static int Compare(ReadOnlySpan<byte> text, ReadOnlySpan<byte> other) => throw new NotSupportedException();

    [KernelHelper(BpfHelper.GetCurrentPidTgid)]
    private static ulong Ids() => throw new NotSupportedException();

    [KernelHelper(BpfHelper.SkbLoadBytes)]
    private static long LoadBytes(XdpContext packet, int offset, Span<byte> destination) => throw new NotSupportedException();

    [KernelHelper(BpfHelper.GetCurrentPidTgid)]
    private static string Text() => throw new NotSupportedException();

    // Before the load, or by a kernel that is newer than the table of helpers by kind of program.
    private static BpfException Refused(Func<XdpContext, XdpAction> kernel)
    {
        using BpfSession session = new();
        return Assert.ThrowsAny<BpfException>(() => session.LoadXdp(kernel));
    }

    [KernelFact(MinKernel = "6.12")]
    public void Numbers_are_read_from_text()
    {
        using var results = BpfArray<long>.Create("results", 4);
        using BpfSession session = new();
        var program = session.LoadXdp(packet =>
        {
            Span<byte> text = stackalloc byte[8];
            if (!MemoryMarshal.TryRead(packet.Data[14..], out ulong digits)) return XdpAction.Drop;
            MemoryMarshal.Write(text, in digits);
            results[0] = Bpf.ParseNumber(text, out long value, 10);
            results[1] = value;
            return XdpAction.Pass;
        });
        var packet = new byte[64];
        "-1234 xy"u8.CopyTo(packet.AsSpan(14));
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(packet).ReturnValue);
        Assert.Equal([5, -1234], results.ToArray()[..2]);
        "word    "u8.CopyTo(packet.AsSpan(14));
        program.TestRun(packet);
        Assert.Equal(-22, results[0]);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "5.16")]
    public void Symbols_of_the_kernel_are_found()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref ulong address) => Bpf.TryFindSymbol("bpf_prog_put\0"u8, out address) ? 1 : 0);
        ulong found = 0;
        Assert.Equal(1, program.Run(ref found));
        string line = File.ReadLines("/proc/kallsyms").First(symbol => symbol.EndsWith(" bpf_prog_put", StringComparison.Ordinal));
        Assert.Equal(Convert.ToUInt64(line.Split(' ')[0], 16), found);
    }

    [KernelFact]
    public void Records_come_by_a_perf_buffer()
    {
        uint me = (uint)Environment.ProcessId;
        using var events = BpfPerfEventArray.Create("events");
        using PerfBufferReader reader = new(events.Map);
        using BpfSession session = new();
        session.AttachTracepoint("syscalls:sys_enter_getsid", () =>
        {
            if (Bpf.Tgid == me) Bpf.Output(events, new Ids2(Bpf.Tgid, 42));
        });
        Provoke.GetSid(3);
        List<Ids2> seen = [];
        TestThread.Eventually(() =>
        {
            reader.Drain((_, record) => seen.Add(MemoryMarshal.Read<Ids2>(record)));
            return seen.Count >= 3;
        });
        Assert.Equal(Enumerable.Repeat(new Ids2(me, 42), 3), seen);
    }

    private record struct Ids2(uint Tgid, uint Tag);

    [KernelFact(MinKernel = "6.0")]
    public void Cookies_are_made_and_checked_without_a_socket()
    {
        using var results = BpfArray<long>.Create("results", 2);
        using BpfSession session = new();
        var program = session.LoadXdp(packet =>
        {
            if (!packet.TryRead(14, out IPv4Header ip) || !packet.TryRead(34, out TcpHeader tcp)) return XdpAction.Drop;
            long cookie = Bpf.MakeSynCookie(in ip, MemoryMarshal.AsBytes(new ReadOnlySpan<TcpHeader>(in tcp)));
            results[0] = cookie;
            if (cookie < 0) return XdpAction.Aborted;
            results[1] = Bpf.CheckSynCookie(in ip, in tcp) ? 1 : 2;
            return XdpAction.Pass;
        });
        var packet = new byte[64];
        packet[12] = 8;
        packet[14] = 0x45;
        packet[23] = 6;
        packet[46] = 0x50;
        packet[47] = 2; // SYN
        uint verdict = program.TestRun(packet).ReturnValue;
        // -95: the kernel was built without SYN cookies.
        Assert.True(verdict == (uint)XdpAction.Pass ? results[0] > 0 && results[1] == 2 : results[0] == -95, $"{verdict} {results[0]} {results[1]}");
    }

    [KernelFact(MinKernel = "5.17")]
    public void One_declares_what_is_missing()
    {
        using var results = BpfArray<long>.Create("results", 2);
        uint me = (uint)Environment.ProcessId;
        using BpfSession session = new();
        session.AttachTracepoint("syscalls:sys_enter_getsid", () =>
        {
            if (Bpf.Tgid != me) return;
            Span<byte> text = stackalloc byte[8];
            "abc"u8.CopyTo(text);
            results[0] = Compare(text, "abd\0"u8);
            results[1] = (long)(Ids() >> 32);
        });
        Provoke.GetSid(1);
        Assert.True(results[0] < 0);
        Assert.Equal(me, results[1]);
    }

    // sample: a cast that Hornet has no member for
    [KernelType("tcp_sock")]
    private interface TcpSock
    {
        uint MssCache { get; }

        uint SndCwnd { get; }
    }

    [KernelHelper(BpfHelper.SkcToTcpSock)]
    private static TcpSock? ToTcp(Sock socket) => throw new NotSupportedException();
    // end

    [KernelFact(MinKernel = "5.9")]
    public void A_socket_is_cast_to_what_it_is()
    {
        using var seen = BpfHashMap<ushort, ulong>.Create("seen", 256);
        using BpfSession session = new();
        session.AttachBtfTracepoint("inet_sock_set_state", (Sock sk, int oldstate, int newstate) =>
        {
            if (newstate != (int)TcpState.Established) return;
            var tcp = ToTcp(sk);
            if (tcp is not null) seen[sk.LocalPort] = (ulong)tcp.SndCwnd << 32 | tcp.MssCache;
        });
        using System.Net.Sockets.TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        using System.Net.Sockets.TcpClient client = new();
        client.Connect((System.Net.IPEndPoint)listener.LocalEndpoint);
        ushort port = (ushort)((System.Net.IPEndPoint)client.Client.LocalEndPoint!).Port;
        Assert.True(TestThread.Eventually(() => seen[port] != 0));
        Assert.InRange(seen[port] >> 32, 1u, 100_000u);
        Assert.InRange((uint)seen[port], 100u, 100_000u);
    }

    [KernelType("xdp_buff")]
    private interface XdpBuff
    {
        uint FrameSz { get; }
    }

    [KernelFunction("bpf_cast_to_kern_ctx")]
    private static XdpBuff OfKernel(XdpContext context) => throw new NotSupportedException();

    [KernelFact(MinKernel = "6.2")]
    public void Functions_of_the_kernel_take_the_context()
    {
        using var results = BpfArray<uint>.Create("results", 1);
        using BpfSession session = new();
        var program = session.LoadXdp(packet =>
        {
            results[0] = OfKernel(packet).FrameSz;
            return XdpAction.Pass;
        });
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(new byte[64]).ReturnValue);
        Assert.InRange(results[0], 256u, 65536u);
    }

    [KernelFact]
    public void What_the_program_or_the_attribute_cannot_have_is_told()
    {
        Assert.Contains("bpf_skb_load_bytes", Refused(packet => LoadBytes(packet, 0, stackalloc byte[4]) == 0 ? XdpAction.Pass : XdpAction.Drop).Message, StringComparison.Ordinal);
        Assert.Contains("HRN2203", Refused(packet => Text().Length > 0 ? XdpAction.Pass : XdpAction.Drop).Message, StringComparison.Ordinal);
    }
}
