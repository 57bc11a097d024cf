using System.CommandLine.Parsing;
using System.Globalization;

namespace Hornet.Cli.Common;

/// <summary>Reads durations and sizes as people write them.</summary>
internal static class Units
{
    /// <summary><c>10</c> (seconds), <c>500ms</c>, <c>1.5s</c>, <c>2m</c>, <c>1h</c>.</summary>
    public static TimeSpan? ParseDuration(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        int digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.')) digits++;
        double? unit = text[digits..] switch { "" or "s" => 1, "ms" => 1e-3, "m" or "min" => 60, "h" => 3600, _ => null };
        if (unit is { } seconds && double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            && value > 0 && value * seconds <= 86400 * 24)
        {
            return TimeSpan.FromSeconds(value * seconds);
        }
        result.AddError($"'{text}' is not a duration. Write seconds, or a number with ms, s, m or h: 10, 500ms, 2m.");
        return null;
    }

    /// <summary><c>65536</c>, <c>64K</c>, <c>16M</c>, <c>1G</c> (powers of 1024).</summary>
    public static long ParseSize(ArgumentResult result)
    {
        string text = result.Tokens[0].Value.ToUpperInvariant();
        string number = text.TrimEnd('K', 'M', 'G', 'I', 'B');
        long? unit = text[number.Length..] switch
        {
            "" or "B" => 1,
            "K" or "KB" or "KIB" => 1L << 10,
            "M" or "MB" or "MIB" => 1L << 20,
            "G" or "GB" or "GIB" => 1L << 30,
            _ => null,
        };
        if (unit is { } factor && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value is > 0 and < 1L << 32)
            return value * factor;
        result.AddError($"'{result.Tokens[0].Value}' is not a size. Write bytes, or a number with K, M or G: 65536, 64K, 16M.");
        return 0;
    }

    /// <summary>A size for people: <c>4096</c> → <c>4.0K</c>.</summary>
    public static string Size(ulong bytes) => bytes switch
    {
        < 1 << 10 => bytes.ToString(CultureInfo.InvariantCulture),
        < 1 << 20 => (bytes / 1024.0).ToString("F1", CultureInfo.InvariantCulture) + "K",
        < 1 << 30 => (bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture) + "M",
        _ => (bytes / 1073741824.0).ToString("F1", CultureInfo.InvariantCulture) + "G",
    };
}
