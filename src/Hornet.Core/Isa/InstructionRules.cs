namespace Hornet.Isa;

/// <summary>Which bit patterns are instructions, what their reserved fields must hold, and since when they exist.</summary>
internal static class InstructionRules
{
    /// <summary>The speculation barrier that the verifier's rewrites insert; no program may contain it.</summary>
    public const byte NoSpeculation = 0xc2;

    /// <summary>Whether any instruction has this opcode byte, the kernel's internal <c>nospec</c> included.</summary>
    public static bool IsKnownOpcode(byte opcode)
    {
        var type = (InstructionClass)(opcode & 7);
        int mode = opcode & 0xe0, size = opcode & 0x18, operation = opcode & 0xf0;
        bool fromRegister = (opcode & 8) != 0;
        return type switch
        {
            InstructionClass.Ld => opcode == 0x18 || (mode is 0x20 or 0x40 && size != 0x18),
            InstructionClass.Ldx => mode == 0x60 || (mode == 0x80 && size != 0x18),
            InstructionClass.St => mode == 0x60 || opcode == NoSpeculation,
            InstructionClass.Stx => mode is 0x60 or 0xc0,
            InstructionClass.Alu => operation <= 0xd0 && (operation != 0x80 || !fromRegister),
            InstructionClass.Alu64 => operation <= 0xd0 && (operation is not (0x80 or 0xd0) || !fromRegister),
            InstructionClass.Jmp => operation <= 0xe0 && (operation is not (0x90 or 0xe0) || !fromRegister),
            _ => operation <= 0xd0 && operation is not (0x80 or 0x90) && (operation != 0x00 || !fromRegister),
        };
    }

    /// <summary>
    /// Why this is not an instruction that a program may contain: an unknown opcode, a register that is none, a reserved
    /// field that is not zero. Null when it is well formed.
    /// </summary>
    public static string? Defect(in Instruction i)
    {
        if (!IsKnownOpcode(i.Opcode)) return $"unknown opcode 0x{i.Opcode:x2}";
        if (i.Dst > Register.R10) return $"r{(int)i.Dst} is not a register";
        if (!i.IsLoadImm64)
        {
            if (i.Src > Register.R10) return $"r{(int)i.Src} is not a register";
            if (i.Constant != (int)i.Constant) return $"the constant {i.Constant} does not fit in 32 bits";
        }
        return i.Class switch
        {
            InstructionClass.Ld => DefectOfLd(i),
            InstructionClass.Ldx => i.Constant != 0 ? Reserved("constant") : WritesFramePointer(i),
            InstructionClass.St => i.Opcode == NoSpeculation ? "nospec is for the kernel only" : i.Src != 0 ? Reserved("source register") : null,
            InstructionClass.Stx => DefectOfStx(i),
            InstructionClass.Alu or InstructionClass.Alu64 => DefectOfAlu(i),
            _ => DefectOfJump(i),
        };
    }

    private static string Reserved(string field) => $"the {field} field must be zero";

    private static string? WritesFramePointer(in Instruction i) => i.Dst == Register.R10 ? "r10 is the frame pointer and cannot be written" : null;

    private static string? DefectOfLd(in Instruction i)
    {
        if (i.Offset != 0) return Reserved("offset");
        if (i.IsLoadImm64)
        {
            if (i.PseudoSource > PseudoSource.MapIndexValue) return $"unknown pseudo source {(int)i.Src}";
            if (i.PseudoSource is PseudoSource.MapFd or PseudoSource.MapIndex or PseudoSource.Function && i.Constant >>> 32 != 0) return Reserved("second constant");
            return WritesFramePointer(i);
        }
        if (i.Dst != 0) return Reserved("destination register");
        return i.Mode == MemoryMode.Absolute && i.Src != 0 ? Reserved("source register") : null;
    }

    private static string? DefectOfStx(in Instruction i)
    {
        if (i.Mode == MemoryMode.Memory) return i.Constant != 0 ? Reserved("constant") : null;
        switch (i.AtomicOp)
        {
            case AtomicOp.LoadAcquire:
                return WritesFramePointer(i);
            case AtomicOp.StoreRelease:
                return null;
            case AtomicOp.Add or AtomicOp.Or or AtomicOp.And or AtomicOp.Xor or AtomicOp.CompareExchange:
                break;
            case AtomicOp.FetchAdd or AtomicOp.FetchOr or AtomicOp.FetchAnd or AtomicOp.FetchXor or AtomicOp.Exchange:
                if (i.Src == Register.R10) return "r10 is the frame pointer and cannot be written";
                break;
            default:
                return $"unknown atomic operation 0x{i.Constant:x}";
        }
        return i.Size is MemorySize.U32 or MemorySize.U64 ? null : "this atomic operation works on 4 or 8 bytes only";
    }

