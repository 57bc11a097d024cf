using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary>What of dynptrs results in references; the rest are ordinary methods that call helpers and functions of the kernel.</summary>
internal static class DynptrIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        registry.Add(typeof(BpfDynptr), Find, "Find");
        registry.Add(typeof(BpfDynptr), static call => Slice(call, "bpf_dynptr_slice"), "Slice");
        registry.Add(typeof(BpfDynptr), static call => Slice(call, "bpf_dynptr_slice_rdwr"), "SliceForWriting");
        registry.Add(typeof(BpfRingBuffer<>), Reserve, "ReserveBytes");
    }

    private static ILValue? Find(IntrinsicCall call)
    {
        var t = call.Translator;
        int size = Layout.SizeOf(call.TypeArgument());
        var dynptr = t.AddressOf(t.RealPointer(call.Target!));
        return new Pointer(t.Call(BpfHelper.DynptrData, IrType.Pointer(new Region(RegionKind.Memory, size)), dynptr, t.Widen(call.Number(0), false), Translator.Number(size)));
    }

    private static ILValue? Slice(IntrinsicCall call, string function)
    {
        var t = call.Translator;
        if (t.UnavailableFunction(function) is { } refused) return t.Report(TracingRules.KernelFunction, refused);
        int size = Layout.SizeOf(call.TypeArgument());
        var dynptr = t.AddressOf(t.RealPointer(call.Target!));
        var buffer = t.AddressOf(t.RealPointer(call.Arguments[1]));
        return new Pointer(t.Emit(new KernelFunctionCall(function, IrType.Pointer(new Region(RegionKind.Memory, size)), dynptr, t.Widen(call.Number(0), false), buffer, Translator.Number(size))));
    }

    private static ILValue? Reserve(IntrinsicCall call)
    {
        var t = call.Translator;
        if (call.Target is not ObjectConstant { Instance: IEventBuffer buffer }) return t.Report(Rules.NotConstant, $"{Names.Of(call.Method)} is called on a buffer that is not known");
        var dynptr = t.AddressOf(t.RealPointer(call.Arguments[1]));
        var error = t.Call(BpfHelper.RingbufReserveDynptr, IrType.I64, t.Emit(new MapReference(t.Module.AddMap(buffer.Map))), t.Widen(call.Number(0), false), Translator.Number(0), dynptr);
        return t.Choose(t.Comparison(Predicate.Equal, error, Translator.Number(0)), () => IntrinsicCall.Truth(true), () =>
        {
            EventIntrinsics.CountLoss(t, t.Module.AddMap(buffer.Loss.Map));
            return IntrinsicCall.Truth(false);
        });
    }
}
