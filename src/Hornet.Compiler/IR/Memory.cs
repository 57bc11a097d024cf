namespace Hornet.Compiler.IR;

/// <summary>
/// A piece of the stack, as long as the function runs. Each execution fills it with zeros first unless it is marked
/// <see cref="Uninitialized"/>; then it must be written before it is read.
/// </summary>
public sealed class Alloca : Instruction
{
    /// <summary>Makes a piece of stack.</summary>
    public Alloca(int size, int align = 8, bool uninitialized = false) : base(IrType.Pointer(Region.Stack))
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (align is not (1 or 2 or 4 or 8)) throw new ArgumentOutOfRangeException(nameof(align), align, "Alignments are 1, 2, 4 or 8.");
        Size = size;
        Align = align;
        Uninitialized = uninitialized;
    }

    /// <summary>Bytes.</summary>
    public int Size { get; internal set; }

    /// <summary>The alignment in bytes.</summary>
    public int Align { get; }

    /// <summary>Whether it is left as it is found.</summary>
    public bool Uninitialized { get; set; }

    /// <inheritdoc/>
    public override bool ReadsMemory => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new Alloca(Size, Align, Uninitialized);
}

/// <summary>Reads memory at a pointer and a constant offset.</summary>
public sealed class Load : Instruction
{
    /// <summary>Makes a load. A pointer can be loaded with the width of 8 bytes, or of 4 from a context that holds addresses so.</summary>
    public Load(Value pointer, int offset, MemoryWidth width, IrType type, bool isVolatile = false) : base(type, pointer)
    {
        Offset = offset;
        Width = width;
        IsVolatile = isVolatile;
    }

    /// <summary>The pointer.</summary>
    public Value Pointer => OperandAt(0);

    /// <summary>Bytes from the pointer.</summary>
    public int Offset { get; }

    /// <summary>How many bytes, and how they are widened.</summary>
    public MemoryWidth Width { get; }

    /// <summary>Whether it must happen exactly as written.</summary>
    public bool IsVolatile { get; }

    /// <inheritdoc/>
    public override bool HasSideEffects => IsVolatile;

    /// <inheritdoc/>
    public override bool ReadsMemory => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new Load(operands[0], Offset, Width, Type, IsVolatile);
}

/// <summary>Writes the low bytes of a value at a pointer and a constant offset.</summary>
public sealed class Store : Instruction
{
    /// <summary>Makes a store.</summary>
    public Store(Value pointer, int offset, MemoryWidth width, Value value, bool isVolatile = false) : base(IrType.Void, pointer, value)
    {
        Offset = offset;
        Width = width;
        IsVolatile = isVolatile;
    }

    /// <summary>The pointer.</summary>
    public Value Pointer => OperandAt(0);

    /// <summary>What is written.</summary>
    public Value Value => OperandAt(1);

    /// <summary>Bytes from the pointer.</summary>
    public int Offset { get; }

    /// <summary>How many bytes.</summary>
    public MemoryWidth Width { get; }

    /// <summary>Whether it must happen exactly as written.</summary>
    public bool IsVolatile { get; }

    /// <inheritdoc/>
    public override bool HasSideEffects => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new Store(operands[0], Offset, Width, operands[1], IsVolatile);
}

/// <summary>A pointer so many bytes further: the only arithmetic on pointers.</summary>
public sealed class PointerAdd : Instruction
{
    /// <summary>Makes the sum of a pointer and a 64-bit number of bytes.</summary>
    public PointerAdd(Value pointer, Value bytes) : base(pointer.Type, pointer, bytes) { }

    /// <summary>The pointer.</summary>
    public Value Pointer => OperandAt(0);

    /// <summary>The number of bytes, 64 bits wide.</summary>
    public Value Bytes => OperandAt(1);

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new PointerAdd(operands[0], operands[1]);
}

/// <summary>What an atomic operation does to memory.</summary>
public enum AtomicOperator
{
    /// <summary>Adds.</summary>
    Add,
    /// <summary>Bitwise and (kernel 5.12).</summary>
    And,
    /// <summary>Bitwise or (kernel 5.12).</summary>
    Or,
    /// <summary>Bitwise exclusive or (kernel 5.12).</summary>
    Xor,
    /// <summary>Puts the operand in the memory's place (kernel 5.12).</summary>
    Exchange,
}

