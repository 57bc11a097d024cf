using System.Runtime.InteropServices;
using Hornet.Compiler.Diagnostics;
using Hornet.KernelTests.Links;

namespace Hornet.KernelTests.CSharp;

/// <summary>Records that kernel code sends.</summary>
public class EventTests
{
    private static readonly byte[] s_packet = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];

    private struct Seen
    {
        public byte Kind;
        public long Time;
        public uint Tgid;
    }

    private unsafe struct Named
    {
        public uint Tgid;
        public fixed byte Comm[16];
    }

    [KernelFact]
    public void Records_are_submitted_whole_and_read_by_a_callback()
    {
        using var events = BpfRingBuffer<Seen>.Create("seen");
        using BpfSession session = new();
        var program = session.LoadXdp(packet =>
        {
            Seen seen = new() { Kind = packet.Data[9], Time = packet.Data.Length, Tgid = 7 };
            return events.Submit(in seen) ? XdpAction.Pass : XdpAction.Drop;
        });
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(s_packet, repeat: 3).ReturnValue);
        List<Seen> got = [];
        Assert.Equal(3, events.Drain((in Seen seen) => got.Add(seen)));
        Assert.All(got, seen => Assert.Equal((9, 64L, 7u), (seen.Kind, seen.Time, seen.Tgid)));
        Assert.Equal((3, 0), (events.Delivered, events.Lost));
    }

    [KernelFact]
    public void Records_are_made_in_place_and_read_in_place()
    {
        using var events = BpfRingBuffer<Named>.Create("named");
        uint me = (uint)Environment.ProcessId;
        using (BpfSession session = new())
        {
            session.AttachTracepoint("syscalls:sys_enter_getsid", () =>
            {
                if (Bpf.Tgid != me || !events.TryReserve(out var record)) return;
                record.Value.Tgid = Bpf.Tgid;
                unsafe
                {
                    fixed (byte* comm = record.Value.Comm) Bpf.Comm(new Span<byte>(comm, 16));
                }
                if (MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref record.Value, 1))[4] == 0) record.Discard();
                else record.Submit();
            });
            Provoke.GetSid(4);
        }
        int count = 0;
        using (var lease = events.Lease())
        {
            foreach (var bytes in lease)
            {
                Assert.Equal(me, MemoryMarshal.Read<uint>(bytes));
                Assert.NotEqual(0, bytes[4]);
                count++;
            }
        }
        Assert.Equal(4, count);
    }

    [KernelFact]
    public async System.Threading.Tasks.Task Records_are_an_asynchronous_stream()
    {
        using var events = BpfRingBuffer<long>.Create("numbers");
        using BpfSession session = new();
        var program = session.LoadXdp(packet =>
        {
            for (long i = 0; i < 10; i++) events.Submit(i * packet.Data.Length);
            return XdpAction.Pass;
        });
        program.TestRun(s_packet);
        List<long> got = [];
        await foreach (long number in events)
        {
            got.Add(number);
            if (got.Count == 10) break;
        }
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i * 64L), got);
    }

    [KernelFact]
    public void What_finds_no_room_is_counted()
    {
        using var events = BpfRingBuffer<Seen>.Create("small", 4096);
        using BpfSession session = new();
        var program = session.LoadXdp(packet =>
        {
            Seen seen = new() { Kind = 1 };
            events.Submit(in seen);
            if (events.TryReserve(out var record))
            {
                record.Value = seen;
                record.Submit();
            }
            return XdpAction.Pass;
        });
        program.TestRun(s_packet, repeat: 500);
        events.Drain((in Seen _) => { });
        Assert.True(events.Lost > 0);
        Assert.Equal(1000, events.Delivered + events.Lost);
    }

    [KernelFact]
    public void A_record_that_is_not_given_back_is_an_error_at_its_line()
    {
        using var events = BpfRingBuffer<long>.Create("leak");
        using BpfSession session = new();
        var error = Assert.Throws<CompilationException>(() => session.LoadXdp(packet =>
        {
            if (!events.TryReserve(out var record)) return XdpAction.Pass;
            if (packet.Data.Length > 100) return XdpAction.Drop;
            record.Submit();
            return XdpAction.Pass;
        }));
        Assert.Contains(error.Diagnostics, one => one.Id == "HRN3004");
        error = Assert.Throws<CompilationException>(() => session.LoadXdp(packet =>
        {
            events.TryReserve(out var record);
            record.Value = 1;
            record.Submit();
            return XdpAction.Pass;
        }));
        Assert.Contains(error.Diagnostics, one => one.Id == "HRN3002");
    }
}
