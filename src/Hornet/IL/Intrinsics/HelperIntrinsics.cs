using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary>The members of <see cref="Bpf"/>.</summary>
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
        if (t.Current is null || KernelMemoryIntrinsics.RefusesContext(call, pointer)) return null;
        // Some kernels (6.1) leave what is behind the name as it was; keys of maps and comparisons go to the end.
        t.Emit(new MemorySet(t.AddressOf(pointer), Translator.Number32(0), (int)length, t.KnownAlignment(pointer)));
        t.Call(BpfHelper.GetCurrentComm, IrType.I64, t.AddressOf(pointer), Translator.Number(length));
        return null;
    }
}
