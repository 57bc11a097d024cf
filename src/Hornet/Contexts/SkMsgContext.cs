using Hornet.Isa;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet;

/// <summary>What a socket of a map sends (<c>struct sk_msg_md</c>, 4.17). Exists in kernel code only.</summary>
[KernelContext]
public readonly ref struct SkMsgContext : IPacket
{
    /// <summary>The bytes that lie in one piece: the first page as a rule, none at all for <c>sendfile</c>. <see cref="PullData"/> brings more together.</summary>
    public Span<byte> Data { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Copies a value out of the message.</summary>
    /// <param name="offset">Where it begins, in bytes.</param>
    /// <param name="value">The value; zero when there are not as many bytes.</param>
    /// <returns>Whether there are as many bytes.</returns>
    [KernelOnly]
    public bool TryRead<T>(int offset, out T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Writes a value into the message.</summary>
    /// <param name="offset">Where it begins, in bytes.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether there are as many bytes; if not, nothing is written.</returns>
    [KernelOnly]
    public bool TryWrite<T>(int offset, in T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>The address family: 2 is IPv4, 10 is IPv6.</summary>
    [ContextField(16)]
    public uint Family { get => throw KernelOnly.Error(); }

    /// <summary>The remote address.</summary>
    [ContextField(20)]
    public IPv4Address RemoteIPv4 { get => throw KernelOnly.Error(); }

    /// <summary>The local address.</summary>
    [ContextField(24)]
    public IPv4Address LocalIPv4 { get => throw KernelOnly.Error(); }

    /// <summary>The remote IPv6 address.</summary>
    [ContextField(28)]
    public IPv6Address RemoteIPv6 { get => throw KernelOnly.Error(); }

    /// <summary>The local IPv6 address.</summary>
    [ContextField(44)]
    public IPv6Address LocalIPv6 { get => throw KernelOnly.Error(); }

    /// <summary>The remote port.</summary>
    [ContextField(60, Width = 4, BigEndianBits = 32)]
    public ushort RemotePort { get => throw KernelOnly.Error(); }

    /// <summary>The local port.</summary>
    [ContextField(64, Width = 4)]
    public ushort LocalPort { get => throw KernelOnly.Error(); }

    /// <summary>The length of the message in bytes (5.0).</summary>
    [ContextField(68)]
    public uint Length { get => throw KernelOnly.Error(); }

    /// <summary>The socket that sends (5.8).</summary>
    [ContextField(72)]
    public BpfSocket Socket { get => throw KernelOnly.Error(); }

    /// <summary>Brings the bytes from one place to another together in <see cref="Data"/> (4.18), which then begins at the first.</summary>
    /// <returns>Whether there was memory, and as many bytes.</returns>
    [Helper(BpfHelper.MsgPullData, 0)]
    public bool PullData(uint start, uint end) => throw KernelOnly.Error();

    /// <summary>Lets the verdict be for so many bytes, more or less than this message has (4.17).</summary>
    [Helper(BpfHelper.MsgApplyBytes)]
    public void ApplyBytes(uint bytes) => throw KernelOnly.Error();

    /// <summary>Waits until there are so many bytes, and runs the program again (4.17).</summary>
    [Helper(BpfHelper.MsgCorkBytes)]
    public void CorkBytes(uint bytes) => throw KernelOnly.Error();

    /// <summary>Puts new bytes into the message (5.0).</summary>
    /// <returns>Whether there was memory.</returns>
    [Helper(BpfHelper.MsgPushData, 0)]
    public bool PushData(uint start, uint bytes) => throw KernelOnly.Error();

    /// <summary>Takes bytes out of the message (5.0).</summary>
    /// <returns>Whether there were as many.</returns>
    [Helper(BpfHelper.MsgPopData, 0)]
    public bool PopData(uint start, uint bytes) => throw KernelOnly.Error();

    /// <summary>Sends the message by a socket of a map (4.17): return what this returns.</summary>
    /// <param name="map">The sockets.</param>
    /// <param name="index">Which of them.</param>
    /// <param name="flags">Whether the socket shall send it, or its owner receive it.</param>
    [Helper(BpfHelper.MsgRedirectMap)]
    public SkAction RedirectTo(BpfSockMap map, uint index, SockMapRedirectFlags flags = SockMapRedirectFlags.None) => throw KernelOnly.Error();

    /// <summary>Sends the message by a socket of a map (4.18): return what this returns.</summary>
    /// <param name="map">The sockets.</param>
    /// <param name="key">Which of them.</param>
    /// <param name="flags">Whether the socket shall send it, or its owner receive it.</param>
    [Helper(BpfHelper.MsgRedirectHash)]
    public SkAction RedirectTo<TKey>(BpfSockHash<TKey> map, in TKey key, SockMapRedirectFlags flags = SockMapRedirectFlags.None) where TKey : unmanaged => throw KernelOnly.Error();
}
