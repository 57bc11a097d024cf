using Hornet.Btf;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;

namespace Hornet.Features;

/// <summary>
/// Kinds of attachment. Nothing is attached to find out, but for what cannot be seen or cannot run: a link is asked for
/// on a target that does not exist, and a kernel that knows the kind complains of the target.
/// </summary>
internal static unsafe class AttachFeatures
{
    private const uint NoDevice = int.MaxValue;
    private const uint NoDescriptor = uint.MaxValue;
    private const uint XdpDriverMode = 1 << 2;
    private const uint Loopback = 1;

    public static IReadOnlyList<KernelFeature> All { get; } =
    [
        Make("perf_event link", FirstKernel.PerfEventLink, () => Link(Returning(ProgramType.Tracepoint), AttachType.PerfEvent, Errno.EBADF), "CONFIG_PERF_EVENTS", Capability.PerfMon),
        // A cookie needs the link, and came with it.
        Make("bpf_cookie", FirstKernel.PerfEventLink, () => HelperFeatures.For(ProgramType.Kprobe, BpfHelper.GetAttachCookie).ProbeRaw(), "CONFIG_BPF_EVENTS", Capability.PerfMon),
        Make("kprobe", FirstKernel.Kprobe, () => ProbeAnswer.If(Directory.Exists("/sys/bus/event_source/devices/kprobe"), "The kernel has no kprobe events."), "CONFIG_KPROBES", Capability.PerfMon),
        Make("uprobe", "4.1", () => ProbeAnswer.If(Directory.Exists("/sys/bus/event_source/devices/uprobe"), "The kernel has no uprobe events."), "CONFIG_UPROBES", Capability.PerfMon),
        Make("kprobe.multi link", FirstKernel.KprobeMulti, () => KprobeMulti(AttachType.TraceKprobeMulti), "CONFIG_FPROBE", Capability.PerfMon),
        Make("kprobe.session link", FirstKernel.KprobeSession, () => KprobeMulti(AttachType.TraceKprobeSession), "CONFIG_FPROBE", Capability.PerfMon),
        Make("uprobe.multi link", FirstKernel.UprobeMulti, () => UprobeMulti(AttachType.TraceUprobeMulti), "CONFIG_UPROBES", Capability.PerfMon),
        Make("uprobe.session link", FirstKernel.UprobeSession, () => UprobeMulti(AttachType.TraceUprobeSession), "CONFIG_UPROBES", Capability.PerfMon),
        Make("raw tracepoint", FirstKernel.RawTracepoint, RawTracepoint, "CONFIG_BPF_EVENTS", Capability.PerfMon),
        Make("tp_btf", FirstKernel.Tracing, () => ProgramTypeFeatures.Find(ProgramType.Tracing)!.ProbeRaw(), "CONFIG_BPF_EVENTS", Capability.PerfMon),
        Make("fentry", FirstKernel.Tracing, () => Trampoline(AttachType.TraceFentry), "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS", Capability.PerfMon),
        Make("fexit", FirstKernel.Tracing, () => Trampoline(AttachType.TraceFexit), "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS", Capability.PerfMon),
        Make("fmod_ret", FirstKernel.ModifyReturn, ModifyReturn, "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS", Capability.PerfMon),
        Make("freplace", FirstKernel.Freplace, Replace),
        Make("lsm", FirstKernel.Lsm, () => ProgramTypeFeatures.Find(ProgramType.Lsm)!.ProbeRaw(), "CONFIG_BPF_LSM", Capability.PerfMon),
        Make("lsm_cgroup", FirstKernel.LsmCgroup, LsmCgroup, "CONFIG_BPF_LSM", Capability.PerfMon),
        Make("iter link", FirstKernel.Iterator, Iterator, "CONFIG_BPF_EVENTS", Capability.PerfMon),
        Make("struct_ops link", FirstKernel.StructOpsLink, () => MapTypeFeatures.StructOps(1 << 13), "CONFIG_BPF_JIT", Capability.NetAdmin),
        Make("cgroup link", FirstKernel.CgroupLink, () => Link(Returning(ProgramType.CgroupSkb, 1), AttachType.CgroupInetIngress, Errno.EBADF), "CONFIG_CGROUP_BPF", Capability.NetAdmin),
        Make("netns link", FirstKernel.NetnsLink, () => Link(Returning(ProgramType.FlowDissector), AttachType.FlowDissector, Errno.EBADF), "CONFIG_NET", Capability.NetAdmin),
        Make("xdp link", FirstKernel.XdpLink, XdpLink, "CONFIG_NET", Capability.NetAdmin),
        Make("tcx link", FirstKernel.Tcx, () => Link(Returning(ProgramType.SchedCls), AttachType.TcxIngress, Errno.ENODEV, NoDevice), "CONFIG_NET_XGRESS", Capability.NetAdmin),
        Make("netkit link", FirstKernel.Netkit, () => Link(Returning(ProgramType.SchedCls), AttachType.NetkitPrimary, Errno.ENODEV, NoDevice), "CONFIG_NETKIT", Capability.NetAdmin),
        Make("netfilter link", FirstKernel.Netfilter, NetfilterLink, "CONFIG_NETFILTER_BPF_LINK", Capability.NetAdmin),
        Make("sockmap link", FirstKernel.SockMapLink, () => Link(Returning(ProgramType.SkMsg), AttachType.SkMsgVerdict, Errno.EBADF), "CONFIG_INET", Capability.NetAdmin),
        Loads("cgroup getpeername", "5.8", ProgramType.CgroupSockAddr, AttachType.CgroupInet4GetPeerName, 1),
        Loads("cgroup udp recvmsg", "5.2", ProgramType.CgroupSockAddr, AttachType.CgroupUdp4RecvMsg, 1),
        Loads("cgroup sock release", "5.9", ProgramType.CgroupSock, AttachType.CgroupInetSockRelease, 1),
        Loads("cgroup unix sockets", "6.7", ProgramType.CgroupSockAddr, AttachType.CgroupUnixConnect, 1),
        Make("reuseport migration", "5.14", Migration, "CONFIG_INET", Capability.NetAdmin),
    ];

