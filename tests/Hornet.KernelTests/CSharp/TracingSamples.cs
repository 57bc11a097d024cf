using System.Runtime.InteropServices;
using Hornet.KernelTests.Links;
using Hornet.KernelTypes;
using Hornet.Links;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

// sample: view
[KernelType("task_struct")]
public interface AccountedTask : TaskStruct
{
    [KernelField("se.sum_exec_runtime")]
    ulong CpuTimeNs { get; }

    [KernelField("mm.exe_file.f_path.dentry.d_name.name")]
    KernelString ExecutableName { get; }

    bool IsMainThread => Pid == Tgid;
}
// end

// sample: record
public readonly record struct Opened(int Dfd, UserString Filename, int Flags);
// end

// sample: row
public struct ThreadRow
{
    public int Pid;
    public int Tgid;
    public TaskName Name;
}
// end

// sample: function
public static class Tasks
{
    [KernelFunction("bpf_task_from_pid")]
    public static TaskStruct? Find(int pid) => throw new NotSupportedException();

    [KernelFunction("bpf_task_release")]
    public static void Release(TaskStruct task) => throw new NotSupportedException();
}
// end

/// <summary>The samples of docs/csharp-tracing.md, word for word, at events that the tests cause.</summary>
public partial class TracingSamples
{
    [KernelFact(Needs.VmlinuxBtf)]
    public void View()
    {
        using BpfSession session = new();
        using var cpuTime = BpfHashMap<int, ulong>.Create("cpu_time", 10_240);
        // sample:
        session.AttachTracepoint("syscalls:sys_enter_getsid", () =>
        {
            var task = (AccountedTask)Bpf.CurrentTask;
            if (task.RealParent.Tgid > 0 && !task.ExecutableName.SequenceEqual("sleep"u8))
                cpuTime[task.Tgid] = task.CpuTimeNs;
        });
        // end
        Provoke.GetSid(1);
        Assert.NotEqual(0ul, cpuTime[Environment.ProcessId]);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void Missing()
    {
        using BpfSession session = new();
        using var states = BpfHashMap<int, ulong>.Create("states", 16);
        // sample:
        session.AttachTracepoint("syscalls:sys_enter_getsid", () =>
        {
            var task = Bpf.CurrentTask;
            if (Bpf.Exists<TaskStruct>(nameof(TaskStruct.ExitCode))) states[task.Tgid] = (ulong)task.ExitCode + 1;
        });
        // end
        Provoke.GetSid(1);
        Assert.Equal(1ul, states[Environment.ProcessId]);
    }

    [KernelFact]
    public void Tracepoint()
    {
        using BpfSession session = new();
        using var executed = BpfHashMap<int, ulong>.Create("executed", 1024);
        // sample:
        session.AttachTracepoint((in SchedProcessExec e) =>
        {
            if (e.Filename.StartsWith("/bin/"u8)) executed[e.Pid]++;
        });
        // end
        int pid;
        using (var process = System.Diagnostics.Process.Start("/bin/true"))
        {
            pid = process.Id;
            process.WaitForExit();
        }
        Assert.Equal(1ul, executed[pid]);
    }

    [KernelFact]
    public void Record()
    {
        using BpfSession session = new();
        using var opens = BpfHashMap<int, ulong>.Create("opens", 1024);
        // sample:
        session.AttachTracepoint("syscalls:sys_enter_openat", (in Opened open) =>
        {
            if (open.Filename.SequenceEqual("/dev/null"u8)) opens[(int)Bpf.Tgid]++;
        });
        // end
        File.OpenRead("/dev/null").Dispose();
        Assert.NotEqual(0ul, opens[Environment.ProcessId]);
    }

    [KernelFact(Needs.TpBtf)]
    public void Switches()
    {
        using BpfSession session = new();
        using var switches = BpfHashMap<int, ulong>.Create("switches", 10_240);
        // sample:
        session.AttachBtfTracepoint("sched_switch", (TaskStruct prev, TaskStruct next) =>
        {
            if (prev.Tgid != next.Tgid) switches[next.Tgid]++;
        });
        // end
        Assert.True(TestThread.Eventually(() =>
        {
            Thread.Sleep(1);
            return switches.TryGetValue(Environment.ProcessId, out ulong times) && times > 0;
        }));
    }

    [KernelFact(Needs.Fentry)]
    public void Functions()
    {
        using BpfSession session = new();
        using var bytes = BpfHashMap<uint, ulong>.Create("bytes", 10_240);
        // sample:
        session.AttachFexit("vfs_read", (KernelFile file, long result) =>
        {
            if (result > 0 && file.Name.SequenceEqual("urandom"u8)) bytes[Bpf.Tgid] += (ulong)result;
        });
        // end
        using (var random = File.OpenRead("/dev/urandom")) random.ReadExactly(new byte[100]);
        Assert.InRange(bytes[(uint)Environment.ProcessId], 100ul, 1_000_000ul);
    }

    [KernelFact(Needs.Kprobes)]
    public void Kprobe()
    {
        using BpfSession session = new();
        using var bytes = BpfHashMap<uint, ulong>.Create("bytes", 10_240);
        // sample:
        session.AttachKprobe("vfs_read", (KernelFile file, UserPtr<byte> buf, ulong count) =>
        {
            if (file.Name.SequenceEqual("urandom"u8)) bytes[Bpf.Tgid] += count;
        });
        // end
        using (var random = File.OpenRead("/dev/urandom")) random.ReadExactly(new byte[100]);
        Assert.NotEqual(0ul, bytes[(uint)Environment.ProcessId]);
    }

    [KernelFact(Needs.Lsm)]
    public void Forbid()
    {
        using BpfSession session = new();
        uint me = (uint)Environment.ProcessId;
        // sample:
        const int Denied = -13;
        session.AttachLsm("task_getsid", (TaskStruct p) => Bpf.Tgid == me && p.Tgid == (int)me ? Denied : 0);
        // end
        Assert.Equal(13, Provoke.GetOwnSidChecked());
    }

    [LibraryImport("libc.so.6", EntryPoint = "atoi", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Atoi(string text);

    [KernelFact(Needs.Uprobes)]
    public void Library()
    {
        using BpfSession session = new();
        using var calls = BpfHashMap<int, ulong>.Create("calls", 16);
        // sample:
        session.AttachUprobe("libc.so.6", "atoi", (UserString text) =>
        {
            if (text.SequenceEqual("31337"u8)) calls[0]++;
        });
        session.AttachUretprobe("libc.so.6", "atoi", (int result) =>
        {
            if (result == 31337) calls[1]++;
        });
        // end
        Assert.Equal(31337, Atoi("31337"));
        Assert.Equal((1ul, 1ul), (calls[0], calls[1]));
    }

    [KernelFact]
    public void Profile()
    {
        using BpfSession session = new();
        using var stacks = BpfStackTraceMap.Create("stacks", 10_240);
        using var samples = BpfHashMap<int, ulong>.Create("samples", 10_240);
        // sample:
        session.AttachPerfEvent(PerfEventSource.Software(SoftwareEvent.CpuClock), () =>
        {
            int stack = stacks.Capture(StackFlags.User);
            if (stack >= 0) samples[stack]++;
        }, new PerfEventOptions { Frequency = 99 });
        // end
        Assert.True(TestThread.Eventually(() =>
        {
            TestThread.Burn(TimeSpan.FromMilliseconds(20));
            return samples.Any();
        }));
    }

    [KernelFact(Needs.Iterators)]
    public void Iterate()
    {
        using BpfSession session = new();
        // sample:
        using var threads = session.AttachIterator("task", (TaskStruct task) =>
        {
            ThreadRow row = new() { Pid = task.Pid, Tgid = task.Tgid };
            task.Comm.CopyTo(row.Name);
            Bpf.SeqWrite(in row);
        });
        using MemoryStream bytes = new();
        using (var reader = threads.OpenRead()) reader.CopyTo(bytes);
        var rows = MemoryMarshal.Cast<byte, ThreadRow>(bytes.ToArray());
        // end
        Assert.Contains(rows.ToArray(), row => row.Pid == Environment.ProcessId);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void Ask()
    {
        using BpfSession session = new();
        // sample:
        var parentOf = session.LoadSyscall((ref int pid) =>
        {
            var task = Tasks.Find(pid);
            if (task is null) return -3;
            pid = task.RealParent.Tgid;
            Tasks.Release(task);
            return 0;
        });
        int answer = Environment.ProcessId;
        int error = parentOf.Run(ref answer);
        // end
        Assert.Equal(0, error);
        Assert.NotEqual(Environment.ProcessId, answer);
    }
}
