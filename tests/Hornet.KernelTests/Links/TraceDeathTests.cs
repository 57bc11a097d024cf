using System.Globalization;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet.KernelTests.Links;

/// <summary>What is left of each tracing attachment after <c>kill -9</c> right behind it: nothing.</summary>
public class TraceDeathTests
{
    // What must not be collected before the process dies.
    private static readonly List<object> s_kept = [];

    [KernelTheory]
    [InlineData("tracepoint", Needs.Root)]
    [InlineData("raw tracepoint", Needs.Root)]
    [InlineData("tp_btf", Needs.TpBtf)]
    [InlineData("uprobe", Needs.Uprobes)]
    [InlineData("uprobe.multi", Needs.UprobeMulti)]
    [InlineData("usdt", Needs.PerfEventLink)]
    [InlineData("perf event", Needs.Root)]
    [InlineData("iterator", Needs.Iterators)]
    [InlineData("kprobe", Needs.Kprobes)]
    [InlineData("kprobe maxactive", Needs.Kprobes)]
    [InlineData("kprobe.multi", Needs.KprobeMulti)]
    [InlineData("fentry", Needs.Fentry)]
    [InlineData("fmod_ret", Needs.FmodRet)]
    [InlineData("lsm", Needs.Lsm)]
    public void Nothing_is_left(string kind, Needs need)
    {
        Assert.SkipWhen(NeedCatalog.Get(need).SkipReason is not null, NeedCatalog.Get(need).SkipReason ?? "");
        using var child = ChildProcess.Start(Child, kind, TargetProcess.Executable);
        string[] words = child.WaitForLine("attached ").Split(' ');
        uint program = uint.Parse(words[1], CultureInfo.InvariantCulture), link = uint.Parse(words[2], CultureInfo.InvariantCulture);
        Assert.Contains(program, BpfProgram.ListIds());
        child.KillHard();
        // The kernel frees after grace periods.
        Assert.True(TestThread.Eventually(() => !BpfProgram.ListIds().Contains(program)), $"program {program} is still there");
        if (link != 0) Assert.DoesNotContain(BpfFdLink.Enumerate(), l => l.Id == link);
        if (kind == "kprobe maxactive")
        {
            // The definition (without a program) is announced to stay; the next one sweeps it.
            TracefsKprobe.Sweep();
            Assert.DoesNotContain(Tracefs.Events("hornet"), e => e.StartsWith($"k{child.Id}_", StringComparison.Ordinal));
        }
    }

    private static int Child(string[] arguments)
    {
        var (link, program) = Attach(arguments[0], arguments[1]);
        s_kept.Add(link);
        Console.WriteLine($"attached {program.GetInfo().Id} {(link.Descriptor is null ? 0 : link.GetInfo().Id)}");
        Thread.Sleep(Timeout.Infinite);
        return 1;
    }

    private static (BpfLink Link, BpfProgram Program) Attach(string kind, string binary)
    {
        const string Function = "__x64_sys_getsid";
        return kind switch
        {
            "tracepoint" => With(ProgramType.Tracepoint, 0, null, p => TracepointLink.Attach(p, "syscalls", "sys_enter_getsid")),
            "raw tracepoint" => With(ProgramType.RawTracepoint, 0, null, p => RawTracepointLink.Attach(p, "sys_enter")),
            "tp_btf" => With(ProgramType.Tracing, AttachType.TraceRawTp, TracingTarget.Tracepoint("sys_enter"), p => RawTracepointLink.AttachTyped(p)),
            "uprobe" => With(ProgramType.Kprobe, 0, null, p => UprobeLink.Attach(p, binary, "hornet_one")),
            "uprobe.multi" => With(ProgramType.Kprobe, AttachType.TraceUprobeMulti, null, p => UprobeMultiLink.Attach(p, binary, ["hornet_one", "hornet_two"])),
            "usdt" => With(ProgramType.Kprobe, 0, null, p => UsdtLink.Attach(p, binary, "hornet", "sites")),
            "perf event" => With(ProgramType.PerfEvent, 0, null, p => PerfEventLink.Attach(p, PerfEventSource.Software(SoftwareEvent.CpuClock), new() { Frequency = 10 })),
            "iterator" => With(ProgramType.Tracing, AttachType.TraceIter, TracingTarget.Iterator("task"), p => IteratorLink.Attach(p)),
            "kprobe" => With(ProgramType.Kprobe, 0, null, p => KprobeLink.Attach(p, Function)),
            "kprobe maxactive" => With(ProgramType.Kprobe, 0, null, p => KprobeLink.Attach(p, Function, new() { IsReturn = true, MaxActive = 20 })),
            "kprobe.multi" => With(ProgramType.Kprobe, AttachType.TraceKprobeMulti, null, p => KprobeMultiLink.Attach(p, [Function])),
            "fentry" => With(ProgramType.Tracing, AttachType.TraceFentry, TracingTarget.Function(Function), p => TracingLink.Attach(p)),
            "fmod_ret" => With(ProgramType.Tracing, AttachType.ModifyReturn, TracingTarget.Function("security_task_getsid"), p => TracingLink.Attach(p)),
            "lsm" => With(ProgramType.Lsm, AttachType.LsmMac, TracingTarget.SecurityHook("task_getsid"), p => LsmLink.Attach(p)),
            _ => throw new ArgumentException($"there is no kind '{kind}'"),
        };
    }

    private static (BpfLink, BpfProgram) With(ProgramType type, AttachType attachType, TracingTarget? target, Func<BpfProgram, BpfLink> attach)
    {
        var counter = Counter.Load(type, new() { AttachType = attachType, Load = target?.For() });
        s_kept.Add(counter);
        return (attach(counter.Program), counter.Program);
    }
}
