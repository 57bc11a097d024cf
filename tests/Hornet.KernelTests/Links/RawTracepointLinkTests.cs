using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Links;

namespace Hornet.KernelTests.Links;

public class RawTracepointLinkTests
{
    // Word 1 of the context of sys_enter is the number of the system call.
    private static readonly CounterOptions s_getsid = new() { Where = (8, Provoke.GetSidNumber) };

    [KernelFact]
    public void A_program_runs_exactly_while_it_is_attached()
    {
        using var counter = Counter.Load(ProgramType.RawTracepoint, s_getsid);
        using (var link = RawTracepointLink.Attach(counter.Program, "sys_enter"))
        {
            Provoke.GetSid(7);
            Assert.Equal(7ul, counter.Count);
            var info = Assert.IsType<RawTracepointLinkInfo>(link.GetInfo());
            Assert.Equal("sys_enter", info.Tracepoint);
        }
        Provoke.GetSid(5);
        Assert.Equal(7ul, counter.Count);
    }

    [KernelFact]
    public void The_cookie_reaches_the_program_or_the_version_it_takes_is_named()
    {
        if (KernelFacts.Version >= new Version(6, 10))
        {
            using var counter = Counter.Load(ProgramType.RawTracepoint, s_getsid with { Cookie = true });
            using var link = RawTracepointLink.Attach(counter.Program, "sys_enter", new() { Cookie = 4711 });
            Provoke.GetSid(1);
            Assert.Equal(4711ul, counter.Cookie);
        }
        else
        {
            using var counter = Counter.Load(ProgramType.RawTracepoint, s_getsid);
            var e = Assert.Throws<BpfNotSupportedException>(() => RawTracepointLink.Attach(counter.Program, "sys_enter", new() { Cookie = 4711 }));
            Assert.Equal(new Version(6, 10), e.MinimumVersion);
        }
    }

    [KernelFact]
    public void A_misspelt_tracepoint_is_answered_with_close_names()
    {
        using var counter = Counter.Load(ProgramType.RawTracepoint);
        var e = Assert.Throws<BpfSyscallException>(() => RawTracepointLink.Attach(counter.Program, "sched_swich"));
        Assert.Equal(Errno.ENOENT, e.Errno);
        Assert.Contains("'sched_switch'", e.Hint);
    }

    [KernelFact]
    public void A_pinned_link_outlives_its_object_and_is_opened_again()
    {
        string path = $"/sys/fs/bpf/hornet_test_{Guid.NewGuid():N}";
        using var counter = Counter.Load(ProgramType.RawTracepoint, s_getsid);
        uint id;
        try
        {
            using (var link = RawTracepointLink.Attach(counter.Program, "sys_enter"))
            {
                id = link.GetInfo().Id;
                Assert.False(link.SurvivesProcess);
                link.Pin(path);
                Assert.True(link.SurvivesProcess);
                Assert.Contains("taken", Assert.Throws<BpfSyscallException>(() => link.Pin(path)).Hint);
            }
            Provoke.GetSid(2);
            Assert.Equal(2ul, counter.Count);
            using var opened = BpfFdLink.OpenPinned(path);
            Assert.Equal("raw tracepoint sys_enter", opened.Description);
            opened.Unpin();
            Provoke.GetSid(1);
            Assert.Equal(3ul, counter.Count);
            Assert.False(File.Exists(path));
        }
        finally
        {
            File.Delete(path);
        }
        // Before 6.8 the file system lets go of what was pinned a moment after the name is gone.
        Assert.True(TestThread.Eventually(() => !BpfFdLink.Enumerate().Any(l => l.Id == id)));
        Provoke.GetSid(4);
        Assert.Equal(3ul, counter.Count);
    }

    [KernelFact]
    public void What_cannot_be_updated_or_detached_by_force_says_so()
    {
        using var counter = Counter.Load(ProgramType.RawTracepoint, s_getsid);
        using var link = RawTracepointLink.Attach(counter.Program, "sys_enter");
        Assert.Contains("cannot be updated", Assert.Throws<BpfSyscallException>(() => link.Update(counter.Program)).Hint);
        Assert.Contains("dispose the link", Assert.Throws<BpfNotSupportedException>(link.Detach).Message);
    }

    [KernelFact]
    public void A_dropped_link_stays_attached_and_is_reported()
    {
        // In a process of its own: in this one a dropped link fails the run, as it should.
        using var child = ChildProcess.Start(DropLinks);
        Assert.Equal("reported: raw tracepoint sys_enter, attached: True, detached: True", child.ReadLine());
        Assert.Equal(0, child.Wait());
    }

    private static int DropLinks(string[] arguments)
    {
        using var counter = Counter.Load(ProgramType.RawTracepoint, s_getsid);
        List<string> reports = [];
        DescriptorRegistry.LinkDropped += reports.Add;
        uint id = Drop(counter);
        for (int i = 0; i < 20 && reports.Count == 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Provoke.GetSid(3);
        bool attached = counter.Count == 3;
        BpfLink.CloseDropped();
        Provoke.GetSid(2);
        bool detached = counter.Count == 3 && !BpfFdLink.Enumerate().Any(l => l.Id == id);
        Console.WriteLine($"reported: {string.Join(',', reports)}, attached: {attached}, detached: {detached}");
        return 0;

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static uint Drop(Counter counter) => RawTracepointLink.Attach(counter.Program, "sys_enter").GetInfo().Id;
    }
}
