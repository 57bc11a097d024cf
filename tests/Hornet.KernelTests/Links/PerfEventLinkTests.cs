using System.Diagnostics;
using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Maps;

namespace Hornet.KernelTests.Links;

public class PerfEventLinkTests
{
    private static readonly CounterOptions s_anyone = new() { OnlyThisThread = false };

    [KernelFact]
    public void A_clock_runs_the_program_at_its_frequency_on_every_CPU()
    {
        using var counter = Counter.Load(ProgramType.PerfEvent, s_anyone);
        using (var link = PerfEventLink.Attach(counter.Program, PerfEventSource.Software(SoftwareEvent.CpuClock), new() { Frequency = 200 }))
        {
            Assert.Equal(CpuList.Online.Count, link.Events.Count);
            long start = Stopwatch.GetTimestamp();
            TestThread.Burn(TimeSpan.FromMilliseconds(300));
            ulong count = counter.Count;
            // One busy CPU gives about 60; idle CPUs sleep through theirs, and other people's work may keep all of them busy.
            double most = 200 * CpuList.Online.Count * Stopwatch.GetElapsedTime(start).TotalSeconds;
            Assert.InRange(count, 10ul, (ulong)(1.5 * most) + 20);
        }
        ulong after = counter.Count;
        TestThread.Burn(TimeSpan.FromMilliseconds(60));
        Assert.Equal(after, counter.Count);
    }

    [KernelFact]
    public void A_task_clock_runs_only_for_its_thread()
    {
        using var counter = Counter.Load(ProgramType.PerfEvent);
        using var everyone = Counter.Load(ProgramType.PerfEvent, s_anyone);
        PerfEventOptions options = new() { Period = 1_000_000, Thread = Provoke.ThreadId };
        using var a = PerfEventLink.Attach(counter.Program, PerfEventSource.Software(SoftwareEvent.TaskClock), options);
        using var b = PerfEventLink.Attach(everyone.Program, PerfEventSource.Software(SoftwareEvent.TaskClock), options);
        TestThread.Burn(TimeSpan.FromMilliseconds(100));
        a.Dispose();
        b.Dispose();
        Assert.True(counter.Count >= 20, $"{counter.Count} runs in 100 ms of work at one per millisecond");
        // The program's own filter finds nobody else. The two do not start and stop at once, and attaching and detaching take a while.
        Assert.InRange(everyone.Count, 20ul, counter.Count * 3 / 2 + 50);
    }

    [KernelFact]
    public unsafe void Every_page_fault_is_counted()
    {
        const int pages = 64, pageSize = 4096;
        using var counter = Counter.Load(ProgramType.PerfEvent);
        byte* memory = (byte*)Libc.Mmap(null, pages * pageSize, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1, 0);
        try
        {
            using var link = PerfEventLink.Attach(counter.Program, PerfEventSource.Software(SoftwareEvent.PageFaults), new() { Period = 1, Thread = Provoke.ThreadId });
            ulong before = counter.Count;
            for (int i = 0; i < pages; i++) memory[i * pageSize] = 1;
            ulong faults = counter.Count - before;
            // Reading the count may fault once or twice itself.
            Assert.InRange(faults, (ulong)pages, pages + 8ul);
        }
        finally
        {
            Libc.Check(Libc.Munmap(memory, pages * pageSize), "unmap");
        }
    }

