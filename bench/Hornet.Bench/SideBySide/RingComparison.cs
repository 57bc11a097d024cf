using System.Diagnostics;
using System.Runtime.InteropServices;
using Hornet.Buffers;
using Hornet.Isa;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.Bench.SideBySide;

/// <summary>The ring buffer: emptying a full one, and live events at a rate only bounded by the producer.</summary>
internal static unsafe class RingComparison
{
    private const int RecordSize = 64;

    private struct Tally : IRecordHandler
    {
        public long Records;
        public ulong Sum;

        public bool Handle(ReadOnlySpan<byte> record)
        {
            Records++;
            Sum += MemoryMarshal.Read<ulong>(record);
            return true;
        }
    }

    /// <summary>The record as the program writes it.</summary>
    [StructLayout(LayoutKind.Sequential, Size = RecordSize)]
    private readonly struct Event(ulong number)
    {
        public readonly ulong Number = number;
    }

    public static void Drain()
    {
        const int Records = 800_000, Rounds = 12;
        using var ring = BpfMap.Create(new() { Name = "ring", Type = MapType.RingBuf, MaxEntries = 64 << 20 });
        using var loss = LossCounter.Create();
        using var program = Program(ring, loss, ProgramType.SocketFilter, flags: 1);
        using var reader = new RingBufferReader(ring);
        nint peer = Peer.RingOpen(ring.Descriptor.Value);
        double theirs = double.MaxValue, handler = double.MaxValue, typed = double.MaxValue, span = double.MaxValue, lease = double.MaxValue;
        long bytes = 0;
        ulong sum = 0;
        RecordCallback callback = record => sum += MemoryMarshal.Read<ulong>(record);
        RecordCallback<Event> typedCallback = (in Event e) => sum += e.Number;
        double Time(Action drain)
        {
            program.TestRun(new byte[64], Records);
            long before = reader.Delivered;
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long begin = Stopwatch.GetTimestamp();
            drain();
            double spent = Stopwatch.GetElapsedTime(begin).TotalNanoseconds;
            bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
            long delivered = reader.Delivered - before;
            if (delivered != Records) throw new InvalidOperationException($"{delivered} records instead of {Records}");
            return spent / Records;
        }
        for (int round = 0; round < Rounds; round++)
        {
            program.TestRun(new byte[64], Records);
            double spent = Peer.RingConsume(peer, out ulong records);
            if (records != Records) throw new InvalidOperationException($"{records} records instead of {Records}");
            theirs = Math.Min(theirs, spent / Records);
            handler = Math.Min(handler, Time(() => { var tally = new Tally(); reader.Drain(ref tally); sum += tally.Sum; }));
            typed = Math.Min(typed, Time(() => reader.Drain(typedCallback)));
            span = Math.Min(span, Time(() => reader.Drain(callback)));
            lease = Math.Min(lease, Time(() => { foreach (var record in reader.Lease()) sum += MemoryMarshal.Read<ulong>(record); }));
        }
        Peer.RingClose(peer);
        double perRecord = bytes / (double)Records;
        Comparison.Add("ring drain, 64-byte records, struct handler", handler, theirs, "≤ 1.0", perRecord);
        Comparison.Add("ring drain, typed callback", typed, theirs, "≤ 1.0", perRecord);
        Comparison.Add("ring drain, span callback", span, theirs, "", perRecord);
        Comparison.Add("ring drain, lease", lease, theirs, "", perRecord);
        if (sum == 1) Console.WriteLine(sum);
    }

    public static void Live()
    {
        foreach (bool timed in new[] { true, false })
        {
            using var ring = BpfMap.Create(new() { Name = "ring", Type = MapType.RingBuf, MaxEntries = timed ? 64u << 20 : 16u << 20 });
            using var loss = LossCounter.Create();
            using var program = Program(ring, loss, ProgramType.RawTracepoint, timed ? 1 : 0);
            using var link = RawTracepointLink.Attach(program, "sys_enter");
            (double Rate, long Lost) ours = default, theirs = default;
            double bytes = 0;
            for (int round = 0; round < 3; round++)
            {
                var (rate, lost, allocated) = LiveHornet(ring, loss, timed);
                if (rate > ours.Rate) (ours, bytes) = ((rate, lost), allocated);
                (rate, lost) = LiveLibbpf(ring, loss, timed);
                if (rate > theirs.Rate) theirs = (rate, lost);
            }
            Comparison.AddRate(timed ? "live, no wake-ups, drained each ms (64 MiB)" : "live, with wake-ups (16 MiB)", ours.Rate, ours.Lost, theirs.Rate, theirs.Lost,
                timed ? "≥ 2.3 M/s, 0 lost" : "≥ 0.75 M/s, 0 lost", bytes);
        }
    }

