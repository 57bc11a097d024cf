using System.Runtime.InteropServices;
using Hornet.KernelTypes;
using Hornet.Packets;

namespace Hornet;

/// <summary>Which IPsec state is looked for, and what came of it (<c>struct bpf_xfrm_state_opts</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = 36)]
public struct XfrmQuery
{
    /// <summary>Afterwards a negative error number when there is none.</summary>
    public int Error;

    /// <summary>The network namespace by its id; -1 for the packet's.</summary>
    public int NamespaceId;

    /// <summary>The mark.</summary>
    public uint Mark;

    /// <summary>The destination; an IPv4 address is in the first four bytes.</summary>
    public IPv6Address Destination;

    /// <summary>The security parameter index, as in the packet.</summary>
    public uint SpiNetworkOrder;

    /// <summary>The protocol: 50 for ESP, 51 for AH.</summary>
    public byte Protocol;

    /// <summary>The address family: 2 or 10.</summary>
    public ushort Family;
}

/// <summary>The state of IPsec, in kernel code of XDP programs (6.8; a kernel with CONFIG_XFRM). What is found has to be released on every way to the program's end (HRN3016).</summary>
public static class BpfXfrm
{
    /// <summary>The state for a packet (<c>bpf_xdp_get_xfrm_state</c>, 6.8): to be released.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="query">Which; afterwards the error, when there is one.</param>
    /// <returns>Null when there is none.</returns>
    [KernelFunction("bpf_xdp_get_xfrm_state")]
    public static XfrmState? FindXfrmState(this XdpContext packet, ref XfrmQuery query) => throw KernelOnly.Error();

    /// <summary>Gives a state back (<c>bpf_xdp_xfrm_state_release</c>, 6.8).</summary>
    [KernelFunction("bpf_xdp_xfrm_state_release")]
    public static void Release(this XfrmState state) => throw KernelOnly.Error();
}
