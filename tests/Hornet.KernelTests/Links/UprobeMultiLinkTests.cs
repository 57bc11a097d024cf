using Hornet.Kernel;
using Hornet.Links;

namespace Hornet.KernelTests.Links;

public class UprobeMultiLinkTests
{
    private static readonly CounterOptions s_multi = new() { OnlyThisThread = false, AttachType = AttachType.TraceUprobeMulti };

    [KernelFact(Needs.UprobeMulti)]
    public void Functions_matching_a_pattern_are_counted_through_one_link()
    {
        using var target = TargetProcess.Start();
        using var counter = Counter.Load(ProgramType.Kprobe, s_multi with { Cookie = true });
        using (var link = UprobeMultiLink.AttachPattern(counter.Program, TargetProcess.Executable, "hornet_*e*", new() { Process = target.Id }, f => (ulong)f.Name.Length))
        {
            Assert.Equal(3, link.Places.Count); // hornet_one, hornet_nested, hornet_sites
            target.Call("nested", 4); // calls hornet_one, too
            Assert.Equal(8ul, counter.Count);
            target.Call("one", 1);
            Assert.Equal(9ul, counter.Count);
            Assert.Equal((ulong)"hornet_one".Length, counter.Cookie);
            var info = Assert.IsType<UprobeMultiLinkInfo>(link.GetInfo());
            if (info.Path.Length > 0) // 6.8
            {
                Assert.Equal(TargetProcess.Executable, info.Path);
                Assert.Equal(link.Places.Select(p => p.Offset), info.Offsets);
                Assert.Equal(link.Places.Select(p => p.Cookie), info.Cookies);
                Assert.Equal((uint)target.Id, info.ProcessId);
            }
        }
        target.Call("nested", 4);
        Assert.Equal(9ul, counter.Count);
    }

    [KernelFact(Needs.UprobeMulti)]
    public void Returns_are_counted_and_other_processes_are_not()
    {
        using var chosen = TargetProcess.Start();
        using var other = TargetProcess.Start();
        using var counter = Counter.Load(ProgramType.Kprobe, s_multi);
        using var link = UprobeMultiLink.Attach(counter.Program, TargetProcess.Executable, ["hornet_one", "hornet_two"], new() { Process = chosen.Id, IsReturn = true });
        other.Call("one", 9);
        chosen.Call("one", 2);
        chosen.Call("two", 3);
        Assert.Equal(5ul, counter.Count);
    }

    [KernelFact(Needs.UprobeSession)]
    public void A_session_runs_at_call_and_return_and_its_result_decides_about_the_return()
    {
        using var target = TargetProcess.Start();
        var session = s_multi with { AttachType = AttachType.TraceUprobeSession };
        using var both = Counter.Load(ProgramType.Kprobe, session);
        using var callOnly = Counter.Load(ProgramType.Kprobe, session with { Result = 1 });
        using var a = UprobeMultiLink.Attach(both.Program, TargetProcess.Executable, ["hornet_one"], new() { Process = target.Id });
        using var b = UprobeMultiLink.Attach(callOnly.Program, TargetProcess.Executable, ["hornet_one"], new() { Process = target.Id });
        target.Call("one", 5);
        Assert.Equal((10ul, 5ul), (both.Count, callOnly.Count));
    }

    [KernelFact(Needs.Uprobes)]
    public void A_kernel_without_it_is_named_with_the_version_it_takes()
    {
        if (KernelFacts.Version >= new Version(6, 6)) Assert.Skip("this kernel has uprobe.multi");
        // The attach type is refused at load on kernels that check it; an unchecked one is refused here.
        using var counter = Counter.Load(ProgramType.Kprobe);
        var e = Assert.ThrowsAny<BpfException>(() => UprobeMultiLink.Attach(counter.Program, TargetProcess.Executable, ["hornet_one"]));
        Assert.Contains("TraceUprobeMulti", e.Message);
    }

    [KernelFact(Needs.UprobeMulti)]
    public void What_is_wrong_is_said()
    {
        using var counter = Counter.Load(ProgramType.Kprobe, s_multi);
        Assert.Contains("'hornet_one'", Assert.Throws<BpfSyscallException>(() => UprobeMultiLink.Attach(counter.Program, TargetProcess.Executable, ["hornet_ne"])).Hint);
        Assert.Throws<BpfSyscallException>(() => UprobeMultiLink.AttachPattern(counter.Program, TargetProcess.Executable, "nothing_like_*"));
        using var plain = Counter.Load(ProgramType.Kprobe);
        Assert.Contains("attach type", Assert.Throws<BpfException>(() => UprobeMultiLink.Attach(plain.Program, TargetProcess.Executable, ["hornet_one"])).Message);
        Assert.Throws<ArgumentException>(() => UprobeMultiLink.Attach(counter.Program, TargetProcess.Executable, Array.Empty<UprobePlace>()));
    }
}
