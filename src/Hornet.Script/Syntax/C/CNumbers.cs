using System.Globalization;
using System.Text;

namespace Hornet.Script.Syntax.C;

/// <summary>A number of C: its value, and the type it has in an expression.</summary>
/// <param name="Value">The value; of an unsigned number of 64 bits, its bits.</param>
/// <param name="IsUnsigned">Whether it counts as unsigned.</param>
/// <param name="Bits">32 or 64; in conditions of the preprocessor always 64.</param>
internal readonly record struct CNumber(long Value, bool IsUnsigned, int Bits = 64)
{
    public bool IsTrue => Value != 0;

    /// <summary>Of a literal: whether it says itself that it is unsigned.</summary>
    public bool HasSuffix { get; init; }

    /// <summary>The number as its type holds it.</summary>
    public CNumber Wrapped => Bits == 64 ? this : this with { Value = IsUnsigned ? (uint)Value : (int)Value };

    public static CNumber Of(bool value) => new(value ? 1 : 0, false, 32);

    /// <summary>Both numbers as the type that an operation on them has.</summary>
    public static (CNumber Left, CNumber Right) Balanced(CNumber left, CNumber right)
    {
        int bits = Math.Max(left.Bits, right.Bits);
        bool isUnsigned = (left.IsUnsigned && left.Bits == bits) || (right.IsUnsigned && right.Bits == bits);
        return ((left with { IsUnsigned = isUnsigned, Bits = bits }).Wrapped, (right with { IsUnsigned = isUnsigned, Bits = bits }).Wrapped);
    }
}

/// <summary>Literals of C.</summary>
internal static class CLiterals
{
    /// <summary>An integer; false for floating ones and what is none.</summary>
    public static bool TryParseNumber(string text, out CNumber number)
    {
        number = default;
        string digits = text.Replace("'", "", StringComparison.Ordinal);
        int end = digits.Length;
        bool isUnsigned = false, isLong = false;
        bool hex = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        while (end > 0 && digits[end - 1] is 'u' or 'U' or 'l' or 'L')
        {
            isUnsigned |= digits[end - 1] is 'u' or 'U';
            isLong |= digits[end - 1] is 'l' or 'L';
            end--;
        }
        var body = digits.AsSpan(0, end);
        ulong value;
        if (hex)
        {
            if (!ulong.TryParse(body[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)) return false;
        }
        else if (body.StartsWith("0b", StringComparison.OrdinalIgnoreCase))
        {
            if (!ulong.TryParse(body[2..], NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out value)) return false;
        }
        else if (body.Length > 1 && body[0] == '0')
        {
            value = 0;
            foreach (char c in body)
            {
                if (c is < '0' or > '7' || value >> 61 != 0) return false;
                value = value * 8 + (uint)(c - '0');
            }
        }
        else if (!ulong.TryParse(body, NumberStyles.None, CultureInfo.InvariantCulture, out value)) return false;
        bool decimalDigits = body[0] != '0';
        number = new CNumber((long)value, isUnsigned || value > long.MaxValue) { HasSuffix = isUnsigned };
        if (isLong || value > uint.MaxValue) return true;
        // What is not decimal becomes unsigned rather than long.
        if (isUnsigned || value <= int.MaxValue) number = number with { Bits = 32 };
        else if (!decimalDigits) number = number with { Bits = 32, IsUnsigned = true };
        return true;
    }

    /// <summary>The value of <c>'a'</c>, with its escapes.</summary>
    public static bool TryParseCharacter(string text, out long value)
    {
        value = 0;
        int quote = text.IndexOf('\'', StringComparison.Ordinal);
        if (quote < 0 || text.Length < quote + 3 || text[^1] != '\'') return false;
        var bytes = Unescape(text.AsSpan(quote + 1, text.Length - quote - 2));
        if (bytes.Length == 0) return false;
        // Several count as one number, as gcc has it; one alone is a signed char.
        if (bytes.Length == 1) value = (sbyte)bytes[0];
        else
        {
            foreach (byte b in bytes) value = (int)(value << 8 | b);
        }
        return true;
    }

    /// <summary>The bytes of a string literal with its quotes.</summary>
    public static byte[] ParseText(string text)
    {
        int quote = text.IndexOf('"', StringComparison.Ordinal);
        if (quote < 0) return [];
        int end = text.Length > quote + 1 && text[^1] == '"' ? text.Length - 1 : text.Length;
        return Unescape(text.AsSpan(quote + 1, Math.Max(0, end - quote - 1)));
    }

    private static byte[] Unescape(ReadOnlySpan<char> text)
    {
        List<byte> bytes = [];
        for (int i = 0; i < text.Length;)
        {
            if (text[i] != '\\' || i + 1 >= text.Length)
            {
                int plain = i++;
                while (i < text.Length && text[i] != '\\') i++;
                bytes.AddRange(Encoding.UTF8.GetBytes(text[plain..i].ToString()));
                continue;
            }
            char c = text[i + 1];
            i += 2;
            if (c is >= '0' and <= '7')
            {
                int octal = c - '0';
                for (int n = 0; n < 2 && i < text.Length && text[i] is >= '0' and <= '7'; n++, i++) octal = octal * 8 + text[i] - '0';
                bytes.Add((byte)octal);
            }
            else if (c == 'x')
            {
                int hex = 0;
                for (; i < text.Length && char.IsAsciiHexDigit(text[i]); i++) hex = hex << 4 | int.Parse(text.Slice(i, 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                bytes.Add((byte)hex);
            }
            else
            {
                bytes.Add(c switch { 'n' => 10, 't' => 9, 'r' => 13, 'a' => 7, 'b' => 8, 'f' => 12, 'v' => 11, 'e' => 27, _ => (byte)Math.Min(c, (char)255) });
            }
        }
        return [.. bytes];
    }
}
