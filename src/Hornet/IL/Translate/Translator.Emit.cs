using Hornet.Compiler.IR;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Translate;

// Making IR at the end of the current block. What is known now is computed now: that is the partial evaluation.
internal sealed partial class Translator
{
    /// <summary>Appends an instruction to the current block.</summary>
    public T Emit<T>(T instruction) where T : Instruction
    {
        instruction.Location = Location;
        if (++_emitted > MostInstructions) throw new TranslationLimitException();
        return _before is null ? Current!.Ir.Append(instruction) : Current!.Ir.InsertBefore(_before, instruction);
    }

    public static Value Number(long value) => Constant.Int64(value);

    public static Value Number32(int value) => Constant.Int32(value);

    public static bool IsKnown(Value value, out long number)
    {
        number = value is Constant { IsNull: false } constant ? constant.Number : 0;
        return value is Constant { IsNull: false };
    }

    public Value Arithmetic(BinaryOperator op, Value left, Value right)
    {
        if (left.Type != right.Type) throw new InvalidOperationException($"{op} of {left.Type} and {right.Type}");
        bool leftKnown = IsKnown(left, out long a), rightKnown = IsKnown(right, out long b);
        if (leftKnown && rightKnown) return Constant.Of(left.Type, ConstantFolding.Fold(op, a, b, left.Type.Bits));
        bool keepsLeft = op is BinaryOperator.Add or BinaryOperator.Sub or BinaryOperator.Or or BinaryOperator.Xor or BinaryOperator.Shl or BinaryOperator.LShr or BinaryOperator.AShr;
        if (rightKnown && b == 0 && keepsLeft) return left;
        if (rightKnown && b == 1 && (op is BinaryOperator.Mul or BinaryOperator.UDiv or BinaryOperator.SDiv)) return left;
        if (leftKnown && a == 0 && op == BinaryOperator.Add) return right;
        return Emit(new Binary(op, left, right));
    }

    public Value Comparison(Predicate predicate, Value left, Value right)
    {
        if (left is Constant a && right is Constant b && left.Type == right.Type)
            return Constant.Boolean(predicate.Holds(a.Number, b.Number, left.Type.IsPointer ? 64 : left.Type.Bits));
        if (ReferenceEquals(left, right) && left.Type.IsInteger)
            return Constant.Boolean(predicate is Predicate.Equal or Predicate.BelowOrEqual or Predicate.AboveOrEqual or Predicate.LessOrEqual or Predicate.GreaterOrEqual);
        // (a < b) != 0 is a < b, and (a < b) == 0 is a >= b: what Debug IL and negations are made of.
        if (left is Compiler.IR.Compare inner && right is Constant { Number: 0, IsNull: false })
        {
            if (predicate is Predicate.NotEqual or Predicate.Above) return inner;
            if (predicate == Predicate.Equal) return Comparison(inner.Predicate.Negated(), inner.Left, inner.Right);
        }
        return Emit(new Compiler.IR.Compare(predicate, left, right));
    }

    public Value Convert(ConversionKind kind, Value value)
    {
        var type = kind switch
        {
            ConversionKind.Truncate => IrType.I32,
            ConversionKind.ZeroExtend32 or ConversionKind.SignExtend32 => IrType.I64,
            _ => value.Type,
        };
        if (IsKnown(value, out long number)) return Constant.Of(type, ConstantFolding.Fold(kind, number)!.Value);
        if (kind == ConversionKind.Truncate && value is Conversion { Kind: ConversionKind.ZeroExtend32 or ConversionKind.SignExtend32 } widened) return widened.Operand;
        if (value is Load load && kind == Widening(load.Width)) return value;
        return Emit(new Conversion(kind, value, type));
    }

    private static ConversionKind? Widening(MemoryWidth width) => width switch
    {
        MemoryWidth.U8 => ConversionKind.ZeroExtend8,
        MemoryWidth.I8 => ConversionKind.SignExtend8,
        MemoryWidth.U16 => ConversionKind.ZeroExtend16,
        MemoryWidth.I16 => ConversionKind.SignExtend16,
        _ => null,
    };

    /// <summary>A 32-bit value as 64 bits; a 64-bit one as it is.</summary>
    public Value Widen(Value value, bool signed) =>
        value.Type == IrType.I64 ? value : Convert(signed ? ConversionKind.SignExtend32 : ConversionKind.ZeroExtend32, value);

    /// <summary>A value as 32 bits.</summary>
    public Value Narrow(Value value) => value.Type == IrType.I32 ? value : Convert(ConversionKind.Truncate, value);

    public Value Swap(int bits, Value value)
    {
        return IsKnown(value, out long number) ? Constant.Of(value.Type, ConstantFolding.FoldByteSwap(bits, number)) : Emit(new ByteSwap(bits, value));
    }

    /// <summary>The address a pointer stands for, as one IR value.</summary>
    public Value AddressOf(Pointer pointer)
    {
        pointer = Indexed(pointer);
        return pointer.Offset == 0 ? pointer.Base : Emit(new PointerAdd(pointer.Base, Number(pointer.Offset)));
    }

    /// <summary>A pointer whose variable part is added.</summary>
    public Pointer Indexed(Pointer pointer) =>
        pointer.Index is { } index ? new Pointer(Emit(new PointerAdd(pointer.Base, index)), pointer.Offset) : pointer;

    /// <summary>A pointer so many bytes further.</summary>
    public Pointer Advance(Pointer pointer, Value bytes)
    {
        if (IsKnown(bytes, out long number) && (int)(pointer.Offset + number) == pointer.Offset + number) return pointer with { Offset = (int)(pointer.Offset + number) };
        return pointer with { Index = pointer.Index is { } index ? Arithmetic(BinaryOperator.Add, index, bytes) : bytes };
    }

    /// <summary>A piece of the stack that lives as long as the function.</summary>
    public Value NewSlot(int size, int align, bool uninitialized)
    {
        // In the entry block, so that a slot in a loop is one slot.
        var slot = new Alloca(Math.Max(size, 1), align, uninitialized) { Location = Location };
        return Scope.Entry.Ir.Insert(Scope.Slots++, slot);
    }

    public Value Call(BpfHelper helper, IrType type, params ReadOnlySpan<Value> arguments) => Emit(new HelperCall(helper, type, arguments));

    /// <summary>Goes on in a new block that only the current one goes to, leaving the program when the condition holds.</summary>
    public void LeaveProgramIf(Value condition)
    {
        if (IsKnown(condition, out long number))
        {
            if (number == 0) return;
            Goto(Fault());
            Current = null;
            return;
        }
        var next = NewBlock("checked");
        BranchTo(condition, Fault(), next);
        Enter(next);
    }

    /// <summary>Two ways and where they meet again.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="then">What to do when it holds; its value.</param>
    /// <param name="otherwise">What to do when it does not; its value.</param>
    public ILValue Choose(Value condition, Func<ILValue> then, Func<ILValue> otherwise)
    {
        if (IsKnown(condition, out long number)) return number != 0 ? then() : otherwise();
        FlowBlock yes = NewBlock("then"), no = NewBlock("else"), end = NewBlock("end");
        BranchTo(condition, yes, no);
        Enter(yes);
        ILValue first = then();
        if (Current is not null) Goto(end, [first]);
        Enter(no);
        ILValue second = otherwise();
        if (Current is not null) Goto(end, [second]);
        if (end.Predecessors.Count == 0)
        {
            Current = null;
            return ErrorValue.Instance;
        }
        return Enter(end)[0];
    }
}
