using System.Reflection;
using Hornet.IL;

namespace Hornet;

/// <summary>
/// A program that runs for every packet an interface receives (4.8): <c>static XdpAction Method(XdpContext packet)</c>.
/// Which interface is said when it is attached.
/// </summary>
public sealed class XdpAttribute : BpfProgramAttribute
{
    internal override string Section => "xdp";

    internal override KernelCode Code(MethodInfo method) => KernelCode.Xdp(method.Name, Delegate<Func<XdpContext, XdpAction>>(method, "static XdpAction Method(XdpContext packet)"));
}
