using Hornet.Programs;

namespace Hornet.Objects;

/// <summary>How <c>AttachAll</c> attaches a program, as its section's name says.</summary>
public enum AutoAttachKind
{
    /// <summary>Not by itself: it needs an interface, a cgroup, a socket or a map that no section name tells.</summary>
    None,
    /// <summary>A kernel function, or an address inside it.</summary>
    Kprobe,
    /// <summary>The return of a kernel function.</summary>
    Kretprobe,
    /// <summary>Many kernel functions by pattern.</summary>
    KprobeMulti,
    /// <summary>The returns of many kernel functions by pattern.</summary>
    KretprobeMulti,
    /// <summary>Entry and return of many kernel functions by pattern.</summary>
    KprobeSession,
    /// <summary>A system call by its name, whatever the architecture calls its function.</summary>
    Ksyscall,
    /// <summary>The return of a system call.</summary>
    Kretsyscall,
    /// <summary>A function of an executable or library.</summary>
    Uprobe,
    /// <summary>The return of a function of an executable or library.</summary>
    Uretprobe,
    /// <summary>Many functions of an executable or library by pattern.</summary>
    UprobeMulti,
    /// <summary>The returns of many functions of an executable or library.</summary>
    UretprobeMulti,
    /// <summary>Entry and return of many functions of an executable or library.</summary>
    UprobeSession,
    /// <summary>A statically defined probe of an executable or library.</summary>
    Usdt,
    /// <summary>A tracepoint: <c>category/name</c>.</summary>
    Tracepoint,
    /// <summary>A raw tracepoint.</summary>
    RawTracepoint,
    /// <summary>A tracing program: its target was fixed when it was loaded.</summary>
    Tracing,
    /// <summary>A tracing program for many functions.</summary>
    TracingMulti,
    /// <summary>A security hook: its target was fixed when it was loaded.</summary>
    Lsm,
    /// <summary>An iterator.</summary>
    Iterator,
    /// <summary>A netfilter hook; needs its options.</summary>
    Netfilter,
}

/// <summary>What a section name stands for.</summary>
/// <param name="Pattern">The name; with <c>+</c> at the end, a target may follow after a slash.</param>
/// <param name="Type">The kind of program.</param>
/// <param name="AttachType">The attach type.</param>
/// <param name="Flags">The load flags.</param>
/// <param name="AutoAttach">How it is attached.</param>
/// <param name="NeedsBtfTarget">Whether what it attaches to is found by BTF id when it is loaded.</param>
/// <param name="AttachTypeIsOptional">Whether kernels that do not know attach types for the kind load it without one.</param>
public sealed record SectionKind(
    string Pattern, ProgramType Type, AttachType AttachType, ProgramFlags Flags, AutoAttachKind AutoAttach, bool NeedsBtfTarget, bool AttachTypeIsOptional);

/// <summary>
/// The names of sections that programs are put in, and what they mean: libbpf's list, which is what C programmers write.
/// Older objects use looser names (<c>socket1</c>, <c>classifier/x</c>); those are understood too.
/// </summary>
public static class SectionTable
{
    /// <summary>The table. Longer names come before those they begin with.</summary>
    public static IReadOnlyList<SectionKind> All { get; } = Build();

