using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

internal abstract partial class Body
{
    private static string Sign(BinarySyntaxOperator op) => op switch
    {
        BinarySyntaxOperator.Add => "+",
        BinarySyntaxOperator.Subtract => "-",
        BinarySyntaxOperator.Multiply => "*",
        BinarySyntaxOperator.Divide => "/",
        BinarySyntaxOperator.Remainder => "%",
        BinarySyntaxOperator.And => "&",
        BinarySyntaxOperator.Or => "|",
        BinarySyntaxOperator.Xor => "^",
        BinarySyntaxOperator.ShiftLeft => "<<",
        BinarySyntaxOperator.ShiftRight => ">>",
        BinarySyntaxOperator.Equal => "==",
        BinarySyntaxOperator.NotEqual => "!=",
        BinarySyntaxOperator.Less => "<",
        BinarySyntaxOperator.LessOrEqual => "<=",
        BinarySyntaxOperator.Greater => ">",
        BinarySyntaxOperator.GreaterOrEqual => ">=",
        BinarySyntaxOperator.LogicalAnd => "&&",
        _ => "||",
    };

    private static bool IsLogical(BinarySyntaxOperator op) => op is BinarySyntaxOperator.LogicalAnd or BinarySyntaxOperator.LogicalOr;

    private static BoundComparisonOperator? Comparison(BinarySyntaxOperator op) => op is >= BinarySyntaxOperator.Equal and <= BinarySyntaxOperator.GreaterOrEqual
        ? (BoundComparisonOperator)(op - BinarySyntaxOperator.Equal) : null;

    private static BoundBinaryOperator Arithmetic(BinarySyntaxOperator op) => (BoundBinaryOperator)op;

    private BoundExpression MakeBinary(SourceSpan span, BinarySyntaxOperator op, BoundExpression left, BoundExpression right)
    {
        var comparison = Comparison(op);
        if (!Known(left) || !Known(right)) return comparison is not null || IsLogical(op) ? new BoundUnknown(span) { Type = BooleanType.Instance } : new BoundUnknown(span);
        if (Fold(span, op, comparison, left, right) is { } folded) return folded;

        var (l, r) = (left.Type, right.Type);
        if (l is PointerType || r is PointerType) return MakePointerOperation(span, op, comparison, left, right);
        if (TypeRules.IsNumber(l) && TypeRules.IsNumber(r))
        {
            if (IsLogical(op)) return new BoundLogical(span, op == BinarySyntaxOperator.LogicalAnd, AsBoolean(left), AsBoolean(right));
            if (comparison is { } compare) return MakeComparison(span, compare, left, right);
            return MakeArithmetic(span, op, left, right);
        }
        if (l is ArrayType a && r is ArrayType b)
        {
            if (comparison is not (BoundComparisonOperator.Equal or BoundComparisonOperator.NotEqual)) Error(span, $"The {Sign(op)} operator cannot be used on arrays.");
            else if (a.Count != b.Count) Error(span, "Only arrays of same size support comparison operators.");
            else if (!TypeRules.IsInteger(a.Element) || !a.Equals(b)) Error(span, "Only arrays of same sized integer support comparison operators.");
            else return new BoundComparison(span, comparison.Value, left, right);
            return new BoundUnknown(span) { Type = BooleanType.Instance };
        }
        if (!TypeRules.IsCompatible(l, r))
        {
            var error = Error(span, $"Type mismatch for '{Sign(op)}': comparing {l} with {r}",
                (l is StringType && TypeRules.IsNumber(r)) || (r is StringType && TypeRules.IsNumber(l)) ? "The text at an address is str(address)." : null);
            error.Context.InsertRange(0, [(left.Span, $"left ({l})"), (right.Span, $"right ({r})")]);
            return new BoundUnknown(span);
        }
        if (comparison is not (BoundComparisonOperator.Equal or BoundComparisonOperator.NotEqual))
        {
            Error(span, $"The {Sign(op)} operator can not be used on expressions of types {l}, {r}");
            return new BoundUnknown(span);
        }
        // Texts are compared up to their ends; everything else as one type.
        if (l is StringType) return new BoundComparison(span, comparison.Value, left, right);
        if (TypeRules.Promote(l, r) is not { } both || Convert(left, both) is not { } x || Convert(right, both) is not { } y)
        {
            Error(span, $"Type mismatch for '{Sign(op)}': comparing {l} with {r}");
            return new BoundUnknown(span);
        }
        return new BoundComparison(span, comparison.Value, x, y);
    }

