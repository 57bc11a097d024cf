using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Maps;

namespace Hornet.IL.Intrinsics;

/// <summary><c>BpfGlobal</c>: an address in a map's only value, which needs no lookup.</summary>
internal static class GlobalIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        registry.Add(typeof(BpfGlobal<>), static call => (ILValue?)Address(call) ?? ErrorValue.Instance, "get_Value");
        registry.Add(typeof(BpfGlobalArray<>), static call => LengthOf(call) is { } length ? new Scalar(Translator.Number32(length)) : ErrorValue.Instance, "get_Length");
        registry.Add(typeof(BpfGlobalArray<>), Span, "get_Span");
        registry.Add(typeof(BpfGlobalArray<>), Item, "get_Item");
    }

    private static Pointer? Address(IntrinsicCall call)
    {
        var t = call.Translator;
        return MapTarget.Of(call, call.Target!)?.Captured is { } map ? new Pointer(t.Emit(new GlobalReference(t.Module.AddMap(map)))) : null;
    }

    private static int? LengthOf(IntrinsicCall call) => MapTarget.Of(call, call.Target!)?.Captured is { } map ? (int)map.ValueSize / Layout.SizeOf(call.OwnerArgument()) : null;

    private static ILValue? Span(IntrinsicCall call) =>
        LengthOf(call) is { } length && Address(call) is { } address ? Translator.SpanOver(call.ReturnType, address, Translator.Number32(length)) : ErrorValue.Instance;

    private static ILValue? Item(IntrinsicCall call)
    {
        var t = call.Translator;
        if (LengthOf(call) is not { } length || Address(call) is not { } address) return ErrorValue.Instance;
        var offset = t.CheckedOffset(t.Narrow(call.Number(0)), Translator.Number32(length), Layout.SizeOf(call.OwnerArgument()));
        return t.Current is null ? ErrorValue.Instance : t.AddBytes(address, offset);
    }
}
