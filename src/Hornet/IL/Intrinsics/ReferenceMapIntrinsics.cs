using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.IL.Intrinsics;

/// <summary>Maps whose elements are kernel objects: other maps, programs, interfaces, CPUs, sockets, control groups, stacks.</summary>
internal static class ReferenceMapIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        var type = typeof(BpfReferenceMapExtensions);
        registry.Add(typeof(BpfArrayOfMaps), MapCall.Intrinsic(TryGetMap), "TryGetMap");
        registry.Add(typeof(BpfHashOfMaps<>), MapCall.Intrinsic(TryGetMap), "TryGetMap");
        registry.Add(type, MapCall.Intrinsic(TailCall), "TailCall");
        registry.Add(type, MapCall.Intrinsic(Redirect), "Redirect");
        registry.Add(type, MapCall.Intrinsic(Contains), "Contains");
        registry.Add(type, MapCall.Intrinsic(ContainsCurrentTask), "ContainsCurrentTask");
        registry.Add(type, MapCall.Intrinsic(Capture), "Capture");
    }

    private static ILValue? TryGetMap(MapCall call)
    {
        var t = call.Translator;
        var view = call.ParameterType(1).GetElementType()!;
        var kind = KindOf(view);
        if (Mismatch(call, view, kind) is { } mismatch)
        {
            call.Out(1, Shape.Of(view), ErrorValue.Instance);
            return call.Unavailable(mismatch);
        }
        var (_, key) = call.Key();
        if (!call.IsReached) return ErrorValue.Instance;
        var found = t.Call(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapHandle), call.Map.Handle(t), key);
        var type = call.Map.Captured?.InnerMap?.Type ?? kind![0];
        // Without a test of the result the pre-verifier refuses the use of the map.
        call.Out(1, Shape.Of(view), new InnerMap(view, type, found));
        return new Scalar(call.IsFound(found));
    }

    private static MapType[]? KindOf(Type view)
    {
        var definition = view.IsGenericType ? view.GetGenericTypeDefinition() : view;
        if (definition == typeof(BpfHashMap<,>)) return [MapType.Hash, MapType.LruHash];
        if (definition == typeof(BpfArray<>)) return [MapType.Array];
        if (definition == typeof(BpfPerCpuHashMap<,>)) return [MapType.PerCpuHash, MapType.LruPerCpuHash];
        if (definition == typeof(BpfPerCpuArray<>)) return [MapType.PerCpuArray];
        if (definition == typeof(BpfQueue<>)) return [MapType.Queue];
        if (definition == typeof(BpfStack<>)) return [MapType.Stack];
        return definition == typeof(BpfBloomFilter<>) ? [MapType.BloomFilter] : null;
    }

    private static string? Mismatch(MapCall call, Type view, MapType[]? kind)
    {
        if (kind is null) return $"cannot give a {Names.Of(view)}";
        if (call.Map.Captured is not { InnerMap: { } inner } outer) return null;
        if (!kind.Contains(inner.Type)) return $"is asked for a {Names.Of(view)}, and the {outer} holds maps of the type {inner.Type}";
        var arguments = view.GetGenericArguments();
        int value = Layout.SizeOf(arguments[^1]), key = arguments.Length == 2 ? Layout.SizeOf(arguments[0]) : (int)inner.KeySize;
        return inner.KeySize != key ? $"is asked for a {Names.Of(view)}, and the {outer} holds maps with keys of {inner.KeySize} bytes"
            : inner.ValueSize != value ? $"is asked for a {Names.Of(view)}, and the {outer} holds maps with values of {inner.ValueSize} bytes" : null;
    }

    // On success the other program has taken over and this one does not go on.
    private static ILValue? TailCall(MapCall call)
    {
        var t = call.Translator;
        if (Context(call) is { } context) t.Call(BpfHelper.TailCall, IrType.I64, context, call.Map.Handle(t), call.Number(call.Count - 1));
        return null;
    }

    // The program's own context: the entry's only argument.
    private static Parameter? Context(MapCall call)
    {
        var function = call.Translator.Scope.Function;
        if (function == call.Translator.Module.EntryFunction && function.Parameters is [{ Type.Region.Kind: RegionKind.Context } context]) return context;
        call.Unavailable("needs the program's context, which a callback does not have");
        return null;
    }

    private static ILValue? Redirect(MapCall call)
    {
        var t = call.Translator;
        return new Scalar(t.Narrow(t.Call(BpfHelper.RedirectMap, IrType.I64, call.Map.Handle(t), call.Number(0), call.Number(1))));
    }

    private static ILValue? Contains(MapCall call)
    {
        var (_, key) = call.Key();
        if (!call.IsReached) return ErrorValue.Instance;
        var t = call.Translator;
        return new Scalar(call.IsFound(t.Call(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapValue(4)), call.Map.Handle(t), key)));
    }

    private static ILValue? ContainsCurrentTask(MapCall call)
    {
        var t = call.Translator;
        var result = t.Call(BpfHelper.CurrentTaskUnderCgroup, IrType.I64, call.Map.Handle(t), call.Number(0));
        return new Scalar(t.Comparison(Predicate.Equal, result, Translator.Number(1)));
    }

    private static ILValue? Capture(MapCall call)
    {
        var t = call.Translator;
        if (t.ProgramContext is not { } context) return call.Unavailable("needs the program's context, which a callback does not have");
        var flags = t.Arithmetic(BinaryOperator.Or, call.Number(0), call.Number(1));
        return new Scalar(t.Narrow(t.Call(BpfHelper.GetStackid, IrType.I64, context, call.Map.Handle(t), flags)));
    }
}