    private BoundExpression MakeComparison(SourceSpan span, BoundComparisonOperator op, BoundExpression left, BoundExpression right)
    {
        if (left.Type is BooleanType && right.Type is BooleanType) return new BoundComparison(span, op, left, right);
        if (left.Type is BooleanType || right.Type is BooleanType) return new BoundComparison(span, op, AsInteger(left, IntegerType.Int64), AsInteger(right, IntegerType.Int64));
        var (l, r) = (Number(left), Number(right));
        var both = TypeRules.Promote(l.Type, r.Type)!;
        // A literal that does not fit keeps its own width: compare in 64 bits then.
        if (Convert(l, both) is { } x && Convert(r, both) is { } y) return new BoundComparison(span, op, x, y);
        return new BoundComparison(span, op, AsInteger(l, IntegerType.Int64), AsInteger(r, IntegerType.Int64));
    }

    private BoundExpression MakeArithmetic(SourceSpan span, BinarySyntaxOperator op, BoundExpression left, BoundExpression right)
    {
        if (left.Type is BooleanType && right.Type is BooleanType)
        {
            BoundBinary sum = new(span, IntegerType.Int64, Arithmetic(op), AsInteger(left, IntegerType.Int64), AsInteger(right, IntegerType.Int64), ZeroAction(span, op, right));
            return new BoundConversion(span, BooleanType.Instance, BoundConversionKind.ToBoolean, sum);
        }
        bool l = TypeRules.IsSigned(left.Type), r = TypeRules.IsSigned(right.Type);
        bool flexibleL = TypeRules.IsFlexible(left.Type), flexibleR = TypeRules.IsFlexible(right.Type);
        if (flexibleL && !flexibleR) l = r;
        else if (flexibleR && !flexibleL) r = l;
        bool sameType = l == r && left.Type.Size == right.Type.Size;
        if (!sameType && (l || r) && op is BinarySyntaxOperator.Divide or BinarySyntaxOperator.Remainder && (l || r) && !sameType)
            Warning(span, $"signed operands for '{Sign(op)}' can lead to undefined behavior (cast to unsigned to silence warning)");
        var clock = Clock(left.Type) != 0 ? Clock(left.Type) : Clock(right.Type);
        var type = l || r || op == BinarySyntaxOperator.Subtract ? IntegerType.Int64 : IntegerType.UInt64;
        if (clock != 0) type = type with { Clock = clock };
        var x = left.Type is BooleanType ? AsInteger(left, type) : Convert(left, type) ?? AsInteger(left, type);
        var y = right.Type is BooleanType ? AsInteger(right, type) : Convert(right, type) ?? AsInteger(right, type);
        return new BoundBinary(span, type, Arithmetic(op), x, y, ZeroAction(span, op, y));

        static TimestampClock Clock(ScriptType type) => type is IntegerType integer ? integer.Clock : 0;
    }

    // Dividing by what may be zero is reported when it is.
    private int ZeroAction(SourceSpan span, BinarySyntaxOperator op, BoundExpression divisor)
    {
        if (op is not (BinarySyntaxOperator.Divide or BinarySyntaxOperator.Remainder) || divisor is BoundConstant { Value: not 0 } || _introspection > 0) return -1;
        return Context.AddAction(new AsyncAction.RuntimeError(span, "Divide or modulo by 0 detected. This can lead to unexpected results. 1 is being used as the result.") { ExpandedFrom = ExpandedFrom });
    }

