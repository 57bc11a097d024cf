namespace Hornet.Isa;

// The bit fields of the opcode byte, RFC 9669 sections 3 to 5. The numbers are the wire's.

/// <summary>The class of an instruction: the low three bits of its opcode.</summary>
public enum InstructionClass : byte
{
    /// <summary>Non-standard loads: 64-bit immediates and the legacy packet loads.</summary>
    Ld = 0,
    /// <summary>Loads from memory into a register.</summary>
    Ldx = 1,
    /// <summary>Stores of an immediate.</summary>
    St = 2,
    /// <summary>Stores of a register, and atomic operations.</summary>
    Stx = 3,
    /// <summary>32-bit arithmetic; the upper half of the destination becomes zero.</summary>
    Alu = 4,
    /// <summary>64-bit comparisons and jumps, calls and exit.</summary>
    Jmp = 5,
    /// <summary>32-bit comparisons, and the long unconditional jump.</summary>
    Jmp32 = 6,
    /// <summary>64-bit arithmetic.</summary>
    Alu64 = 7,
}

/// <summary>How many bytes a load, store or atomic operation touches. The numbers are the opcode's bits 3 and 4.</summary>
public enum MemorySize : byte
{
    /// <summary>Four bytes (<c>BPF_W</c>).</summary>
    U32 = 0x00,
    /// <summary>Two bytes (<c>BPF_H</c>).</summary>
    U16 = 0x08,
    /// <summary>One byte (<c>BPF_B</c>).</summary>
    U8 = 0x10,
    /// <summary>Eight bytes (<c>BPF_DW</c>).</summary>
    U64 = 0x18,
}

/// <summary>How a load or store addresses memory: the upper three bits of the opcode.</summary>
public enum MemoryMode : byte
{
    /// <summary>A 64-bit immediate (<c>BPF_IMM</c>).</summary>
    Immediate = 0x00,
    /// <summary>Legacy packet access at a fixed offset (<c>BPF_ABS</c>).</summary>
    Absolute = 0x20,
    /// <summary>Legacy packet access at a register plus an offset (<c>BPF_IND</c>).</summary>
    Indirect = 0x40,
    /// <summary>An ordinary access (<c>BPF_MEM</c>).</summary>
    Memory = 0x60,
    /// <summary>A load that extends the sign (<c>BPF_MEMSX</c>, ISA v4, kernel 6.6).</summary>
    MemorySigned = 0x80,
    /// <summary>An atomic operation (<c>BPF_ATOMIC</c>).</summary>
    Atomic = 0xc0,
}

/// <summary>Where the second operand of arithmetic and comparisons comes from.</summary>
public enum OperandSource : byte
{
    /// <summary>The immediate (<c>BPF_K</c>).</summary>
    Immediate = 0x00,
    /// <summary>The source register (<c>BPF_X</c>).</summary>
    Register = 0x08,
}

/// <summary>An arithmetic operation: the upper four bits of the opcode.</summary>
public enum AluOp : byte
{
    /// <summary>Addition.</summary>
    Add = 0x00,
    /// <summary>Subtraction.</summary>
    Sub = 0x10,
    /// <summary>Multiplication.</summary>
    Mul = 0x20,
    /// <summary>Division; unsigned with offset 0, signed with offset 1 (ISA v4). Division by zero gives 0.</summary>
    Div = 0x30,
    /// <summary>Bitwise or.</summary>
    Or = 0x40,
    /// <summary>Bitwise and.</summary>
    And = 0x50,
    /// <summary>Left shift.</summary>
    Lsh = 0x60,
    /// <summary>Logical right shift.</summary>
    Rsh = 0x70,
    /// <summary>Negation.</summary>
    Neg = 0x80,
    /// <summary>Remainder; unsigned with offset 0, signed with offset 1 (ISA v4). Modulo zero leaves the destination.</summary>
    Mod = 0x90,
    /// <summary>Bitwise exclusive or.</summary>
    Xor = 0xa0,
    /// <summary>Move; with an offset of 8, 16 or 32 the sign is extended from that many bits (ISA v4).</summary>
    Mov = 0xb0,
    /// <summary>Arithmetic right shift.</summary>
    Arsh = 0xc0,
    /// <summary>Byte order conversion; the immediate is the width in bits.</summary>
    End = 0xd0,
}