    /// <summary>Finds the meaning of a section name.</summary>
    /// <param name="section">The name, with or without the <c>?</c> that switches automatic loading off.</param>
    /// <param name="attachTo">What follows after the slash; null for nothing.</param>
    /// <returns>The entry, or null when the name means nothing.</returns>
    public static SectionKind? Find(string section, out string? attachTo)
    {
        string name = section.StartsWith('?') ? section[1..] : section;
        attachTo = null;
        foreach (var kind in All)
        {
            bool open = kind.Pattern.EndsWith('+');
            string prefix = open ? kind.Pattern[..^1] : kind.Pattern;
            if (!name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            if (name.Length == prefix.Length) return kind;
            if (open && name[prefix.Length] == '/')
            {
                if (name.Length > prefix.Length + 1) attachTo = name[(prefix.Length + 1)..];
                return kind;
            }
        }
        return FindLoosely(name, ref attachTo);
    }

    /// <summary>Before libbpf 1.0 a section name only had to begin with the right words, and loaders still accept that.</summary>
    private static SectionKind? FindLoosely(string name, ref string? attachTo)
    {
        SectionKind? best = null;
        foreach (var kind in All)
        {
            // An open name without its slash is another word: kprobes, fentryx.
            if (kind.Pattern.EndsWith('+') || !name.StartsWith(kind.Pattern, StringComparison.Ordinal)) continue;
            char next = name[kind.Pattern.Length];
            if (next is not ('/' or '_' or '-') && !char.IsAsciiDigit(next)) continue;
            if (best is null || kind.Pattern.Length > best.Pattern.Length) best = kind;
        }
        if (best is not null && name[best.Pattern.Length] == '/' && name.Length > best.Pattern.Length + 1) attachTo = name[(best.Pattern.Length + 1)..];
        return best;
    }

    private static List<SectionKind> Build()
    {
        List<SectionKind> table = [];

        void Add(string pattern, ProgramType type, AttachType attach = 0, AutoAttachKind auto = AutoAttachKind.None,
            ProgramFlags flags = 0, bool btf = false, bool optional = false) =>
            table.Add(new SectionKind(pattern, type, attach, flags, auto, btf, optional));

        // With a sleepable variant, whose name has .s before the target.
        void AddBoth(string name, ProgramType type, AttachType attach, AutoAttachKind auto, bool btf = false)
        {
            Add(name + "+", type, attach, auto, btf: btf);
            Add(name + ".s+", type, attach, auto, ProgramFlags.Sleepable, btf);
        }

        Add("socket", ProgramType.SocketFilter);
        Add("sk_reuseport/migrate", ProgramType.SkReusePort, AttachType.SkReusePortSelectOrMigrate);
        Add("sk_reuseport", ProgramType.SkReusePort, AttachType.SkReusePortSelect);

        Add("kprobe+", ProgramType.Kprobe, 0, AutoAttachKind.Kprobe);
        Add("kretprobe+", ProgramType.Kprobe, 0, AutoAttachKind.Kretprobe);
        Add("kprobe.multi+", ProgramType.Kprobe, AttachType.TraceKprobeMulti, AutoAttachKind.KprobeMulti);
        Add("kretprobe.multi+", ProgramType.Kprobe, AttachType.TraceKprobeMulti, AutoAttachKind.KretprobeMulti);
        Add("kprobe.session+", ProgramType.Kprobe, AttachType.TraceKprobeSession, AutoAttachKind.KprobeSession);
        Add("ksyscall+", ProgramType.Kprobe, 0, AutoAttachKind.Ksyscall);
        Add("kretsyscall+", ProgramType.Kprobe, 0, AutoAttachKind.Kretsyscall);
        AddBoth("uprobe", ProgramType.Kprobe, 0, AutoAttachKind.Uprobe);
        AddBoth("uretprobe", ProgramType.Kprobe, 0, AutoAttachKind.Uretprobe);
        AddBoth("uprobe.multi", ProgramType.Kprobe, AttachType.TraceUprobeMulti, AutoAttachKind.UprobeMulti);
        AddBoth("uretprobe.multi", ProgramType.Kprobe, AttachType.TraceUprobeMulti, AutoAttachKind.UretprobeMulti);
        AddBoth("uprobe.session", ProgramType.Kprobe, AttachType.TraceUprobeSession, AutoAttachKind.UprobeSession);
        AddBoth("usdt", ProgramType.Kprobe, 0, AutoAttachKind.Usdt);

        Add("tc/ingress", ProgramType.SchedCls, AttachType.TcxIngress);
        Add("tc/egress", ProgramType.SchedCls, AttachType.TcxEgress);
        Add("tcx/ingress", ProgramType.SchedCls, AttachType.TcxIngress);
        Add("tcx/egress", ProgramType.SchedCls, AttachType.TcxEgress);
        Add("tc", ProgramType.SchedCls);
        Add("classifier", ProgramType.SchedCls);
        Add("action", ProgramType.SchedAct);
        Add("netkit/primary", ProgramType.SchedCls, AttachType.NetkitPrimary);
        Add("netkit/peer", ProgramType.SchedCls, AttachType.NetkitPeer);

        foreach (string name in (string[])["tracepoint", "tp"]) AddBoth(name, ProgramType.Tracepoint, 0, AutoAttachKind.Tracepoint);
        foreach (string name in (string[])["raw_tracepoint", "raw_tp"])
        {
            AddBoth(name, ProgramType.RawTracepoint, 0, AutoAttachKind.RawTracepoint);
            Add(name + ".w+", ProgramType.RawTracepointWritable, 0, AutoAttachKind.RawTracepoint);
        }
        AddBoth("tp_btf", ProgramType.Tracing, AttachType.TraceRawTp, AutoAttachKind.Tracing, btf: true);
        AddBoth("fentry", ProgramType.Tracing, AttachType.TraceFentry, AutoAttachKind.Tracing, btf: true);
        AddBoth("fmod_ret", ProgramType.Tracing, AttachType.ModifyReturn, AutoAttachKind.Tracing, btf: true);
        AddBoth("fexit", ProgramType.Tracing, AttachType.TraceFexit, AutoAttachKind.Tracing, btf: true);
        AddBoth("fsession", ProgramType.Tracing, AttachType.TraceFsession, AutoAttachKind.Tracing, btf: true);
        AddBoth("fentry.multi", ProgramType.Tracing, AttachType.TraceFentryMulti, AutoAttachKind.TracingMulti);
        AddBoth("fexit.multi", ProgramType.Tracing, AttachType.TraceFexitMulti, AutoAttachKind.TracingMulti);
        AddBoth("fsession.multi", ProgramType.Tracing, AttachType.TraceFsessionMulti, AutoAttachKind.TracingMulti);
        Add("freplace+", ProgramType.Ext, 0, AutoAttachKind.Tracing, btf: true);
        AddBoth("lsm", ProgramType.Lsm, AttachType.LsmMac, AutoAttachKind.Lsm, btf: true);
        Add("lsm_cgroup+", ProgramType.Lsm, AttachType.LsmCgroup, btf: true);
        AddBoth("iter", ProgramType.Tracing, AttachType.TraceIter, AutoAttachKind.Iterator, btf: true);
        Add("syscall", ProgramType.Syscall, flags: ProgramFlags.Sleepable);

        Add("xdp.frags/devmap", ProgramType.Xdp, AttachType.XdpDevMap, flags: ProgramFlags.XdpHasFrags);
        Add("xdp/devmap", ProgramType.Xdp, AttachType.XdpDevMap);
        Add("xdp.frags/cpumap", ProgramType.Xdp, AttachType.XdpCpuMap, flags: ProgramFlags.XdpHasFrags);
        Add("xdp/cpumap", ProgramType.Xdp, AttachType.XdpCpuMap);
        Add("xdp.frags", ProgramType.Xdp, AttachType.Xdp, flags: ProgramFlags.XdpHasFrags);
        Add("xdp", ProgramType.Xdp, AttachType.Xdp, optional: true);
        Add("perf_event", ProgramType.PerfEvent);
        Add("lwt_in", ProgramType.LwtIn);
        Add("lwt_out", ProgramType.LwtOut);
        Add("lwt_xmit", ProgramType.LwtXmit);
        Add("lwt_seg6local", ProgramType.LwtSeg6local);
        Add("sockops", ProgramType.SockOps, AttachType.CgroupSockOps, optional: true);
        Add("sk_skb/stream_parser", ProgramType.SkSkb, AttachType.SkSkbStreamParser, optional: true);
        Add("sk_skb/stream_verdict", ProgramType.SkSkb, AttachType.SkSkbStreamVerdict, optional: true);
        Add("sk_skb/verdict", ProgramType.SkSkb, AttachType.SkSkbVerdict, optional: true);
        Add("sk_skb", ProgramType.SkSkb);
        Add("sk_msg", ProgramType.SkMsg, AttachType.SkMsgVerdict, optional: true);
        Add("lirc_mode2", ProgramType.LircMode2, AttachType.LircMode2, optional: true);
        Add("flow_dissector", ProgramType.FlowDissector, AttachType.FlowDissector, optional: true);

        Add("cgroup_skb/ingress", ProgramType.CgroupSkb, AttachType.CgroupInetIngress, optional: true);
        Add("cgroup_skb/egress", ProgramType.CgroupSkb, AttachType.CgroupInetEgress, optional: true);
        Add("cgroup/skb", ProgramType.CgroupSkb);
        Add("cgroup/sock_create", ProgramType.CgroupSock, AttachType.CgroupInetSockCreate);
        Add("cgroup/sock_release", ProgramType.CgroupSock, AttachType.CgroupInetSockRelease);
        Add("cgroup/sock", ProgramType.CgroupSock, AttachType.CgroupInetSockCreate, optional: true);
        Add("cgroup/post_bind4", ProgramType.CgroupSock, AttachType.CgroupInet4PostBind);
        Add("cgroup/post_bind6", ProgramType.CgroupSock, AttachType.CgroupInet6PostBind);
        Add("cgroup/bind4", ProgramType.CgroupSockAddr, AttachType.CgroupInet4Bind);
        Add("cgroup/bind6", ProgramType.CgroupSockAddr, AttachType.CgroupInet6Bind);
        Add("cgroup/connect4", ProgramType.CgroupSockAddr, AttachType.CgroupInet4Connect);
        Add("cgroup/connect6", ProgramType.CgroupSockAddr, AttachType.CgroupInet6Connect);
        Add("cgroup/connect_unix", ProgramType.CgroupSockAddr, AttachType.CgroupUnixConnect);
        Add("cgroup/sendmsg4", ProgramType.CgroupSockAddr, AttachType.CgroupUdp4SendMsg);
        Add("cgroup/sendmsg6", ProgramType.CgroupSockAddr, AttachType.CgroupUdp6SendMsg);
        Add("cgroup/sendmsg_unix", ProgramType.CgroupSockAddr, AttachType.CgroupUnixSendMsg);
        Add("cgroup/recvmsg4", ProgramType.CgroupSockAddr, AttachType.CgroupUdp4RecvMsg);
        Add("cgroup/recvmsg6", ProgramType.CgroupSockAddr, AttachType.CgroupUdp6RecvMsg);
        Add("cgroup/recvmsg_unix", ProgramType.CgroupSockAddr, AttachType.CgroupUnixRecvMsg);
        Add("cgroup/getpeername4", ProgramType.CgroupSockAddr, AttachType.CgroupInet4GetPeerName);
        Add("cgroup/getpeername6", ProgramType.CgroupSockAddr, AttachType.CgroupInet6GetPeerName);
        Add("cgroup/getpeername_unix", ProgramType.CgroupSockAddr, AttachType.CgroupUnixGetPeerName);
        Add("cgroup/getsockname4", ProgramType.CgroupSockAddr, AttachType.CgroupInet4GetSockName);
        Add("cgroup/getsockname6", ProgramType.CgroupSockAddr, AttachType.CgroupInet6GetSockName);
        Add("cgroup/getsockname_unix", ProgramType.CgroupSockAddr, AttachType.CgroupUnixGetSockName);
        Add("cgroup/sysctl", ProgramType.CgroupSysctl, AttachType.CgroupSysctl);
        Add("cgroup/getsockopt", ProgramType.CgroupSockOpt, AttachType.CgroupGetSockOpt);
        Add("cgroup/setsockopt", ProgramType.CgroupSockOpt, AttachType.CgroupSetSockOpt);
        Add("cgroup/dev", ProgramType.CgroupDevice, AttachType.CgroupDevice, optional: true);

        AddBoth("struct_ops", ProgramType.StructOps, 0, AutoAttachKind.None);
        Add("sk_lookup", ProgramType.SkLookup, AttachType.SkLookup);
        Add("netfilter", ProgramType.Netfilter, AttachType.Netfilter, AutoAttachKind.Netfilter);
        return table;
    }
}