    private static ProbeProgram Returning(ProgramType type, int value = 0)
    {
        var code = ProbeProgram.Returning(type, value).Code;
        return ProgramTypeFeatures.Frame(type, code)!;
    }

    private static KernelFeature Make(string name, string since, Func<ProbeAnswer> probe, string? config = null, Capability? needs = null) =>
        new(FeatureCategory.Attach, name, since, probe) { Config = config, Needs = needs };

    private static KernelFeature Make(string name, Version since, Func<ProbeAnswer> probe, string? config = null, Capability? needs = null) =>
        new(FeatureCategory.Attach, name, since, probe) { Config = config, Needs = needs };

    private static KernelFeature Loads(string name, string since, ProgramType type, AttachType attach, int value) =>
        Make(name, since, () => (ProbeProgram.Returning(type, value) with { AttachType = attach }).Ask(), "CONFIG_CGROUP_BPF", Capability.NetAdmin);

    private static ProbeAnswer Link(ProbeProgram program, AttachType attach, Errno complaint, uint target = NoDescriptor)
    {
        LinkCreateAttr attr = new() { TargetFd = target, AttachType = (uint)attach };
        return Link(program, ref attr, complaint);
    }

    private static ProbeAnswer Link(ProbeProgram program, ref LinkCreateAttr attr, params ReadOnlySpan<Errno> complaints)
    {
        using var outcome = program.Load();
        if (outcome.Program is null) return ProbeAnswer.Of(outcome.Errno);
        attr.ProgFd = (uint)outcome.Program.Value;
        using var link = Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, "feature probe link");
        return link is not null ? ProbeAnswer.Yes : ProbeAnswer.Complains(Libc.LastError, complaints);
    }

    // The symbol does not exist: ESRCH (ENOENT in some) from a kernel that goes and looks.
    private static ProbeAnswer KprobeMulti(AttachType attach)
    {
        fixed (byte* symbol = "hornet_no_such_function\0"u8)
        {
            byte* symbols = symbol;
            LinkCreateAttr attr = new() { AttachType = (uint)attach, KprobeMultiCnt = 1, KprobeMultiSyms = Bpf.Pointer(&symbols) };
            return Link(ProbeProgram.Returning(ProgramType.Kprobe) with { AttachType = attach }, ref attr, Errno.ESRCH, Errno.ENOENT);
        }
    }

    // The path is a folder, which has no code to attach to: EBADF.
    private static ProbeAnswer UprobeMulti(AttachType attach)
    {
        ulong offset = 0;
        fixed (byte* path = "/\0"u8)
        {
            LinkCreateAttr attr = new() { AttachType = (uint)attach, UprobeMultiPath = Bpf.Pointer(path), UprobeMultiOffsets = Bpf.Pointer(&offset), UprobeMultiCnt = 1 };
            return Link(ProbeProgram.Returning(ProgramType.Kprobe) with { AttachType = attach }, ref attr, Errno.EBADF);
        }
    }

    private static ProbeAnswer RawTracepoint()
    {
        using var outcome = ProbeProgram.Returning(ProgramType.RawTracepoint).Load();
        if (outcome.Program is null) return ProbeAnswer.Of(outcome.Errno);
        fixed (byte* name = "hornet_no_such_tracepoint\0"u8)
        {
            RawTracepointAttr attr = new() { Name = Bpf.Pointer(name), ProgFd = (uint)outcome.Program.Value };
            using var link = Bpf.TryOpen(BpfCommand.RawTracepointOpen, ref attr, "feature probe link");
            return link is not null ? ProbeAnswer.Yes : ProbeAnswer.Complains(Libc.LastError, Errno.ENOENT);
        }
    }

    // Loading is where the target is checked; attaching to it would show in the traced function.
    private static ProbeAnswer Trampoline(AttachType attach) => ProgramTypeFeatures.Target("bpf_fentry_test1", BtfKind.Function) is { } id
        ? (ProbeProgram.Returning(ProgramType.Tracing) with { AttachType = attach, AttachBtfId = id }).Ask()
        : ProbeAnswer.Unclear(Errno.None, "The kernel's BTF does not have the function made for such tests.");

    private static ProbeAnswer ModifyReturn() => ProgramTypeFeatures.Target("security_file_open", BtfKind.Function) is { } id
        ? (ProbeProgram.Returning(ProgramType.Tracing) with { AttachType = AttachType.ModifyReturn, AttachBtfId = id }).Ask()
        : ProbeAnswer.Unclear(Errno.None, "The kernel's BTF has no security_file_open to ask with.");

    private static ProbeAnswer LsmCgroup() => ProgramTypeFeatures.Target("bpf_lsm_socket_post_create", BtfKind.Function) is { } id
        ? (ProbeProgram.Returning(ProgramType.Lsm, 1) with { AttachType = AttachType.LsmCgroup, AttachBtfId = id }).Ask()
        : ProbeAnswer.No(Errno.None, "The kernel has no BPF LSM hooks.");

    // Replaces the main function of a program of our own that never runs.
    private static ProbeAnswer Replace()
    {
        BtfBuilder builder = new();
        uint number = builder.AddInt("int", 4, BtfIntEncoding.Signed);
        uint context = builder.AddPointer(builder.AddStruct("xdp_md", 4, new BtfMemberDefinition("data", number, 0)));
        uint main = builder.AddFunction("main", builder.AddPrototype(number, ("ctx", context)), BtfLinkage.Global);
        using var btf = ProbeBtf.Load(builder, out var errno);
        if (btf is null) return ProbeAnswer.Of(errno);
        using var target = (ProbeProgram.Returning(ProgramType.Xdp, 2) with { Btf = btf, FunctionInfo = [0, main] }).Load();
        if (target.Program is null) return ProbeAnswer.Unclear(target.Errno);
        return (ProbeProgram.Returning(ProgramType.Ext, 2) with { Btf = btf, FunctionInfo = [0, main], AttachProgram = target.Program, AttachBtfId = main }).Ask();
    }

    // An iterator's link does nothing until its file is opened and read.
    private static ProbeAnswer Iterator()
    {
        if (!KernelBtf.IsAvailable) return ProbeAnswer.Unclear(Errno.None, "Without the kernel's BTF no iterator can be loaded to ask with.");
        if (ProgramTypeFeatures.Target("bpf_iter_task", BtfKind.Function) is not { } id) return ProbeAnswer.No(Errno.None, "The kernel has no iterators.");
        LinkCreateAttr attr = new() { AttachType = (uint)AttachType.TraceIter };
        return Link(ProbeProgram.Returning(ProgramType.Tracing) with { AttachType = AttachType.TraceIter, AttachBtfId = id }, ref attr);
    }

    // A device that does not exist is only EINVAL here. The loopback device has no driver that takes XDP: EOPNOTSUPP.
    private static ProbeAnswer XdpLink()
    {
        LinkCreateAttr attr = new() { TargetIfindex = Loopback, AttachType = (uint)AttachType.Xdp, Flags = XdpDriverMode };
        using var outcome = ProbeProgram.Returning(ProgramType.Xdp, 2).Load();
        if (outcome.Program is null) return ProbeAnswer.Of(outcome.Errno);
        attr.ProgFd = (uint)outcome.Program.Value;
        using var link = Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, "feature probe link");
        return link is not null ? ProbeAnswer.Yes : ProbeAnswer.Complains(Libc.LastError, Errno.EOPNOTSUPP, Errno.EEXIST, Errno.EBUSY);
    }

    // Before 5.14 the attach type is not looked at; but the context has no migrating_sk (offset 48) either.
    private static ProbeAnswer Migration() => (new ProbeProgram(ProgramType.SkReusePort,
        Instruction.Load(MemorySize.U64, Register.R0, Register.R1, 48), Instruction.Alu(AluOp.Mov, Register.R0, 1), Instruction.Exit())
    { AttachType = AttachType.SkReusePortSelectOrMigrate }).AskVerifier();

    private static ProbeAnswer NetfilterLink()
    {
        LinkCreateAttr attr = new() { AttachType = (uint)AttachType.Netfilter, NetfilterPf = 0xff };
        return Link(ProbeProgram.Returning(ProgramType.Netfilter, 1) with { AttachType = AttachType.Netfilter }, ref attr, Errno.EAFNOSUPPORT);
    }
}
