using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.KernelTypes;

namespace Hornet.IL.Intrinsics;

/// <summary>Memory by address: <see cref="KernelPtr{T}"/>, <see cref="UserPtr{T}"/>, texts.</summary>
internal static class KernelMemoryIntrinsics
{
    private const int LongestText = 256;

    public static void Register(IntrinsicRegistry registry)
    {
        foreach (var (type, kind) in (ReadOnlySpan<(Type, ReadMemoryKind)>)[(typeof(KernelPtr<>), ReadMemoryKind.Kernel), (typeof(UserPtr<>), ReadMemoryKind.User)])
        {
            registry.Add(type, call => Value(call, kind, Address(call)), "get_Value");
            registry.Add(type, call => Item(call, kind), "get_Item");
            registry.Add(type, call => TryRead(call, kind), "TryRead");
            registry.Add(type, call => TryCopyTo(call, kind), "TryCopyTo");
        }
        registry.Add(typeof(UserPtr<>), TryWrite, "TryWrite");
        foreach (var (type, kind) in (ReadOnlySpan<(Type, ReadMemoryKind)>)[(typeof(KernelString), ReadMemoryKind.KernelString), (typeof(UserString), ReadMemoryKind.UserString)])
        {
            registry.Add(type, call => CopyText(call, kind, Address(call), 0), "CopyTo");
            registry.Add(type, call => CompareText(call, kind, whole: true), "SequenceEqual");
            registry.Add(type, call => CompareText(call, kind, whole: false), "StartsWith");
        }
        registry.Add(typeof(Bpf), static call => ReadInto(call, ReadMemoryKind.Kernel), "TryReadKernel");
        registry.Add(typeof(Bpf), static call => ReadInto(call, ReadMemoryKind.User), "TryReadUser");
        registry.Add(typeof(Bpf), static call => CopyText(call, ReadMemoryKind.KernelString, call.Number(0), 1), "ReadKernelString");
        registry.Add(typeof(Bpf), static call => CopyText(call, ReadMemoryKind.UserString, call.Number(0), 1), "ReadUserString");
    }

    // The number that the struct is.
    private static Value Address(IntrinsicCall call)
    {
        var t = call.Translator;
        var whole = call.Target is StructValue value ? value : t.LoadFrom(call.Target!, Shape.Of(call.DeclaringType), false);
        return whole is StructValue { Leaves: [Scalar address] } ? t.Widen(address.Ir, false) : Translator.Number(0);
    }

    private static ILValue Value(IntrinsicCall call, ReadMemoryKind kind, Value address)
    {
        var t = call.Translator;
        var shape = Shape.Of(call.OwnerArgument());
        var slot = t.NewSlot(shape.Size, 8, uninitialized: true);
        // The helper writes all of it, zeros when it fails.
        t.Emit(new ReadMemory(kind, slot, Translator.Number(shape.Size), address));
        var value = t.LoadFrom(new Pointer(slot), shape, false);
        return value is MemoryValue memory ? memory with { IsCopy = true } : value;
    }

    private static ILValue? Item(IntrinsicCall call, ReadMemoryKind kind)
    {
        var t = call.Translator;
        var offset = t.Arithmetic(BinaryOperator.Mul, t.Widen(call.Number(0), true), Translator.Number(Layout.SizeOf(call.OwnerArgument())));
        return Value(call, kind, t.Arithmetic(BinaryOperator.Add, Address(call), offset));
    }

    private static ILValue? TryRead(IntrinsicCall call, ReadMemoryKind kind)
    {
        var t = call.Translator;
        var shape = Shape.Of(call.OwnerArgument());
        var address = Address(call);
        var slot = t.NewSlot(shape.Size, 8, uninitialized: true);
        var error = t.Emit(new ReadMemory(kind, slot, Translator.Number(shape.Size), address));
        t.StoreTo(call.Arguments[0], shape, t.LoadFrom(new Pointer(slot), shape, false), false);
        return Succeeded(t, error);
    }

    private static Scalar Succeeded(Translator t, Value error) => new(t.Comparison(Predicate.Equal, error, Translator.Number(0)));

    private static ILValue? TryCopyTo(IntrinsicCall call, ReadMemoryKind kind)
    {
        var t = call.Translator;
        var address = Address(call);
        return Place(call, 0) is { } place ? place.Size == 0 ? IntrinsicCall.Truth(true) : Succeeded(t, t.Emit(new ReadMemory(kind, place.Address, Translator.Number(place.Size), address))) : ErrorValue.Instance;
    }

