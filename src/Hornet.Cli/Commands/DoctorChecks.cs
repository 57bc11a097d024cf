using System.Runtime.InteropServices;
using Hornet.Btf;
using Hornet.Features;
using Hornet.Kernel;
using Hornet.Links;

namespace Hornet.Cli.Commands;

/// <summary>How a check of this machine came out.</summary>
internal enum Health
{
    Good,
    Limited,
    Missing,
}

/// <summary>One check: what was looked at, how it came out, what was seen, and what to do.</summary>
internal sealed record Finding(string Area, string Name, Health Health, string Detail, string? Advice = null);

/// <summary>The checks of <c>hornet doctor</c>. Each looks at the machine itself; none changes anything.</summary>
internal static class DoctorChecks
{
    private static readonly (Capability Capability, string What)[] s_capabilities =
    [
        (Capability.Bpf, "create maps and load programs"),
        (Capability.PerfMon, "tracing programs and perf events"),
        (Capability.NetAdmin, "network programs"),
        (Capability.SysAdmin, "objects by id, uprobes through perf, mounting"),
        (Capability.DacReadSearch, "reading tracefs whatever its modes"),
    ];

    public static IEnumerable<Finding> All() => [.. Basics(), .. Permissions(), .. FileSystems(), .. Probes(), .. Networking(), .. Tools()];

    private static IEnumerable<Finding> Basics()
    {
        const string Area = "kernel";
        var version = KernelVersion.Running;
        yield return version >= new KernelVersion(5, 10)
            ? new(Area, "version", Health.Good, $"{version} ({KernelVersion.Release}), {RuntimeInformation.OSArchitecture}")
            : new(Area, "version", Health.Limited, $"{version} ({KernelVersion.Release})", "Hornet is tested from Linux 5.10 on; older kernels may work in part.");
        yield return OfFeature(Area, "bpf system call", KernelFeatures.Of(ProgramType.SocketFilter)!, "Programs can be loaded.");
        yield return OfFeature(Area, "just-in-time compiler", Named(KernelFeatures.System, "just-in-time compiler"), "Programs run as machine code.", Health.Limited,
            "Programs run interpreted, several times slower: write 1 to /proc/sys/net/core/bpf_jit_enable.");
        yield return KernelBtf.IsAvailable
            ? new(Area, "BTF", Health.Good, "/sys/kernel/btf/vmlinux is there: programs adapt to this kernel's types.")
            : new(Area, "BTF", Health.Missing, "There is no /sys/kernel/btf/vmlinux.", "fentry, LSM, iterators and CO-RE need a kernel built with CONFIG_DEBUG_INFO_BTF. Most distributions have it from 2021 on.");
        yield return Kconfig.Running is { } config
            ? new(Area, "configuration", Health.Good, $"{config.Count} options read from {config.Source}.")
            : new(Area, "configuration", Health.Limited, "It is found neither in /proc/config.gz nor under /boot.", "Reasons for missing features, and __kconfig externs of objects, cannot be told. Install the kernel's config file, or load the module 'configs'.");
        yield return Lockdown.Current switch
        {
            null or LockdownMode.None => new(Area, "lockdown", Health.Good, "not locked down"),
            LockdownMode.Integrity => new(Area, "lockdown", Health.Limited, "integrity: programs may not write user memory, and some kernels refuse more.", "It comes from Secure Boot or the boot parameter lockdown=."),
            _ => new(Area, "lockdown", Health.Missing, "confidentiality: kernel memory cannot be read, so most tracing is refused.", "It comes from the boot parameter lockdown=confidentiality or a kernel built so."),
        };
        if (version < new KernelVersion(5, 11))
            yield return new(Area, "memory limit", Health.Limited, "Before Linux 5.11 maps count against RLIMIT_MEMLOCK; Hornet raises it.", "Raising needs CAP_SYS_RESOURCE.");
    }

    private static IEnumerable<Finding> Permissions()
    {
        const string Area = "permissions";
        var effective = Capabilities.Effective;
        foreach (var (capability, what) in s_capabilities)
        {
            yield return effective.Has(capability)
                ? new(Area, Capabilities.NameOf(capability), Health.Good, $"held: {what}")
                : new(Area, Capabilities.NameOf(capability), Health.Missing, $"not held: {what}", "Run as root, or give the process this capability.");
        }
        if (ReadNumber("/proc/sys/kernel/kptr_restrict") is { } restrict)
        {
            yield return restrict == 0 || (restrict == 1 && effective.Has(Capability.Syslog))
                ? new(Area, "kernel addresses", Health.Good, $"kernel.kptr_restrict is {restrict}: symbols can be resolved.")
                : new(Area, "kernel addresses", Health.Limited, $"kernel.kptr_restrict is {restrict}: kernel symbols read as zero.", "Kernel stacks stay numbers. Hold CAP_SYSLOG, or set kernel.kptr_restrict=0.");
        }
    }

    private static IEnumerable<Finding> FileSystems()
    {
        const string Area = "file systems";
        yield return OfMount(Area, "tracefs", Mounts.Tracefs, "tracepoints and the names of functions", "mount -t tracefs tracefs /sys/kernel/tracing");
        yield return OfMount(Area, "bpffs", Mounts.Bpffs, "pinning", "mount -t bpf bpf /sys/fs/bpf");
        yield return OfMount(Area, "cgroup v2", Mounts.Cgroup2, "cgroup programs and --cgroup", "mount -t cgroup2 cgroup2 /sys/fs/cgroup (or /sys/fs/cgroup/unified beside version 1)");
        if (Mounts.Tracefs is { } tracefs)
        {
            yield return Directory.Exists(tracefs + "/events/syscalls")
                ? new(Area, "syscall tracepoints", Health.Good, "There: opensnoop works.")
                : new(Area, "syscall tracepoints", Health.Missing, "The kernel was built without CONFIG_FTRACE_SYSCALLS.", "opensnoop needs them; syscount does not.");
        }
    }

