using System.Globalization;
using System.Text;

namespace Hornet.Isa;

/// <summary>
/// Instructions as text, in the syntax of the kernel's verifier log and of <c>bpftool prog dump xlated</c>. Where an
/// instruction names what it refers to, the name stands in place of the number.
/// </summary>
public static class Disassembler
{
    /// <summary>One instruction: <c>r1 = *(u64 *)(r10 -8)</c>. Any bit pattern gives a text.</summary>
    public static string Format(in Instruction i) => i.Class switch
    {
        InstructionClass.Alu or InstructionClass.Alu64 => Alu(i),
        InstructionClass.Ldx => Load(i),
        InstructionClass.St => Store(i),
        InstructionClass.Stx => i.Mode switch
        {
            MemoryMode.Memory => $"{Memory(i, i.Dst, false)} = r{(int)i.Src}",
            MemoryMode.Atomic => Atomic(i),
            _ => Unknown(i),
        },
        InstructionClass.Ld => Ld(i),
        _ => Jump(i),
    };

    /// <summary>
    /// A listing, one instruction per line with its slot and opcode as the kernel prints them, source lines in between.
    /// </summary>
    public static string Format(IReadOnlyList<Instruction> program)
    {
        StringBuilder text = new();
        int slot = 0;
        SourceLine? last = null;
        foreach (var i in program)
        {
            if (i.Symbol is { } symbol) text.Append(symbol).Append(":\n");
            if (i.Metadata?.Source is { } source && source != last)
            {
                text.Append("; ").Append(source.Text).Append(" @ ").Append(source.File).Append(':').Append(source.Line).Append('\n');
                last = source;
            }
            text.Append(CultureInfo.InvariantCulture, $"{slot,4}: ({i.Opcode:x2}) {Format(i)}\n");
            slot += i.Slots;
        }
        return text.ToString();
    }

    /// <summary>
    /// A program as source text that <see cref="TextAssembler"/> turns into the same bytes again. Targets of jumps and
    /// calls become labels; what has no exact text is written as <c>.raw</c>.
    /// </summary>
    /// <exception cref="BpfFormatException">An opcode, register or constant cannot be encoded.</exception>
    public static string ToSource(IReadOnlyList<Instruction> program) => new SourceWriter(program).Write();

    private static string Unknown(in Instruction i) => $"unknown_{i.Opcode:x2}";

    internal static string SizeName(MemorySize size, bool signed) => size switch
    {
        MemorySize.U8 => signed ? "s8" : "u8",
        MemorySize.U16 => signed ? "s16" : "u16",
        MemorySize.U32 => signed ? "s32" : "u32",
        _ => signed ? "s64" : "u64",
    };

    internal static string? AluText(AluOp op) => op switch
    {
        AluOp.Add => "+=",
        AluOp.Sub => "-=",
        AluOp.Mul => "*=",
        AluOp.Div => "/=",
        AluOp.Or => "|=",
        AluOp.And => "&=",
        AluOp.Lsh => "<<=",
        AluOp.Rsh => ">>=",
        AluOp.Mod => "%=",
        AluOp.Xor => "^=",
        AluOp.Mov => "=",
        AluOp.Arsh => "s>>=",
        _ => null,
    };

    internal static string? JumpText(JumpOp op) => op switch
    {
        JumpOp.Equal => "==",
        JumpOp.Greater => ">",
        JumpOp.GreaterOrEqual => ">=",
        JumpOp.AnyBitSet => "&",
        JumpOp.NotEqual => "!=",
        JumpOp.SignedGreater => "s>",
        JumpOp.SignedGreaterOrEqual => "s>=",
        JumpOp.Less => "<",
        JumpOp.LessOrEqual => "<=",
        JumpOp.SignedLess => "s<",
        JumpOp.SignedLessOrEqual => "s<=",
        _ => null,
    };

    private static string Signed(int offset) => offset < 0 ? offset.ToString(CultureInfo.InvariantCulture) : $"+{offset}";

    private static string Memory(in Instruction i, Register address, bool signed) => $"*{Address(i, address, signed)}";

    private static string Address(in Instruction i, Register address, bool signed) =>
        $"({SizeName(i.Size, signed)} *)(r{(int)address} {Signed(i.Offset)})";

    private static string Alu(in Instruction i)
    {
        bool wide = i.Class == InstructionClass.Alu64;
        char r = wide ? 'r' : 'w';
        int dst = (int)i.Dst, src = (int)i.Src;
        if (i.AluOp == AluOp.End)
            return $"r{dst} = {(wide ? "bswap" : i.Source == OperandSource.Register ? "be" : "le")}{i.Constant} r{dst}";
        if (i.AluOp == AluOp.Neg) return $"{r}{dst} = -{r}{dst}";
        if (AluText(i.AluOp) is not { } op) return Unknown(i);
        if (wide && i.AluOp == AluOp.Mov && i.Source == OperandSource.Register)
        {
            if (i.Offset == 1) return $"r{dst} = addr_space_cast(r{src}, {(ushort)(i.Constant >> 16)}, {(ushort)i.Constant})";
            if (i.Offset == -1) return $"r{dst} = &(void __percpu *)(r{src})";
        }
        string sign = i.AluOp is AluOp.Div or AluOp.Mod && i.Offset == 1 ? "s" : "";
        if (i.Source == OperandSource.Immediate) return $"{r}{dst} {sign}{op} {(int)i.Constant}";
        string cast = i.AluOp == AluOp.Mov && i.Offset is 8 or 16 or 32 ? $"(s{i.Offset})" : "";
        return $"{r}{dst} {sign}{op} {cast}{r}{src}";
    }

