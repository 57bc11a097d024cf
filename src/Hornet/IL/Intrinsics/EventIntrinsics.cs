using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary>Records for ring buffers: sent whole, or made in place.</summary>
internal static class EventIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        registry.Add(typeof(BpfRingBuffer<>), Submit, "Submit");
        registry.Add(typeof(BpfRingBuffer<>), TryReserve, "TryReserve");
        registry.Add(typeof(BpfReservation<>), static call => (ILValue?)Record(call) ?? ErrorValue.Instance, "get_Value");
        registry.Add(typeof(BpfReservation<>), static call => End(call, BpfHelper.RingbufSubmit), "Submit");
        registry.Add(typeof(BpfReservation<>), static call => End(call, BpfHelper.RingbufDiscard), "Discard");
    }

    private static IEventBuffer? BufferOf(IntrinsicCall call)
    {
        if (call.Target is ObjectConstant { Instance: IEventBuffer buffer }) return buffer;
        call.Translator.Report(Rules.NotConstant, $"{Names.Of(call.Method)} is called on a buffer that is not known");
        return null;
    }

    private static ILValue? Submit(IntrinsicCall call)
    {
        var t = call.Translator;
        if (BufferOf(call) is not { } buffer) return ErrorValue.Instance;
        var shape = Shape.Of(call.OwnerArgument());
        // Read first: a check that fails must not leave a record behind.
        var value = t.LoadFrom(call.Arguments[0], shape, false);
        if (t.Current is null || value is ErrorValue) return ErrorValue.Instance;
        return Send(t, t.Module.AddMap(buffer.Map), t.Module.AddMap(buffer.Loss.Map), shape.Size, record =>
        {
            if (shape is not MemoryShape && Translator.HasPadding(shape)) t.Emit(new MemorySet(record.Base, Translator.Number32(0), shape.Size, 8));
            t.StoreTo(record, shape, value, false);
        });
    }

    /// <summary>Reserves a record, fills and submits it, or counts a loss. The filling must not be able to fail.</summary>
    public static ILValue Send(Translator t, MapSymbol ring, MapSymbol loss, int size, Action<Pointer> fill)
    {
        var record = Reserve(t, ring, size);
        return t.Choose(t.Comparison(Predicate.NotEqual, record, Constant.Null(record.Type.Region)), () =>
        {
            fill(new Pointer(record));
            t.Call(BpfHelper.RingbufSubmit, IrType.Void, record, Translator.Number(0));
            return IntrinsicCall.Truth(true);
        }, () =>
        {
            CountLoss(t, loss);
            return IntrinsicCall.Truth(false);
        });
    }

    private static HelperCall Reserve(Translator t, MapSymbol ring, int size) =>
        (HelperCall)t.Call(BpfHelper.RingbufReserve, IrType.Pointer(Region.RingRecord(size)), t.Emit(new MapReference(ring)), Translator.Number(size), Translator.Number(0));

    /// <summary>Adds one to this CPU's counter.</summary>
    public static void CountLoss(Translator t, MapSymbol loss)
    {
        var slot = t.InMemory(new Scalar(Translator.Number32(0)), Shape.Of(typeof(uint)));
        var counter = t.Call(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapValue(8)), t.Emit(new MapReference(loss)), slot);
        t.Choose(t.Comparison(Predicate.NotEqual, counter, Constant.Null(counter.Type.Region)), () =>
        {
            // Atomic, since a program may interrupt another on the same CPU.
            t.Emit(new AtomicReadModifyWrite(AtomicOperator.Add, counter, 0, Translator.Number(1), fetch: false));
            return IntrinsicCall.Truth(true);
        }, () => IntrinsicCall.Truth(false));
    }

    // Older verifiers (seen on 6.1) walk both ways where a record that was tested is tested again.
    private static readonly Version s_knowsRecords = new(6, 12);

    private static ILValue? TryReserve(IntrinsicCall call)
    {
        var t = call.Translator;
        if (BufferOf(call) is not { } buffer) return ErrorValue.Instance;
        var type = call.ParameterType(0).GetElementType()!;
        var record = Reserve(t, t.Module.AddMap(buffer.Map), Layout.SizeOf(call.OwnerArgument()));
        var none = Constant.Null(record.Type.Region);
        if (t.Request.Options.Kernel is { } kernel && kernel < s_knowsRecords)
        {
            t.StoreTo(call.Arguments[0], Shape.Of(type), new StructValue((StructShape)Shape.Of(type), [new Pointer(record)]), false);
            return t.Choose(t.Comparison(Predicate.NotEqual, record, none), () => IntrinsicCall.Truth(true), () =>
            {
                CountLoss(t, t.Module.AddMap(buffer.Loss.Map));
                return IntrinsicCall.Truth(false);
            });
        }
        FlowBlock lost = t.NewBlock("lost"), after = t.NewBlock("reserved");
        t.BranchTo(t.Comparison(Predicate.Equal, record, none), lost, after);
        t.Enter(lost);
        CountLoss(t, t.Module.AddMap(buffer.Loss.Map));
        t.Goto(after);
        t.Enter(after);
        t.StoreTo(call.Arguments[0], Shape.Of(type), new StructValue((StructShape)Shape.Of(type), [new Pointer(record)]), false);
        // Compared anew, so that the branch on the result is one on the record.
        return new Scalar(t.Comparison(Predicate.NotEqual, record, none));
    }

    private static Pointer? Record(IntrinsicCall call)
    {
        var t = call.Translator;
        if (t.Coerce(t.LoadFrom(call.Target!, Shape.Of(call.DeclaringType), false), Shape.Of(call.DeclaringType)) is StructValue { Leaves: [Pointer record] }) return record;
        return null;
    }

    private static ILValue? End(IntrinsicCall call, BpfHelper helper)
    {
        if (Record(call) is { } record) call.Translator.Call(helper, IrType.Void, call.Translator.AddressOf(record), Translator.Number(0));
        return null;
    }
}
