using System.Globalization;
using Hornet.Elf;

namespace Hornet.Links;

/// <summary>Where the value of a USDT argument is.</summary>
public enum UsdtArgumentKind
{
    /// <summary>A number known when the binary was compiled.</summary>
    Constant = 0,
    /// <summary>A register.</summary>
    Register = 1,
    /// <summary>Memory at a register plus an offset.</summary>
    Memory = 2,
    /// <summary>Memory at a register plus another one times 1, 2, 4 or 8, plus an offset.</summary>
    IndexedMemory = 3,
    /// <summary>A form that cannot be read by BPF programs: floating point and vector registers, thread-local storage.</summary>
    Unreadable = 255,
}

/// <summary>
/// One argument of a USDT probe, as the note in the binary describes it: <c>-4@-20(%rbp)</c>. Registers are named by their
/// offset in <c>struct pt_regs</c>, the context of uprobe programs.
/// </summary>
/// <param name="Text">The description.</param>
/// <param name="Kind">Where the value is.</param>
/// <param name="Size">The value's bytes: 1, 2, 4 or 8.</param>
/// <param name="IsSigned">Whether the value is signed.</param>
/// <param name="Value">The constant, or the offset of memory.</param>
/// <param name="RegisterOffset">The register, or the base register of memory: bytes into <c>pt_regs</c>.</param>
/// <param name="IndexOffset">The index register: bytes into <c>pt_regs</c>.</param>
/// <param name="Scale">What the index is multiplied with: 1, 2, 4 or 8.</param>
public readonly record struct UsdtArgument(string Text, UsdtArgumentKind Kind, int Size, bool IsSigned, long Value = 0, int RegisterOffset = 0, int IndexOffset = 0, int Scale = 1)
{
    private const int MostArguments = 12; // BPF_USDT_MAX_ARG_CNT, and what <sys/sdt.h> can write
    private const int LongestText = 4096;

    /// <summary>Reads the arguments of a note.</summary>
    /// <param name="text">The whole text: <c>8@%rdi -4@$-9</c>.</param>
    /// <param name="machine">The binary's architecture: x86-64 or arm64.</param>
    /// <param name="address">The probe's address, and a way to find symbols, for operands such as <c>count(%rip)</c>; null where there are none.</param>
    /// <exception cref="BpfFormatException">The text is malformed.</exception>
    public static IReadOnlyList<UsdtArgument> ParseAll(string text, ElfMachine machine, (ulong Address, Func<string, ulong?> Symbol)? address = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > LongestText) throw new BpfFormatException($"USDT arguments of {text.Length} characters are too long.");
        List<UsdtArgument> arguments = [];
        for (int i = 0; i < text.Length;)
        {
            if (text[i] == ' ')
            {
                i++;
                continue;
            }
            int end = EndOf(text, i);
            if (arguments.Count == MostArguments) throw new BpfFormatException($"More than {MostArguments} USDT arguments: '{Shorten(text)}'.");
            arguments.Add(Parse(text[i..end], machine, address));
            i = end;
        }
        return arguments;
    }

    /// <summary>An argument ends at a blank that is not inside brackets and not around the at sign.</summary>
    private static int EndOf(string text, int start)
    {
        int depth = 0, i = start;
        for (; i < text.Length; i++)
        {
            char c = text[i];
            if (c is '(' or '[') depth++;
            else if (c is ')' or ']') depth--;
            else if (c == ' ' && depth <= 0 && text[i - 1] != '@' && !text.AsSpan(i).TrimStart(' ').StartsWith("@")) break;
        }
        return i;
    }

    private static UsdtArgument Parse(string text, ElfMachine machine, (ulong Address, Func<string, ulong?> Symbol)? address)
    {
        int at = text.IndexOf('@');
        if (at < 0) throw Malformed(text);
        var width = text.AsSpan(0, at).Trim();
        int size = 8;
        bool floating = width.EndsWith("f");
        if (floating) width = width[..^1];
        if (!width.IsEmpty && !int.TryParse(width, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out size)) throw Malformed(text);
        if (size is not (1 or 2 or 4 or 8 or -1 or -2 or -4 or -8)) throw new BpfFormatException($"The USDT argument '{Shorten(text)}' has a size of {size} bytes; it must be 1, 2, 4 or 8.");
        UsdtArgument argument = new(text, UsdtArgumentKind.Unreadable, Math.Abs(size), size < 0);
        if (floating) return argument;
        var operand = text.AsSpan(at + 1).Trim();
        if (operand.IsEmpty) throw Malformed(text);
        return machine switch
        {
            ElfMachine.X64 => UsdtX86.Parse(argument, operand, address),
            ElfMachine.Arm64 => UsdtArm64.Parse(argument, operand),
            _ => throw new BpfFormatException($"USDT arguments of {machine} binaries are not known."),
        };
    }

    internal static BpfFormatException Malformed(ReadOnlySpan<char> text) => new($"The USDT argument '{Shorten(text)}' is malformed.");

    internal static bool TryNumber(ReadOnlySpan<char> text, out long value)
    {
        text = text.Trim();
        bool negative = text.StartsWith("-");
        if (negative || text.StartsWith("+")) text = text[1..];
        bool parsed;
        ulong magnitude;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) parsed = ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out magnitude);
        else parsed = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out magnitude);
        value = negative ? unchecked(-(long)magnitude) : unchecked((long)magnitude);
        return parsed;
    }

    private static string Shorten(ReadOnlySpan<char> text) => text.Length <= 80 ? text.ToString() : $"{text[..80]}…";
}
