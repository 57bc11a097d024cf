using Hornet.Script.Probes;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

internal abstract partial class Body
{
    private BoundExpression BindDereference(UnarySyntax unary)
    {
        // *args means args, as it did when that was a pointer.
        if (IsArguments(unary.Operand)) return BindExpression(unary.Operand);
        var pointer = BindExpression(unary.Operand);
        if (!Known(pointer)) return pointer;
        return Dereference(unary.Span, pointer);
    }

    /// <summary>What is behind a pointer, or behind a number as 64 bits.</summary>
    internal BoundExpression Dereference(SourceSpan span, BoundExpression pointer)
    {
        if (TypeRules.IsInteger(pointer.Type)) pointer = AsPointer(pointer, IntegerType.UInt64);
        if (pointer.Type is not PointerType type)
        {
            Error(span, pointer.Type is CompositeType
                ? $"Can not dereference struct/union of type '{pointer.Type}'. It is not a pointer."
                : $"The dereference operator can not be used on expressions of type '{pointer.Type}'");
            return new BoundUnknown(span);
        }
        var space = SpaceOf(pointer);
        return new BoundDereference(span, WithSpace(type.Target, space), pointer, space);
    }

    // Pointers found behind a pointer go where that goes, unless they say otherwise.
    private static ScriptType WithSpace(ScriptType type, AddressSpace space) =>
        type is PointerType { Space: AddressSpace.None } pointer && space is AddressSpace.Kernel or AddressSpace.User ? pointer with { Space = space } : type;

    private static bool IsArguments(ExpressionSyntax syntax) => syntax is IdentifierSyntax { Name: "args" } or CallSyntax { Name: "args", Arguments.Count: 0 } ||
        (syntax is UnarySyntax { Operator: UnarySyntaxOperator.Dereference } dereference && IsArguments(dereference.Operand));

    private BoundExpression BindField(FieldSyntax field)
    {
        if (IsArguments(field.Target)) return BindArgument(field);
        var target = BindExpression(field.Target);
        if (!Known(target)) return new BoundUnknown(field.Span);
        return Field(field.Span, target, field.Name);
    }

    /// <summary>A field of a struct, a record, or what any number of pointers leads to.</summary>
    internal BoundExpression Field(SourceSpan span, BoundExpression target, string name)
    {
        while (target.Type is PointerType)
        {
            target = Dereference(span, target);
            if (!Known(target)) return target;
        }
        switch (target.Type)
        {
            case TupleType { Names: not null } record:
                int at = TypeRules.IndexOf(record, name);
                if (at < 0)
                {
                    Suggest(Error(span, $"Record does not contain a field named '{name}'"), name, record.Names);
                    return new BoundUnknown(span);
                }
                return BindTupleAccess(span, target, at);
            case CompositeType { Info: var info }:
                if (info.IsIncomplete)
                {
                    Error(span, $"Unknown struct/union: '{info.Name}'", WhereTypesComeFrom);
                    return new BoundUnknown(span);
                }
                if (info.FindField(name) is not { } found)
                {
                    Suggest(Error(span, $"Struct/union of type '{info.Name}' does not contain a field named '{name}'"), name, FieldNames(info));
                    return new BoundUnknown(span);
                }
                var space = target is BoundDereference dereference ? dereference.Space : AddressSpace.None;
                var type = found.Type is PointerType { Space: AddressSpace.None } pointer && found.Space != AddressSpace.None ? pointer with { Space = found.Space } : found.Type;
                if (found.MayLackZero && type is StringType { Length: > 0 } text) type = new StringType(text.Length + 1);
                return new BoundField(span, WithSpace(type, space), target, found);
            default:
                Error(span, $"Can not access field '{name}' on expression of type '{target.Type}'",
                    TypeRules.IsInteger(target.Type) ? $"An address needs a type to have fields: ((struct NAME *)value).{name}" : null);
                return new BoundUnknown(span);
        }
    }

    /// <summary>A value whose bytes are wanted, not its text: as many as were declared.</summary>
    internal static BoundExpression AsDeclared(BoundExpression value) => value is BoundField { Field: { MayLackZero: true, Type: var declared } } field ? field with { Type = declared } : value;

    private static IEnumerable<string> FieldNames(CompositeTypeInfo info) =>
        info.Fields.SelectMany(f => f.Name.Length > 0 ? [f.Name] : f.Type is CompositeType inner ? FieldNames(inner.Info) : []);

    internal static void Suggest(ScriptDiagnostic diagnostic, string name, IEnumerable<string> candidates)
    {
        if (diagnostic.Hints.Count > 0) return;
        string[] all = [.. candidates];
        if (Similar.Find(name, all) is { } near) diagnostic.Hints.Add($"Did you mean '{near}'?");
        else if (all.Length is > 0 and <= 16) diagnostic.Hints.Add($"There is: {string.Join(", ", all)}.");
    }

    private BoundExpression BindTupleAccess(SourceSpan span, BoundExpression target, int index)
    {
        if (!Known(target)) return new BoundUnknown(span);
        if (target.Type is not TupleType type)
        {
            Error(span, $"Can not access index '{index}' on expression of type '{target.Type}'");
            return new BoundUnknown(span);
        }
        if (index >= type.Elements.Count)
        {
            Error(span, $"Invalid tuple index: {index}. Found {type.Elements.Count} elements in tuple.");
            return new BoundUnknown(span);
        }
        return target is BoundTuple literal && Literals.Is(literal) ? literal.Elements[index] : new BoundTupleElement(span, type.Elements[index], target, index);
    }

