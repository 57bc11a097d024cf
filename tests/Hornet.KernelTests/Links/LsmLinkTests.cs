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
        Assert.SkipUnless(LsmLink.IsActive == false, "bpf is among the active security modules, or the kernel does not tell");
        using var target = TracingTarget.SecurityHook(Hook);
        using var counter = Counter.Load(ProgramType.Lsm, new() { AttachType = AttachType.LsmMac, Load = target.For() });
        Assert.Contains("never run it", Assert.Throws<BpfNotSupportedException>(() => LsmLink.Attach(counter.Program)).Message);
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
