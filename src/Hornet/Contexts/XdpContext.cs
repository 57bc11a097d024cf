using Hornet.Isa;
using Hornet.Maps;

namespace Hornet;

/// <summary>What an XDP program makes of a packet.</summary>
public enum XdpAction
{
    /// <summary>Drop it, and count an error (tracepoint <c>xdp:xdp_exception</c>). Also what a program returns that a failed check ended.</summary>
    Aborted = 0,
    /// <summary>Drop it.</summary>
    Drop = 1,
    /// <summary>Give it to the network stack.</summary>
    Pass = 2,
    /// <summary>Send it back out of the interface it came from.</summary>
    Transmit = 3,
    /// <summary>Send it where a redirect helper said.</summary>
    Redirect = 4,
}

/// <summary>Where an XDP program runs.</summary>
public enum XdpPlace
{
    /// <summary>At an interface, for packets that come in.</summary>
    Interface,
    /// <summary>In an element of a <see cref="BpfDevMap"/>, for packets that were redirected by it (5.8).</summary>
    DeviceMap,
    /// <summary>In an element of a <see cref="BpfCpuMap"/>, for packets that were handed to its CPU (5.9).</summary>
    CpuMap,
}

/// <summary>The packet of an XDP program (4.8), from its Ethernet header on. Exists in kernel code only.</summary>
[KernelContext]
public readonly ref partial struct XdpContext : IPacket
{
    /// <summary>
    /// The packet's bytes. Reading beyond the end ends the program with <see cref="XdpAction.Aborted"/>; compare the length
    /// first, or use <see cref="TryRead"/>.
    /// </summary>
    public Span<byte> Data { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The index of the interface the packet came in by.</summary>
    [ContextField(12)]
    public uint InterfaceIndex { get => throw KernelOnly.Error(); }

    /// <summary>The receive queue the packet came in by.</summary>
    [ContextField(16)]
    public uint QueueIndex { get => throw KernelOnly.Error(); }

    /// <summary>The index of the interface the packet leaves by, in a program of a <see cref="BpfDevMap"/>'s element (5.8).</summary>
    [ContextField(20)]
    public uint EgressInterfaceIndex { get => throw KernelOnly.Error(); }

    /// <inheritdoc/>
    [KernelOnly]
    public bool TryRead<T>(int offset, out T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Writes a value into the packet.</summary>
    /// <param name="offset">Where it begins, in bytes from the packet's beginning.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it lies within the packet; if not, nothing is written.</returns>
    [KernelOnly]
    public bool TryWrite<T>(int offset, in T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Reads what stands in front of the packet, where a driver or an earlier program left it (4.15).</summary>
    /// <returns>Whether there is as much.</returns>
    [KernelOnly]
    public bool TryReadMetadata<T>(out T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Writes in front of the packet, for later programs and tc (4.15); <see cref="AdjustMetadata"/> makes room.</summary>
    /// <returns>Whether there is as much room.</returns>
    [KernelOnly]
    public bool TryWriteMetadata<T>(in T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Moves the packet's beginning (4.10): negative makes room for headers, positive takes them away.</summary>
    /// <returns>Whether there was room. What was read of the packet before stays as it was read.</returns>
    [Helper(BpfHelper.XdpAdjustHead)]
    public bool AdjustHead(int delta) => throw KernelOnly.Error();

    /// <summary>Moves the packet's end (shorter since 4.18, longer since 5.8).</summary>
    /// <returns>Whether there was room.</returns>
    [Helper(BpfHelper.XdpAdjustTail)]
    public bool AdjustTail(int delta) => throw KernelOnly.Error();

    /// <summary>Moves the beginning of the metadata (4.15): negative makes room, in steps of 4 bytes.</summary>
    /// <returns>Whether the driver has metadata and room for it.</returns>
    [Helper(BpfHelper.XdpAdjustMeta)]
    public bool AdjustMetadata(int delta) => throw KernelOnly.Error();

    /// <summary>Copies bytes out of the packet, also of one in several buffers (5.18).</summary>
    /// <returns>Whether they lie within the packet.</returns>
    [Helper(BpfHelper.XdpLoadBytes)]
    public bool LoadBytes(int offset, Span<byte> destination) => throw KernelOnly.Error();

    /// <summary>Copies bytes into the packet, also into one in several buffers (5.18).</summary>
    /// <returns>Whether they lie within the packet.</returns>
    [Helper(BpfHelper.XdpStoreBytes)]
    public bool StoreBytes(int offset, ReadOnlySpan<byte> source) => throw KernelOnly.Error();

    /// <summary>The length of the whole packet in bytes, also of one in several buffers (5.18).</summary>
    [Helper(BpfHelper.XdpGetBuffLen)]
    public ulong TotalLength { get => throw KernelOnly.Error(); }

    /// <summary>Sends the packet out of an interface (4.14): return what this returns. A <see cref="BpfDevMap"/> is faster.</summary>
    [Helper(BpfHelper.Redirect, 0, WithoutContext = true)]
    public XdpAction RedirectTo(uint interfaceIndex) => throw KernelOnly.Error();

    /// <summary>Sends the packet out of an interface of a map (4.14): return what this returns.</summary>
    /// <param name="map">The interfaces.</param>
    /// <param name="index">Which of them.</param>
    /// <param name="otherwise">What is returned when there is none (5.3; <see cref="XdpAction.Aborted"/> before).</param>
    [Helper(BpfHelper.RedirectMap, WithoutContext = true)]
    public XdpAction RedirectTo(BpfDevMap map, uint index, XdpAction otherwise = XdpAction.Aborted) => throw KernelOnly.Error();

    /// <summary>Sends the packet out of an interface of a map (5.4): return what this returns.</summary>
    /// <param name="map">The interfaces.</param>
    /// <param name="key">Which of them.</param>
    /// <param name="otherwise">What is returned when there is none.</param>
    [Helper(BpfHelper.RedirectMap, WithoutContext = true)]
    public XdpAction RedirectTo(BpfDevMapHash map, uint key, XdpAction otherwise = XdpAction.Aborted) => throw KernelOnly.Error();

    /// <summary>Hands the packet to another CPU (4.15): return what this returns.</summary>
    /// <param name="map">The CPUs.</param>
    /// <param name="cpu">Which of them.</param>
    /// <param name="otherwise">What is returned when it is not in the map (5.3).</param>
    [Helper(BpfHelper.RedirectMap, WithoutContext = true)]
    public XdpAction RedirectTo(BpfCpuMap map, uint cpu, XdpAction otherwise = XdpAction.Aborted) => throw KernelOnly.Error();

    /// <summary>Hands the packet to an AF_XDP socket (4.18): return what this returns.</summary>
    /// <param name="map">The sockets.</param>
    /// <param name="queue">Which of them: as a rule <see cref="QueueIndex"/>.</param>
    /// <param name="otherwise">What is returned when there is none (5.3).</param>
    [Helper(BpfHelper.RedirectMap, WithoutContext = true)]
    public XdpAction RedirectTo(BpfXskMap map, uint queue, XdpAction otherwise = XdpAction.Aborted) => throw KernelOnly.Error();

    /// <summary>Asks the routing table where a packet goes (4.18).</summary>
    /// <param name="query">The question, in which the answer is written: interface, addresses of the neighbours.</param>
    /// <param name="flags">How to look.</param>
    [Helper(BpfHelper.FibLookup)]
    public FibResult FibLookup([Sized] ref FibQuery query, FibFlags flags = FibFlags.None) => throw KernelOnly.Error();

    /// <summary>Finds a TCP socket, a listening one too (4.20). Dispose it (<c>using var</c>): the kernel refuses programs that keep it.</summary>
    /// <param name="tuple">The connection, as it is written in packets that come in.</param>
    /// <param name="namespaceId">The network namespace by its id.</param>
    [Helper(BpfHelper.SkLookupTcp, 0)]
    public BpfSocket FindTcpSocket([Sized] in SocketTuple4 tuple, ulong namespaceId = BpfSocket.CurrentNamespace) => throw KernelOnly.Error();

    /// <summary>Finds a TCP socket, a listening one too (4.20). Dispose it (<c>using var</c>): the kernel refuses programs that keep it.</summary>
    /// <param name="tuple">The connection, as it is written in packets that come in.</param>
    /// <param name="namespaceId">The network namespace by its id.</param>
    [Helper(BpfHelper.SkLookupTcp, 0)]
    public BpfSocket FindTcpSocket([Sized] in SocketTuple6 tuple, ulong namespaceId = BpfSocket.CurrentNamespace) => throw KernelOnly.Error();

    /// <summary>Finds a UDP socket (4.20). Dispose it (<c>using var</c>): the kernel refuses programs that keep it.</summary>
    /// <param name="tuple">The addresses and ports, as they are written in packets that come in.</param>
    /// <param name="namespaceId">The network namespace by its id.</param>
    [Helper(BpfHelper.SkLookupUdp, 0)]
    public BpfSocket FindUdpSocket([Sized] in SocketTuple4 tuple, ulong namespaceId = BpfSocket.CurrentNamespace) => throw KernelOnly.Error();

    /// <summary>Finds a UDP socket (4.20). Dispose it (<c>using var</c>): the kernel refuses programs that keep it.</summary>
    /// <param name="tuple">The addresses and ports, as they are written in packets that come in.</param>
    /// <param name="namespaceId">The network namespace by its id.</param>
    [Helper(BpfHelper.SkLookupUdp, 0)]
    public BpfSocket FindUdpSocket([Sized] in SocketTuple6 tuple, ulong namespaceId = BpfSocket.CurrentNamespace) => throw KernelOnly.Error();

    /// <summary>What a checksum changes by when bytes are exchanged (4.16); lengths are multiples of 4, and one may be 0.</summary>
    /// <returns>The difference, to be folded into a checksum; negative when the lengths are not allowed.</returns>
    [Helper(BpfHelper.CsumDiff, WithoutContext = true)]
    public long ChecksumDifference(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, uint seed = 0) => throw KernelOnly.Error();

    /// <summary>Asks whether a packet of this length fits an interface (5.12).</summary>
    /// <param name="interfaceIndex">The interface; 0 for the packet's.</param>
    /// <param name="length">A length to ask about, 0 for the packet's; the MTU comes back here.</param>
    /// <param name="delta">Bytes that are to be added or taken away.</param>
    /// <returns>0 when it fits; positive when not; negative for a wrong question.</returns>
    [Helper(BpfHelper.CheckMtu, 0)]
    public int CheckMtu(uint interfaceIndex, ref uint length, int delta = 0) => throw KernelOnly.Error();
}
