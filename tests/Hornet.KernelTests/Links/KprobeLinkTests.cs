using Hornet.Kernel;
using Hornet.Links;

namespace Hornet.KernelTests.Links;

public class KprobeLinkTests
{
    private const string Function = "__x64_sys_getsid";

    [KernelFact(Needs.Kprobes)]
    public void Calls_and_returns_of_a_system_call_are_counted_exactly_while_attached()
    {
        using var calls = Counter.Load(ProgramType.Kprobe);
        using var returns = Counter.Load(ProgramType.Kprobe);
        using (KprobeLink.AttachSystemCall(calls.Program, "getsid"))
        using (var link = KprobeLink.AttachSystemCall(returns.Program, "getsid", new() { IsReturn = true }))
        {
            Assert.Equal($"kretprobe {Function}", link.Description);
            Provoke.GetSid(7);
            Assert.Equal((7ul, 7ul), (calls.Count, returns.Count));
        }
        Provoke.GetSid(5);
        Assert.Equal((7ul, 7ul), (calls.Count, returns.Count));
    }

    [KernelFact(Needs.Kprobes)]
    public void An_address_stands_for_its_function()
    {
        ulong address = Provoke.AddressOf(Function);
        Assert.SkipWhen(address == 0, "the kernel hides its addresses");
        using var counter = Counter.Load(ProgramType.Kprobe);
        using var link = KprobeLink.AttachAt(counter.Program, address);
        Provoke.GetSid(3);
        Assert.Equal(3ul, counter.Count);
    }

    [KernelFact(Needs.Kprobes)]
    public void MaxActive_goes_through_tracefs_and_leaves_nothing_there()
    {
        using var counter = Counter.Load(ProgramType.Kprobe);
        using (KprobeLink.Attach(counter.Program, Function, new() { IsReturn = true, MaxActive = 64 }))
        {
            string definitions = File.ReadAllText(Path.Combine(Tracefs.Mount, "kprobe_events"));
            Assert.Contains($"r64:hornet/k{Environment.ProcessId}_", definitions);
            Provoke.GetSid(4);
            Assert.Equal(4ul, counter.Count);
        }
        Assert.DoesNotContain($"hornet/k{Environment.ProcessId}_", File.ReadAllText(Path.Combine(Tracefs.Mount, "kprobe_events")));
    }

    [KernelFact(Needs.Kprobes, Needs.PerfEventLink)]
    public void The_cookie_reaches_the_program()
    {
        using var counter = Counter.Load(ProgramType.Kprobe, new() { Cookie = true });
        using var link = KprobeLink.Attach(counter.Program, Function, new() { Cookie = 99 });
        Provoke.GetSid(1);
        Assert.Equal(99ul, counter.Cookie);
        if (link.GetInfo() is PerfEventLinkInfo { Kind: PerfEventKind.Kprobe } info) Assert.Equal(Function, info.Name);
    }

    [KernelFact(Needs.Kprobes)]
    public void Unknown_and_unprobeable_functions_are_explained()
    {
        using var counter = Counter.Load(ProgramType.Kprobe);
        var e = Assert.Throws<BpfSyscallException>(() => KprobeLink.Attach(counter.Program, "vfs_raed"));
        Assert.Contains("no function 'vfs_raed'", e.Hint);
        Assert.Contains("'vfs_read'", e.Hint);
        e = Assert.Throws<BpfSyscallException>(() => KprobeLink.AttachSystemCall(counter.Program, "opennat"));
        Assert.Contains("'openat'", e.Hint);
        Assert.Throws<ArgumentException>(() => KprobeLink.Attach(counter.Program, Function, new() { MaxActive = 3 }));
        Assert.Throws<ArgumentException>(() => KprobeLink.Attach(counter.Program, Function, new() { IsReturn = true, Offset = 4 }));
    }

    [KernelFact]
    public void Without_kprobes_the_missing_option_is_named()
    {
        Assert.SkipUnless(Kconfig.Running?.IsEnabled("CONFIG_KPROBE_EVENTS") == false || !Directory.Exists("/sys/bus/event_source/devices/kprobe"), "this kernel has kprobes");
        using var counter = Counter.Load(ProgramType.Kprobe);
        var e = Assert.ThrowsAny<BpfException>(() => KprobeLink.Attach(counter.Program, Function));
        Assert.Contains("CONFIG_KPROBE_EVENTS", e.Message);
    }
}
