using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>What is done with maps.</summary>
internal static class MapFunctions
{
    public static IEnumerable<Builtin> All =>
    [
        new("clear", 1, 1, c => Whole(c, static (span, map) => new AsyncAction.Clear(span, map))) { Result = VoidType.Instance, Arguments = [ArgumentKind.Map] },
        new("zero", 1, 1, c => Whole(c, static (span, map) => new AsyncAction.Zero(span, map))) { Result = VoidType.Instance, Arguments = [ArgumentKind.Map] },
        new("delete", 1, 2, Delete) { Result = BooleanType.Instance, Arguments = [ArgumentKind.Syntax, ArgumentKind.Syntax] },
        new("has_key", 2, 2, HasKey) { Result = BooleanType.Instance, Arguments = [ArgumentKind.Map, ArgumentKind.Syntax] },
        new("find", 3, 3, Find) { Result = BooleanType.Instance, Arguments = [ArgumentKind.Map, ArgumentKind.Syntax, ArgumentKind.Syntax] },
        new("len", 1, 1, Length) { Result = IntegerType.Int64, Arguments = [ArgumentKind.Syntax] },
        new("is_scalar", 1, 1, IsScalar) { Result = BooleanType.Instance, Arguments = [ArgumentKind.Syntax] },
    ];

    private static BoundExpression Whole(Call c, Func<SourceSpan, int, AsyncAction> action)
    {
        var map = (MapSyntax)c.Syntax[0];
        if (c.Body.UseMap(map) is not { } slot) return c.Unknown;
        if (c.Context.IsFinal && (slot.Value is null || (slot.Key is null && slot.IsScalar != true))) c.Body.ReportUndefined(map.Span, slot.Name);
        return c.Send(action(c.Span, slot.Bound.Number));
    }

    private static BoundExpression Delete(Call c)
    {
        // delete(@m[k]) is the old way of delete(@m, k).
        if (c.Syntax[0] is not MapSyntax map) return c.Fail(c.Count == 1 ? "delete() expects a map argument" : $"delete() expects a map argument");
        if (c.Count == 2 || map.Key is not null)
        {
            if (c.Count == 2 && map.Key is not null) return c.Fail("delete() with two arguments expects a map without a key as the first");
            return Element(c, BoundIntrinsic.Delete, map, c.Count == 2 ? c.Syntax[1] : map.Key!, "delete() with two arguments");
        }
        if (c.Body.UseMap(map) is not { } slot) return c.Unknown;
        slot.IsScalar ??= true;
        if (slot.IsScalar == false) return c.Fail("call to delete() with a single argument expects a map without explicit keys (scalar map)");
        slot.NeedsHash = true;
        return c.Make(BoundIntrinsic.Delete, BooleanType.Instance, new BoundMapRead(c.Span, slot.Value ?? UnknownType.Instance, slot.Bound, null)) with { Map = slot.Bound };
    }

    private static BoundExpression HasKey(Call c) => Element(c, BoundIntrinsic.HasKey, (MapSyntax)c.Syntax[0], c.Syntax[1], "has_key()");

    private static BoundExpression Element(Call c, BoundIntrinsic intrinsic, MapSyntax map, ExpressionSyntax keySyntax, string function)
    {
        if (Keyed(c, map, keySyntax, function) is not var (slot, key)) return c.Unknown;
        return c.Make(intrinsic, BooleanType.Instance, new BoundMapRead(c.Span, slot.Value ?? UnknownType.Instance, slot.Bound, key)) with { Map = slot.Bound };
    }

    private static (MapSlot Slot, BoundExpression Key)? Keyed(Call c, MapSyntax map, ExpressionSyntax keySyntax, string function)
    {
        if (c.Body.UseMap(map) is not { } slot) return null;
        slot.IsScalar ??= false;
        if (slot.IsScalar == true)
        {
            c.Fail($"call to {function} expects a map with explicit keys (non-scalar map)");
            return null;
        }
        var key = c.Body.BindKey(slot, keySyntax, c.Span);
        return key.Type is UnknownType ? null : (slot, key);
    }

    private static BoundExpression Find(Call c)
    {
        var map = (MapSyntax)c.Syntax[0];
        if (Keyed(c, map, c.Syntax[1], "find") is not var (slot, key)) return c.Unknown;
        if (c.Syntax[2] is not VariableSyntax variable) return c.Fail("find() expects a variable as the third argument");
        if (slot.Value is not { } value)
        {
            if (c.Context.IsFinal) c.Body.ReportUndefined(map.Span, slot.Name);
            c.Body.AssignedBy(variable, UnknownType.Instance);
            return c.Unknown;
        }
        var type = TypeRules.IsCastable(value) ? TypeRules.NumberOf(value) : value;
        if (c.Body.AssignedBy(variable, type) is not { } local) return c.Unknown;
        BoundMapRead element = new(c.Span, value, slot.Bound, key);
        if (local.Type.Equals(type) && value is not AggregateType) return c.Make(BoundIntrinsic.Find, BooleanType.Instance, element) with { Map = slot.Bound, Local = local };

        // The variable is of another type: the element's value, when there is one, converted.
        if (c.Body.Convert(new BoundMapRead(c.Span, type, slot.Bound, key), local.Type) is not { } converted)
            return c.Fail($"Type mismatch for ${variable.Name}: trying to assign value of type '{type}' when variable already has a type '{local.Type}'");
        BoundLocal found = new("$found", c.Span) { Type = BooleanType.Instance };
        BoundLocalRead read = new(c.Span, found);
        BoundBlock block = new(c.Span,
        [
            new BoundAssignLocal(c.Span, found, c.Make(BoundIntrinsic.HasKey, BooleanType.Instance, element) with { Map = slot.Bound }),
            new BoundIf(c.Span, read, new BoundAssignLocal(c.Span, local, converted), null),
        ])
        { Locals = [found] };
        return new BoundBlockExpression(c.Span, BooleanType.Instance, block, read);
    }

    private static BoundExpression Length(Call c)
    {
        if (c.Syntax[0] is MapSyntax { Key: null } map)
        {
            if (c.Body.UseMap(map) is not { } slot) return c.Unknown;
            if (slot.IsScalar == true) return c.Fail("call to len() expects a map with explicit keys (non-scalar map)");
            slot.IsScalar ??= false;
            if (c.Context.IsFinal && (slot.Value is null || slot.Key is null)) c.Body.ReportUndefined(map.Span, slot.Name);
            return c.Make(BoundIntrinsic.MapLength, IntegerType.Int64) with { Map = slot.Bound };
        }
        return c[0].Type switch
        {
            UnknownType => c.Unknown,
            StackType => c.Make(BoundIntrinsic.StackLength, IntegerType.Int64, c[0]),
            _ => c.Fail("call to len() expects a map, ustack, or kstack"),
        };
    }

    private static BoundExpression IsScalar(Call c)
    {
        if (c.Syntax[0] is not MapSyntax { Key: null } map) return c.Fail("is_scalar() expects a map for the first argument");
        if (c.Body.UseMap(map) is not { } slot) return c.Unknown;
        if (slot.IsScalar is { } known) return Literals.Boolean(c.Span, known);
        if (c.Context.IsFinal) c.Body.ReportUndefined(c.Span, slot.Name, "Unknown");
        return c.Unknown;
    }
}
