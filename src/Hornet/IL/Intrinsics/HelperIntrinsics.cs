using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary>The members of <see cref="Bpf"/> and of the contexts.</summary>
internal static class HelperIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        var bpf = typeof(Bpf);
        registry.Add(bpf, static call => High(call, BpfHelper.GetCurrentPidTgid), "get_Tgid");
        registry.Add(bpf, static call => Low(call, BpfHelper.GetCurrentPidTgid), "get_Tid");
        registry.Add(bpf, static call => Low(call, BpfHelper.GetCurrentUidGid), "get_Uid");
        registry.Add(bpf, static call => High(call, BpfHelper.GetCurrentUidGid), "get_Gid");
        registry.Add(bpf, static call => Number(call, BpfHelper.KtimeGetNs), "get_KtimeNs");
        registry.Add(bpf, static call => Number(call, BpfHelper.KtimeGetBootNs), "get_BootTimeNs");
        registry.Add(bpf, static call => Number(call, BpfHelper.GetCurrentCgroupId), "get_CgroupId");
        registry.Add(bpf, static call => Low(call, BpfHelper.GetSmpProcessorId), "get_Cpu");
        registry.Add(bpf, static call => Low(call, BpfHelper.GetPrandomU32), "get_Random");
        registry.Add(bpf, Comm, "Comm");

        var xdp = typeof(XdpContext);
        registry.Add(xdp, Data, "get_Data");
        registry.Add(xdp, TryRead, "TryRead");
        registry.Add(xdp, static call => Field(call, 12), "get_InterfaceIndex");
        registry.Add(xdp, static call => Field(call, 16), "get_QueueIndex");
    }

    private static Value Call(IntrinsicCall call, BpfHelper helper) => call.Translator.Call(helper, IrType.I64);

    private static ILValue? Number(IntrinsicCall call, BpfHelper helper) => new Scalar(Call(call, helper));

    private static ILValue? Low(IntrinsicCall call, BpfHelper helper) => new Scalar(call.Translator.Narrow(Call(call, helper)));

    private static ILValue? High(IntrinsicCall call, BpfHelper helper) =>
        new Scalar(call.Translator.Narrow(call.Translator.Arithmetic(BinaryOperator.LShr, Call(call, helper), Translator.Number(32))));

    private static ILValue? Comm(IntrinsicCall call)
    {
        var t = call.Translator;
        var span = SpanIntrinsics.Value(call, 0);
        if (!Translator.IsKnown(SpanIntrinsics.Length(span), out long length)) return t.Report(Rules.VariableSize, "the buffer for the command's name has no constant length");
        if (length == 0) return null;
        var pointer = t.Reach(SpanIntrinsics.Reference(span), (int)length);
        if (t.Current is not null) t.Call(BpfHelper.GetCurrentComm, IrType.I64, t.AddressOf(pointer), Translator.Number(length));
        return null;
    }

    private static Value Context(IntrinsicCall call)
    {
        var context = (StructValue)call.Translator.LoadFrom(call.Target!, Shape.Of(call.DeclaringType), false);
        return ((Pointer)context.Leaves[0]).Base;
    }

    private static ILValue? Field(IntrinsicCall call, int offset) =>
        new Scalar(call.Translator.Emit(new Load(Context(call), offset, MemoryWidth.U32, IrType.I32)));

    private static ILValue? Data(IntrinsicCall call) => call.Translator.PacketSpan(Context(call), call.ReturnType);

    private static ILValue? TryRead(IntrinsicCall call)
    {
        var t = call.Translator;
        var shape = Shape.Of(call.TypeArgument());
        if (call.Arguments[0] is not Scalar offset) return ErrorValue.Instance;
        var pointer = t.Emit(new PacketPointer(Context(call), t.Widen(offset.Ir, false), shape.Size));
        return t.Choose(t.Comparison(Predicate.NotEqual, pointer, Constant.Null(pointer.Type.Region)), () =>
        {
            t.StoreTo(call.Arguments[1], shape, t.LoadFrom(new Pointer(pointer), shape, false), false);
            return IntrinsicCall.Truth(true);
        }, () =>
        {
            t.Initialize(call.Arguments[1], shape);
            return IntrinsicCall.Truth(false);
        });
    }
}
