using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Compiler.Diagnostics;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Schedulers (sched_ext) that are C# classes, with this machine's own threads.</summary>
public partial class SchedulerTests
{
    private const string Folder = "/sys/kernel/sched_ext";

    private static string State => File.ReadAllText($"{Folder}/state").Trim();

    [KernelFact(Needs.Schedulers)]
    public void A_class_schedules_the_machine()
    {
        using var counts = BpfArray<ulong>.Create("counts", 4);
        using BpfSession session = new();
        Assert.Equal("disabled", State);
        AttachedScheduler scheduler;
        using (scheduler = session.AttachScheduler(new Fifo(counts)))
        {
            Assert.Equal(("enabled", "fifo"), (State, File.ReadAllText($"{Folder}/root/ops").Trim()));
            Assert.Equal("fifo", scheduler.Name);
            ulong before = counts[0];
            // More threads than CPUs: one that finds an idle CPU is not enqueued.
            Assert.True(TestThread.Eventually(() =>
            {
                Parallel.For(0, 2 * Environment.ProcessorCount, _ => TestThread.Burn(TimeSpan.FromMilliseconds(30)));
                return counts[0] > before + 20;
            }), $"{counts[0]} threads were enqueued, {before} before");
            Assert.True(counts[1] > 0, "nothing was dispatched");
            Assert.True(counts[2] > 0 && counts[3] > 0, $"{counts[2]} began to run, {counts[3]} stopped");
            Assert.Null(scheduler.End);
        }
        Assert.True(TestThread.Eventually(() => State == "disabled"));
        Assert.Equal(SchedulerEndKind.Detached, scheduler.End!.Kind);
        Assert.False(scheduler.End.IsError);
    }

    // sample: fifo
    [StructOps("sched_ext_ops")]
    public sealed class Fifo(BpfArray<ulong> counts)
    {
        private const ulong Shared = 0;

        public string Name => "fifo";

        public uint TimeoutMs => 30_000;

        [Sleepable]
        public int Init() => BpfScheduler.CreateQueue(Shared);

        public void Enqueue(ScheduledTask task, EnqueueFlags flags)
        {
            counts[0]++;
            task.Insert(Shared, BpfScheduler.DefaultSlice, flags);
        }

        public void Dispatch(int cpu, ScheduledTask? previous)
        {
            if (BpfScheduler.MoveToLocal(Shared)) counts[1]++;
        }

        public void Running(ScheduledTask task) => counts[2]++;

        public void Stopping(ScheduledTask task, bool runnable) => counts[3]++;
    }
    // end

