using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

internal abstract partial class Body
{
    internal BoundExpression BindExpression(ExpressionSyntax syntax)
    {
        var bound = Bind(syntax);
        if (Context.IsFinal) Context.Options.ObserveTypes?.Invoke(syntax.Span, bound.Type);
        return bound;
    }

    private BoundExpression Bind(ExpressionSyntax syntax)
    {
        switch (syntax)
        {
            case IntegerSyntax integer: return BindInteger(integer);
            case BooleanSyntax boolean: return Literals.Boolean(syntax.Span, boolean.Value);
            case StringSyntax text: return Literals.Text(syntax.Span, text.Bytes);
            case PositionalSyntax positional: return BindPositional(positional);
            case PositionalCountSyntax: return Literals.Integer(syntax.Span, Context.Options.Positional.Count);
            case IdentifierSyntax identifier: return BindIdentifier(identifier);
            case VariableSyntax variable: return BindVariable(variable);
            case MapSyntax map: return BindMapRead(map);
            case CallSyntax call: return BindCall(call);
            case UnarySyntax unary: return BindUnary(unary);
            case BinarySyntax binary: return BindBinary(binary);
            case ConditionalSyntax conditional: return BindConditional(conditional);
            case IfExpressionSyntax choice: return BindIfExpression(choice);
            case BlockExpressionSyntax block: return BindBlockExpression(block.Block);
            case FieldSyntax field: return BindField(field);
            case TupleAccessSyntax access: return BindTupleAccess(access.Span, BindExpression(access.Target), access.Index);
            case IndexSyntax index: return BindIndex(index);
            case CastSyntax cast: return BindCast(cast);
            case TupleSyntax tuple: return BindTuple(tuple);
            case RecordSyntax record: return BindRecord(record);
            case SizeofSyntax size: return BindSizeof(size);
            case OffsetofSyntax offset: return BindOffsetof(offset);
            case TypeinfoSyntax info: return BindTypeinfo(info);
            case ComptimeSyntax comptime: return BindComptime(comptime);
            case TypeExpressionSyntax type:
                Error(type.Span, "When used as a call argument, `typeof` builtin only valid for macro calls that are expecting a type parameter");
                return new BoundUnknown(syntax.Span);
            case DiscardSyntax:
                Error(syntax.Span, "Unknown identifier: '_'");
                return new BoundUnknown(syntax.Span);
            default: throw new NotSupportedException(syntax.GetType().Name);
        }
    }

    private static BoundConstant BindInteger(IntegerSyntax integer)
    {
        LiteralNumber value = integer.IsNegative ? (long)integer.Value : integer.Value;
        return Literals.Integer(integer.Span, value);
    }

    // A number when it looks like one, a text otherwise; str($1) is always a text.
    private BoundExpression BindPositional(PositionalSyntax syntax)
    {
        string text = Positional(syntax.Number);
        if (text.Length == 0)
        {
            Warning(syntax.Span, $"Positional parameter ${syntax.Number} is empty or not provided. ");
            return Literals.Integer(syntax.Span, 0);
        }
        return Literals.Parse(text) is { } number ? Literals.Integer(syntax.Span, number) : Literals.Text(syntax.Span, text);
    }

    private string Positional(int number) => number >= 1 && number <= Context.Options.Positional.Count ? Context.Options.Positional[number - 1] : "";

    private Variable? FindVariable(VariableSyntax syntax)
    {
        string name = VariableName(syntax.Name);
        if (_scope.Find(name) is { } variable)
        {
            _asked?.Add(variable.Slot);
            return variable;
        }
        Error(syntax.Span, $"Undefined or undeclared variable: ${syntax.Name}", Similar.Find(name, _scope.Visible()) is { } near
            ? $"Did you mean ${near}?"
            : $"A variable is there from its first value on, to the end of its block: assign to it above, or declare it there with `let ${syntax.Name};`.");
        return null;
    }

    private BoundExpression BindVariable(VariableSyntax syntax)
    {
        if (FindVariable(syntax) is not { } variable) return new BoundUnknown(syntax.Span);
        if (!variable.IsAssigned && _introspection == 0) Warning(syntax.Span, $"Variable used before it was assigned: ${syntax.Name}");
        if (variable.Slot.Type is not null) return new BoundLocalRead(syntax.Span, variable.Local);
        if (Context.IsFinal) Error(syntax.Span, "Could not resolve the type of this variable");
        return new BoundUnknown(syntax.Span);
    }

    // ── Maps ────────────────────────────────────────────────────────────────────────────────────────────────