    /// <summary>The rate of a program's own ring buffer, in millions of records each second of the producer's processor time.</summary>
    public static (double Rate, long Lost, double Bytes) LiveRaw(RingBufferWakeup wakeup, uint size, int events)
    {
        using var ring = BpfMap.Create(new() { Name = "ring", Type = MapType.RingBuf, MaxEntries = size });
        using var loss = LossCounter.Create();
        using var program = Program(ring, loss, ProgramType.RawTracepoint, wakeup == RingBufferWakeup.Timed ? 1 : 0);
        using var link = RawTracepointLink.Attach(program, "sys_enter");
        return LiveHornet(ring, loss, wakeup == RingBufferWakeup.Timed, events, byProcessorTime: true);
    }

    private const int LiveEvents = 3_000_000;

    private static (double Rate, long Lost, double Bytes) LiveHornet(BpfMap ring, LossCounter loss, bool timed, int events = LiveEvents, bool byProcessorTime = false)
    {
        loss.TakeDelta();
        using var reader = new RingBufferReader(ring, new() { Wakeup = timed ? RingBufferWakeup.Timed : RingBufferWakeup.PerEvent });
        using var stop = new CancellationTokenSource();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        var reading = reader.RunAsync(new Tally(), stop.Token);
        double spent = byProcessorTime ? Peer.GetParentPidByProcessorTime(events) : Peer.GetParentPid(events);
        stop.Cancel();
        long delivered = reading.GetAwaiter().GetResult();
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        long lost = loss.TakeDelta();
        if (delivered + lost < events) throw new InvalidOperationException($"{delivered} delivered and {lost} lost of {events}");
        return (events / spent * 1000, lost, allocated / (double)events);
    }

    private static (double Rate, long Lost) LiveLibbpf(BpfMap ring, LossCounter loss, bool timed)
    {
        loss.TakeDelta();
        nint peer = Peer.RingOpen(ring.Descriptor.Value);
        int* stop = (int*)NativeMemory.AllocZeroed(sizeof(int));
        ulong delivered = 0;
        var reading = new Thread(() => delivered = Peer.RingRun(peer, stop, timed ? 1 : 0));
        reading.Start();
        double spent = Peer.GetParentPid(LiveEvents);
        Volatile.Write(ref *stop, 1);
        reading.Join();
        Peer.RingClose(peer);
        NativeMemory.Free(stop);
        return (LiveEvents / spent * 1000, loss.TakeDelta());
    }

    private static BpfProgram Program(BpfMap ring, LossCounter loss, ProgramType type, int flags)
    {
        const int Getppid = 110;
        var code = new Assembler();
        if (type == ProgramType.RawTracepoint)
        {
            // Only this process's own getppid: the machine has other work.
            code.Load(R2, R1, 8).JumpIf(R2, JumpOp.NotEqual, Getppid, "out")
                .Call(BpfHelper.GetCurrentPidTgid).Rsh(R0, 32).JumpIf(R0, JumpOp.NotEqual, Environment.ProcessId, "out");
        }
        code.ReserveOrCountLoss("ring", "lost", RecordSize, "out")
            .Mov(R1, 1).Store(R0, 0, R1)
            .Mov(R1, R0).Mov(R2, flags).Call(BpfHelper.RingbufSubmit)
            .Label("out").Mov(R0, 0).Exit();
        return BpfProgram.Load(
            new() { Name = "produce", Type = type, Instructions = code.Build() },
            new() { Maps = new Dictionary<string, BpfMap> { ["ring"] = ring, ["lost"] = loss.Map } });
    }
}
