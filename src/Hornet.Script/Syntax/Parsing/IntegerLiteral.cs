using System.Globalization;
using Hornet.Script.Source;

namespace Hornet.Script.Syntax.Parsing;

/// <summary>Numbers: <c>0x10</c>, <c>010</c>, <c>0b10</c>, <c>1_000</c>, <c>1e6</c>, <c>5ms</c>, <c>1UL</c>.</summary>
internal static class IntegerLiteral
{
    private static readonly (string Suffix, ulong Maximum, ulong Factor, int Bits, bool IsUnsigned)[] Suffixes =
    [
        ("", ulong.MaxValue, 1, 0, false),
        ("u", uint.MaxValue, 1, 32, true),
        ("ul", ulong.MaxValue, 1, 64, true),
        ("ull", ulong.MaxValue, 1, 64, true),
        ("l", long.MaxValue, 1, 64, false),
        ("ll", long.MaxValue, 1, 64, false),
        ("ns", ulong.MaxValue, 1, 0, false),
        ("us", ulong.MaxValue, 1_000, 0, false),
        ("ms", ulong.MaxValue, 1_000_000, 0, false),
        ("s", ulong.MaxValue, 1_000_000_000, 0, false),
        ("m", ulong.MaxValue, 60_000_000_000, 0, false),
        ("h", ulong.MaxValue, 3_600_000_000_000, 0, false),
        ("d", ulong.MaxValue, 86_400_000_000_000, 0, false),
    ];

    /// <summary>Takes what belongs to a number and complains about an underscore or letters at its end.</summary>
    public static string Read(Scanner scanner, SyntaxErrors errors)
    {
        scanner.SkipLayout();
        int start = scanner.Position;
        if (scanner.Peek() == '0' && scanner.Peek(1) is 'x' or 'X' or 'b' or 'B')
        {
            bool hex = scanner.Peek(1) is 'x' or 'X';
            scanner.Advance(2);
            Digits(scanner, errors, hex);
        }
        else
        {
            Digits(scanner, errors, hex: false);
            if (scanner.Peek() is 'e' or 'E')
            {
                scanner.Advance();
                Digits(scanner, errors, hex: false);
            }
        }
        scanner.Advance(SuffixLength(scanner));
        string text = scanner.Slice(start, scanner.Position);
        if (Scanner.IsWordStart(scanner.Peek()))
        {
            int bad = scanner.Position;
            scanner.Position = scanner.WordEnd(bad);
            errors.Complain(bad, scanner.Position, $"invalid integer suffix '{scanner.Slice(bad, scanner.Position)}'",
                "Suffixes are u, l, ul, ll, ull, and for durations ns, us, ms, s, m, h, d.");
        }
        return text;
    }

    /// <summary>The number of a literal, or what is wrong with it.</summary>
    public static string? Parse(string text, out ulong value, out int suffixBits, out bool isUnsigned)
    {
        suffixBits = 0;
        isUnsigned = false;
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        if (digits.Length >= 2 && digits[0] == '0')
        {
            if (digits[1] is 'x' or 'X') return Parse(digits[2..], digits[2..], 16, out value, out suffixBits, out isUnsigned);
            if (digits[1] is 'b' or 'B') return Parse(digits[2..], digits[2..], 2, out value, out suffixBits, out isUnsigned);
            if (digits[1] is >= '0' and <= '7') return Parse(digits[1..], digits[1..], 8, out value, out suffixBits, out isUnsigned);
            // 08 is no octal number; what follows the zero cannot be one either.
            if (digits[1] is '8' or '9')
            {
                value = 0;
                return $"invalid trailing bytes: {text}";
            }
        }
        return Parse(digits, text, 10, out value, out suffixBits, out isUnsigned);
    }

    /// <summary>A literal as a node; what is wrong with it is reported.</summary>
    public static IntegerSyntax ReadNode(Scanner scanner, SyntaxErrors errors)
    {
        scanner.SkipLayout();
        int start = scanner.Position;
        string text = Read(scanner, errors);
        SourceSpan span = scanner.SpanFrom(start);
        if (Parse(text, out ulong value, out int bits, out bool isUnsigned) is { } error) errors.Complain(start, scanner.Position, error);
        return new IntegerSyntax(span, value, text) { SuffixBits = bits, IsUnsignedSuffix = isUnsigned };
    }

    private static string? Parse(string digits, string shown, int radix, out ulong value, out int suffixBits, out bool isUnsigned)
    {
        (value, suffixBits, isUnsigned) = (0, 0, false);
        int at = 0;
        bool overflow = false;
        for (; at < digits.Length && DigitValue(digits[at]) < radix; at++)
        {
            overflow |= !TryAppend(ref value, radix, DigitValue(digits[at]));
        }
        if (at == 0) return $"invalid integer: {shown}";
        if (overflow) return Overflow(ulong.MaxValue, shown, out value);
        if (radix == 10 && at + 1 < digits.Length && digits[at] is 'e' or 'E' && digits[at + 1] is >= '1' and <= '9')
        {
            if (value is 0 or > 9) return $"coefficient part of scientific literal must be 1-9: {shown}";
            int end = at + 1;
            while (end < digits.Length && char.IsAsciiDigit(digits[end])) end++;
            if (!int.TryParse(digits.AsSpan(at + 1, end - at - 1), CultureInfo.InvariantCulture, out int exponent)) exponent = int.MaxValue;
            for (; exponent > 0; exponent--)
            {
                if (value > ulong.MaxValue / 10) return Overflow(ulong.MaxValue, shown, out value);
                value *= 10;
            }
            at = end;
        }
        string suffix = digits[at..].ToLowerInvariant();
        foreach (var known in Suffixes)
        {
            if (known.Suffix != suffix) continue;
            if (value > known.Maximum / known.Factor) return Overflow(known.Maximum, shown, out value);
            value *= known.Factor;
            (suffixBits, isUnsigned) = (known.Bits, known.IsUnsigned);
            return null;
        }
        return $"invalid trailing bytes: {shown}";
    }

    /// <summary>Puts a digit behind a number; false when 64 bits do not hold the result.</summary>
    internal static bool TryAppend(ref ulong value, int radix, int digit)
    {
        bool fits = value <= (ulong.MaxValue - (ulong)digit) / (ulong)radix;
        value = unchecked(value * (ulong)radix + (ulong)digit);
        return fits;
    }

    private static string Overflow(ulong maximum, string shown, out ulong value)
    {
        value = 0;
        return $"overflow error, maximum value is {maximum}: {shown}";
    }

    private static int DigitValue(char c) => char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : int.MaxValue;

    private static void Digits(Scanner scanner, SyntaxErrors errors, bool hex)
    {
        while (hex ? char.IsAsciiHexDigit(scanner.Peek()) || scanner.Peek() == '_' : char.IsAsciiDigit(scanner.Peek()) || scanner.Peek() == '_') scanner.Advance();
        if (scanner.CharAt(scanner.Position - 1) == '_') errors.Complain(scanner.Position - 1, scanner.Position, "trailing underscore in integer literal");
    }

    private static int SuffixLength(Scanner scanner)
    {
        char c = scanner.Peek(), next = scanner.Peek(1);
        if (c is 'n' or 'u' or 'm' && next == 's') return 2;
        switch (c)
        {
            case 's' or 'm' or 'h' or 'd':
                return 1;
            case 'u' or 'U':
                return next is not ('l' or 'L') ? 1 : scanner.Peek(2) is 'l' or 'L' ? 3 : 2;
            case 'l' or 'L':
                return next is 'l' or 'L' ? 2 : 1;
            default:
                return 0;
        }
    }
}
