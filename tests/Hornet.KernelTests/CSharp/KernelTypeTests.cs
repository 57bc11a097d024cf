using Hornet.Compiler.Diagnostics;
using Hornet.KernelTests.Links;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Fields of kernel types by name, at events the test causes.</summary>
public partial class KernelTypeTests
{
    private const string GetSid = "syscalls:sys_enter_getsid";

    private static readonly uint s_me = (uint)Environment.ProcessId;

    /// <summary>What the shipped view does not have.</summary>
    [KernelType("task_struct")]
    public interface MyTask : TaskStruct
    {
        [KernelField("real_parent.tgid")]
        int ParentTgid { get; }

        [KernelField("group_leader.comm")]
        KernelString LeaderName { get; }

        [KernelField("no_such_field", "tgid")]
        long WiderTgid { get; }

        SchedEntity Se { get; }

        [KernelField("mm.exe_file.f_inode.i_ino")]
        ulong ExecutableInode { get; }

        [KernelField("signal.rlim[7].rlim_cur")]
        ulong OpenFileLimit { get; }

        [KernelField("sched_reset_on_fork")]
        bool ResetsOnFork { get; }

        [KernelField("sched_reset_on_fork")]
        long ResetsOnForkAsNumber { get; }

        [KernelField("comm[0]")]
        byte FirstLetter { get; }

        [KernelField("comm")]
        KernelPtr<byte> Letters { get; }

        [KernelField("mm.exe_file.f_inode.i_nlink")]
        uint ExecutableLinks { get; }

        [KernelField("start_time")]
        int TooNarrow { get; }

        [KernelField("mm")]
        Cred NotACred { get; }

        [KernelField("se")]
        int NoNumber { get; }

        int Missing { get; }

        bool IsLeader => Pid == Tgid;
    }

    [KernelType("sched_entity")]
    public interface SchedEntity
    {
        [KernelField("sum_exec_runtime")]
        ulong Runtime { get; }
    }

