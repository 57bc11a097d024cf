using Hornet.IL;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet;

// Packets on their way through the network stack.
public sealed partial class BpfSession
{
    /// <summary>Loads kernel code for packets without attaching it, for another place than an interface.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="place">Where it is going to run.</param>
    /// <param name="fragments">Whether it is made for packets in several buffers (5.18): <see cref="XdpContext.Data"/> is then the first of them only.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadXdp([KernelCode] Func<XdpContext, XdpAction> kernel, XdpPlace place, bool fragments = false, string name = "xdp")
    {
        var type = place switch
        {
            XdpPlace.Interface => AttachType.Xdp,
            XdpPlace.DeviceMap => AttachType.XdpDevMap,
            XdpPlace.CpuMap => AttachType.XdpCpuMap,
            _ => throw new ArgumentOutOfRangeException(nameof(place), place, "XDP programs run at an interface, a device map or a CPU map."),
        };
        return Load(KernelCode.Network(name, $"xdp:{name}", ProgramType.Xdp, kernel, type, flags: fragments ? ProgramFlags.XdpHasFrags : 0));
    }

    /// <summary>
    /// Loads kernel code for packets of one interface (6.3), which can ask the driver what it knows of a packet: <see cref="XdpContext.TryGetTimestamp"/>,
    /// <see cref="XdpContext.TryGetHash"/>, <see cref="XdpContext.TryGetVlanTag"/>. It can be attached there only, by <see cref="XdpLink.Attach(BpfProgram, string, XdpOptions?)"/>, and goes when the interface does.
    /// </summary>
    /// <param name="interfaceName">The interface: <c>eth0</c>.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadXdpFor(string interfaceName, [KernelCode] Func<XdpContext, XdpAction> kernel, string name = "xdp")
    {
        ArgumentException.ThrowIfNullOrEmpty(interfaceName);
        uint index = (uint)NetworkDevice.Find(interfaceName).Index;
        return Load(KernelCode.Network(name, $"xdp:{name}", ProgramType.Xdp, kernel, AttachType.Xdp, flags: ProgramFlags.XdpDeviceBoundOnly).For(index));
    }

    /// <summary>Runs kernel code for every packet that comes in by an interface or leaves by it: by tcx (6.6), or a filter of the clsact queueing discipline (4.1).</summary>
    /// <param name="interfaceName">The interface: <c>eth0</c>.</param>
    /// <param name="direction">Packets that come in, or that leave.</param>
    /// <param name="kernel">The code.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public BpfLink AttachTc(string interfaceName, TcDirection direction, [KernelCode] Func<SkbContext, TcAction> kernel)
    {
        ArgumentException.ThrowIfNullOrEmpty(interfaceName);
        return Own(TcLink.Attach(Load(KernelCode.Network("tc", $"tc:{interfaceName}:{direction}", ProgramType.SchedCls, kernel)), interfaceName, direction));
    }

    /// <summary>Loads such a program without attaching it: to run it with <see cref="BpfProgram.TestRun(TestRunOptions)"/>, or to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadTc([KernelCode] Func<SkbContext, TcAction> kernel, string name = "tc") => Load(KernelCode.Network(name, $"tc:{name}", ProgramType.SchedCls, kernel));

    /// <summary>Runs kernel code at a netfilter hook of this network namespace (6.4).</summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="hook">Where on a packet's way.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public NetfilterLink AttachNetfilter(NetfilterProtocol protocol, NetfilterHook hook, [KernelCode] Func<NetfilterContext, NetfilterVerdict> kernel, NetfilterOptions? options = null)
    {
        return Own(NetfilterLink.Attach(Load(KernelCode.Network("netfilter", $"netfilter:{hook}", ProgramType.Netfilter, kernel, AttachType.Netfilter)), protocol, hook, options));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadNetfilter([KernelCode] Func<NetfilterContext, NetfilterVerdict> kernel, string name = "netfilter") => Load(KernelCode.Network(name, $"netfilter:{name}", ProgramType.Netfilter, kernel, AttachType.Netfilter));

    /// <summary>Finds out the flows of the packets of a network namespace (4.20, by link 5.7).</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="networkNamespace">The namespace, such as <c>/run/netns/blue</c>; null for this thread's.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public NetnsLink AttachFlowDissector([KernelCode] Func<FlowDissectorContext, FlowDissectorResult> kernel, string? networkNamespace = null)
    {
        return Own(NetnsLink.Attach(Load(KernelCode.Network("flowDissector", $"flow dissector:{networkNamespace}", ProgramType.FlowDissector, kernel, AttachType.FlowDissector)), networkNamespace));
    }

    /// <summary>Loads such a program without attaching it: to run it with <see cref="BpfProgram.TestRun(TestRunOptions)"/>, or to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadFlowDissector([KernelCode] Func<FlowDissectorContext, FlowDissectorResult> kernel, string name = "flowDissector") => Load(KernelCode.Network(name, $"flow dissector:{name}", ProgramType.FlowDissector, kernel, AttachType.FlowDissector));

    /// <summary>Adds a route whose packets go through kernel code: on arrival for this host, on departure, on transmission (4.10).</summary>
    /// <param name="options">The route; its programs are those given here.</param>
    /// <param name="incoming">For packets that come in by the route.</param>
    /// <param name="outgoing">For packets that this host sends by the route.</param>
    /// <param name="transmitted">For packets that leave by the route; it may change them.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">The route cannot be added; the message says why.</exception>
    public LwtRoute AttachLwtRoute(LwtRouteOptions options, [KernelCode] Func<SkbContext, LwtAction>? incoming = null, [KernelCode] Func<SkbContext, LwtAction>? outgoing = null, [KernelCode] Func<SkbContext, LwtAction>? transmitted = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if ((incoming ?? outgoing ?? transmitted) is null) throw new ArgumentException("The route needs a program: incoming, outgoing or transmitted.", nameof(incoming));
        return Own(LwtRoute.Attach(options with
        {
            In = incoming is null ? options.In : LoadLwt(ProgramType.LwtIn, incoming, "lwt_in"),
            Out = outgoing is null ? options.Out : LoadLwt(ProgramType.LwtOut, outgoing, "lwt_out"),
            Xmit = transmitted is null ? options.Xmit : LoadLwt(ProgramType.LwtXmit, transmitted, "lwt_xmit"),
        }));
    }

    /// <summary>Loads kernel code for the packets of a route without adding one.</summary>
    /// <param name="type"><see cref="ProgramType.LwtIn"/>, <see cref="ProgramType.LwtOut"/> or <see cref="ProgramType.LwtXmit"/>.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadLwt(ProgramType type, [KernelCode] Func<SkbContext, LwtAction> kernel, string name = "lwt")
    {
        if (type is not (ProgramType.LwtIn or ProgramType.LwtOut or ProgramType.LwtXmit)) throw new ArgumentException($"Programs of routes are of type LwtIn, LwtOut or LwtXmit, not {type}.", nameof(type));
        return Load(KernelCode.Network(name, $"{type}:{name}", type, kernel));
    }
}
