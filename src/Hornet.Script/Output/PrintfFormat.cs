using System.Globalization;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>A conversion of a format, as it was written: <c>%-8.3lx</c>.</summary>
/// <param name="Conversion">What stands at its end: d i u o x X c p s r rx rh gr, or what is parsed but never printed (e f g a n).</param>
internal sealed record PrintfConversion(string Conversion)
{
    public bool IsLeft { get; init; }
    public bool HasSign { get; init; }
    public bool IsAlternate { get; init; }
    public bool HasZeros { get; init; }
    public int Width { get; init; }

    /// <summary>hh, h, l, ll, j, z, t, or anything made of these letters, which then says nothing.</summary>
    public string Length { get; init; } = "";
}

/// <summary>
/// A format of printf, errorf, warnf, debugf, cat and system: pieces of text with conversions between them. What is no conversion is
/// text, a lone percent sign too.
/// </summary>
internal sealed class PrintfFormat
{
    private const string FlagsInOrder = "-+ #0";
    private const string ShortConversions = "diouxXeEfFGaAcspn%";
    private static readonly string[] s_longConversions = ["gr", "g", "rh", "rx", "r"];

    private readonly List<byte[]> _texts = [];
    private readonly List<PrintfConversion> _conversions = [];

    private PrintfFormat()
    {
    }

    /// <summary>One more than conversions: what stands in front of each, and behind the last.</summary>
    public IReadOnlyList<byte[]> Texts => _texts;

    public IReadOnlyList<PrintfConversion> Conversions => _conversions;

    public static PrintfFormat Parse(string format)
    {
        PrintfFormat result = new();
        System.Text.StringBuilder text = new();
        for (int at = 0; at < format.Length;)
        {
            int end = at;
            if (format[at] != '%' || ParseConversion(format, ref end) is not { } conversion)
            {
                text.Append(format[at++]);
                continue;
            }
            at = end;
            if (conversion.Conversion == "%")
            {
                text.Append('%');
                continue;
            }
            result._texts.Add(Source.ScriptBytes.Of(text.ToString()));
            result._conversions.Add(conversion);
            text.Clear();
        }
        result._texts.Add(Source.ScriptBytes.Of(text.ToString()));
        return result;
    }

    /// <summary>What is wrong with a format for arguments of these types, in bpftrace's words; null when it fits.</summary>
    public static string? Check(string format, IReadOnlyList<ScriptType> types) => Parse(format).Check(types);

    /// <inheritdoc cref="Check(string, IReadOnlyList{ScriptType})"/>
    public string? Check(IReadOnlyList<ScriptType> types)
    {
        if (types.Count != _conversions.Count)
            return $"{(types.Count < _conversions.Count ? "not enough" : "too many")} arguments for format string ({types.Count} supplied, {_conversions.Count} expected)";
        for (int i = 0; i < types.Count; i++)
        {
            string conversion = _conversions[i].Conversion;
            if (types[i] is VoidType or OpaqueType) return $"unable to print none type for specifier: {conversion}";
            bool? fits = conversion switch
            {
                "s" => true,
                "r" or "rx" or "rh" => types[i] is BufferType,
                "d" or "i" or "u" or "o" or "x" or "X" or "c" or "p" or "gr" => types[i] is IntegerType or EnumType or BooleanType or PointerType
                    or AggregateType { Kind: AggregateKind.Count or AggregateKind.Sum or AggregateKind.Min or AggregateKind.Max or AggregateKind.Avg },
                _ => null,
            };
            if (fits is null) return $"unsupported format specifier: {conversion}";
            if (fits is false) return $"unsupported format specifier for type '{types[i]}': {conversion}";
        }
        return null;
    }

    /// <summary>
    /// What is wrong with each conversion of a debugf, whose text the kernel makes itself: position of the argument (-1 for the format) and
    /// message. To be asked after <see cref="Check(IReadOnlyList{ScriptType})"/> found nothing.
    /// </summary>
    public IEnumerable<(int Argument, string Message)> CheckKernelPrint(IReadOnlyList<ScriptType> types)
    {
        for (int i = 0; i < _conversions.Count; i++)
        {
            string conversion = _conversions[i].Conversion;
            if (conversion is not ("d" or "u" or "x" or "p" or "s")) yield return (-1, $"Invalid format specifier for `debugf`: {conversion}");
            else if (conversion == "s" ? types[i] is not StringType : types[i] is not (IntegerType or EnumType)) yield return (i, $"Type does not match format specifier: {conversion}");
        }
    }

    /// <summary>The format as bpf_trace_printk reads it, where all numbers have 64 bits.</summary>
    public byte[] ForKernel()
    {
        List<byte> text = [];
        for (int i = 0; i < _texts.Count; i++)
        {
            foreach (byte b in _texts[i]) text.AddRange(b == '%' ? "%%"u8 : [b]);
            if (i == _conversions.Count) break;
            string conversion = _conversions[i].Conversion;
            text.AddRange(conversion switch { "d" => "%lld"u8, "u" => "%llu"u8, "x" => "%llx"u8, "p" => "%px"u8, _ => "%s"u8 });
        }
        return [.. text];
    }

    // Flags in exactly this order, each at most once; width and precision are numbers or stars.
    private static PrintfConversion? ParseConversion(string format, ref int at)
    {
        int i = at + 1;
        Span<bool> flags = stackalloc bool[FlagsInOrder.Length];
        for (int f = 0; f < flags.Length; f++)
        {
            if (i >= format.Length || format[i] != FlagsInOrder[f]) continue;
            flags[f] = true;
            i++;
        }
        int width = Number(format, ref i);
        if (i < format.Length && format[i] == '.')
        {
            // A precision is read and has no effect: nothing that can be printed is a fraction.
            int digits = ++i;
            _ = Number(format, ref i);
            if (i == digits) return null;
        }
        int length = i;
        while (i < format.Length && "hlLjzt".Contains(format[i], StringComparison.Ordinal)) i++;
        if (i >= format.Length) return null;
        string? conversion = ShortConversions.Contains(format[i], StringComparison.Ordinal)
            ? format[i].ToString()
            : Array.Find(s_longConversions, c => format.AsSpan(i).StartsWith(c));
        if (conversion is null) return null;
        at = i + conversion.Length;
        return new PrintfConversion(conversion)
        {
            IsLeft = flags[0],
            HasSign = flags[1],
            IsAlternate = flags[3],
            HasZeros = flags[4],
            Width = width,
            Length = format[length..i],
        };
    }

    private static int Number(string format, ref int at)
    {
        if (at < format.Length && format[at] == '*')
        {
            at++;
            return 0;
        }
        int start = at;
        while (at < format.Length && char.IsAsciiDigit(format[at])) at++;
        return int.TryParse(format.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? Math.Min(number, MaximumWidth) : 0;
    }

    // A format must not be able to fill memory.
    private const int MaximumWidth = 65536;
}