    private BoundExpression MakePointerOperation(SourceSpan span, BinarySyntaxOperator op, BoundComparisonOperator? comparison, BoundExpression left, BoundExpression right)
    {
        var (l, r) = (left.Type, right.Type);
        if (l is PointerType a && r is PointerType b)
        {
            if (IsLogical(op)) return new BoundLogical(span, op == BinarySyntaxOperator.LogicalAnd, AsBoolean(left), AsBoolean(right));
            if (op == BinarySyntaxOperator.Subtract && a.Target.Equals(b.Target) && a.Target.Size > 0)
            {
                // How many elements lie between, as in C.
                var bytes = MakeArithmetic(span, op, AsInteger(left, IntegerType.Int64), AsInteger(right, IntegerType.Int64));
                return a.Target.Size == 1 ? bytes : MakeArithmetic(span, BinarySyntaxOperator.Divide, bytes, new BoundConstant(span, IntegerType.Int64, a.Target.Size));
            }
            if (comparison is not { } compare) return Invalid();
            if (!a.Target.Equals(b.Target))
            {
                var warning = Warning(span, $"comparison of distinct pointer types: {a.Target}, {b.Target}");
                warning.Context.InsertRange(0, [(left.Span, $"left ({a.Target})"), (right.Span, $"right ({b.Target})")]);
            }
            return new BoundComparison(span, compare, AsInteger(left, IntegerType.UInt64), AsInteger(right, IntegerType.UInt64));
        }
        var other = l is PointerType ? right : left;
        if (!TypeRules.IsInteger(other.Type) && other.Type is not BooleanType) return Invalid();
        if (comparison is { } order) return new BoundComparison(span, order, AsInteger(left, IntegerType.UInt64), AsInteger(right, IntegerType.UInt64));
        if (IsLogical(op)) return new BoundLogical(span, op == BinarySyntaxOperator.LogicalAnd, AsBoolean(left), AsBoolean(right));
        if (op is not (BinarySyntaxOperator.Add or BinarySyntaxOperator.Subtract) || (op == BinarySyntaxOperator.Subtract && l is not PointerType)) return Invalid();
        return Advance(span, l is PointerType ? left : right, other, op == BinarySyntaxOperator.Subtract);

        BoundExpression Invalid()
        {
            Error(span, $"The {Sign(op)} operator can not be used on expressions of types {l}, {r}");
            return new BoundUnknown(span);
        }
    }

    /// <summary>A pointer so many elements further or back.</summary>
    private static BoundPointerAdd Advance(SourceSpan span, BoundExpression pointer, BoundExpression count, bool back)
    {
        long size = Math.Max(1, ((PointerType)pointer.Type).Target.Size) * (back ? -1L : 1L);
        BoundExpression bytes = Literals.IsInteger(count, out var number)
            ? new BoundConstant(count.Span, IntegerType.Int64, unchecked((long)number * size))
            : size == 1 ? AsInteger(count, IntegerType.Int64)
            : new BoundBinary(span, IntegerType.Int64, BoundBinaryOperator.Multiply, AsInteger(count, IntegerType.Int64), new BoundConstant(span, IntegerType.Int64, size));
        return new BoundPointerAdd(span, pointer.Type, pointer, bytes);
    }

    // ── What is known before anything runs ──────────────────────────────────────────────────────────────────

    private BoundExpression? Fold(SourceSpan span, BinarySyntaxOperator op, BoundComparisonOperator? comparison, BoundExpression left, BoundExpression right)
    {
        if (left is BoundText || right is BoundText) return FoldText(span, op, comparison, left, right);
        if (Literals.IsInteger(left, out var a) && Literals.IsInteger(right, out var b))
        {
            if (comparison is { } compare) return Literals.Boolean(span, Literals.Compare(compare, a.CompareTo(b)));
            if (IsLogical(op)) return Literals.Boolean(span, op == BinarySyntaxOperator.LogicalAnd ? a != 0 && b != 0 : a != 0 || b != 0);
            if (Literals.Compute(Arithmetic(op), a, b) is { } result) return Literals.Integer(span, result);
            Error(span, Literals.Overflow);
            return new BoundUnknown(span);
        }
        if (IsLogical(op) && Literals.Truth(left) is { } x && Literals.Truth(right) is { } y)
            return Literals.Boolean(span, op == BinarySyntaxOperator.LogicalAnd ? x && y : x || y);
        if (left is BoundConstant { Type: BooleanType } p && right is BoundConstant { Type: BooleanType } q)
        {
            if (comparison is { } compare) return Literals.Boolean(span, Literals.Compare(compare, p.Value.CompareTo(q.Value)));
            if (Literals.Compute(Arithmetic(op), p.Value, q.Value) is { } result) return Literals.Boolean(span, result != 0);
            Error(span, Literals.Overflow);
            return new BoundUnknown(span);
        }
        if (left is BoundTuple && right is BoundTuple && comparison is BoundComparisonOperator.Equal or BoundComparisonOperator.NotEqual && Literals.Same(left, right) is { } same)
            return Literals.Boolean(span, same == (comparison == BoundComparisonOperator.Equal));
        return null;
    }

