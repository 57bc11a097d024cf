using Hornet.KernelTypes;
using Hornet.Packets;

namespace Hornet;

/// <summary>Which parts of a packet the hash of a network card was made of (<c>enum xdp_rss_hash_type</c>).</summary>
[Flags]
public enum XdpHashType : uint
{
    /// <summary>Nothing above the Ethernet header.</summary>
    None = 0,
    /// <summary>The IPv4 addresses.</summary>
    IPv4 = 1 << 0,
    /// <summary>The IPv6 addresses.</summary>
    IPv6 = 1 << 1,
    /// <summary>The IP header has options or extensions.</summary>
    Dynamic = 1 << 2,
    /// <summary>The transport header's ports too.</summary>
    Transport = 1 << 3,
    /// <summary>It is TCP.</summary>
    Tcp = 1 << 4,
    /// <summary>It is UDP.</summary>
    Udp = 1 << 5,
    /// <summary>It is SCTP.</summary>
    Sctp = 1 << 6,
    /// <summary>It is IPsec.</summary>
    IPsec = 1 << 7,
    /// <summary>It is ICMP.</summary>
    Icmp = 1 << 8,
}

// What the driver knows of a packet, and what may be asked for it by functions of the kernel.
public readonly ref partial struct XdpContext
{
    /// <summary>
    /// When the card received the packet, in nanoseconds of the card's clock (<c>bpf_xdp_metadata_rx_timestamp</c>, 6.3), in a program
    /// of <see cref="BpfSession.LoadXdpFor"/>.
    /// </summary>
    /// <returns>False where the driver does not know (the kernel's -95, EOPNOTSUPP, or -61, ENODATA).</returns>
    public bool TryGetTimestamp(out ulong nanoseconds)
    {
        nanoseconds = 0;
        return ReceivedAt(this, ref nanoseconds) == 0;
    }

    /// <summary>The card's hash of the packet (<c>bpf_xdp_metadata_rx_hash</c>, 6.3), in a program of <see cref="BpfSession.LoadXdpFor"/>.</summary>
    /// <returns>False where the driver does not know.</returns>
    public bool TryGetHash(out uint hash, out XdpHashType type)
    {
        hash = 0;
        type = 0;
        return HashOf(this, ref hash, ref type) == 0;
    }

    /// <summary>The VLAN tag that the card took off (<c>bpf_xdp_metadata_rx_vlan_tag</c>, 6.8), in a program of <see cref="BpfSession.LoadXdpFor"/>.</summary>
    /// <param name="protocol">Which kind of tag.</param>
    /// <param name="tag">Its number in the low twelve bits, its priority above.</param>
    /// <returns>False where there was none, or the driver does not know.</returns>
    public bool TryGetVlanTag(out EtherType protocol, out ushort tag)
    {
        ushort networkOrder = 0;
        tag = 0;
        bool found = VlanTagOf(this, ref networkOrder, ref tag) == 0;
        protocol = (EtherType)System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(networkOrder);
        return found;
    }

    /// <summary>Makes the first bytes of a packet in several buffers lie in one (<c>bpf_xdp_pull_data</c>, 6.18), so that <see cref="Data"/> has them.</summary>
    /// <param name="length">How many bytes.</param>
    /// <returns>Whether there are as many, and room for them.</returns>
    public bool PullData(uint length) => Pull(this, length) == 0;

    [KernelFunction("bpf_xdp_metadata_rx_timestamp")]
    private static int ReceivedAt(XdpContext packet, ref ulong timestamp) => throw KernelOnly.Error();

    [KernelFunction("bpf_xdp_metadata_rx_hash")]
    private static int HashOf(XdpContext packet, ref uint hash, ref XdpHashType type) => throw KernelOnly.Error();

    [KernelFunction("bpf_xdp_metadata_rx_vlan_tag")]
    private static int VlanTagOf(XdpContext packet, ref ushort protocol, ref ushort tag) => throw KernelOnly.Error();

    [KernelFunction("bpf_xdp_pull_data")]
    private static int Pull(XdpContext packet, uint length) => throw KernelOnly.Error();
}
