namespace Hornet.Programs.Verifier;

/// <summary>Bits that are no instruction, or none on this kernel.</summary>
internal static class InstructionMessages
{
    private const string Assemble = "let an assembler or compiler make the instruction; check the field that is named";

    public static readonly VerifierMessage[] All =
    [
        new(VerifierCategory.Instruction, ["unknown opcode {opcode}"],
            "the kernel does not know the opcode 0x{opcode}",
            "the instruction may be newer than the kernel: compile with a lower -mcpu, or limit the assembler's IsaLevel"),

        new(VerifierCategory.Instruction, ["{what} uses reserved fields"],
            "a field of the instruction ({what}) is not zero that must be, or has a value this kernel does not know",
            "check the instruction's fields; signed division, sign extension and byte swap use these fields and need Linux 6.6, so compile with a lower -mcpu for older kernels"),

        new(VerifierCategory.Instruction, ["invalid BPF_ALU opcode {opcode}", "invalid BPF_JMP/JMP32 opcode {opcode}", "Unknown conditional jump {opcode}", "BPF_END uses invalid {any}"],
            "the operation does not exist",
            Assemble),

        new(VerifierCategory.Instruction, ["div by zero"],
            "the program divides by the constant 0",
            "divide by something else; division by a register that happens to be 0 gives 0"),

        new(VerifierCategory.Instruction, ["invalid shift {n}"],
            "a shift by {n} is as wide as the register or wider",
            "shift by 0 to 63, in 32-bit operations by 0 to 31"),

        new(VerifierCategory.Instruction, ["invalid BPF_LD_IMM insn", "invalid bpf_ld_imm64 insn", "unrecognized bpf_ld_imm64 insn", "BPF_LD_IMM64 uses reserved fields"],
            "the 64-bit load is incomplete or of a kind this kernel does not know",
            "the load takes two slots, the second one with only its constant set; map indexes need Linux 5.14, functions 5.13, kernel variables 5.10"),

        new(VerifierCategory.Instruction, ["BPF_ATOMIC uses invalid atomic opcode {opcode}", "invalid atomic operand size"],
            "the atomic operation does not exist or not in this size",
            "atomics work on 4 or 8 bytes; all but addition need Linux 5.12, load-acquire and store-release 6.15"),

        new(VerifierCategory.Instruction, ["BPF_ATOMIC stores into {reg} {kind} is not allowed", "BPF_ATOMIC loads from {reg} {kind} is not allowed", "BPF_XADD stores into {reg} {kind} is not allowed"],
            "atomic operations do not work on memory of kind {kind}",
            "use them on map values, or on memory from bpf_ringbuf_reserve"),

        new(VerifierCategory.Context, ["BPF_ST stores into {reg} {kind} is not allowed"],
            "a constant is stored into the context, which kernels before 6.3 do not take",
            "move the constant to a register first"),

        new(VerifierCategory.Instruction, ["BPF_LD_[ABS|IND] instructions not allowed for this program type"],
            "packet loads are for socket filters, tc and a few other kinds of program",
            "access the packet directly (data, data_end) or with bpf_skb_load_bytes"),

        new(VerifierCategory.Instruction, ["at the time of BPF_LD_ABS|IND R6 != pointer to skb"],
            "packet loads read the packet of the context in R6, and R6 is not the context",
            "Mov(R6, R1) at the beginning", "the context in R6"),

        new(VerifierCategory.Function, ["LD_ABS is not allowed in subprogs without BTF", "LD_ABS is only allowed in functions that return 'int'.", "tail_call is not allowed in subprogs without BTF", "tail_call is only allowed in functions that return 'int'."],
            "the instruction may end the function with a value, so the function must be known to return int",
            "give the program BTF function information, the function returning int"),

        new(VerifierCategory.Instruction, ["addr_space_cast insn can only be used in a program that has an associated arena"],
            "the program uses no arena map",
            "load the arena's map before the cast"),

        new(VerifierCategory.Instruction, ["addr_space_cast insn can only convert between address space 1 and 0"],
            "there are two address spaces, 0 (kernel) and 1 (arena)",
            "cast from 1 to 0 or from 0 to 1"),

        new(VerifierCategory.Instruction, ["invalid may_goto imm {n}", "invalid may_goto off {n} imm {n2}"],
            "may_goto has a constant, which must be zero",
            Assemble),
    ];
}
