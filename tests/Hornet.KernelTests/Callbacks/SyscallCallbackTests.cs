using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Hornet.Tracing;

namespace Hornet.KernelTests.Callbacks;

public partial class SyscallCallbackTests
{
    private static readonly ProbeOptions s_ours = new() { ProcessId = Environment.ProcessId };

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThread();

    private static ulong Now() => (ulong)(System.Diagnostics.Stopwatch.GetTimestamp() * (1e9 / System.Diagnostics.Stopwatch.Frequency));

    private sealed record Call(string Line, int Process, int Thread, uint User, uint Group, string Name, ulong Time, long Result, int Error, ulong Duration, EndPoint? Address, int Fd);

    [KernelFact(Needs.RingBuffer)]
    public void A_system_call_comes_with_its_arguments_its_result_and_who_made_it()
    {
        Events<Call> events = new();
        using BpfSession session = new();
        session.OnSyscall("bind", e => events.Add(new(e.ToString(), e.ProcessId, e.ThreadId, e.UserId, e.GroupId, e.ProcessName, e.CurrentTimeNs, e.Result, e.Error, e.DurationNs, e["umyaddr"].ToEndPoint(), e["fd"].ToInt32())), s_ours);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        ulong before = Now();
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var call = events.First();
        Assert.Equal((int)socket.Handle, call.Fd);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 0), call.Address);
        Assert.Equal($"bind(fd={socket.Handle}, umyaddr=127.0.0.1:0, addrlen=16) = 0", call.Line);
        Assert.Equal((Environment.ProcessId, GetThread(), 0L, 0), (call.Process, call.Thread, call.Result, call.Error));
        Assert.Equal(File.ReadAllText("/proc/thread-self/comm").TrimEnd('\n'), call.Name);
        string[] status = File.ReadAllLines("/proc/self/status");
        Assert.Equal(status.Single(l => l.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1], $"{call.User}");
        Assert.Equal(status.Single(l => l.StartsWith("Gid:", StringComparison.Ordinal)).Split('\t')[1], $"{call.Group}");
        Assert.InRange(call.Time, before, Now());
        Assert.InRange(call.Duration, 1ul, Now() - before);
        Assert.Single(events.Seen);
    }

    [KernelFact(Needs.RingBuffer)]
    public void The_user_and_the_group_are_those_of_the_process_that_called()
    {
        Events<(int Process, uint User, uint Group, string Name)> events = new();
        using BpfSession session = new();
        session.OnSyscallEnter("exit_group", e => events.Add((e.ProcessId, e.UserId, e.GroupId, e.ProcessName)));
        using var process = System.Diagnostics.Process.Start("setpriv", ["--reuid=1234", "--regid=4321", "--clear-groups", "true"])!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.Equal((process.Id, 1234u, 4321u, "true"), events.First(e => e.Process == process.Id));
    }

    // What a 32-bit call's number means for 64-bit ones is another call: getppid is semget. Older kernels are asked for the code
    // segment, which is a 64-bit one here.
    [KernelFact(Needs.RingBuffer, MinKernel = "5.17")]
    public unsafe void A_32_bit_call_of_a_64_bit_process_is_not_taken_for_another()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64 && Hornet.Kernel.Kconfig.Running?.IsEnabled("IA32_EMULATION") == true, "needs CONFIG_IA32_EMULATION on x86-64");
        // push rbx; mov eax, 64; int 0x80; pop rbx; ret
        ReadOnlySpan<byte> code = [0x53, 0xb8, 64, 0, 0, 0, 0xcd, 0x80, 0x5b, 0xc3];
        var memory = (byte*)MapMemory(0, 4096, 7, 0x22, -1, 0);
        Assert.NotEqual(-1, (nint)memory);
        try
        {
            code.CopyTo(new Span<byte>(memory, 4096));
            Events<ulong> events = new();
            using BpfSession session = new();
            session.OnSyscallEnter("semget", e => events.Add(e[0].ToUInt64()), s_ours);
            Assert.Equal(GetParent(), ((delegate* unmanaged<int>)memory)());
            _ = GetSemaphores(12345, -1, 0);
            Assert.Equal(12345ul, events.First());
            Assert.Single(events.Seen);
        }
        finally
        {
            _ = UnmapMemory((nint)memory, 4096);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint MapMemory(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int UnmapMemory(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "semget")]
    private static partial int GetSemaphores(int key, int count, int flags);

    [KernelFact(Needs.RingBuffer)]
    public void A_failure_has_its_error_number()
    {
        Events<(long Result, int Error)> events = new();
        using BpfSession session = new();
        session.OnSyscall("bind", e => events.Add((e.Result, e.Error)), s_ours);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // TEST-NET-1: nobody has it.
        Assert.Throws<SocketException>(() => socket.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0)));
        Assert.Equal((-99L, 99), events.First());
    }

    [KernelFact(Needs.RingBuffer)]
    public void An_address_that_the_kernel_fills_is_read_at_the_return()
    {
        Events<EndPoint?> events = new();
        using BpfSession session = new();
        session.OnSyscall("getsockname", e => events.Add(e[1].ToEndPoint()), s_ours);
        using Socket socket = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        var address = socket.LocalEndPoint;
        Assert.Equal(address, events.First(e => Equals(e, address)));
    }

    [KernelFact(Needs.RingBuffer)]
    public void Texts_are_copied_and_cut_at_the_size_that_was_asked_for()
    {
        string path = $"/tmp/hornet-callback-{Guid.NewGuid():N}";
        Events<(string Path, long Result)> whole = new(), cut = new();
        using BpfSession session = new();
        session.OnSyscall("openat", e => whole.Add((e["filename"].ToString(), e.Result)), s_ours);
        session.OnSyscall("openat", e => cut.Add((e["filename"].ToString(), e.Result)), s_ours with { TextSize = 16 });
        Assert.False(TryOpen(path));
        Assert.Equal(-2, whole.First(e => e.Path == path).Result);
        Assert.Equal(-2, cut.First(e => e.Path == path[..15]).Result);
    }

    private static bool TryOpen(string path)
    {
        try
        {
            File.OpenHandle(path).Dispose();
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    [KernelFact(Needs.RingBuffer)]
    public void A_program_that_replaces_itself_still_shows_what_it_was_asked_to_run()
    {
        Events<(string Path, long Result, bool HasResult)> events = new();
        using BpfSession session = new();
        session.OnSyscall("execve", e => events.Add((e["filename"].ToString(), e.Result, e.HasResult)));
        using var child = ChildProcess.Start("/bin/true");
        Assert.Equal(0, child.Wait());
        Assert.Equal(("/bin/true", 0L, true), events.First(e => e.Path == "/bin/true"));
    }

    [KernelFact(Needs.RingBuffer)]
    public void A_call_that_never_returns_calls_back_at_its_entry()
    {
        Events<(int Process, long Code, bool HasResult)> events = new();
        using BpfSession session = new();
        session.OnSyscall("exit_group", e => events.Add((e.ProcessId, e["error_code"].ToInt64(), e.HasResult)));
        using var child = ChildProcess.Start("/bin/sh", "-c", "exit 7");
        Assert.Equal(7, child.Wait());
        Assert.Equal((child.Id, 7L, false), events.First(e => e.Process == child.Id));
    }

    private readonly record struct BindArgs(short Addrlen, ulong UmyAddr, int Fd);

    private readonly record struct OpenArgs(byte Mode, Text64 Filename, long Dfd);

    [KernelFact(Needs.RingBuffer)]
    public void A_struct_gets_the_arguments_it_names()
    {
        Events<BindArgs> binds = new();
        Events<(string, long, ulong)> opens = new();
        string path = $"/tmp/hornet-{Guid.NewGuid():N}";
        using BpfSession session = new();
        session.OnSyscall<BindArgs>("bind", e => binds.Add(e.Args), s_ours);
        session.OnSyscall<OpenArgs>("openat", e => opens.Add((e.Args.Filename.ToString(), e.Args.Dfd, e.DurationNs)), s_ours);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.False(TryOpen(path));
        var bind = binds.First();
        Assert.Equal(((int)socket.Handle, (short)16), (bind.Fd, bind.Addrlen));
        Assert.NotEqual(0ul, bind.UmyAddr);
        // AT_FDCWD: an int of the call, widened with its sign to the struct's long.
        var open = opens.First(o => o.Item1 == path);
        Assert.Equal(-100, open.Item2);
        Assert.NotEqual(0ul, open.Item3);
    }

    private readonly record struct WrongName(int FileDescriptr);

    private readonly record struct WrongType(Text16 Fd);

    [KernelFact(Needs.RingBuffer)]
    public void What_makes_no_sense_is_said_before_anything_is_attached()
    {
        using BpfSession session = new();
        Assert.Contains("'openat'", Assert.Throws<BpfSyscallException>(() => session.OnSyscall("opennat", _ => { })).Hint);
        Assert.Contains("WrongName.FileDescriptr", Assert.Throws<ArgumentException>(() => session.OnSyscall<WrongName>("bind", _ => { })).Message);
        Assert.Contains("must be one", Assert.Throws<ArgumentException>(() => session.OnSyscall<WrongType>("bind", _ => { })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => session.OnSyscall("bind", _ => { }, new() { TextSize = 13 }));
        Assert.Contains("'fd'", Assert.Throws<ArgumentException>(() => session.OnSyscall("bind", _ => { }, new() { Texts = ["fdd"] })).Message);
        Events<string> errors = new();
        session.OnSyscall("getppid", e =>
        {
            try { _ = e["nothing"]; }
            catch (KeyNotFoundException wrong) { errors.Add(wrong.Message); }
        }, s_ours);
        Assert.Contains("getppid has no field 'nothing'", errors.First(provoke: () => GetParent()));
    }

    [KernelFact(Needs.RingBuffer)]
    public void A_callback_that_throws_is_told_and_the_stream_goes_on()
    {
        Events<ProbeCallbackFailure> failures = new();
        Events<long> results = new();
        using BpfSession session = new();
        session.CallbackFailed += failures.Add;
        int seen = 0;
        session.OnSyscall("getppid", e =>
        {
            if (seen++ == 0) throw new InvalidTimeZoneException("on purpose");
            results.Add(e.Result);
        }, s_ours);
        int parent = GetParent();
        GetParent();
        GetParent();
        Assert.Equal(parent, results.First());
        var failure = Assert.Single(failures.Seen);
        Assert.Equal(("syscall:getppid", "on purpose"), (failure.Probe, failure.Exception.Message));
        Assert.Equal(1, session.CallbackFailures);
    }

    [KernelFact(Needs.RingBuffer)]
    public void Every_event_is_delivered_or_counted_as_lost()
    {
        using ManualResetEventSlim blocked = new(), entered = new();
        int delivered = 0;
        using BpfSession session = new() { EventBufferSize = 4096 };
        session.OnSyscall("getppid", e =>
        {
            entered.Set();
            blocked.Wait();
            Interlocked.Increment(ref delivered);
        }, s_ours);
        const int calls = 5000;
        for (int i = 0; i < calls; i++) GetParent();
        Assert.True(entered.Wait(TimeSpan.FromSeconds(20 * ChildProcess.TimeScale)));
        blocked.Set();
        Events<int>.Wait(() => Volatile.Read(ref delivered) + session.EventsLost == calls, $"{delivered} delivered, {session.EventsLost} lost of {calls}");
        Assert.True(session.EventsLost > 0, "the buffer of one page took everything");
        Assert.True(delivered > 0);
    }

    private static class Nothing
    {
        public static int Count, Allocating;
        public static long Allocated;
    }

    private readonly record struct GetRandomArgs(uint Flags, long Len);

    [LibraryImport("libc", EntryPoint = "getrandom")]
    private static unsafe partial nint GetRandom(byte* buffer, nint length, uint flags);

    [KernelFact(Needs.RingBuffer)]
    public unsafe void A_typed_callback_allocates_nothing()
    {
        using BpfSession session = new();
        long sum = 0;
        Nothing.Count = Nothing.Allocating = 0;
        session.OnSyscall<GetRandomArgs>("getrandom", e =>
        {
            sum += e.Args.Len + e.ProcessId + (e.Error == 0 ? 1 : 0) + (long)e.DurationNs + e.ProcessNameBytes.Length;
            int n = ++Nothing.Count;
            // The first ones load and compile code.
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            if (n > 100 && allocated != Nothing.Allocated) Nothing.Allocating++;
            Nothing.Allocated = allocated;
        }, s_ours with { ThreadId = GetThread() });
        byte random;
        for (int i = 0; i < 10_000; i++) Assert.Equal(1, GetRandom(&random, 1, 0));
        // Since 7.0 a thread that is preempted within a probe makes the kernel leave out those of others.
        Events<int>.Wait(() => Volatile.Read(ref Nothing.Count) + session.EventsLost + session.ProbesMissed >= 10_000, $"{Nothing.Count} of 10 000, {session.ProbesMissed} missed");
        Assert.Equal(0, session.EventsLost);
        Assert.InRange(Nothing.Count, 1000, 10_000);
        // A garbage collection that others cause cuts off what the thread has in hand, and that counts as allocated.
        Assert.InRange(Nothing.Allocating, 0, 9);
        Assert.NotEqual(0, sum);
    }

    [KernelTheory(Needs.RingBuffer)]
    [InlineData(true)]
    [InlineData(false)]
    public void All_system_calls_at_once(bool atEntry)
    {
        int us = Environment.ProcessId;
        Events<(string Probe, int Process, string Line)> events = new();
        using BpfSession session = new() { EventBufferSize = 32 << 20 };
        void Handle(ProbeEvent e)
        {
            // The rest of the system may be busy: it must not fill the memory of the test.
            if (e.ProcessId == us ? e.Probe == "syscall:bind" : e.ProcessNameBytes.SequenceEqual("cat"u8)) events.Add((e.Probe, e.ProcessId, e.ToString()));
        }
        var subscription = atEntry ? session.OnSyscallEnter("*", Handle) : session.OnSyscall("*", Handle);
        Assert.Equal(SyscallProbe.Find("*").Count, subscription.Probes.Distinct().Count());
        void Cat()
        {
            using var child = ChildProcess.Start("/bin/cat", "/etc/hostname");
            Assert.Equal(0, child.Wait());
        }
        int cat = events.First(e => e.Probe == "syscall:openat" && e.Line.Contains("filename=\"/etc/hostname\"", StringComparison.Ordinal), Cat).Process;
        Assert.NotEqual(us, cat);
        events.First(e => e.Probe == "syscall:write", Cat);
        events.First(e => e.Probe == "syscall:exit_group" && e.Line == "exit_group(error_code=0)", Cat);
        bool bound = false;
        events.First(e => e.Process == us && e.Line.StartsWith("bind(fd=", StringComparison.Ordinal) && e.Line.Contains("umyaddr=127.0.0.1:0, addrlen=16)", StringComparison.Ordinal), () =>
        {
            using Socket another = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            another.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            bound = true;
        });
        Assert.True(bound);
    }

    [KernelFact(Needs.RingBuffer)]
    public void Disposing_detaches_one_callback_and_leaves_the_others()
    {
        Events<int> first = new(), second = new();
        using BpfSession session = new();
        var subscription = session.OnSyscall("getppid", e => first.Add(1), s_ours);
        session.OnSyscallEnter("getppid", e => second.Add(1), s_ours);
        GetParent();
        first.First();
        second.First();
        subscription.Dispose();
        int before = first.Seen.Count, others = second.Seen.Count;
        GetParent();
        Events<int>.Wait(() => second.Seen.Count > others, "the other callback's event did not come");
        Assert.Equal(before, first.Seen.Count);
    }
}
