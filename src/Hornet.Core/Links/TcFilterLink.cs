using Hornet.Interop;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>How a tc filter is attached.</summary>
public sealed record TcFilterOptions
{
    /// <summary>Smaller runs first; 0 lets the kernel choose (before all that are there).</summary>
    public ushort Priority { get; init; }

    /// <summary>The filter's number within the priority; 0 lets the kernel choose.</summary>
    public uint Handle { get; init; }

    /// <summary>The EtherType of the packets the filter sees (0x0800 for IPv4); 3 (<c>ETH_P_ALL</c>) for all.</summary>
    public ushort Protocol { get; init; } = TcNetlink.ProtocolAll;

    /// <summary>The chain; 0 is where packets begin.</summary>
    public uint Chain { get; init; }

    /// <summary>
    /// What the program returns happens to the packet (<c>TC_ACT_*</c>), and the filters behind it are asked only after
    /// <c>TC_ACT_UNSPEC</c>. When off, the program returns a class, or -1 for <see cref="ClassId"/>.
    /// </summary>
    public bool DirectAction { get; init; } = true;

    /// <summary>The class packets are put in, as <c>major &lt;&lt; 16 | minor</c>; 0 for none.</summary>
    public uint ClassId { get; init; }

    /// <summary>Put the program in place of a filter with this priority and handle, rather than refuse when there is one.</summary>
    public bool Replace { get; init; }

    /// <summary>The qdisc or class to hang the filter on, as <c>major &lt;&lt; 16 | minor</c>; null for clsact, which is made when it is missing.</summary>
    public uint? Parent { get; init; }

    /// <summary>Do not offload to the card (<c>TCA_CLS_FLAGS_SKIP_HW</c>).</summary>
    public bool SkipHardware { get; init; }

    /// <summary>Only offload to the card (<c>TCA_CLS_FLAGS_SKIP_SW</c>).</summary>
    public bool SkipSoftware { get; init; }

    /// <summary>
    /// A program of type <see cref="ProgramType.SchedAct"/> that decides about the packets the filter matched
    /// (<c>act_bpf</c>); <see cref="DirectAction"/> must then be off.
    /// </summary>
    public BpfProgram? Action { get; init; }
}

/// <summary>
/// A program as a tc filter on an interface's clsact qdisc (4.5), or on any other qdisc. The kernel has no link for it:
/// the filter survives the process and is recorded in the <see cref="AttachmentJournal"/>. On 6.6 and later prefer
/// <see cref="TcxLink"/>; <see cref="TcLink"/> chooses by itself.
/// </summary>
public sealed class TcFilterLink : BpfLink
{
    internal const string JournalKind = "tc";

    private readonly NetlinkSocket _socket;
    private readonly bool _madeQdisc;
    private readonly uint _hardwareFlags;
    private FileDescriptor _program;

    private TcFilterLink(NetworkDevice device, TcFilter filter, uint hardwareFlags, bool madeQdisc, NetlinkSocket socket, FileDescriptor program, Survivor survivor)
    {
        Device = device;
        Filter = filter;
        _hardwareFlags = hardwareFlags;
        _madeQdisc = madeQdisc;
        _socket = Own(socket);
        _program = Own(program);
        Survivor = survivor;
    }

    /// <summary>The interface, as it was named at attach.</summary>
    public NetworkDevice Device { get; }

    /// <summary>The filter, with the priority and handle it got.</summary>
    public TcFilter Filter { get; private set; }

    /// <inheritdoc/>
    public override string Description => Describe(Device, Filter);

    /// <summary>Attaches a program to an interface of the calling thread's network namespace.</summary>
    /// <exception cref="BpfException">There is no such interface, or the kernel refused; the message says why.</exception>
    public static TcFilterLink Attach(BpfProgram program, string interfaceName, TcDirection direction, TcFilterOptions? options = null) =>
        Attach(program, socket => NetworkDevice.Find(socket, interfaceName), direction, options ?? new TcFilterOptions());

    /// <inheritdoc cref="Attach(BpfProgram, string, TcDirection, TcFilterOptions?)"/>
    public static TcFilterLink Attach(BpfProgram program, int interfaceIndex, TcDirection direction, TcFilterOptions? options = null) =>
        Attach(program, socket => NetworkDevice.Find(socket, interfaceIndex), direction, options ?? new TcFilterOptions());

    /// <summary>The filters of an interface's clsact qdisc, of every kind and owner, in the order they run.</summary>
    public static IReadOnlyList<TcFilter> List(string interfaceName, TcDirection direction)
    {
        using var socket = new NetlinkSocket();
        return TcNetlink.Filters(socket, NetworkDevice.Find(socket, interfaceName).Index, TcNetlink.Parent(direction));
    }

