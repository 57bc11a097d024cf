using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Links;

namespace Hornet.KernelTests.Links;

public class TracingLinkTests
{
    private const string Function = "__x64_sys_getsid";

    [KernelFact(Needs.TpBtf)]
    public void A_BTF_tracepoint_runs_exactly_while_it_is_attached()
    {
        using var target = TracingTarget.Tracepoint("sys_enter");
        using var counter = Counter.Load(ProgramType.Tracing, new() { AttachType = AttachType.TraceRawTp, Where = (8, Provoke.GetSidNumber), Load = target.For() });
        using (var link = RawTracepointLink.AttachTyped(counter.Program))
        {
            Provoke.GetSid(7);
            Assert.Equal(7ul, counter.Count);
            Assert.Equal("sys_enter", Assert.IsType<RawTracepointLinkInfo>(link.GetInfo()).Tracepoint);
        }
        Provoke.GetSid(5);
        Assert.Equal(7ul, counter.Count);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void A_misspelt_target_is_answered_with_close_names()
    {
        Assert.Contains("'sched_switch'", Assert.Throws<BpfSyscallException>(() => TracingTarget.Tracepoint("sched_swich")).Hint);
        Assert.Contains("'vfs_read'", Assert.Throws<BpfSyscallException>(() => TracingTarget.Function("vfs_raed")).Hint);
        Assert.Contains("'task'", Assert.Throws<BpfSyscallException>(() => TracingTarget.Iterator("tsk")).Hint);
        Assert.Contains("'file_open'", Assert.Throws<BpfSyscallException>(() => TracingTarget.SecurityHook("file_opn")).Hint);
    }

    [KernelTheory(Needs.Fentry)]
    [InlineData(AttachType.TraceFentry)]
    [InlineData(AttachType.TraceFexit)]
    public void The_start_and_end_of_a_function_are_counted_exactly(AttachType type)
    {
        using var target = TracingTarget.Function(Function);
        using var counter = Counter.Load(ProgramType.Tracing, new() { AttachType = type, Load = target.For() });
        using (var link = TracingLink.Attach(counter.Program))
        {
            Provoke.GetSid(7);
            Assert.Equal(7ul, counter.Count);
            Assert.Equal(type, Assert.IsType<TracingLinkInfo>(link.GetInfo()).AttachType);
        }
        Provoke.GetSid(5);
        Assert.Equal(7ul, counter.Count);
    }

    [KernelFact(Needs.Fentry, MinKernel = "5.19")]
    public void The_cookie_reaches_the_program()
    {
        using var target = TracingTarget.Function(Function);
        using var counter = Counter.Load(ProgramType.Tracing, new() { AttachType = AttachType.TraceFentry, Cookie = true, Load = target.For() });
        using var link = TracingLink.Attach(counter.Program, new() { Cookie = 12345 });
        Provoke.GetSid(1);
        Assert.Equal(12345ul, counter.Cookie);
    }

    [KernelFact(Needs.FmodRet)]
    public void A_return_value_is_changed_for_this_thread_only()
    {
        // Of the functions that may be changed: those made for fault injection, and those of the security modules.
        using var target = TracingTarget.Function("security_task_getsid");
        using var counter = Counter.Load(ProgramType.Tracing, new() { AttachType = AttachType.ModifyReturn, Result = -(int)Errno.EXDEV, Load = target.For() });
        using (TracingLink.Attach(counter.Program))
        {
            Assert.Equal((int)Errno.EXDEV, Provoke.GetOwnSidChecked());
            int other = -1;
            Thread thread = new(() => other = Provoke.GetOwnSidChecked());
            thread.Start();
            thread.Join();
            Assert.Equal(0, other);
        }
        Assert.Equal(0, Provoke.GetOwnSidChecked());
        Assert.Equal(1ul, counter.Count);
    }

    [KernelFact(Needs.Fentry)]
    public void An_fsession_runs_at_both_ends_or_is_not_known()
    {
        using var target = TracingTarget.Function(Function);
        Counter counter;
        try
        {
            counter = Counter.Load(ProgramType.Tracing, new() { AttachType = AttachType.TraceFsession, Load = target.For() });
        }
        catch (BpfException) when (KernelFacts.Version < new Version(7, 0))
        {
            Assert.Skip("this kernel has no fsession");
            return;
        }
        using (counter)
        using (TracingLink.Attach(counter.Program))
        {
            Provoke.GetSid(4);
            Assert.Equal(8ul, counter.Count);
        }
    }

    [KernelFact(Needs.Fentry)]
    public void One_program_on_many_functions_or_the_version_it_takes_is_named()
    {
        Counter counter;
        try
        {
            counter = Counter.Load(ProgramType.Tracing, new() { AttachType = AttachType.TraceFentryMulti, Cookie = true });
        }
        catch (BpfException)
        {
            Assert.Skip("this kernel has no fentry.multi");
            return;
        }
        using (counter)
        {
            using (var link = TracingMultiLink.Attach(counter.Program, [Function, "__x64_sys_getpgid"], new() { Cookies = [5, 6] }))
            {
                Provoke.GetSid(4);
                Assert.Equal((4ul, 5ul), (counter.Count, counter.Cookie));
                Provoke.GetPgid();
                Assert.Equal((5ul, 6ul), (counter.Count, counter.Cookie));
                Assert.Equal(LinkType.TracingMulti, link.GetInfo().Type);
            }
            using (var pattern = TracingMultiLink.AttachPattern(counter.Program, "__x64_sys_getsi?"))
            {
                Assert.Equal(1, pattern.Count);
                Provoke.GetSid(2);
                Assert.Equal(7ul, counter.Count);
            }
            Provoke.GetSid(2);
            Assert.Equal(7ul, counter.Count);
        }
    }

    [KernelFact]
    public void A_program_of_another_type_is_refused_before_the_kernel_is_asked()
    {
        using var counter = Counter.Load(ProgramType.RawTracepoint);
        Assert.Contains("Tracing", Assert.Throws<BpfException>(() => TracingLink.Attach(counter.Program)).Message);
        Assert.Contains("Lsm", Assert.Throws<BpfException>(() => LsmLink.Attach(counter.Program)).Message);
        Assert.Contains("Ext", Assert.Throws<BpfException>(() => FreplaceLink.Attach(counter.Program)).Message);
        Assert.Contains("Tracing", Assert.Throws<BpfException>(() => IteratorLink.Attach(counter.Program)).Message);
        Assert.Contains("StructOps", Assert.Throws<BpfException>(() => StructOpsLink.Attach(counter.Map)).Message);
    }
}