    private static ulong[] Run(Action<BpfSession, BpfArray<ulong>> attach)
    {
        using var results = BpfArray<ulong>.Create("results", 16);
        using BpfSession session = new();
        attach(session, results);
        Provoke.GetSid(1);
        return results.ToArray();
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void The_current_task_and_its_relatives_are_read_by_name()
    {
        uint me = s_me;
        var found = Run((session, results) => session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            var task = Bpf.CurrentTask;
            results[0] = (ulong)task.Pid;
            results[1] = (ulong)task.Tgid;
            results[2] = (ulong)task.RealParent.Tgid;
            results[3] = (ulong)task.GroupLeader.Pid;
            var mine = (MyTask)task;
            results[4] = (ulong)mine.ParentTgid;
            results[5] = (ulong)mine.WiderTgid;
            results[6] = mine.Se.Runtime;
            results[7] = task.Cred.Euid;
            results[8] = task.Mm is null ? 1ul : 2;
            results[9] = mine.ExecutableInode;
            results[10] = mine.IsLeader == (task.Pid == task.Tgid) ? 1ul : 0;
            results[11] = task == task.GroupLeader ? 1ul : 2;
        }));
        ulong parent = ulong.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("PPid:", StringComparison.Ordinal)).AsSpan(5).Trim());
        Assert.Equal([(ulong)Provoke.ThreadId, me, parent, me, parent, me], found[..6]);
        Assert.InRange(found[6], 1ul, ulong.MaxValue / 2);
        Assert.Equal([0ul, 2ul], found[7..9]);
        Assert.NotEqual(0ul, found[9]);
        Assert.Equal(1ul, found[10]);
        Assert.Equal(Provoke.ThreadId == Environment.ProcessId ? 1ul : 2, found[11]);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void A_chain_is_walked_in_a_loop_and_by_address()
    {
        uint me = s_me;
        var found = Run((session, results) => session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            TaskStruct? task = Bpf.CurrentTask;
            ulong steps = 0;
            for (int i = 0; i < 32 && task is not null && task.Tgid > 1; i++)
            {
                task = task.RealParent;
                steps++;
            }
            results[0] = steps;
            results[1] = task is null ? 99 : (ulong)task.Tgid;
            var again = Bpf.At<TaskStruct>(Bpf.AddressOf(Bpf.CurrentTask));
            results[2] = (ulong)again.Tgid;
            results[3] = (ulong)again.RealParent.Tgid;
        }));
        int expected = 0;
        for (int pid = Environment.ProcessId; pid > 1; expected++)
            pid = int.Parse(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("PPid:", StringComparison.Ordinal)).AsSpan(5).Trim());
        Assert.Equal((ulong)expected, found[0]);
        Assert.InRange(found[1], 0ul, 1ul);
        Assert.Equal((ulong)me, found[2]);
        Assert.NotEqual(0ul, found[3]);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void Text_is_copied_and_compared()
    {
        uint me = s_me;
        using var names = BpfHashMap<uint, TaskName>.Create("names", 4);
        byte[] expected = System.Text.Encoding.UTF8.GetBytes(File.ReadAllText("/proc/self/comm").TrimEnd());
        byte[] shorter = expected[..^1], longer = [.. expected, (byte)'x'];
        var found = Run((session, results) => session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            var name = ((MyTask)Bpf.CurrentTask).LeaderName;
            TaskName copy = default;
            results[0] = (ulong)name.CopyTo(copy);
            names[0] = copy;
            results[1] = name.SequenceEqual(expected) ? 1ul : 2;
            results[2] = name.SequenceEqual(shorter) ? 1ul : 2;
            results[3] = name.SequenceEqual(longer) ? 1ul : 2;
            results[4] = name.StartsWith(shorter) ? 1ul : 2;
            results[5] = name.StartsWith(longer) ? 1ul : 2;
            results[6] = new KernelString(16).CopyTo(copy) < 0 ? 1ul : 2;
            results[7] = new KernelPtr<long>(16).Value == 0 ? 1ul : 2;
            results[8] = new KernelPtr<long>(16).TryRead(out long nothing) ? 1ul : 2 + (ulong)nothing;
        }));
        Assert.Equal([(ulong)expected.Length, 1, 2, 2, 1, 2, 1, 1, 2], found[..9]);
        Assert.Equal(System.Text.Encoding.UTF8.GetString(expected), names[0].ToString());
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void What_a_kernel_has_is_known_when_the_code_is_compiled()
    {
        uint me = s_me;
        var found = Run((session, results) => session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            results[0] = Bpf.Exists<TaskStruct>() ? 1ul : 2;
            results[1] = Bpf.Exists<TaskStruct>(nameof(TaskStruct.Comm)) ? 1ul : 2;
            results[2] = 2;
            if (Bpf.Exists<MyTask>(nameof(MyTask.Missing))) results[2] = (ulong)((MyTask)Bpf.CurrentTask).Missing;
            results[3] = (ulong)Bpf.SizeOf<TaskStruct>();
        }));
        Assert.Equal([1ul, 1ul, 2ul], found[..3]);
        Assert.InRange(found[3], 1000ul, 100_000ul);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void A_missing_field_is_told_at_its_line()
    {
        using BpfSession session = new();
        using var results = BpfArray<ulong>.Create("results", 1);
        var error = Assert.Throws<CompilationException>(() => session.AttachTracepoint(GetSid, () =>
            results[0] = (ulong)((MyTask)Bpf.CurrentTask).Missing));
        var finding = Assert.Single(error.Diagnostics);
        Assert.Equal("HRN3014", finding.Id);
        Assert.Contains("task_struct has no member 'missing' in this kernel", finding.Message, StringComparison.Ordinal);
        Assert.EndsWith("KernelTypeTests.cs", finding.Location!.File, StringComparison.Ordinal);
    }

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int pid, int policy, in int priority);

    [KernelFact(Needs.VmlinuxBtf)]
    public void Bitfields_elements_and_anonymous_members_are_fields_too()
    {
        uint me = s_me;
        const int ResetOnFork = 0x40000000;
        ulong[] on, off;
        Assert.Equal(0, SetScheduler(0, ResetOnFork, 0));
        try
        {
            on = Read();
        }
        finally
        {
            Assert.Equal(0, SetScheduler(0, 0, 0));
        }
        off = Read();
        Assert.Equal([1ul, 1ul, 1ul], on[..3]);
        Assert.Equal([0ul, 0ul, 0ul], off[..3]);
        string limit = File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal))["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        byte[] name = System.Text.Encoding.UTF8.GetBytes(File.ReadAllText($"/proc/self/task/{Provoke.ThreadId}/comm"));
        Assert.Equal([ulong.Parse(limit), name[0], name[1], 1], on[3..7]);

        ulong[] Read() => Run((session, results) => session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            var task = (MyTask)Bpf.CurrentTask;
            results[0] = task.ResetsOnFork ? 1ul : 0;
            results[1] = (ulong)task.ResetsOnForkAsNumber;
            results[2] = Bpf.At<MyTask>(Bpf.AddressOf(task)).ResetsOnFork ? 1ul : 0;
            results[3] = task.OpenFileLimit;
            results[4] = task.FirstLetter;
            results[5] = task.Letters[1];
            results[6] = task.ExecutableLinks >= 1 ? 1ul : 0;
        }));
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void A_field_of_another_kind_is_told_with_both_sides()
    {
        using BpfSession session = new();
        using var results = BpfArray<ulong>.Create("results", 1);
        var findings = Assert.Throws<CompilationException>(() => session.AttachTracepoint(GetSid, () =>
        {
            var task = (MyTask)Bpf.CurrentTask;
            results[0] = (ulong)task.TooNarrow;
            results[0] = task.NotACred.Uid;
            results[0] = (ulong)task.NoNumber;
        })).Diagnostics;
        Assert.All(findings, finding => Assert.Equal("HRN3014", finding.Id));
        Assert.Equal(
        [
            "task_struct.start_time is 'u64', 64 bits wide, which do not fit into int TooNarrow",
            "task_struct.mm is 'struct mm_struct *', and Cred is a view of cred",
            "task_struct.se is 'struct sched_entity', which is no number: name a member of it, or use KernelPtr<T> for its address",
        ], findings.Select(finding => finding.Message));
    }

    [KernelFact(Needs.TpBtf)]
    public void A_btf_tracepoint_has_the_tasks_themselves()
    {
        using var seen = BpfHashMap<int, int>.Create("seen", 16);
        int thread = 0;
        using ManualResetEventSlim ready = new();
        thread = Provoke.ThreadId;
        using BpfSession session = new();
        session.AttachBtfTracepoint("sched_switch", (TaskStruct prev, TaskStruct next) =>
        {
            if (prev.Pid == thread) seen[1] = prev.Tgid;
            if (next.Pid == thread) seen[2] = next.RealParent.Tgid;
        });
        Assert.True(TestThread.Eventually(() =>
        {
            Thread.Sleep(1);
            return seen[1] != 0 && seen[2] != 0;
        }));
        Assert.Equal(Environment.ProcessId, seen[1]);
        Assert.NotEqual(0, seen[2]);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void A_raw_tracepoint_reads_by_address()
    {
        using var seen = BpfHashMap<int, int>.Create("seen", 16);
        int thread = Provoke.ThreadId;
        using BpfSession session = new();
        session.AttachRawTracepoint("sched_switch", (TaskStruct prev, TaskStruct next) =>
        {
            if (prev.Pid == thread) seen[1] = prev.Tgid;
        });
        Assert.True(TestThread.Eventually(() =>
        {
            Thread.Sleep(1);
            return seen[1] != 0;
        }));
        Assert.Equal(Environment.ProcessId, seen[1]);
    }
}
