using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary>
/// Netfilter programs have no fields of their own: two pointers to kernel types, and the packet through a dynptr.
/// </summary>
internal static class NetfilterIntrinsics
{
    private const int State = 0, Packet = 8; // struct bpf_nf_ctx

    public static void Register(IntrinsicRegistry registry)
    {
        var type = typeof(NetfilterContext);
        registry.Add(type, static call => Number(call, State, "nf_hook_state", "hook"), "get_Hook");
        registry.Add(type, static call => Number(call, State, "nf_hook_state", "pf"), "get_Protocol");
        registry.Add(type, static call => Interface(call, "in"), "get_IngressInterfaceIndex");
        registry.Add(type, static call => Interface(call, "out"), "get_EgressInterfaceIndex");
        registry.Add(type, static call => Number(call, Packet, "sk_buff", "len"), "get_Length");
        registry.Add(type, static call => Number(call, Packet, "sk_buff", "mark"), "get_Mark");
        registry.Add(type, TryRead, "TryRead");
    }

    private static Value Part(IntrinsicCall call, int offset, string typeName) =>
        call.Translator.Emit(new Load(DeclaredIntrinsics.Context(call), offset, MemoryWidth.U64, IrType.Pointer(Region.Kernel(typeName))));

    private static ILValue? Number(IntrinsicCall call, int offset, string typeName, string member) =>
        new Scalar(call.Translator.Emit(new KernelLoad(Part(call, offset, typeName), typeName, member, IrType.I32)));

    private static ILValue? Interface(IntrinsicCall call, string member)
    {
        var t = call.Translator;
        var device = t.Emit(new KernelLoad(Part(call, State, "nf_hook_state"), "nf_hook_state", member, IrType.Pointer(Region.Kernel("net_device"))));
        return t.Choose(t.Comparison(Predicate.NotEqual, device, Constant.Null(device.Type.Region)),
            () => new Scalar(t.Emit(new KernelLoad(device, "net_device", "ifindex", IrType.I32))),
            () => new Scalar(Translator.Number32(0)));
    }

    private static ILValue? TryRead(IntrinsicCall call)
    {
        var t = call.Translator;
        var shape = Shape.Of(call.TypeArgument());
        if (call.Arguments[0] is not Scalar given) return ErrorValue.Instance;
        var dynptr = t.NewSlot(16, 8, uninitialized: true);
        var slot = t.NewSlot(shape.Size, 8, uninitialized: true);
        t.Emit(new KernelFunctionCall("bpf_dynptr_from_skb", IrType.I32, Part(call, Packet, "sk_buff"), Translator.Number(0), dynptr));
        var failed = t.Call(BpfHelper.DynptrRead, IrType.I64, slot, Translator.Number(shape.Size), dynptr, t.Widen(given.Ir, false), Translator.Number(0));
        return t.Choose(t.Comparison(Predicate.Equal, failed, Translator.Number(0)), () =>
        {
            t.StoreTo(call.Arguments[1], shape, t.LoadFrom(new Pointer(slot), shape, false), false);
            return IntrinsicCall.Truth(true);
        }, () =>
        {
            t.Initialize(call.Arguments[1], shape);
            return IntrinsicCall.Truth(false);
        });
    }
}