    private BoundExpression BindIndex(IndexSyntax syntax)
    {
        var target = AsDeclared(BindExpression(syntax.Target));
        var index = BindExpression(syntax.Index);
        if (!Known(target) || !Known(index)) return new BoundUnknown(syntax.Span);
        var span = syntax.Span;
        bool isLiteral = Literals.IsInteger(index, out var number);
        if (target.Type is TupleType)
        {
            if (isLiteral && number >= 0) return BindTupleAccess(span, target, (int)number);
            Error(span, "Array-style access for tuples only valid for integer literals");
            return new BoundUnknown(span);
        }
        if (target.Type is not (ArrayType or PointerType or StringType))
        {
            Error(span, $"The array index operator [] can only be used on arrays, pointers, and tuples, found {target.Type}.");
            return new BoundUnknown(span);
        }
        if (target.Type is PointerType { Target: var pointee } && pointee.Size == 0)
        {
            Error(span, "The array index operator [] cannot be used on a pointer to an unsized type (void *).");
            return new BoundUnknown(span);
        }
        int count = target.Type switch { ArrayType array => array.Count, StringType text => text.Length, _ => 0 };
        if (isLiteral && number >= 0)
        {
            if (count > 0 && number >= count) Error(span, $"the index {number} is out of bounds for array of size {count}");
        }
        else if (!TypeRules.IsInteger(index.Type) || (TypeRules.IsSigned(index.Type) && !TypeRules.IsFlexible(index.Type)) || isLiteral)
        {
            Error(span, $"The array index operator [] only accepts non-negative integer indices. Got: {index.Type}");
            return new BoundUnknown(span);
        }
        switch (target.Type)
        {
            case PointerType: return Dereference(span, Advance(span, target, index, back: false));
            case StringType:
                if (target is BoundText known && isLiteral && number < count) return Literals.Integer(span, (sbyte)(number < known.Bytes.Length ? known.Bytes[(int)number] : 0));
                BoundElement unit = new(span, IntegerType.UInt8, target, AsInteger(index, IntegerType.UInt64));
                return new BoundConversion(span, IntegerType.Int8, BoundConversionKind.Integer, unit);
            default:
                var space = target is BoundField { Target: BoundDereference dereference } ? dereference.Space : target is BoundDereference itself ? itself.Space : AddressSpace.None;
                return new BoundElement(span, WithSpace(((ArrayType)target.Type).Element, space), target, AsInteger(index, IntegerType.UInt64));
        }
    }

    // ── The probe's arguments ───────────────────────────────────────────────────────────────────────────────

    private BoundExpression BindArgument(FieldSyntax field)
    {
        if (ArgumentsOf(field.Target.Span) is not { } arguments) return new BoundUnknown(field.Span);
        foreach (var argument in arguments)
        {
            if (argument.Name == field.Name) return Argument(field.Span, argument);
        }
        Suggest(Error(field.Span, Target!.Type == ProbeType.Tracepoint
            ? $"Struct/union of type '{Target.ArgumentsType?.ToString() ?? "args"}' does not contain a field named '{field.Name}'"
            : $"Can't find function parameter {field.Name}"), field.Name, arguments.Select(a => a.Name));
        return new BoundUnknown(field.Span);
    }

    /// <summary>An argument, its pointers going where the probe's do unless they say otherwise.</summary>
    internal BoundExpression Argument(SourceSpan span, ScriptArgument argument)
    {
        UsesArguments = true;
        var type = argument.Type is PointerType { Space: AddressSpace.None } pointer ? pointer with { Space = DefaultSpace } : argument.Type;
        return new BoundArgument(span, type.Equals(argument.Type) ? argument : argument with { Type = type });
    }

    /// <summary>The arguments of the place; null when it has none (said).</summary>
    internal IReadOnlyList<ScriptArgument>? ArgumentsOf(SourceSpan span)
    {
        if (Target is null)
        {
            Error(span, "Builtin args not supported outside probe");
            return null;
        }
        UsesArguments = true;
        if (Target.Type is not (ProbeType.Fentry or ProbeType.Fexit or ProbeType.Uprobe or ProbeType.RawTracepoint or ProbeType.Tracepoint) && Target.Arguments is null)
        {
            Error(span, $"The args builtin can only be used with tracepoint, rawtracepoint, fentry/fexit, and uprobe probes ({ProbeRules.Kind(Target.Type)} used here)",
                Target.NumberedArgument(0) is not null ? "Arguments have numbers here: arg0, arg1, …" : null);
            return null;
        }
        if (Target.Arguments is not { Count: > 0 } arguments)
        {
            Error(span, "Cannot read function parameters");
            return null;
        }
        return arguments;
    }

    internal BoundExpression AllArguments(SourceSpan span)
    {
        if (ArgumentsOf(span) is not { } arguments) return new BoundUnknown(span);
        if (Target!.ArgumentsType is { } type) return new BoundArguments(span, type);
        var elements = arguments.Select(a => Argument(span, a)).ToArray();
        return new BoundTuple(span, new TupleType([.. elements.Select(e => e.Type)], [.. arguments.Select(a => a.Name)]), elements);
    }
}
