using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary><c>map.ForEach</c>: the lambda is a function that the kernel calls with each element.</summary>
internal static class ForEachIntrinsics
{
    public static void Register(IntrinsicRegistry registry) => registry.Add(typeof(BpfMapIteration), ForEach, "ForEach");

    private static ILValue? ForEach(IntrinsicCall call)
    {
        var t = call.Translator;
        if (MapTarget.Of(call, call.Arguments[0]) is not { } map) return ErrorValue.Instance;
        var arguments = call.Method.GetGenericArguments();
        var (key, value) = arguments.Length == 2 ? (Shape.Of(arguments[0]), Shape.Of(arguments[1])) : (Shape.Of(typeof(uint)), Shape.Of(arguments[0]));
        var callback = t.BeginCallback(call.Arguments[1], new CallbackSignature
        {
            Name = "each_element",
            // long (*)(struct bpf_map *map, const void *key, void *value, void *ctx)
            Parameters = [IrType.Pointer(Region.MapHandle), IrType.Pointer(Region.MapValue(key.Size)), IrType.Pointer(Region.MapValue(value.Size)), IrType.Pointer(new Region(RegionKind.Memory))],
            Context = 3,
            Bind = static (_, parameters) => [new Pointer(parameters[1]), new Pointer(parameters[2])],
            Result = LoopIntrinsics.Stop,
            Failed = 1,
        });
        if (callback is null) return ErrorValue.Instance;
        var count = t.Call(BpfHelper.ForEachMapElem, IrType.I64, map.Handle(t), callback.Function, callback.Context, Translator.Number(0));
        t.EndCallback(callback);
        return t.Current is null ? ErrorValue.Instance : new Scalar(t.Narrow(count));
    }
}
