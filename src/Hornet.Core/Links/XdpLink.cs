using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>By which of the kernel's two doors a program gets to an interface.</summary>
public enum XdpMethod
{
    /// <summary>A BPF link where the kernel has XDP links (5.9), otherwise netlink.</summary>
    Auto,
    /// <summary>A BPF link: detached by the kernel when the process ends, can be pinned, cannot be replaced by others.</summary>
    Link,
    /// <summary>Netlink: stays when the process is killed. For the card's own program, and for handing over from another loader.</summary>
    Netlink,
}

/// <summary>How an XDP program is attached.</summary>
public sealed record XdpOptions
{
    /// <summary>Where in the path of a packet the program runs.</summary>
    public XdpMode Mode { get; init; }

    /// <summary>By link or by netlink.</summary>
    public XdpMethod Method { get; init; }

    /// <summary>Netlink only: put the program in place of whatever is attached. Otherwise an attached program is an error.</summary>
    public bool Replace { get; init; }

    /// <summary>Netlink only: put the program in place of exactly this one (<c>XDP_FLAGS_REPLACE</c>, 5.7).</summary>
    public BpfProgram? Expected { get; init; }
}

/// <summary>
/// An XDP program on a network interface: it sees every packet that arrives, before the stack does. By BPF link since
/// 5.9; by netlink on older kernels, where it survives the process and is recorded in the <see cref="AttachmentJournal"/>.
/// Whether the program takes packets in several buffers is a flag of its load (<see cref="ProgramFlags.XdpHasFrags"/>, 5.18).
/// </summary>
public sealed class XdpLink : BpfLink
{
    internal const string JournalKind = "xdp";
    private static readonly AttachNeeds s_needs = new("XDP link", FirstKernel.XdpLink, Capabilities: "CAP_BPF and CAP_NET_ADMIN");

    private readonly FileDescriptor? _link;
    private readonly NetlinkSocket? _socket;
    private readonly XdpMode _mode;
    private FileDescriptor? _program;

    private XdpLink(NetworkDevice device, XdpMode mode, FileDescriptor link)
    {
        Device = device;
        _mode = mode;
        _link = Own(link);
    }

    private XdpLink(NetworkDevice device, XdpMode mode, NetlinkSocket socket, FileDescriptor program, Survivor survivor)
    {
        Device = device;
        _mode = mode;
        _socket = Own(socket);
        _program = Own(program);
        Survivor = survivor;
    }

    /// <summary>The interface, as it was named at attach.</summary>
    public NetworkDevice Device { get; }

    /// <summary>Whether the program was attached over netlink rather than by a BPF link.</summary>
    public bool UsesNetlink => _link is null;

    /// <inheritdoc/>
    public override FileDescriptor? Descriptor => _link;

    /// <inheritdoc/>
    public override string Description => Describe(Device, _mode);

    /// <summary>Attaches a program to an interface of the calling thread's network namespace.</summary>
    /// <exception cref="BpfException">There is no such interface, or the kernel refused; the message says why.</exception>
    public static XdpLink Attach(BpfProgram program, string interfaceName, XdpOptions? options = null) =>
        Attach(program, socket => NetworkDevice.Find(socket, interfaceName), options ?? new XdpOptions());

    /// <inheritdoc cref="Attach(BpfProgram, string, XdpOptions?)"/>
    public static XdpLink Attach(BpfProgram program, int interfaceIndex, XdpOptions? options = null) =>
        Attach(program, socket => NetworkDevice.Find(socket, interfaceIndex), options ?? new XdpOptions());

    /// <inheritdoc/>
    public override void Update(BpfProgram program, BpfProgram? expectedOld = null)
    {
        if (_socket is null)
        {
            base.Update(program, expectedOld);
            return;
        }
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Require.Type(program, ProgramType.Xdp, "XDP");
        var expected = expectedOld?.Descriptor ?? _program!;
        var next = Own(program.Descriptor.Duplicate($"program {program.Name}"));
        Survivor!.Update(next, () => XdpNetlink.Attach(_socket, Device.Index, next, _mode, expected, replace: false)
            .Check($"update {Description}", "The program attached now is not the expected one, or cannot be replaced."));
        _program = next;
    }

