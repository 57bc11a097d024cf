using System.Globalization;
using Hornet.Script.Syntax.Parsing;

namespace Hornet.Script.Probes;

/// <summary>Numbers inside attach points and options: C's bases, underscores, 1e6, and units of time, which give nanoseconds.</summary>
internal static class AttachNumber
{
    private static readonly (string Suffix, ulong Most, ulong Factor)[] s_suffixes =
    [
        ("", ulong.MaxValue, 1), ("u", uint.MaxValue, 1), ("ul", ulong.MaxValue, 1), ("ull", ulong.MaxValue, 1), ("l", long.MaxValue, 1), ("ll", long.MaxValue, 1),
        ("ns", ulong.MaxValue, 1), ("us", ulong.MaxValue, 1000), ("ms", ulong.MaxValue, 1_000_000), ("s", ulong.MaxValue, 1_000_000_000),
        ("m", ulong.MaxValue, 60_000_000_000), ("h", ulong.MaxValue, 3_600_000_000_000), ("d", ulong.MaxValue, 86_400_000_000_000),
    ];

    /// <summary>Reads a number; else says what is wrong as bpftrace does.</summary>
    public static bool TryParse(string text, out ulong value, out string error)
    {
        value = 0;
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        int radix = 10;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) (radix, digits) = (16, digits[2..]);
        else if (digits.StartsWith("0b", StringComparison.OrdinalIgnoreCase)) (radix, digits) = (2, digits[2..]);
        else if (digits.Length >= 2 && digits[0] == '0' && digits[1] is >= '0' and <= '7') (radix, digits) = (8, digits[1..]);
        int length = 0;
        while (length < digits.Length && Digit(digits[length]) < radix) length++;
        if (length == 0) return Fail($"invalid integer: {text}", out error);
        foreach (char c in digits.AsSpan(0, length))
        {
            if (!IntegerLiteral.TryAppend(ref value, radix, Digit(c))) return Fail($"overflow error, maximum value is {ulong.MaxValue}: {text}", out error);
        }
        string rest = digits[length..];
        if (rest.Length > 1 && rest[0] is 'e' or 'E' && rest[1] is >= '1' and <= '9')
        {
            if (value is 0 or > 9) return Fail($"coefficient part of scientific literal must be 1-9: {text}", out error);
            int end = 1;
            while (end < rest.Length && char.IsAsciiDigit(rest[end])) end++;
            for (int left = int.Parse(rest.AsSpan(1, Math.Min(end - 1, 4)), CultureInfo.InvariantCulture); left > 0; left--)
            {
                if (value > ulong.MaxValue / 10) return Fail($"overflow error, maximum value is {ulong.MaxValue}: {text}", out error);
                value *= 10;
            }
            rest = rest[end..];
        }
        foreach (var (suffix, most, factor) in s_suffixes)
        {
            if (suffix != rest) continue;
            if (value > most / factor) return Fail($"overflow error, maximum value is {most}: {text}", out error);
            value *= factor;
            error = "";
            return true;
        }
        return Fail($"invalid trailing bytes: {text}", out error);
    }

    private static bool Fail(string message, out string error)
    {
        error = message;
        return false;
    }

    private static int Digit(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'f' => c - 'a' + 10,
        >= 'A' and <= 'F' => c - 'A' + 10,
        _ => 99,
    };
}
