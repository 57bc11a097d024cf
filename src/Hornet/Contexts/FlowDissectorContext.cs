using Hornet.Isa;
using Hornet.Packets;

namespace Hornet;

/// <summary>What a flow dissector says of a packet.</summary>
public enum FlowDissectorResult
{
    /// <summary>The keys are filled in. Also what a program returns that a failed check ended.</summary>
    Ok = 0,
    /// <summary>The packet cannot be taken apart.</summary>
    Drop = 2,
    /// <summary>The kernel's own dissector shall do it (6.0).</summary>
    Continue = 129,
}

/// <summary>A packet whose flow a program finds out (flow dissector, 4.20). Exists in kernel code only.</summary>
[KernelContext]
public readonly ref struct FlowDissectorContext : IPacket
{
    /// <summary>The packet, as far as it lies in one piece.</summary>
    public Span<byte> Data { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Copies a value out of the packet.</summary>
    /// <param name="offset">Where it begins, in bytes.</param>
    /// <param name="value">The value; zero when there are not as many bytes.</param>
    /// <returns>Whether there are as many bytes.</returns>
    [KernelOnly]
    public bool TryRead<T>(int offset, out T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>What is found out: filled in by the program.</summary>
    [ContextField(144)]
    public FlowKeys Keys { get => throw KernelOnly.Error(); }

    /// <summary>Copies bytes out of the packet, wherever they lie.</summary>
    /// <returns>Whether they lie within the packet.</returns>
    [Helper(BpfHelper.SkbLoadBytes)]
    public bool LoadBytes(int offset, Span<byte> destination) => throw KernelOnly.Error();
}

/// <summary>The keys of a flow (<c>struct bpf_flow_keys</c>). Exists in kernel code only.</summary>
[KernelContext]
public readonly ref struct FlowKeys
{
    /// <summary>Where the network header begins, in bytes; given when the program begins.</summary>
    [ContextField(0)]
    public ushort NetworkOffset { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>Where the transport header begins, in bytes.</summary>
    [ContextField(2)]
    public ushort TransportOffset { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>Which addresses are filled in: <see cref="EtherType.IPv4"/>, <see cref="EtherType.IPv6"/>; in the host's byte order.</summary>
    [ContextField(4)]
    public EtherType AddressProtocol { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>Whether the packet is a fragment.</summary>
    [ContextField(6)]
    public bool IsFragment { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>Whether it is the first one.</summary>
    [ContextField(7)]
    public bool IsFirstFragment { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>Whether the packet is inside another.</summary>
    [ContextField(8)]
    public bool IsEncapsulated { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The transport protocol.</summary>
    [ContextField(9)]
    public IPProtocol Protocol { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The network protocol.</summary>
    [ContextField(10, BigEndianBits = 16)]
    public EtherType NetworkProtocol { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The sender's port.</summary>
    [ContextField(12, BigEndianBits = 16)]
    public ushort SourcePort { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The receiver's port.</summary>
    [ContextField(14, BigEndianBits = 16)]
    public ushort DestinationPort { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The sender.</summary>
    [ContextField(16)]
    public IPv4Address SourceIPv4 { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The receiver.</summary>
    [ContextField(20)]
    public IPv4Address DestinationIPv4 { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The sender.</summary>
    [ContextField(16)]
    public IPv6Address SourceIPv6 { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The receiver.</summary>
    [ContextField(32)]
    public IPv6Address DestinationIPv6 { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }
}
