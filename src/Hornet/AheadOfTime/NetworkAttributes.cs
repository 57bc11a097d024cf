using System.Reflection;
using Hornet.IL;

namespace Hornet;

/// <summary>A program that runs for every packet an interface receives (4.8): <c>static XdpAction Method(XdpContext context)</c>. What to attach it to is said at run time.</summary>
public sealed class XdpAttribute : BpfProgramAttribute
{
    internal override string Section => "xdp";

    internal override KernelCode Code(MethodInfo method) =>
        KernelCode.Network(method.Name, $"xdp:{method.Name}", ProgramType.Xdp, Delegate<Func<XdpContext, XdpAction>>(method, "static XdpAction Method(XdpContext context)"));
}

/// <summary>A program of traffic control (4.1): <c>static TcAction Method(SkbContext context)</c>. What to attach it to is said at run time.</summary>
public sealed class TcAttribute : BpfProgramAttribute
{
    internal override string Section => "tc";

    internal override KernelCode Code(MethodInfo method) =>
        KernelCode.Network(method.Name, $"tc:{method.Name}", ProgramType.SchedCls, Delegate<Func<SkbContext, TcAction>>(method, "static TcAction Method(SkbContext context)"));
}

/// <summary>A program that filters what a socket receives (3.19): <c>static int Method(SkbContext context)</c>. What to attach it to is said at run time.</summary>
public sealed class SocketFilterAttribute : BpfProgramAttribute
{
    internal override string Section => "socket";

    internal override KernelCode Code(MethodInfo method) =>
        KernelCode.Network(method.Name, $"socket:{method.Name}", ProgramType.SocketFilter, Delegate<Func<SkbContext, int>>(method, "static int Method(SkbContext context)"));
}

/// <summary>A program in a chain of netfilter (6.4): <c>static NetfilterVerdict Method(NetfilterContext context)</c>. What to attach it to is said at run time.</summary>
public sealed class NetfilterAttribute : BpfProgramAttribute
{
    internal override string Section => "netfilter";

    internal override KernelCode Code(MethodInfo method) =>
        KernelCode.Network(method.Name, $"netfilter:{method.Name}", ProgramType.Netfilter, Delegate<Func<NetfilterContext, NetfilterVerdict>>(method, "static NetfilterVerdict Method(NetfilterContext context)"), AttachType.Netfilter);
}

/// <summary>A program that chooses the socket for a packet (5.9): <c>static SkAction Method(SkLookupContext context)</c>. What to attach it to is said at run time.</summary>
public sealed class SkLookupAttribute : BpfProgramAttribute
{
    internal override string Section => "sk_lookup";

    internal override KernelCode Code(MethodInfo method) =>
        KernelCode.Network(method.Name, $"sk_lookup:{method.Name}", ProgramType.SkLookup, Delegate<Func<SkLookupContext, SkAction>>(method, "static SkAction Method(SkLookupContext context)"), AttachType.SkLookup);
}

/// <summary>A program that decides about what the sockets of a map send (4.17): <c>static SkAction Method(SkMsgContext context)</c>. What to attach it to is said at run time.</summary>
public sealed class SkMsgAttribute : BpfProgramAttribute
{
    internal override string Section => "sk_msg";

    internal override KernelCode Code(MethodInfo method) =>
        KernelCode.Network(method.Name, $"sk_msg:{method.Name}", ProgramType.SkMsg, Delegate<Func<SkMsgContext, SkAction>>(method, "static SkAction Method(SkMsgContext context)"), AttachType.SkMsgVerdict);
}

/// <summary>A program for packets that a control group receives (4.10): <c>static CgroupVerdict Method(SkbContext context)</c>. What to attach it to is said at run time.</summary>
public sealed class CgroupIngressAttribute : BpfProgramAttribute
{
    internal override string Section => "cgroup_skb/ingress";

    internal override KernelCode Code(MethodInfo method) =>
        KernelCode.Network(method.Name, $"cgroup_skb/ingress:{method.Name}", ProgramType.CgroupSkb, Delegate<Func<SkbContext, CgroupVerdict>>(method, "static CgroupVerdict Method(SkbContext context)"), AttachType.CgroupInetIngress);
}

/// <summary>A program for packets that a control group sends (4.10): <c>static CgroupVerdict Method(SkbContext context)</c>. What to attach it to is said at run time.</summary>
public sealed class CgroupEgressAttribute : BpfProgramAttribute
{
    internal override string Section => "cgroup_skb/egress";

    internal override KernelCode Code(MethodInfo method) =>
        KernelCode.Network(method.Name, $"cgroup_skb/egress:{method.Name}", ProgramType.CgroupSkb, Delegate<Func<SkbContext, CgroupVerdict>>(method, "static CgroupVerdict Method(SkbContext context)"), AttachType.CgroupInetEgress);
}

/// <summary>A program that decides about devices for a control group (4.15): <c>static CgroupVerdict Method(DeviceContext context)</c>. What to attach it to is said at run time.</summary>
public sealed class CgroupDeviceAttribute : BpfProgramAttribute
{
    internal override string Section => "cgroup/dev";

    internal override KernelCode Code(MethodInfo method) =>
        KernelCode.Network(method.Name, $"cgroup/dev:{method.Name}", ProgramType.CgroupDevice, Delegate<Func<DeviceContext, CgroupVerdict>>(method, "static CgroupVerdict Method(DeviceContext context)"), AttachType.CgroupDevice);
}

/// <summary>A program for the events of a control group's TCP sockets (4.13): <c>static void Method(SockOpsContext context)</c>. What to attach it to is said at run time.</summary>
public sealed class SockOpsAttribute : BpfProgramAttribute
{
    internal override string Section => "sockops";

    internal override KernelCode Code(MethodInfo method) =>
        KernelCode.Network(method.Name, $"sockops:{method.Name}", ProgramType.SockOps, Delegate<Action<SockOpsContext>>(method, "static void Method(SockOpsContext context)"), AttachType.CgroupSockOps, defaultResult: 1);
}
