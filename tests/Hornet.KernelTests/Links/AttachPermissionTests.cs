using System.Runtime.InteropServices;
using Hornet.Links;

namespace Hornet.KernelTests.Links;

/// <summary>What a process without privileges is told: which capability is missing, and never that the kernel cannot.</summary>
public partial class AttachPermissionTests
{
    [KernelFact(Needs.Uprobes)]
    public void The_missing_capability_is_named()
    {
        using var child = ChildProcess.Start(WithoutPrivileges);
        string output = child.ReadToEnd();
        Assert.Equal(0, child.Wait());
        Assert.Contains("uprobe: BpfSyscallException EACCES", output);
        Assert.Contains("It needs CAP_SYS_ADMIN", output);
        Assert.Contains("perf event: BpfSyscallException EACCES", output);
        Assert.Contains("It needs CAP_BPF and CAP_PERFMON", output);
        Assert.Contains("tracepoint: BpfSyscallException EACCES", output);
        Assert.Contains("this user may not enter", output);
    }

    private static int WithoutPrivileges(string[] arguments)
    {
        using var uprobe = Counter.Load(ProgramType.Kprobe);
        using var clock = Counter.Load(ProgramType.PerfEvent);
        using var tracepoint = Counter.Load(ProgramType.Tracepoint);
        const int nobody = 65534;
        if (SetUser(nobody, nobody, nobody) != 0) return 2;
        Try("uprobe", () => UprobeLink.Attach(uprobe.Program, "libc.so.6", "getsid"));
        Try("perf event", () => PerfEventLink.Attach(clock.Program, PerfEventSource.Software(SoftwareEvent.CpuClock), new() { Frequency = 10 }));
        Try("tracepoint", () => TracepointLink.Attach(tracepoint.Program, "syscalls", "sys_enter_getsid"));
        return 0;
    }

    private static void Try(string what, Func<BpfLink> attach)
    {
        try
        {
            attach().Dispose();
            Console.WriteLine($"{what}: attached");
        }
        catch (BpfException e)
        {
            Console.WriteLine($"{what}: {e.GetType().Name} {(e as BpfSyscallException)?.Errno} {e.Message}");
        }
    }

    [LibraryImport("libc", EntryPoint = "setresuid")]
    private static partial int SetUser(int real, int effective, int saved);
}
