namespace Hornet.Isa;

/// <summary>
/// Assembles text in the syntax that the kernel's verifier log and <c>bpftool prog dump xlated</c> print, and that
/// <see cref="Disassembler"/> writes. Much of what clang's assembler takes is understood too.
/// </summary>
/// <remarks>
/// <para>One instruction per line; <c>;</c> and <c>//</c> begin a remark. A slot number and an opcode in front
/// (<c>12: (b7) r1 = 5</c>) are skipped, so that a dump can be pasted. <c>name:</c> defines a label, <c>.function name</c>
/// begins a function, <c>.raw 0x…</c> gives a slot's eight bytes as a little-endian number.</para>
/// <para>As in the kernel's output, <c>r1 = 5</c> is a move and <c>r1 = 0x5</c> the 64-bit load of two slots (also
/// <c>r1 = 5 ll</c>). A map is <c>map[fd:3]</c>, <c>map[idx:0]</c> or <c>map[name]</c>, an address in its value
/// <c>map[name][0]+16</c>; <c>ksym[name]</c>, <c>btf[id:7]</c> and <c>subprog[name]</c> are the other 64-bit loads.</para>
/// </remarks>
public static class TextAssembler
{
    /// <summary>The longest text that is read, in characters.</summary>
    internal const int MaxLength = 64 << 20;

    /// <summary>Assembles a program.</summary>
    /// <exception cref="BpfFormatException">A line is no instruction, or a label is wrong; the message names the line.</exception>
    public static Instruction[] Assemble(string text, IsaLevel level = IsaLevel.V4)
    {
        if (text.Length > MaxLength) throw new BpfFormatException($"assembler: {text.Length} characters of text are too many");
        Assembler assembler = new(level);
        HashSet<string> functions = FindFunctions(text);
        int number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            try
            {
                new TextParser(line, functions, assembler).ParseLine();
            }
            catch (BpfFormatException e)
            {
                throw new BpfFormatException($"line {number}, '{Shorten(line)}': {e.Message}", e);
            }
        }
        return assembler.Build();
    }

    /// <summary>Whether a label or function may have this name.</summary>
    internal static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || !(char.IsAsciiLetter(name[0]) || name[0] is '_' or '.' or '$')) return false;
        foreach (char c in name)
            if (!IsNameCharacter(c)) return false;
        return !IsRegisterName(name) && name is not ("pc" or ".raw" or ".function" or "kernel-function" or "unknown");
    }

    internal static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '$';

    internal static bool IsRegisterName(ReadOnlySpan<char> name) =>
        name.Length is 2 or 3 && name[0] is 'r' or 'w' && name[1..].IndexOfAnyExceptInRange('0', '9') < 0;

    // A call may come before its function, and a plain label may be called: what is called is a function.
    private static HashSet<string> FindFunctions(string text)
    {
        HashSet<string> called = new(StringComparer.Ordinal);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var code = TextParser.WithoutPrefixAndRemark(line);
            while (code.IndexOf(':') is var colon and > 0 && IsName(code[..colon].TrimEnd())) code = code[(colon + 1)..].TrimStart();
            ReadOnlySpan<char> name;
            if (code.StartsWith("call ")) name = code[5..].Trim();
            else if (code.IndexOf("subprog[") is var at and >= 0 && code[at..].IndexOf(']') is var end and > 0) name = code[(at + 8)..(at + end)].Trim();
            else continue;
            if (IsName(name)) called.Add(name.ToString());
        }
        return called;
    }

    private static string Shorten(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        return line.Length <= 80 ? line.ToString() : string.Concat(line[..77], "...");
    }
}
