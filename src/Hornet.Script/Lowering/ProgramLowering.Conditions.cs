using Hornet.Compiler.IR;
using Hornet.Script.Binding;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

internal sealed partial class ProgramLowering
{
    /// <summary>An expression as a truth value of 32 bits.</summary>
    private Value Condition(BoundExpression expression)
    {
        if (expression is BoundComparison comparison && IsNumber(comparison.Left.Type)) return Compare(comparison);
        if (!IsBranching(expression)) return IsNotZero(Scalar(expression));
        BasicBlock yes = NewBlock("true"), no = NewBlock("false"), end = NewBlock("truth");
        BranchOn(expression, yes, no);
        B.Block = yes;
        B.Jump(end);
        B.Block = no;
        B.Jump(end);
        B.Block = end;
        var phi = B.Phi(IrType.I32);
        phi.AddIncoming(yes, Truth(true));
        phi.AddIncoming(no, Truth(false));
        return phi;
    }

    private static bool IsBranching(BoundExpression expression) => expression is BoundComparison or BoundLogical or BoundUnary { Operator: BoundUnaryOperator.Not }
        or BoundConversion { Kind: BoundConversionKind.ToBoolean } or BoundCall { Intrinsic: BoundIntrinsic.TextEqual };

    /// <summary>Goes one way when an expression holds and another when it does not.</summary>
    private void BranchOn(BoundExpression expression, BasicBlock yes, BasicBlock no)
    {
        var before = B.Location;
        At(expression.Span);
        switch (expression)
        {
            case BoundLogical logical:
                var second = NewBlock("second");
                if (logical.IsAnd) BranchOn(logical.Left, second, no);
                else BranchOn(logical.Left, yes, second);
                B.Block = second;
                BranchOn(logical.Right, yes, no);
                break;
            case BoundUnary { Operator: BoundUnaryOperator.Not } not:
                BranchOn(not.Operand, no, yes);
                break;
            case BoundConversion { Kind: BoundConversionKind.ToBoolean } conversion when !IsNumber(conversion.Operand.Type):
                // Of a text: whether it has a first character.
                var text = Locate(conversion.Operand, false);
                B.Branch(IsNotZero(Load(text, IntegerType.UInt8)), yes, no);
                break;
            case BoundConversion { Kind: BoundConversionKind.ToBoolean } conversion:
                BranchOn(conversion.Operand, yes, no);
                break;
            case BoundComparison { Left.Type: StringType } comparison:
                bool equal = comparison.Operator == BoundComparisonOperator.Equal;
                BranchOnTexts(comparison.Left, comparison.Right, int.MaxValue, equal ? yes : no, equal ? no : yes);
                break;
            case BoundComparison comparison when !IsNumber(comparison.Left.Type):
                bool same = comparison.Operator == BoundComparisonOperator.Equal;
                BranchOnBytes(comparison, same ? yes : no, same ? no : yes);
                break;
            case BoundCall { Intrinsic: BoundIntrinsic.TextEqual } call:
                BranchOnTexts(call.Arguments[0], call.Arguments[1], (int)Math.Min(call.Number, int.MaxValue), yes, no);
                break;
            default:
                B.Branch(Condition(expression), yes, no);
                break;
        }
        B.Location = before;
    }

    private Value Compare(BoundComparison comparison)
    {
        bool isSigned = IsSigned(comparison.Left.Type);
        var predicate = comparison.Operator switch
        {
            BoundComparisonOperator.Equal => Predicate.Equal,
            BoundComparisonOperator.NotEqual => Predicate.NotEqual,
            BoundComparisonOperator.Less => isSigned ? Predicate.Less : Predicate.Below,
            BoundComparisonOperator.LessOrEqual => isSigned ? Predicate.LessOrEqual : Predicate.BelowOrEqual,
            BoundComparisonOperator.Greater => isSigned ? Predicate.Greater : Predicate.Above,
            _ => isSigned ? Predicate.GreaterOrEqual : Predicate.AboveOrEqual,
        };
        Value left = Scalar(comparison.Left), right = Scalar(comparison.Right);
        return B.Compare(predicate, left, right);
    }

    // Words side by side, from the first on; the whole of both is defined.
    private void BranchOnBytes(BoundComparison comparison, BasicBlock equal, BasicBlock different)
    {
        int size = Math.Min(comparison.Left.Type.Size, comparison.Right.Type.Size);
        var left = Direct(Locate(comparison.Left, true), comparison.Left.Type, size);
        var right = Direct(Locate(comparison.Right, true), comparison.Right.Type, size);
        CompareWords(left, right, size, equal, different);
    }

    /// <summary>Memory that can be read directly: what is elsewhere is copied first.</summary>
    private MemoryPlace Direct(Place place, ScriptType type, int size)
    {
        return place is MemoryPlace memory && memory.Pointer.Type.Region.Kind != RegionKind.Context ? memory : CopyOf(place, type, size);
    }

    private MemoryPlace CopyOf(Place place, ScriptType type, int size)
    {
        var copy = _frame.Take(size);
        Copy(place, type, copy, 0, 8, true);
        return new MemoryPlace(copy, 0, 8, true);
    }

    // Up to this many words are compared in a row, more by a loop.
    private const int InlineWords = 16;

    private void CompareWords(MemoryPlace left, MemoryPlace right, int size, BasicBlock equal, BasicBlock different)
    {
        int align = Math.Min(8, Math.Min(left.Align, right.Align));
        int at = 0;
        if (size / align > InlineWords)
        {
            int whole = size / align * align;
            var (start, next, rest) = (B.Block, NewBlock("compare"), NewBlock("compared"));
            B.Jump(next);
            B.Block = next;
            var index = B.Phi(IrType.I64);
            index.AddIncoming(start, Number(0));
            var (x, y) = (Word(left, index, align), Word(right, index, align));
            var step = NewBlock("equal_so_far");
            B.Branch(B.Compare(Predicate.Equal, x, y), step, different);
            B.Block = step;
            var following = B.Add(index, Number(align));
            index.AddIncoming(step, following);
            B.Branch(B.Compare(Predicate.Below, following, Number(whole)), next, rest);
            B.Block = rest;
            at = whole;
        }
        while (at < size)
        {
            int width = align;
            while (width > size - at) width /= 2;
            var same = B.Compare(Predicate.Equal, B.Load(left.Pointer, left.Offset + at, MemoryWidths.Unsigned(width), IrType.I64), B.Load(right.Pointer, right.Offset + at, MemoryWidths.Unsigned(width), IrType.I64));
            at += width;
            var next = NewBlock("same");
            B.Branch(same, next, different);
            B.Block = next;
        }
        B.Jump(equal);
    }

    private Load Word(MemoryPlace place, Value index, int align) => B.Load(B.PointerAdd(place.Pointer, index), place.Offset, MemoryWidths.Unsigned(align), IrType.I64);
}
