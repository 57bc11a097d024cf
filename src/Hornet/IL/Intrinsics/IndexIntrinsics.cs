using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;

namespace Hornet.IL.Intrinsics;

/// <summary><c>Index</c> and <c>Range</c> as values: an index from the end is kept as its complement, as in .NET.</summary>
internal static class IndexIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        var index = typeof(Index);
        registry.Add(index, static call => SpanIntrinsics.Result(call, Make(call.Translator, call.Number(0), call.Arguments.Length > 1 ? call.Number(1) : null)), ".ctor");
        registry.Add(index, static call => Make(call.Translator, call.Number(0), null), "op_Implicit", "FromStart");
        registry.Add(index, static call => Make(call.Translator, call.Number(0), Translator.Number32(1)), "FromEnd");
        registry.Add(index, static _ => Index(Translator.Number32(0)), "get_Start");
        registry.Add(index, static _ => Index(Translator.Number32(-1)), "get_End");
        registry.Add(index, static call => new Scalar(IsFromEnd(call.Translator, Load(call, 0))), "get_IsFromEnd");
        registry.Add(index, static call => new Scalar(Pick(call.Translator, Load(call, 0), value => call.Translator.Arithmetic(BinaryOperator.Xor, value, Translator.Number32(-1)))), "get_Value");
        registry.Add(index, static call => new Scalar(Offset(call.Translator, Load(call, 0), call.Number(0))), "GetOffset");

        var range = typeof(Range);
        registry.Add(range, static call => SpanIntrinsics.Result(call, Between(Leaf(call, 0), Leaf(call, 1))), ".ctor");
        registry.Add(range, static call => Between(Leaf(call, 0), Translator.Number32(-1)), "StartAt");
        registry.Add(range, static call => Between(Translator.Number32(0), Leaf(call, 0)), "EndAt");
        registry.Add(range, static _ => Between(Translator.Number32(0), Translator.Number32(-1)), "get_All");
        registry.Add(range, static call => Index(Load(call, 0)), "get_Start");
        registry.Add(range, static call => Index(Load(call, 1)), "get_End");
        registry.Add(range, GetOffsetAndLength, "GetOffsetAndLength");
    }

    private static StructValue Index(Value value) => new((StructShape)Shape.Of(typeof(Index)), [new Scalar(value)]);

    private static StructValue Between(Value start, Value end) => new((StructShape)Shape.Of(typeof(Range)), [new Scalar(start), new Scalar(end)]);

    private static Value Leaf(IntrinsicCall call, int argument) => ((Scalar)((StructValue)call.Arguments[argument]).Leaves[0]).Ir;

    private static Value Load(IntrinsicCall call, int leaf)
    {
        var value = call.Target as StructValue ?? (StructValue)call.Translator.LoadFrom(call.Target!, Shape.Of(call.DeclaringType), false);
        return value.Leaves[leaf] is Scalar scalar ? scalar.Ir : Translator.Number32(0);
    }

    private static Value IsFromEnd(Translator t, Value value) => t.Comparison(Predicate.Less, value, Translator.Number32(0));

    private static Value Pick(Translator t, Value value, Func<Value, Value> fromEnd) =>
        ((Scalar)t.Choose(IsFromEnd(t, value), () => new Scalar(fromEnd(value)), () => new Scalar(value))).Ir;

    // A negative number throws in .NET.
    private static ILValue Make(Translator t, Value value, Value? fromEnd)
    {
        t.LeaveProgramIf(t.Comparison(Predicate.Less, value, Translator.Number32(0)));
        if (t.Current is null) return ErrorValue.Instance;
        return fromEnd is null ? Index(value)
            : Index(((Scalar)t.Choose(fromEnd, () => new Scalar(t.Arithmetic(BinaryOperator.Xor, value, Translator.Number32(-1))), () => new Scalar(value))).Ir);
    }

    private static Value Offset(Translator t, Value value, Value length) =>
        Pick(t, value, complement => t.Arithmetic(BinaryOperator.Add, t.Arithmetic(BinaryOperator.Add, complement, length), Translator.Number32(1)));

    private static ILValue? GetOffsetAndLength(IntrinsicCall call)
    {
        var t = call.Translator;
        Value length = call.Number(0), start = Offset(t, Load(call, 0), length), end = Offset(t, Load(call, 1), length);
        t.LeaveProgramIf(t.Comparison(Predicate.Above, end, length));
        if (t.Current is null) return ErrorValue.Instance;
        t.LeaveProgramIf(t.Comparison(Predicate.Above, start, end));
        return t.Current is null ? ErrorValue.Instance
            : new StructValue((StructShape)Shape.Of(typeof((int, int))), [new Scalar(start), new Scalar(t.Arithmetic(BinaryOperator.Sub, end, start))]);
    }
}
