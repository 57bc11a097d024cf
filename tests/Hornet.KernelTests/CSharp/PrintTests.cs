using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Hornet.Compiler.Diagnostics;
using Hornet.Kernel;
using Hornet.KernelTests.Links;

namespace Hornet.KernelTests.CSharp;

/// <summary>Lines that kernel code prints.</summary>
public class PrintTests
{
    private static readonly byte[] s_packet = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];

    private enum Color : byte
    {
        Red,
        Green = 3,
    }

    [InlineArray(4)]
    private struct Word
    {
        private byte _first;
    }

    [KernelFact]
    public void Values_are_formatted_as_dotnet_does()
    {
        ConcurrentQueue<string> lines = [];
        string who = "captured";
        using (BpfSession session = new() { OnPrint = lines.Enqueue })
        {
            var program = session.LoadXdp(packet =>
            {
                int negative = -packet.Data[5];
                ulong large = ulong.MaxValue - packet.Data[7];
                Bpf.Print($"plain");
                Bpf.Print($"{negative} {negative:x} {large:X} {(byte)negative,5}|{(short)negative,-6}| {packet.Data[3] == 3} {'a'} {(Color)packet.Data[3]} {who,10}!");
                Bpf.Print($"{{{packet.Data.Length:N0}}} 100% {1234567u:N0} {packet.Data[2]:d4}");
                return XdpAction.Pass;
            });
            Assert.Equal((uint)XdpAction.Pass, program.TestRun(s_packet).ReturnValue);
        }
        Assert.Equal(["plain", "-5 fffffffb FFFFFFFFFFFFFFF8   251|-5    | True a Green   captured!", "{64} 100% 1,234,567 0002"], lines);
    }

    [KernelFact]
    public void Bytes_are_text_or_digits()
    {
        ConcurrentQueue<string> lines = [];
        using (BpfSession session = new() { OnPrint = lines.Enqueue })
        {
            var program = session.LoadXdp(packet =>
            {
                Span<byte> text = stackalloc byte[8];
                "abc"u8.CopyTo(text);
                text[4] = (byte)'x';
                Word word = default;
                for (int i = 0; i < 4; i++) word[i] = (byte)('0' + i);
                int length = packet.Data[1] + 2;
                Bpf.Print($"[{text}] [{text:x}] [{word}] [{packet.Data.Slice(42, 4):X}] [{text.Slice(0, length & 7),5}] [{"lit"u8}] [{"\u001b["u8}]");
                return XdpAction.Pass;
            });
            Assert.Equal((uint)XdpAction.Pass, program.TestRun(s_packet).ReturnValue);
        }
        string line = Assert.Single(lines);
        Assert.StartsWith("[abc] [6162630078000000] [0123] [2A2B2C2D] [  abc] [lit] [", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', line);
    }

    [KernelFact]
    public void A_command_prints_its_name_at_an_event_and_nothing_is_missed()
    {
        ConcurrentQueue<string> lines = [];
        uint me = (uint)Environment.ProcessId;
        BpfSession session = new() { OnPrint = lines.Enqueue };
        session.AttachTracepoint("syscalls:sys_enter_getsid", () =>
        {
            if (Bpf.Tgid != me) return;
            Span<byte> comm = stackalloc byte[16];
            Bpf.Comm(comm);
            Bpf.Print($"{Bpf.Tgid} {comm}");
        });
        Provoke.GetSid(50);
        session.Dispose();
        Assert.Equal(50, lines.Count);
        Assert.StartsWith($"{me} ", lines.First(), StringComparison.Ordinal);
        Assert.True(lines.First().Length > $"{me} ".Length);
    }

    [KernelFact]
    public void Lines_without_room_are_counted()
    {
        using ManualResetEventSlim go = new();
        int seen = 0;
        BpfSession session = new();
        session.OnPrint = _ => { go.Wait(); Interlocked.Increment(ref seen); };
        var program = session.LoadXdp(packet =>
        {
            for (int i = 0; i < 8; i++) Bpf.Print($"{packet.Data.Slice(0, 48):x} {i}");
            return XdpAction.Pass;
        });
        program.TestRun(s_packet, repeat: 1000);
        Assert.InRange(session.PrintsLost, 1, 7999);
        long lost = session.PrintsLost;
        go.Set();
        session.Dispose();
        Assert.Equal(8000, seen + lost);
    }

    [KernelFact]
    public void What_a_callback_throws_does_not_stop_the_lines()
    {
        int seen = 0;
        BpfSession session = new();
        session.OnPrint = _ => throw new InvalidOperationException($"line {++seen}");
        var program = session.LoadXdp(_ => { Bpf.Print($"x"); return XdpAction.Pass; });
        program.TestRun(s_packet, repeat: 3);
        session.Dispose();
        Assert.Equal(3, seen);
        Assert.Equal("line 1", session.PrintFailure?.Message);
    }

    [KernelFact]
    public void A_format_that_dotnet_does_not_have_is_an_error()
    {
        using BpfSession session = new();
        var error = Assert.Throws<CompilationException>(() => session.LoadXdp(packet =>
        {
            Bpf.Print($"{packet.Data.Length:q}");
            Bpf.Print($"{packet.Data:N0}");
            Bpf.Print($"{new DateOnly()}");
            return XdpAction.Pass;
        }));
        Assert.Contains("no format 'q'", error.Message, StringComparison.Ordinal);
        Assert.Contains("bytes have no format 'N0'", error.Message, StringComparison.Ordinal);
    }

    [KernelFact]
    public void The_trace_buffer_is_written_and_read()
    {
        using BpfSession session = new();
        string mark = $"mark{Environment.ProcessId}";
        var program = session.LoadXdp(packet =>
        {
            Span<byte> text = stackalloc byte[4];
            "wxyz"u8.CopyTo(text);
            Bpf.TracePrint($"{mark} {packet.Data.Length} {-packet.Data[3]} {packet.Data[31]:x}");
            Bpf.TracePrint($"{mark} {text}");
            return XdpAction.Pass;
        });
        using CancellationTokenSource stop = new(TimeSpan.FromMinutes(2));
        program.TestRun(s_packet);
        List<TraceLine> lines = [];
        foreach (var line in BpfSession.TraceFields(stop.Token))
        {
            if (!line.Message.StartsWith(mark, StringComparison.Ordinal)) continue;
            lines.Add(line);
            if (lines.Count == 2) break;
        }
        Assert.Equal([$"{mark} 64 -3 1f", $"{mark} wxyz"], lines.Select(line => line.Message));
        Assert.True(lines[0].Timestamp > 0 && lines[0].Pid > 0 && lines[0].Task.Length > 0, lines[0].ToString());
    }

    [KernelFact(MinKernel = "5.16")]
    public void The_trace_buffer_takes_many_values()
    {
        using BpfSession session = new();
        string mark = $"many{Environment.ProcessId}";
        var program = session.LoadXdp(packet =>
        {
            Bpf.TracePrint($"{mark} {packet.Data[1]} {packet.Data[2]} {packet.Data[3],4} {packet.Data[4]} {packet.Data[5]:X}");
            return XdpAction.Pass;
        });
        using CancellationTokenSource stop = new(TimeSpan.FromMinutes(2));
        program.TestRun(s_packet);
        Assert.Equal($"{mark} 1 2    3 4 5", BpfSession.TraceFields(stop.Token).First(line => line.Message.StartsWith(mark, StringComparison.Ordinal)).Message);
    }

    [KernelFact]
    public void A_percent_sign_is_printed_or_refused_before_the_load()
    {
        using BpfSession session = new();
        string mark = $"percent{Environment.ProcessId}";
        var load = () => session.LoadXdp(packet =>
        {
            Bpf.TracePrint($"{mark} 100% {packet.Data[1]}");
            return XdpAction.Pass;
        });
        if (KernelVersion.Running < new KernelVersion(5, 13))
        {
            Assert.Contains("a percent sign since kernel 5.13", Assert.Throws<CompilationException>(load).Message, StringComparison.Ordinal);
            return;
        }
        load().TestRun(s_packet);
        using CancellationTokenSource stop = new(TimeSpan.FromMinutes(2));
        Assert.Equal($"{mark} 100% 1", BpfSession.TraceFields(stop.Token).First(line => line.Message.StartsWith(mark, StringComparison.Ordinal)).Message);
    }

    [KernelFact]
    public void Text_that_the_trace_buffer_does_not_take_is_refused()
    {
        using BpfSession session = new();
        var error = Assert.Throws<CompilationException>(() => session.LoadXdp(packet =>
        {
            Bpf.TracePrint($"größer {packet.Data[1]}");
            return XdpAction.Pass;
        }));
        Assert.Contains("ASCII text only", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("           <...>-1234    [001] d..31   123.456789: bpf_trace_printk: hello: world", "<...>", 1234, 1, "d..31", 123.456789, "hello: world")]
    [InlineData("  my-task 2-77      (     77) [012] ....  9.5: bpf_trace_printk: x", "my-task 2", 77, 12, "....", 9.5, "x")]
    public void Lines_are_taken_apart(string line, string task, int pid, int cpu, string flags, double time, string message)
    {
        Assert.True(TraceLine.TryParse(line, out var parsed));
        Assert.Equal(new TraceLine(task, pid, cpu, flags, time, message), parsed);
        Assert.False(TraceLine.TryParse("CPU:1 [LOST 12 EVENTS]", out _));
    }
}