    /// <inheritdoc/>
    public override void Detach()
    {
        if (_socket is null) base.Detach();
        else XdpNetlink.Detach(_socket, Device.Index, _mode, _program!, $"detach {Description}");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_socket is not null) Detach();
        base.Dispose(disposing);
    }

    /// <summary>Removes what a dead process left; called by the journal, in the right network namespace.</summary>
    internal static bool Remove(JournalEntry entry, FileDescriptor program)
    {
        using var socket = new NetlinkSocket();
        return XdpNetlink.Detach(socket, (int)entry.Number("ifindex"), (XdpMode)entry.Number("mode"), program, $"detach {entry.Description}");
    }

    private static string Describe(NetworkDevice device, XdpMode mode) =>
        mode == XdpMode.Any ? $"XDP on {device.Name}" : $"XDP ({mode.ToString().ToLowerInvariant()}) on {device.Name}";

    private static XdpLink Attach(BpfProgram program, Func<NetlinkSocket, NetworkDevice> find, XdpOptions options)
    {
        Require.Type(program, ProgramType.Xdp, "XDP");
        if (!Enum.IsDefined(options.Mode)) throw new ArgumentException($"XDP mode {options.Mode} is none of Any, Generic, Native, Hardware", nameof(options));
        bool netlinkOnly = options.Replace || options.Expected is not null;
        if (netlinkOnly && options.Method == XdpMethod.Link)
            throw new ArgumentException("Replace and Expected belong to netlink; a link attaches only where nothing is attached, and is changed by Update", nameof(options));

        var socket = new NetlinkSocket();
        try
        {
            var device = find(socket);
            bool useNetlink = options.Method == XdpMethod.Netlink || (options.Method == XdpMethod.Auto && (netlinkOnly || options.Mode == XdpMode.Hardware));
            if (!useNetlink)
            {
                if (TryAttachLink(program, device, options) is { } link)
                {
                    socket.Dispose();
                    return link;
                }
            }
            return AttachNetlink(program, device, options, socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Null when the kernel has no XDP links and netlink may be used.
    private static XdpLink? TryAttachLink(BpfProgram program, NetworkDevice device, XdpOptions options)
    {
        LinkCreateAttr attr = new()
        {
            ProgFd = (uint)program.Descriptor.Value,
            TargetIfindex = (uint)device.Index,
            AttachType = (uint)AttachType.Xdp,
            Flags = (uint)options.Mode,
        };
        if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, Describe(device, options.Mode)) is { } descriptor)
            return new XdpLink(device, options.Mode, descriptor);
        var errno = Libc.LastError;
        if (options.Method == XdpMethod.Auto && errno is Errno.EINVAL or Errno.ENOSYS && KernelFacts.Version < s_needs.Since) return null;
        throw AttachError.Create($"attach '{program.Name}' to {Describe(device, options.Mode)}", errno, s_needs, Explain(errno, device, options.Mode));
    }

    private static XdpLink AttachNetlink(BpfProgram program, NetworkDevice device, XdpOptions options, NetlinkSocket socket)
    {
        string description = Describe(device, options.Mode);
        var held = program.Descriptor.Duplicate($"program {program.Name}");
        try
        {
            var entry = new JournalEntry(JournalKind, description)
                .With("netns", NetworkNamespaces.CurrentInode()).With("ifindex", (ulong)device.Index).With("mode", (ulong)options.Mode);
            var survivor = Survivor.Record(entry, held, _ =>
            {
                var answer = XdpNetlink.Attach(socket, device.Index, held, options.Mode, options.Expected?.Descriptor, options.Replace);
                if (!answer.Ok) throw answer.Exception($"attach '{program.Name}' to {description} over netlink", Explain(answer.Error, device, options.Mode));
            });
            var link = new XdpLink(device, options.Mode, socket, held, survivor);
            AttachmentJournal.Announce(link, survivor.Notice);
            return link;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static string? Explain(Errno errno, NetworkDevice device, XdpMode mode)
    {
        switch (errno)
        {
            case Errno.EBUSY or Errno.EEXIST when device.Xdp.IsAttached:
                var there = new List<string>();
                foreach (var (where, id) in ((XdpMode, uint)[])[(XdpMode.Generic, device.Xdp.GenericProgramId), (XdpMode.Native, device.Xdp.NativeProgramId), (XdpMode.Hardware, device.Xdp.HardwareProgramId)])
                {
                    if (id != 0) there.Add($"{ProgramIdentity.Describe(id)} ({where.ToString().ToLowerInvariant()})");
                }
                return $"On {device.Name} there is already {string.Join(" and ", there)}. Detach it, or update its link.";
            case Errno.EOPNOTSUPP or Errno.ENOTSUPP when mode is XdpMode.Native:
                return $"The driver of {device.Name} has no XDP. XdpMode.Generic works with every driver, more slowly.";
            case Errno.EOPNOTSUPP or Errno.ENOTSUPP or Errno.EINVAL when mode is XdpMode.Hardware:
                return $"The card of {device.Name} runs no BPF programs, or the program was not loaded for this interface (ProgramSpec.InterfaceIndex).";
            case Errno.ERANGE or Errno.EINVAL when mode is not XdpMode.Generic && device.Mtu > 3498:
                return $"The MTU of {device.Name} is {device.Mtu}: more than a driver can put in one buffer. Load the program with XdpHasFrags, or lower the MTU.";
            default:
                return null;
        }
    }
}
