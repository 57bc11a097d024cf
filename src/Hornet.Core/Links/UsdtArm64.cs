namespace Hornet.Links;

/// <summary>The operands of arm64 in USDT notes: <c>x0</c>, <c>[sp, 96]</c>, <c>5</c>.</summary>
internal static class UsdtArm64
{
    // struct user_pt_regs: 31 registers, then sp.
    private const int StackPointer = 31 * 8;

    public static UsdtArgument Parse(UsdtArgument argument, ReadOnlySpan<char> operand)
    {
        if (UsdtArgument.TryNumber(operand.TrimStart('#'), out long constant)) return argument with { Kind = UsdtArgumentKind.Constant, Value = constant };
        if (operand[0] != '[')
        {
            if (Register(operand) is { } register) return argument with { Kind = UsdtArgumentKind.Register, RegisterOffset = register };
            return operand[0] is 'v' or 'q' or 'd' or 's' or 'h' or 'b' ? argument : throw UsdtArgument.Malformed(argument.Text);
        }
        if (operand[^1] != ']') throw UsdtArgument.Malformed(argument.Text);
        string[] parts = operand[1..^1].ToString().Split(',', StringSplitOptions.TrimEntries);
        if (Register(parts[0]) is not { } based) throw UsdtArgument.Malformed(argument.Text);
        if (parts.Length == 1) return argument with { Kind = UsdtArgumentKind.Memory, RegisterOffset = based };
        if (UsdtArgument.TryNumber(parts[1].TrimStart('#'), out long offset))
            return parts.Length == 2 ? argument with { Kind = UsdtArgumentKind.Memory, RegisterOffset = based, Value = offset } : throw UsdtArgument.Malformed(argument.Text);
        // [x1, x2] and [x1, x2, lsl 3]
        if (Register(parts[1]) is not { } index || parts.Length > 3) throw UsdtArgument.Malformed(argument.Text);
        long shift = 0;
        if (parts.Length == 3 && (!parts[2].StartsWith("lsl", StringComparison.Ordinal) || !UsdtArgument.TryNumber(parts[2].AsSpan(3).Trim().TrimStart('#'), out shift) || shift is < 0 or > 3))
            return argument;
        return argument with { Kind = UsdtArgumentKind.IndexedMemory, RegisterOffset = based, IndexOffset = index, Scale = 1 << (int)shift };
    }

    private static int? Register(ReadOnlySpan<char> name)
    {
        name = name.Trim();
        if (name is "sp") return StackPointer;
        return name.Length is 2 or 3 && name[0] is 'x' or 'w' && int.TryParse(name[1..], out int number) && number is >= 0 and < 31 ? number * 8 : null;
    }
}