    private static IEnumerable<Finding> Probes()
    {
        const string Area = "tracing";
        yield return OfFeature(Area, "raw tracepoints", Attach("raw tracepoint"), "available");
        yield return OfFeature(Area, "typed tracepoints", Attach("tp_btf"), "available");
        yield return OfFeature(Area, "kprobes", Attach("kprobe"), "available", Health.Missing, "Functions of the kernel cannot be probed by name. Use tracepoints or raw tracepoints.");
        yield return OfFeature(Area, "kprobe.multi", Attach("kprobe.multi link"), "available: many functions at once", Health.Limited, "Many functions are attached one by one, which is slow.");
        yield return OfFeature(Area, "fentry and fexit", Attach("fentry"), "available: the cheapest probes", Health.Limited, "Use kprobes or raw tracepoints.");
        yield return OfFeature(Area, "uprobes", Attach("uprobe"), "available: functions of programs, USDT");
        yield return OfFeature(Area, "uprobe.multi", Attach("uprobe.multi link"), "available", Health.Limited, "Many places are attached one by one.");
        yield return OfFeature(Area, "iterators", Attach("iter link"), "available");
        yield return OfFeature(Area, "LSM programs", Attach("lsm"), Lsm(), Health.Limited, "The kernel needs CONFIG_BPF_LSM, and 'bpf' among the lsm= boot parameters.");
        yield return OfFeature(Area, "attach cookies", Attach("bpf_cookie"), "available", Health.Limited, "USDT and shared programs are told apart by address instead.");
        yield return OfFeature(Area, "ring buffer", KernelFeatures.Of(MapType.RingBuf)!, "available");
        yield return Directory.Exists("/sys/bus/event_source/devices/cpu") || Directory.Exists("/sys/bus/event_source/devices/cpu_core")
            ? new(Area, "hardware counters", Health.Good, "The CPU's performance counters are there.")
            : new(Area, "hardware counters", Health.Limited, "This CPU (or virtual machine) shows no performance counters.", "Sampling by cycles or cache misses does not work; sampling by time does.");
    }

    private static IEnumerable<Finding> Networking()
    {
        const string Area = "networking";
        yield return OfFeature(Area, "XDP", Attach("xdp link"), "available", Health.Limited, "XDP is attached by netlink; it then survives a kill -9 (see hornet cleanup).");
        yield return OfFeature(Area, "tcx", Attach("tcx link"), "available", Health.Limited, "Hornet attaches to clsact by netlink instead; that survives a kill -9 (see hornet cleanup).");
        yield return OfFeature(Area, "netkit", Attach("netkit link"), "available", Health.Limited, "Only needed for netkit devices.");
        yield return OfFeature(Area, "netfilter", Attach("netfilter link"), "available", Health.Limited, "Use tc or XDP.");
        yield return OfFeature(Area, "cgroup programs", Attach("cgroup link"), "available");
        yield return OfFeature(Area, "socket lookup", Attach("netns link"), "available");
        yield return OfFeature(Area, "struct_ops", Attach("struct_ops link"), "available", Health.Limited, "TCP congestion control and schedulers in BPF are not possible.");
    }

    private static IEnumerable<Finding> Tools()
    {
        const string Area = "tools";
        yield return Which("clang") is { } clang
            ? new(Area, "clang", Health.Good, $"{clang} (only needed to compile C programs)")
            : new(Area, "clang", Health.Limited, "It is not installed.", "Only needed to compile C programs: apt install clang.");
        int orphans = Orphans(out string? problem);
        yield return problem is not null
            ? new(Area, "left behind", Health.Limited, problem)
            : orphans == 0
                ? new(Area, "left behind", Health.Good, "No dead process left attachments.")
                : new(Area, "left behind", Health.Limited, $"{orphans} attachments of dead processes.", "See them with 'hornet cleanup --dry-run', remove them with 'hornet cleanup'.");
    }

    private static int Orphans(out string? problem)
    {
        problem = null;
        try
        {
            return AttachmentJournal.FindOrphans().Count;
        }
        catch (Exception e) when (e is BpfException or IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
            return 0;
        }
    }

    private static string Lsm()
    {
        try
        {
            string active = File.ReadAllText("/sys/kernel/security/lsm");
            return active.Split(',').Contains("bpf") ? "available and active" : $"programs load, but 'bpf' is not among the active modules ({active}), so they never run.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "programs load; whether 'bpf' is among the active modules cannot be seen (securityfs is not mounted).";
        }
    }

    private static KernelFeature Attach(string name) => Named(KernelFeatures.Attachments, name);

    private static KernelFeature Named(IReadOnlyList<KernelFeature> features, string name) => features.First(f => f.Name == name);

    private static Finding OfFeature(string area, string name, KernelFeature feature, string good, Health otherwise = Health.Missing, string? advice = null)
    {
        var result = feature.Probe();
        return result.IsAvailable ? new(area, name, Health.Good, good) : new(area, name, otherwise, result.Detail, advice);
    }

    private static Finding OfMount(string area, string name, string? path, string what, string advice) => path is not null
        ? new(area, name, Health.Good, $"mounted at {path}")
        : new(area, name, Health.Limited, $"not mounted; needed for {what}.", $"Mount it: {advice}");

    private static string? Which(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);

    private static int? ReadNumber(string path)
    {
        try
        {
            return int.TryParse(File.ReadAllText(path), out int value) ? value : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
