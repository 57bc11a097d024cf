using System.Diagnostics;
using System.Reflection;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;

namespace Hornet.IL.Intrinsics;

/// <summary>Nullable values, tuples, equality, enumerations, types, and what is left of <c>object</c>.</summary>
internal static class ValueIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        var nullable = typeof(Nullable<>);
        registry.Add(nullable, static call => SpanIntrinsics.Result(call, Present(call, call.DeclaringType, call.Arguments[0])), ".ctor");
        registry.Add(nullable, static call => Load(call).Leaves[0], "get_HasValue");
        registry.Add(nullable, GetValue, "get_Value");
        registry.Add(nullable, GetValueOrDefault, "GetValueOrDefault");
        registry.Add(nullable, static call => Present(call, call.ReturnType, call.Arguments[0]), "op_Implicit");

        foreach (var tuple in (ReadOnlySpan<Type>)[typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>)])
        {
            registry.Add(tuple, Tuple, ".ctor");
            registry.Add(tuple, TupleEquals, "Equals");
        }
        registry.Add(typeof(KeyValuePair<,>), Tuple, ".ctor");
        registry.Add(typeof(KeyValuePair<,>), static call => Part(call, 0), "get_Key");
        registry.Add(typeof(KeyValuePair<,>), static call => Part(call, 1), "get_Value");

        registry.Add(typeof(KeyValuePair<,>), Deconstruct, "Deconstruct");
        registry.Add(typeof(TimeSpan), static call => Load(call).Field(0), "get_Ticks");

        registry.Add(typeof(EqualityComparer<>), static call => new MemberToken(call.OwnerArgument()), "get_Default");
        registry.Add(typeof(EqualityComparer<>), static call => call.Arguments.Length == 2 ? Equal(call.Translator, call.Arguments[0], call.Arguments[1], call.OwnerArgument()) ?? call.Decline() : call.Decline(), "Equals");
        registry.Add(typeof(Comparer<>), static call => new MemberToken(call.OwnerArgument()), "get_Default");
        registry.Add(typeof(Enum), HasFlag, "HasFlag");
        registry.Add(typeof(Enum), EnumEquals, "Equals");
        registry.Add(typeof(ValueType), EnumEquals, "Equals");

        registry.Add(typeof(Type), static call => call.Arguments[0], "GetTypeFromHandle");
        registry.Add(typeof(Type), static call => SameType(call, true), "op_Equality");
        registry.Add(typeof(Type), static call => SameType(call, false), "op_Inequality");
        registry.Add(typeof(Type), static call => call.Target is MemberToken { Member: Type type } ? IntrinsicCall.Truth(type.IsValueType) : call.Decline(), "get_IsValueType");

        registry.Add(typeof(object), static _ => null, ".ctor");
        registry.Add(typeof(string), static call => call.Target is ObjectConstant { Instance: string text } ? new Scalar(Translator.Number32(text.Length)) : call.Decline(), "get_Length");
        registry.Add(typeof(string), CharacterOf, "get_Chars");
        registry.Add(typeof(Array), static call => call.Target is ObjectConstant { Instance: Array array } ? new Scalar(Translator.Number32(array.Length)) : call.Decline(), "get_Length");
        registry.Add(typeof(Debug), Assert, "Assert");
    }

    private static StructValue Load(IntrinsicCall call) =>
        call.Target as StructValue ?? (StructValue)call.Translator.Coerce(call.Translator.LoadFrom(call.Target!, Shape.Of(call.DeclaringType), false), Shape.Of(call.DeclaringType));

    // Nullables of structs that lie in memory have no leaves to take.
    private static bool HasLeaves(Type type) => Shape.Of(type) is StructShape;

    private static ILValue Present(IntrinsicCall call, Type type, ILValue value)
    {
        if (!HasLeaves(type)) return call.Translator.Report(Rules.Unsupported, $"{Names.Of(type)} is used");
        var shape = (StructShape)Shape.Of(type);
        return new StructValue(shape, [new Scalar(Translator.Number32(1)), .. StructValue.LeavesOf(call.Translator.Coerce(value, shape.Fields[1].Shape))]);
    }

    private static ILValue? GetValue(IntrinsicCall call)
    {
        if (!HasLeaves(call.DeclaringType)) return call.Decline();
        var value = Load(call);
        var t = call.Translator;
        if (value.Leaves[0] is not Scalar present) return ErrorValue.Instance;
        t.LeaveProgramIf(t.Comparison(Predicate.Equal, present.Ir, Translator.Number32(0)));
        return t.Current is null ? ErrorValue.Instance : value.Field(1);
    }

    private static ILValue? GetValueOrDefault(IntrinsicCall call)
    {
        if (!HasLeaves(call.DeclaringType)) return call.Decline();
        var value = Load(call);
        // Without a value the rest is zero, so there is nothing to choose.
        if (call.Arguments.Length == 0) return value.Field(1);
        if (value.Leaves[0] is not Scalar present) return ErrorValue.Instance;
        var t = call.Translator;
        return t.Choose(present.Ir, () => value.Field(1), () => t.Coerce(call.Arguments[0], ((StructShape)value.Shape).Fields[1].Shape));
    }

    private static ILValue? Tuple(IntrinsicCall call)
    {
        var t = call.Translator;
        if (Shape.Of(call.DeclaringType) is not StructShape shape)
        {
            // Too large for leaves: field by field in memory.
            var place = call.Target ?? t.AddressOf(t.NewTemporary(Shape.Of(call.DeclaringType), null));
            var fields = Layout.InstanceFields(call.DeclaringType);
            for (int i = 0; i < call.Arguments.Length; i++) t.StoreTo(t.FieldAddress(place, fields[i]), Shape.Of(fields[i].FieldType), call.Arguments[i], false);
            return call.Target is null ? t.LoadFrom(place, Shape.Of(call.DeclaringType), false) : null;
        }
        List<ILValue> leaves = [];
        for (int i = 0; i < call.Arguments.Length; i++) leaves.AddRange(StructValue.LeavesOf(t.Coerce(call.Arguments[i], shape.Fields[i].Shape)));
        return SpanIntrinsics.Result(call, new StructValue(shape, [.. leaves]));
    }

    private static ILValue? Deconstruct(IntrinsicCall call)
    {
        for (int i = 0; i < call.Arguments.Length; i++) call.Translator.StoreTo(call.Arguments[i], Shape.Of(call.ParameterType(i).GetElementType()!), Part(call, i), false);
        return null;
    }

    // A pair whose parts are too large for registers lies in memory.
    private static ILValue Part(IntrinsicCall call, int index)
    {
        var t = call.Translator;
        if (Shape.Of(call.DeclaringType) is not MemoryShape) return Load(call).Field(index);
        var field = Layout.InstanceFields(call.DeclaringType)[index];
        var address = t.RealPointer(call.Target is MemoryValue memory ? memory.Address : call.Target!);
        return t.LoadFrom(address with { Offset = address.Offset + Layout.OffsetOf(field) }, Shape.Of(field.FieldType), false);
    }

    private static ILValue? TupleEquals(IntrinsicCall call)
    {
        if (call.ParameterType(0) != call.DeclaringType || Shape.Of(call.DeclaringType) is not StructShape) return call.Decline();
        return Equal(call.Translator, Load(call), call.Arguments[0], call.DeclaringType) ?? call.Decline();
    }

    /// <summary>Whether two values are equal as <c>EqualityComparer&lt;T&gt;.Default</c> has it; null when that cannot be computed here.</summary>
    public static ILValue? Equal(Translator t, ILValue left, ILValue right, Type type)
    {
        if (left is ErrorValue || right is ErrorValue) return ErrorValue.Instance;
        switch (Shape.Of(type))
        {
            case ScalarShape { IsFloat: false }:
                return t.Compare(Predicate.Equal, left, right);
            case ObjectShape:
                return t.Compare(Predicate.Equal, left, right);
            case StructShape shape when Nullable.GetUnderlyingType(type) is not null || type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal):
                Value? all = null;
                for (int i = 0; i < shape.Fields.Length; i++)
                {
                    if (Equal(t, ((StructValue)left).Field(i), ((StructValue)right).Field(i), shape.Fields[i].Shape.Type) is not { } same) return null;
                    if (same is not Scalar scalar) return same;
                    all = all is null ? scalar.Ir : t.Arithmetic(BinaryOperator.And, all, scalar.Ir);
                }
                return new Scalar(all ?? Translator.Number32(1));
        }
        // The author's own Equals.
        var equals = type.GetMethod("Equals", BindingFlags.Instance | BindingFlags.Public, [type]);
        if (equals is null || equals.Module.Assembly == typeof(object).Assembly) return null;
        return t.Invoke(equals, t.AddressOf(t.NewTemporary(Shape.Of(type), left)), [right], isVirtual: false);
    }

    /// <summary><c>Equals</c> and <c>CompareTo</c> of integers.</summary>
    public static ILValue? CompareNumbers(IntrinsicCall call, bool equality)
    {
        if (call.Target is null || call.Method.GetParameters().Length != 1) return call.Decline();
        var t = call.Translator;
        var shape = (ScalarShape)Shape.Of(call.DeclaringType);
        var argument = call.Arguments[0];
        if (argument is BoxedValue boxed)
        {
            if (boxed.Type != call.DeclaringType) return equality ? IntrinsicCall.Truth(false) : call.Decline();
            argument = boxed.Value;
        }
        if (argument is not Scalar right || t.LoadFrom(call.Target, shape, false) is not Scalar left) return call.Decline();
        if (equality) return t.Compare(Predicate.Equal, left, right);
        // Types that fit into an int give the difference, the others -1, 0 or 1.
        if (shape.Size < 4) return new Scalar(t.Arithmetic(BinaryOperator.Sub, left.Ir, right.Ir));
        var greater = t.Comparison(shape.IsSigned ? Predicate.Greater : Predicate.Above, left.Ir, right.Ir);
        var less = t.Comparison(shape.IsSigned ? Predicate.Less : Predicate.Below, left.Ir, right.Ir);
        return new Scalar(t.Arithmetic(BinaryOperator.Sub, greater, less));
    }

    private static ILValue? HasFlag(IntrinsicCall call)
    {
        if (call.Target is not BoxedValue { Value: Scalar value } || call.Arguments[0] is not BoxedValue { Value: Scalar flag }) return call.Decline();
        var t = call.Translator;
        return new Scalar(t.Comparison(Predicate.Equal, t.Arithmetic(BinaryOperator.And, value.Ir, flag.Ir), flag.Ir));
    }

    private static ILValue? EnumEquals(IntrinsicCall call)
    {
        if (call.Target is not BoxedValue self || call.Arguments[0] is not BoxedValue other) return call.Decline();
        if (self.Type != other.Type) return IntrinsicCall.Truth(false);
        return Shape.Of(self.Type) is ScalarShape ? Equal(call.Translator, self.Value, other.Value, self.Type) ?? call.Decline() : call.Decline();
    }

    private static ILValue? SameType(IntrinsicCall call, bool equal) =>
        call.Arguments[0] is MemberToken left && call.Arguments[1] is MemberToken right ? IntrinsicCall.Truth(Equals(left.Member, right.Member) == equal) : call.Decline();

    private static ILValue? CharacterOf(IntrinsicCall call) =>
        call.Target is ObjectConstant { Instance: string text } && call.Arguments[0] is Scalar { Known: { } at } && at >= 0 && at < text.Length
            ? new Scalar(Translator.Number32(text[(int)at]))
            : call.Decline();

    // In a Debug build a wrong assertion ends the process; in the kernel it ends the program's run.
    private static ILValue? Assert(IntrinsicCall call)
    {
        if (call.Arguments[0] is not Scalar condition) return call.Decline();
        call.Translator.LeaveProgramIf(call.Translator.Comparison(Predicate.Equal, condition.Ir, Translator.Number32(0)));
        return null;
    }
}
