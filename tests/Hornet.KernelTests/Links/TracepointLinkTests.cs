using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Links;

namespace Hornet.KernelTests.Links;

public class TracepointLinkTests
{
    [KernelFact]
    public void A_program_runs_exactly_while_it_is_attached()
    {
        using var counter = Counter.Load(ProgramType.Tracepoint);
        using (TracepointLink.Attach(counter.Program, "syscalls", "sys_enter_getsid"))
        {
            Provoke.GetSid(7);
            Assert.Equal(7ul, counter.Count);
        }
        Provoke.GetSid(5);
        Assert.Equal(7ul, counter.Count);
    }

    [KernelFact]
    public void Many_are_detached_at_once_and_all_of_them()
    {
        List<Counter> counters = [.. Enumerable.Range(0, 6).Select(n => Counter.Load(n == 0 ? ProgramType.RawTracepoint : ProgramType.Tracepoint))];
        try
        {
            List<BpfLink> links = [RawTracepointLink.Attach(counters[0].Program, "sys_enter"), .. counters.Skip(1).Select(c => TracepointLink.Attach(c.Program, "syscalls", "sys_enter_getsid"))];
            links[3].Dispose();
            Provoke.GetSid(3);
            BpfLink.DisposeAll(links);
            Assert.All(links, link => Assert.True(link.IsDisposed));
            var after = counters.Select(c => c.Count).ToList();
            Assert.Equal([3ul, 3ul, 0ul, 3ul, 3ul], after[1..]);
            Provoke.GetSid(5);
            Assert.Equal(after, counters.Select(c => c.Count));
            BpfLink.DisposeAll(links);
        }
        finally
        {
            foreach (var counter in counters) counter.Dispose();
        }
    }

    [KernelFact]
    public void Several_programs_share_a_tracepoint()
    {
        using var first = Counter.Load(ProgramType.Tracepoint);
        using var second = Counter.Load(ProgramType.Tracepoint);
        using var a = TracepointLink.Attach(first.Program, "syscalls/sys_enter_getsid");
        using var b = TracepointLink.Attach(second.Program, "syscalls:sys_enter_getsid");
        Provoke.GetSid(3);
        Assert.Equal((3ul, 3ul), (first.Count, second.Count));
    }

    [KernelFact(Needs.PerfEventLink)]
    public void The_cookie_reaches_the_program_and_the_link_tells_its_event()
    {
        using var counter = Counter.Load(ProgramType.Tracepoint, new() { Cookie = true });
        using var link = TracepointLink.Attach(counter.Program, "syscalls", "sys_enter_getsid", new() { Cookie = 0xfeed_0000_0001 });
        Provoke.GetSid(1);
        Assert.Equal(0xfeed_0000_0001ul, counter.Cookie);

        var info = Assert.IsType<PerfEventLinkInfo>(link.GetInfo());
        Assert.NotEqual(0u, info.ProgramId);
        if (info.Kind == PerfEventKind.Unspecified) return; // Before 6.6 the kernel does not tell.
        Assert.Equal(PerfEventKind.Tracepoint, info.Kind);
        Assert.Equal("sys_enter_getsid", info.Name);
        Assert.Contains(BpfFdLink.Enumerate(), l => l.Id == info.Id && l.Describe() == "tracepoint sys_enter_getsid");
    }

    [KernelFact]
    public void A_misspelt_event_is_answered_with_close_names()
    {
        using var counter = Counter.Load(ProgramType.Tracepoint);
        var e = Assert.Throws<BpfSyscallException>(() => TracepointLink.Attach(counter.Program, "sched", "sched_swich"));
        Assert.Equal(Errno.ENOENT, e.Errno);
        Assert.Contains("'sched_switch'", e.Hint);
        Assert.Contains("'sched'", Assert.Throws<BpfSyscallException>(() => TracepointLink.Attach(counter.Program, "shed", "sched_switch")).Hint);
        Assert.Contains("'sched/sched_switch'", Assert.Throws<BpfSyscallException>(() => TracepointLink.Attach(counter.Program, "syscalls", "sched_switch")).Hint);
    }

    [KernelFact]
    public void A_program_of_another_type_is_refused_before_the_kernel_is_asked()
    {
        using var counter = Counter.Load(ProgramType.RawTracepoint);
        var e = Assert.Throws<BpfException>(() => TracepointLink.Attach(counter.Program, "syscalls", "sys_enter_getsid"));
        Assert.Contains("takes programs of type Tracepoint", e.Message);
    }

    [KernelFact]
    public void The_format_tells_where_the_fields_are()
    {
        var format = Tracefs.Format("sched", "sched_switch");
        var comm = format.Field("prev_comm");
        Assert.NotNull(comm);
        Assert.Equal((8, 16, 16), (comm.Offset, comm.Size, comm.ArrayLength));
        Assert.Equal(format.Id, (int)Tracefs.EventId("sched", "sched_switch"));
    }
}
