using System.Net;
using System.Net.Sockets;
using Hornet.Interop;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>A route whose packets go through programs.</summary>
public sealed record LwtRouteOptions
{
    /// <summary>The packets: those to this network.</summary>
    public required IPNetwork Destination { get; init; }

    /// <summary>The interface they leave by.</summary>
    public required string InterfaceName { get; init; }

    /// <summary>The next hop; null when the network is on the link.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>The routing table; 254 is the main one.</summary>
    public uint Table { get; init; } = 254;

    /// <summary>The metric; routes to the same network with a smaller one are preferred. 0 for the default.</summary>
    public uint Metric { get; init; }

    /// <summary>Runs for packets that arrive and are routed here (type <see cref="ProgramType.LwtIn"/>).</summary>
    public BpfProgram? In { get; init; }

    /// <summary>Runs for packets this host sends here, before they become link-layer frames (type <see cref="ProgramType.LwtOut"/>).</summary>
    public BpfProgram? Out { get; init; }

    /// <summary>Runs right before transmission, and may push headers and redirect (type <see cref="ProgramType.LwtXmit"/>).</summary>
    public BpfProgram? Xmit { get; init; }

    /// <summary>Bytes reserved in front of each packet for <see cref="Xmit"/>: 0 to 256.</summary>
    public int XmitHeadroom { get; init; }

    /// <summary>Runs for IPv6 packets whose current segment is the destination (<c>End.BPF</c>, type <see cref="ProgramType.LwtSeg6local"/>, 4.18); excludes the others.</summary>
    public BpfProgram? Segment { get; init; }
}

/// <summary>
/// Programs on a route (lightweight tunnels, Linux 4.10). Disposing removes the route. The kernel has no link for it:
/// the route survives the process and is recorded in the <see cref="AttachmentJournal"/>.
/// </summary>
public sealed class LwtRoute : BpfLink
{
    internal const string JournalKind = "lwt";

    private static int s_count;

    private readonly NetlinkSocket _socket;
    private readonly RoutePlace _place;

    private LwtRoute(RoutePlace place, NetlinkSocket socket, Survivor survivor)
    {
        _place = place;
        _socket = Own(socket);
        Description = survivor.Entry.Description;
        Survivor = survivor;
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <summary>Adds a route with programs to the calling thread's network namespace.</summary>
    /// <exception cref="BpfException">There is no such interface, or the kernel refused; the message says why.</exception>
    public static LwtRoute Attach(LwtRouteOptions options)
    {
        var program = Validate(options);
        var socket = new NetlinkSocket();
        try
        {
            var device = NetworkDevice.Find(socket, options.InterfaceName);
            // The kernel lists a route's programs by the name given here only, so the name tells whose they are.
            string mark = $"{program.Name}#{JournalOwner.Current.ProcessId}-{JournalOwner.Current.StartTime}-{Interlocked.Increment(ref s_count)}";
            var place = new RoutePlace(options.Destination, device.Index, options.Table, options.Metric, mark);
            string description = $"route to {options.Destination} through programs on {device.Name}";
            var entry = new JournalEntry(JournalKind, description)
                .With("netns", NetworkNamespaces.CurrentInode()).With("destination", options.Destination.ToString())
                .With("ifindex", (ulong)device.Index).With("table", options.Table).With("metric", options.Metric).With("name", mark);
            var survivor = Survivor.Record(entry, program.Descriptor, _ =>
            {
                var answer = LwtNetlink.Add(socket, place, options);
                if (!answer.Ok) throw answer.Exception($"add the {description}", Explain(answer.Error, options));
            });
            var link = new LwtRoute(place, socket, survivor);
            AttachmentJournal.Announce(link, survivor.Notice);
            return link;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Removes the route, if it is still ours.</summary>
    public override void Detach() => LwtNetlink.Remove(_socket, _place, $"remove the {Description}");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Detach();
        base.Dispose(disposing);
    }

    /// <summary>Removes what a dead process left; called by the journal, in the right network namespace.</summary>
    internal static bool Remove(JournalEntry entry)
    {
        if (!IPNetwork.TryParse(entry.Text("destination"), out var destination))
            throw new BpfFormatException($"the journal's entry '{entry.Description}' has '{entry.Text("destination")}' for destination, which is no network");
        using var socket = new NetlinkSocket();
        var place = new RoutePlace(destination, (int)entry.Number("ifindex"), (uint)entry.Number("table"), (uint)entry.Number("metric"), entry.Text("name"));
        return LwtNetlink.Remove(socket, place, $"remove the {entry.Description}");
    }

    private static BpfProgram Validate(LwtRouteOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.In is { } input) Require.Type(input, ProgramType.LwtIn, "the input side of a route");
        if (options.Out is { } output) Require.Type(output, ProgramType.LwtOut, "the output side of a route");
        if (options.Xmit is { } xmit) Require.Type(xmit, ProgramType.LwtXmit, "the transmit side of a route");
        if (options.XmitHeadroom is < 0 or > 256) throw new ArgumentException($"the headroom is 0 to 256 bytes, not {options.XmitHeadroom}", nameof(options));
        if (options.XmitHeadroom > 0 && options.Xmit is null) throw new ArgumentException("headroom is for the Xmit program, and there is none", nameof(options));
        if (options.Segment is { } segment)
        {
            Require.Type(segment, ProgramType.LwtSeg6local, "a segment");
            if (options.In is not null || options.Out is not null || options.Xmit is not null) throw new ArgumentException("a Segment program excludes In, Out and Xmit", nameof(options));
            if (options.Destination.BaseAddress.AddressFamily != AddressFamily.InterNetworkV6) throw new ArgumentException("segments are IPv6 addresses", nameof(options));
        }
        if (options.Gateway is { } gateway && gateway.AddressFamily != options.Destination.BaseAddress.AddressFamily)
            throw new ArgumentException("the gateway must be of the destination's address family", nameof(options));
        return options.In ?? options.Out ?? options.Xmit ?? options.Segment ?? throw new ArgumentException("a route needs at least one program", nameof(options));
    }

    private static string? Explain(Errno errno, LwtRouteOptions options) => errno switch
    {
        Errno.EEXIST => "There is a route to that network with this metric already: remove it, or take another metric.",
        Errno.EOPNOTSUPP when options.Segment is not null => "This kernel has no End.BPF: CONFIG_IPV6_SEG6_BPF is off.",
        Errno.EOPNOTSUPP => "This kernel has no programs on routes: CONFIG_LWTUNNEL_BPF is off.",
        Errno.ENETDOWN => $"{options.InterfaceName} is down.",
        Errno.ENETUNREACH => "The gateway is not reachable through the interface.",
        _ => null,
    };
}
