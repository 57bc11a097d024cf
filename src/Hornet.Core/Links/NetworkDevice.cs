using System.Text;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Links;

/// <summary>A network interface as the kernel lists it, in the network namespace of the calling thread.</summary>
/// <param name="Index">The number attachments go by. It stays when the interface is renamed.</param>
/// <param name="Name">The name, as in <c>ip link</c>.</param>
public sealed record NetworkDevice(int Index, string Name)
{
    /// <summary>The driver kind of a virtual interface (<c>veth</c>, <c>netkit</c>, <c>bridge</c>); null for others.</summary>
    public string? Kind { get; init; }

    /// <summary>Whether the interface is administratively up.</summary>
    public bool IsUp { get; init; }

    /// <summary>The largest packet in bytes, without the link-layer header.</summary>
    public uint Mtu { get; init; }

    /// <summary>The index of the other end of a pair, when the kernel tells it (<c>IFLA_LINK</c>); 0 for none.</summary>
    public int PeerIndex { get; init; }

    /// <summary>The XDP programs attached now; empty for most interfaces.</summary>
    public XdpStatus Xdp { get; init; } = XdpStatus.None;

    /// <summary>All interfaces, in the order of their indices.</summary>
    public static IReadOnlyList<NetworkDevice> Enumerate()
    {
        using var socket = new NetlinkSocket();
        return Enumerate(socket);
    }

    /// <summary>The interface of that name.</summary>
    /// <exception cref="BpfException">There is none; the message names close ones.</exception>
    public static NetworkDevice Find(string name)
    {
        using var socket = new NetlinkSocket();
        return Find(socket, name);
    }

    /// <summary>The interface of that index.</summary>
    /// <exception cref="BpfException">There is none.</exception>
    public static NetworkDevice Find(int index)
    {
        using var socket = new NetlinkSocket();
        return Find(socket, index);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} (interface {Index})";

    internal static NetworkDevice Find(NetlinkSocket socket, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        // Alternative names (5.5) resolve too; the plain attribute holds 15 bytes, longer ones must be alternative.
        const ushort interfaceName = 3, alternativeName = 53;
        var request = NetlinkWriter.Start(Netlink.GetLink, NetlinkFlags.Ack, new InterfaceMessage());
        request.Add(Encoding.UTF8.GetByteCount(name) > 15 ? alternativeName : interfaceName, name);
        var answer = socket.Send(request);
        if (answer.Ok && answer.Messages is [var message, ..]) return Parse(message);
        if (answer.Error is Errno.ENODEV or Errno.ERANGE or Errno.EINVAL)
        {
            var names = Enumerate(socket).Select(d => d.Name).ToList();
            throw new BpfException($"There is no network interface '{name}' in this network namespace. {CloseNames.Describe(name, names)}");
        }
        throw answer.Exception($"look up network interface '{name}'");
    }

    internal static NetworkDevice Find(NetlinkSocket socket, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(index);
        var answer = socket.Send(NetlinkWriter.Start(Netlink.GetLink, NetlinkFlags.Ack, new InterfaceMessage { Index = index }));
        if (answer.Ok && answer.Messages is [var message, ..]) return Parse(message);
        if (answer.Error == Errno.ENODEV)
            throw new BpfException($"There is no network interface with index {index} in this network namespace. There are: {string.Join(", ", Enumerate(socket))}.");
        throw answer.Exception($"look up network interface {index}");
    }

    internal static IReadOnlyList<NetworkDevice> Enumerate(NetlinkSocket socket)
    {
        var answer = socket.Send(NetlinkWriter.Start(Netlink.GetLink, NetlinkFlags.Dump, new InterfaceMessage())).Check("list network interfaces");
        return [.. answer.Messages.Where(m => m.Type == Netlink.NewLink).Select(Parse).OrderBy(d => d.Index)];
    }

    private static NetworkDevice Parse(NetlinkMessage message)
    {
        const ushort name = 3, mtu = 4, link = 5, info = 18, infoKind = 1, xdp = 43;
        const uint up = 1;
        var header = message.Header<InterfaceMessage>();
        var attributes = message.Attributes<InterfaceMessage>();
        return new NetworkDevice(header.Index, attributes.String(name) ?? throw new BpfFormatException($"network interface {header.Index} has no name"))
        {
            Kind = attributes.Nested(info).String(infoKind),
            IsUp = (header.Flags & up) != 0,
            Mtu = attributes.UInt32(mtu) ?? 0,
            PeerIndex = (int)(attributes.UInt32(link) ?? 0),
            Xdp = XdpStatus.Parse(attributes.Nested(xdp)),
        };
    }
}
