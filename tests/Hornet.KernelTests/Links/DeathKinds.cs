using System.Net;
using System.Net.Sockets;
using Hornet.Isa;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.KernelTests.Links;

/// <summary>What an attachment needs of the test that kills its process; its path or name is handed to the process.</summary>
internal enum DeathPlace
{
    Nowhere,
    Cgroup,
    TargetBinary,
    NetkitDevice,
}

/// <summary>One way to attach, for a process that is killed right behind it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Link">The class of the link.</param>
/// <param name="Kernel">The kernel's kind of link; null for attachments that are no link objects on any kernel.</param>
/// <param name="Needs">What it needs of the kernel.</param>
/// <param name="Attach">Attaches; the stage keeps what must live.</param>
internal sealed record DeathKind(string Name, Type Link, LinkType? Kernel, Needs[] Needs, Func<DeathStage, BpfLink> Attach)
{
    public DeathPlace Place { get; init; }

    /// <summary>The first kernel that has it, beyond what the needs say.</summary>
    public Version? Since { get; init; }

    /// <summary>Whether it stays after the kill, which must be announced, recorded, and cleaned up.</summary>
    public bool Survives { get; init; }

    /// <summary>Whether it leaves a definition in tracefs, without a program, that the next one sweeps.</summary>
    public bool LeavesDefinition { get; init; }
}

/// <summary>Where a process to be killed keeps its programs.</summary>
internal sealed class DeathStage(string argument)
{
    private readonly List<object> _kept = [];

    /// <summary>The path or name of its <see cref="DeathPlace"/>.</summary>
    public string Argument { get; } = argument;

    public List<BpfProgram> Programs { get; } = [];

    /// <summary>A program that does nothing but return.</summary>
    public BpfProgram Program(ProgramType type, AttachType attachType = 0, int result = 0, TracingTarget? target = null)
    {
        ProgramSpec spec = new() { Name = "hornet_dead", Type = type, AttachType = attachType, Instructions = new Assembler().Mov(Register.R0, result).Exit().Build() };
        return Add(BpfProgram.Load(spec, target?.For()));
    }

    public BpfProgram Add(BpfProgram program)
    {
        Programs.Add(program);
        return program;
    }

    public T Keep<T>(T thing) where T : notnull
    {
        _kept.Add(thing);
        return thing;
    }
}

/// <summary>Every way to attach that the library has. A test fails when one is missing.</summary>
internal static class DeathKinds
{
    // getsid(2), which nobody calls by accident; the hook it asks; tracing it harms nobody.
    private const string Function = "__x64_sys_getsid", Hook = "task_getsid";

    private static readonly ClangSource s_congestion = new("""
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        #include <bpf/bpf_tracing.h>
        char _license[] SEC("license") = "GPL";
        SEC("struct_ops/ssthresh") __u32 BPF_PROG(dead_ssthresh, struct sock *sk) { return 5; }
        SEC("struct_ops/undo_cwnd") __u32 BPF_PROG(dead_undo, struct sock *sk) { return 10; }
        SEC("struct_ops/cong_avoid") void BPF_PROG(dead_avoid, struct sock *sk, __u32 ack, __u32 acked) { }
        SEC(".struct_ops.link") struct tcp_congestion_ops hornet_death = {
            .ssthresh = (void *)dead_ssthresh, .undo_cwnd = (void *)dead_undo, .cong_avoid = (void *)dead_avoid, .name = "hornet_death",
        };
        """);