    /// <summary>Puts another program in the filter's place, without a moment in between.</summary>
    /// <inheritdoc/>
    public override void Update(BpfProgram program, BpfProgram? expectedOld = null)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Require.Type(program, ProgramType.SchedCls, "a tc filter");
        uint there = Current()?.ProgramId ?? throw new BpfException($"Update {Description}: the filter is not there any more; somebody removed it.");
        uint expected = ProgramIdentity.Of(expectedOld?.Descriptor ?? _program).Id;
        if (there != 0 && there != expected)
            throw new BpfException($"Update {Description}: {ProgramIdentity.Describe(there)} is attached there, not program {expected}.");
        var next = Own(program.Descriptor.Duplicate($"program {program.Name}"));
        Survivor!.Update(next, () => TcNetlink.Set(_socket, Filter with { Name = program.Name }, next, _hardwareFlags, NetlinkFlags.Create | NetlinkFlags.Replace, null, out _)
            .Check($"update {Description}"));
        _program = next;
        Filter = Filter with { Name = program.Name, ProgramId = ProgramIdentity.Of(next).Id };
    }

    /// <inheritdoc/>
    public override void Detach() => Remove(_socket, Filter, _program, _madeQdisc, $"detach {Description}");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Detach();
        base.Dispose(disposing);
    }

    /// <summary>Removes what a dead process left; called by the journal, in the right network namespace.</summary>
    internal static bool Remove(JournalEntry entry, FileDescriptor program)
    {
        using var socket = new NetlinkSocket();
        int index = (int)entry.Number("ifindex");
        uint parent = (uint)entry.Number("parent"), chain = (uint)entry.Number("chain");
        bool madeQdisc = entry.Number("madeQdisc") != 0;
        if (entry.Has("handle"))
        {
            var filter = new TcFilter(index, parent, (uint)entry.Number("handle"), (ushort)entry.Number("priority"), (ushort)entry.Number("protocol"), chain, "bpf");
            return Remove(socket, filter, program, madeQdisc, $"detach {entry.Description}");
        }
        // Killed before the kernel's answer was written down: the program alone has to tell.
        uint id = ProgramIdentity.Of(program).Id;
        var found = TcNetlink.Filters(socket, index, parent).Where(f => f.ProgramId == id && f.Chain == chain).ToList();
        return found.Count == 1 && Remove(socket, found[0], program, madeQdisc, $"detach {entry.Description}");
    }

    private static bool Remove(NetlinkSocket socket, TcFilter filter, FileDescriptor program, bool madeQdisc, string operation)
    {
        // The kernel deletes by place, not by program: look first, so that a successor's filter stays.
        var there = Find(socket, filter);
        if (there is null || (there.ProgramId != 0 && there.ProgramId != ProgramIdentity.Of(program).Id)) return false;
        var answer = TcNetlink.Delete(socket, filter);
        if (answer.Error is Errno.ENOENT or Errno.ENODEV) return false;
        answer.Check(operation);
        if (madeQdisc) TcNetlink.RemoveClsactIfEmpty(socket, filter.InterfaceIndex);
        return true;
    }

    private TcFilter? Current() => Find(_socket, Filter);

    private static TcFilter? Find(NetlinkSocket socket, TcFilter wanted) =>
        TcNetlink.Filters(socket, wanted.InterfaceIndex, wanted.Parent)
            .FirstOrDefault(f => f.Chain == wanted.Chain && f.Priority == wanted.Priority && f.Handle == wanted.Handle);

    private static string Describe(NetworkDevice device, TcFilter filter) => filter.Parent switch
    {
        TcNetlink.ClsactIngress => $"tc filter on {device.Name} ingress",
        TcNetlink.ClsactEgress => $"tc filter on {device.Name} egress",
        _ => $"tc filter on {device.Name} parent {filter.Parent >> 16:x}:{filter.Parent & 0xffff:x}",
    };

    private static TcFilterLink Attach(BpfProgram program, Func<NetlinkSocket, NetworkDevice> find, TcDirection direction, TcFilterOptions options)
    {
        Validate(program, options);
        uint hardwareFlags = (options.SkipHardware ? 1u : 0) | (options.SkipSoftware ? 2u : 0);
        var socket = new NetlinkSocket();
        FileDescriptor? held = null;
        try
        {
            var device = find(socket);
            held = program.Descriptor.Duplicate($"program {program.Name}");
            var filter = new TcFilter(device.Index, options.Parent ?? TcNetlink.Parent(direction), options.Handle, options.Priority, options.Protocol, options.Chain, "bpf")
            {
                Name = program.Name,
                DirectAction = options.DirectAction,
                ClassId = options.ClassId,
                ProgramId = ProgramIdentity.Of(held).Id,
            };
            bool madeQdisc = false;
            var entry = new JournalEntry(JournalKind, Describe(device, filter))
                .With("netns", NetworkNamespaces.CurrentInode()).With("ifindex", (ulong)device.Index).With("parent", filter.Parent)
                .With("chain", filter.Chain).With("madeQdisc", 0);
            var survivor = Survivor.Record(entry, held, survivor =>
            {
                if (options.Parent is null && TcNetlink.EnsureClsact(socket, device))
                {
                    madeQdisc = true;
                    survivor.Learned("madeQdisc", 1);
                }
                try
                {
                    filter = Add(socket, device, filter, held, hardwareFlags, options);
                }
                catch
                {
                    if (madeQdisc) TcNetlink.RemoveClsactIfEmpty(socket, device.Index);
                    throw;
                }
                entry.With("protocol", filter.Protocol).With("priority", filter.Priority);
                survivor.Learned("handle", filter.Handle);
            });
            var link = new TcFilterLink(device, filter, hardwareFlags, madeQdisc, socket, held, survivor);
            AttachmentJournal.Announce(link, survivor.Notice);
            return link;
        }
        catch
        {
            held?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    private static TcFilter Add(NetlinkSocket socket, NetworkDevice device, TcFilter filter, FileDescriptor program, uint hardwareFlags, TcFilterOptions options)
    {
        var flags = NetlinkFlags.Create | (options.Replace ? NetlinkFlags.Replace : NetlinkFlags.Exclusive);
        var answer = TcNetlink.Set(socket, filter, program, hardwareFlags, flags, options.Action?.Descriptor, out var made);
        if (!answer.Ok) throw answer.Exception($"attach '{filter.Name}' as {Describe(device, filter)}", Explain(answer.Error, socket, device, filter, options));
        // The kernel echoes what it made, with the numbers it chose.
        return made is null
            ? throw new BpfException($"attach '{filter.Name}' as {Describe(device, filter)}: the kernel did not say which filter it made")
            : filter with { Handle = made.Handle, Priority = made.Priority };
    }

    private static void Validate(BpfProgram program, TcFilterOptions options)
    {
        Require.Type(program, ProgramType.SchedCls, "a tc filter");
        if (options.Replace && (options.Priority == 0 || options.Handle == 0))
            throw new ArgumentException("Replace needs the priority and the handle of the filter to replace", nameof(options));
        if (options.SkipHardware && options.SkipSoftware) throw new ArgumentException("SkipHardware and SkipSoftware together leave nothing to run the filter", nameof(options));
        if (options.Action is { } action)
        {
            Require.Type(action, ProgramType.SchedAct, "the action of a tc filter");
            if (options.DirectAction) throw new ArgumentException("With DirectAction the filter itself decides; an Action needs it off", nameof(options));
        }
    }

    private static string? Explain(Errno errno, NetlinkSocket socket, NetworkDevice device, TcFilter filter, TcFilterOptions options)
    {
        switch (errno)
        {
            case Errno.EEXIST:
                var there = Find(socket, filter);
                return $"There is already a filter with priority {filter.Priority} and handle {filter.Handle}{(there is null ? "" : $": {ProgramIdentity.Describe(there.ProgramId)}")}. Take other numbers, or set Replace.";
            case Errno.ENOENT when options.Action is not null:
                return "This kernel has no BPF actions: CONFIG_NET_ACT_BPF is off, or its module act_bpf is missing.";
            case Errno.ENOENT:
                return "This kernel has no BPF classifier: CONFIG_NET_CLS_BPF is off, or its module cls_bpf is missing.";
            case Errno.EINVAL when options.Parent is null && filter.Parent == TcNetlink.ClsactEgress:
                return $"Perhaps {device.Name} has the old ingress qdisc in clsact's place, which takes no egress filters: `tc qdisc show dev {device.Name}`.";
            case Errno.EINVAL when options.Parent is { } parent:
                return $"Is there a qdisc or class {parent >> 16:x}:{parent & 0xffff:x} on {device.Name}? `tc qdisc show dev {device.Name}`.";
            case Errno.EOPNOTSUPP when options.SkipSoftware:
                return $"The card of {device.Name} does not take the program.";
            default:
                return null;
        }
    }
}
