using System.Diagnostics;
using System.Runtime.InteropServices;
using Hornet.Maps;

namespace Hornet.KernelTests.Callbacks;

/// <summary>Whose events come: what <see cref="ProbeOptions"/> leaves out, the session's own, and those that the kernel left out.</summary>
public partial class CallbackFilterTests
{
    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThread();

    private static void Run(string command, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(command, arguments);
        process.WaitForExit();
    }

    // What is left out is provoked first: it would be seen before what is wanted.
    [KernelTheory(Needs.RingBuffer)]
    [InlineData(1234u)]
    [InlineData(4_000_000_000u)]
    public void Only_the_user_that_is_asked_for(uint user)
    {
        Events<uint> events = new();
        using BpfSession session = new();
        session.OnSyscallEnter("exit_group", e => events.Add(e.UserId), new ProbeOptions { UserId = user });
        Run("true");
        Run("setpriv", $"--reuid={user}", "--regid=4321", "--clear-groups", "true");
        events.First(seen => seen == user);
        Assert.All(events.Seen, seen => Assert.Equal(user, seen));
    }

    [KernelFact(Needs.RingBuffer)]
    public void Only_the_name_that_is_asked_for()
    {
        Events<string> events = new();
        using BpfSession session = new();
        session.OnSyscallEnter("exit_group", e => events.Add(e.ProcessName), new ProbeOptions { ProcessName = "true" });
        Run("false");
        Run("true");
        events.First(seen => seen == "true");
        Assert.All(events.Seen, seen => Assert.Equal("true", seen));
    }

    [KernelFact(Needs.RingBuffer)]
    public void Only_the_process_that_is_asked_for()
    {
        Events<int> events = new();
        using BpfSession session = new();
        session.OnSyscallEnter("openat", e => events.Add(e.ProcessId), new ProbeOptions { ProcessId = Environment.ProcessId });
        Run("true");
        File.OpenHandle("/dev/null").Dispose();
        events.First(seen => seen == Environment.ProcessId);
        Assert.All(events.Seen, seen => Assert.Equal(Environment.ProcessId, seen));
    }

    [KernelTheory(Needs.RingBuffer)]
    [InlineData(false)]
    [InlineData(true)]
    public void Only_the_thread_that_is_asked_for(bool paired)
    {
        Events<int> events = new();
        using BpfSession session = new();
        ProbeOptions options = new() { ThreadId = GetThread() };
        if (paired) session.OnSyscall("getppid", e => events.Add(e.ThreadId), options);
        else session.OnSyscallEnter("getppid", e => events.Add(e.ThreadId), options);
        Thread other = new(() => _ = GetParent());
        other.Start();
        other.Join();
        _ = GetParent();
        events.First(seen => seen == GetThread());
        Assert.All(events.Seen, seen => Assert.Equal(GetThread(), seen));
    }

    [KernelFact(Needs.RingBuffer)]
    public void What_a_callback_does_is_no_event_for_it()
    {
        Events<int> events = new();
        using (BpfSession session = new())
        {
            session.OnSyscallEnter("getppid", e =>
            {
                _ = GetParent();
                events.Add(e.ThreadId);
            }, new ProbeOptions { ProcessId = Environment.ProcessId });
            for (int i = 0; i < 20; i++) _ = GetParent();
            Events<int>.Wait(() => events.Seen.Count >= 20, "20 events");
        }
        Assert.Equal(20, events.Seen.Count);
    }

    // A tracepoint's program does not run while another program runs on its CPU: here while the first, at a system call,
    // wakes the session's reader.
    [KernelFact(Needs.RingBuffer, MinKernel = "6.7")]
    public void Events_that_the_kernel_left_out_are_counted()
    {
        using BpfSession session = new();
        ProbeOptions ours = new() { ThreadId = GetThread() };
        var first = session.OnTracepoint("syscalls:sys_enter_getppid", _ => { }, ours);
        var second = session.OnTracepoint("sched:sched_waking", _ => { }, ours);
        var deadline = DateTime.UtcNow.AddSeconds(20 * ChildProcess.TimeScale);
        while (session.ProbesMissed == 0)
        {
            bool isLate = DateTime.UtcNow > deadline;
            // An emulated processor may let the wake-up wait until the program has ended.
            Assert.SkipWhen(isLate && ChildProcess.TimeScale > 1, "the reader's wake-up does not come while the program runs");
            Assert.False(isLate, "nothing was left out");
            _ = GetParent();
            Thread.Sleep(1);
        }
        // They stay counted when the programs are gone.
        first.Dispose();
        long missed = session.ProbesMissed;
        second.Dispose();
        Assert.InRange(session.ProbesMissed, missed, long.MaxValue);
        Assert.NotEqual(0, missed);
    }

    [KernelFact(Needs.RingBuffer)]
    public void Nothing_is_kept_of_a_call_that_has_returned()
    {
        Events<int> events = new();
        using BpfSession session = new();
        var before = BpfMap.ListIds().ToHashSet();
        session.OnSyscall("execve", e => events.Add(e.ProcessId));
        using var process = Process.Start("true");
        process.WaitForExit();
        events.First(seen => seen == process.Id);
        int looked = 0;
        foreach (var map in BpfMap.OpenAll())
        {
            using (map)
            {
                if (before.Contains(map.Id) || map.Name != "hornet_texts") continue;
                looked++;
                // Other processes may be in the middle of a call.
                Events<int>.Wait(() => !map.ReadAll().Any(), "an empty map of calls under way");
            }
        }
        Assert.InRange(looked, 1, 100);
    }
}
