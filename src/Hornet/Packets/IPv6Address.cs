using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Hornet.Packets;

/// <summary>An IPv6 address, 16 bytes as they stand in packets: a field of headers, a key of maps.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct IPv6Address : IEquatable<IPv6Address>
{
    private readonly uint _a, _b, _c, _d;

    /// <summary>Makes an address of four numbers of 32 bits, the first one first: ::1 is <c>new(0, 0, 0, 1)</c>.</summary>
    public IPv6Address(uint a, uint b, uint c, uint d)
    {
        _a = new UInt32BigEndian(a).Raw;
        _b = new UInt32BigEndian(b).Raw;
        _c = new UInt32BigEndian(c).Raw;
        _d = new UInt32BigEndian(d).Raw;
    }

    private IPv6Address(ReadOnlySpan<byte> bytes) => this = MemoryMarshal.Read<IPv6Address>(bytes);

    /// <summary>::1.</summary>
    public static IPv6Address Loopback => new(0, 0, 0, 1);

    /// <summary>Reads an address: <c>fe80::1</c>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static IPv6Address Parse(string text) => IPAddress.Parse(text);

    /// <summary>The address, for user space.</summary>
    public static implicit operator IPAddress(IPv6Address address) => new(MemoryMarshal.AsBytes(new ReadOnlySpan<IPv6Address>(in address)));

    /// <summary>The address of user space; an IPv4 address becomes a mapped one.</summary>
    public static implicit operator IPv6Address(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new IPv6Address(address.AddressFamily == AddressFamily.InterNetworkV6 ? address.GetAddressBytes() : address.MapToIPv6().GetAddressBytes());
    }

    /// <summary>Whether two are equal.</summary>
    public static bool operator ==(IPv6Address left, IPv6Address right) => left.Equals(right);

    /// <summary>Whether two are different.</summary>
    public static bool operator !=(IPv6Address left, IPv6Address right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(IPv6Address other) => ((_a ^ other._a) | (_b ^ other._b) | (_c ^ other._c) | (_d ^ other._d)) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IPv6Address other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_a, _b, _c, _d);

    /// <inheritdoc/>
    public override string ToString() => ((IPAddress)this).ToString();
}