    [KernelFact(Needs.Schedulers)]
    public void The_sample_schedules_the_machine()
    {
        string samples = Path.GetFullPath(Path.Combine(SourceFolder(), "../../../artifacts/bin/Hornet.Samples/release"));
        Assert.SkipUnless(File.Exists($"{samples}/samples.fair.dll"), "the samples are not built");
        using var sample = Process.Start(new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", "exec", "--runtimeconfig", $"{samples}/Hornet.Samples.runtimeconfig.json", $"{samples}/samples.fair.dll"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            Assert.Equal("hornet_fair schedules all ordinary threads; Ctrl-C ends", sample.StandardOutput.ReadLine());
            Assert.Equal(("enabled", "hornet_fair"), (State, File.ReadAllText($"{Folder}/root/ops").Trim()));
            for (int i = 0; i < 5; i++) Parallel.For(0, 2 * Environment.ProcessorCount, _ => TestThread.Burn(TimeSpan.FromMilliseconds(30)));
            // It hears signals: SIGHUP is what nothing else in .NET takes.
            Assert.True(TestThread.Eventually(() => (Convert.ToUInt64(File.ReadLines($"/proc/{sample.Id}/status").First(line => line.StartsWith("SigCgt:", StringComparison.Ordinal))[7..].Trim(), 16) & 1) != 0));
            Assert.Equal(0, SendSignal(sample.Id, 2));
            Assert.True(sample.WaitForExit(TestThread.Patience));
            Assert.Matches(@"^[1-9]\d* times a thread waited for a CPU\n$", sample.StandardOutput.ReadToEnd());
            Assert.Equal("", sample.StandardError.ReadToEnd());
            Assert.Equal("disabled", State);
        }
        finally
        {
            if (!sample.HasExited) sample.Kill();
        }
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    [KernelFact(Needs.Schedulers)]
    public void Only_threads_that_ask_for_it_are_scheduled_where_it_says_so()
    {
        using var ran = BpfHashMap<int, ulong>.Create("ran", 1024);
        using var clock = BpfGlobal<ulong>.Create("clock");
        using BpfSession session = new();
        using var scheduler = session.AttachScheduler(new Fair(ran, clock));
        int mine = 0, other = 0;
        InThread(() =>
        {
            other = GetThreadId();
            TestThread.Burn(TimeSpan.FromMilliseconds(20));
        });
        InThread(() =>
        {
            mine = GetThreadId();
            Choose(SchedExt);
            TestThread.Burn(TimeSpan.FromMilliseconds(60));
        });
        Assert.Null(scheduler.End);
        Assert.False(ran.TryGetValue(other, out _));
        Assert.True(ran.TryGetValue(mine, out ulong nanoseconds));
        Assert.InRange(nanoseconds, 10_000_000ul, 60_000_000_000ul);
    }

    [StructOps("sched_ext_ops")]
    private sealed class Fair(BpfHashMap<int, ulong> ran, BpfGlobal<ulong> clock)
    {
        private const ulong Shared = 7, Slice = BpfScheduler.DefaultSlice / 4;

        public string Name => "hornet_fair";

        public SchedulerFlags Flags => SchedulerFlags.SwitchPartial | SchedulerFlags.EnqueueLast;

        [Sleepable]
        public int Init() => BpfScheduler.CreateQueue(Shared);

        public int SelectCpu(ScheduledTask task, int previous, ulong flags)
        {
            int cpu = task.SelectCpu(previous, flags, out bool isIdle);
            if (isIdle) task.Insert(SchedulerQueue.Local, Slice);
            return cpu;
        }

        public void Enqueue(ScheduledTask task, EnqueueFlags flags)
        {
            ref ulong used = ref ran.GetOrAdd(task.Pid);
            if (Unsafe.IsNullRef(ref used)) task.Insert(SchedulerQueue.Global, Slice, flags);
            else task.InsertByTime(Shared, Slice, used, flags);
        }

        public void Dispatch(int cpu, ScheduledTask? previous) => BpfScheduler.MoveToLocal(Shared);

        public void Running(ScheduledTask task) => clock.Value = BpfScheduler.Now();

        public void Stopping(ScheduledTask task, bool runnable)
        {
            ref ulong used = ref ran.GetOrAdd(task.Pid);
            if (!Unsafe.IsNullRef(ref used)) used += (Slice - Math.Min(Slice, task.Slice)) * 100 / task.Weight;
        }
    }

    [KernelFact(Needs.Schedulers)]
    public void Processors_are_chosen_and_asked()
    {
        using var seen = BpfArray<long>.Create("seen", 12);
        using BpfSession session = new();
        using var scheduler = session.AttachScheduler(new Choosing(seen));
        InThread(() =>
        {
            Choose(SchedExt);
            for (int i = 0; i < 20; i++)
            {
                Thread.Sleep(1);
                TestThread.Burn(TimeSpan.FromMilliseconds(1));
            }
        });
        Assert.Null(scheduler.End);
        Assert.Equal(Environment.ProcessorCount, seen[0]);
        Assert.InRange(seen[1], 1, 1024);
        Assert.InRange(seen[2], 0, 1024);
        Assert.InRange(seen[3], Environment.ProcessorCount, 4096);
        Assert.Equal((1L, 1L), (seen[4], seen[5]));
        // One whose time is over is still the one that runs.
        Assert.InRange(seen[6], 1, 2);
        Assert.True(seen[7] > 0, "enqueue never ran");
        Assert.InRange(seen[8], 0, 1000);
    }

    [StructOps("sched_ext_ops")]
    private sealed class Choosing(BpfArray<long> seen)
    {
        private const ulong Shared = 3;

        public string Name => "hornet_choosing";

        public SchedulerFlags Flags => SchedulerFlags.SwitchPartial;

        [Sleepable]
        public int Init()
        {
            int error = BpfScheduler.CreateQueue(Shared);
            if (error != 0) return error;
            if (BpfScheduler.CreateQueue(4) == 0) BpfScheduler.DestroyQueue(4);
            var possible = BpfScheduler.GetPossibleCpus();
            seen[3] = possible.Count();
            possible.Release();
            var online = BpfScheduler.GetOnlineCpus();
            seen[0] = online.Count();
            online.Release();
            seen[1] = BpfScheduler.GetCapacity(0);
            seen[2] = BpfScheduler.GetSpeed(0);
            return 0;
        }

        public int SelectCpu(ScheduledTask task, int previous, ulong flags)
        {
            int idle = task.SelectIdleCpu(previous, flags, task.AllowedCpus);
            if (idle < 0) idle = BpfScheduler.PickIdleCpu(task.AllowedCpus);
            if (idle < 0) idle = BpfScheduler.PickAnyCpu(task.AllowedCpus);
            return idle < 0 ? previous : idle;
        }

        public void Enqueue(ScheduledTask task, EnqueueFlags flags)
        {
            seen[7]++;
            seen[4] = (uint)task.GetCpu() < BpfScheduler.CountCpuIds() ? 1 : 0;
            seen[5] = BpfScheduler.Now() > 0 ? 1 : 0;
            seen[6] = task.IsRunning() ? 2 : 1;
            var group = task.GetSchedulingGroup();
            group.Release();
            if (BpfScheduler.TryClaimIdle(task.GetCpu())) task.Insert(SchedulerQueue.LocalOn(task.GetCpu()), BpfScheduler.DefaultSlice, flags);
            else task.Insert(Shared, BpfScheduler.DefaultSlice, flags);
        }

        public void Dispatch(int cpu, ScheduledTask? previous)
        {
            seen[8] = BpfScheduler.CountQueued(Shared);
            if (BpfScheduler.CountDispatchSlots() > 0) BpfScheduler.MoveToLocal(Shared);
            BpfScheduler.SetSpeed(cpu, 1024);
        }
    }

    // Debian's 7.2 describes these functions so that no program can call them.
    [KernelFact(Needs.Schedulers)]
    public void What_a_kernel_has_and_cannot_call_is_told_before_anything_is_loaded()
    {
        using BpfSession session = new();
        foreach (object implementation in new object[] { new Kicking(), new Peeking(), new Slicing() })
        {
            try
            {
                using var scheduler = session.AttachScheduler(implementation);
                InThread(() =>
                {
                    Choose(SchedExt);
                    for (int i = 0; i < 5; i++) Thread.Sleep(1);
                });
                Assert.Null(scheduler.End);
            }
            catch (CompilationException e)
            {
                Assert.All(e.Diagnostics, diagnostic => Assert.Matches(@"^HRN2203 sched_ext_ops\.\w+ cannot call scx_bpf_(kick_cpu|get_idle_\w+mask|task_set_\w+)$", $"{diagnostic.Id} {diagnostic.Message}"));
            }
        }
        try
        {
            using var scheduler = session.AttachScheduler(new Ending());
            InThread(() => Choose(SchedExt));
            Assert.True(TestThread.Eventually(() => scheduler.End is not null));
            Assert.Equal("The scheduler ended itself with code 5: enough 3", scheduler.End!.ToString());
        }
        catch (CompilationException e)
        {
            Assert.Equal("HRN2203 sched_ext_ops.enqueue cannot call scx_bpf_exit_bstr", RefusalOf(() => throw e));
        }
    }

    [StructOps("sched_ext_ops")]
    private sealed class Kicking
    {
        public string Name => "hornet_kicking";

        public SchedulerFlags Flags => SchedulerFlags.SwitchPartial;

        // Also who wakes up beside an idle CPU goes through enqueue.
        public int SelectCpu(ScheduledTask task, int previous, ulong flags) => previous;

        public void Enqueue(ScheduledTask task, EnqueueFlags flags)
        {
            task.Insert(SchedulerQueue.Global, BpfScheduler.DefaultSlice, flags);
            BpfScheduler.Kick(task.GetCpu(), KickFlags.Idle);
        }
    }

    [StructOps("sched_ext_ops")]
    private sealed class Ending
    {
        public string Name => "hornet_ending";

        public SchedulerFlags Flags => SchedulerFlags.SwitchPartial;

        // Also who wakes up beside an idle CPU goes through enqueue.
        public int SelectCpu(ScheduledTask task, int previous, ulong flags) => previous;

        public void Enqueue(ScheduledTask task, EnqueueFlags flags) => BpfScheduler.Exit(5, "enough %llu"u8, 3);
    }

    [StructOps("sched_ext_ops")]
    private sealed class Peeking
    {
        public string Name => "hornet_peeking";

        public SchedulerFlags Flags => SchedulerFlags.SwitchPartial;

        // Also who wakes up beside an idle CPU goes through enqueue.
        public int SelectCpu(ScheduledTask task, int previous, ulong flags) => previous;

        public void Enqueue(ScheduledTask task, EnqueueFlags flags)
        {
            var idle = BpfScheduler.GetIdleCpus();
            var cores = BpfScheduler.GetIdleCores();
            bool any = !idle.IsEmpty() || !cores.IsEmpty();
            idle.Release();
            cores.Release();
            var current = BpfScheduler.GetCurrent(0);
            task.Insert(any && current is not null && current.Pid != 0 ? SchedulerQueue.Local : SchedulerQueue.Global, BpfScheduler.DefaultSlice, flags);
        }
    }

    [StructOps("sched_ext_ops")]
    private sealed class Slicing
    {
        public string Name => "hornet_slicing";

        public SchedulerFlags Flags => SchedulerFlags.SwitchPartial;

        public void Running(ScheduledTask task)
        {
            if (task.SetSlice(1_000_000)) task.SetVirtualTime(task.VirtualTime + 1);
        }
    }

    [KernelFact(Needs.Schedulers)]
    public void An_error_that_it_reports_is_told()
    {
        using var fails = BpfGlobal<byte>.Create("fails");
        using BpfSession session = new();
        using var scheduler = session.AttachScheduler(new Failing(fails));
        Assert.Null(scheduler.End);
        fails.Value = 1;
        InThread(() =>
        {
            Choose(SchedExt);
            Thread.Sleep(1);
        });
        Assert.True(TestThread.Eventually(() => scheduler.End is not null));
        Assert.Equal((SchedulerEndKind.Failed, true), (scheduler.End!.Kind, scheduler.End.IsError));
        Assert.Equal("no place for weight 100", scheduler.End.Message);
        Assert.Equal("The scheduler reported an error: no place for weight 100", scheduler.End.ToString());
        Assert.True(TestThread.Eventually(() => State == "disabled"));
        // The next one is not disturbed.
        fails.Value = 0;
        using var again = session.AttachScheduler(new Failing(fails));
        Assert.Equal("enabled", State);
    }

    [StructOps("sched_ext_ops")]
    private sealed class Failing(BpfGlobal<byte> fails)
    {
        public string Name => "hornet_failing";

        public SchedulerFlags Flags => SchedulerFlags.SwitchPartial;

        // Also who wakes up beside an idle CPU goes through enqueue.
        public int SelectCpu(ScheduledTask task, int previous, ulong flags) => previous;

        public void Enqueue(ScheduledTask task, EnqueueFlags flags)
        {
            if (fails.Value != 0) BpfScheduler.Fail("no place for weight %llu"u8, task.Weight);
            task.Insert(SchedulerQueue.Global, BpfScheduler.DefaultSlice, flags);
        }
    }

    [KernelFact(Needs.Schedulers)]
    public void A_thread_that_never_runs_is_told()
    {
        using var forgotten = BpfGlobal<ulong>.Create("forgotten");
        using BpfSession session = new();
        using var scheduler = session.AttachScheduler(new Forgetful(forgotten));
        InThread(() =>
        {
            Choose(SchedExt);
            Thread.Sleep(1);
        });
        Assert.True(TestThread.Eventually(() => scheduler.End is not null));
        Assert.Equal(SchedulerEndKind.Stall, scheduler.End!.Kind);
        Assert.StartsWith("The kernel ended the scheduler: a thread that could run did not for longer than timeout_ms. Is everything that is enqueued dispatched? ", scheduler.End.ToString(), StringComparison.Ordinal);
        Assert.Contains("failed to run for", scheduler.End.Message, StringComparison.Ordinal);
        Assert.InRange(forgotten.Value, 1ul, 100_000ul);
    }

    [StructOps("sched_ext_ops")]
    private sealed class Forgetful(BpfGlobal<ulong> forgotten)
    {
        public string Name => "hornet_forgetful";

        public SchedulerFlags Flags => SchedulerFlags.SwitchPartial;

        public uint TimeoutMs => 1000;

        // Also who wakes up beside an idle CPU goes through enqueue.
        public int SelectCpu(ScheduledTask task, int previous, ulong flags) => previous;

        public void Enqueue(ScheduledTask task, EnqueueFlags flags) => forgotten.Value++;
    }

    [KernelFact(Needs.Schedulers)]
    public void What_cannot_be_put_in_use_is_told()
    {
        using var fails = BpfGlobal<byte>.Create("fails");
        using BpfSession session = new();
        Assert.Equal("The scheduler 'hornet_refused' could not be put in use. The kernel ended the scheduler for a mistake: ops.init() failed (-22)",
            Assert.Throws<BpfException>(() => session.AttachScheduler(new Refused())).Message);
        Assert.Contains("implements tcp_congestion_ops, and a scheduler is sched_ext_ops: use AttachStructOps", Assert.Throws<ArgumentException>(() => session.AttachScheduler(new Tcp())).Message, StringComparison.Ordinal);
        Assert.Equal("Nameless has no name: schedulers have one, as in public string Name => \"mine\".", Assert.Throws<BpfException>(() => session.AttachScheduler(new Nameless())).Message);
        Assert.Equal("HRN2203 sched_ext_ops.init can call scx_bpf_create_dsq only when it may sleep: mark the method with [Sleepable]", RefusalOf(() => session.AttachScheduler(new Awake())));
        Assert.Equal("HRN2203 sched_ext_ops.enqueue cannot call scx_bpf_dsq_move_to_local", RefusalOf(() => session.AttachScheduler(new Misplaced())));
        Assert.Equal("disabled", State);
        using var first = session.AttachScheduler(new Failing(fails));
        Assert.Equal("The scheduler 'fifo' cannot be put in use: 'hornet_failing' is, and there is one at a time.",
            Assert.Throws<BpfException>(() => session.AttachScheduler(new Second())).Message);
    }

    private static string RefusalOf(Action load) => Assert.Single(Assert.Throws<CompilationException>(load).Diagnostics.Select(diagnostic => $"{diagnostic.Id} {diagnostic.Message}"));

    [StructOps("sched_ext_ops")]
    private sealed class Refused
    {
        public string Name => "hornet_refused";

        public SchedulerFlags Flags => SchedulerFlags.SwitchPartial;

        [Sleepable]
        public int Init() => -22;
    }

    [StructOps("sched_ext_ops")]
    private sealed class Second
    {
        public string Name => "fifo";

        public int Init() => 0;
    }

    [StructOps("sched_ext_ops")]
    private sealed class Nameless
    {
        public int Init() => 0;
    }

    [StructOps("sched_ext_ops")]
    private sealed class Awake
    {
        public string Name => "hornet_awake";

        public int Init() => BpfScheduler.CreateQueue(1);
    }

    [StructOps("sched_ext_ops")]
    private sealed class Misplaced
    {
        public string Name => "hornet_misplaced";

        public void Enqueue(ScheduledTask task, EnqueueFlags flags) => BpfScheduler.MoveToLocal(1);
    }

    [StructOps("tcp_congestion_ops")]
    private sealed class Tcp
    {
        public uint Ssthresh(Sock sk) => 10;
    }

    private const int SchedExt = 7;

    private static void InThread(Action action)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }

    private static unsafe void Choose(int policy)
    {
        // Threads that the runtime makes meanwhile do not inherit it.
        const int ResetOnFork = 0x4000_0000;
        int priority = 0;
        Assert.True(SetScheduler(0, policy | ResetOnFork, &priority) == 0, $"sched_setscheduler: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static unsafe partial int SetScheduler(int thread, int policy, int* parameters);
}
