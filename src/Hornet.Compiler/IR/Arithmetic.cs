using System.Runtime.InteropServices;

namespace Hornet.Compiler.IR;

/// <summary>Arithmetic on two integers of one width. Results are cut to the width.</summary>
public enum BinaryOperator
{
    /// <summary>Addition.</summary>
    Add,
    /// <summary>Subtraction.</summary>
    Sub,
    /// <summary>Multiplication.</summary>
    Mul,
    /// <summary>Unsigned division; by zero gives 0.</summary>
    UDiv,
    /// <summary>Signed division towards zero; by zero gives 0, the least number by -1 gives itself.</summary>
    SDiv,
    /// <summary>Unsigned remainder; by zero gives the dividend.</summary>
    URem,
    /// <summary>Signed remainder with the dividend's sign; by zero gives the dividend.</summary>
    SRem,
    /// <summary>Bitwise and.</summary>
    And,
    /// <summary>Bitwise or.</summary>
    Or,
    /// <summary>Bitwise exclusive or.</summary>
    Xor,
    /// <summary>Left shift; the count is taken modulo the width.</summary>
    Shl,
    /// <summary>Right shift, filled with zeros; the count is taken modulo the width.</summary>
    LShr,
    /// <summary>Right shift, filled with the sign; the count is taken modulo the width.</summary>
    AShr,
}

/// <summary>Arithmetic on two integers.</summary>
public sealed class Binary : Instruction
{
    /// <summary>Makes the operation; both operands have the result's type.</summary>
    public Binary(BinaryOperator op, Value left, Value right) : base(left.Type, left, right) => Operator = op;

    /// <summary>The operation.</summary>
    public BinaryOperator Operator { get; }

    /// <summary>The first operand.</summary>
    public Value Left => OperandAt(0);

    /// <summary>The second operand.</summary>
    public Value Right => OperandAt(1);

    /// <summary>Whether the operands can change places.</summary>
    public bool IsCommutative => Operator is BinaryOperator.Add or BinaryOperator.Mul or BinaryOperator.And or BinaryOperator.Or or BinaryOperator.Xor;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new Binary(Operator, operands[0], operands[1]);
}

/// <summary><c>-x</c>.</summary>
public sealed class Negate : Instruction
{
    /// <summary>Makes the operation.</summary>
    public Negate(Value operand) : base(operand.Type, operand) { }

    /// <summary>What is negated.</summary>
    public Value Operand => OperandAt(0);

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new Negate(operands[0]);
}

/// <summary>How a conversion makes its result from the low bits of its operand.</summary>
public enum ConversionKind
{
    /// <summary>The low 32 bits, as 32 bits.</summary>
    Truncate,
    /// <summary>The low 8 bits, zero-extended.</summary>
    ZeroExtend8,
    /// <summary>The low 16 bits, zero-extended.</summary>
    ZeroExtend16,
    /// <summary>The low 32 bits, zero-extended to 64.</summary>
    ZeroExtend32,
    /// <summary>The low 8 bits, sign-extended.</summary>
    SignExtend8,
    /// <summary>The low 16 bits, sign-extended.</summary>
    SignExtend16,
    /// <summary>The low 32 bits, sign-extended to 64.</summary>
    SignExtend32,
    /// <summary>A pointer's address as a 64-bit number.</summary>
    PointerToInteger,
    /// <summary>A 64-bit number as an address of the result's region.</summary>
    IntegerToPointer,
    /// <summary>The same pointer, said to be of another region.</summary>
    Reinterpret,
}

/// <summary>A change of width, or between pointer and number.</summary>
public sealed class Conversion : Instruction
{
    /// <summary>Makes a conversion to a type.</summary>
    public Conversion(ConversionKind kind, Value operand, IrType type) : base(type, operand) => Kind = kind;

    /// <summary>How.</summary>
    public ConversionKind Kind { get; }

    /// <summary>What is converted.</summary>
    public Value Operand => OperandAt(0);

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new Conversion(Kind, operands[0], Type);
}

/// <summary>Reverses the order of the low 2, 4 or 8 bytes; what is above becomes zero.</summary>
public sealed class ByteSwap : Instruction
{
    /// <summary>Makes the operation on 16, 32 or 64 bits.</summary>
    public ByteSwap(int bits, Value operand) : base(operand.Type, operand) => Bits = bits;

    /// <summary>16, 32 or 64.</summary>
    public int Bits { get; }

    /// <summary>What is swapped.</summary>
    public Value Operand => OperandAt(0);

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new ByteSwap(Bits, operands[0]);
}

/// <summary>How two values compare.</summary>
public enum Predicate
{
    /// <summary>Equal.</summary>
    Equal,
    /// <summary>Not equal.</summary>
    NotEqual,
    /// <summary>Less, unsigned.</summary>
    Below,
    /// <summary>Less or equal, unsigned.</summary>
    BelowOrEqual,
    /// <summary>Greater, unsigned.</summary>
    Above,
    /// <summary>Greater or equal, unsigned.</summary>
    AboveOrEqual,
    /// <summary>Less, signed.</summary>
    Less,
    /// <summary>Less or equal, signed.</summary>
    LessOrEqual,
    /// <summary>Greater, signed.</summary>
    Greater,
    /// <summary>Greater or equal, signed.</summary>
    GreaterOrEqual,
}

