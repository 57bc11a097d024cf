namespace Hornet.Links;

/// <summary>The operands of x86-64 (AT&amp;T syntax, as the assembler writes them) in USDT notes.</summary>
internal static class UsdtX86
{
    private const int InstructionPointer = 128;

    // Offsets in struct pt_regs (arch/x86/include/asm/ptrace.h); in each row the names of 8, 4, 2 and 1 bytes.
    private static readonly Dictionary<string, int> s_registers = Table(
        (0, "r15 r15d r15w r15b"), (8, "r14 r14d r14w r14b"), (16, "r13 r13d r13w r13b"), (24, "r12 r12d r12w r12b"),
        (32, "rbp ebp bp bpl"), (40, "rbx ebx bx bl"), (48, "r11 r11d r11w r11b"), (56, "r10 r10d r10w r10b"),
        (64, "r9 r9d r9w r9b"), (72, "r8 r8d r8w r8b"), (80, "rax eax ax al"), (88, "rcx ecx cx cl"),
        (96, "rdx edx dx dl"), (104, "rsi esi si sil"), (112, "rdi edi di dil"), (InstructionPointer, "rip eip"), (152, "rsp esp sp spl"),
        // The second byte of a register: one byte further in memory.
        (81, "ah"), (89, "ch"), (97, "dh"), (41, "bh"));

    public static UsdtArgument Parse(UsdtArgument argument, ReadOnlySpan<char> operand, (ulong Address, Func<string, ulong?> Symbol)? probe)
    {
        if (operand[0] == '$')
        {
            return UsdtArgument.TryNumber(operand[1..], out long constant)
                ? argument with { Kind = UsdtArgumentKind.Constant, Value = constant }
                : argument; // the address of a symbol: known only when the binary runs
        }
        if (operand[0] == '%' && !operand.Contains(':'))
        {
            return s_registers.TryGetValue(operand[1..].ToString(), out int register)
                ? argument with { Kind = UsdtArgumentKind.Register, RegisterOffset = register }
                : IsVector(operand[1..]) ? argument : throw UsdtArgument.Malformed(argument.Text);
        }
        if (operand.Contains(':')) return argument; // %fs:… is thread-local storage
        int open = operand.IndexOf('(');
        if (open < 0) return IsName(operand) || UsdtArgument.TryNumber(operand, out _) ? argument : throw UsdtArgument.Malformed(argument.Text);
        if (operand[^1] != ')') throw UsdtArgument.Malformed(argument.Text);
        return Memory(argument, operand[..open].Trim(), operand[(open + 1)..^1], probe);
    }

    private static UsdtArgument Memory(UsdtArgument argument, ReadOnlySpan<char> displacement, ReadOnlySpan<char> inside, (ulong Address, Func<string, ulong?> Symbol)? probe)
    {
        string[] parts = inside.ToString().Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length > 3) throw UsdtArgument.Malformed(argument.Text);
        // disp(,%index,scale): memory without a base register is not what the kernel side can express.
        if (parts[0].Length == 0) return argument;
        int register = Register(argument, parts[0]);
        long offset = 0;
        if (!displacement.IsEmpty && !UsdtArgument.TryNumber(displacement, out offset))
        {
            if (register != InstructionPointer || !IsName(displacement)) return IsName(displacement) ? argument : throw UsdtArgument.Malformed(argument.Text);
            if (Relative(displacement, probe) is not { } distance) return argument;
            offset = distance;
        }
        if (parts.Length == 1) return argument with { Kind = UsdtArgumentKind.Memory, RegisterOffset = register, Value = offset };
        int scale = 1;
        if (parts.Length == 3 && (!int.TryParse(parts[2], out scale) || scale is not (1 or 2 or 4 or 8))) throw UsdtArgument.Malformed(argument.Text);
        return argument with { Kind = UsdtArgumentKind.IndexedMemory, RegisterOffset = register, IndexOffset = Register(argument, parts[1]), Scale = scale, Value = offset };
    }

    /// <summary>
    /// <c>symbol+4(%rip)</c>: the distance from the probe, which is where the instruction pointer stands when the program
    /// runs (the kernel sets it back to the probe's own address).
    /// </summary>
    private static long? Relative(ReadOnlySpan<char> expression, (ulong Address, Func<string, ulong?> Symbol)? probe)
    {
        if (probe is not { } known) return null;
        int sign = expression[1..].IndexOfAny('+', '-') + 1;
        long addend = 0;
        if (sign > 0 && !UsdtArgument.TryNumber(expression[sign..], out addend)) return null;
        string name = (sign > 0 ? expression[..sign] : expression).Trim().ToString();
        return known.Symbol(name) is { } address ? unchecked((long)(address - known.Address) + addend) : null;
    }

    private static int Register(UsdtArgument argument, string text) =>
        text.StartsWith('%') && s_registers.TryGetValue(text[1..], out int offset) ? offset : throw UsdtArgument.Malformed(argument.Text);

    private static bool IsVector(ReadOnlySpan<char> name) => name.StartsWith("xmm") || name.StartsWith("ymm") || name.StartsWith("zmm") || name.StartsWith("st") || name.StartsWith("mm") || name.StartsWith("k");

    private static bool IsName(ReadOnlySpan<char> text) => !text.IsEmpty && (char.IsAsciiLetter(text[0]) || text[0] is '_' or '.');

    private static Dictionary<string, int> Table(params (int Offset, string Names)[] rows) =>
        rows.SelectMany(row => row.Names.Split(' ').Select(name => (name, row.Offset))).ToDictionary(r => r.name, r => r.Offset, StringComparer.Ordinal);
}
