using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>
/// A traffic-control program on a network interface by BPF link (tcx, Linux 6.6): no qdisc, no priorities, an order
/// that neighbours can rely on, and detached by the kernel when the process ends. The programs of a hook run one after
/// another until one returns something else than <c>TCX_NEXT</c> (-1); clsact filters come last.
/// </summary>
public sealed class TcxLink : BpfFdLink
{
    private static readonly AttachNeeds s_needs = new("tcx", FirstKernel.Tcx, "CONFIG_NET_XGRESS", "CAP_BPF and CAP_NET_ADMIN");

    private TcxLink(FileDescriptor descriptor, NetworkDevice device, TcDirection direction) : base(descriptor, Describe(device, direction))
    {
        Device = device;
        Direction = direction;
    }

    /// <summary>The interface, as it was named at attach.</summary>
    public NetworkDevice Device { get; }

    /// <summary>Which packets the program sees.</summary>
    public TcDirection Direction { get; }

    /// <summary>Attaches a program to an interface of the calling thread's network namespace.</summary>
    /// <exception cref="BpfNotSupportedException">The kernel has no tcx.</exception>
    /// <exception cref="BpfException">There is no such interface, or the kernel refused; the message says why.</exception>
    public static TcxLink Attach(BpfProgram program, string interfaceName, TcDirection direction, AttachOrder? order = null) =>
        Attach(program, NetworkDevice.Find(interfaceName), direction, order);

    /// <inheritdoc cref="Attach(BpfProgram, string, TcDirection, AttachOrder?)"/>
    public static TcxLink Attach(BpfProgram program, int interfaceIndex, TcDirection direction, AttachOrder? order = null) =>
        Attach(program, NetworkDevice.Find(interfaceIndex), direction, order);

    internal static AttachType HookOf(TcDirection direction) => direction == TcDirection.Ingress ? AttachType.TcxIngress : AttachType.TcxEgress;

    internal static TcxLink Attach(BpfProgram program, NetworkDevice device, TcDirection direction, AttachOrder? order)
    {
        Require.Type(program, ProgramType.SchedCls, "tcx");
        order ??= new AttachOrder();
        LinkCreateAttr attr = new()
        {
            ProgFd = (uint)program.Descriptor.Value,
            TargetIfindex = (uint)device.Index,
            AttachType = (uint)HookOf(direction),
            Flags = order.Anchor.Flags,
            TcxRelativeFd = order.Anchor.Relative,
            TcxExpectedRevision = order.ExpectedRevision,
        };
        string description = Describe(device, direction);
        return Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, description) is { } descriptor
            ? new TcxLink(descriptor, device, direction)
            : throw AttachError.Create($"attach '{program.Name}' to {description}", Libc.LastError, s_needs,
                KernelFacts.Version < s_needs.Since ? null : AttachOrder.Explain(Libc.LastError, order));
    }

    private static string Describe(NetworkDevice device, TcDirection direction) => $"tcx on {device.Name} {direction.ToString().ToLowerInvariant()}";
}
