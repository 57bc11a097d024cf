using Hornet.Kernel;

namespace Hornet.KernelTests;

/// <summary>Every need, with its minimum version and its probe. To add one: a name in <see cref="Needs"/> and a line here.</summary>
internal static class NeedCatalog
{
    private static readonly Dictionary<Needs, Need> s_needs = new()
    {
        [Needs.Root] = Machine("root", () => ProbeResult.Of(Capabilities.Effective.Has(Capability.SysAdmin), "this process has no CAP_SYS_ADMIN")),
        [Needs.Bpftool] = Machine("bpftool", () => ProbeResult.Of(TestFiles.HasTool("bpftool"), "it is not on the PATH")),
        [Needs.Clang] = Machine("clang", () => ProbeResult.Of(TestFiles.HasTool("clang"), "it is not on the PATH")),
        [Needs.HardwarePmu] = Machine("a hardware PMU", NeedProbes.HardwarePmu),
        [Needs.Modules] = Machine("loadable modules", NeedProbes.Modules),
        [Needs.ModuleBtf] = Since("BTF of modules", "5.11", NeedProbes.ModuleBtf, "DEBUG_INFO_BTF_MODULES", "MODULES"),
        [Needs.VmlinuxBtf] = Since("kernel BTF", "5.4", () => ProbeResult.Of(KernelBtfScan.Available, "no /sys/kernel/btf/vmlinux"), "DEBUG_INFO_BTF"),
        [Needs.Cgroup2] = Since("cgroup2", "4.5", NeedProbes.Cgroup2, "CGROUPS", "CGROUP_BPF"),
        [Needs.NetworkNamespaces] = Since("network namespaces", "3.0", NeedProbes.NetworkNamespaces, "NET_NS"),

        [Needs.Kprobes] = Since("kprobes", "4.17", NeedProbes.Kprobes, "KPROBES", "KPROBE_EVENTS"),
        [Needs.KprobeMulti] = Since("kprobe.multi", FirstKernel.KprobeMulti, () => NeedProbes.KprobeMulti(AttachType.TraceKprobeMulti), "KPROBES", "FPROBE"),
        [Needs.KprobeSession] = Since("kprobe.session", FirstKernel.KprobeSession, () => NeedProbes.KprobeMulti(AttachType.TraceKprobeSession), "KPROBES", "FPROBE"),
        [Needs.Uprobes] = Since("uprobes", FirstKernel.Uprobe, NeedProbes.Uprobes, "UPROBES", "UPROBE_EVENTS"),
        [Needs.UprobeMulti] = Since("uprobe.multi", FirstKernel.UprobeMulti, () => NeedProbes.UprobeMulti(AttachType.TraceUprobeMulti), "UPROBES", "UPROBE_EVENTS"),
        [Needs.UprobeSession] = Since("uprobe.session", FirstKernel.UprobeSession, () => NeedProbes.UprobeMulti(AttachType.TraceUprobeSession), "UPROBES", "UPROBE_EVENTS"),
        // A USDT probe is a uprobe whose semaphore the kernel counts (4.20).
        [Needs.Usdt] = Since("USDT", "4.20", NeedProbes.Uprobes, "UPROBES", "UPROBE_EVENTS"),
        [Needs.PerfEventLink] = Since("perf event links and cookies", FirstKernel.PerfEventLink, NeedProbes.PerfEventLink, "PERF_EVENTS"),
        [Needs.AvailableFilterFunctions] = Machine("available_filter_functions", NeedProbes.AvailableFilterFunctions),

        [Needs.Fentry] = Since("fentry", FirstKernel.Tracing, () => NeedProbes.Trampoline(ProgramType.Tracing, AttachType.TraceFentry, "bpf_fentry_test1"), "DEBUG_INFO_BTF", "FUNCTION_TRACER"),
        [Needs.FmodRet] = Since("fmod_ret", FirstKernel.ModifyReturn, () => NeedProbes.Trampoline(ProgramType.Tracing, AttachType.ModifyReturn, "security_file_open"), "DEBUG_INFO_BTF", "FUNCTION_TRACER"),
        [Needs.Freplace] = Since("freplace", FirstKernel.Freplace, NeedProbes.Freplace, "DEBUG_INFO_BTF"),
        [Needs.Lsm] = Since("BPF LSM", FirstKernel.Lsm, () => NeedProbes.Trampoline(ProgramType.Lsm, AttachType.LsmMac, "bpf_lsm_file_open"), "BPF_LSM", "DEBUG_INFO_BTF"),
        [Needs.LsmCgroup] = Since("LSM programs of a cgroup", FirstKernel.LsmCgroup, NeedProbes.LsmCgroup, "BPF_LSM", "DEBUG_INFO_BTF"),
        [Needs.TpBtf] = Since("tp_btf", FirstKernel.Tracing, NeedProbes.TpBtf, "DEBUG_INFO_BTF"),

        [Needs.XdpLink] = Since("XDP links", FirstKernel.XdpLink, NeedProbes.XdpLink),
        [Needs.Tcx] = Since("tcx", FirstKernel.Tcx, NeedProbes.Tcx, "NET_XGRESS"),
        [Needs.Netkit] = Since("netkit", FirstKernel.Netkit, NeedProbes.Netkit, "NETKIT"),
        [Needs.Netfilter] = Since("netfilter links", FirstKernel.Netfilter, NeedProbes.Netfilter, "NETFILTER_BPF_LINK"),
        [Needs.SkLookup] = Since("sk_lookup", "5.9", () => NeedProbes.Program(ProgramType.SkLookup, AttachType.SkLookup, RawBpf.Return1)),
        [Needs.CgroupLink] = Since("cgroup links", FirstKernel.CgroupLink, NeedProbes.CgroupLink, "CGROUP_BPF"),
        [Needs.SockMapLink] = Since("sockmap links", FirstKernel.SockMapLink, NeedProbes.SockMapLink, "BPF_STREAM_PARSER"),

        [Needs.SleepablePrograms] = Since("sleepable programs", "5.10", NeedProbes.Sleepable, "BPF_LSM", "DEBUG_INFO_BTF"),
        [Needs.SyscallPrograms] = Since("syscall programs", "5.14", () => NeedProbes.Program(ProgramType.Syscall, flags: 1 << 4)),
        [Needs.Kfuncs] = Since("kfuncs in every program type", "6.2", NeedProbes.Kfuncs, "DEBUG_INFO_BTF"),
        [Needs.BpfLoop] = Since("bpf_loop", "5.17", NeedProbes.BpfLoop),
        [Needs.IsaV4] = Since("instruction set v4", "6.6", NeedProbes.IsaV4),
        [Needs.LoadAcquire] = Since("load-acquire", "6.15", NeedProbes.LoadAcquire),
        [Needs.XdpLiveFrames] = Since("XDP test runs with live frames", "5.18", NeedProbes.XdpLiveFrames),
        [Needs.BpfStatistics] = Since("BPF_ENABLE_STATS", "5.8", NeedProbes.Statistics),
        [Needs.Token] = Since("BPF tokens", "6.9", NeedProbes.Token),

        [Needs.RingBuffer] = Since("ring buffers", FirstKernel.Of(MapType.RingBuf)!, () => NeedProbes.Map(MapType.RingBuf, 0, 0, 4096)),
        [Needs.UserRingBuffer] = Since("user ring buffers", FirstKernel.Of(MapType.UserRingBuf)!, () => NeedProbes.Map(MapType.UserRingBuf, 0, 0, 4096)),
        [Needs.BloomFilter] = Since("bloom filters", FirstKernel.Of(MapType.BloomFilter)!, () => NeedProbes.Map(MapType.BloomFilter, 0, 4, 16)),
        [Needs.TaskStorage] = Since("task storage", FirstKernel.Of(MapType.TaskStorage)!, () => NeedProbes.Storage(MapType.TaskStorage)),
        [Needs.CgroupStorage] = Since("cgroup storage (cgrp)", FirstKernel.Of(MapType.CgrpStorage)!, () => NeedProbes.Storage(MapType.CgrpStorage), "CGROUPS"),
        [Needs.InodeStorage] = Since("inode storage", FirstKernel.Of(MapType.InodeStorage)!, () => NeedProbes.Storage(MapType.InodeStorage), "BPF_LSM"),
        [Needs.Arena] = Since("arenas", FirstKernel.Of(MapType.Arena)!, () => NeedProbes.Map(MapType.Arena, 0, 0, 1, flags: 1 << 10)),
        [Needs.StructOps] = Since("struct_ops", FirstKernel.Of(MapType.StructOps)!, () => NeedProbes.StructOps(0), "BPF_JIT", "DEBUG_INFO_BTF", "INET"),
        [Needs.StructOpsLink] = Since("struct_ops links", FirstKernel.StructOpsLink, () => NeedProbes.StructOps(1 << 13), "BPF_JIT", "DEBUG_INFO_BTF", "INET"),
        [Needs.Schedulers] = Since("schedulers (sched_ext)", "6.12", () => ProbeResult.Of(Directory.Exists("/sys/kernel/sched_ext"), "no /sys/kernel/sched_ext"), "SCHED_CLASS_EXT"),
        [Needs.BatchOperations] = Since("batch operations", "5.6", NeedProbes.Batch),
        [Needs.Iterators] = Since("iterators", FirstKernel.Iterator, NeedProbes.Iterators, "DEBUG_INFO_BTF"),
    };

    public static Need Get(Needs need) => s_needs[need];

    public static IEnumerable<Needs> All => Enum.GetValues<Needs>().Where(n => n != Needs.None);

    private static Need Machine(string name, Func<ProbeResult> probe) => new(name, null, [], probe);

    private static Need Since(string name, Version version, Func<ProbeResult> probe, params string[] config) =>
        Since(name, version.ToString(), probe, config);

    private static Need Since(string name, string version, Func<ProbeResult> probe, params string[] config) =>
        new(name, KernelVersion.Parse(version), config, probe);
}
