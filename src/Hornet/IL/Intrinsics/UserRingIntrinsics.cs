using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary><c>UserRingBuffer.Drain</c> (6.1): the kernel calls back with each record as a dynptr, of which a copy is made.</summary>
internal static class UserRingIntrinsics
{
    public static void Register(IntrinsicRegistry registry) => registry.Add(typeof(UserRingBufferExtensions), Drain, "Drain");

    private static ILValue? Drain(IntrinsicCall call)
    {
        var t = call.Translator;
        if (MapTarget.Of(call, call.Arguments[0]) is not { } map) return ErrorValue.Instance;
        var record = Shape.Of(call.TypeArgument());
        var callback = t.BeginCallback(call.Arguments[1], new CallbackSignature
        {
            Name = "user_record",
            // long (*)(struct bpf_dynptr *dynptr, void *ctx)
            Parameters = [IrType.Pointer(Region.Unknown), IrType.Pointer(new Region(RegionKind.Memory))],
            Context = 1,
            Bind = (_, parameters) => [Copy(t, parameters[0], record)],
            Result = static (_, _) => Translator.Number(0),
            Failed = 1,
        });
        if (callback is null) return ErrorValue.Instance;
        var count = t.Call(BpfHelper.UserRingbufDrain, IrType.I64, map.Handle(t), callback.Function, callback.Context, Translator.Number(0));
        t.EndCallback(callback);
        return t.Current is null ? ErrorValue.Instance : new Scalar(t.Narrow(count));
    }

    private static Pointer Copy(Translator t, Value dynptr, Shape record)
    {
        var slot = t.NewSlot(record.Size, 8, uninitialized: true);
        var status = t.Call(BpfHelper.DynptrRead, IrType.I64, slot, Translator.Number(record.Size), dynptr, Translator.Number(0), Translator.Number(0));
        FlowBlock shorter = t.NewBlock("shorter"), read = t.NewBlock("read");
        t.BranchTo(t.Comparison(Predicate.NotEqual, status, Translator.Number(0)), shorter, read);
        t.Enter(shorter);
        t.Emit(new Return(Translator.Number(0)));
        t.Enter(read);
        return new Pointer(slot);
    }
}