    private BoundExpression? FoldText(SourceSpan span, BinarySyntaxOperator op, BoundComparisonOperator? comparison, BoundExpression left, BoundExpression right)
    {
        var text = left as BoundText ?? (BoundText)right;
        var other = left is BoundText ? right : left;
        // "foo" + 1 is "oo", as in C.
        if (op == BinarySyntaxOperator.Add && Literals.IsInteger(other, out var skip) && skip >= 0)
        {
            if (skip < text.Bytes.Length) return Literals.Text(span, text.Bytes[(int)skip..]);
            Warning(span, "literal string will always be empty");
            return Literals.Text(span, "");
        }
        if (IsLogical(op) && other is BoundConstant { Type: BooleanType } && Literals.Truth(left) is { } x && Literals.Truth(right) is { } y)
            return Literals.Boolean(span, op == BinarySyntaxOperator.LogicalAnd ? x && y : x || y);
        if (left is not BoundText a || right is not BoundText b) return null;
        if (comparison is { } compare) return Literals.Boolean(span, Literals.Compare(compare, a.Bytes.AsSpan().SequenceCompareTo(b.Bytes)));
        if (IsLogical(op)) return Literals.Boolean(span, op == BinarySyntaxOperator.LogicalAnd ? a.Bytes.Length > 0 && b.Bytes.Length > 0 : a.Bytes.Length > 0 || b.Bytes.Length > 0);
        if (op == BinarySyntaxOperator.Add) return Literals.Text(span, [.. a.Bytes, .. b.Bytes]);
        Error(span, "illegal literal operation with strings");
        return new BoundUnknown(span);
    }

    // ── One operand ─────────────────────────────────────────────────────────────────────────────────────────

    private static string Sign(UnarySyntaxOperator op) => op switch
    {
        UnarySyntaxOperator.Not => "!",
        UnarySyntaxOperator.Complement => "~",
        UnarySyntaxOperator.Minus => "-",
        UnarySyntaxOperator.Plus => "+",
        UnarySyntaxOperator.Dereference => "dereference",
        UnarySyntaxOperator.AddressOf => "&",
        UnarySyntaxOperator.PreIncrement or UnarySyntaxOperator.PostIncrement => "++",
        _ => "--",
    };

    private BoundExpression BindUnary(UnarySyntax unary)
    {
        switch (unary.Operator)
        {
            case UnarySyntaxOperator.AddressOf: return BindAddressOf(unary);
            case UnarySyntaxOperator.Dereference: return BindDereference(unary);
            case UnarySyntaxOperator.PreIncrement: return BindIncrement(unary, 1, givesOld: false);
            case UnarySyntaxOperator.PostIncrement: return BindIncrement(unary, 1, givesOld: true);
            case UnarySyntaxOperator.PreDecrement: return BindIncrement(unary, -1, givesOld: false);
            case UnarySyntaxOperator.PostDecrement: return BindIncrement(unary, -1, givesOld: true);
        }
        var operand = BindExpression(unary.Operand);
        if (!Known(operand)) return unary.Operator == UnarySyntaxOperator.Not ? new BoundUnknown(unary.Span) { Type = BooleanType.Instance } : operand;
        if (FoldUnary(unary, operand) is { } folded) return folded;
        if (unary.Operator == UnarySyntaxOperator.Not && operand.Type is BooleanType) return new BoundUnary(unary.Span, BooleanType.Instance, BoundUnaryOperator.Not, operand);
        if (!TypeRules.IsInteger(operand.Type) && !(unary.Operator == UnarySyntaxOperator.Not && operand.Type is PointerType))
        {
            Error(unary.Span, $"The {Sign(unary.Operator)} operator can not be used on expressions of type '{operand.Type}'");
            return new BoundUnknown(unary.Span);
        }
        if (unary.Operator == UnarySyntaxOperator.Not) return new BoundUnary(unary.Span, BooleanType.Instance, BoundUnaryOperator.Not, AsBoolean(operand));
        if (unary.Operator == UnarySyntaxOperator.Plus) return operand;
        var type = TypeRules.IsSigned(operand.Type) ? IntegerType.Int64 : IntegerType.UInt64;
        return new BoundUnary(unary.Span, type, unary.Operator == UnarySyntaxOperator.Minus ? BoundUnaryOperator.Minus : BoundUnaryOperator.Complement, AsInteger(operand, type));
    }