    private BoundExpression BindMapRead(MapSyntax map)
    {
        if (MapOf(map) is not { } slot || !CheckKeyed(slot, map.Key is not null, map.Span)) return new BoundUnknown(map.Span);
        var key = map.Key is null ? null : BindKey(slot, map.Key, map.Span);
        if (slot.Value is { } value)
        {
            CheckDeclaredKind(slot, map.Span);
            return new BoundMapRead(map.Span, value, slot.Bound, key);
        }
        if (Context.IsFinal) ReportUndefined(map.Span, slot.Name);
        return new BoundUnknown(map.Span);
    }

    /// <summary>A key of a map, as the map's type of keys.</summary>
    internal BoundExpression BindKey(MapSlot slot, ExpressionSyntax syntax, SourceSpan span)
    {
        var key = BindExpression(syntax);
        if (!Known(key)) return key;
        if (key.Type is VoidType)
        {
            Error(syntax.Span, $"Invalid map key type: {key.Type}");
            return new BoundUnknown(span);
        }
        if (key is BoundCall { Intrinsic: BoundIntrinsic.Context } && key.Type is PointerType)
        {
            Error(syntax.Span, "context cannot be part of a map key");
            return new BoundUnknown(span);
        }
        if (!GrowKey(slot, key.Type, span)) return new BoundUnknown(span);
        if (Convert(key, slot.KeyOrUnknown) is { } converted) return converted;
        Error(span, $"Type mismatch for @{slot.Name}: trying to assign key of type '{key.Type}' when map already has a key type '{slot.Key}'");
        return new BoundUnknown(span);
    }

    private BoundExpression BindAddressOf(UnarySyntax unary)
    {
        switch (unary.Operand)
        {
            case VariableSyntax syntax:
                if (FindVariable(syntax) is not { } variable) return new BoundUnknown(unary.Span);
                // Whoever gets the address may assign.
                variable.IsAssigned = true;
                if (variable.Slot.Type is { } type) return new BoundAddressOf(unary.Span, new PointerType(type, AddressSpace.Bpf), new BoundLocalRead(syntax.Span, variable.Local));
                if (Context.IsFinal) Error(unary.Span, $"No type available for variable ${syntax.Name}");
                return new BoundUnknown(unary.Span);
            case MapSyntax map:
                var read = BindMapRead(map);
                return Known(read) ? new BoundAddressOf(unary.Span, new PointerType(read.Type, AddressSpace.Bpf), read) : read;
            default:
                Error(unary.Span, "The & operator must be applied to a map or variable");
                return new BoundUnknown(unary.Span);
        }
    }

    // ── Several values ──────────────────────────────────────────────────────────────────────────────────────

    private BoundExpression BindTuple(TupleSyntax tuple)
    {
        var elements = BindElements(tuple.Elements, "tuple");
        return elements is null ? new BoundUnknown(tuple.Span) : new BoundTuple(tuple.Span, new TupleType([.. elements.Select(e => e.Type)]), elements);
    }

    private BoundExpression BindRecord(RecordSyntax record)
    {
        var elements = BindElements([.. record.Fields.Select(f => f.Value)], "record");
        if (elements is null) return new BoundUnknown(record.Span);
        for (int i = 1; i < record.Fields.Count; i++)
        {
            if (record.Fields.Take(i).Any(f => f.Name == record.Fields[i].Name)) Error(record.Fields[i].Span, $"Record has the field '{record.Fields[i].Name}' twice");
        }
        return new BoundTuple(record.Span, new TupleType([.. elements.Select(e => e.Type)], [.. record.Fields.Select(f => f.Name)]), elements);
    }

