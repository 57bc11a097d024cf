using System.Globalization;

namespace Hornet.Script.Types;

/// <summary>
/// A number that is written down, with a sign of its own: it holds whatever 64 bits can, signed or unsigned. Not
/// <see cref="Int128"/>: methods that hand one on are not compiled ahead, and these are called at the start of every script.
/// </summary>
internal readonly struct LiteralNumber : IEquatable<LiteralNumber>, IComparable<LiteralNumber>
{
    private readonly ulong _magnitude;
    private readonly bool _isNegative;

    private LiteralNumber(bool isNegative, ulong magnitude) => (_isNegative, _magnitude) = (isNegative && magnitude != 0, magnitude);

    public static implicit operator LiteralNumber(long value) => new(value < 0, value < 0 ? 0 - (ulong)value : (ulong)value);

    public static implicit operator LiteralNumber(int value) => (long)value;

    public static implicit operator LiteralNumber(ulong value) => new(false, value);

    /// <summary>The lower 64 bits.</summary>
    public static explicit operator ulong(LiteralNumber value) => value._isNegative ? 0 - value._magnitude : value._magnitude;

    /// <summary>The lower 64 bits.</summary>
    public static explicit operator long(LiteralNumber value) => unchecked((long)(ulong)value);

    /// <summary>The lower 32 bits.</summary>
    public static explicit operator int(LiteralNumber value) => unchecked((int)(ulong)value);

    public static LiteralNumber operator -(LiteralNumber value) => new(!value._isNegative, value._magnitude);

    public static bool operator ==(LiteralNumber a, LiteralNumber b) => a.Equals(b);

    public static bool operator !=(LiteralNumber a, LiteralNumber b) => !a.Equals(b);

    public static bool operator <(LiteralNumber a, LiteralNumber b) => a.CompareTo(b) < 0;

    public static bool operator >(LiteralNumber a, LiteralNumber b) => a.CompareTo(b) > 0;

    public static bool operator <=(LiteralNumber a, LiteralNumber b) => a.CompareTo(b) <= 0;

    public static bool operator >=(LiteralNumber a, LiteralNumber b) => a.CompareTo(b) >= 0;

    /// <summary>The number when 64 bits hold it, signed or unsigned; null otherwise.</summary>
    public LiteralNumber? InRange => _isNegative && _magnitude > 1ul << 63 ? null : this;

    /// <summary>This number, at most so much.</summary>
    public int AtMost(int most) => CompareTo(most) < 0 ? (int)this : most;

    /// <summary>The sum; null when 64 bits do not hold it.</summary>
    public static LiteralNumber? Add(LiteralNumber a, LiteralNumber b)
    {
        if (a._isNegative != b._isNegative)
            return a._magnitude >= b._magnitude ? new(a._isNegative, a._magnitude - b._magnitude) : new LiteralNumber(b._isNegative, b._magnitude - a._magnitude).InRange;
        ulong sum = unchecked(a._magnitude + b._magnitude);
        return sum < a._magnitude ? null : new LiteralNumber(a._isNegative, sum).InRange;
    }

    /// <summary>The product; null when 64 bits do not hold it.</summary>
    public static LiteralNumber? Multiply(LiteralNumber a, LiteralNumber b) =>
        Math.BigMul(a._magnitude, b._magnitude, out ulong product) != 0 ? null : new LiteralNumber(a._isNegative != b._isNegative, product).InRange;

    /// <summary>The quotient, rounded towards zero; null when there is none.</summary>
    public static LiteralNumber? Divide(LiteralNumber a, LiteralNumber b) =>
        b._magnitude == 0 ? null : new LiteralNumber(a._isNegative != b._isNegative, a._magnitude / b._magnitude).InRange;

    /// <summary>What is left of a division, with the sign of what was divided; null when there is none.</summary>
    public static LiteralNumber? Remainder(LiteralNumber a, LiteralNumber b) => b._magnitude == 0 ? null : new LiteralNumber(a._isNegative, a._magnitude % b._magnitude);

    public bool Equals(LiteralNumber other) => _isNegative == other._isNegative && _magnitude == other._magnitude;

    public int CompareTo(LiteralNumber other) =>
        _isNegative != other._isNegative ? (_isNegative ? -1 : 1)
        : _isNegative ? other._magnitude.CompareTo(_magnitude)
        : _magnitude.CompareTo(other._magnitude);

    public override bool Equals(object? obj) => obj is LiteralNumber other && Equals(other);

    public override int GetHashCode() => _magnitude.GetHashCode() ^ (_isNegative ? -1 : 0);

    public override string ToString() => (_isNegative ? "-" : "") + _magnitude.ToString(CultureInfo.InvariantCulture);
}