/// <summary>Reads, changes and writes memory as one step; the value is what was there before, when asked for.</summary>
public sealed class AtomicReadModifyWrite : Instruction
{
    /// <summary>Makes the operation on 4 or 8 bytes; the operand has that width.</summary>
    public AtomicReadModifyWrite(AtomicOperator op, Value pointer, int offset, Value value, bool fetch)
        : base(fetch || op == AtomicOperator.Exchange ? value.Type : IrType.Void, pointer, value)
    {
        Operator = op;
        Offset = offset;
    }

    /// <summary>The operation.</summary>
    public AtomicOperator Operator { get; }

    /// <summary>The pointer.</summary>
    public Value Pointer => OperandAt(0);

    /// <summary>The operand.</summary>
    public Value Value => OperandAt(1);

    /// <summary>Bytes from the pointer.</summary>
    public int Offset { get; }

    /// <summary>Whether the old value is asked for (kernel 5.12).</summary>
    public bool Fetches => !Type.IsVoid;

    /// <inheritdoc/>
    public override bool HasSideEffects => true;

    /// <inheritdoc/>
    public override bool ReadsMemory => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new AtomicReadModifyWrite(Operator, operands[0], Offset, operands[1], Fetches);
}

/// <summary>Writes a value where an expected one is, as one step; the value is what was there before (kernel 5.12).</summary>
public sealed class CompareExchange : Instruction
{
    /// <summary>Makes the operation on 4 or 8 bytes, by the type of the values.</summary>
    public CompareExchange(Value pointer, int offset, Value expected, Value value) : base(value.Type, pointer, expected, value) => Offset = offset;

    /// <summary>The pointer.</summary>
    public Value Pointer => OperandAt(0);

    /// <summary>What must be there.</summary>
    public Value Expected => OperandAt(1);

    /// <summary>What is written then.</summary>
    public Value Value => OperandAt(2);

    /// <summary>Bytes from the pointer.</summary>
    public int Offset { get; }

    /// <inheritdoc/>
    public override bool HasSideEffects => true;

    /// <inheritdoc/>
    public override bool ReadsMemory => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new CompareExchange(operands[0], Offset, operands[1], operands[2]);
}

/// <summary>Copies a constant number of bytes between places that do not overlap.</summary>
public sealed class MemoryCopy : Instruction
{
    /// <summary>Makes the copy. <paramref name="align"/> is what is known of both addresses.</summary>
    public MemoryCopy(Value destination, Value source, int size, int align = 8) : base(IrType.Void, destination, source)
    {
        Size = size;
        Align = align;
    }

    /// <summary>Where to.</summary>
    public Value Destination => OperandAt(0);

    /// <summary>Where from.</summary>
    public Value Source => OperandAt(1);

    /// <summary>Bytes.</summary>
    public int Size { get; }

    /// <summary>What both addresses are a multiple of.</summary>
    public int Align { get; }

    /// <inheritdoc/>
    public override bool HasSideEffects => true;

    /// <inheritdoc/>
    public override bool ReadsMemory => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new MemoryCopy(operands[0], operands[1], Size, Align);
}

/// <summary>Fills a constant number of bytes with the low byte of a 32-bit value.</summary>
public sealed class MemorySet : Instruction
{
    /// <summary>Makes the filling. <paramref name="align"/> is what is known of the address.</summary>
    public MemorySet(Value destination, Value filler, int size, int align = 8) : base(IrType.Void, destination, filler)
    {
        Size = size;
        Align = align;
    }

    /// <summary>Where.</summary>
    public Value Destination => OperandAt(0);

    /// <summary>With what, 32 bits wide.</summary>
    public Value Filler => OperandAt(1);

    /// <summary>Bytes.</summary>
    public int Size { get; }

    /// <summary>What the address is a multiple of.</summary>
    public int Align { get; }

    /// <inheritdoc/>
    public override bool HasSideEffects => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new MemorySet(operands[0], operands[1], Size, Align);
}