    private BoundExpression[]? BindElements(IReadOnlyList<ExpressionSyntax> syntaxes, string container)
    {
        bool unknown = false;
        var elements = new BoundExpression[syntaxes.Count];
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = Number(BindExpression(syntaxes[i]));
            unknown |= !Known(elements[i]);
            if (elements[i].Type is AggregateType or VoidType)
            {
                Error(syntaxes[i].Span, elements[i].Type is VoidType ? $"Value 'void' cannot be part of a {container}." : $"Map type {elements[i].Type} cannot exist inside a {container}.");
                unknown = true;
            }
        }
        return unknown ? null : elements;
    }

    // ── Choices ─────────────────────────────────────────────────────────────────────────────────────────────

    private BoundExpression BindConditional(ConditionalSyntax syntax)
    {
        if (syntax.Then is null) return BindElvis(syntax);
        var condition = BindCondition(syntax.Condition, syntax.Span);
        var then = BindExpression(syntax.Then);
        var otherwise = BindExpression(syntax.Else);
        return Choose(syntax.Span, condition, then, otherwise);
    }

    // a ?: b takes a once.
    private BoundExpression BindElvis(ConditionalSyntax syntax)
    {
        var first = Number(BindExpression(syntax.Condition));
        var second = BindExpression(syntax.Else);
        if (!Known(first) || !Known(second)) return new BoundUnknown(syntax.Span);
        if (Literals.Truth(first) is { } truth && Literals.Is(second)) return truth ? first : second;
        BoundLocal kept = new("$first", syntax.Condition.Span) { Type = first.Type };
        BoundLocalRead read = new(syntax.Condition.Span, kept);
        var choice = Choose(syntax.Span, AsBoolean(read), read, second);
        BoundBlock block = new(syntax.Span, [new BoundAssignLocal(syntax.Condition.Span, kept, first)]) { Locals = [kept] };
        return new BoundBlockExpression(syntax.Span, choice.Type, block, choice);
    }

    private BoundExpression BindIfExpression(IfExpressionSyntax syntax)
    {
        if (syntax.IsComptime)
        {
            if (Answer(syntax.Condition) is not { } answer) return new BoundUnknown(syntax.Span);
            return answer ? BindExpression(syntax.Then) : syntax.Else is null ? Nothing(syntax.Span) : BindExpression(syntax.Else);
        }
        var condition = BindCondition(syntax.Condition, syntax.Span);
        var then = BindExpression(syntax.Then);
        var otherwise = syntax.Else is null ? Nothing(syntax.Span) : BindExpression(syntax.Else);
        return Choose(syntax.Span, condition, then, otherwise);
    }

    private BoundExpression Choose(SourceSpan span, BoundExpression condition, BoundExpression then, BoundExpression otherwise)
    {
        if (!Known(then) || !Known(otherwise))
        {
            var known = Known(then) ? then.Type : Known(otherwise) ? otherwise.Type : UnknownType.Instance;
            return new BoundUnknown(span) { Type = known is IntegerType or StringType ? UnknownType.Instance : known };
        }
        then = Number(then);
        otherwise = Number(otherwise);
        if (condition is BoundConstant literal && Literals.Is(then) && Literals.Is(otherwise)) return literal.Value != 0 ? then : otherwise;
        var type = then.Type is VoidType && otherwise.Type is VoidType ? then.Type
            : then.Type is VoidType || otherwise.Type is VoidType ? null
            : TypeRules.Promote(then.Type, otherwise.Type);
        if (type is null || (type is not VoidType && Convert(then, type) is null))
        {
            Error(span, $"Branches must return the same type or compatible types: have '{then.Type}' and '{otherwise.Type}'");
            return new BoundUnknown(span);
        }
        if (type is not VoidType) (then, otherwise) = (Convert(then, type)!, Convert(otherwise, type) ?? otherwise);
        return new BoundConditional(span, type, condition, then, otherwise);
    }

    /// <summary>An expression that is nothing and does nothing.</summary>
    internal static BoundBlockExpression Nothing(SourceSpan span) => new(span, VoidType.Instance, new BoundBlock(span, []), null);

    /// <summary>Statements as an expression without a value.</summary>
    internal static BoundBlockExpression Do(SourceSpan span, params IReadOnlyList<BoundStatement> statements) => new(span, VoidType.Instance, new BoundBlock(span, statements), null);

    private BoundExpression BindBlockExpression(BlockSyntax block)
    {
        BoundExpression? result = null;
        bool ended = false;
        var bound = InScope(block, () =>
        {
            List<BoundStatement> into = new(block.Statements.Count);
            ended = BindAll(block.Statements, into);
            if (block.Result is not null) result = BindExpression(block.Result);
            return into;
        });
        if (result is null) return new BoundBlockExpression(block.Span, VoidType.Instance, bound, null);
        if (ended)
        {
            Warning(block.Result!.Span, "Unreachable expression; block type is implicitly none.");
            return new BoundBlockExpression(block.Span, VoidType.Instance, bound, null);
        }
        if (!Known(result)) return new BoundUnknown(block.Span) { Type = result.Type };
        // A block around a value alone is that value.
        if (bound.Statements.Count == 0 && bound.Locals.Count == 0) return result;
        if (result is BoundBlockExpression { Result: null } last)
            return new BoundBlockExpression(block.Span, VoidType.Instance, bound with { Statements = [.. bound.Statements, last.Block] }, null);
        return new BoundBlockExpression(block.Span, result.Type, bound, result);
    }

    private BoundExpression BindBinary(BinarySyntax binary)
    {
        // Chains of operators lean to the left and may be long: not by recursion.
        Stack<BinarySyntax> chain = [];
        ExpressionSyntax first = binary;
        while (first is BinarySyntax inner)
        {
            chain.Push(inner);
            first = inner.Left;
        }
        var result = BindExpression(first);
        while (chain.TryPop(out var next)) result = MakeBinary(next.Span, next.Operator, result, BindExpression(next.Right));
        return result;
    }
}
