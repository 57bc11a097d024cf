using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

internal abstract partial class Body
{
    private static bool Known(BoundExpression expression) => expression.Type is not UnknownType;

    /// <summary>
    /// A value as one of another type, where the language does that by itself: a wider integer or text, a tuple of such. Null when
    /// it does not. An integer that may lose something is warned about.
    /// </summary>
    internal BoundExpression? Convert(BoundExpression value, ScriptType target)
    {
        var type = value.Type;
        if (type is UnknownType || target is UnknownType) return new BoundUnknown(value.Span);
        if (TypeRules.IsCastable(type) && (TypeRules.IsInteger(target) || type.Equals(target))) return Convert(Number(value), target);
        if (type.Equals(target)) return value;
        if (TypeRules.IsInteger(type) && TypeRules.IsInteger(target)) return ConvertInteger(value, target);
        switch (type, target)
        {
            case (StringType from, StringType to):
                if (from.Length > to.Length) return null;
                return value is BoundText text ? text with { Type = to } : new BoundConversion(value.Span, to, BoundConversionKind.Text, value);
            case (BufferType from, BufferType to):
                return from.Capacity > to.Capacity ? null : new BoundConversion(value.Span, to, BoundConversionKind.Bytes, value);
            case (TupleType from, TupleType to) when TypeRules.IsCompatible(from, to):
                return ConvertTuple(value, from, to);
            case (PointerType, PointerType) when TypeRules.IsCompatible(type, target):
                return new BoundConversion(value.Span, target, BoundConversionKind.Integer, value);
            default:
                return TypeRules.IsCompatible(type, target) && type.Size == target.Size ? value : null;
        }
    }

    private BoundExpression? ConvertInteger(BoundExpression value, ScriptType target)
    {
        if (Literals.IsInteger(value, out var number))
            return TypeRules.Holds(target, number) ? new BoundConstant(value.Span, target, unchecked((long)number)) : null;
        if (!TypeRules.FitsInto(value.Type, target))
            Warning(value.Span, $"Expression of type: {value.Type} being cast to type: {target}. This may cause unexpected results. Use an explicit cast to suppress this warning.");
        return new BoundConversion(value.Span, target, BoundConversionKind.Integer, value);
    }

    private BoundExpression? ConvertTuple(BoundExpression value, TupleType from, TupleType to)
    {
        if (value is BoundTuple literal && SameNames(from, to))
        {
            var elements = new BoundExpression[to.Elements.Count];
            for (int i = 0; i < elements.Length; i++)
            {
                if (Convert(literal.Elements[i], to.Elements[i]) is not { } element) return null;
                elements[i] = element;
            }
            return new BoundTuple(value.Span, to, elements);
        }
        if (!TypeRules.FitsInto(from, to)) WarnElements(value, from, to);
        if (SameOrder(from, to)) return new BoundConversion(value.Span, to, BoundConversionKind.Tuple, value);

        // Fields of records come in the order of the type; what stands there is evaluated as it stands, once: into a variable, then field by field.
        BoundLocal whole = new("$record", value.Span) { Type = from };
        var fields = new BoundExpression[to.Elements.Count];
        for (int i = 0; i < fields.Length; i++)
        {
            int at = to.Names is null ? i : TypeRules.IndexOf(from, to.Names[i]);
            if (Convert(new BoundTupleElement(value.Span, from.Elements[at], new BoundLocalRead(value.Span, whole), at), to.Elements[i]) is not { } field) return null;
            fields[i] = field;
        }
        BoundBlock block = new(value.Span, [new BoundAssignLocal(value.Span, whole, value)]) { Locals = [whole] };
        return new BoundBlockExpression(value.Span, to, block, new BoundTuple(value.Span, to, fields));
    }

    private static bool SameNames(TupleType from, TupleType to) => from.Names is null || from.Names.SequenceEqual(to.Names!);

    // Also of what is inside.
    private static bool SameOrder(TupleType from, TupleType to) => SameNames(from, to) &&
        from.Elements.Zip(to.Elements).All(p => p is not (TupleType a, TupleType b) || SameOrder(a, b));

    private void WarnElements(BoundExpression value, TupleType from, TupleType to)
    {
        for (int i = 0; i < from.Elements.Count; i++)
        {
            var target = to.Elements[from.Names is null ? i : TypeRules.IndexOf(to, from.Names[i])];
            if (from.Elements[i] is TupleType inner && target is TupleType innerTarget) WarnElements(value, inner, innerTarget);
            else if (TypeRules.IsInteger(target) && !TypeRules.FitsInto(from.Elements[i], target))
                Warning(value.Span, $"Expression of type: {from.Elements[i]} being cast to type: {target}. This may cause unexpected results. Use an explicit cast to suppress this warning.");
        }
    }

    /// <summary>An aggregate's number; everything else as it is.</summary>
    internal static BoundExpression Number(BoundExpression value) => value switch
    {
        _ when !TypeRules.IsCastable(value.Type) => value,
        BoundMapRead read => read with { Type = TypeRules.NumberOf(value.Type) },
        _ => new BoundConversion(value.Span, TypeRules.NumberOf(value.Type), BoundConversionKind.Integer, value),
    };

    /// <summary>Any number or pointer as an integer of a type, whatever is lost.</summary>
    internal static BoundExpression AsInteger(BoundExpression value, ScriptType type)
    {
        value = Number(value);
        if (value.Type.Equals(type)) return value;
        return Literals.IsInteger(value, out var number) && TypeRules.Holds(type, number)
            ? new BoundConstant(value.Span, type, unchecked((long)number))
            : new BoundConversion(value.Span, type, BoundConversionKind.Integer, value);
    }

    /// <summary>A value as a condition.</summary>
    private static BoundExpression AsBoolean(BoundExpression value)
    {
        value = Number(value);
        if (value.Type is BooleanType or UnknownType) return value;
        return Literals.Truth(value) is { } truth ? Literals.Boolean(value.Span, truth) : new BoundConversion(value.Span, BooleanType.Instance, BoundConversionKind.ToBoolean, value);
    }

    /// <summary>A condition of <c>if</c> and its kin.</summary>
    protected BoundExpression BindCondition(Syntax.ExpressionSyntax syntax, SourceSpan span)
    {
        var condition = BindExpression(syntax);
        if (!Known(condition)) return condition;
        if (!TypeRules.IsInteger(condition.Type) && condition.Type is not (PointerType or BooleanType) && condition is not BoundText)
            Error(span, $"Invalid condition: {TypeNames.Kind(condition.Type)}");
        return AsBoolean(condition);
    }

    /// <summary>Where an address goes: as its type says, as it was said on the way, or where the probe's addresses go.</summary>
    internal AddressSpace SpaceOf(BoundExpression value)
    {
        for (; ; )
        {
            if (value.Type is PointerType { Space: not AddressSpace.None and var space }) return space;
            switch (value)
            {
                case BoundConversion { Space: not AddressSpace.None } said: return said.Space;
                case BoundConversion conversion: value = conversion.Operand; continue;
                case BoundBinary binary: value = binary.Left; continue;
                case BoundPointerAdd add: value = add.Pointer; continue;
                default: return DefaultSpace;
            }
        }
    }

    /// <summary>A pointer or the number of an address as a pointer that knows where it goes.</summary>
    internal BoundExpression AsPointer(BoundExpression value, ScriptType target)
    {
        var space = SpaceOf(value);
        PointerType type = new(value.Type is PointerType pointer ? pointer.Target : target, space);
        return value.Type.Equals(type) ? value : new BoundConversion(value.Span, type, BoundConversionKind.Integer, Number(value));
    }
}
