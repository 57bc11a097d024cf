using Hornet.Btf;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;

namespace Hornet.Features;

/// <summary>Kinds of program: is one loaded?</summary>
internal static class ProgramTypeFeatures
{
    private const uint Sleepable = 1 << 4;

    // First kernels: the commits that added the kinds to enum bpf_prog_type.
    private static readonly (ProgramType Type, KernelFeature Feature)[] s_all =
    [
        Make(ProgramType.SocketFilter, "socket_filter", "3.19", "CONFIG_NET", null),
        Make(ProgramType.Kprobe, "kprobe", "4.1", "CONFIG_BPF_EVENTS", Capability.PerfMon),
        Make(ProgramType.SchedCls, "sched_cls", "4.1", "CONFIG_NET", Capability.NetAdmin),
        Make(ProgramType.SchedAct, "sched_act", "4.1", "CONFIG_NET", Capability.NetAdmin),
        Make(ProgramType.Tracepoint, "tracepoint", "4.7", "CONFIG_BPF_EVENTS", Capability.PerfMon),
        Make(ProgramType.Xdp, "xdp", "4.8", "CONFIG_NET", Capability.NetAdmin),
        Make(ProgramType.PerfEvent, "perf_event", "4.9", "CONFIG_BPF_EVENTS", Capability.PerfMon),
        Make(ProgramType.CgroupSkb, "cgroup_skb", "4.10", "CONFIG_CGROUP_BPF", Capability.NetAdmin),
        Make(ProgramType.CgroupSock, "cgroup_sock", "4.10", "CONFIG_CGROUP_BPF", Capability.NetAdmin),
        Make(ProgramType.LwtIn, "lwt_in", "4.10", "CONFIG_NET", Capability.NetAdmin),
        Make(ProgramType.LwtOut, "lwt_out", "4.10", "CONFIG_NET", Capability.NetAdmin),
        Make(ProgramType.LwtXmit, "lwt_xmit", "4.10", "CONFIG_NET", Capability.NetAdmin),
        Make(ProgramType.SockOps, "sock_ops", "4.13", "CONFIG_CGROUP_BPF", Capability.NetAdmin),
        Make(ProgramType.SkSkb, "sk_skb", "4.14", "CONFIG_INET", Capability.NetAdmin),
        Make(ProgramType.CgroupDevice, "cgroup_device", "4.15", "CONFIG_CGROUP_BPF", Capability.NetAdmin),
        Make(ProgramType.SkMsg, "sk_msg", "4.17", "CONFIG_INET", Capability.NetAdmin),
        Make(ProgramType.RawTracepoint, "raw_tracepoint", "4.17", "CONFIG_BPF_EVENTS", Capability.PerfMon),
        Make(ProgramType.CgroupSockAddr, "cgroup_sock_addr", "4.17", "CONFIG_CGROUP_BPF", Capability.NetAdmin),
        Make(ProgramType.LwtSeg6local, "lwt_seg6local", "4.18", "CONFIG_IPV6_SEG6_BPF", Capability.NetAdmin),
        Make(ProgramType.LircMode2, "lirc_mode2", "4.18", "CONFIG_BPF_LIRC_MODE2", Capability.PerfMon),
        Make(ProgramType.SkReusePort, "sk_reuseport", "4.19", "CONFIG_INET", Capability.NetAdmin),
        Make(ProgramType.FlowDissector, "flow_dissector", "4.20", "CONFIG_NET", Capability.NetAdmin),
        Make(ProgramType.CgroupSysctl, "cgroup_sysctl", "5.2", "CONFIG_CGROUP_BPF", Capability.NetAdmin),
        Make(ProgramType.RawTracepointWritable, "raw_tracepoint_writable", "5.2", "CONFIG_BPF_EVENTS", Capability.PerfMon),
        Make(ProgramType.CgroupSockOpt, "cgroup_sockopt", "5.3", "CONFIG_CGROUP_BPF", Capability.NetAdmin),
        Make(ProgramType.Tracing, "tracing", "5.5", "CONFIG_BPF_EVENTS", Capability.PerfMon),
        Make(ProgramType.StructOps, "struct_ops", "5.6", "CONFIG_BPF_JIT", Capability.PerfMon),
        Make(ProgramType.Ext, "ext", "5.6", null, null),
        Make(ProgramType.Lsm, "lsm", "5.7", "CONFIG_BPF_LSM", Capability.PerfMon),
        Make(ProgramType.SkLookup, "sk_lookup", "5.9", "CONFIG_INET", Capability.NetAdmin),
        Make(ProgramType.Syscall, "syscall", "5.14", null, null),
        Make(ProgramType.Netfilter, "netfilter", "6.4", "CONFIG_NETFILTER_BPF_LINK", Capability.NetAdmin),
    ];

    public static IReadOnlyList<KernelFeature> All { get; } = [.. s_all.Select(entry => entry.Feature)];

