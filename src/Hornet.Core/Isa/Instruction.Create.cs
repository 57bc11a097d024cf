namespace Hornet.Isa;

// One method per form of RFC 9669. They make the bits and check nothing: the assembler and InstructionRules do.
public readonly partial record struct Instruction
{
    /// <summary><c>dst op= src</c>.</summary>
    public static Instruction Alu(AluOp op, Register dst, Register src, bool is32 = false) =>
        new() { Opcode = MakeOpcode(is32 ? InstructionClass.Alu : InstructionClass.Alu64, (byte)op, OperandSource.Register), Dst = dst, Src = src };

    /// <summary><c>dst op= constant</c>.</summary>
    public static Instruction Alu(AluOp op, Register dst, int constant, bool is32 = false) =>
        new() { Opcode = MakeOpcode(is32 ? InstructionClass.Alu : InstructionClass.Alu64, (byte)op, OperandSource.Immediate), Dst = dst, Constant = constant };

    /// <summary>Signed <c>dst /= src</c> or <c>dst %= src</c> (ISA v4).</summary>
    public static Instruction SignedDivision(AluOp op, Register dst, Register src, bool is32 = false) => Alu(op, dst, src, is32) with { Offset = 1 };

    /// <summary>Signed <c>dst /= constant</c> or <c>dst %= constant</c> (ISA v4).</summary>
    public static Instruction SignedDivision(AluOp op, Register dst, int constant, bool is32 = false) => Alu(op, dst, constant, is32) with { Offset = 1 };

    /// <summary><c>dst = src</c>, the sign extended from the given number of bits: 8, 16 or 32 (ISA v4).</summary>
    public static Instruction MoveSigned(Register dst, Register src, int bits, bool is32 = false) => Alu(AluOp.Mov, dst, src, is32) with { Offset = (short)bits };

    /// <summary>Converts between the machine's order and big endian; <paramref name="bits"/> is 16, 32 or 64.</summary>
    public static Instruction ToBigEndian(Register dst, int bits) => new() { Opcode = 0xdc, Dst = dst, Constant = bits };

    /// <summary>Converts between the machine's order and little endian; <paramref name="bits"/> is 16, 32 or 64.</summary>
    public static Instruction ToLittleEndian(Register dst, int bits) => new() { Opcode = 0xd4, Dst = dst, Constant = bits };

    /// <summary>Swaps the bytes whatever the machine's order (ISA v4); <paramref name="bits"/> is 16, 32 or 64.</summary>
    public static Instruction ByteSwap(Register dst, int bits) => new() { Opcode = 0xd7, Dst = dst, Constant = bits };

    /// <summary><c>dst = addr_space_cast(src, to, from)</c>: casts between the kernel's and the user's view of an arena (kernel 6.9).</summary>
    public static Instruction AddressSpaceCast(Register dst, Register src, ushort to, ushort from) =>
        Alu(AluOp.Mov, dst, src) with { Offset = 1, Constant = (to << 16) | from };

    /// <summary>Turns a per-CPU address into this CPU's. Only the verifier's rewrites contain it (kernel 6.10).</summary>
    public static Instruction PerCpuAddress(Register dst, Register src) => Alu(AluOp.Mov, dst, src) with { Offset = -1 };

    /// <summary><c>dst = *(size *)(src + offset)</c>.</summary>
    public static Instruction Load(MemorySize size, Register dst, Register src, short offset) =>
        new() { Opcode = MakeOpcode(InstructionClass.Ldx, MemoryMode.Memory, size), Dst = dst, Src = src, Offset = offset };

    /// <summary>As <see cref="Load"/>, extending the sign (ISA v4); not for 8 bytes.</summary>
    public static Instruction LoadSigned(MemorySize size, Register dst, Register src, short offset) =>
        new() { Opcode = MakeOpcode(InstructionClass.Ldx, MemoryMode.MemorySigned, size), Dst = dst, Src = src, Offset = offset };

    /// <summary><c>*(size *)(dst + offset) = src</c>.</summary>
    public static Instruction Store(MemorySize size, Register dst, short offset, Register src) =>
        new() { Opcode = MakeOpcode(InstructionClass.Stx, MemoryMode.Memory, size), Dst = dst, Src = src, Offset = offset };

    /// <summary><c>*(size *)(dst + offset) = constant</c>.</summary>
    public static Instruction Store(MemorySize size, Register dst, short offset, int constant) =>
        new() { Opcode = MakeOpcode(InstructionClass.St, MemoryMode.Memory, size), Dst = dst, Offset = offset, Constant = constant };

    /// <summary>An atomic operation on <c>*(size *)(dst + offset)</c>; for <see cref="AtomicOp.LoadAcquire"/> on <c>src + offset</c>.</summary>
    public static Instruction Atomic(AtomicOp op, MemorySize size, Register dst, short offset, Register src) =>
        new() { Opcode = MakeOpcode(InstructionClass.Stx, MemoryMode.Atomic, size), Dst = dst, Src = src, Offset = offset, Constant = (int)op };

    /// <summary><c>dst = constant ll</c>, in two slots.</summary>
    public static Instruction LoadImm64(Register dst, long constant, PseudoSource source = PseudoSource.None) =>
        new() { Opcode = 0x18, Dst = dst, Src = (Register)source, Constant = constant };

    /// <summary><c>r0 = *(size *)skb[constant]</c>, in network byte order; ends the program when out of bounds.</summary>
    public static Instruction LoadAbsolute(MemorySize size, int constant) =>
        new() { Opcode = MakeOpcode(InstructionClass.Ld, MemoryMode.Absolute, size), Constant = constant };

    /// <summary><c>r0 = *(size *)skb[src + constant]</c>, in network byte order; ends the program when out of bounds.</summary>
    public static Instruction LoadIndirect(MemorySize size, Register src, int constant) =>
        new() { Opcode = MakeOpcode(InstructionClass.Ld, MemoryMode.Indirect, size), Src = src, Constant = constant };

    /// <summary><c>goto pc+offset</c>.</summary>
    public static Instruction Jump(short offset) => new() { Opcode = 0x05, Offset = offset };

    /// <summary><c>gotol pc+offset</c> (ISA v4).</summary>
    public static Instruction JumpLong(int offset) => new() { Opcode = 0x06, Constant = offset };

    /// <summary><c>gotox dst</c>: a jump through a register that was loaded from an instruction array (kernel 6.19).</summary>
    public static Instruction JumpRegister(Register dst) => new() { Opcode = 0x0d, Dst = dst };

    /// <summary><c>if dst op src goto pc+offset</c>.</summary>
    public static Instruction JumpIf(JumpOp op, Register dst, Register src, short offset, bool is32 = false) =>
        new() { Opcode = MakeOpcode(is32 ? InstructionClass.Jmp32 : InstructionClass.Jmp, (byte)op, OperandSource.Register), Dst = dst, Src = src, Offset = offset };

    /// <summary><c>if dst op constant goto pc+offset</c>.</summary>
    public static Instruction JumpIf(JumpOp op, Register dst, int constant, short offset, bool is32 = false) =>
        new() { Opcode = MakeOpcode(is32 ? InstructionClass.Jmp32 : InstructionClass.Jmp, (byte)op, OperandSource.Immediate), Dst = dst, Constant = constant, Offset = offset };

    /// <summary><c>may_goto pc+offset</c>: leaves the loop when its budget is used up (kernel 6.9).</summary>
    public static Instruction MayGoto(short offset) => new() { Opcode = 0xe5, Offset = offset };

    /// <summary>Calls a helper.</summary>
    public static Instruction CallHelper(BpfHelper helper) => new() { Opcode = 0x85, Constant = (int)helper };

    /// <summary>Calls a BPF function at a distance in slots.</summary>
    public static Instruction CallFunction(int distance) => new() { Opcode = 0x85, Src = (Register)CallKind.Function, Constant = distance };

    /// <summary>Calls a kernel function by BTF id; the index picks its BTF from the load's descriptor array, 0 being vmlinux.</summary>
    public static Instruction CallKernelFunction(int btfId, short descriptorIndex = 0) =>
        new() { Opcode = 0x85, Src = (Register)CallKind.KernelFunction, Constant = btfId, Offset = descriptorIndex };

    /// <summary>Calls through a register (<c>callx</c>). Linux refuses it after linking; other machines run it.</summary>
    public static Instruction CallRegister(Register dst) => new() { Opcode = 0x8d, Dst = dst };

    /// <summary>Returns.</summary>
    public static Instruction Exit() => new() { Opcode = 0x95 };

    private static byte MakeOpcode(InstructionClass type, byte operation, OperandSource source) => (byte)((byte)type | operation | (byte)source);

    private static byte MakeOpcode(InstructionClass type, MemoryMode mode, MemorySize size) => (byte)((byte)type | (byte)mode | (byte)size);
}
