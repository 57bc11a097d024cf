using Hornet.Interop;
using Hornet.Links;

namespace Hornet.KernelTests.Links;

public class LsmLinkTests
{
    // getsid of a process by number asks this hook.
    private const string Hook = "task_getsid";

    [KernelFact(Needs.Lsm)]
    public void A_hook_refuses_for_this_thread_while_it_is_attached()
    {
        Assert.SkipWhen(LsmLink.IsActive == false, "bpf is not among the active security modules");
        using var target = TracingTarget.SecurityHook(Hook);
        using var counter = Counter.Load(ProgramType.Lsm, new() { AttachType = AttachType.LsmMac, Result = -(int)Errno.EXDEV, Load = target.For() });
        using (LsmLink.Attach(counter.Program))
        {
            Assert.Equal((int)Errno.EXDEV, Provoke.GetOwnSidChecked());
            Assert.Equal(1ul, counter.Count);
        }
        Assert.Equal(0, Provoke.GetOwnSidChecked());
        Assert.Equal(1ul, counter.Count);
    }

    [KernelFact(Needs.Lsm)]
    public void Where_the_kernel_would_never_run_it_that_is_said()
    {
        const string active = "/sys/kernel/security/lsm";
        Assert.SkipUnless(File.Exists(active), $"the kernel does not tell its active security modules ({active})");
        // Which modules are active is decided when a kernel starts, so a child sees a list without bpf over the real one.
        string list = Path.GetTempFileName();
        try
        {
            File.WriteAllText(list, "lockdown,capability,yama");
            string[] over = ["--mount", "--propagation", "private", "sh", "-c", $"mount --bind '{list}' {active} && exec \"$@\"", "sh"];
            using var child = ChildProcess.StartUnder("unshare", over, AttachToAHook);
            Assert.Contains("never run it", child.ReadLine() ?? child.Error);
            Assert.Equal(0, child.Wait());
        }
        finally
        {
            File.Delete(list);
        }
    }

    private static int AttachToAHook(string[] arguments)
    {
        using var target = TracingTarget.SecurityHook(Hook);
        using var counter = Counter.Load(ProgramType.Lsm, new() { AttachType = AttachType.LsmMac, Load = target.For() });
        try
        {
            LsmLink.Attach(counter.Program).Dispose();
            Console.WriteLine("it was attached");
        }
        catch (BpfNotSupportedException e)
        {
            Console.WriteLine(e.Message.ReplaceLineEndings(" "));
        }
        return 0;
    }

    [KernelFact(Needs.LsmCgroup, Needs.Cgroup2)]
    public void A_hook_on_a_cgroup_refuses_only_inside_it()
    {
        Assert.SkipWhen(LsmLink.IsActive == false, "bpf is not among the active security modules");
        using TestCgroup cgroup = new();
        using var target = TracingTarget.SecurityHook(Hook);
        // On cgroups 1 allows and 0 refuses.
        using var counter = Counter.Load(ProgramType.Lsm, new() { AttachType = AttachType.LsmCgroup, Result = 0, Otherwise = 1, Load = target.For() });
        using var link = LsmCgroupLink.Attach(counter.Program, cgroup.Path);
        Assert.Equal(0, Provoke.GetOwnSidChecked()); // we are outside
        Assert.Equal(0ul, counter.Count);
        Assert.Equal(cgroup.Id, Assert.IsType<CgroupLinkInfo>(link.GetInfo()).CgroupId);
        cgroup.Run(() =>
        {
            Assert.Equal((int)Errno.EPERM, Provoke.GetOwnSidChecked());
            Assert.Equal(1ul, counter.Count);
            link.Detach();
            Assert.Equal(0, Provoke.GetOwnSidChecked());
        });
    }
}
