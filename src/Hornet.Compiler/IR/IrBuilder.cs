using Hornet.Isa;

namespace Hornet.Compiler.IR;

/// <summary>Appends instructions to a block, each with the current location. What is constant is folded at once.</summary>
public sealed class IrBuilder
{
    /// <summary>Begins at the end of a block.</summary>
    public IrBuilder(BasicBlock block) => Block = block;

    /// <summary>The block that is appended to.</summary>
    public BasicBlock Block { get; set; }

    /// <summary>Where the next instructions come from.</summary>
    public SourceLocation? Location { get; set; }

    /// <summary>The function of the block.</summary>
    public IrFunction Function => Block.Function;

    /// <summary>Appends any instruction.</summary>
    public T Append<T>(T instruction) where T : Instruction
    {
        ArgumentNullException.ThrowIfNull(instruction);
        instruction.Location ??= Location;
        return Block.Append(instruction);
    }

    /// <summary>Arithmetic.</summary>
    public Value Binary(BinaryOperator op, Value left, Value right) =>
        left is Constant a && right is Constant b ? Constant.Of(a.Type, ConstantFolding.Fold(op, a.Number, b.Number, a.Type.Bits)) : Append(new Binary(op, left, right));

    /// <summary>Addition.</summary>
    public Value Add(Value left, Value right) => Binary(BinaryOperator.Add, left, right);

    /// <summary>Subtraction.</summary>
    public Value Sub(Value left, Value right) => Binary(BinaryOperator.Sub, left, right);

    /// <summary>Negation.</summary>
    public Value Negate(Value operand) => operand is Constant c ? Constant.Of(c.Type, unchecked(-c.Number)) : Append(new Negate(operand));

    /// <summary>A conversion.</summary>
    public Value Convert(ConversionKind kind, Value operand, IrType type) =>
        operand is Constant { IsNull: false } c && ConstantFolding.Fold(kind, c.Number) is { } number && type.IsInteger
            ? Constant.Of(type, number)
            : Append(new Conversion(kind, operand, type));

    /// <summary>Reverses bytes.</summary>
    public Value ByteSwap(int bits, Value operand) =>
        operand is Constant c ? Constant.Of(c.Type, ConstantFolding.FoldByteSwap(bits, c.Number)) : Append(new ByteSwap(bits, operand));

    /// <summary>A comparison.</summary>
    public Value Compare(Predicate predicate, Value left, Value right) =>
        left is Constant a && right is Constant b ? Constant.Boolean(predicate.Holds(a.Number, b.Number, a.Type.Bits)) : Append(new Compare(predicate, left, right));

    /// <summary>A phi, to be given its values.</summary>
    public Phi Phi(IrType type) => Append(new Phi(type));

    /// <summary>A piece of the stack.</summary>
    public Alloca Alloca(int size, int align = 8, bool uninitialized = false) => Append(new Alloca(size, align, uninitialized));

    /// <summary>A load.</summary>
    public Load Load(Value pointer, int offset, MemoryWidth width, IrType type, bool isVolatile = false) => Append(new Load(pointer, offset, width, type, isVolatile));

    /// <summary>A store.</summary>
    public Store Store(Value pointer, int offset, MemoryWidth width, Value value, bool isVolatile = false) => Append(new Store(pointer, offset, width, value, isVolatile));

    /// <summary>A pointer so many bytes further.</summary>
    public Value PointerAdd(Value pointer, Value bytes) => bytes is Constant { Number: 0 } ? pointer : Append(new PointerAdd(pointer, bytes));

    /// <summary>A pointer so many bytes further.</summary>
    public Value PointerAdd(Value pointer, long bytes) => PointerAdd(pointer, Constant.Int64(bytes));

    /// <summary>A map as helpers take it.</summary>
    public MapReference MapReference(MapSymbol map) => Append(new MapReference(map));

    /// <summary>A place in global data.</summary>
    public GlobalReference GlobalReference(MapSymbol map, int offset = 0) => Append(new GlobalReference(map, offset));

    /// <summary>A call of a helper.</summary>
    public HelperCall Helper(BpfHelper helper, IrType type, params ReadOnlySpan<Value> arguments) => Append(new HelperCall(helper, type, arguments));

    /// <summary>A call of a function of the module.</summary>
    public Call Call(IrFunction function, params ReadOnlySpan<Value> arguments) => Append(new Call(function, arguments));

    /// <summary>Ends the block with a jump.</summary>
    public void Jump(BasicBlock target) => Append(new Jump(target));

    /// <summary>Ends the block with a branch.</summary>
    public void Branch(Value condition, BasicBlock then, BasicBlock @else) => Append(new Branch(condition, then, @else));

    /// <summary>Ends the block with a switch.</summary>
    public void Switch(Value value, ReadOnlySpan<(long Case, BasicBlock Target)> cases, BasicBlock @default) => Append(new Switch(value, cases, @default));

    /// <summary>Ends the block with a return.</summary>
    public void Return(Value? value = null) => Append(new Return(value));
}
