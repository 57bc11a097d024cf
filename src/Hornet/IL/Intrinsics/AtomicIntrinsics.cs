using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Intrinsics;

/// <summary><c>Interlocked</c> and <c>Volatile</c>. On a variable that only this run of the program sees, they are ordinary arithmetic.</summary>
internal static class AtomicIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        var type = typeof(Interlocked);
        registry.Add(type, static call => Add(call, call.Number(1)), "Add");
        registry.Add(type, static call => Add(call, Constant.Of(TypeOf(call), 1)), "Increment");
        registry.Add(type, static call => Add(call, Constant.Of(TypeOf(call), -1)), "Decrement");
        registry.Add(type, static call => Operate(call, AtomicOperator.And, BinaryOperator.And), "And");
        registry.Add(type, static call => Operate(call, AtomicOperator.Or, BinaryOperator.Or), "Or");
        registry.Add(type, Exchange, "Exchange");
        registry.Add(type, CompareExchange, "CompareExchange");
        registry.Add(type, static call => call.Translator.LoadFrom(call.Arguments[0], Target(call), true), "Read");
        registry.Add(typeof(Volatile), static call => call.Translator.LoadFrom(call.Arguments[0], Target(call), true), "Read");
        registry.Add(typeof(Volatile), static call =>
        {
            call.Translator.StoreTo(call.Arguments[0], Target(call), call.Arguments[1], true);
            return null;
        }, "Write");
    }

    private static Shape Target(IntrinsicCall call) => Shape.Of(call.ParameterType(0).GetElementType()!);

    private static IrType TypeOf(IntrinsicCall call) => Target(call) is ScalarShape shape ? shape.IrType : IrType.I64;

    private static bool IsSupported(IntrinsicCall call) => Target(call) is ScalarShape { IsFloat: false, Size: 4 or 8 };

    private static Value Read(IntrinsicCall call) => call.Translator.LoadFrom(call.Arguments[0], Target(call), false) is Scalar scalar ? scalar.Ir : Constant.Of(TypeOf(call), 0);

    private static bool IsPrivate(IntrinsicCall call) => call.Arguments[0] is VariableAddress { Variable.Slot: null };

    private static ILValue? Add(IntrinsicCall call, Value amount)
    {
        if (!IsSupported(call)) return call.Decline();
        var t = call.Translator;
        if (IsPrivate(call))
        {
            var sum = t.Arithmetic(BinaryOperator.Add, Read(call), amount);
            t.StoreTo(call.Arguments[0], Target(call), new Scalar(sum), false);
            return new Scalar(sum);
        }
        var pointer = t.Reach(call.Arguments[0], Target(call).Size);
        if (t.Current is null) return ErrorValue.Instance;
        bool wanted = !t.IsResultDropped;
        var old = t.Emit(new AtomicReadModifyWrite(AtomicOperator.Add, pointer.Base, pointer.Offset, amount, wanted));
        // .NET's result is the new value, the kernel's the old one.
        return new Scalar(wanted ? t.Arithmetic(BinaryOperator.Add, old, amount) : Constant.Of(amount.Type, 0));
    }

    private static ILValue? Operate(IntrinsicCall call, AtomicOperator atomic, BinaryOperator plain)
    {
        if (!IsSupported(call)) return call.Decline();
        var t = call.Translator;
        if (IsPrivate(call))
        {
            var before = Read(call);
            t.StoreTo(call.Arguments[0], Target(call), new Scalar(t.Arithmetic(plain, before, call.Number(1))), false);
            return new Scalar(before);
        }
        var pointer = t.Reach(call.Arguments[0], Target(call).Size);
        if (t.Current is null) return ErrorValue.Instance;
        bool wanted = !t.IsResultDropped;
        var old = t.Emit(new AtomicReadModifyWrite(atomic, pointer.Base, pointer.Offset, call.Number(1), wanted));
        return new Scalar(wanted ? old : Constant.Of(call.Number(1).Type, 0));
    }

    private static ILValue? Exchange(IntrinsicCall call)
    {
        if (!IsSupported(call)) return call.Decline();
        var t = call.Translator;
        if (IsPrivate(call))
        {
            var before = Read(call);
            t.StoreTo(call.Arguments[0], Target(call), call.Arguments[1], false);
            return new Scalar(before);
        }
        var pointer = t.Reach(call.Arguments[0], Target(call).Size);
        return t.Current is null ? ErrorValue.Instance
            : new Scalar(t.Emit(new AtomicReadModifyWrite(AtomicOperator.Exchange, pointer.Base, pointer.Offset, call.Number(1), fetch: true)));
    }

    private static ILValue? CompareExchange(IntrinsicCall call)
    {
        if (!IsSupported(call)) return call.Decline();
        var t = call.Translator;
        if (IsPrivate(call))
        {
            var before = Read(call);
            var after = t.Choose(t.Comparison(Predicate.Equal, before, call.Number(2)), () => call.Arguments[1], () => new Scalar(before));
            t.StoreTo(call.Arguments[0], Target(call), after, false);
            return new Scalar(before);
        }
        var pointer = t.Reach(call.Arguments[0], Target(call).Size);
        return t.Current is null ? ErrorValue.Instance
            : new Scalar(t.Emit(new CompareExchange(pointer.Base, pointer.Offset, call.Number(2), call.Number(1))));
    }
}
