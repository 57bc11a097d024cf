using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.IL.Intrinsics;

/// <summary>Maps: the same objects as in user space. What is missing reads as zero; <c>map[key]++</c> is atomic.</summary>
internal static class MapIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        foreach (var type in (ReadOnlySpan<Type>)[typeof(BpfHashMap<,>), typeof(BpfArray<>)])
        {
            registry.Add(type, GetItem, "get_Item");
            registry.Add(type, SetItem, "set_Item");
            registry.Add(type, Set, "Set");
            registry.Add(type, TryGetValue, "TryGetValue");
        }
        registry.Add(typeof(BpfHashMap<,>), static call => TrySet(call, MapUpdateFlags.NoExist), "TryAdd");
        registry.Add(typeof(BpfHashMap<,>), static call => TrySet(call, MapUpdateFlags.Exist), "TryReplace");
        registry.Add(typeof(BpfHashMap<,>), Remove, "Remove");
        registry.Add(typeof(IndexedMap), static call => MapOf(call, call.Target!) is { } map ? new Scalar(Translator.Number32((int)map.MaxEntries)) : ErrorValue.Instance, "get_Length");
        registry.Add(typeof(BpfMapExtensions), Find, "Find");
        registry.Add(typeof(BpfMapExtensions), GetOrAdd, "GetOrAdd");
    }

    public static BpfMap? MapOf(IntrinsicCall call, ILValue map)
    {
        if (map is ObjectConstant { Instance: MapView view }) return view.Map;
        call.Translator.Report(Rules.NotConstant, $"{Names.Of(call.Method)} is called on a map that is not known");
        return null;
    }

    public static Value Handle(Translator t, BpfMap map) => t.Emit(new MapReference(t.Module.AddMap(map)));

    private static (Shape Key, Shape Value) ShapesOf(Type view)
    {
        var arguments = view.GetGenericArguments();
        return arguments.Length == 2 ? (Shape.Of(arguments[0]), Shape.Of(arguments[1])) : (Shape.Of(typeof(uint)), Shape.Of(arguments[0]));
    }

    // The key as a value and where it lies for the helpers.
    private static (ILValue Value, Value Address) Key(IntrinsicCall call, int argument, Shape shape)
    {
        var t = call.Translator;
        var given = call.Arguments[argument];
        if (!call.ParameterType(argument).IsByRef) return (given, t.InMemory(t.Coerce(given, shape), shape));
        if (shape is MemoryShape && given is Pointer { Base.Type.Region.Kind: RegionKind.Stack or RegionKind.MapValue } present) return (given, t.AddressOf(present));
        var value = t.Coerce(t.LoadFrom(given, shape, false), shape);
        return (value, t.Current is null || value is ErrorValue ? Translator.Number(0) : t.InMemory(value, shape));
    }

    private static Value Lookup(Translator t, BpfMap map, Value key, Shape value) =>
        t.Call(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapValue(value.Size)), Handle(t, map), key);

    private static Value Found(Translator t, Value pointer) => t.Comparison(Predicate.NotEqual, pointer, Constant.Null(pointer.Type.Region));

    private static ILValue? GetItem(IntrinsicCall call)
    {
        var t = call.Translator;
        if (MapOf(call, call.Target!) is not { } map) return ErrorValue.Instance;
        var (keyShape, valueShape) = ShapesOf(call.DeclaringType);
        var (keyValue, key) = Key(call, 0, keyShape);
        if (t.Current is null || keyValue is ErrorValue) return ErrorValue.Instance;
        var pointer = Lookup(t, map, key, valueShape);
        var value = t.Choose(Found(t, pointer), () => Snapshot(t, t.LoadFrom(new Pointer(pointer), valueShape, false)), () => Snapshot(t, t.Default(valueShape)));
        if (value is Scalar scalar) t.NoteElement(scalar.Ir, new Element(map, keyValue, key, pointer));
        return value;
    }

    private static ILValue Snapshot(Translator t, ILValue value) => value is MemoryValue { Address: not ConstantData } or MemoryValue { IsCopy: true, Address: ConstantData } ? t.Copy((MemoryValue)value with { IsCopy = false }) : value;

    private static ILValue? SetItem(IntrinsicCall call)
    {
        var t = call.Translator;
        if (MapOf(call, call.Target!) is not { } map) return ErrorValue.Instance;
        var (keyShape, valueShape) = ShapesOf(call.DeclaringType);
        var value = call.Arguments[1];
        if (value is Scalar { Ir: Binary { Operator: BinaryOperator.Add or BinaryOperator.Sub } sum } && valueShape is ScalarShape { Size: 4 or 8 } scalar)
        {
            // map[key] += x: what was read from the element is what the sum begins with.
            if (t.ElementOf(sum.Left) is { } element && IsSame(call, element, map, keyShape)) return Accumulate(t, element, scalar, sum.Operator, sum.Right);
            if (sum.Operator == BinaryOperator.Add && t.ElementOf(sum.Right) is { } other && IsSame(call, other, map, keyShape)) return Accumulate(t, other, scalar, sum.Operator, sum.Left);
        }
        var (_, key) = Key(call, 0, keyShape);
        if (t.Current is null) return null;
        Update(t, map, key, valueShape, value, MapUpdateFlags.Any);
        return null;
    }

    private static bool IsSame(IntrinsicCall call, Element element, BpfMap map, Shape keyShape)
    {
        if (!ReferenceEquals(element.Map, map) || keyShape is MemoryShape) return false;
        var t = call.Translator;
        var key = call.ParameterType(0).IsByRef ? t.LoadFrom(call.Arguments[0], keyShape, false) : call.Arguments[0];
        return t.Coerce(key, keyShape).Equals(element.KeyValue);
    }

    // An atomic addition where the element is, and an insertion where it is not. Should another CPU insert it in
    // between, the addition is done there.
    private static ILValue? Accumulate(Translator t, Element element, ScalarShape shape, BinaryOperator op, Value amount)
    {
        if (op == BinaryOperator.Sub) amount = t.Arithmetic(BinaryOperator.Sub, Constant.Of(amount.Type, 0), amount);
        ILValue Add(Value pointer)
        {
            t.Emit(new AtomicReadModifyWrite(AtomicOperator.Add, pointer, 0, amount, fetch: false));
            return IntrinsicCall.Truth(true);
        }

        t.Choose(Found(t, element.Pointer), () => Add(element.Pointer), () =>
        {
            if (element.Map.Type is MapType.Array or MapType.PerCpuArray) return IntrinsicCall.Truth(false); // no such slot
            var status = Update(t, element.Map, element.KeyAddress, shape, new Scalar(amount), MapUpdateFlags.NoExist);
            return t.Choose(t.Comparison(Predicate.Equal, status, Constant.Of(status.Type, 0)), () => IntrinsicCall.Truth(true), () =>
            {
                var pointer = Lookup(t, element.Map, element.KeyAddress, shape);
                return t.Choose(Found(t, pointer), () => Add(pointer), () => IntrinsicCall.Truth(false));
            });
        });
        return null;
    }

    private static Value Update(Translator t, BpfMap map, Value key, Shape shape, ILValue value, MapUpdateFlags flags)
    {
        if (value is ErrorValue) return Translator.Number(0);
        var address = t.InMemory(t.Coerce(value, shape), shape);
        return t.Call(BpfHelper.MapUpdateElem, IrType.I64, Handle(t, map), key, address, Translator.Number((long)flags));
    }

    private static ILValue Argument(IntrinsicCall call, int index, Shape shape) =>
        call.ParameterType(index).IsByRef ? call.Translator.LoadFrom(call.Arguments[index], shape, false) : call.Arguments[index];

    private static ILValue? Set(IntrinsicCall call)
    {
        if (MapOf(call, call.Target!) is not { } map) return null;
        var (keyShape, valueShape) = ShapesOf(call.DeclaringType);
        if (call.Arguments[2] is not Scalar { Known: { } flags }) return call.Translator.Report(Rules.NotConstant, "the flags of an update are not constant");
        var (_, key) = Key(call, 0, keyShape);
        var value = Argument(call, 1, valueShape);
        if (call.Translator.Current is not null) Update(call.Translator, map, key, valueShape, value, (MapUpdateFlags)flags);
        return null;
    }

    private static ILValue? TrySet(IntrinsicCall call, MapUpdateFlags flags)
    {
        var t = call.Translator;
        if (MapOf(call, call.Target!) is not { } map) return ErrorValue.Instance;
        var (keyShape, valueShape) = ShapesOf(call.DeclaringType);
        var (_, key) = Key(call, 0, keyShape);
        var value = Argument(call, 1, valueShape);
        if (t.Current is null) return ErrorValue.Instance;
        var status = Update(t, map, key, valueShape, value, flags);
        return new Scalar(t.Comparison(Predicate.Equal, status, Constant.Of(status.Type, 0)));
    }

    private static ILValue? TryGetValue(IntrinsicCall call)
    {
        var t = call.Translator;
        if (MapOf(call, call.Target!) is not { } map) return ErrorValue.Instance;
        if (call.Arguments.Length == 3 && call.Arguments[2] is not Scalar { Known: 0 }) return t.Report(Rules.Unsupported, "TryGetValue with flags");
        var (keyShape, valueShape) = ShapesOf(call.DeclaringType);
        var (_, key) = Key(call, 0, keyShape);
        if (t.Current is null) return ErrorValue.Instance;
        var pointer = Lookup(t, map, key, valueShape);
        return t.Choose(Found(t, pointer), () =>
        {
            t.StoreTo(call.Arguments[1], valueShape, t.LoadFrom(new Pointer(pointer), valueShape, false), false);
            return IntrinsicCall.Truth(true);
        }, () =>
        {
            t.Initialize(call.Arguments[1], valueShape);
            return IntrinsicCall.Truth(false);
        });
    }

    private static ILValue? Remove(IntrinsicCall call)
    {
        var t = call.Translator;
        if (MapOf(call, call.Target!) is not { } map) return ErrorValue.Instance;
        var (_, key) = Key(call, 0, ShapesOf(call.DeclaringType).Key);
        if (t.Current is null) return ErrorValue.Instance;
        var status = t.Call(BpfHelper.MapDeleteElem, IrType.I64, Handle(t, map), key);
        return new Scalar(t.Comparison(Predicate.Equal, status, Constant.Of(status.Type, 0)));
    }

    // Extension members have the map as their first argument.
    private static (BpfMap Map, Shape Key, Shape Value)? Extended(IntrinsicCall call)
    {
        if (MapOf(call, call.Arguments[0]) is not { } map) return null;
        var arguments = call.Method.GetGenericArguments();
        return arguments.Length == 2 ? (map, Shape.Of(arguments[0]), Shape.Of(arguments[1])) : (map, Shape.Of(typeof(uint)), Shape.Of(arguments[0]));
    }

    private static ILValue? Find(IntrinsicCall call)
    {
        var t = call.Translator;
        if (Extended(call) is not { } map) return ErrorValue.Instance;
        var (_, key) = Key(call, 1, map.Key);
        return t.Current is null ? ErrorValue.Instance : new Pointer(Lookup(t, map.Map, key, map.Value));
    }

    private static ILValue? GetOrAdd(IntrinsicCall call)
    {
        var t = call.Translator;
        if (Extended(call) is not { } map) return ErrorValue.Instance;
        var (_, key) = Key(call, 1, map.Key);
        if (t.Current is null) return ErrorValue.Instance;
        var pointer = Lookup(t, map.Map, key, map.Value);
        var found = t.Choose(Found(t, pointer), () => new Pointer(pointer), () =>
        {
            Update(t, map.Map, key, map.Value, t.Default(map.Value), MapUpdateFlags.NoExist);
            var added = Lookup(t, map.Map, key, map.Value);
            // The map is full.
            t.LeaveProgramIf(t.Comparison(Predicate.Equal, added, Constant.Null(added.Type.Region)));
            return new Pointer(added);
        });
        return found;
    }
}

/// <summary>An element that was read: a value that is made of it and stored back is an atomic operation on it.</summary>
internal sealed record Element(BpfMap Map, ILValue KeyValue, Value KeyAddress, Value Pointer);
