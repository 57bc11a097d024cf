using System.Runtime.InteropServices;
using Hornet.Packets;

namespace Hornet;

/// <summary>A tunnel's key (<c>struct bpf_tunnel_key</c> as of 4.3): its number, and the other end.</summary>
[StructLayout(LayoutKind.Explicit, Size = 28)]
public struct TunnelKey
{
    /// <summary>The tunnel's number: a VNI, say.</summary>
    [FieldOffset(0)] public uint Id;
    /// <summary>The other end, as a number: 10.0.0.1 is 0x0a000001.</summary>
    [FieldOffset(4)] public uint RemoteIPv4;
    /// <summary>The other end.</summary>
    [FieldOffset(4)] public IPv6Address RemoteIPv6;
    /// <summary>The type of service.</summary>
    [FieldOffset(20)] public byte TypeOfService;
    /// <summary>How many routers it may pass; 0 for the device's number.</summary>
    [FieldOffset(21)] public byte TimeToLive;
    /// <summary>The label of IPv6.</summary>
    [FieldOffset(24)] public uint Label;
}

/// <summary>How a packet takes a tunnel (<c>BPF_F_*</c>).</summary>
[Flags]
public enum TunnelFlags : ulong
{
    /// <summary>Over IPv4.</summary>
    None = 0,
    /// <summary>Over IPv6.</summary>
    IPv6 = 1,
    /// <summary>Without a checksum.</summary>
    NoChecksum = 2,
    /// <summary>Not divided.</summary>
    DontFragment = 4,
}
