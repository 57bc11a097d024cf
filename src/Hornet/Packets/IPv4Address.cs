using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Hornet.Packets;

/// <summary>An IPv4 address, 4 bytes as they stand in packets: a field of headers, a key of maps.</summary>
public readonly struct IPv4Address : IEquatable<IPv4Address>
{
    private readonly uint _raw;

    /// <summary>Makes an address of its four numbers: <c>new(10, 0, 0, 1)</c>.</summary>
    public IPv4Address(byte a, byte b, byte c, byte d) : this((uint)(a << 24 | b << 16 | c << 8 | d)) { }

    /// <summary>Makes an address of a number: 10.0.0.1 is 0x0a000001.</summary>
    public IPv4Address(uint value) => _raw = Swap(value);

    /// <summary>The address as a number: 10.0.0.1 is 0x0a000001.</summary>
    public uint Value => Swap(_raw);

    /// <summary>The four bytes as they lie in memory, for checksums.</summary>
    public uint Raw => _raw;

    /// <summary>127.0.0.1.</summary>
    public static IPv4Address Loopback => new(127, 0, 0, 1);

    /// <summary>Reads an address: <c>10.0.0.1</c>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static IPv4Address Parse(string text) => IPAddress.Parse(text);

    /// <summary>The address, for user space.</summary>
    public static implicit operator IPAddress(IPv4Address address) => new(BitConverter.GetBytes(address._raw));

    /// <summary>The address of user space.</summary>
    /// <exception cref="ArgumentException">It is an IPv6 address.</exception>
    public static implicit operator IPv4Address(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetwork) throw new ArgumentException($"{address} is no IPv4 address.", nameof(address));
        return new(BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()));
    }

    /// <summary>Whether two are equal.</summary>
    public static bool operator ==(IPv4Address left, IPv4Address right) => left._raw == right._raw;

    /// <summary>Whether two are different.</summary>
    public static bool operator !=(IPv4Address left, IPv4Address right) => left._raw != right._raw;

    /// <inheritdoc/>
    public bool Equals(IPv4Address other) => _raw == other._raw;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IPv4Address other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)_raw;

    /// <inheritdoc/>
    public override string ToString() => ((IPAddress)this).ToString();

    private static uint Swap(uint value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
}

/// <summary>A range of IPv4 addresses, written <c>10.0.0.0/8</c>: a constant of kernel code that captures it.</summary>
public readonly struct IPv4Network
{
    private readonly uint _address;
    private readonly uint _mask;

    /// <summary>Makes a network of an address in it and the number of bits that are its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 32 bits.</exception>
    public IPv4Network(IPv4Address address, int prefixLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prefixLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefixLength, 32);
        _mask = new IPv4Address(prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength)).Raw;
        _address = address.Raw & _mask;
    }

    /// <summary>Reads a network: <c>10.0.0.0/8</c>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static IPv4Network Parse(string text)
    {
        var network = IPNetwork.Parse(text);
        if (network.BaseAddress.AddressFamily != AddressFamily.InterNetwork) throw new FormatException($"{text} is no IPv4 network.");
        return new IPv4Network(network.BaseAddress, network.PrefixLength);
    }

    /// <summary>Whether an address is in it.</summary>
    public bool Contains(IPv4Address address) => (address.Raw & _mask) == _address;
}