/// <summary>A jump operation: the upper four bits of the opcode.</summary>
public enum JumpOp : byte
{
    /// <summary>Unconditional.</summary>
    Always = 0x00,
    /// <summary>Jump if equal.</summary>
    Equal = 0x10,
    /// <summary>Jump if greater, unsigned.</summary>
    Greater = 0x20,
    /// <summary>Jump if greater or equal, unsigned.</summary>
    GreaterOrEqual = 0x30,
    /// <summary>Jump if <c>dst &amp; operand</c> is not zero.</summary>
    AnyBitSet = 0x40,
    /// <summary>Jump if not equal.</summary>
    NotEqual = 0x50,
    /// <summary>Jump if greater, signed.</summary>
    SignedGreater = 0x60,
    /// <summary>Jump if greater or equal, signed.</summary>
    SignedGreaterOrEqual = 0x70,
    /// <summary>A call: of a helper, a BPF function, a kernel function, or through a register.</summary>
    Call = 0x80,
    /// <summary>Return from the function or program.</summary>
    Exit = 0x90,
    /// <summary>Jump if less, unsigned (ISA v2).</summary>
    Less = 0xa0,
    /// <summary>Jump if less or equal, unsigned (ISA v2).</summary>
    LessOrEqual = 0xb0,
    /// <summary>Jump if less, signed (ISA v2).</summary>
    SignedLess = 0xc0,
    /// <summary>Jump if less or equal, signed (ISA v2).</summary>
    SignedLessOrEqual = 0xd0,
    /// <summary><c>may_goto</c>: jump when the loop budget is used up (<c>BPF_JCOND</c>, kernel 6.9).</summary>
    MayGoto = 0xe0,
}

/// <summary>An atomic operation: the immediate of a <see cref="MemoryMode.Atomic"/> store.</summary>
public enum AtomicOp
{
    /// <summary><c>*p += src</c>.</summary>
    Add = 0x00,
    /// <summary><c>*p |= src</c> (kernel 5.12).</summary>
    Or = 0x40,
    /// <summary><c>*p &amp;= src</c> (kernel 5.12).</summary>
    And = 0x50,
    /// <summary><c>*p ^= src</c> (kernel 5.12).</summary>
    Xor = 0xa0,
    /// <summary><c>src = *p; *p += src</c> (kernel 5.12).</summary>
    FetchAdd = 0x01,
    /// <summary><c>src = *p; *p |= src</c> (kernel 5.12).</summary>
    FetchOr = 0x41,
    /// <summary><c>src = *p; *p &amp;= src</c> (kernel 5.12).</summary>
    FetchAnd = 0x51,
    /// <summary><c>src = *p; *p ^= src</c> (kernel 5.12).</summary>
    FetchXor = 0xa1,
    /// <summary>Swaps <c>src</c> and <c>*p</c> (kernel 5.12).</summary>
    Exchange = 0xe1,
    /// <summary>Stores <c>src</c> when <c>*p</c> equals R0; R0 gets the old value (kernel 5.12).</summary>
    CompareExchange = 0xf1,
    /// <summary><c>dst = *(src)</c> with acquire order (kernel 6.15).</summary>
    LoadAcquire = 0x100,
    /// <summary><c>*(dst) = src</c> with release order (kernel 6.15).</summary>
    StoreRelease = 0x110,
}

/// <summary>What a 64-bit immediate stands for: the source field of the load (<c>BPF_PSEUDO_*</c>).</summary>
public enum PseudoSource : byte
{
    /// <summary>A plain number.</summary>
    None = 0,
    /// <summary>A map by descriptor.</summary>
    MapFd = 1,
    /// <summary>An address inside an array map's value: descriptor below, offset above (kernel 5.2).</summary>
    MapValue = 2,
    /// <summary>The address of a kernel variable: BTF id below, module BTF descriptor above (kernel 5.10).</summary>
    BtfId = 3,
    /// <summary>The address of a BPF function; an offset in slots, as in a call (kernel 5.13).</summary>
    Function = 4,
    /// <summary>A map by its index in the load's descriptor array (kernel 5.14).</summary>
    MapIndex = 5,
    /// <summary>An address inside the value of a map given by index (kernel 5.14).</summary>
    MapIndexValue = 6,
}

/// <summary>What a call calls: the source field of the instruction.</summary>
public enum CallKind : byte
{
    /// <summary>A helper by number.</summary>
    Helper = 0,
    /// <summary>A BPF function by offset in slots (<c>BPF_PSEUDO_CALL</c>, kernel 4.16).</summary>
    Function = 1,
    /// <summary>A kernel function by BTF id (<c>BPF_PSEUDO_KFUNC_CALL</c>, kernel 5.13).</summary>
    KernelFunction = 2,
}

/// <summary>The generations of the instruction set, as clang's <c>-mcpu</c> counts them.</summary>
public enum IsaLevel : byte
{
    /// <summary>The instructions of Linux 3.18.</summary>
    V1 = 1,
    /// <summary>Adds the "less than" jumps (kernel 4.14).</summary>
    V2 = 2,
    /// <summary>Adds 32-bit jumps (kernel 5.1) and the fetching, bitwise and exchanging atomics (kernel 5.12).</summary>
    V3 = 3,
    /// <summary>
    /// Adds signed division, sign-extending moves and loads, unconditional byte swap and the long jump (kernel 6.6), and what came
    /// after: <c>may_goto</c> and address space casts (6.9), load-acquire and store-release (6.15), indirect jumps (6.19).
    /// </summary>
    V4 = 4,
}