    [KernelFact(MinKernel = "5.13")]
    public void A_process_means_its_threads_and_not_the_processes_it_starts()
    {
        using var others = BpfMap.Create(new() { Name = "others", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        using CountingProgram faults = new(ProgramType.PerfEvent, 0, maps: others, then: code => code
            .Call(BpfHelper.GetCurrentPidTgid).Rsh(Register.R0, 32)
            .JumpIf(Register.R0, JumpOp.Equal, Environment.ProcessId, "own")
            .LoadMapValue(Register.R1, "others").Mov(Register.R2, 1).AtomicAdd(Register.R1, 0, Register.R2)
            .Label("own"));
        using (PerfEventLink.Attach(faults.Program, PerfEventSource.Software(SoftwareEvent.PageFaults), new() { Period = 1, Process = Environment.ProcessId }))
        {
            using var child = Process.Start("/bin/true");
            child.WaitForExit();
            // A thread of this process is followed all the same.
            long before = faults.Count;
            Thread other = new(() => _ = new byte[1 << 24].Select((b, i) => i).Where(i => i % 4096 == 0).Count());
            other.Start();
            other.Join();
            Assert.True(TestThread.Eventually(() => faults.Count > before));
        }
        Assert.Equal(0, BitConverter.ToInt64(others.Lookup(new byte[4])!));
    }

    [KernelFact]
    public unsafe void Every_write_to_a_watched_address_is_counted_in_all_threads_of_a_process()
    {
        const int pageSize = 4096;
        // A page of its own, and the address in the middle of it, since processors report stores beside it too: one with AVX-512 a
        // masked vector store that ends up to 63 bytes before it (memset of the C library makes such), an emulated one some
        // unaligned vector stores.
        byte* memory = (byte*)Libc.Mmap(null, pageSize, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1, 0);
        Assert.True((nint)memory != -1);
        try
        {
            nint word = (nint)memory + pageSize / 2;
            using var counter = Counter.Load(ProgramType.PerfEvent, s_anyone);
            using (PerfEventLink.Attach(counter.Program, PerfEventSource.Watch((ulong)word, BreakpointKind.Write), new() { Process = Environment.ProcessId }))
            {
                for (int i = 0; i < 5; i++) Marshal.WriteInt64(word, i);
                Assert.Equal(5ul, counter.Count);
                Thread other = new(() => Marshal.WriteInt64(word, 77)); // started after attaching: inherited
                other.Start();
                other.Join();
                _ = Marshal.ReadInt64(word);
                Assert.Equal(6ul, counter.Count);
            }
            ulong after = counter.Count;
            Marshal.WriteInt64(word, 1);
            Assert.Equal(after, counter.Count);
        }
        finally
        {
            Libc.Check(Libc.Munmap(memory, pageSize), "unmap");
        }
    }

    [KernelFact(Needs.PerfEventLink)]
    public void The_cookie_reaches_the_program_and_one_event_is_one_link()
    {
        using var counter = Counter.Load(ProgramType.PerfEvent, new() { Cookie = true });
        using var link = PerfEventLink.Attach(counter.Program, PerfEventSource.Software(SoftwareEvent.TaskClock), new() { Period = 100_000, Thread = Provoke.ThreadId, Cookie = 31337 });
        TestThread.Burn(TimeSpan.FromMilliseconds(50));
        Assert.Equal(31337ul, counter.Cookie);
        Assert.NotNull(link.Descriptor);
        if (link.GetInfo() is PerfEventLinkInfo { Kind: PerfEventKind.Event } info) Assert.Equal((ulong)SoftwareEvent.TaskClock, info.EventConfig); // its type is the clock's own PMU since 6.5
    }

    [KernelFact(Needs.Cgroup2)]
    public void Only_processes_of_the_cgroup_are_counted()
    {
        EnableControllers();
        using TestCgroup cgroup = new();
        using var counter = Counter.Load(ProgramType.PerfEvent, s_anyone);
        using var link = PerfEventLink.Attach(counter.Program, PerfEventSource.Software(SoftwareEvent.CpuClock), new() { Frequency = 500, Cgroup = cgroup.Path });
        TestThread.Burn(TimeSpan.FromMilliseconds(80));
        Assert.Equal(0ul, counter.Count); // nobody is in it
        cgroup.Run(() => TestThread.Burn(TimeSpan.FromMilliseconds(200)));
        Assert.NotEqual(0ul, counter.Count);
    }

    /// <summary>
    /// The unified hierarchy gives perf its groups only once any controller was enabled at its root, which every real
    /// system does when it boots.
    /// </summary>
    private static void EnableControllers()
    {
        try
        {
            File.WriteAllText(Path.Combine(Mounts.Cgroup2!, "cgroup.subtree_control"), "+pids");
        }
        catch (IOException)
        {
            // The controller is bound to a hierarchy of its own: this is a real system.
        }
    }

    [KernelFact]
    public void Contradicting_options_and_missing_counters_are_explained()
    {
        using var counter = Counter.Load(ProgramType.PerfEvent);
        var clock = PerfEventSource.Software(SoftwareEvent.CpuClock);
        Assert.Throws<ArgumentException>(() => PerfEventLink.Attach(counter.Program, clock));
        Assert.Throws<ArgumentException>(() => PerfEventLink.Attach(counter.Program, clock, new() { Period = 1, Frequency = 1 }));
        Assert.Throws<ArgumentException>(() => PerfEventLink.Attach(counter.Program, clock, new() { Period = 1, Process = 1, Thread = 1 }));
        Assert.Contains("not online", Assert.Throws<BpfSyscallException>(() => PerfEventLink.Attach(counter.Program, clock, new() { Period = 1000, Cpu = 4000 })).Message);
        Assert.Contains("no process", Assert.Throws<BpfSyscallException>(() => PerfEventLink.Attach(counter.Program, clock, new() { Period = 1000, Process = int.MaxValue })).Hint);
        var missing = Record.Exception(() => PerfEventLink.Attach(counter.Program, PerfEventSource.Hardware(HardwareEvent.CpuCycles), new() { Period = 1_000_000 }).Dispose());
        if (missing is not null) Assert.Contains("virtual machines often have none", missing.Message);
    }

    [KernelFact(Needs.HardwarePmu)]
    public void A_hardware_counter_runs_the_program()
    {
        using var counter = Counter.Load(ProgramType.PerfEvent);
        using var link = PerfEventLink.Attach(counter.Program, PerfEventSource.Hardware(HardwareEvent.CpuCycles), new() { Period = 100_000, Thread = Provoke.ThreadId });
        TestThread.Burn(TimeSpan.FromMilliseconds(50));
        Assert.NotEqual(0ul, counter.Count);
    }
}
