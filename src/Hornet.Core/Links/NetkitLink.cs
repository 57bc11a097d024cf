using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>The two ends of a netkit pair.</summary>
public enum NetkitEnd
{
    /// <summary>The end that programs are attached through, normally on the host.</summary>
    Primary,
    /// <summary>The other end, normally inside a container, which cannot remove the programs.</summary>
    Peer,
}

/// <summary>
/// A traffic-control program on a netkit pair (Linux 6.7): it runs for packets leaving one of its ends, and is attached
/// through the primary end whichever that is. The verdicts are those of tcx.
/// </summary>
public sealed class NetkitLink : BpfFdLink
{
    private static readonly AttachNeeds s_needs = new("netkit", FirstKernel.Netkit, "CONFIG_NETKIT", "CAP_BPF and CAP_NET_ADMIN");

    private NetkitLink(FileDescriptor descriptor, NetworkDevice device, NetkitEnd end) : base(descriptor, Describe(device, end))
    {
        Device = device;
        End = end;
    }

    /// <summary>The primary end, as it was named at attach.</summary>
    public NetworkDevice Device { get; }

    /// <summary>The end whose packets the program sees.</summary>
    public NetkitEnd End { get; }

    /// <summary>Attaches a program to a netkit pair of the calling thread's network namespace.</summary>
    /// <param name="program">A program of type <see cref="ProgramType.SchedCls"/>.</param>
    /// <param name="interfaceName">The primary end.</param>
    /// <param name="end">The end whose packets the program sees.</param>
    /// <param name="order">The place among the programs there; null for behind the last.</param>
    /// <exception cref="BpfNotSupportedException">The kernel has no netkit.</exception>
    /// <exception cref="BpfException">There is no such interface, or the kernel refused; the message says why.</exception>
    public static NetkitLink Attach(BpfProgram program, string interfaceName, NetkitEnd end, AttachOrder? order = null)
    {
        Require.Type(program, ProgramType.SchedCls, "netkit");
        order ??= new AttachOrder();
        var device = NetworkDevice.Find(interfaceName);
        string description = Describe(device, end);
        if (device.Kind is not "netkit")
            throw new BpfException($"attach '{program.Name}' to {description}: {device.Name} is {(device.Kind is { } kind ? $"of kind {kind}" : "no virtual interface")}, not netkit (`ip link add {device.Name} type netkit`, Linux 6.7).");
        LinkCreateAttr attr = new()
        {
            ProgFd = (uint)program.Descriptor.Value,
            TargetIfindex = (uint)device.Index,
            AttachType = (uint)HookOf(end),
            Flags = order.Anchor.Flags,
            NetkitRelativeFd = order.Anchor.Relative,
            NetkitExpectedRevision = order.ExpectedRevision,
        };
        if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, description) is { } descriptor) return new NetkitLink(descriptor, device, end);
        var errno = Libc.LastError;
        throw AttachError.Create($"attach '{program.Name}' to {description}", errno, s_needs, errno switch
        {
            Errno.EACCES => $"{device.Name} is the peer end: programs are attached through the primary end.",
            _ => AttachOrder.Explain(errno, order),
        });
    }

    internal static AttachType HookOf(NetkitEnd end) => end == NetkitEnd.Primary ? AttachType.NetkitPrimary : AttachType.NetkitPeer;

    private static string Describe(NetworkDevice device, NetkitEnd end) => $"netkit on {device.Name} {end.ToString().ToLowerInvariant()}";
}
