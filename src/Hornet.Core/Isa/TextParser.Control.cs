namespace Hornet.Isa;

// Jumps, calls and conditions.
internal ref partial struct TextParser
{
    private void Branch(Instruction jump)
    {
        if (TryDistance(out int distance))
        {
            if (jump.IsLongJump) assembler.Emit(jump with { Constant = distance });
            else assembler.Emit(jump with { Offset = Short(distance) });
        }
        else
        {
            assembler.Emit(jump.WithReference(Name(), ReferenceKind.Label));
        }
    }

    // pc+3, as the kernel prints it, or +3, as clang does; clang may add the target's name in angle brackets.
    private bool TryDistance(out int distance)
    {
        distance = 0;
        if (_rest.StartsWith("pc") && _rest.Length > 2 && _rest[2] is '+' or '-') Advance(2);
        if (_rest.IsEmpty || _rest[0] is not ('+' or '-')) return false;
        long number = Number(out _);
        if (number != (int)number) throw Error($"the distance {number} does not fit");
        distance = (int)number;
        if (_rest.StartsWith("<") && _rest.IndexOf('>') is var end and > 0) Advance(end + 1);
        return true;
    }

    private void Call()
    {
        if (TryDistance(out int distance))
        {
            assembler.Emit(Instruction.CallFunction(distance));
            return;
        }
        if (!_rest.IsEmpty && char.IsAsciiDigit(_rest[0]))
        {
            assembler.Emit(Instruction.CallHelper((BpfHelper)Int(Number(out _))));
            return;
        }
        int length = NameLength();
        if (_rest.StartsWith("kernel-function")) length = "kernel-function".Length;
        if (length == 0) throw Error("a function's name or number is missing");
        string name = _rest[..length].ToString();
        Advance(length);
        bool isHelper = HelperTable.TryParse(name, out var helper) && name.StartsWith("bpf_", StringComparison.Ordinal);
        if (TryEat("#"))
        {
            int id = Int(Number(out _));
            if (name == "unknown" || (isHelper && (int)helper == id))
            {
                assembler.Emit(Instruction.CallHelper((BpfHelper)id));
                return;
            }
            var call = Instruction.CallKernelFunction(id, TryEat("@") ? Short(Int(Number(out _))) : (short)0);
            assembler.Emit(name == "kernel-function" ? call : call.WithReference(name, ReferenceKind.KernelFunction));
        }
        else if (isHelper)
        {
            assembler.Call(helper);
        }
        else
        {
            assembler.Call(name);
        }
    }

    private void If()
    {
        var dst = Register(out bool is32);
        var op = Comparison();
        Instruction jump;
        if (TryRegister(out var src, out bool src32))
        {
            if (src32 != is32) throw Error("both registers must have the same width");
            jump = Instruction.JumpIf(op, dst, src, 0, is32);
        }
        else
        {
            jump = Instruction.JumpIf(op, dst, Constant32(), 0, is32);
        }
        if (!TryWord("goto")) throw Error("'goto' is missing");
        Branch(jump);
    }

    private JumpOp Comparison()
    {
        foreach (var (text, op) in Comparisons)
            if (TryEat(text)) return op;
        throw Error("a comparison is missing");
    }

    // Longer ones first.
    private static readonly (string, JumpOp)[] Comparisons =
    [
        ("s>=", JumpOp.SignedGreaterOrEqual), ("s<=", JumpOp.SignedLessOrEqual), ("s>", JumpOp.SignedGreater), ("s<", JumpOp.SignedLess),
        (">=", JumpOp.GreaterOrEqual), ("<=", JumpOp.LessOrEqual), ("==", JumpOp.Equal), ("!=", JumpOp.NotEqual),
        (">", JumpOp.Greater), ("<", JumpOp.Less), ("&", JumpOp.AnyBitSet),
    ];
}