    private BoundExpression? FoldUnary(UnarySyntax unary, BoundExpression operand)
    {
        if (unary.Operator == UnarySyntaxOperator.Not && operand is BoundConstant { Type: IntegerType or BooleanType } constant) return Literals.Boolean(unary.Span, constant.Value == 0);
        if (!Literals.IsInteger(operand, out var value)) return null;
        switch (unary.Operator)
        {
            case UnarySyntaxOperator.Complement: return Literals.Integer(unary.Span, value >= 0 ? ~(ulong)value : (ulong)~(long)value);
            case UnarySyntaxOperator.Minus when -value < long.MinValue:
                Error(unary.Span, "negative value will underflow");
                return new BoundUnknown(unary.Span);
            case UnarySyntaxOperator.Minus: return Literals.Integer(unary.Span, -value);
            case UnarySyntaxOperator.Plus: return operand;
            default: return null;
        }
    }

    private BoundExpression BindIncrement(UnarySyntax unary, int step, bool givesOld)
    {
        var span = unary.Span;
        switch (unary.Operand)
        {
            case VariableSyntax syntax:
                if (FindVariable(syntax) is not { } variable) return new BoundUnknown(span);
                variable.IsAssigned = true;
                if (variable.Slot.Type is null) return new BoundUnknown(span);
                if (variable.Slot.Type is PointerType pointer) return new BoundIncrement(span, new BoundLocalRead(span, variable.Local), step * (long)Math.Max(1, pointer.Target.Size), givesOld);
                if (!CheckIncrement(unary, variable.Slot.Type)) return new BoundUnknown(span);
                Grow(variable, TypeRules.IsSigned(variable.Slot.Type) || step < 0 ? IntegerType.Int64 : IntegerType.UInt64, span);
                return new BoundIncrement(span, new BoundLocalRead(span, variable.Local), step, givesOld);
            case MapSyntax syntax:
                if (MapOf(syntax) is not { } slot || !CheckKeyed(slot, syntax.Key is not null, syntax.Span)) return new BoundUnknown(span);
                var key = syntax.Key is null ? null : BindKey(slot, syntax.Key, syntax.Span);
                // A map that is only counted up begins as a zero.
                var type = slot.Value;
                if (type is null)
                {
                    if (!Context.MapsAreSettled) return new BoundUnknown(span);
                    type = IntegerType.Int8;
                }
                if (type is PointerType target) return new BoundIncrement(span, new BoundMapRead(span, target, slot.Bound, key), step * (long)Math.Max(1, target.Target.Size), givesOld);
                if (!CheckIncrement(unary, type)) return new BoundUnknown(span);
                GrowValue(slot, TypeRules.IsSigned(type) || step < 0 ? IntegerType.Int64 : IntegerType.UInt64, span);
                CheckDeclaredKind(slot, syntax.Span);
                return new BoundIncrement(span, new BoundMapRead(span, slot.Value ?? IntegerType.Int64, slot.Bound, key), step, givesOld);
            default:
                Error(span, $"The {Sign(unary.Operator)} operator must be applied to a map or variable");
                return new BoundUnknown(span);
        }
    }

    private bool CheckIncrement(UnarySyntax unary, ScriptType type)
    {
        if (TypeRules.IsInteger(type)) return true;
        Error(unary.Span, type is AggregateType
            ? $"Type mismatch for @{((MapSyntax)unary.Operand).Name}: trying to assign value of type 'uint64' when map already has a type '{type}'"
            : $"The {Sign(unary.Operator)} operator can not be used on expressions of type '{type}'");
        return false;
    }
}
