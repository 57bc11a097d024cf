using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;

namespace Hornet.IL.Intrinsics;

/// <summary>Searching in spans: loops that end at the first place where something holds.</summary>
internal static class SearchIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        var type = typeof(MemoryExtensions);
        registry.Add(type, static call => IndexOf(call, last: false), "IndexOf");
        registry.Add(type, static call => IndexOf(call, last: true), "LastIndexOf");
        registry.Add(type, static call => Any(call, except: false), "IndexOfAny");
        registry.Add(type, static call => Any(call, except: true), "IndexOfAnyExcept");
        registry.Add(type, static call => Found(call, IndexOf(call, last: false)), "Contains");
        registry.Add(type, static call => Found(call, Any(call, except: false)), "ContainsAny");
        registry.Add(type, EndsWith, "EndsWith");
        registry.Add(type, Count, "Count");
    }

    private static bool IsBitwise(Type type) => Shape.Of(type) is ScalarShape { IsFloat: false };

    // An equality comparer that is not given comes as null.
    private static ILValue[]? Wanted(IntrinsicCall call)
    {
        if (call.Arguments[0] is not StructValue || !IsBitwise(call.TypeArgument())) return null;
        var wanted = call.Arguments[1..];
        if (wanted.Length > 1 && wanted[^1] is ObjectConstant { Instance: null }) wanted = wanted[..^1];
        return Array.TrueForAll(wanted, value => value is Scalar) || wanted is [StructValue] ? wanted : null;
    }

    // The index is below the length; of the rest of a span the verifier wants to see it compared with the whole.
    private static ILValue Element(Translator t, StructValue span, Value index) => SpanIntrinsics.Reference(span) is Pointer { Index: not null }
        ? SpanIntrinsics.Item(t, span, index) is { } place and not ErrorValue ? t.LoadFrom(place, Shape.Of(SpanIntrinsics.Element(span)), false) : ErrorValue.Instance
        : t.LoadFrom(t.AddBytes(SpanIntrinsics.Reference(span), t.Arithmetic(BinaryOperator.Mul, t.Widen(index, false), Translator.Number(SpanIntrinsics.ElementSize(span)))), Shape.Of(SpanIntrinsics.Element(span)), false);

    // Whether an element is one of several values.
    private static Value? IsOneOf(Translator t, StructValue span, Value index, ILValue[] wanted)
    {
        if (Element(t, span, index) is not Scalar element || t.Current is null) return null;
        var shape = Shape.Of(SpanIntrinsics.Element(span));
        Value? any = null;
        foreach (var one in wanted)
        {
            var same = t.Comparison(Predicate.Equal, element.Ir, ((Scalar)t.Coerce(one, shape)).Ir);
            any = any is null ? same : t.Arithmetic(BinaryOperator.Or, any, same);
        }
        return any;
    }

    private static ILValue? IndexOf(IntrinsicCall call, bool last)
    {
        if (Wanted(call) is not [var wanted]) return call.Decline();
        var t = call.Translator;
        var span = (StructValue)call.Arguments[0];
        var length = SpanIntrinsics.Length(span);
        if (wanted is StructValue sequence) return last ? call.Decline() : new Scalar(IndexOfSequence(t, span, sequence));
        return new Scalar(last
            ? t.FindIndex(length, t.Arithmetic(BinaryOperator.Sub, length, Translator.Number32(1)), index => IsOneOf(t, span, index, [wanted]))
            : t.FindIndex(length, null, index => IsOneOf(t, span, index, [wanted])));
    }

    private static Value IndexOfSequence(Translator t, StructValue span, StructValue sequence)
    {
        var places = t.Choose(t.Comparison(Predicate.Below, SpanIntrinsics.Length(span), SpanIntrinsics.Length(sequence)), () => new Scalar(Translator.Number32(0)),
            () => new Scalar(t.Arithmetic(BinaryOperator.Add, t.Arithmetic(BinaryOperator.Sub, SpanIntrinsics.Length(span), SpanIntrinsics.Length(sequence)), Translator.Number32(1))));
        int size = SpanIntrinsics.ElementSize(span);
        return t.FindIndex(((Scalar)places).Ir, null, index =>
        {
            var at = t.AddBytes(SpanIntrinsics.Reference(span), t.Arithmetic(BinaryOperator.Mul, t.Widen(index, false), Translator.Number(size)));
            return SpanIntrinsics.Equal(t, Translator.SpanOver(span.Shape.Type, at, SpanIntrinsics.Length(sequence)), sequence) is Scalar same ? same.Ir : null;
        });
    }

    private static ILValue? Any(IntrinsicCall call, bool except)
    {
        if (Wanted(call) is not { Length: > 0 } wanted) return call.Decline();
        var t = call.Translator;
        var span = (StructValue)call.Arguments[0];
        if (wanted is [StructValue several])
        {
            // Values in a span that is known.
            if (SpanIntrinsics.Reference(several) is not ConstantData { Offset: Constant { Number: var from } } data || !Translator.IsKnown(SpanIntrinsics.Length(several), out long count) || count > 16) return call.Decline();
            int size = SpanIntrinsics.ElementSize(several);
            wanted = new ILValue[count];
            for (int i = 0; i < count; i++) wanted[i] = Constants.Decode(Shape.Of(SpanIntrinsics.Element(several)), data.Bytes.AsSpan((int)from + (i * size)));
            if (count == 0) return call.Decline();
        }
        return new Scalar(t.FindIndex(SpanIntrinsics.Length(span), null, index =>
            IsOneOf(t, span, index, wanted) is { } one ? except ? t.Comparison(Predicate.Equal, one, Translator.Number32(0)) : one : null));
    }

    private static ILValue? Found(IntrinsicCall call, ILValue? index) =>
        index is Scalar at ? new Scalar(call.Translator.Comparison(Predicate.GreaterOrEqual, at.Ir, Translator.Number32(0))) : index;

    private static ILValue? EndsWith(IntrinsicCall call)
    {
        if (Wanted(call) is not [var wanted]) return call.Decline();
        var t = call.Translator;
        var span = (StructValue)call.Arguments[0];
        var length = SpanIntrinsics.Length(span);
        if (wanted is not StructValue suffix)
        {
            return t.Choose(t.Comparison(Predicate.Equal, length, Translator.Number32(0)), () => IntrinsicCall.Truth(false),
                () => IsOneOf(t, span, t.Arithmetic(BinaryOperator.Sub, length, Translator.Number32(1)), [wanted]) is { } same ? new Scalar(same) : ErrorValue.Instance);
        }
        return t.Choose(t.Comparison(Predicate.Below, length, SpanIntrinsics.Length(suffix)), () => IntrinsicCall.Truth(false), () =>
        {
            var start = t.Arithmetic(BinaryOperator.Sub, length, SpanIntrinsics.Length(suffix));
            var at = t.AddBytes(SpanIntrinsics.Reference(span), t.Arithmetic(BinaryOperator.Mul, t.Widen(start, false), Translator.Number(SpanIntrinsics.ElementSize(span))));
            return SpanIntrinsics.Equal(t, Translator.SpanOver(span.Shape.Type, at, SpanIntrinsics.Length(suffix)), suffix);
        });
    }

    private static ILValue? Count(IntrinsicCall call)
    {
        if (Wanted(call) is not [Scalar wanted]) return call.Decline();
        var t = call.Translator;
        var span = (StructValue)call.Arguments[0];
        var count = t.NewTemporary(Shape.Of(typeof(int)), new Scalar(Translator.Number32(0)));
        t.Loop(SpanIntrinsics.Length(span), index =>
        {
            if (IsOneOf(t, span, index, [wanted]) is { } one) t.StoreVariable(count, new Scalar(t.Arithmetic(BinaryOperator.Add, ((Scalar)t.LoadVariable(count)).Ir, one)));
        }, count);
        return t.Current is null ? ErrorValue.Instance : t.LoadVariable(count);
    }
}
