using Hornet.Buffers;

namespace Hornet.Bench.SideBySide;

/// <summary>Events that a callback names, against a program written by hand that writes to a raw ring buffer, in the same process, by the producer's processor time.</summary>
internal static class CallbackComparison
{
    private const int Calls = 250_000, Rounds = 8;

    private readonly record struct Nothing;

    public static void Run()
    {
        (double Rate, long Lost) raw = default, entry = default, paired = default, chosen = default;
        double entryBytes = 0, pairedBytes = 0, chosenBytes = 0;
        for (int round = 0; round < Rounds; round++)
        {
            var (rate, lost, _) = RingComparison.LiveRaw(RingBufferWakeup.PerEvent, 16 << 20, Calls);
            if (rate > raw.Rate) raw = (rate, lost);
            Keep(Live((session, options) => session.OnSyscallEnter<Nothing>("getppid", _ => { }, options), Calls), ref entry, ref entryBytes);
            Keep(Live((session, options) => session.OnSyscall<Nothing>("getppid", _ => { }, options), Calls), ref paired, ref pairedBytes);
            Keep(Live((session, options) => session.OnSyscall<Nothing>("getppid", options).Where(e => e.Result < 0).Subscribe(_ => { }), 0), ref chosen, ref chosenBytes);
        }
        // The second column is the raw ring buffer of this library.
        Comparison.AddRate("typed callback at a system call's entry; beside it a raw ring buffer", entry.Rate, entry.Lost, raw.Rate, raw.Lost, "≥ 0.5, 0 lost", entryBytes);
        Comparison.AddRate("the same, entry and return paired", paired.Rate, paired.Lost, raw.Rate, raw.Lost, "≥ 0.5, 0 lost", pairedBytes);
        Comparison.AddRate("the same, a predicate leaves out all", chosen.Rate, chosen.Lost, raw.Rate, raw.Lost, "", chosenBytes);
    }

    private static void Keep((double Rate, long Lost, double Bytes) run, ref (double Rate, long Lost) best, ref double bytes)
    {
        if (run.Rate > best.Rate) (best, bytes) = ((run.Rate, run.Lost), run.Bytes);
    }

    private static (double Rate, long Lost, double Bytes) Live(Action<BpfSession, ProbeOptions> subscribe, long expected)
    {
        using var session = new BpfSession { EventBufferSize = 64 << 20 };
        subscribe(session, new ProbeOptions { ProcessId = Environment.ProcessId });
        Peer.GetParentPid(1000);
        long before = session.EventsDelivered + session.EventsLost, lostBefore = session.EventsLost;
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        double spent = Peer.GetParentPidByProcessorTime(Calls);
        for (int i = 0; i < 10_000 && session.EventsDelivered + session.EventsLost - before < expected; i++) Thread.Sleep(1);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        if (session.EventsDelivered + session.EventsLost - before < expected) throw new InvalidOperationException($"{session.EventsDelivered} of {Calls} came");
        return (Calls / spent * 1000, session.EventsLost - lostBefore, allocated / (double)Calls);
    }
}
