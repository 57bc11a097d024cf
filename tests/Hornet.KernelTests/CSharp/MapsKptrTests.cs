using Hornet.Compiler.Diagnostics;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>References to kernel objects in the values of maps.</summary>
public class MapsKptrTests
{
    private struct Watched
    {
        public ulong Changes;
        public BpfKptr<TaskStruct> Task;
        public BpfKptr<OwnCpuMask> Cpus;
    }

    private struct Group
    {
        public BpfKptr<Cgroup> Reference;
    }

    private struct Ask
    {
        public int Pid, Was, Now;
        public uint Bits;
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void A_task_is_kept_looked_at_and_given_back()
    {
        using var watched = BpfHashMap<uint, Watched>.Create("watched", 8);
        using BpfSession session = new();
        var put = session.LoadSyscall((ref Ask ask) =>
        {
            ref var entry = ref watched.GetOrAdd(1u);
            var task = BpfTask.FromPid(ask.Pid);
            if (task is null) return 1;
            var before = entry.Task.Exchange(task);
            entry.Changes++;
            if (before is null) return 0;
            ask.Was = before.Pid;
            before.Release();
            return 0;
        });
        var look = session.LoadSyscall((ref Ask ask) =>
        {
            ref var entry = ref watched.GetOrAdd(1u);
            using (BpfSections.Rcu())
            {
                var task = entry.Task.Value;
                ask.Now = task is null ? -1 : task.Pid;
            }
            return 0;
        });
        var take = session.LoadSyscall((ref Ask ask) =>
        {
            ref var entry = ref watched.GetOrAdd(1u);
            var task = entry.Task.Exchange(null);
            if (task is null) return 1;
            ask.Was = task.Pid;
            task.Release();
            return 0;
        });

        using var child = ChildProcess.Start(Wait);
        child.ReadLine();
        int pid = child.Id;
        Ask ask = new() { Pid = pid };
        Assert.Equal(0, look.Run(ref ask));
        Assert.Equal(-1, ask.Now);
        Assert.Equal(0, put.Run(ref ask));
        Assert.Equal(0, ask.Was);
        look.Run(ref ask);
        Assert.Equal(pid, ask.Now);
        // The kernel keeps the task, though its process is gone.
        child.KillHard();
        child.Wait();
        look.Run(ref ask);
        Assert.Equal(pid, ask.Now);
        ask = new() { Pid = Environment.ProcessId };
        Assert.Equal(0, put.Run(ref ask));
        Assert.Equal(pid, ask.Was);
        Assert.Equal(0, take.Run(ref ask));
        Assert.Equal(Environment.ProcessId, ask.Was);
        Assert.Equal(1, take.Run(ref ask));
        Assert.Equal(2ul, watched[1].Changes);
        put.Run(ref ask);
        // The map gives back what it has.
        Assert.True(watched.Remove(1));
    }

    private static int Wait(string[] arguments)
    {
        Console.WriteLine("ready");
        Console.ReadLine();
        return 0;
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.8")]
    public void A_set_of_cpus_is_kept_in_a_map()
    {
        using var masks = BpfArray<Watched>.Create("masks", 1);
        using BpfSession session = new();
        var add = session.LoadSyscall((ref Ask ask) =>
        {
            ref var entry = ref masks.Find(0);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry)) return 1;
            var mask = entry.Cpus.Exchange(null);
            if (mask is null)
            {
                mask = BpfCpuMask.Create();
                if (mask is null) return 2;
            }
            mask.Add((uint)ask.Pid);
            ask.Bits = mask.Count();
            var other = entry.Cpus.Exchange(mask);
            if (other is not null) other.Release();
            return 0;
        });
        Ask ask = new() { Pid = 0 };
        Assert.Equal(0, add.Run(ref ask));
        Assert.Equal(1u, ask.Bits);
        Assert.Equal(0, add.Run(ref ask));
        Assert.Equal(1u, ask.Bits);
        ask.Pid = 1;
        Assert.Equal(0, add.Run(ref ask));
        Assert.Equal(2u, ask.Bits);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void A_control_group_is_kept_in_a_map()
    {
        using TestCgroup group = new();
        ulong id = group.Id;
        using var groups = BpfArray<Group>.Create("groups", 1);
        using BpfSession session = new();
        var program = session.LoadSyscall((ref long level) =>
        {
            ref var entry = ref groups.Find(0);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry)) return 1;
            var found = BpfCgroup.FromId(id);
            if (found is null) return 2;
            var before = entry.Reference.Exchange(found);
            if (before is not null)
            {
                level = before.Level;
                before.Release();
            }
            return 0;
        });
        long level = 0;
        Assert.Equal(0, program.Run(ref level));
        Assert.Equal(0, level);
        Assert.Equal(0, program.Run(ref level));
        Assert.True(level > 0);
    }

    private static string[] Refused(Action load) => [.. Assert.Throws<CompilationException>(load).Diagnostics.Select(diagnostic => $"{diagnostic.Id} {diagnostic.Message}")];

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void What_comes_out_has_to_be_tested_and_given_back()
    {
        using var watched = BpfHashMap<uint, Watched>.Create("watched", 8);
        using BpfSession session = new();
        Assert.StartsWith("HRN3016 what was in the map is not given back", Assert.Single(Refused(() => session.LoadSyscall((ref Ask ask) =>
        {
            watched.GetOrAdd(1u).Task.Exchange(null);
            return 0;
        }))), StringComparison.Ordinal);
        Assert.Contains("HRN3017 the task_struct that bpf_task_from_pid gave is used after it was given back", Refused(() => session.LoadSyscall((ref Ask ask) =>
        {
            ref var entry = ref watched.GetOrAdd(1u);
            var task = BpfTask.FromPid(1);
            if (task is null) return 1;
            var before = entry.Task.Exchange(task);
            if (before is not null) before.Release();
            return task.Pid;
        })));
        Assert.Contains("HRN3002 what a map refers to is followed without a test for null", Refused(() => session.LoadSyscall((ref Ask ask) => watched.GetOrAdd(1u).Task.Value!.Pid)));
        Assert.Contains("HRN2113 a whole Watched is read, which has fields of the kernel", Refused(() => session.LoadSyscall((ref Ask ask) => watched.TryGetValue(1u, out var copy) ? (int)copy.Changes : 0)));
    }
}
