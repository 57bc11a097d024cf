using System.Runtime.InteropServices;
using Hornet.KernelTypes;
using Hornet.Packets;

namespace Hornet;

/// <summary>
/// The kernel's table of connections (nf_conntrack), in kernel code of XDP and tc programs. What is found or inserted has to be released
/// on every way to the program's end (HRN3016); what is made new has to be inserted or released.
/// </summary>
public static class BpfConnectionTracking
{
    /// <summary>The connection of a packet (<c>bpf_xdp_ct_lookup</c>, 5.18): to be released.</summary>
    /// <param name="context">The packet.</param>
    /// <param name="addresses">Addresses and ports.</param>
    /// <param name="options">The protocol and where to look; afterwards the error, when there is one.</param>
    /// <returns>Null when there is none.</returns>
    [KernelFunction("bpf_xdp_ct_lookup")]
    public static NfConn? FindConnection(this XdpContext context, in SocketTuple4 addresses, ref ConnectionOptions options) => throw KernelOnly.Error();

    /// <inheritdoc cref="FindConnection(XdpContext, in SocketTuple4, ref ConnectionOptions)"/>
    [KernelFunction("bpf_xdp_ct_lookup")]
    public static NfConn? FindConnection(this XdpContext context, in SocketTuple6 addresses, ref ConnectionOptions options) => throw KernelOnly.Error();

    /// <summary>The connection of a packet (<c>bpf_skb_ct_lookup</c>, 5.18): to be released.</summary>
    /// <inheritdoc cref="FindConnection(XdpContext, in SocketTuple4, ref ConnectionOptions)"/>
    [KernelFunction("bpf_skb_ct_lookup")]
    public static NfConn? FindConnection(this SkbContext context, in SocketTuple4 addresses, ref ConnectionOptions options) => throw KernelOnly.Error();

    /// <inheritdoc cref="FindConnection(SkbContext, in SocketTuple4, ref ConnectionOptions)"/>
    [KernelFunction("bpf_skb_ct_lookup")]
    public static NfConn? FindConnection(this SkbContext context, in SocketTuple6 addresses, ref ConnectionOptions options) => throw KernelOnly.Error();

    /// <summary>A new connection, not in the table yet (<c>bpf_xdp_ct_alloc</c>, 6.0): to be inserted.</summary>
    /// <returns>Null when it cannot be made; the error is in the options.</returns>
    [KernelFunction("bpf_xdp_ct_alloc")]
    public static NewNfConn? NewConnection(this XdpContext context, in SocketTuple4 addresses, ref ConnectionOptions options) => throw KernelOnly.Error();

    /// <summary>A new connection, not in the table yet (<c>bpf_skb_ct_alloc</c>, 6.0): to be inserted.</summary>
    /// <returns>Null when it cannot be made; the error is in the options.</returns>
    [KernelFunction("bpf_skb_ct_alloc")]
    public static NewNfConn? NewConnection(this SkbContext context, in SocketTuple4 addresses, ref ConnectionOptions options) => throw KernelOnly.Error();

    /// <summary>Which address and port of a new connection is exchanged for another (<c>bpf_ct_set_nat_info</c>, 6.1; nf_nat has it).</summary>
    /// <param name="connection">The connection, not in the table yet.</param>
    /// <param name="address">The other address.</param>
    /// <param name="port">The other port; 0 leaves it as it is.</param>
    /// <param name="end">Whose.</param>
    /// <returns>0, or a negative error number.</returns>
    public static int SetTranslation(this NewNfConn connection, IPv4Address address, ushort port, TranslatedEnd end)
    {
        TranslatedAddress whole = new() { First = address };
        return SetTranslation(connection, ref whole, port, end);
    }

    /// <inheritdoc cref="SetTranslation(NewNfConn, IPv4Address, ushort, TranslatedEnd)"/>
    public static int SetTranslation(this NewNfConn connection, IPv6Address address, ushort port, TranslatedEnd end) => SetTranslation(connection, ref address, port, end);

    [KernelFunction("bpf_ct_set_nat_info")]
    private static int SetTranslation(NewNfConn connection, ref TranslatedAddress address, int port, TranslatedEnd end) => throw KernelOnly.Error();

    [KernelFunction("bpf_ct_set_nat_info")]
    private static int SetTranslation(NewNfConn connection, ref IPv6Address address, int port, TranslatedEnd end) => throw KernelOnly.Error();

    /// <summary>Puts a new connection into the table (<c>bpf_ct_insert_entry</c>, 6.0). The result is to be released.</summary>
    /// <returns>Null when there is one already.</returns>
    [KernelFunction("bpf_ct_insert_entry")]
    public static NfConn? Insert(this NewNfConn connection) => throw KernelOnly.Error();

    /// <summary>How long a new connection stays (<c>bpf_ct_set_timeout</c>, 6.0).</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="milliseconds">The time.</param>
    [KernelFunction("bpf_ct_set_timeout")]
    public static void SetTimeout(this NewNfConn connection, uint milliseconds) => throw KernelOnly.Error();

    /// <summary>How long a connection of the table stays from now on (<c>bpf_ct_change_timeout</c>, 6.0).</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="milliseconds">The time.</param>
    /// <returns>0, or a negative error number.</returns>
    [KernelFunction("bpf_ct_change_timeout")]
    public static int ChangeTimeout(this NfConn connection, uint milliseconds) => throw KernelOnly.Error();

    /// <summary>Sets bits of a new connection's status (<c>bpf_ct_set_status</c>, 6.0).</summary>
    /// <returns>0, or a negative error number.</returns>
    [KernelFunction("bpf_ct_set_status")]
    public static int SetStatus(this NewNfConn connection, uint status) => throw KernelOnly.Error();

    /// <summary>Changes the status of a connection of the table (<c>bpf_ct_change_status</c>, 6.0).</summary>
    /// <returns>0, or a negative error number.</returns>
    [KernelFunction("bpf_ct_change_status")]
    public static int ChangeStatus(this NfConn connection, uint status) => throw KernelOnly.Error();

    /// <summary>Gives a connection back (<c>bpf_ct_release</c>, 5.18).</summary>
    [KernelFunction("bpf_ct_release")]
    public static void Release(this NfConn connection) => throw KernelOnly.Error();
}

/// <summary>Whose address is exchanged (<c>enum nf_nat_manip_type</c>).</summary>
public enum TranslatedEnd : uint
{
    /// <summary>The sender's.</summary>
    Source,

    /// <summary>The receiver's.</summary>
    Destination,
}

// union nf_inet_addr.
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct TranslatedAddress
{
    public IPv4Address First;
}

/// <summary>Which connection is meant (<c>struct bpf_ct_opts</c>, as all kernels take it).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ConnectionOptions
{
    /// <summary>The network namespace's id as seen from the packet's; -1 for the packet's own.</summary>
    public int NamespaceId;

    /// <summary>What went wrong: 0, or a negative error number.</summary>
    public int Error;

    /// <summary>The protocol: 6 (TCP) or 17 (UDP).</summary>
    public byte Protocol;

    /// <summary>Afterwards: 0 when the packet goes the way of the first one, 1 the other way.</summary>
    public byte Direction;

    private readonly ushort _reserved;

    /// <summary>Options for connections of a protocol in the packet's own namespace.</summary>
    public static ConnectionOptions For(byte protocol) => new() { NamespaceId = -1, Protocol = protocol };
}