    public static readonly IReadOnlyList<DeathKind> All =
    [
        // Tracing.
        Of<TracepointLink>("tracepoint", LinkType.PerfEvent, [], s => TracepointLink.Attach(s.Program(ProgramType.Tracepoint), "syscalls", "sys_enter_getsid")),
        Of<RawTracepointLink>("raw tracepoint", LinkType.RawTracepoint, [], s => RawTracepointLink.Attach(s.Program(ProgramType.RawTracepoint), "sys_enter")),
        Of<RawTracepointLink>("tp_btf", LinkType.RawTracepoint, [Needs.TpBtf], s => RawTracepointLink.AttachTyped(Typed(s, AttachType.TraceRawTp, TracingTarget.Tracepoint("sys_enter")))),
        Of<KprobeLink>("kprobe", LinkType.PerfEvent, [Needs.Kprobes], s => KprobeLink.Attach(s.Program(ProgramType.Kprobe), Function)),
        Of<KprobeLink>("kretprobe", LinkType.PerfEvent, [Needs.Kprobes], s => KprobeLink.Attach(s.Program(ProgramType.Kprobe), Function, new() { IsReturn = true })),
        Of<KprobeLink>("kretprobe with maxactive", LinkType.PerfEvent, [Needs.Kprobes], s => KprobeLink.Attach(s.Program(ProgramType.Kprobe), Function, new() { IsReturn = true, MaxActive = 20 })) with { LeavesDefinition = true },
        Of<KprobeMultiLink>("kprobe.multi", LinkType.KprobeMulti, [Needs.KprobeMulti], s => KprobeMultiLink.Attach(s.Program(ProgramType.Kprobe, AttachType.TraceKprobeMulti), [Function])),
        Of<KprobeMultiLink>("kprobe.session", LinkType.KprobeMulti, [Needs.KprobeSession], s => KprobeMultiLink.Attach(s.Program(ProgramType.Kprobe, AttachType.TraceKprobeSession), [Function])),
        Of<UprobeLink>("uprobe", LinkType.PerfEvent, [Needs.Uprobes], s => UprobeLink.Attach(s.Program(ProgramType.Kprobe), s.Argument, "hornet_one")) with { Place = DeathPlace.TargetBinary },
        Of<UprobeLink>("uretprobe", LinkType.PerfEvent, [Needs.Uprobes], s => UprobeLink.Attach(s.Program(ProgramType.Kprobe), s.Argument, "hornet_one", new() { IsReturn = true })) with { Place = DeathPlace.TargetBinary },
        Of<UprobeMultiLink>("uprobe.multi", LinkType.UprobeMulti, [Needs.UprobeMulti], s => UprobeMultiLink.Attach(s.Program(ProgramType.Kprobe, AttachType.TraceUprobeMulti), s.Argument, ["hornet_one", "hornet_two"])) with { Place = DeathPlace.TargetBinary },
        Of<UprobeMultiLink>("uprobe.session", LinkType.UprobeMulti, [Needs.UprobeSession], s => UprobeMultiLink.Attach(s.Program(ProgramType.Kprobe, AttachType.TraceUprobeSession), s.Argument, ["hornet_one"])) with { Place = DeathPlace.TargetBinary },
        Of<UsdtLink>("usdt", LinkType.PerfEvent, [Needs.PerfEventLink, Needs.Usdt], s => UsdtLink.Attach(s.Program(ProgramType.Kprobe), s.Argument, "hornet", "sites")) with { Place = DeathPlace.TargetBinary },
        Of<PerfEventLink>("perf event", LinkType.PerfEvent, [], s => PerfEventLink.Attach(s.Program(ProgramType.PerfEvent), PerfEventSource.Software(SoftwareEvent.CpuClock), new() { Frequency = 10 })),
        Of<TracingLink>("fentry", LinkType.Tracing, [Needs.Fentry], s => TracingLink.Attach(Typed(s, AttachType.TraceFentry, TracingTarget.Function(Function)))),
        Of<TracingLink>("fexit", LinkType.Tracing, [Needs.Fentry], s => TracingLink.Attach(Typed(s, AttachType.TraceFexit, TracingTarget.Function(Function)))),
        Of<TracingLink>("fmod_ret", LinkType.Tracing, [Needs.FmodRet], s => TracingLink.Attach(Typed(s, AttachType.ModifyReturn, TracingTarget.Function("security_" + Hook)))),
        Of<TracingLink>("fsession", LinkType.Tracing, [Needs.Fentry], s => TracingLink.Attach(Typed(s, AttachType.TraceFsession, TracingTarget.Function(Function)))) with { Since = new(7, 0) },
        Of<TracingLink>("fentry on a program", LinkType.Tracing, [Needs.Fentry], s => TracingLink.Attach(Typed(s, AttachType.TraceFentry, TracingTarget.FunctionOf(Target(s).Program, TargetProgram.Callee)))),
        Of<TracingMultiLink>("fentry.multi", LinkType.TracingMulti, [Needs.Fentry], s => TracingMultiLink.Attach(s.Program(ProgramType.Tracing, AttachType.TraceFentryMulti), [Function])) with { Since = new(7, 2) },
        Of<FreplaceLink>("freplace", LinkType.Tracing, [Needs.Freplace], Freplace),
        Of<LsmLink>("lsm", LinkType.Tracing, [Needs.Lsm], s => LsmLink.Attach(s.Program(ProgramType.Lsm, AttachType.LsmMac, 0, s.Keep(TracingTarget.SecurityHook(Hook))))),
        Of<LsmCgroupLink>("lsm_cgroup", LinkType.Cgroup, [Needs.LsmCgroup, Needs.Cgroup2], s => LsmCgroupLink.Attach(s.Program(ProgramType.Lsm, AttachType.LsmCgroup, 1, s.Keep(TracingTarget.SecurityHook(Hook))), s.Argument)) with { Place = DeathPlace.Cgroup },
        Of<IteratorLink>("iterator", LinkType.Iter, [Needs.Iterators], s => IteratorLink.Attach(Typed(s, AttachType.TraceIter, TracingTarget.Iterator("task")))),

        // Tables.
        Of<StructOpsLink>("struct_ops", LinkType.StructOps, [Needs.StructOpsLink, Needs.Clang], s => StructOpsLink.Attach(Table(s, byLink: true).Map("hornet_death"))),
        Of<StructOpsLink>("struct_ops by value", null, [Needs.StructOps, Needs.Clang], StructOpsByValue) with { Survives = true },

        // Network.
        Of<XdpLink>("xdp", LinkType.Xdp, [Needs.XdpLink], s => XdpLink.Attach(s.Program(ProgramType.Xdp, AttachType.Xdp, 2), "lo", new() { Method = XdpMethod.Link })),
        Of<XdpLink>("xdp by netlink", null, [], s => XdpLink.Attach(s.Program(ProgramType.Xdp, 0, 2), "lo", new() { Mode = XdpMode.Generic, Method = XdpMethod.Netlink })) with { Survives = true },
        Of<TcxLink>("tcx", LinkType.Tcx, [Needs.Tcx], s => TcxLink.Attach(s.Program(ProgramType.SchedCls), "lo", TcDirection.Ingress)),
        Of<TcFilterLink>("tc filter", null, [], s => TcFilterLink.Attach(s.Program(ProgramType.SchedCls), "lo", TcDirection.Ingress)) with { Survives = true },
        Of<NetkitLink>("netkit", LinkType.Netkit, [Needs.Netkit], s => NetkitLink.Attach(s.Program(ProgramType.SchedCls), s.Argument, NetkitEnd.Primary)) with { Place = DeathPlace.NetkitDevice },
        Of<NetfilterLink>("netfilter", LinkType.Netfilter, [Needs.Netfilter], s => NetfilterLink.Attach(s.Program(ProgramType.Netfilter, AttachType.Netfilter, 1), NetfilterProtocol.IPv4, NetfilterHook.LocalOut)),
        Of<NetnsLink>("sk_lookup", LinkType.Netns, [Needs.SkLookup], s => NetnsLink.Attach(s.Program(ProgramType.SkLookup, AttachType.SkLookup, 1))),
        Of<NetnsLink>("flow dissector", LinkType.Netns, [], s => NetnsLink.Attach(s.Program(ProgramType.FlowDissector, AttachType.FlowDissector))),
        Of<LwtRoute>("route", null, [], s => LwtRoute.Attach(new() { Destination = IPNetwork.Parse("10.9.9.0/24"), InterfaceName = "lo", Out = s.Program(ProgramType.LwtOut) })) with { Survives = true },
        Of<CgroupLink>("cgroup", LinkType.Cgroup, [Needs.CgroupLink, Needs.Cgroup2], s => CgroupLink.Attach(s.Program(ProgramType.CgroupSkb, AttachType.CgroupInetEgress, 1), s.Argument, new() { Method = CgroupMethod.Link })) with { Place = DeathPlace.Cgroup },
        Of<CgroupLink>("cgroup without link", null, [Needs.Cgroup2], s => CgroupLink.Attach(s.Program(ProgramType.CgroupSkb, AttachType.CgroupInetEgress, 1), s.Argument, new() { Method = CgroupMethod.Legacy })) with { Place = DeathPlace.Cgroup, Survives = true },
        Of<SockMapLink>("sockmap", LinkType.SockMap, [Needs.SockMapLink], s => SockMapLink.Attach(s.Program(ProgramType.SkMsg, AttachType.SkMsgVerdict, 1), Sockets(s), method: SockMapMethod.Link)),
        Of<SockMapLink>("sockmap without link", null, [], s => SockMapLink.Attach(s.Program(ProgramType.SkMsg, AttachType.SkMsgVerdict, 1), Sockets(s), method: SockMapMethod.Legacy)),
        Of<SocketLink>("socket filter", null, [], s => SocketLink.AttachFilter(s.Program(ProgramType.SocketFilter), Socket(s).SafeHandle)),
        Of<SocketLink>("port sharing", null, [], s => SocketLink.AttachReusePort(s.Program(ProgramType.SocketFilter), Socket(s).SafeHandle)),
    ];

