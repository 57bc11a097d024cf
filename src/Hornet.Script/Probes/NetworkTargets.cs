using Hornet.Script.Types;

namespace Hornet.Script.Probes;

/// <summary>Packets as they come from a device's driver; the result is the verdict.</summary>
internal sealed class XdpTarget(AttachPoint point) : PointTarget(point)
{
    public override ProgramType ProgramType => ProgramType.Xdp;
    public override AttachType AttachType => AttachType.Xdp;
    public override ScriptType? ContextType => KernelContext.Struct("xdp_md");
    public override IReadOnlyList<ScriptArgument>? Arguments => KernelContext.ContextFields("xdp_md");
}

/// <summary>Packets of a device, coming or going, at the traffic control's hooks.</summary>
internal sealed class TcTarget(AttachPoint point) : PointTarget(point)
{
    public bool IsIngress => Point.Function == "ingress";
    public override ProgramType ProgramType => ProgramType.SchedCls;
    public override AttachType AttachType => IsIngress ? AttachType.TcxIngress : AttachType.TcxEgress;
    public override ScriptType? ContextType => KernelContext.Struct("__sk_buff");
    public override IReadOnlyList<ScriptArgument>? Arguments => KernelContext.ContextFields("__sk_buff");
}

/// <summary>A hook of a control group.</summary>
internal sealed class CgroupTarget(AttachPoint point) : PointTarget(point)
{
    public static readonly SortedDictionary<string, (ProgramType Program, AttachType Hook, string Context)> Hooks = new(StringComparer.Ordinal)
    {
        ["ingress"] = (ProgramType.CgroupSkb, AttachType.CgroupInetIngress, "__sk_buff"),
        ["egress"] = (ProgramType.CgroupSkb, AttachType.CgroupInetEgress, "__sk_buff"),
        ["sock_create"] = (ProgramType.CgroupSock, AttachType.CgroupInetSockCreate, "bpf_sock"),
        ["connect4"] = (ProgramType.CgroupSockAddr, AttachType.CgroupInet4Connect, "bpf_sock_addr"),
        ["connect6"] = (ProgramType.CgroupSockAddr, AttachType.CgroupInet6Connect, "bpf_sock_addr"),
        ["bind4"] = (ProgramType.CgroupSockAddr, AttachType.CgroupInet4Bind, "bpf_sock_addr"),
        ["bind6"] = (ProgramType.CgroupSockAddr, AttachType.CgroupInet6Bind, "bpf_sock_addr"),
        ["sendmsg4"] = (ProgramType.CgroupSockAddr, AttachType.CgroupUdp4SendMsg, "bpf_sock_addr"),
        ["sendmsg6"] = (ProgramType.CgroupSockAddr, AttachType.CgroupUdp6SendMsg, "bpf_sock_addr"),
    };

    public override ProgramType ProgramType => Hooks[Point.Function].Program;
    public override AttachType AttachType => Hooks[Point.Function].Hook;
    public override ScriptType? ContextType => KernelContext.Struct(Hooks[Point.Function].Context);
    public override IReadOnlyList<ScriptArgument>? Arguments => KernelContext.ContextFields(Hooks[Point.Function].Context);
}

/// <summary>A hook of the security modules; the result is 0 or a negative error.</summary>
internal sealed class LsmTarget(AttachPoint point, IReadOnlyList<ScriptArgument> arguments) : PointTarget(point)
{
    private CompositeType? _type;

    public override ProgramType ProgramType => ProgramType.Lsm;
    public override AttachType AttachType => AttachType.LsmMac;
    public override string? AttachTo => Point.Function;
    public override string? FunctionName => Point.Function;
    public override IReadOnlyList<ScriptArgument>? Arguments => arguments;
    public override CompositeType? ArgumentsType => _type ??= KernelContext.WordsType($"{FullName}_args", arguments);
}
