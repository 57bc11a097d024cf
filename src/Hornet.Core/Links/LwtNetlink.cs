using System.Net;
using System.Net.Sockets;
using Hornet.Interop;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Which route, and the mark by which its programs are ours.</summary>
internal readonly record struct RoutePlace(IPNetwork Destination, int InterfaceIndex, uint Table, uint Metric, string Mark)
{
    public byte Family => Destination.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? (byte)2 : (byte)10;
}

/// <summary>Routes with programs over rtnetlink. Numbers from include/uapi/linux/{rtnetlink,lwtunnel,seg6_local}.h.</summary>
internal static class LwtNetlink
{
    private const ushort Destination = 1, OutInterface = 4, Gateway = 5, Priority = 6, TableId = 15, EncapType = 21, Encap = 22;
    private const ushort EncapSeg6Local = 7, EncapBpf = 6;
    private const ushort BpfIn = 1, BpfOut = 2, BpfXmit = 3, BpfHeadroom = 4, BpfFd = 1, BpfName = 2;
    private const ushort SegmentAction = 1, SegmentBpf = 8;
    private const uint EndBpf = 15;
    private const byte MainTable = 254, StaticProtocol = 4, LinkScope = 253, UnicastType = 1;

    public static NetlinkAnswer Add(NetlinkSocket socket, RoutePlace place, LwtRouteOptions options)
    {
        var request = Start(Netlink.NewRoute, NetlinkFlags.Ack | NetlinkFlags.Create | NetlinkFlags.Exclusive, place, options.Gateway is null && place.Family == 2 ? LinkScope : (byte)0);
        if (options.Gateway is { } gateway) request.Add(Gateway, gateway.GetAddressBytes());
        request.Add(EncapType, options.Segment is null ? EncapBpf : EncapSeg6Local).Nest(Encap, encap =>
        {
            if (options.Segment is { } segment)
            {
                encap.Add(SegmentAction, EndBpf);
                AddProgram(encap, SegmentBpf, segment, place.Mark);
                return;
            }
            if (options.In is { } input) AddProgram(encap, BpfIn, input, place.Mark);
            if (options.Out is { } output) AddProgram(encap, BpfOut, output, place.Mark);
            if (options.Xmit is { } xmit) AddProgram(encap, BpfXmit, xmit, place.Mark);
            if (options.XmitHeadroom > 0) encap.Add(BpfHeadroom, (uint)options.XmitHeadroom);
        });
        return socket.Send(request);
    }

    /// <summary>Removes the route when its programs carry our mark.</summary>
    /// <returns>False when it is gone, or another is in its place.</returns>
    public static bool Remove(NetlinkSocket socket, RoutePlace place, string operation)
    {
        if (!IsThere(socket, place)) return false;
        var answer = socket.Send(Start(Netlink.DelRoute, NetlinkFlags.Ack, place, place.Family == 2 ? (byte)255 : (byte)0));
        if (answer.Error is Errno.ESRCH or Errno.ENODEV or Errno.ENOENT) return false;
        answer.Check(operation);
        return true;
    }

    public static bool IsThere(NetlinkSocket socket, RoutePlace place)
    {
        var dump = socket.Send(NetlinkWriter.Start(Netlink.GetRoute, NetlinkFlags.Dump, new RouteMessage { Family = place.Family })).Check("list routes");
        foreach (var message in dump.Messages)
        {
            if (message.Type != Netlink.NewRoute || message.Header<RouteMessage>().DestinationLength != place.Destination.PrefixLength) continue;
            var route = message.Attributes<RouteMessage>();
            if ((route.UInt32(OutInterface) ?? 0) == place.InterfaceIndex && (route.UInt32(TableId) ?? 0) == place.Table && HasMark(route, place.Mark)) return true;
        }
        return false;
    }

    // What is inside depends on the kind of tunnel: other kinds use the same numbers for other things.
    private static bool HasMark(NetlinkAttributes route, string mark)
    {
        var encap = route.Nested(Encap);
        return route.UInt16(EncapType) switch
        {
            EncapBpf => encap.Nested(BpfIn).String(BpfName) == mark || encap.Nested(BpfOut).String(BpfName) == mark || encap.Nested(BpfXmit).String(BpfName) == mark,
            EncapSeg6Local => encap.Nested(SegmentBpf).String(BpfName) == mark,
            _ => false,
        };
    }

    private static NetlinkWriter Start(ushort type, NetlinkFlags flags, RoutePlace place, byte scope)
    {
        var request = NetlinkWriter.Start(type, flags, new RouteMessage
        {
            Family = place.Family,
            DestinationLength = (byte)place.Destination.PrefixLength,
            Table = place.Table <= byte.MaxValue ? (byte)place.Table : MainTable,
            Protocol = StaticProtocol,
            Scope = scope,
            Type = UnicastType,
        });
        request.Add(Destination, place.Destination.BaseAddress.GetAddressBytes()).Add(OutInterface, place.InterfaceIndex).Add(TableId, place.Table);
        if (place.Metric != 0) request.Add(Priority, place.Metric);
        return request;
    }

    private static void AddProgram(NetlinkWriter encap, ushort hook, BpfProgram program, string mark) =>
        encap.Nest(hook, p => p.Add(BpfFd, program.Descriptor.Value).Add(BpfName, mark));
}
