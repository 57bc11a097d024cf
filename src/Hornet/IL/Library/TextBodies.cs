using System.Text;

namespace Hornet.IL.Library;

/// <summary>Of <see cref="char"/> what asks about ASCII.</summary>
[Substitutes(typeof(char))]
internal static class CharBodies
{
    public static bool IsBetween(char c, char minInclusive, char maxInclusive) => (uint)(c - minInclusive) <= (uint)(maxInclusive - minInclusive);

    public static bool IsAscii(char c) => c < 128;

    public static bool IsAsciiDigit(char c) => (uint)(c - '0') <= 9;

    public static bool IsAsciiLetterLower(char c) => (uint)(c - 'a') <= 'z' - 'a';

    public static bool IsAsciiLetterUpper(char c) => (uint)(c - 'A') <= 'Z' - 'A';

    public static bool IsAsciiLetter(char c) => IsAsciiLetterLower((char)(c | 0x20));

    public static bool IsAsciiLetterOrDigit(char c) => IsAsciiLetter(c) | IsAsciiDigit(c);

    public static bool IsAsciiHexDigitLower(char c) => IsAsciiDigit(c) | ((uint)(c - 'a') <= 5);

    public static bool IsAsciiHexDigitUpper(char c) => IsAsciiDigit(c) | ((uint)(c - 'A') <= 5);

    // Only letters may be made small: 0x10 to 0x19 would become digits.
    public static bool IsAsciiHexDigit(char c) => IsAsciiDigit(c) | ((uint)((c | 0x20) - 'a') <= 5);
}

/// <summary>Of <see cref="Ascii"/> what works on bytes.</summary>
[Substitutes(typeof(Ascii))]
internal static class AsciiBodies
{
    public static bool IsValid(byte value) => value < 128;

    public static bool IsValid(ReadOnlySpan<byte> value)
    {
        foreach (byte c in value)
        {
            if (c >= 128) return false;
        }
        return true;
    }

    public static bool Equals(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length) return false;
        for (int i = 0; i < left.Length; i++)
        {
            if (left[i] != right[i] || left[i] >= 128) return false;
        }
        return true;
    }

    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length) return false;
        for (int i = 0; i < left.Length; i++)
        {
            if (Lower(left[i]) != Lower(right[i]) || left[i] >= 128) return false;
        }
        return true;
    }

    private static uint Lower(byte c) => (uint)(c - 'A') <= 'Z' - 'A' ? c | 0x20u : c;
}
