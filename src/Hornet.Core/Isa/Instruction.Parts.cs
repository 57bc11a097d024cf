namespace Hornet.Isa;

public readonly partial record struct Instruction
{
    /// <summary>The class.</summary>
    public InstructionClass Class => (InstructionClass)(Opcode & 0x07);

    /// <summary>The number of bytes touched; meaningful for loads and stores.</summary>
    public MemorySize Size => (MemorySize)(Opcode & 0x18);

    /// <summary>The addressing mode; meaningful for loads and stores.</summary>
    public MemoryMode Mode => (MemoryMode)(Opcode & 0xe0);

    /// <summary>Where the second operand comes from; meaningful for arithmetic and jumps.</summary>
    public OperandSource Source => (OperandSource)(Opcode & 0x08);

    /// <summary>The arithmetic operation; meaningful for <see cref="IsAlu"/>.</summary>
    public AluOp AluOp => (AluOp)(Opcode & 0xf0);

    /// <summary>The jump operation; meaningful for <see cref="IsJump"/>.</summary>
    public JumpOp JumpOp => (JumpOp)(Opcode & 0xf0);

    /// <summary>The atomic operation; meaningful for <see cref="IsAtomic"/>.</summary>
    public AtomicOp AtomicOp => (AtomicOp)Constant;

    /// <summary>What the 64-bit immediate stands for; meaningful for <see cref="IsLoadImm64"/>.</summary>
    public PseudoSource PseudoSource => (PseudoSource)Src;

    /// <summary>What is called; meaningful for <see cref="IsCall"/>.</summary>
    public CallKind CallKind => (CallKind)Src;

    /// <summary>Whether this is arithmetic, 32 or 64 bits wide.</summary>
    public bool IsAlu => Class is InstructionClass.Alu or InstructionClass.Alu64;

    /// <summary>Whether this is in one of the jump classes, calls and exit included.</summary>
    public bool IsJump => Class is InstructionClass.Jmp or InstructionClass.Jmp32;

    /// <summary>Whether this is a memory access with an offset: a load, a store or an atomic operation.</summary>
    public bool IsMemory => Class is InstructionClass.Ldx or InstructionClass.St or InstructionClass.Stx;

    /// <summary>Whether this is an atomic operation.</summary>
    public bool IsAtomic => Class == InstructionClass.Stx && Mode == MemoryMode.Atomic;

    /// <summary>Whether this is a call by number, offset or BTF id (not through a register).</summary>
    public bool IsCall => Opcode == 0x85;

    /// <summary>Whether this calls a helper.</summary>
    public bool IsHelperCall => IsCall && CallKind == CallKind.Helper;

    /// <summary>Whether this calls a BPF function.</summary>
    public bool IsFunctionCall => IsCall && CallKind == CallKind.Function;

    /// <summary>Whether this calls a kernel function.</summary>
    public bool IsKernelFunctionCall => IsCall && CallKind == CallKind.KernelFunction;

    /// <summary>Whether this is a call through a register (<c>callx</c>).</summary>
    public bool IsCallRegister => Opcode == 0x8d;

    /// <summary>Whether this is <c>exit</c>.</summary>
    public bool IsExit => Opcode == 0x95;

    /// <summary>Whether this jumps to a place that it names: every jump but calls, exit and jumps through a register.</summary>
    public bool IsBranch => IsJump && JumpOp is not (JumpOp.Call or JumpOp.Exit) && Opcode != 0x0d;

    /// <summary>Whether this is the long unconditional jump, whose offset is the immediate (<c>gotol</c>).</summary>
    public bool IsLongJump => Opcode == 0x06;

    /// <summary>Whether this takes the address of a BPF function.</summary>
    public bool IsLoadFunction => IsLoadImm64 && PseudoSource == PseudoSource.Function;

    /// <summary>Whether this loads a map, or an address inside a map's value.</summary>
    public bool IsLoadMap => IsLoadImm64 && PseudoSource is PseudoSource.MapFd or PseudoSource.MapValue or PseudoSource.MapIndex or PseudoSource.MapIndexValue;

    /// <summary>
    /// The distance of a branch, function call or function address in slots, counted from the next instruction
    /// (which, for the two-slot load, is the kernel's "slot after the first"); null for anything else.
    /// </summary>
    public int? BranchDistance =>
        IsLongJump || IsFunctionCall || IsLoadFunction ? (int)Constant : IsBranch ? Offset : null;

    /// <summary>The number of bytes touched by a load, store or atomic operation.</summary>
    public int SizeInBytes => Size switch { MemorySize.U8 => 1, MemorySize.U16 => 2, MemorySize.U32 => 4, _ => 8 };

    /// <summary>The name carried for what begins here; null without one.</summary>
    public string? Symbol => Metadata?.Symbol;

    /// <summary>The name of what this refers to; null without one.</summary>
    public string? Reference => Metadata?.Reference;

    /// <summary>The first generation of the instruction set that has this instruction.</summary>
    public IsaLevel Level => InstructionRules.LevelOf(this);

    /// <summary>This instruction, beginning the named function or label.</summary>
    public Instruction WithSymbol(string symbol) => this with { Metadata = (Metadata ?? Empty) with { Symbol = symbol } };

    /// <summary>This instruction, referring to something by name.</summary>
    public Instruction WithReference(string reference, ReferenceKind kind) =>
        this with { Metadata = (Metadata ?? Empty) with { Reference = reference, ReferenceKind = kind } };

    /// <summary>This instruction, coming from a place in source text.</summary>
    public Instruction WithSource(SourceLine? source) =>
        source is null && Metadata is null ? this : this with { Metadata = (Metadata ?? Empty) with { Source = source } };

    /// <summary>This instruction as the kernel's verifier log prints it, without the opcode in front.</summary>
    public override string ToString() => Disassembler.Format(this);

    private static readonly InstructionMetadata Empty = new();
}
