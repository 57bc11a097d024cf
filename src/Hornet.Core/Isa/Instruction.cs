namespace Hornet.Isa;

/// <summary>
/// One eBPF instruction (RFC 9669) with what it refers to by name. A 64-bit immediate load is one instruction here
/// although it takes two 8-byte slots in the kernel. Jump offsets stay numeric, in slots, counted from the next
/// instruction, unless <see cref="InstructionMetadata.Reference"/> names a label.
/// </summary>
public readonly partial record struct Instruction
{
    /// <summary>The opcode byte.</summary>
    public byte Opcode { get; init; }

    /// <summary>The destination register.</summary>
    public Register Dst { get; init; }

    /// <summary>The source register, or the kind of a pseudo source (<c>BPF_PSEUDO_*</c>).</summary>
    public Register Src { get; init; }

    /// <summary>The signed 16-bit offset of memory operations and jumps.</summary>
    public short Offset { get; init; }

    /// <summary>The immediate: 32 bits sign-extended, or all 64 bits of a 64-bit immediate load.</summary>
    public long Constant { get; init; }

    /// <summary>Names and source location; null for most instructions.</summary>
    public InstructionMetadata? Metadata { get; init; }

    /// <summary>Whether this is the two-slot 64-bit immediate load (<c>BPF_LD | BPF_IMM | BPF_DW</c>).</summary>
    public bool IsLoadImm64 => Opcode == 0x18;

    /// <summary>How many 8-byte slots the instruction takes: 1, or 2 for a 64-bit immediate load.</summary>
    public int Slots => IsLoadImm64 ? 2 : 1;
}
