using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;

namespace Hornet.IL.Intrinsics;

/// <summary>
/// <c>Span&lt;T&gt;</c> and <c>ReadOnlySpan&lt;T&gt;</c>: a reference and a length. Every access is checked as in .NET;
/// one that fails ends the program.
/// </summary>
internal static class SpanIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        foreach (var type in (ReadOnlySpan<Type>)[typeof(Span<>), typeof(ReadOnlySpan<>)])
        {
            registry.Add(type, Construct, ".ctor");
            registry.Add(type, GetItem, "get_Item");
            registry.Add(type, static call => Load(call).Leaves[1], "get_Length");
            registry.Add(type, IsEmpty, "get_IsEmpty");
            registry.Add(type, static call => Make(call, call.ReturnType, new Pointer(Constant.Null(Region.Unknown)), Translator.Number32(0)), "get_Empty");
            registry.Add(type, Slice, "Slice");
            registry.Add(type, Implicit, "op_Implicit");
            registry.Add(type, static call => Load(call).Leaves[0], "GetPinnableReference");
            registry.Add(type, CopyTo, "CopyTo", "TryCopyTo");
        }
        registry.Add(typeof(Span<>), Clear, "Clear");
        registry.Add(typeof(Span<>), Fill, "Fill");
        registry.Add(typeof(MemoryExtensions), AsSpan, "AsSpan");
        registry.Add(typeof(MemoryExtensions), SequenceEqual, "SequenceEqual");
        registry.Add(typeof(MemoryExtensions), StartsWith, "StartsWith");
    }

    /// <summary>A span by its value.</summary>
    public static StructValue Value(IntrinsicCall call, int argument) => (StructValue)call.Arguments[argument];

    public static ILValue Reference(StructValue span) => span.Leaves[0];

    public static Value Length(StructValue span) => ((Scalar)span.Leaves[1]).Ir;

    /// <summary>The type of a span's elements.</summary>
    public static Type Element(StructValue span) => span.Shape.Type.GetGenericArguments()[0];

    /// <summary>The size of a span's elements.</summary>
    public static int ElementSize(StructValue span) => Layout.SizeOf(Element(span));

    private static StructValue Load(IntrinsicCall call) =>
        call.Target is StructValue span ? span : (StructValue)call.Translator.LoadFrom(call.Target!, Shape.Of(call.DeclaringType), false);

    private static StructValue Make(IntrinsicCall call, Type type, ILValue reference, Value length) => Translator.SpanOver(type, reference, length);

    /// <summary>What a constructor makes: the value of <c>newobj</c>, or stored where the constructor is called on.</summary>
    public static ILValue? Result(IntrinsicCall call, ILValue value)
    {
        if (call.Target is null) return value;
        call.Translator.StoreTo(call.Target, Shape.Of(call.DeclaringType), value, false);
        return null;
    }

    private static ILValue? Construct(IntrinsicCall call)
    {
        var parameters = call.Method.GetParameters();
        var t = call.Translator;
        if (parameters.Length == 1 && parameters[0].ParameterType.IsByRef)
            return Result(call, Make(call, call.DeclaringType, call.Arguments[0], Translator.Number32(1)));
        if (parameters.Length == 2 && parameters[0].ParameterType.IsPointer)
            return Result(call, Make(call, call.DeclaringType, call.Arguments[0], t.Narrow(call.Number(1))));
        if (parameters[0].ParameterType.IsArray)
        {
            if (OverArray(t, call.Arguments[0], call.DeclaringType) is not { } whole) return call.Decline();
            if (parameters.Length == 1) return Result(call, whole);
            if (Sub(t, whole, call.Number(1), call.Number(2)) is { } part) return Result(call, part);
            return ErrorValue.Instance;
        }
        return call.Decline();
    }

    private static StructValue? OverArray(Translator t, ILValue array, Type spanType) => array switch
    {
        ObjectConstant { Instance: null } => Translator.SpanOver(spanType, new Pointer(Constant.Null(Region.Unknown)), Translator.Number32(0)),
        ObjectConstant { Instance: Array { Rank: 1 } known } when Shape.Of(known.GetType().GetElementType()!).IsPlainData =>
            Translator.SpanOver(spanType, t.DataOf(known, Shape.Of(known.GetType().GetElementType()!)), Translator.Number32(known.Length)),
        _ => null,
    };

    private static ILValue? GetItem(IntrinsicCall call) => Item(call.Translator, Load(call), call.Number(0));

    /// <summary>The address of an element, checked.</summary>
    public static ILValue Item(Translator t, StructValue span, Value index)
    {
        if (Reference(span) is ErrorValue || span.Leaves[1] is ErrorValue) return ErrorValue.Instance;
        int size = ElementSize(span);
        Value offset;
        if (t.ReachesPacketEnd(span) && size == 1)
        {
            // The check of the packet's end, when the element is read, says the same.
            offset = t.Widen(index, false);
        }
        else if (t.ElementOfRest(span, t.Narrow(index), size) is { } element)
        {
            return element;
        }
        else
        {
            offset = t.CheckedOffset(t.Narrow(index), Length(span), size);
            if (t.Current is null) return ErrorValue.Instance;
        }
        return Place(t, span, offset);
    }

    /// <summary>The address so many bytes into a span, where an element is.</summary>
    /// <remarks>
    /// Of a piece of the stack with a variable beginning and a variable length the verifier knows how long each can be, not
    /// that the two together stay inside: it is told.
    /// </remarks>
    private static ILValue Place(Translator t, StructValue span, Value offset)
    {
        var place = t.AddBytes(Reference(span), offset);
        if (Reference(span) is Pointer { Index: not null, Base: Alloca slot } && place is Pointer { Index: { } index } element && !Translator.IsKnown(Length(span), out _))
            t.LeaveProgramIf(t.Comparison(Predicate.Above, index, Translator.Number(slot.Size - element.Offset - ElementSize(span))));
        return t.Current is null ? ErrorValue.Instance : place;
    }

    private static ILValue? IsEmpty(IntrinsicCall call) =>
        new Scalar(call.Translator.Comparison(Predicate.Equal, Length(Load(call)), Translator.Number32(0)));

    private static ILValue? Slice(IntrinsicCall call)
    {
        var t = call.Translator;
        var span = Load(call);
        if (span.Leaves[1] is ErrorValue) return ErrorValue.Instance;
        var start = t.Narrow(call.Number(0));
        var length = call.Arguments.Length > 1 ? t.Narrow(call.Number(1)) : null;
        return (ILValue?)Sub(t, span, start, length) ?? ErrorValue.Instance;
    }

    /// <summary>A part of a span, checked; null when the check always fails.</summary>
    public static StructValue? Sub(Translator t, StructValue span, Value start, Value? length)
    {
        bool toEnd = length is null && t.ReachesPacketEnd(span);
        if (length is null)
        {
            t.LeaveProgramIf(t.Comparison(Predicate.Above, start, Length(span)));
            if (t.Current is null) return null;
            length = t.Arithmetic(BinaryOperator.Sub, Length(span), start);
        }
        else
        {
            if (Translator.IsKnown(Length(span), out long whole) && Translator.IsKnown(length, out long part) && part >= 0)
            {
                // This bounds the start itself, as the verifier wants it.
                t.LeaveProgramIf(part > whole ? Translator.Number32(1) : t.Comparison(Predicate.Above, start, Translator.Number32((int)(whole - part))));
            }
            else
            {
                var end = t.Arithmetic(BinaryOperator.Add, t.Widen(start, false), t.Widen(length, false));
                t.LeaveProgramIf(t.Comparison(Predicate.Above, end, t.Widen(Length(span), false)));
            }
            if (t.Current is null) return null;
        }
        var offset = t.Arithmetic(BinaryOperator.Mul, t.Widen(start, false), Translator.Number(ElementSize(span)));
        var result = Translator.SpanOver(span.Shape.Type, t.AddBytes(Reference(span), offset), length);
        if (toEnd) t.NoteReachesPacketEnd(result);
        return result;
    }

    private static ILValue? Implicit(IntrinsicCall call)
    {
        if (call.Arguments[0] is StructValue span && Shape.IsSpan(span.Shape.Type)) return Make(call, call.ReturnType, Reference(span), Length(span)) is var made && call.Translator.ReachesPacketEnd(span) ? Noted(call.Translator, made) : Make(call, call.ReturnType, Reference(span), Length(span));
        return OverArray(call.Translator, call.Arguments[0], call.ReturnType) ?? call.Decline();
    }

    private static StructValue Noted(Translator t, StructValue span)
    {
        t.NoteReachesPacketEnd(span);
        return span;
    }

    private static ILValue? AsSpan(IntrinsicCall call)
    {
        var t = call.Translator;
        if (OverArray(t, call.Arguments[0], call.ReturnType) is not { } whole) return call.Decline();
        for (int i = 1; i < call.Arguments.Length; i++)
        {
            if (call.Arguments[i] is not Scalar) return call.Decline();
        }
        return call.Arguments.Length switch
        {
            1 => whole,
            2 => (ILValue?)Sub(t, whole, call.Number(1), null) ?? ErrorValue.Instance,
            _ => (ILValue?)Sub(t, whole, call.Number(1), call.Number(2)) ?? ErrorValue.Instance,
        };
    }

    private static ILValue? Clear(IntrinsicCall call)
    {
        var span = Load(call);
        FillElements(call.Translator, span, call.Translator.Default(Shape.Of(Element(span))));
        return null;
    }

    private static ILValue? Fill(IntrinsicCall call)
    {
        FillElements(call.Translator, Load(call), call.Arguments[0]);
        return null;
    }

    private static void FillElements(Translator t, StructValue span, ILValue value)
    {
        if (Reference(span) is ErrorValue || span.Leaves[1] is ErrorValue) return;
        var shape = Shape.Of(Element(span));
        bool zero = value is not MemoryValue { IsCopy: false } && value.Equals(t.Default(shape));
        if (Translator.IsKnown(Length(span), out long count))
        {
            if (count == 0) return;
            if (zero || (shape.Size == 1 && value is Scalar))
            {
                var pointer = t.Reach(Reference(span), (int)count * shape.Size);
                if (t.Current is null) return;
                t.Emit(new MemorySet(t.AddressOf(pointer), zero ? Translator.Number32(0) : t.Narrow(((Scalar)value).Ir), (int)count * shape.Size, t.KnownAlignment(pointer)));
                return;
            }
        }
        t.Loop(Length(span), index =>
            t.StoreTo(Place(t, span, t.Arithmetic(BinaryOperator.Mul, t.Widen(index, false), Translator.Number(shape.Size))), shape, value, false));
    }

    private static ILValue? CopyTo(IntrinsicCall call)
    {
        var t = call.Translator;
        StructValue from = Load(call), to = (StructValue)call.Arguments[0];
        var tooLong = t.Comparison(Predicate.Above, Length(from), Length(to));
        if (call.Method.Name == "CopyTo")
        {
            t.LeaveProgramIf(tooLong);
            if (t.Current is not null) CopyElements(t, from, to);
            return null;
        }
        return t.Choose(tooLong, () => IntrinsicCall.Truth(false), () =>
        {
            CopyElements(t, from, to);
            return IntrinsicCall.Truth(true);
        });
    }

    private static void CopyElements(Translator t, StructValue from, StructValue to)
    {
        var shape = Shape.Of(Element(from));
        if (Translator.IsKnown(Length(from), out long count))
        {
            t.CopyBytes(Reference(to), Reference(from), (int)count * shape.Size);
            return;
        }
        t.Loop(Length(from), index =>
        {
            var offset = t.Arithmetic(BinaryOperator.Mul, t.Widen(index, false), Translator.Number(shape.Size));
            var value = t.LoadFrom(Place(t, from, offset), shape, false);
            if (t.Current is not null) t.StoreTo(Place(t, to, offset), shape, value, false);
        });
    }

    private static ILValue? SequenceEqual(IntrinsicCall call)
    {
        if (call.Arguments.Length != 2 || !IsBitwise(call.TypeArgument())) return call.Decline();
        return Equal(call.Translator, Value(call, 0), Value(call, 1));
    }

    private static ILValue? StartsWith(IntrinsicCall call)
    {
        if (call.Arguments.Length != 2 || !IsBitwise(call.TypeArgument()) || call.Arguments[1] is not StructValue prefix) return call.Decline();
        var t = call.Translator;
        var span = Value(call, 0);
        return t.Choose(Translator.IsKnown(Length(prefix), out long least) ? t.IsShorter(span, (int)least) : t.Comparison(Predicate.Below, Length(span), Length(prefix)), () => IntrinsicCall.Truth(false),
            () => Equal(t, Translator.SpanOver(span.Shape.Type, Reference(span), Length(prefix)), prefix));
    }

    private static bool IsBitwise(Type type) => Shape.Of(type) is ScalarShape { IsFloat: false };

    /// <summary>Whether two spans have the same elements.</summary>
    public static ILValue Equal(Translator t, StructValue left, StructValue right) =>
        t.Choose(t.Comparison(Predicate.NotEqual, Length(left), Length(right)), () => IntrinsicCall.Truth(false), () =>
        {
            var length = Translator.IsKnown(Length(left), out _) ? Length(left) : Length(right);
            int size = ElementSize(left);
            if (Translator.IsKnown(length, out long count) && count * size <= 64)
                return new Scalar(t.Comparison(Predicate.Equal, t.Difference(Reference(left), Reference(right), (int)count * size), Translator.Number(0)));
            var differs = t.NewTemporary(Shape.Of(typeof(long)), new Scalar(Translator.Number(0)));
            var element = Shape.Of(Element(left));
            t.Loop(length, index =>
            {
                var offset = t.Arithmetic(BinaryOperator.Mul, t.Widen(index, false), Translator.Number(size));
                if (t.LoadFrom(Place(t, left, offset), element, false) is not Scalar a || t.Current is null) return;
                if (t.LoadFrom(Place(t, right, offset), element, false) is not Scalar b || t.Current is null) return;
                var difference = t.Widen(t.Arithmetic(BinaryOperator.Xor, a.Ir, b.Ir), false);
                t.StoreVariable(differs, new Scalar(t.Arithmetic(BinaryOperator.Or, ((Scalar)t.LoadVariable(differs)).Ir, difference)));
            }, differs);
            return t.Current is null ? ErrorValue.Instance : new Scalar(t.Comparison(Predicate.Equal, ((Scalar)t.LoadVariable(differs)).Ir, Translator.Number(0)));
        });
}
