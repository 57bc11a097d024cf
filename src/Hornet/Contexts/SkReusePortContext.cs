using Hornet.Isa;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet;

/// <summary>
/// A packet or connection that arrives at sockets which share a port (<c>struct sk_reuseport_md</c>, 4.19): the program
/// chooses one. Exists in kernel code only.
/// </summary>
[KernelContext]
public readonly ref struct SkReusePortContext : IPacket
{
    /// <summary>The packet from its transport header on, as far as it lies in one piece.</summary>
    public Span<byte> Data { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Copies a value out of the packet, from its transport header on.</summary>
    /// <param name="offset">Where it begins, in bytes.</param>
    /// <param name="value">The value; zero when there are not as many bytes.</param>
    /// <returns>Whether there are as many bytes.</returns>
    [KernelOnly]
    public bool TryRead<T>(int offset, out T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>The length of the packet from its transport header on, in bytes.</summary>
    [ContextField(16)]
    public uint Length { get => throw KernelOnly.Error(); }

    /// <summary><see cref="Packets.EtherType.IPv4"/> or <see cref="Packets.EtherType.IPv6"/>.</summary>
    [ContextField(20, Width = 4, BigEndianBits = 16)]
    public EtherType EtherType { get => throw KernelOnly.Error(); }

    /// <summary><see cref="IPProtocol.Tcp"/> or <see cref="IPProtocol.Udp"/>.</summary>
    [ContextField(24, Width = 4)]
    public IPProtocol Protocol { get => throw KernelOnly.Error(); }

    /// <summary>Whether the sockets are bound to no address.</summary>
    [ContextField(28, Width = 4)]
    public bool IsBoundToAny { get => throw KernelOnly.Error(); }

    /// <summary>A hash of the packet's addresses and ports.</summary>
    [ContextField(32)]
    public uint Hash { get => throw KernelOnly.Error(); }

    /// <summary>The socket that the kernel would ask first (5.14).</summary>
    [ContextField(40)]
    public BpfSocket Socket { get => throw KernelOnly.Error(); }

    /// <summary>The socket whose connection is to be taken over; null for a new one (5.14).</summary>
    [ContextField(48)]
    public BpfSocket MigratingSocket { get => throw KernelOnly.Error(); }

    /// <summary>Chooses a socket of a map.</summary>
    /// <returns>Whether there is one that fits; if not, the kernel chooses.</returns>
    [Helper(BpfHelper.SkSelectReuseport, 0)]
    public bool Select(BpfReusePortArray map, in uint index) => throw KernelOnly.Error();

    /// <summary>Chooses a socket of a map (5.8).</summary>
    /// <returns>Whether there is one that fits; if not, the kernel chooses.</returns>
    [Helper(BpfHelper.SkSelectReuseport, 0)]
    public bool Select(BpfSockMap map, in uint index) => throw KernelOnly.Error();

    /// <summary>Copies bytes out of the packet, wherever they lie.</summary>
    /// <returns>Whether they lie within the packet.</returns>
    [Helper(BpfHelper.SkbLoadBytes)]
    public bool LoadBytes(int offset, Span<byte> destination) => throw KernelOnly.Error();
}
