using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;

namespace Hornet.IL.Intrinsics;

/// <summary><c>MemoryMarshal</c>, <c>BinaryPrimitives</c> and the byte order methods of <c>IPAddress</c>.</summary>
internal static class MarshalIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        var type = typeof(MemoryMarshal);
        registry.Add(type, AsRef, "AsRef");
        registry.Add(type, Read, "Read");
        registry.Add(type, TryRead, "TryRead");
        registry.Add(type, Write, "Write");
        registry.Add(type, TryWrite, "TryWrite");
        registry.Add(type, Cast, "Cast", "AsBytes");
        registry.Add(type, static call => call.Arguments[0] is StructValue span ? SpanIntrinsics.Reference(span) : call.Decline(), "GetReference");
        registry.Add(type, static call => Translator.SpanOver(call.ReturnType, call.Arguments[0], call.Translator.Narrow(call.Number(1))), "CreateSpan", "CreateReadOnlySpan");

        registry.Add(typeof(BinaryPrimitives), Reverse, "ReverseEndianness");
        foreach (var (name, number) in (ReadOnlySpan<(string, Type)>)[("Int16", typeof(short)), ("UInt16", typeof(ushort)), ("Int32", typeof(int)), ("UInt32", typeof(uint)), ("Int64", typeof(long)), ("UInt64", typeof(ulong))])
        {
            foreach (bool big in (ReadOnlySpan<bool>)[true, false])
            {
                string suffix = $"{name}{(big ? "Big" : "Little")}Endian";
                registry.Add(typeof(BinaryPrimitives), call => ReadNumber(call, number, big), $"Read{suffix}");
                registry.Add(typeof(BinaryPrimitives), call => WriteNumber(call, number, big), $"Write{suffix}");
                registry.Add(typeof(BinaryPrimitives), call => TryReadNumber(call, number, big), $"TryRead{suffix}");
                registry.Add(typeof(BinaryPrimitives), call => TryWriteNumber(call, number, big), $"TryWrite{suffix}");
            }
        }
        registry.Add(typeof(IPAddress), Reverse, "HostToNetworkOrder", "NetworkToHostOrder");
    }

    // Leaves the program when a span is shorter than a type; what reaches to the packet's end is checked there anyway.
    private static void CheckLength(Translator t, StructValue span, int size)
    {
        if (!t.ReachesPacketEnd(span)) t.LeaveProgramIf(t.IsShorter(span, size));
    }

    private static ILValue? AsRef(IntrinsicCall call)
    {
        if (call.Arguments[0] is not StructValue span) return call.Decline();
        var t = call.Translator;
        int size = Layout.SizeOf(call.TypeArgument());
        CheckLength(t, span, size);
        if (t.Current is null) return ErrorValue.Instance;
        return SpanIntrinsics.Reference(span) is PacketAddress packet ? t.Reach(packet, size) : SpanIntrinsics.Reference(span);
    }

    private static ILValue? Read(IntrinsicCall call)
    {
        var t = call.Translator;
        var span = SpanIntrinsics.Value(call, 0);
        var shape = Shape.Of(call.TypeArgument());
        CheckLength(t, span, shape.Size);
        return t.Current is null ? ErrorValue.Instance : t.LoadFrom(SpanIntrinsics.Reference(span), shape, false);
    }

    private static ILValue? TryRead(IntrinsicCall call)
    {
        var shape = Shape.Of(call.TypeArgument());
        return TryReadShape(call, SpanIntrinsics.Value(call, 0), shape, value => value);
    }

    /// <summary>Reads a value when the span is long enough; false and a default value otherwise.</summary>
    private static ILValue TryReadShape(IntrinsicCall call, StructValue span, Shape shape, Func<ILValue, ILValue> change)
    {
        var t = call.Translator;
        ILValue Found(ILValue address)
        {
            t.StoreTo(call.Arguments[1], shape, change(t.LoadFrom(address, shape, false)), false);
            return IntrinsicCall.Truth(true);
        }

        ILValue Missing()
        {
            t.Initialize(call.Arguments[1], shape);
            return IntrinsicCall.Truth(false);
        }

        if (SpanIntrinsics.Reference(span) is PacketAddress packet && t.ReachesPacketEnd(span))
        {
            var pointer = t.Emit(new PacketPointer(packet.Context, packet.Offset, shape.Size));
            return t.Choose(t.Comparison(Predicate.NotEqual, pointer, Constant.Null(pointer.Type.Region)), () => Found(new Pointer(pointer)), Missing);
        }
        return t.Choose(t.IsShorter(span, shape.Size), Missing, () => Found(SpanIntrinsics.Reference(span)));
    }

    private static ILValue? Write(IntrinsicCall call)
    {
        var t = call.Translator;
        var span = SpanIntrinsics.Value(call, 0);
        var shape = Shape.Of(call.TypeArgument());
        var value = call.ParameterType(1).IsByRef ? t.LoadFrom(call.Arguments[1], shape, false) : call.Arguments[1];
        CheckLength(t, span, shape.Size);
        if (t.Current is not null) t.StoreTo(SpanIntrinsics.Reference(span), shape, value, false);
        return null;
    }

    private static ILValue? TryWrite(IntrinsicCall call)
    {
        var t = call.Translator;
        var span = SpanIntrinsics.Value(call, 0);
        var shape = Shape.Of(call.TypeArgument());
        return t.Choose(t.IsShorter(span, shape.Size), () => IntrinsicCall.Truth(false), () =>
        {
            var value = call.ParameterType(1).IsByRef ? t.LoadFrom(call.Arguments[1], shape, false) : call.Arguments[1];
            t.StoreTo(SpanIntrinsics.Reference(span), shape, value, false);
            return IntrinsicCall.Truth(true);
        });
    }

    private static ILValue? Cast(IntrinsicCall call)
    {
        if (call.Arguments[0] is not StructValue span) return call.Decline();
        var t = call.Translator;
        int from = SpanIntrinsics.ElementSize(span), to = Layout.SizeOf(call.ReturnType.GetGenericArguments()[0]);
        var length = SpanIntrinsics.Length(span);
        if (from != to)
        {
            var bytes = t.Arithmetic(BinaryOperator.Mul, length, Translator.Number32(from));
            length = t.Arithmetic(BinaryOperator.UDiv, bytes, Translator.Number32(to));
        }
        return Translator.SpanOver(call.ReturnType, SpanIntrinsics.Reference(span), length);
    }

    private static ILValue? Reverse(IntrinsicCall call)
    {
        if (call.Arguments.Length != 1 || Shape.Of(call.ParameterType(0)) is not ScalarShape shape) return call.Decline();
        return Swapped(call.Translator, shape, call.Number(0));
    }

    /// <summary>A number with its bytes in the other order.</summary>
    public static ILValue Swapped(Translator t, ScalarShape shape, Value value)
    {
        int bits = shape.Size * 8;
        if (bits == 8) return new Scalar(value);
        var swapped = t.Swap(bits, value);
        return new Scalar(shape.Width == MemoryWidth.I16 ? t.Convert(ConversionKind.SignExtend16, swapped) : swapped);
    }

    private static ILValue? ReadNumber(IntrinsicCall call, Type type, bool big)
    {
        var t = call.Translator;
        var span = SpanIntrinsics.Value(call, 0);
        var shape = (ScalarShape)Shape.Of(type);
        CheckLength(t, span, shape.Size);
        if (t.Current is null) return ErrorValue.Instance;
        return Ordered(t, shape, t.LoadFrom(SpanIntrinsics.Reference(span), shape, false), big);
    }

    private static ILValue? TryReadNumber(IntrinsicCall call, Type type, bool big)
    {
        var shape = (ScalarShape)Shape.Of(type);
        return TryReadShape(call, SpanIntrinsics.Value(call, 0), shape, value => Ordered(call.Translator, shape, value, big));
    }

    private static ILValue? WriteNumber(IntrinsicCall call, Type type, bool big)
    {
        var t = call.Translator;
        var span = SpanIntrinsics.Value(call, 0);
        var shape = (ScalarShape)Shape.Of(type);
        CheckLength(t, span, shape.Size);
        if (t.Current is not null) t.StoreTo(SpanIntrinsics.Reference(span), shape, Ordered(t, shape, call.Arguments[1], big), false);
        return null;
    }

    private static ILValue? TryWriteNumber(IntrinsicCall call, Type type, bool big)
    {
        var t = call.Translator;
        var span = SpanIntrinsics.Value(call, 0);
        var shape = (ScalarShape)Shape.Of(type);
        return t.Choose(t.IsShorter(span, shape.Size), () => IntrinsicCall.Truth(false), () =>
        {
            t.StoreTo(SpanIntrinsics.Reference(span), shape, Ordered(t, shape, call.Arguments[1], big), false);
            return IntrinsicCall.Truth(true);
        });
    }

    private static ILValue Ordered(Translator t, ScalarShape shape, ILValue value, bool big) =>
        big && value is Scalar scalar ? Swapped(t, shape, scalar.Ir) : value;
}
