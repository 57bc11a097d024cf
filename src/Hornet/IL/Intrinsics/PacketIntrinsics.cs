using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary>
/// The packet of a context: directly where it lies in one piece and the program may reach it, through helpers where not.
/// </summary>
internal static class PacketIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        foreach (var type in (ReadOnlySpan<Type>)[typeof(XdpContext), typeof(SkbContext), typeof(SkMsgContext), typeof(SkReusePortContext), typeof(SockOptContext), typeof(SockOpsContext), typeof(FlowDissectorContext)])
        {
            registry.Add(type, Data, "get_Data");
            registry.Add(type, TryRead, "TryRead");
        }
        foreach (var type in (ReadOnlySpan<Type>)[typeof(XdpContext), typeof(SkbContext), typeof(SkMsgContext), typeof(SockOptContext)]) registry.Add(type, TryWrite, "TryWrite");
        foreach (var type in (ReadOnlySpan<Type>)[typeof(XdpContext), typeof(SkbContext)])
        {
            registry.Add(type, TryReadMetadata, "TryReadMetadata");
            registry.Add(type, TryWriteMetadata, "TryWriteMetadata");
        }
    }

    private static ProgramType TypeOf(IntrinsicCall call) => call.Translator.Module.ProgramType;

    // A socket filter gets packets whose bytes it may not touch, only copy.
    private static bool IsReachable(ProgramType type) => type != ProgramType.SocketFilter;

    private static bool HasLoadHelper(ProgramType type) => type is ProgramType.SocketFilter or ProgramType.SchedCls or ProgramType.SchedAct or ProgramType.CgroupSkb
        or ProgramType.LwtIn or ProgramType.LwtOut or ProgramType.LwtXmit or ProgramType.SkSkb or ProgramType.FlowDissector or ProgramType.SkReusePort;

    private static bool IsWritable(ProgramType type) => type is ProgramType.Xdp or ProgramType.SchedCls or ProgramType.SchedAct or ProgramType.LwtXmit
        or ProgramType.SkSkb or ProgramType.SkMsg or ProgramType.CgroupSockOpt;

    private static bool HasStoreHelper(ProgramType type) => type is ProgramType.SchedCls or ProgramType.SchedAct or ProgramType.LwtXmit or ProgramType.SkSkb;

    private static ILValue? Data(IntrinsicCall call)
    {
        if (!IsReachable(TypeOf(call))) return call.Translator.Report(Rules.NotInThisProgram, $"{Names.Of(call.Method)} is used in a program of type {TypeOf(call)}, which copies its packet with TryRead and LoadBytes");
        return call.Translator.PacketSpan(DeclaredIntrinsics.Context(call), call.ReturnType);
    }

    private static ILValue? TryRead(IntrinsicCall call)
    {
        var t = call.Translator;
        var shape = Shape.Of(call.TypeArgument());
        if (call.Arguments[0] is not Scalar given) return ErrorValue.Instance;
        var context = DeclaredIntrinsics.Context(call);
        var offset = t.Widen(given.Ir, false);
        if (!IsReachable(TypeOf(call))) return Copy();
        var pointer = t.Emit(new PacketPointer(context, offset, shape.Size));
        return t.Choose(IsFound(t, pointer), () => Taken(new Pointer(pointer)), () => HasLoadHelper(TypeOf(call)) ? Copy() : Missing());

        // What is not in the packet's first piece the helper collects.
        ILValue Copy()
        {
            var slot = t.NewSlot(shape.Size, 8, uninitialized: true);
            var failed = t.Call(BpfHelper.SkbLoadBytes, IrType.I64, context, offset, slot, Translator.Number(shape.Size));
            return t.Choose(t.Comparison(Predicate.Equal, failed, Translator.Number(0)), () => Taken(new Pointer(slot)), Missing);
        }

        ILValue Taken(Pointer from)
        {
            t.StoreTo(call.Arguments[1], shape, t.LoadFrom(from, shape, false), false);
            return IntrinsicCall.Truth(true);
        }

        ILValue Missing()
        {
            t.Initialize(call.Arguments[1], shape);
            return IntrinsicCall.Truth(false);
        }
    }

    private static ILValue? TryWrite(IntrinsicCall call)
    {
        var t = call.Translator;
        var type = call.ParameterType(1);
        var shape = Shape.Of(type.IsByRef ? type.GetElementType()! : type);
        if (!IsWritable(TypeOf(call))) return t.Report(Rules.NotInThisProgram, $"the packet is written in a program of type {TypeOf(call)}, which may only read it");
        if (call.Arguments[0] is not Scalar given) return ErrorValue.Instance;
        var value = type.IsByRef ? t.LoadFrom(call.Arguments[1], shape, false) : call.Arguments[1];
        if (t.Current is null || value is ErrorValue) return ErrorValue.Instance;
        var context = DeclaredIntrinsics.Context(call);
        var offset = t.Widen(given.Ir, false);
        var pointer = t.Emit(new PacketPointer(context, offset, shape.Size));
        return t.Choose(IsFound(t, pointer), () =>
        {
            t.StoreTo(new Pointer(pointer), shape, value, false);
            return IntrinsicCall.Truth(true);
        }, () =>
        {
            if (!HasStoreHelper(TypeOf(call))) return IntrinsicCall.Truth(false);
            var failed = t.Call(BpfHelper.SkbStoreBytes, IrType.I64, context, offset, t.InMemory(t.Coerce(value, shape), shape), Translator.Number(shape.Size), Translator.Number(0));
            return new Scalar(t.Comparison(Predicate.Equal, failed, Translator.Number(0)));
        });
    }

    private static Value IsFound(Translator t, Value pointer) => t.Comparison(Predicate.NotEqual, pointer, Constant.Null(pointer.Type.Region));

    // The metadata lies in front of the packet, whose beginning is its end.
    private static Value Metadata(IntrinsicCall call, int size, out Value begin)
    {
        var t = call.Translator;
        var context = DeclaredIntrinsics.Context(call);
        var (from, to) = TypeOf(call) == ProgramType.Xdp ? (8, 0) : (140, 76);
        begin = t.Emit(new Load(context, from, MemoryWidth.U32, IrType.Pointer(Region.Packet)));
        var end = t.Emit(new Load(context, to, MemoryWidth.U32, IrType.Pointer(Region.PacketEnd)));
        return t.Comparison(Predicate.BelowOrEqual, t.Emit(new PointerAdd(begin, Translator.Number(size))), end);
    }

    private static ILValue? TryReadMetadata(IntrinsicCall call)
    {
        var t = call.Translator;
        var shape = Shape.Of(call.TypeArgument());
        return t.Choose(Metadata(call, shape.Size, out var begin), () =>
        {
            t.StoreTo(call.Arguments[0], shape, t.LoadFrom(new Pointer(begin), shape, false), false);
            return IntrinsicCall.Truth(true);
        }, () =>
        {
            t.Initialize(call.Arguments[0], shape);
            return IntrinsicCall.Truth(false);
        });
    }

    private static ILValue? TryWriteMetadata(IntrinsicCall call)
    {
        var t = call.Translator;
        var shape = Shape.Of(call.TypeArgument());
        var value = t.LoadFrom(call.Arguments[0], shape, false);
        if (t.Current is null || value is ErrorValue) return ErrorValue.Instance;
        return t.Choose(Metadata(call, shape.Size, out var begin), () =>
        {
            t.StoreTo(new Pointer(begin), shape, value, false);
            return IntrinsicCall.Truth(true);
        }, () => IntrinsicCall.Truth(false));
    }
}