/// <summary>Facts about predicates.</summary>
public static class Predicates
{
    /// <summary>The predicate that holds exactly when this one does not.</summary>
    public static Predicate Negated(this Predicate predicate) => predicate switch
    {
        Predicate.Equal => Predicate.NotEqual,
        Predicate.NotEqual => Predicate.Equal,
        Predicate.Below => Predicate.AboveOrEqual,
        Predicate.BelowOrEqual => Predicate.Above,
        Predicate.Above => Predicate.BelowOrEqual,
        Predicate.AboveOrEqual => Predicate.Below,
        Predicate.Less => Predicate.GreaterOrEqual,
        Predicate.LessOrEqual => Predicate.Greater,
        Predicate.Greater => Predicate.LessOrEqual,
        _ => Predicate.Less,
    };

    /// <summary>The predicate for the operands in the other order.</summary>
    public static Predicate Swapped(this Predicate predicate) => predicate switch
    {
        Predicate.Below => Predicate.Above,
        Predicate.BelowOrEqual => Predicate.AboveOrEqual,
        Predicate.Above => Predicate.Below,
        Predicate.AboveOrEqual => Predicate.BelowOrEqual,
        Predicate.Less => Predicate.Greater,
        Predicate.LessOrEqual => Predicate.GreaterOrEqual,
        Predicate.Greater => Predicate.Less,
        Predicate.GreaterOrEqual => Predicate.LessOrEqual,
        _ => predicate,
    };

    /// <summary>Whether it compares as signed numbers.</summary>
    public static bool IsSigned(this Predicate predicate) => predicate >= Predicate.Less;

    /// <summary>Whether it holds for two numbers of a width.</summary>
    public static bool Holds(this Predicate predicate, long left, long right, int bits)
    {
        ulong a = bits == 32 ? (uint)left : (ulong)left, b = bits == 32 ? (uint)right : (ulong)right;
        long c = bits == 32 ? (int)left : left, d = bits == 32 ? (int)right : right;
        return predicate switch
        {
            Predicate.Equal => a == b,
            Predicate.NotEqual => a != b,
            Predicate.Below => a < b,
            Predicate.BelowOrEqual => a <= b,
            Predicate.Above => a > b,
            Predicate.AboveOrEqual => a >= b,
            Predicate.Less => c < d,
            Predicate.LessOrEqual => c <= d,
            Predicate.Greater => c > d,
            _ => c >= d,
        };
    }
}

/// <summary>A comparison: 1 or 0, 32 bits wide. Pointers compare with null, with each other, and with the packet's end.</summary>
public sealed class Compare : Instruction
{
    /// <summary>Makes a comparison of two values of one type.</summary>
    public Compare(Predicate predicate, Value left, Value right) : base(IrType.I32, left, right) => Predicate = predicate;

    /// <summary>How they compare.</summary>
    public Predicate Predicate { get; }

    /// <summary>The first operand.</summary>
    public Value Left => OperandAt(0);

    /// <summary>The second operand.</summary>
    public Value Right => OperandAt(1);

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new Compare(Predicate, operands[0], operands[1]);
}

/// <summary>The value that belongs to the edge a block was entered by: one for each predecessor.</summary>
public sealed class Phi : Instruction
{
    private readonly List<BasicBlock> _blocks = [];

    /// <summary>Makes a phi without values.</summary>
    public Phi(IrType type) : base(type) { }

    /// <summary>The predecessors, in the order of the operands.</summary>
    public IReadOnlyList<BasicBlock> IncomingBlocks => _blocks;

    /// <summary>The same for passes: without an interface in between.</summary>
    internal ReadOnlySpan<BasicBlock> IncomingSpan => CollectionsMarshal.AsSpan(_blocks);

    /// <summary>Adds the value for a predecessor.</summary>
    public void AddIncoming(BasicBlock block, Value value)
    {
        ArgumentNullException.ThrowIfNull(block);
        _blocks.Add(block);
        AddOperand(value);
    }

    /// <summary>The value for a predecessor; null when there is none.</summary>
    public Value? ValueFor(BasicBlock block)
    {
        int at = _blocks.IndexOf(block);
        return at < 0 ? null : Operands[at];
    }

    /// <summary>Forgets a predecessor.</summary>
    public void RemoveIncoming(BasicBlock block)
    {
        int at = _blocks.IndexOf(block);
        if (at < 0) return;
        _blocks.RemoveAt(at);
        RemoveOperandAt(at);
    }

    /// <summary>Says that a value comes from another block than before.</summary>
    public void ReplaceIncomingBlock(BasicBlock old, BasicBlock block)
    {
        int at = _blocks.IndexOf(old);
        if (at >= 0) _blocks[at] = block;
    }

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands)
    {
        Phi copy = new(Type);
        for (int i = 0; i < operands.Length; i++) copy.AddIncoming(_blocks[i], operands[i]);
        return copy;
    }
}
