using System.Runtime.CompilerServices;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;

namespace Hornet.IL.Intrinsics;

/// <summary><c>Unsafe</c>, <c>RuntimeHelpers</c>, and the compiler's own helpers for inline arrays.</summary>
internal static class UnsafeIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        var type = typeof(Unsafe);
        registry.Add(type, static call => call.Arguments[0], "As", "AsRef", "AsPointer");
        registry.Add(type, static call => Offset(call, Layout.SizeOf(call.TypeArgument()), 1), "Add");
        registry.Add(type, static call => Offset(call, Layout.SizeOf(call.TypeArgument()), -1), "Subtract");
        registry.Add(type, static call => Offset(call, 1, 1), "AddByteOffset");
        registry.Add(type, static call => Offset(call, 1, -1), "SubtractByteOffset");
        registry.Add(type, static call => call.Translator.Not(call.Translator.IsTrue(call.Arguments[0])), "IsNullRef");
        registry.Add(type, static call => new Pointer(Constant.Null(Region.Unknown)), "NullRef");
        registry.Add(type, static call => call.Translator.LoadFrom(call.Arguments[0], Shape.Of(call.TypeArgument()), false), "Read", "ReadUnaligned");
        registry.Add(type, Write, "Write", "WriteUnaligned");
        registry.Add(type, static call => new Scalar(Translator.Number32(Layout.SizeOf(call.TypeArgument()))), "SizeOf");
        registry.Add(type, static _ => null, "SkipInit");
        registry.Add(type, static call => call.Translator.Compare(Predicate.Equal, call.Arguments[0], call.Arguments[1]), "AreSame");
        registry.Add(type, static call => call.Translator.Compare(Predicate.Below, call.Arguments[0], call.Arguments[1]), "IsAddressLessThan");
        registry.Add(type, static call => call.Translator.Compare(Predicate.BelowOrEqual, call.Arguments[0], call.Arguments[1]), "IsAddressLessThanOrEqualTo");
        registry.Add(type, static call => call.Translator.Compare(Predicate.Above, call.Arguments[0], call.Arguments[1]), "IsAddressGreaterThan");
        registry.Add(type, static call => call.Translator.Compare(Predicate.AboveOrEqual, call.Arguments[0], call.Arguments[1]), "IsAddressGreaterThanOrEqualTo");
        registry.Add(type, static call => call.Translator.Distance(call.Arguments[1], call.Arguments[0]), "ByteOffset");
        registry.Add(type, BitCast, "BitCast");
        registry.Add(type, Copy, "CopyBlock", "CopyBlockUnaligned");
        registry.Add(type, Initialize, "InitBlock", "InitBlockUnaligned");

        registry.Add(typeof(RuntimeHelpers), static call => IntrinsicCall.Truth(!Shape.Of(call.TypeArgument()).IsPlainData), "IsReferenceOrContainsReferences");
        registry.Add(typeof(RuntimeHelpers), CreateSpan, "CreateSpan");

        const string details = "<PrivateImplementationDetails>";
        foreach (string suffix in (ReadOnlySpan<string>)["", "ReadOnly"])
        {
            registry.Add($"{details}.InlineArrayFirstElementRef{suffix}", static call => call.Arguments[0]);
            registry.Add($"{details}.InlineArrayElementRef{suffix}", static call => Offset(call, Layout.SizeOf(call.TypeArgument(1)), 1));
        }
        registry.Add($"{details}.InlineArrayAsSpan", InlineArraySpan);
        registry.Add($"{details}.InlineArrayAsReadOnlySpan", InlineArraySpan);
        registry.Add($"{details}.ThrowSwitchExpressionException", LeaveProgram);
        registry.Add($"{details}.ThrowSwitchExpressionExceptionParameterless", LeaveProgram);
        registry.Add($"{details}.ThrowInvalidOperationException", LeaveProgram);
        registry.Add($"{typeof(RangeEnumerable.Enumerator).FullName}.RefuseFromEnd", LeaveProgram);
    }

    private static ILValue? LeaveProgram(IntrinsicCall call)
    {
        call.Translator.LeaveProgramIf(Translator.Number32(1));
        return null;
    }

    private static ILValue? Offset(IntrinsicCall call, int size, int sign)
    {
        if (call.Arguments.Length < 2 || call.Arguments[1] is not Scalar index) return call.Decline();
        var bytes = call.Translator.Arithmetic(BinaryOperator.Mul, call.Translator.Widen(index.Ir, true), Translator.Number((long)size * sign));
        return call.Translator.AddBytes(call.Arguments[0], bytes);
    }

    private static ILValue? Write(IntrinsicCall call)
    {
        call.Translator.StoreTo(call.Arguments[0], Shape.Of(call.TypeArgument()), call.Arguments[1], false);
        return null;
    }

    private static ILValue? BitCast(IntrinsicCall call)
    {
        var t = call.Translator;
        Shape from = Shape.Of(call.TypeArgument(0)), to = Shape.Of(call.TypeArgument(1));
        if (from.Size != to.Size || !from.IsPlainData || !to.IsPlainData) return call.Decline();
        if (from is ScalarShape && to is ScalarShape) return t.Coerce(call.Arguments[0], to);
        Pointer memory = new(t.InMemory(call.Arguments[0], from));
        return t.LoadFrom(memory, to, false);
    }

    private static ILValue? Copy(IntrinsicCall call)
    {
        if (call.Arguments[2] is not Scalar { Known: { } bytes }) return call.Translator.Report(Rules.VariableSize, "a block of memory is copied whose size is not constant");
        call.Translator.CopyBytes(call.Arguments[0], call.Arguments[1], (int)bytes);
        return null;
    }

    private static ILValue? Initialize(IntrinsicCall call)
    {
        var t = call.Translator;
        if (call.Arguments[2] is not Scalar { Known: { } bytes }) return t.Report(Rules.VariableSize, "a block of memory is filled whose size is not constant");
        if (bytes == 0) return null;
        var pointer = t.Reach(call.Arguments[0], (int)bytes);
        if (t.Current is not null) t.Emit(new MemorySet(t.AddressOf(pointer), t.Narrow(call.Number(1)), (int)bytes, t.KnownAlignment(pointer)));
        return null;
    }

    private static ILValue? CreateSpan(IntrinsicCall call)
    {
        if (call.Arguments[0] is not MemberToken { Member: System.Reflection.FieldInfo field }) return call.Decline();
        byte[] bytes = Translator.DataOf(field);
        return Translator.SpanOver(call.ReturnType, new ConstantData(bytes, Translator.Number(0)), Translator.Number32(bytes.Length / Layout.SizeOf(call.TypeArgument())));
    }

    private static ILValue? InlineArraySpan(IntrinsicCall call) =>
        Translator.SpanOver(call.ReturnType, call.Arguments[0], call.Translator.Narrow(call.Number(1)));
}
