using System.Reflection;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Maps;

namespace Hornet.IL.Intrinsics;

/// <summary><c>foreach</c> over a map: the translator makes a function of the loop's body, which the kernel calls with each element.</summary>
internal static class WalkIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        registry.Add(typeof(BpfHashMap<,>), MapCall.Intrinsic(Begin), "GetEnumerator");
        registry.Add(typeof(BpfArray<>), MapCall.Intrinsic(Begin), "GetEnumerator");
        registry.Add(typeof(BpfMapIteration), MapCall.Intrinsic(Begin), "GetEnumerator");
    }

    private static ILValue Begin(MapCall call) => new MapWalk(call.Map, call.ReturnType.GetGenericArguments()[0], call.KeyShape, call.ValueShape);

    /// <summary>What <c>foreach</c> asks of an enumerator.</summary>
    public static ILValue? Member(Translator t, MethodBase method, MapWalk walk) => method.Name switch
    {
        "get_Current" when walk.At is { } element => Current(t, walk, element),
        "Dispose" => null,
        _ => t.Report(Rules.MapMember, $"the enumerator of a {walk.Map.Type} map is used without foreach: the kernel calls the body of a foreach with each element"),
    };

    private static ILValue Current(Translator t, MapWalk walk, WalkedElement element)
    {
        var value = t.LoadFrom(new Pointer(element.Value), walk.Value, false);
        if (value is ErrorValue) return value;
        if (walk.Item == walk.Value.Type) return value is MemoryValue memory ? t.Copy(memory) : value;
        var key = t.LoadFrom(new Pointer(element.Key), walk.Key, false);
        if (Shape.Of(walk.Item) is StructShape pair) return new StructValue(pair, [.. StructValue.LeavesOf(key), .. StructValue.LeavesOf(value)]);
        var shape = (MemoryShape)Shape.Of(walk.Item);
        Pointer place = new(t.NewSlot(shape.Size, 8, uninitialized: true));
        var fields = Layout.InstanceFields(walk.Item);
        t.StoreTo(place with { Offset = Layout.OffsetOf(fields[0]) }, walk.Key, key, false);
        t.StoreTo(place with { Offset = Layout.OffsetOf(fields[1]) }, walk.Value, value, false);
        return new MemoryValue(shape, place, true);
    }
}
