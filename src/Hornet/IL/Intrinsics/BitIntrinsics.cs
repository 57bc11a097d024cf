using System.Numerics;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;

namespace Hornet.IL.Intrinsics;

/// <summary><c>BitOperations</c>, <c>Math</c>, and the static methods of the integer types that do the same.</summary>
internal static class BitIntrinsics
{
    /// <summary>The integer types.</summary>
    public static readonly Type[] Integers =
    [
        typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(nint), typeof(nuint),
    ];

    public static void Register(IntrinsicRegistry registry)
    {
        foreach (var type in (Type[])[typeof(BitOperations), .. Integers])
        {
            registry.Add(type, static call => Count(call, PopCount), "PopCount");
            registry.Add(type, static call => Count(call, LeadingZeros), "LeadingZeroCount");
            registry.Add(type, static call => Count(call, TrailingZeros), "TrailingZeroCount");
            registry.Add(type, Log2, "Log2");
            registry.Add(type, static call => Rotate(call, BinaryOperator.Shl, BinaryOperator.LShr), "RotateLeft");
            registry.Add(type, static call => Rotate(call, BinaryOperator.LShr, BinaryOperator.Shl), "RotateRight");
            registry.Add(type, IsPow2, "IsPow2");
        }
        foreach (var type in (Type[])[typeof(Math), .. Integers])
        {
            registry.Add(type, static call => Extreme(call, signed => signed ? Predicate.Less : Predicate.Below), "Min");
            registry.Add(type, static call => Extreme(call, signed => signed ? Predicate.Greater : Predicate.Above), "Max");
            registry.Add(type, Clamp, "Clamp");
            registry.Add(type, Abs, "Abs");
            registry.Add(type, Sign, "Sign");
        }
    }

    private static ScalarShape? ShapeOf(IntrinsicCall call, int argument = 0) =>
        Shape.Of(call.ParameterType(argument)) is ScalarShape { IsFloat: false } shape ? shape : null;

    // The count as the method's result has it; narrow types count within their own width.
    private static ILValue? Count(IntrinsicCall call, Func<Translator, Value, int, Value> count)
    {
        if (ShapeOf(call) is not { } shape || Shape.Of(call.ReturnType) is not ScalarShape result) return call.Decline();
        var t = call.Translator;
        var value = call.Number(0);
        int bits = shape.Size * 8;
        // Narrow signed numbers are sign-extended; their bits above do not count.
        if (bits == 8) value = t.Convert(ConversionKind.ZeroExtend8, value);
        if (bits == 16) value = t.Convert(ConversionKind.ZeroExtend16, value);
        var found = count(t, value, bits);
        return new Scalar(result.IrType == IrType.I64 ? t.Widen(found, false) : t.Narrow(found));
    }

    private static Value Const(Value like, long number) => Constant.Of(like.Type, number);

    private static Value PopCount(Translator t, Value value, int bits)
    {
        bool wide = value.Type == IrType.I64;
        if (Translator.IsKnown(value, out long known)) return Const(value, wide ? BitOperations.PopCount((ulong)known) : BitOperations.PopCount((uint)known));
        Value Mask(long mask) => Const(value, wide ? mask : (int)mask);
        Value Shifted(Value v, int by) => t.Arithmetic(BinaryOperator.LShr, v, Const(value, by));
        var x = t.Arithmetic(BinaryOperator.Sub, value, t.Arithmetic(BinaryOperator.And, Shifted(value, 1), Mask(0x5555555555555555)));
        x = t.Arithmetic(BinaryOperator.Add, t.Arithmetic(BinaryOperator.And, x, Mask(0x3333333333333333)), t.Arithmetic(BinaryOperator.And, Shifted(x, 2), Mask(0x3333333333333333)));
        x = t.Arithmetic(BinaryOperator.And, t.Arithmetic(BinaryOperator.Add, x, Shifted(x, 4)), Mask(0x0f0f0f0f0f0f0f0f));
        return Shifted(t.Arithmetic(BinaryOperator.Mul, x, Mask(0x0101010101010101)), wide ? 56 : 24);
    }

    private static Value LeadingZeros(Translator t, Value value, int bits)
    {
        // All bits below the highest one are set; the others are counted.
        var x = value;
        for (int by = 1; by < bits; by *= 2) x = t.Arithmetic(BinaryOperator.Or, x, t.Arithmetic(BinaryOperator.LShr, x, Const(value, by)));
        return t.Arithmetic(BinaryOperator.Sub, Const(value, bits), PopCount(t, x, bits));
    }

    private static Value TrailingZeros(Translator t, Value value, int bits)
    {
        // The zeros below the lowest one become ones: ~x & (x - 1). Of 0 that is every bit.
        var ones = t.Arithmetic(BinaryOperator.And, t.Arithmetic(BinaryOperator.Xor, value, Const(value, -1)), t.Arithmetic(BinaryOperator.Sub, value, Const(value, 1)));
        if (bits < 32) ones = t.Arithmetic(BinaryOperator.And, ones, Const(value, (1L << bits) - 1));
        return PopCount(t, ones, bits);
    }