    /// <summary>Every kind, in the kernel's order.</summary>
    public static IEnumerable<ProgramType> Types => s_all.Select(entry => entry.Type);

    public static KernelFeature? Find(ProgramType type) => (uint)type is > 0 and var n && n <= s_all.Length ? s_all[n - 1].Feature : null;

    /// <summary>
    /// A frame of a program of the type, to put code in: the attach type and target such a program cannot be loaded
    /// without. Null when this kernel has nothing for it to attach to.
    /// </summary>
    public static ProbeProgram? Frame(ProgramType type, params Instruction[] code)
    {
        ProbeProgram frame = new(type, code);
        return type switch
        {
            ProgramType.CgroupSockAddr => frame with { AttachType = AttachType.CgroupInet4Connect },
            ProgramType.CgroupSockOpt => frame with { AttachType = AttachType.CgroupGetSockOpt },
            ProgramType.SkLookup => frame with { AttachType = AttachType.SkLookup },
            ProgramType.Netfilter => frame with { AttachType = AttachType.Netfilter },
            ProgramType.Syscall => frame with { Flags = Sleepable },
            ProgramType.Tracing => Target("btf_trace_sched_switch", BtfKind.Typedef) is { } id ? frame with { AttachType = AttachType.TraceRawTp, AttachBtfId = id } : null,
            ProgramType.Lsm => Target("bpf_lsm_file_open", BtfKind.Function) is { } id ? frame with { AttachType = AttachType.LsmMac, AttachBtfId = id } : null,
            ProgramType.StructOps => Target("tcp_congestion_ops", BtfKind.Struct) is { } id ? frame with { AttachType = (AttachType)(MemberIndex(id, "ssthresh") ?? 0), AttachBtfId = id } : null,
            ProgramType.Ext => null,
            _ => frame,
        };
    }

    /// <summary>
    /// All frames that matter for what the verifier allows in the type: tracing and LSM programs can do different things
    /// by what they attach to, and whether they may sleep.
    /// </summary>
    public static IEnumerable<ProbeProgram> Frames(ProgramType type, params Instruction[] code)
    {
        if (Frame(type, code) is not { } frame) yield break;
        yield return frame;
        if (type == ProgramType.Tracing)
        {
            if (Target("bpf_iter_task", BtfKind.Function) is { } iterator) yield return frame with { AttachType = AttachType.TraceIter, AttachBtfId = iterator };
            if (Target("bpf_fentry_test1", BtfKind.Function) is { } function) yield return frame with { AttachType = AttachType.TraceFexit, AttachBtfId = function };
        }
        else if (type == ProgramType.Lsm)
        {
            yield return frame with { Flags = Sleepable };
            if (Target("bpf_lsm_bprm_committed_creds", BtfKind.Function) is { } exec) yield return frame with { AttachBtfId = exec, Flags = Sleepable };
        }
    }

    /// <summary>The frame of a member of a table of functions; none when this kernel does not have it.</summary>
    public static IEnumerable<ProbeProgram> MemberFrames(KernelMember member, bool maySleep, params Instruction[] code)
    {
        if (Target(member.Table, BtfKind.Struct) is { } id && MemberIndex(id, member.Name) is { } index)
            yield return new(ProgramType.StructOps, code) { AttachType = (AttachType)index, AttachBtfId = id, Flags = maySleep ? Sleepable : 0 };
    }

    /// <summary>The id of a type of the kernel's; null without BTF or without the type.</summary>
    public static uint? Target(string name, BtfKind kind) =>
        KernelBtf.IsAvailable && KernelBtf.Vmlinux.TryFind(name, kind, out var type) ? type.Id : null;

    private static ProbeAnswer Probe(ProgramType type)
    {
        Instruction[] code = [Instruction.Alu(AluOp.Mov, Register.R0, 0), Instruction.Exit()];
        if (type == ProgramType.Ext) return Known(type, code);
        if (Frame(type, code) is { } frame) return frame.Ask();
        if (!KernelBtf.IsAvailable) return Known(type, code);
        return ProbeAnswer.No(Errno.None, "The kernel's BTF has nothing a program of this type could attach to.");
    }

    // Without a target no such program loads; but only a verifier that knows the type gets as far as to say so.
    private static ProbeAnswer Known(ProgramType type, Instruction[] code)
    {
        using var outcome = new ProbeProgram(type, code).Load(withLog: true);
        return outcome.Log.Length > 0 ? ProbeAnswer.Yes : ProbeAnswer.Of(outcome.Errno);
    }

    // A struct_ops program's expected attach type is the index of the member it implements.
    private static int? MemberIndex(uint structId, string name)
    {
        foreach (var member in KernelBtf.Vmlinux[structId].Members)
        {
            if (member.Name == name) return member.Index;
        }
        return null;
    }

    private static (ProgramType, KernelFeature) Make(ProgramType type, string name, string since, string? config, Capability? needs) =>
        (type, new KernelFeature(FeatureCategory.ProgramType, name, since, () => Probe(type)) { Config = config, Needs = needs });
}