    private static string Load(in Instruction i) => i.Mode switch
    {
        MemoryMode.Memory => $"r{(int)i.Dst} = {Memory(i, i.Src, false)}",
        MemoryMode.MemorySigned => $"r{(int)i.Dst} = {Memory(i, i.Src, true)}",
        _ => Unknown(i),
    };

    private static string Store(in Instruction i) =>
        i.Opcode == InstructionRules.NoSpeculation ? "nospec"
        : i.Mode == MemoryMode.Memory ? $"{Memory(i, i.Dst, false)} = {(int)i.Constant}"
        : Unknown(i);

    private static string Atomic(in Instruction i)
    {
        int src = (int)i.Src;
        string wide = i.Size == MemorySize.U64 ? "64" : "";
        switch (i.AtomicOp)
        {
            case AtomicOp.Add or AtomicOp.Or or AtomicOp.And or AtomicOp.Xor:
                return $"lock {Memory(i, i.Dst, false)} {AluText((AluOp)i.Constant)} r{src}";
            case AtomicOp.FetchAdd:
                return $"r{src} = atomic{wide}_fetch_add({Address(i, i.Dst, false)}, r{src})";
            case AtomicOp.FetchOr:
                return $"r{src} = atomic{wide}_fetch_or({Address(i, i.Dst, false)}, r{src})";
            case AtomicOp.FetchAnd:
                return $"r{src} = atomic{wide}_fetch_and({Address(i, i.Dst, false)}, r{src})";
            case AtomicOp.FetchXor:
                return $"r{src} = atomic{wide}_fetch_xor({Address(i, i.Dst, false)}, r{src})";
            case AtomicOp.Exchange:
                return $"r{src} = atomic{wide}_xchg({Address(i, i.Dst, false)}, r{src})";
            case AtomicOp.CompareExchange:
                return $"r0 = atomic{wide}_cmpxchg({Address(i, i.Dst, false)}, r0, r{src})";
            case AtomicOp.LoadAcquire:
                return $"r{(int)i.Dst} = load_acquire({Address(i, i.Src, false)})";
            case AtomicOp.StoreRelease:
                return $"store_release({Address(i, i.Dst, false)}, r{src})";
            default:
                return Unknown(i);
        }
    }

    private static string Ld(in Instruction i)
    {
        if (i.IsLoadImm64) return $"r{(int)i.Dst} = {Immediate(i)}";
        return i.Mode switch
        {
            MemoryMode.Absolute => $"r0 = *({SizeName(i.Size, false)} *)skb[{(int)i.Constant}]",
            MemoryMode.Indirect => $"r0 = *({SizeName(i.Size, false)} *)skb[r{(int)i.Src} + {(int)i.Constant}]",
            _ => Unknown(i),
        };
    }

    private static string Immediate(in Instruction i)
    {
        int low = (int)i.Constant, high = (int)(i.Constant >> 32);
        string? name = i.Reference;
        switch (i.PseudoSource)
        {
            case PseudoSource.MapFd:
                return name is null ? $"map[fd:{low}]" : $"map[{name}]";
            case PseudoSource.MapValue:
                return $"map[{name ?? $"fd:{low}"}][0]{Signed(high)}";
            case PseudoSource.MapIndex:
                return $"map[idx:{low}]";
            case PseudoSource.MapIndexValue:
                return $"map[idx:{low}][0]{Signed(high)}";
            case PseudoSource.BtfId:
                return high == 0 ? $"btf[id:{low}]" : $"btf[id:{low},fd:{high}]";
            case PseudoSource.Function:
                return $"subprog[{name ?? Signed(low)}]";
            default:
                return i.Metadata is { ReferenceKind: ReferenceKind.KernelSymbol } ? $"ksym[{name}]" : $"0x{i.Constant:x}";
        }
    }

    private static string Jump(in Instruction i)
    {
        bool narrow = i.Class == InstructionClass.Jmp32;
        switch (i.JumpOp)
        {
            case JumpOp.Call when !narrow:
                return i.Source == OperandSource.Register ? $"callx r{(int)i.Dst}" : Call(i);
            case JumpOp.Exit when !narrow:
                return "exit";
            case JumpOp.Always when i.Source == OperandSource.Register:
                return narrow ? Unknown(i) : $"gotox r{(int)i.Dst}";
            case JumpOp.Always:
                return $"{(narrow ? "gotol" : "goto")} {Target(i, narrow ? (int)i.Constant : i.Offset)}";
            case JumpOp.MayGoto when !narrow:
                return $"may_goto {Target(i, i.Offset)}";
        }
        if (JumpText(i.JumpOp) is not { } op) return Unknown(i);
        char r = narrow ? 'w' : 'r';
        string operand = i.Source == OperandSource.Register ? $"{r}{(int)i.Src}" : $"0x{(uint)i.Constant:x}";
        return $"if {r}{(int)i.Dst} {op} {operand} goto {Target(i, i.Offset)}";
    }

    private static string Target(in Instruction i, int distance) =>
        i.Metadata is { ReferenceKind: ReferenceKind.Label, Reference: { } label } ? label : $"pc{Signed(distance)}";

    private static string Call(in Instruction i)
    {
        int constant = (int)i.Constant;
        return i.CallKind switch
        {
            CallKind.Helper => $"call {i.Reference ?? HelperTable.NameOf((BpfHelper)constant) ?? "unknown"}#{constant}",
            CallKind.Function => $"call {i.Reference ?? $"pc{Signed(constant)}"}",
            CallKind.KernelFunction => $"call {i.Reference ?? "kernel-function"}#{constant}{(i.Offset == 0 ? "" : $"@{i.Offset}")}",
            _ => $"call unknown_{(int)i.Src}#{constant}",
        };
    }
}
