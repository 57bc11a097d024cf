using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.IL.Intrinsics;

/// <summary>Maps without keys: queues and stacks (4.20), bloom filters (5.16).</summary>
internal static class SequenceIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        var sequence = typeof(SequenceMap<>);
        registry.Add(sequence, MapCall.Intrinsic(Push), "Push");
        registry.Add(sequence, MapCall.Intrinsic(static call => Add(call, 0) is { } status ? new Scalar(call.IsSuccess(status)) : ErrorValue.Instance), "TryPush");
        registry.Add(sequence, MapCall.Intrinsic(static call => Read(call, BpfHelper.MapPopElem)), "TryPop");
        registry.Add(sequence, MapCall.Intrinsic(static call => Read(call, BpfHelper.MapPeekElem)), "TryPeek");
        var filter = typeof(BpfBloomFilter<>);
        registry.Add(filter, MapCall.Intrinsic(static call =>
        {
            Add(call, 0);
            return null;
        }), "Add");
        registry.Add(filter, MapCall.Intrinsic(MayContain), "MayContain");
    }

    private static ILValue? Push(MapCall call)
    {
        if (call.Constant(1, "replaceOldest") is { } replace) Add(call, replace != 0 ? MapUpdateFlags.Exist : MapUpdateFlags.Any);
        return null;
    }

    private static Value? Add(MapCall call, MapUpdateFlags flags)
    {
        var t = call.Translator;
        var value = call.Value(0, call.ValueShape);
        if (!call.IsReached || value is ErrorValue) return null;
        var address = t.InMemory(t.Coerce(value, call.ValueShape), call.ValueShape);
        return t.Call(BpfHelper.MapPushElem, IrType.I64, call.Map.Handle(t), address, Translator.Number((long)flags));
    }

    // The helper fills the place with zeros when there is nothing.
    private static ILValue? Read(MapCall call, BpfHelper helper)
    {
        var t = call.Translator;
        var slot = t.NewSlot(call.ValueShape.Size, 8, uninitialized: true);
        var status = t.Call(helper, IrType.I64, call.Map.Handle(t), slot);
        var found = call.IsSuccess(status);
        call.Out(0, call.ValueShape, t.LoadFrom(new Pointer(slot), call.ValueShape, false));
        return new Scalar(found);
    }

    private static ILValue? MayContain(MapCall call)
    {
        var t = call.Translator;
        var value = call.Value(0, call.ValueShape);
        if (!call.IsReached || value is ErrorValue) return ErrorValue.Instance;
        var address = t.InMemory(t.Coerce(value, call.ValueShape), call.ValueShape);
        return new Scalar(call.IsSuccess(t.Call(BpfHelper.MapPeekElem, IrType.I64, call.Map.Handle(t), address)));
    }
}
