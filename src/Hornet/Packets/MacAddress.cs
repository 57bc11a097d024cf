using System.Globalization;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;

namespace Hornet.Packets;

/// <summary>An Ethernet address, 6 bytes as they stand in packets.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct MacAddress : IEquatable<MacAddress>
{
    private readonly ushort _a, _b, _c;

    private MacAddress(ReadOnlySpan<byte> bytes) => this = MemoryMarshal.Read<MacAddress>(bytes);

    /// <summary>Whether it is the address of a group, or of all.</summary>
    public bool IsMulticast => (BitConverter.IsLittleEndian ? _a & 1 : _a >> 8 & 1) != 0;

    /// <summary>Reads an address: <c>02:00:00:00:00:01</c>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static MacAddress Parse(string text)
    {
        byte[] bytes = PhysicalAddress.Parse(text).GetAddressBytes();
        return bytes.Length == 6 ? new MacAddress(bytes) : throw new FormatException($"{text} is no Ethernet address.");
    }

    /// <summary>Whether two are equal.</summary>
    public static bool operator ==(MacAddress left, MacAddress right) => left.Equals(right);

    /// <summary>Whether two are different.</summary>
    public static bool operator !=(MacAddress left, MacAddress right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(MacAddress other) => ((_a ^ other._a) | (_b ^ other._b) | (_c ^ other._c)) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MacAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_a, _b, _c);

    /// <inheritdoc/>
    public override string ToString()
    {
        var self = this;
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<MacAddress>(in self));
        return string.Create(CultureInfo.InvariantCulture, $"{bytes[0]:x2}:{bytes[1]:x2}:{bytes[2]:x2}:{bytes[3]:x2}:{bytes[4]:x2}:{bytes[5]:x2}");
    }
}
