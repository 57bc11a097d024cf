using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet.AheadOfTime;

/// <summary>A program of each kind that this machine can load.</summary>
public static class Kinds
{
    public static readonly BpfHashMap<uint, ulong> Seen = BpfHashMap<uint, ulong>.Create("seen", 64);
    public static readonly BpfTaskStorage<long> Calls = BpfTaskStorage<long>.Create("calls");
    public static readonly uint Process = 0;

    [Tracepoint("syscalls:sys_enter_kill")]
    public static void Fields(int pid, int sig)
    {
        if (Bpf.Tgid != Process) return;
        Seen[(uint)sig] += (ulong)pid;
        Calls.GetOrAdd()++;
        Seen[103] = (ulong)Calls.GetOrAdd();
    }

    // Fields of kernel types are left to whoever loads the object.
    [TypedTracepoint("sched_process_fork")]
    public static void Typed(TaskStruct parent, TaskStruct child)
    {
        // A new thread has the parent of its process.
        if ((uint)parent.Tgid == Process && child.Tgid != parent.Tgid) Seen[100] = (ulong)(uint)child.RealParent.Tgid;
    }

    [RawTracepoint("sched_process_exit")]
    public static void Raw()
    {
        if (Bpf.Tgid == Process) Seen[101]++;
    }

    [Uprobe("libc.so.6", "getaddrinfo")]
    public static void Probe() => Seen[102]++;

    [SyscallProgram]
    public static int Run() => 7;

    // What the functions of the kernel take and give is left to whoever loads the object too.
    [SyscallProgram]
    public static int Ask()
    {
        var task = BpfTask.FromPid((int)Process);
        if (task is null) return -1;
        int group = task.Tgid;
        task.Release();
        int sum = 0;
        foreach (int i in BpfIterator.Numbers(0, 5)) sum += i;
        return group == (int)Process ? sum : -2;
    }

    [Tc]
    public static TcAction Traffic(SkbContext packet) => packet.Length > 1000 ? TcAction.Shot : TcAction.Ok;

    [CgroupEgress]
    public static CgroupVerdict Egress(SkbContext packet) => CgroupVerdict.Allow;

    [SkLookup]
    public static SkAction Lookup(SkLookupContext lookup) => SkAction.Pass;
}
