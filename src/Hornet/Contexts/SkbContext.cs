using Hornet.Packets;

namespace Hornet;

/// <summary>
/// The packet of a program in the network stack (<c>__sk_buff</c>): tc, socket filters, cgroups, routes with programs,
/// socket maps. Each kind has its own part of the members; one that it does not have is an error before the program is
/// loaded. Exists in kernel code only.
/// </summary>
/// <remarks>
/// The packet begins with the Ethernet header at tc and in filters of packet sockets, with the IP header in cgroups and
/// routes, with the transport header in filters of UDP and TCP sockets, with the payload in socket maps.
/// </remarks>
[KernelContext]
public readonly ref partial struct SkbContext : IPacket
{
    /// <summary>
    /// The packet's bytes, as far as they lie in one piece: as a rule the headers. Reading beyond the end ends the program
    /// with its default result; <see cref="PullData"/> makes the piece longer. <see cref="TryRead"/> finds all bytes.
    /// </summary>
    public Span<byte> Data { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <inheritdoc/>
    [KernelOnly]
    public bool TryRead<T>(int offset, out T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Writes a value into the packet: tc, routes on transmission, socket maps. Checksums stay as they are.</summary>
    /// <param name="offset">Where it begins, in bytes from the packet's beginning.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it lies within the packet; if not, nothing is written.</returns>
    [KernelOnly]
    public bool TryWrite<T>(int offset, in T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Reads what an XDP program left in front of the packet: at tc (4.15).</summary>
    /// <returns>Whether there is as much.</returns>
    [KernelOnly]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public bool TryReadMetadata<T>(out T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Writes where an XDP program made room in front of the packet: at tc (4.15).</summary>
    /// <returns>Whether there is as much room.</returns>
    [KernelOnly]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public bool TryWriteMetadata<T>(in T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>The length of the whole packet in bytes.</summary>
    [ContextField(0)]
    public uint Length { get => throw KernelOnly.Error(); }

    /// <summary>For whom the packet is.</summary>
    [ContextField(4)]
    public SkbPacketType PacketType { get => throw KernelOnly.Error(); }

    /// <summary>The mark, which routing rules and netfilter know. Written at tc, in cgroups and routes.</summary>
    [ContextField(8)]
    public uint Mark { get => throw KernelOnly.Error(); [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.LwtIn, ProgramType.LwtOut, ProgramType.LwtXmit)] set => throw KernelOnly.Error(); }

    /// <summary>The transmit queue, from 1 on; 0 for none chosen. Written at tc.</summary>
    [ContextField(12)]
    public uint QueueMapping { get => throw KernelOnly.Error(); [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)] set => throw KernelOnly.Error(); }

    /// <summary>The protocol of the packet: <see cref="EtherType.IPv4"/>, <see cref="EtherType.IPv6"/>.</summary>
    [ContextField(16, Width = 4, BigEndianBits = 16)]
    public EtherType Protocol { get => throw KernelOnly.Error(); }

    /// <summary>Whether the packet has a VLAN tag beside its data.</summary>
    [ContextField(20, Width = 4)]
    public bool HasVlanTag { get => throw KernelOnly.Error(); }

    /// <summary>The VLAN tag: priority, and in the low 12 bits the VLAN's number.</summary>
    [ContextField(24)]
    public uint VlanTag { get => throw KernelOnly.Error(); }

    /// <summary>The kind of VLAN tag.</summary>
    [ContextField(28, Width = 4, BigEndianBits = 16)]
    public EtherType VlanProtocol { get => throw KernelOnly.Error(); }

    /// <summary>The priority, by which queueing disciplines choose. Written at tc, in cgroups, routes and socket maps.</summary>
    [ContextField(32)]
    public uint Priority { get => throw KernelOnly.Error(); [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.LwtIn, ProgramType.LwtOut, ProgramType.LwtXmit, ProgramType.SkSkb)] set => throw KernelOnly.Error(); }

    /// <summary>The index of the interface the packet came in by; 0 for one that this host sends.</summary>
    [ContextField(36)]
    public uint IngressInterfaceIndex { get => throw KernelOnly.Error(); }

    /// <summary>The index of the interface the packet is at.</summary>
    [ContextField(40)]
    public uint InterfaceIndex { get => throw KernelOnly.Error(); }

    /// <summary>The index that queueing disciplines hand on. Written at tc and in socket maps.</summary>
    [ContextField(44)]
    public uint TcIndex { get => throw KernelOnly.Error(); [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.SkSkb)] set => throw KernelOnly.Error(); }

    /// <summary>The first of five numbers that programs at the same hook hand on to each other.</summary>
    [ContextField(48)]
    public uint Cb0 { get => throw KernelOnly.Error(); [OnlyIn(ProgramType.SocketFilter, ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.LwtIn, ProgramType.LwtOut, ProgramType.LwtXmit, ProgramType.SkSkb)] set => throw KernelOnly.Error(); }

    /// <summary>The second number that programs hand on.</summary>
    [ContextField(52)]
    public uint Cb1 { get => throw KernelOnly.Error(); [OnlyIn(ProgramType.SocketFilter, ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.LwtIn, ProgramType.LwtOut, ProgramType.LwtXmit, ProgramType.SkSkb)] set => throw KernelOnly.Error(); }

    /// <summary>The third number that programs hand on.</summary>
    [ContextField(56)]
    public uint Cb2 { get => throw KernelOnly.Error(); [OnlyIn(ProgramType.SocketFilter, ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.LwtIn, ProgramType.LwtOut, ProgramType.LwtXmit, ProgramType.SkSkb)] set => throw KernelOnly.Error(); }

    /// <summary>The fourth number that programs hand on.</summary>
    [ContextField(60)]
    public uint Cb3 { get => throw KernelOnly.Error(); [OnlyIn(ProgramType.SocketFilter, ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.LwtIn, ProgramType.LwtOut, ProgramType.LwtXmit, ProgramType.SkSkb)] set => throw KernelOnly.Error(); }

    /// <summary>The fifth number that programs hand on.</summary>
    [ContextField(64)]
    public uint Cb4 { get => throw KernelOnly.Error(); [OnlyIn(ProgramType.SocketFilter, ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb, ProgramType.LwtIn, ProgramType.LwtOut, ProgramType.LwtXmit, ProgramType.SkSkb)] set => throw KernelOnly.Error(); }

    /// <summary>The hash of the flow, if it was computed; <see cref="RecalculateHash"/> computes it.</summary>
    [ContextField(68)]
    public uint Hash { get => throw KernelOnly.Error(); }

    /// <summary>The class of a queueing discipline, at tc.</summary>
    [ContextField(72)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public uint TcClassId { get => throw KernelOnly.Error(); [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)] set => throw KernelOnly.Error(); }

    /// <summary>The NAPI instance that received the packet (4.12).</summary>
    [ContextField(84)]
    public uint NapiId { get => throw KernelOnly.Error(); }

    /// <summary>The address family of the packet's socket: 2 is IPv4, 10 is IPv6. In cgroups and socket maps.</summary>
    [ContextField(88)]
    [OnlyIn(ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public uint Family { get => throw KernelOnly.Error(); }

    /// <summary>The remote address of the packet's socket. In cgroups and socket maps.</summary>
    [ContextField(92)]
    [OnlyIn(ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public IPv4Address RemoteIPv4 { get => throw KernelOnly.Error(); }

    /// <summary>The local address of the packet's socket. In cgroups and socket maps.</summary>
    [ContextField(96)]
    [OnlyIn(ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public IPv4Address LocalIPv4 { get => throw KernelOnly.Error(); }

    /// <summary>The remote IPv6 address of the packet's socket. In cgroups and socket maps.</summary>
    [ContextField(100)]
    [OnlyIn(ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public IPv6Address RemoteIPv6 { get => throw KernelOnly.Error(); }

    /// <summary>The local IPv6 address of the packet's socket. In cgroups and socket maps.</summary>
    [ContextField(116)]
    [OnlyIn(ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public IPv6Address LocalIPv6 { get => throw KernelOnly.Error(); }

    /// <summary>The remote port of the packet's socket. In cgroups and socket maps.</summary>
    [ContextField(132, Width = 4, BigEndianBits = 32)]
    [OnlyIn(ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public ushort RemotePort { get => throw KernelOnly.Error(); }

    /// <summary>The local port of the packet's socket. In cgroups and socket maps.</summary>
    [ContextField(136, Width = 4)]
    [OnlyIn(ProgramType.CgroupSkb, ProgramType.SkSkb)]
    public ushort LocalPort { get => throw KernelOnly.Error(); }

    /// <summary>The packet's time in nanoseconds: when it came in, or when it shall leave (5.0). At tc and in cgroups.</summary>
    [ContextField(152)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb)]
    public ulong Timestamp { get => throw KernelOnly.Error(); [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb)] set => throw KernelOnly.Error(); }

    /// <summary>The length on the wire with the headers of all segments, at tc (5.0).</summary>
    [ContextField(160)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct)]
    public uint WireLength { get => throw KernelOnly.Error(); }

    /// <summary>How many segments the packet is cut into on the wire; 0 for one that is not (5.1).</summary>
    [ContextField(164)]
    public uint SegmentCount { get => throw KernelOnly.Error(); }

    /// <summary>The payload of each segment in bytes (5.7).</summary>
    [ContextField(176)]
    public uint SegmentSize { get => throw KernelOnly.Error(); }

    /// <summary>When the hardware received the packet, in nanoseconds of its clock; 0 when it did not say (5.16). At tc and in cgroups.</summary>
    [ContextField(184)]
    [OnlyIn(ProgramType.SchedCls, ProgramType.SchedAct, ProgramType.CgroupSkb)]
    public ulong HardwareTimestamp { get => throw KernelOnly.Error(); }

    /// <summary>The socket the packet belongs to; test <see cref="BpfSocket.IsNull"/> (5.1).</summary>
    [ContextField(168)]
    public BpfSocket Socket { get => throw KernelOnly.Error(); }
}