    private static string? DefectOfAlu(in Instruction i)
    {
        if (WritesFramePointer(i) is { } defect) return defect;
        bool wide = i.Class == InstructionClass.Alu64;
        switch (i.AluOp)
        {
            case AluOp.Neg:
                return RestIsZero(i, exceptDst: true);
            case AluOp.End:
                return i.Src != 0 ? Reserved("source register") : i.Offset != 0 ? Reserved("offset")
                    : i.Constant is 16 or 32 or 64 ? null : $"a byte order conversion is 16, 32 or 64 bits wide, not {i.Constant}";
            case AluOp.Mov when wide && i.Source == OperandSource.Register && i.Offset == 1:
                return null; // addr_space_cast: the constant holds the two spaces
            case AluOp.Mov when wide && i.Source == OperandSource.Register && i.Offset == -1:
                return "a per-CPU address is for the kernel only";
        }
        if (DefectOfOperand(i) is { } operand) return operand;
        bool offsetAllowed = i.AluOp switch
        {
            AluOp.Div or AluOp.Mod => i.Offset is 0 or 1,
            AluOp.Mov when i.Source == OperandSource.Register => i.Offset is 0 or 8 or 16 || (wide && i.Offset == 32),
            _ => i.Offset == 0,
        };
        return offsetAllowed ? null : $"the offset {i.Offset} means nothing here";
    }

    private static string? DefectOfJump(in Instruction i)
    {
        switch (i.JumpOp)
        {
            case JumpOp.Always when i.Class == InstructionClass.Jmp32:
                return i.Dst != 0 || i.Src != 0 ? Reserved("register") : i.Offset != 0 ? Reserved("offset") : null;
            case JumpOp.Always when i.Source == OperandSource.Immediate:
            case JumpOp.MayGoto:
                return i.Dst != 0 || i.Src != 0 ? Reserved("register") : i.Constant != 0 ? Reserved("constant") : null;
            case JumpOp.Exit:
                return RestIsZero(i, exceptDst: false);
            case JumpOp.Always or JumpOp.Call when i.Source == OperandSource.Register:
                return RestIsZero(i, exceptDst: true);
            case JumpOp.Call:
                if (i.Dst != 0) return Reserved("destination register");
                if (i.CallKind > CallKind.KernelFunction) return $"unknown kind of call {(int)i.Src}";
                return i.CallKind != CallKind.KernelFunction && i.Offset != 0 ? Reserved("offset") : null;
            default:
                return DefectOfOperand(i);
        }
    }

    private static string? DefectOfOperand(in Instruction i) =>
        i.Source == OperandSource.Register
            ? i.Constant != 0 ? Reserved("constant") : null
            : i.Src != 0 ? Reserved("source register") : null;

    private static string? RestIsZero(in Instruction i, bool exceptDst) =>
        i.Dst != 0 && !exceptDst ? Reserved("destination register")
        : i.Src != 0 ? Reserved("source register")
        : i.Offset != 0 ? Reserved("offset")
        : i.Constant != 0 ? Reserved("constant") : null;

    /// <summary>The first generation of the instruction set with this instruction.</summary>
    public static IsaLevel LevelOf(in Instruction i)
    {
        switch (i.Class)
        {
            case InstructionClass.Ldx when i.Mode == MemoryMode.MemorySigned:
                return IsaLevel.V4;
            case InstructionClass.Stx when i.Mode == MemoryMode.Atomic:
                return i.AtomicOp switch
                {
                    AtomicOp.Add => IsaLevel.V1,
                    AtomicOp.LoadAcquire or AtomicOp.StoreRelease => IsaLevel.V4,
                    _ => IsaLevel.V3,
                };
            case InstructionClass.Alu or InstructionClass.Alu64:
                return i.Opcode == 0xd7 || (i.AluOp is AluOp.Div or AluOp.Mod or AluOp.Mov && i.Offset != 0) ? IsaLevel.V4 : IsaLevel.V1;
            case InstructionClass.Jmp32:
                return i.IsLongJump ? IsaLevel.V4 : IsaLevel.V3;
            case InstructionClass.Jmp:
                if (i.Opcode is 0x0d or 0xe5) return IsaLevel.V4;
                return i.JumpOp is >= JumpOp.Less and <= JumpOp.SignedLessOrEqual ? IsaLevel.V2 : IsaLevel.V1;
            default:
                return IsaLevel.V1;
        }
    }
}
