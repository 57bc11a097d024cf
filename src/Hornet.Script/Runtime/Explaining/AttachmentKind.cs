using Hornet.Features;
using Hornet.Kernel;
using Hornet.Script.Probes;

namespace Hornet.Script.Runtime.Explaining;

/// <summary>How a program is attached, and what the kernel leaves out there.</summary>
/// <param name="Text">How, in words.</param>
/// <param name="Feature">The kernel's ability that it needs, as <see cref="KernelFeatures"/> names it; null when every kernel with BTF has it.</param>
/// <param name="Misses">When the kernel does not run the program although the place was reached; null when it always does.</param>
internal sealed record AttachmentKind(string Text, string? Feature, string? Misses)
{
    private const string Recursion = "not run where a program interrupts another one of these kinds on the same CPU";

    public static AttachmentKind Of(ProbeTarget target, AttachType type) => (target.Type, type) switch
    {
        (ProbeType.Begin, _) => new("run once before anything is attached", null, null),
        (ProbeType.End, _) => new("run once after all is detached", null, null),
        (ProbeType.Self, _) => new("run when the tracer gets the signal", null, "signals that come while one is waiting count as one"),
        (ProbeType.Test or ProbeType.Bench, _) => new("run by --test and --bench only", null, null),
        (ProbeType.Kprobe, AttachType.TraceKprobeMulti) => new("one link for all functions (kprobe.multi)", "kprobe.multi link", Recursion),
        (ProbeType.Kretprobe, AttachType.TraceKprobeMulti) => new("one link for all returns (kprobe.multi)", "kprobe.multi link", Recursion),
        (ProbeType.Kprobe or ProbeType.Kretprobe, AttachType.TraceKprobeSession) => new("one link for entries and returns (kprobe.session)", "kprobe.session link", Recursion),
        (ProbeType.Kprobe, _) => new("a breakpoint or ftrace entry of the function (kprobe)", "kprobe", Recursion),
        (ProbeType.Kretprobe, _) => new("a changed return address (kretprobe)", "kprobe", Recursion + ", and where more calls are under way than the kernel has room for"),
        (ProbeType.Fentry or ProbeType.Fexit, _) => new($"a trampoline at the function ({ProbeNames.NameOf(target.Type)})", ProbeNames.NameOf(target.Type), "not run where the program interrupts itself on the same CPU"),
        (ProbeType.Tracepoint, _) => new("a perf event on the tracepoint, with its record", null, Recursion),
        (ProbeType.RawTracepoint, _) => new("a link to the tracepoint itself, with arguments typed by BTF", null, "not run where the program interrupts itself on the same CPU"),
        (ProbeType.Uprobe or ProbeType.Uretprobe or ProbeType.Usdt, AttachType.TraceUprobeMulti or AttachType.TraceUprobeSession) => new("a link for all places of a file (uprobe.multi)", "uprobe.multi link", null),
        (ProbeType.Uprobe, _) => new("a breakpoint in the file (uprobe)", null, null),
        (ProbeType.Uretprobe, _) => new("a changed return address (uretprobe)", null, "returns of functions that are 64 deep in each other"),
        (ProbeType.Usdt, _) => new("breakpoints at the static probe (uprobe)", null, null),
        (ProbeType.Profile, _) => new($"a timer on each of {CpuList.Online.Count} CPUs", null, "a CPU that sleeps is not sampled"),
        (ProbeType.Interval, _) => new("a timer on one CPU", null, null),
        (ProbeType.Software or ProbeType.Hardware, _) => new($"a counter on each of {CpuList.Online.Count} CPUs", null, "the kernel slows down counters that run over too often"),
        (ProbeType.Watchpoint, _) => new("a debug register of the processor, of which there are four", null, null),
        (ProbeType.Iter, _) => new("a walk over the kernel's objects, once", "iter link", null),
        (ProbeType.Xdp, _) => new("a link to the network device (XDP)", "xdp link", null),
        (ProbeType.Tc, _) => new("a link to the network device (tcx)", "tcx link", null),
        (ProbeType.Cgroup, _) => new("a link to the cgroup", "cgroup link", null),
        (ProbeType.Lsm, _) => new("a trampoline at the security hook (BPF LSM)", "lsm", null),
        _ => new("attached", null, null),
    };
}