    private static ILValue? ReadInto(IntrinsicCall call, ReadMemoryKind kind)
    {
        var t = call.Translator;
        return Place(call, 1) is { } place ? place.Size == 0 ? IntrinsicCall.Truth(true) : Succeeded(t, t.Emit(new ReadMemory(kind, place.Address, Translator.Number(place.Size), t.Widen(call.Number(0), false)))) : ErrorValue.Instance;
    }

    /// <summary>Where a span argument of constant length lies, and its bytes; null when it has no such place, which is reported.</summary>
    public static (Value Address, int Size)? Place(IntrinsicCall call, int argument)
    {
        var t = call.Translator;
        if (call.Arguments[argument] is not StructValue span || SpanIntrinsics.Reference(span) is ErrorValue) return null;
        if (!Translator.IsKnown(SpanIntrinsics.Length(span), out long length))
        {
            t.Report(Rules.VariableSize, $"the buffer given to {Names.Of(call.Method)} has no constant length");
            return null;
        }
        int size = (int)length * SpanIntrinsics.ElementSize(span);
        if (size == 0) return (Translator.Number(0), 0);
        var pointer = t.Reach(SpanIntrinsics.Reference(span), size);
        if (t.Current is null || RefusesContext(call, pointer)) return null;
        return (t.AddressOf(pointer), size);
    }

    /// <summary>Whether memory is the struct that a syscall program was given, which helpers do not take; then that is reported.</summary>
    public static bool RefusesContext(IntrinsicCall call, Pointer pointer)
    {
        Value at = pointer.Base;
        while (at is PointerAdd or Conversion) at = ((Compiler.IR.Instruction)at).Operands[0];
        if (at is not Parameter { Type.Region.Kind: RegionKind.Context }) return false;
        call.Translator.Report(DiagnosticRules.NotDirectlyReadable, $"{Names.Of(call.Method)} is given memory of the struct that the program was called with, and helpers of the kernel do not take that: use a local variable, and assign it to the struct's field afterwards");
        return true;
    }

    private static ILValue? TryWrite(IntrinsicCall call)
    {
        var t = call.Translator;
        var shape = Shape.Of(call.OwnerArgument());
        var address = t.Emit(new Conversion(ConversionKind.IntegerToPointer, Address(call), IrType.Pointer(Region.User)));
        var source = t.InMemory(t.LoadFrom(call.Arguments[0], shape, false), shape);
        return Succeeded(t, t.Call(Isa.BpfHelper.ProbeWriteUser, IrType.I64, address, source, Translator.Number(shape.Size)));
    }

    private static ILValue? CopyText(IntrinsicCall call, ReadMemoryKind kind, Value address, int argument)
    {
        var t = call.Translator;
        if (Place(call, argument) is not { } place) return ErrorValue.Instance;
        if (place.Size == 0) return new Scalar(Translator.Number32(0));
        var length = t.Emit(new ReadMemory(kind, place.Address, Translator.Number(place.Size), t.Widen(address, false)));
        // What the helper counts is with the zero at the end.
        return t.Choose(t.Comparison(Predicate.Greater, length, Translator.Number(0)),
            () => new Scalar(t.Narrow(t.Arithmetic(BinaryOperator.Sub, length, Translator.Number(1)))), () => new Scalar(t.Narrow(length)));
    }

    private static ILValue? CompareText(IntrinsicCall call, ReadMemoryKind kind, bool whole)
    {
        var t = call.Translator;
        if (call.Arguments[0] is not StructValue text || text.Leaves[0] is ErrorValue) return ErrorValue.Instance;
        if (!Translator.IsKnown(SpanIntrinsics.Length(text), out long length) || length > LongestText)
            return t.Report(Rules.VariableSize, $"the text given to {Names.Of(call.Method)} has no constant length up to {LongestText}");
        var address = Address(call);
        // One byte more than the text and its zero tells a longer one; it comes back cut, with a zero at its end.
        int size = (int)length + (whole ? 2 : 1);
        var slot = t.NewSlot(size, 8, uninitialized: true);
        var read = t.Emit(new ReadMemory(kind, slot, Translator.Number(size), address));
        return t.Choose(t.Comparison(Predicate.NotEqual, read, Translator.Number(length + 1)), () => IntrinsicCall.Truth(false), () => length == 0 ? IntrinsicCall.Truth(true)
            : new Scalar(t.Comparison(Predicate.Equal, t.Difference(new Pointer(slot), SpanIntrinsics.Reference(text), (int)length), Translator.Number(0))));
    }
}
