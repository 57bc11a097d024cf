using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.KernelTests.Links;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Lambdas that run in the kernel, at events that the test causes.</summary>
public class SessionTests
{
    private const string GetSid = "syscalls:sys_enter_getsid";

    [KernelFact]
    public void A_lambda_counts_system_calls_by_process()
    {
        using var calls = BpfHashMap<uint, ulong>.Create("calls", 1024);
        using (BpfSession session = new())
        {
            session.AttachTracepoint(GetSid, () => calls[Bpf.Tgid]++);
            Provoke.GetSid(7);
            Assert.Equal(7ul, calls[(uint)Environment.ProcessId]);
        }
        Provoke.GetSid(5);
        Assert.Equal(7ul, calls[(uint)Environment.ProcessId]);
    }

    [KernelFact]
    public void Counting_is_atomic_between_threads()
    {
        using var calls = BpfHashMap<uint, ulong>.Create("calls", 1024);
        using BpfSession session = new();
        // Run by hand: where tracepoints can be preempted (7.2), an event that comes meanwhile on the same CPU is left out.
        using var program = session.LoadXdp(packet =>
        {
            calls[1]++;
            return XdpAction.Pass;
        });
        byte[] packet = new byte[64];
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() => { for (int i = 0; i < 2000; i++) program.TestRun(packet); })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        Assert.Equal(8000ul, calls[1]);
    }

    [KernelFact]
    public void Captured_values_are_constants_and_a_dead_branch_may_hold_anything()
    {
        using var calls = BpfHashMap<uint, ulong>.Create("calls", 16);
        using BpfSession session = new();
        uint me = (uint)Environment.ProcessId, step = 3;
        bool verbose = false;
        session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            if (verbose) Console.WriteLine("never compiled");
            calls[100] += step;
            calls[101] -= step;
        });
        Provoke.GetSid(4);
        Assert.Equal((12ul, unchecked((ulong)-12)), (calls[100], calls[101]));
    }

    [KernelFact]
    public void The_task_is_who_it_is()
    {
        using var seen = BpfHashMap<uint, Task>.Create("seen", 16);
        using BpfSession session = new();
        uint me = (uint)Environment.ProcessId;
        session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            Task task = new() { Tgid = Bpf.Tgid, Tid = Bpf.Tid, Uid = Bpf.Uid, Gid = Bpf.Gid, Time = Bpf.KtimeNs, Cpu = Bpf.Cpu };
            Span<byte> name = task.Name;
            // What was there before does not stay behind the name: names are keys.
            name.Fill(0xff);
            Bpf.Comm(name);
            seen[0] = task;
        });
        Provoke.GetSid(1);
        var found = seen[0];
        Assert.Equal((me, (uint)Provoke.ThreadId, 0u, 0u), (found.Tgid, found.Tid, found.Uid, found.Gid));
        Assert.InRange(found.Cpu, 0ul, 4096ul);
        Assert.InRange(found.Time, 1ul, (ulong)TimeSpan.FromDays(10_000).TotalNanoseconds);
        string expected = File.ReadAllText($"/proc/self/task/{Provoke.ThreadId}/comm").TrimEnd();
        ReadOnlySpan<byte> name = found.Name;
        Assert.Equal(expected.PadRight(name.Length, '\0'), System.Text.Encoding.UTF8.GetString(name));
    }

    [KernelFact(MinKernel = "5.12")]
    public void Elements_are_found_added_replaced_and_removed()
    {
        using var values = BpfHashMap<Key, long>.Create("values", 16);
        using var results = BpfArray<long>.Create("results", 16);
        using BpfSession session = new();
        uint me = (uint)Environment.ProcessId;
        session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            Key key = new(7, 9);
            results[0] = values.TryGetValue(key, out long none) ? 1 : 2 + none;
            results[1] = values.TryAdd(key, 5) ? 1 : 2;
            results[2] = values.TryAdd(key, 6) ? 1 : 2;
            results[3] = values[key];
            results[4] = values.TryReplace(key, 8) ? values[key] : -1;
            results[5] = values.TryReplace(new Key(1, 1), 8) ? 1 : 2;
            ref long found = ref values.Find(key);
            if (!Unsafe.IsNullRef(ref found)) found += 30;
            results[6] = values[key];
            results[7] = values.Remove(key) ? 1 : 2;
            results[8] = values.Remove(key) ? 1 : 2;
            results[9] = values[key];
            ref long added = ref values.GetOrAdd(key);
            results[10] = Interlocked.Add(ref added, 4);
            results[11] = Interlocked.Increment(ref values.GetOrAdd(key));
            values.Set(key, 77);
            results[12] = results.Length;
        });
        Provoke.GetSid(1);
        Assert.Equal([2, 1, 2, 5, 8, 2, 38, 1, 2, 0, 4, 5, 16], results.ToArray()[..13]);
        Assert.Equal(77, values[new Key(7, 9)]);
    }

    [KernelFact]
    public void A_packet_is_parsed_counted_and_judged()
    {
        using var protocols = BpfHashMap<byte, ulong>.Create("protocols", 256);
        using BpfSession session = new();
        ushort blocked = 31337;
        using var program = session.LoadXdp(ctx =>
        {
            if (!ctx.TryRead<ushort>(12, out ushort type) || type != BinaryPrimitives.ReverseEndianness((ushort)0x0800)) return XdpAction.Pass;
            var ip = ctx.Data[14..];
            int header = (ip[0] & 15) * 4;
            protocols[ip[9]]++;
            if (ip[9] != 17) return XdpAction.Pass;
            return BinaryPrimitives.ReadUInt16BigEndian(ip[(header + 2)..]) == blocked ? XdpAction.Drop : XdpAction.Pass;
        });
        Assert.Equal((uint)XdpAction.Drop, program.TestRun(Udp(31337)).ReturnValue);
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(Udp(53)).ReturnValue);
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(new byte[60]).ReturnValue);
        // The packet ends before the port: a failed check ends the program.
        Assert.Equal((uint)XdpAction.Aborted, program.TestRun(Udp(53).AsMemory(0, 35)).ReturnValue);
        Assert.Equal(3ul, protocols[17]);
    }

    [KernelFact]
    public void A_packet_is_changed()
    {
        using BpfSession session = new();
        using var program = session.LoadXdp(ctx =>
        {
            if (ctx.Data.Length < 14) return XdpAction.Drop;
            // The addresses change places.
            for (int i = 0; i < 6; i++) (ctx.Data[i], ctx.Data[i + 6]) = (ctx.Data[i + 6], ctx.Data[i]);
            ref ushort type = ref MemoryMarshal.AsRef<ushort>(ctx.Data[12..]);
            type = 0x1234;
            return XdpAction.Transmit;
        });
        byte[] packet = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];
        var result = program.TestRun(packet);
        Assert.Equal((uint)XdpAction.Transmit, result.ReturnValue);
        Assert.Equal([6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 0x34, 0x12, 14], result.Data[..15]);
    }

    [KernelFact]
    public void A_method_group_of_an_object_becomes_a_program()
    {
        using var counters = BpfArray<ulong>.Create("counters", 4);
        using BpfSession session = new();
        Monitored monitored = new(counters, (uint)Environment.ProcessId) { Slot = 2 };
        session.AttachTracepoint(GetSid, monitored.OnCall);
        Provoke.GetSid(6);
        Assert.Equal([0ul, 0, 6, 0], counters.ToArray());
    }

    private static byte[] Udp(ushort port)
    {
        var packet = new byte[60];
        packet[12] = 8;
        packet[14] = 0x45;
        packet[14 + 9] = 17;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(14 + 20 + 2), port);
        return packet;
    }

    private sealed class Monitored(BpfArray<ulong> counters, uint process)
    {
        public uint Slot { get; init; }

        public void OnCall()
        {
            if (IsMine) counters[Slot]++;
        }

        private bool IsMine => Bpf.Tgid == process;
    }

    private readonly record struct Key(uint A, uint B);

    [InlineArray(16)]
    private struct Name
    {
        private byte _first;
    }

    private struct Task
    {
        public uint Tgid, Tid, Uid, Gid;
        public ulong Time;
        public ulong Cpu;
        public Name Name;
    }
}
