using System.Buffers.Binary;
using System.Globalization;

namespace Hornet.Packets;

/// <summary>A 16-bit number whose bytes lie in network order: a port, a length. It converts to and from <see cref="ushort"/> by itself.</summary>
public readonly struct UInt16BigEndian : IEquatable<UInt16BigEndian>
{
    private readonly ushort _raw;

    /// <summary>Makes it of a number.</summary>
    public UInt16BigEndian(ushort value) => _raw = Swap(value);

    /// <summary>The number.</summary>
    public ushort Value => Swap(_raw);

    /// <summary>The two bytes as they lie in memory, for checksums.</summary>
    public ushort Raw => _raw;

    /// <summary>The number.</summary>
    public static implicit operator ushort(UInt16BigEndian value) => value.Value;

    /// <summary>A number in network order.</summary>
    public static implicit operator UInt16BigEndian(ushort value) => new(value);

    /// <summary>Whether two are equal.</summary>
    public static bool operator ==(UInt16BigEndian left, UInt16BigEndian right) => left._raw == right._raw;

    /// <summary>Whether two are different.</summary>
    public static bool operator !=(UInt16BigEndian left, UInt16BigEndian right) => left._raw != right._raw;

    /// <inheritdoc/>
    public bool Equals(UInt16BigEndian other) => _raw == other._raw;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UInt16BigEndian other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _raw;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    private static ushort Swap(ushort value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
}

/// <summary>A 32-bit number whose bytes lie in network order: a sequence number. It converts to and from <see cref="uint"/> by itself.</summary>
public readonly struct UInt32BigEndian : IEquatable<UInt32BigEndian>
{
    private readonly uint _raw;

    /// <summary>Makes it of a number.</summary>
    public UInt32BigEndian(uint value) => _raw = Swap(value);

    /// <summary>The number.</summary>
    public uint Value => Swap(_raw);

    /// <summary>The four bytes as they lie in memory, for checksums.</summary>
    public uint Raw => _raw;

    /// <summary>The number.</summary>
    public static implicit operator uint(UInt32BigEndian value) => value.Value;

    /// <summary>A number in network order.</summary>
    public static implicit operator UInt32BigEndian(uint value) => new(value);

    /// <summary>Whether two are equal.</summary>
    public static bool operator ==(UInt32BigEndian left, UInt32BigEndian right) => left._raw == right._raw;

    /// <summary>Whether two are different.</summary>
    public static bool operator !=(UInt32BigEndian left, UInt32BigEndian right) => left._raw != right._raw;

    /// <inheritdoc/>
    public bool Equals(UInt32BigEndian other) => _raw == other._raw;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UInt32BigEndian other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)_raw;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    private static uint Swap(uint value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
}
