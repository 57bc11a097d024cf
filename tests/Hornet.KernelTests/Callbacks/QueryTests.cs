using System.Runtime.InteropServices;
using Hornet.Compiler.Diagnostics;

namespace Hornet.KernelTests.Callbacks;

/// <summary>Predicates and projections that run in the kernel, before an event is delivered.</summary>
public sealed partial class QueryTests
{
    private readonly record struct CloseArgs(uint Fd);

    private readonly record struct Failed(uint Fd, int Error, int Thread);

    private readonly record struct OpenArgs(int Dfd, Text128 Filename);

    private readonly record struct Doubled(long Twice, byte Short);

    // Descriptors that nobody has open: closing them fails and does nothing.
    private const uint Wanted = 1_000_000, Unwanted = 2_000_000;

    [KernelFact(Needs.RingBuffer)]
    public void What_a_predicate_leaves_out_never_reaches_the_buffer()
    {
        using var session = new BpfSession();
        int seen = 0;
        session.OnSyscall<CloseArgs>("close", Here()).Where(e => e.Args.Fd >= Wanted && e.Args.Fd < Wanted + 10).Subscribe(e => Interlocked.Increment(ref seen));
        for (uint i = 0; i < 100; i++) Close(i < 10 ? Wanted + i : Unwanted + i);
        Events<int>.Wait(() => Volatile.Read(ref seen) == 10, "the events did not come");
        Delivered(session, 10);
        Assert.Equal(0, session.EventsLost);
    }

    [KernelFact(Needs.RingBuffer)]
    public void Predicates_know_the_result_and_captured_values()
    {
        using var session = new BpfSession();
        uint most = Wanted + 4;
        int ebadf = 9;
        List<uint> seen = [];
        session.OnSyscall<CloseArgs>("close", Here()).Where(e => e.Args.Fd >= Wanted).Where(e => e.Args.Fd <= most).Where(e => e.Error == ebadf && e.Result < 0 && e.DurationNs > 0)
            .Subscribe(e => { lock (seen) seen.Add(e.Args.Fd); });
        for (uint i = 0; i < 10; i++) Close(Wanted + i);
        Events<int>.Wait(() => { lock (seen) return seen.Count == 5; }, "the events did not come");
        Assert.Equal([Wanted, Wanted + 1, Wanted + 2, Wanted + 3, Wanted + 4], seen);
        Delivered(session, 5);
    }

    [KernelFact(Needs.RingBuffer)]
    public void A_projection_makes_the_fields_anew_and_a_predicate_after_it_sees_them()
    {
        using var session = new BpfSession();
        List<Failed> seen = [];
        List<int> threads = [];
        session.OnSyscall<CloseArgs>("close", Here()).Where(e => e.Args.Fd >= Wanted && e.Args.Fd < Unwanted)
            .Select(e => new Failed(e.Args.Fd - Wanted, e.Error, e.ThreadId)).Where(e => e.Args.Fd % 2 == 1)
            .Subscribe(e => { lock (seen) { seen.Add(e.Args); threads.Add(e.ThreadId); } });
        for (uint i = 0; i < 10; i++) Close(Wanted + i);
        Events<int>.Wait(() => { lock (seen) return seen.Count == 5; }, "the events did not come");
        Assert.Equal([1u, 3u, 5u, 7u, 9u], seen.Select(s => s.Fd));
        Assert.All(seen, s => Assert.Equal(9, s.Error));
        Assert.Equal(threads, seen.Select(s => s.Thread));
    }

    [KernelFact(Needs.RingBuffer)]
    public void A_projection_may_be_larger_than_what_it_is_made_of()
    {
        using var session = new BpfSession();
        List<Doubled> seen = [];
        session.OnSyscallEnter<CloseArgs>("close", Here()).Where(e => e.Args.Fd == Wanted).Select(e => new Doubled(2L * e.Args.Fd << 32, (byte)e.Args.Fd)).Subscribe(e => { lock (seen) seen.Add(e.Args); });
        Close(Wanted);
        Events<int>.Wait(() => { lock (seen) return seen.Count == 1; }, "the events did not come");
        Assert.Equal(new Doubled(2L * Wanted << 32, unchecked((byte)Wanted)), seen[0]);
    }

    [KernelFact(Needs.RingBuffer)]
    public void Fields_are_found_by_name_and_texts_compared()
    {
        using var session = new BpfSession();
        // Nothing of it needs to be there.
        string folder = $"/tmp/hornet-query-{Environment.ProcessId}", wanted = folder + "/wanted";
        byte[] prefix = System.Text.Encoding.UTF8.GetBytes(folder + "/w");
        int named = 0, typed = 0, exact = 0, failed = 0;
        session.OnSyscall("openat", Here()).Where(e => e.StartsWith("filename", prefix)).Subscribe(e => Interlocked.Increment(ref named));
        session.OnSyscall<OpenArgs>("openat", Here()).Where(e => e.Args.Filename.StartsWith(prefix)).Subscribe(e => Interlocked.Increment(ref typed));
        byte[] whole = System.Text.Encoding.UTF8.GetBytes(wanted);
        session.OnSyscall<OpenArgs>("openat", Here()).Where(e => e.Args.Filename.Is(whole)).Subscribe(e => Interlocked.Increment(ref exact));
        session.OnSyscall("openat", Here()).Where(e => e["filename"].IsUnreadable || e["flags"].ToInt64() == 0x123456).Subscribe(e => Interlocked.Increment(ref failed));
        Open(wanted);
        Open(wanted + "2");
        Open(folder + "/other");
        Events<int>.Wait(() => Volatile.Read(ref named) == 2 && Volatile.Read(ref typed) == 2 && Volatile.Read(ref exact) == 1, "the events did not come");
        Assert.Equal(0, Volatile.Read(ref failed));
        Delivered(session, 5);
    }