    public static DeathKind Get(string name) => All.Single(k => k.Name == name);

    private static DeathKind Of<T>(string name, LinkType? kernel, Needs[] needs, Func<DeathStage, T> attach) where T : BpfLink => new(name, typeof(T), kernel, needs, attach);

    private static BpfProgram Typed(DeathStage stage, AttachType attachType, TracingTarget target) => stage.Program(ProgramType.Tracing, attachType, 0, stage.Keep(target));

    private static TargetProgram Target(DeathStage stage)
    {
        var target = stage.Keep(new TargetProgram());
        stage.Add(target.Program);
        return target;
    }

    private static FreplaceLink Freplace(DeathStage stage)
    {
        var target = Target(stage);
        return FreplaceLink.Attach(stage.Add(target.LoadReplacement(42, stage.Keep(TracingTarget.FunctionOf(target.Program, TargetProgram.Callee)))));
    }

    private static LoadedObject Table(DeathStage stage, bool byLink)
    {
        var spec = BpfObject.Parse(s_congestion.Object, "death.o");
        if (!byLink) spec.Maps["hornet_death"].Flags &= ~MapFlags.Link;
        var loaded = stage.Keep(spec.Load());
        stage.Programs.AddRange(loaded.Programs.Values);
        return loaded;
    }

    private static StructOpsLink StructOpsByValue(DeathStage stage)
    {
        var loaded = Table(stage, byLink: false);
        return StructOpsLink.AttachByValue(loaded.Map("hornet_death"), loaded.StructOpsValues["hornet_death"]);
    }

    private static BpfMap Sockets(DeathStage stage) => stage.Keep(BpfMap.Create(new MapSpec { Name = "dead_sockets", Type = MapType.SockMap, KeySize = 4, ValueSize = 4, MaxEntries = 1 }));

    private static Socket Socket(DeathStage stage)
    {
        const int socketLevel = 1, reusePort = 15;
        var socket = stage.Keep(new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.SetRawSocketOption(socketLevel, reusePort, BitConverter.GetBytes(1));
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