    private static ILValue? Log2(IntrinsicCall call)
    {
        if (ShapeOf(call) is not { } shape || Shape.Of(call.ReturnType) is not ScalarShape result) return call.Decline();
        var t = call.Translator;
        var value = call.Number(0);
        if (shape.IsSigned) t.LeaveProgramIf(t.Comparison(Predicate.Less, value, Const(value, 0)));
        if (t.Current is null) return ErrorValue.Instance;
        // Of 0 it is 0, by definition.
        var zeros = LeadingZeros(t, t.Arithmetic(BinaryOperator.Or, value, Const(value, 1)), value.Type.Bits);
        var found = t.Arithmetic(BinaryOperator.Sub, Const(value, value.Type.Bits - 1), zeros);
        return new Scalar(result.IrType == IrType.I64 ? t.Widen(found, false) : t.Narrow(found));
    }

    private static ILValue? Rotate(IntrinsicCall call, BinaryOperator first, BinaryOperator second)
    {
        if (ShapeOf(call) is not { Size: >= 4 }) return call.Decline();
        var t = call.Translator;
        var value = call.Number(0);
        var by = value.Type == IrType.I64 ? t.Widen(call.Number(1), false) : t.Narrow(call.Number(1));
        var back = t.Arithmetic(BinaryOperator.And, t.Arithmetic(BinaryOperator.Sub, Const(value, 0), by), Const(value, value.Type.Bits - 1));
        by = t.Arithmetic(BinaryOperator.And, by, Const(value, value.Type.Bits - 1));
        return new Scalar(t.Arithmetic(BinaryOperator.Or, t.Arithmetic(first, value, by), t.Arithmetic(second, value, back)));
    }

    private static ILValue? IsPow2(IntrinsicCall call)
    {
        if (ShapeOf(call) is not { } shape) return call.Decline();
        var t = call.Translator;
        var value = call.Number(0);
        var single = t.Comparison(Predicate.Equal, t.Arithmetic(BinaryOperator.And, value, t.Arithmetic(BinaryOperator.Sub, value, Const(value, 1))), Const(value, 0));
        var positive = t.Comparison(shape.IsSigned ? Predicate.Greater : Predicate.Above, value, Const(value, 0));
        return new Scalar(t.Arithmetic(BinaryOperator.And, single, positive));
    }

    private static ILValue? Extreme(IntrinsicCall call, Func<bool, Predicate> wanted)
    {
        if (ShapeOf(call) is not { } shape) return call.Decline();
        return new Scalar(Select(call.Translator, wanted(shape.IsSigned), call.Number(0), call.Number(1)));
    }

    // The first value when it compares so with the second, which it is otherwise.
    private static Value Select(Translator t, Predicate predicate, Value first, Value second) =>
        ((Scalar)t.Choose(t.Comparison(predicate, first, second), () => new Scalar(first), () => new Scalar(second))).Ir;

    private static ILValue? Clamp(IntrinsicCall call)
    {
        if (ShapeOf(call) is not { } shape) return call.Decline();
        var t = call.Translator;
        Value value = call.Number(0), least = call.Number(1), most = call.Number(2);
        Predicate below = shape.IsSigned ? Predicate.Less : Predicate.Below, above = shape.IsSigned ? Predicate.Greater : Predicate.Above;
        t.LeaveProgramIf(t.Comparison(above, least, most));
        if (t.Current is null) return ErrorValue.Instance;
        return new Scalar(Select(t, above, least, Select(t, below, value, most)));
    }

    private static ILValue? Abs(IntrinsicCall call)
    {
        if (ShapeOf(call) is not { } shape) return call.Decline();
        var value = call.Number(0);
        if (!shape.IsSigned) return new Scalar(value);
        var t = call.Translator;
        long least = -1L << ((shape.Size * 8) - 1);
        t.LeaveProgramIf(t.Comparison(Predicate.Equal, value, Const(value, least)));
        if (t.Current is null) return ErrorValue.Instance;
        var sign = t.Arithmetic(BinaryOperator.AShr, value, Const(value, value.Type.Bits - 1));
        return new Scalar(t.Arithmetic(BinaryOperator.Sub, t.Arithmetic(BinaryOperator.Xor, value, sign), sign));
    }

    private static ILValue? Sign(IntrinsicCall call)
    {
        if (ShapeOf(call) is not { IsSigned: true }) return call.Decline();
        var t = call.Translator;
        var value = call.Number(0);
        var positive = t.Comparison(Predicate.Greater, value, Const(value, 0));
        var negative = t.Comparison(Predicate.Less, value, Const(value, 0));
        return new Scalar(t.Arithmetic(BinaryOperator.Sub, positive, negative));
    }
}