    [KernelFact(Needs.RingBuffer)]
    public void The_process_name_can_be_asked_for()
    {
        using var session = new BpfSession();
        int seen = 0, others = 0;
        session.OnSyscall<CloseArgs>("close", Here()).Where(e => e.Args.Fd == Wanted && e.ProcessNameIs("query-test"u8)).Subscribe(e => Interlocked.Increment(ref seen));
        session.OnSyscall<CloseArgs>("close", Here()).Where(e => e.Args.Fd == Wanted && e.ProcessNameIs("query-tes"u8)).Subscribe(e => Interlocked.Increment(ref others));
        Thread thread = new(() => Close(Wanted)) { Name = "query-test" };
        thread.Start();
        thread.Join();
        Events<int>.Wait(() => Volatile.Read(ref seen) == 1, "the events did not come");
        Delivered(session, 1);
        Assert.Equal(0, others);
    }

    [KernelFact(Needs.RingBuffer)]
    public void Many_calls_at_once_may_be_chosen_from()
    {
        using var session = new BpfSession();
        int seen = 0;
        session.OnSyscall("close*", Here()).Where(e => e.Result == -9).Subscribe(e => Interlocked.Increment(ref seen));
        for (uint i = 0; i < 5; i++) Close(Wanted + i);
        Events<int>.Wait(() => Volatile.Read(ref seen) == 5, "the events did not come");
        Delivered(session, 5);
    }

    [KernelFact(Needs.RingBuffer)]
    public void A_tracepoint_is_chosen_from_in_the_kernel()
    {
        using var session = new BpfSession();
        int seen = 0;
        session.OnTracepoint("syscalls:sys_enter_close", Here()).Where(e => e["fd"].ToUInt64() == Wanted).Subscribe(e => Interlocked.Increment(ref seen));
        for (uint i = 0; i < 5; i++) Close(Wanted + i);
        Events<int>.Wait(() => Volatile.Read(ref seen) == 1, "the events did not come");
        Delivered(session, 1);
    }

    [KernelFact(Needs.RingBuffer, Needs.Uprobes)]
    public void A_function_of_a_library_is_chosen_from_in_the_kernel()
    {
        using var session = new BpfSession();
        List<long> seen = [];
        session.OnUprobe("libc.so.6", "labs", Here()).Where(e => e["arg0"].ToInt64() % 2 != 0).Select(e => e["arg0"].ToInt64() * 10).Subscribe(e => { lock (seen) seen.Add(e.Args); });
        for (long i = 1; i <= 6; i++) Assert.Equal(i, Absolute(i));
        Events<int>.Wait(() => { lock (seen) return seen.Count == 3; }, "the events did not come");
        Assert.Equal([10L, 30L, 50L], seen);
    }

    [KernelFact(Needs.RingBuffer)]
    public void What_cannot_run_in_the_kernel_is_refused_whole()
    {
        using var session = new BpfSession();
        var unknown = Assert.Throws<CompilationException>(() => session.OnSyscall("close").Where(e => e["fdd"].ToInt64() > 2).Subscribe(_ => { }));
        Assert.Contains("HRN2130", unknown.Message);
        Assert.Contains("Did you mean 'fd'", unknown.Message);
        var number = Assert.Throws<CompilationException>(() => session.OnSyscall("close").Where(e => e.Is("fd", "3"u8)).Subscribe(_ => { }));
        Assert.Contains("not copied text", number.Message);
        var text = Assert.Throws<CompilationException>(() => session.OnSyscall("close").Where(e => e.ProcessName == "x").Subscribe(_ => { }));
        Assert.Contains("HRN2", text.Message);
        Assert.Contains("QueryTests.cs", text.Message);
        Assert.ThrowsAny<BpfException>(() => session.OnSyscall("clsoe"));
    }

    private static ProbeOptions Here() => new() { ProcessId = Environment.ProcessId };

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(uint descriptor);

    private static void Close(uint descriptor) => _ = CloseDescriptor(descriptor);

    [LibraryImport("libc", EntryPoint = "labs")]
    private static partial long Absolute(long value);

    [LibraryImport("libc", EntryPoint = "openat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int directory, string path, int flags);

    private static void Open(string path) => _ = OpenAt(-100, path, 0);

    // An event counts when its callback has returned, and those of a wake-up together.
    private static void Delivered(BpfSession session, long events)
    {
        Events<int>.Wait(() => session.EventsDelivered >= events, "the events were not counted");
        Assert.Equal(events, session.EventsDelivered);
    }
}
