using Hornet.Links;

namespace Hornet.KernelTests.Links;

public class KprobeMultiLinkTests
{
    private static readonly CounterOptions s_multi = new() { AttachType = AttachType.TraceKprobeMulti };

    [KernelFact(Needs.KprobeMulti)]
    public void Functions_by_name_each_have_their_cookie()
    {
        using var counter = Counter.Load(ProgramType.Kprobe, s_multi with { Cookie = true });
        using (var link = KprobeMultiLink.Attach(counter.Program, ["__x64_sys_getsid", "__x64_sys_getpgid"], new() { Cookies = [11, 22] }))
        {
            Assert.Equal(2, link.Count);
            Provoke.GetSid(3);
            Assert.Equal((3ul, 11ul), (counter.Count, counter.Cookie));
            Provoke.GetPgid();
            Assert.Equal((4ul, 22ul), (counter.Count, counter.Cookie));
            var info = Assert.IsType<KprobeMultiLinkInfo>(link.GetInfo());
            if (info.Addresses.Count > 0) Assert.Equal(2, info.Addresses.Count); // 6.6
        }
        Provoke.GetSid(3);
        Assert.Equal(4ul, counter.Count);
    }

    [KernelFact(Needs.KprobeMulti, Needs.AvailableFilterFunctions)]
    public void Functions_matching_a_pattern_are_counted()
    {
        using var counter = Counter.Load(ProgramType.Kprobe, s_multi);
        using var link = KprobeMultiLink.AttachPattern(counter.Program, "__x64_sys_getsi?", new() { IsReturn = true });
        Assert.Equal(1, link.Count);
        Provoke.GetSid(6);
        Assert.Equal(6ul, counter.Count);
    }

    [KernelFact(Needs.KprobeMulti)]
    public void Addresses_stand_for_their_functions()
    {
        ulong address = Provoke.AddressOf("__x64_sys_getsid");
        Assert.SkipWhen(address == 0, "the kernel hides its addresses");
        using var counter = Counter.Load(ProgramType.Kprobe, s_multi);
        using var link = KprobeMultiLink.Attach(counter.Program, [address]);
        Provoke.GetSid(2);
        Assert.Equal(2ul, counter.Count);
    }

    [KernelFact(Needs.KprobeSession)]
    public void A_session_runs_at_call_and_return_and_its_result_decides_about_the_return()
    {
        var session = s_multi with { AttachType = AttachType.TraceKprobeSession };
        using var both = Counter.Load(ProgramType.Kprobe, session);
        using var callOnly = Counter.Load(ProgramType.Kprobe, session with { Result = 1 });
        using var a = KprobeMultiLink.Attach(both.Program, ["__x64_sys_getsid"]);
        using var b = KprobeMultiLink.Attach(callOnly.Program, ["__x64_sys_getsid"]);
        Provoke.GetSid(5);
        Assert.Equal((10ul, 5ul), (both.Count, callOnly.Count));
    }

    [KernelFact(Needs.KprobeMulti)]
    public void The_function_that_is_missing_is_named()
    {
        using var counter = Counter.Load(ProgramType.Kprobe, s_multi);
        var e = Assert.Throws<BpfSyscallException>(() => KprobeMultiLink.Attach(counter.Program, ["__x64_sys_getsid", "vfs_raed"]));
        Assert.Contains("'vfs_read'", e.Hint);
        Assert.Throws<ArgumentException>(() => KprobeMultiLink.Attach(counter.Program, ["__x64_sys_getsid"], new() { Cookies = [1, 2] }));
    }
}
