using System.Buffers.Binary;
using Hornet.Interop;

namespace Hornet.Links;

/// <summary>tc over rtnetlink: the clsact qdisc and BPF filters. Numbers from include/uapi/linux/{pkt_sched,pkt_cls,rtnetlink}.h.</summary>
internal static class TcNetlink
{
    public const uint ClsactIngress = 0xfffffff2;
    public const uint ClsactEgress = 0xfffffff3;
    public const ushort ProtocolAll = 3;

    private const uint ClsactParent = 0xfffffff1, ClsactHandle = 0xffff0000;
    private const ushort Kind = 1, Options = 2, ChainAttribute = 11;
    private const ushort BpfAction = 1, BpfClassId = 3, BpfFd = 6, BpfName = 7, BpfFlags = 8, BpfGenericFlags = 9, BpfId = 11;
    private const uint DirectAction = 1;

    public static uint Parent(TcDirection direction) => direction == TcDirection.Ingress ? ClsactIngress : ClsactEgress;

    /// <summary>Gives an interface its clsact qdisc: the place where filters see packets in both directions (4.5).</summary>
    /// <returns>Whether it was made now; false when it was there.</returns>
    public static bool EnsureClsact(NetlinkSocket socket, NetworkDevice device)
    {
        var answer = socket.Send(NetlinkWriter.Start(Netlink.NewQdisc, NetlinkFlags.Ack | NetlinkFlags.Create | NetlinkFlags.Exclusive, new TrafficControlMessage
        {
            InterfaceIndex = device.Index,
            Handle = ClsactHandle,
            Parent = ClsactParent,
        }).Add(Kind, "clsact"));
        if (answer.Ok) return true;
        // The old ingress qdisc has the same place and takes no egress filters; it is recognised by its kind.
        if (answer.Error == Errno.EEXIST) return false;
        throw answer.Exception($"add the clsact qdisc to {device.Name}", answer.Error switch
        {
            Errno.ENOENT or Errno.EOPNOTSUPP => "This kernel has no clsact qdisc: CONFIG_NET_SCH_INGRESS is off, or its module sch_ingress is missing.",
            Errno.EPERM => "It needs CAP_NET_ADMIN in the interface's network namespace.",
            _ => null,
        });
    }

    /// <summary>Removes the clsact qdisc when nothing hangs on it any more.</summary>
    /// <returns>Whether it was removed.</returns>
    public static bool RemoveClsactIfEmpty(NetlinkSocket socket, int interfaceIndex)
    {
        if (Filters(socket, interfaceIndex, ClsactIngress).Count > 0 || Filters(socket, interfaceIndex, ClsactEgress).Count > 0) return false;
        var answer = socket.Send(NetlinkWriter.Start(Netlink.DelQdisc, NetlinkFlags.Ack, new TrafficControlMessage
        {
            InterfaceIndex = interfaceIndex,
            Handle = ClsactHandle,
            Parent = ClsactParent,
        }));
        if (answer.Error is Errno.ENODEV or Errno.EINVAL or Errno.ENOENT) return false;
        answer.Check($"remove the empty clsact qdisc of interface {interfaceIndex}");
        return true;
    }

    /// <summary>Adds or replaces a BPF filter and returns it with the handle and priority the kernel gave it.</summary>
    public static NetlinkAnswer Set(NetlinkSocket socket, TcFilter filter, FileDescriptor program, uint hardwareFlags, NetlinkFlags flags, FileDescriptor? action, out TcFilter? made)
    {
        var request = NetlinkWriter.Start(Netlink.NewFilter, NetlinkFlags.Ack | NetlinkFlags.Echo | flags, Message(filter)).Add(Kind, "bpf");
        if (filter.Chain != 0) request.Add(ChainAttribute, filter.Chain);
        request.Nest(Options, options =>
        {
            options.Add(BpfFd, program.Value).Add(BpfName, filter.Name!);
            if (filter.DirectAction) options.Add(BpfFlags, DirectAction);
            if (hardwareFlags != 0) options.Add(BpfGenericFlags, hardwareFlags);
            if (filter.ClassId != 0) options.Add(BpfClassId, filter.ClassId);
            if (action is not null) options.Nest(BpfAction, actions => TcAction.Write(actions, action, filter.Name!));
        });
        var answer = socket.Send(request);
        made = answer.Messages.Where(m => m.Type == Netlink.NewFilter).Select(Parse).FirstOrDefault(f => f.Handle != 0);
        return answer;
    }

    public static NetlinkAnswer Delete(NetlinkSocket socket, TcFilter filter)
    {
        var request = NetlinkWriter.Start(Netlink.DelFilter, NetlinkFlags.Ack, Message(filter)).Add(Kind, filter.Kind);
        if (filter.Chain != 0) request.Add(ChainAttribute, filter.Chain);
        return socket.Send(request);
    }

    /// <summary>The filters on one parent, in every chain, as they run: by chain and priority.</summary>
    public static IReadOnlyList<TcFilter> Filters(NetlinkSocket socket, int interfaceIndex, uint parent)
    {
        var answer = socket.Send(NetlinkWriter.Start(Netlink.GetFilter, NetlinkFlags.Dump, new TrafficControlMessage { InterfaceIndex = interfaceIndex, Parent = parent }));
        // Without the qdisc, or without the interface, there are none.
        if (answer.Error is Errno.EINVAL or Errno.ENODEV or Errno.ENOENT) return [];
        answer.Check($"list the filters of interface {interfaceIndex}");
        // Every priority also comes once by itself, with handle 0.
        return [.. answer.Messages.Where(m => m.Type == Netlink.NewFilter).Select(Parse).Where(f => f.Handle != 0 && f.Parent == parent)
            .OrderBy(f => f.Chain).ThenBy(f => f.Priority).ThenBy(f => f.Handle)];
    }

    private static TrafficControlMessage Message(TcFilter filter) => new()
    {
        InterfaceIndex = filter.InterfaceIndex,
        Handle = filter.Handle,
        Parent = filter.Parent,
        Info = (uint)filter.Priority << 16 | BinaryPrimitives.ReverseEndianness(filter.Protocol),
    };

    private static TcFilter Parse(NetlinkMessage message)
    {
        var header = message.Header<TrafficControlMessage>();
        var attributes = message.Attributes<TrafficControlMessage>();
        var options = attributes.Nested(Options);
        string kind = attributes.String(Kind) ?? "";
        var filter = new TcFilter(header.InterfaceIndex, header.Parent, header.Handle, (ushort)(header.Info >> 16),
            BinaryPrimitives.ReverseEndianness((ushort)header.Info), attributes.UInt32(ChainAttribute) ?? 0, kind);
        return kind != "bpf" ? filter : filter with
        {
            ProgramId = options.UInt32(BpfId) ?? 0,
            Name = options.String(BpfName),
            DirectAction = ((options.UInt32(BpfFlags) ?? 0) & DirectAction) != 0,
            ClassId = options.UInt32(BpfClassId) ?? 0,
        };
    }
}
