using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.IL.Intrinsics;

/// <summary>
/// Hashes and arrays, also per CPU: the same objects as in user space. What is missing reads as zero; <c>map[key]++</c>
/// and the like are atomic where CPUs share the value.
/// </summary>
internal static class KeyedMapIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        foreach (var type in (ReadOnlySpan<Type>)[typeof(BpfHashMap<,>), typeof(BpfArray<>), typeof(BpfPerCpuHashMap<,>), typeof(BpfPerCpuArray<>)])
        {
            registry.Add(type, MapCall.Intrinsic(GetItem), "get_Item");
            registry.Add(type, SetItem, "set_Item");
            registry.Add(type, MapCall.Intrinsic(Set), "Set");
            registry.Add(type, MapCall.Intrinsic(TryGetValue), "TryGetValue");
            registry.Add(type, MapCall.Intrinsic(Find), "Find");
        }
        foreach (var type in (ReadOnlySpan<Type>)[typeof(BpfHashMap<,>), typeof(BpfPerCpuHashMap<,>)])
        {
            registry.Add(type, MapCall.Intrinsic(static call => TrySet(call, MapUpdateFlags.NoExist)), "TryAdd");
            registry.Add(type, MapCall.Intrinsic(static call => TrySet(call, MapUpdateFlags.Exist)), "TryReplace");
            registry.Add(type, MapCall.Intrinsic(Remove), "Remove");
            registry.Add(type, MapCall.Intrinsic(Contains), "Contains");
            registry.Add(type, MapCall.Intrinsic(GetOrAdd), "GetOrAdd");
        }
        foreach (var type in (ReadOnlySpan<Type>)[typeof(BpfPerCpuHashMap<,>), typeof(BpfPerCpuArray<>)]) registry.Add(type, MapCall.Intrinsic(FindOn), "FindOn");
        registry.Add(typeof(IndexedMap), MapCall.Intrinsic(static call => call.Map.Captured is { } map
            ? new Scalar(Translator.Number32((int)map.MaxEntries))
            : call.Unavailable("is not known for an array that was found in a map of maps")), "get_Length");
        registry.Add(typeof(PerCpuValues<>), Convert, "op_Implicit");
    }

    // Between an element of a per-CPU map and the current CPU's value.
    private static ILValue? Convert(IntrinsicCall call) => call.Arguments[0] is CpuElement element ? element.Value : new CpuElement(call.Arguments[0]);

    private static ILValue? GetItem(MapCall call)
    {
        var t = call.Translator;
        var (keyValue, key) = call.Key();
        if (!call.IsReached || keyValue is ErrorValue) return ErrorValue.Instance;
        var pointer = call.Map.Lookup(t, key, call.ValueShape);
        var value = t.Choose(call.IsFound(pointer), () => call.Snapshot(t.LoadFrom(new Pointer(pointer), call.ValueShape, false)), () => call.Snapshot(t.Default(call.ValueShape)));
        if (value is Scalar scalar) t.NoteElement(scalar.Ir, new Element(call.Map, keyValue, key, pointer));
        return call.Map.IsPerCpu && value is not ErrorValue ? new CpuElement(value) : value;
    }

    private static ILValue? SetItem(IntrinsicCall intrinsic)
    {
        if (MapCall.Of(intrinsic) is not { } call) return null;
        var t = call.Translator;
        var value = call.Raw(1) is CpuElement element ? element.Value : call.Raw(1);
        if (value is Scalar { Ir: Binary operation } && call.ValueShape is ScalarShape scalar && ReadFrom(call, operation) is { } read)
        {
            var other = ReferenceEquals(t.ElementOf(operation.Left), read) ? operation.Right : operation.Left;
            if (call.Map.IsPerCpu) StoreBack(call, read, value);
            else if (AtomicOf(operation.Operator) is { } atomic && scalar.Size is 4 or 8) Accumulate(call, read, scalar, atomic, operation, other);
            else Write(call, value);
            return null;
        }
        Write(call, value);
        return null;
    }

    // What a value that is stored was computed from, when that is the same element.
    private static Element? ReadFrom(MapCall call, Binary operation)
    {
        var t = call.Translator;
        if (t.ElementOf(operation.Left) is { } left && IsSame(call, left)) return left;
        bool commutes = operation.Operator is BinaryOperator.Add or BinaryOperator.Or or BinaryOperator.And or BinaryOperator.Xor or BinaryOperator.Mul;
        return commutes && t.ElementOf(operation.Right) is { } right && IsSame(call, right) ? right : null;
    }

    private static bool IsSame(MapCall call, Element element)
    {
        if (!element.Map.Equals(call.Map) || call.KeyShape is MemoryShape) return false;
        var t = call.Translator;
        return t.Coerce(call.Value(0, call.KeyShape), call.KeyShape).Equals(element.KeyValue);
    }

    // Other operators than + and - came with 5.12; before, they read and write back.
    private static AtomicOperator? AtomicOf(BinaryOperator op) => op switch
    {
        BinaryOperator.Add or BinaryOperator.Sub => AtomicOperator.Add,
        BinaryOperator.Or when RunningKernel.Options.FetchingAtomics => AtomicOperator.Or,
        BinaryOperator.And when RunningKernel.Options.FetchingAtomics => AtomicOperator.And,
        BinaryOperator.Xor when RunningKernel.Options.FetchingAtomics => AtomicOperator.Xor,
        _ => null,
    };

    // An atomic operation where the element is, and an insertion where it is not. Should another CPU insert it in
    // between, the operation is done there.
    private static void Accumulate(MapCall call, Element element, ScalarShape shape, AtomicOperator atomic, Binary operation, Value amount)
    {
        var t = call.Translator;
        if (operation.Operator == BinaryOperator.Sub) amount = t.Arithmetic(BinaryOperator.Sub, Constant.Of(amount.Type, 0), amount);
        ILValue Apply(Value pointer)
        {
            t.Emit(new AtomicReadModifyWrite(atomic, pointer, 0, amount, fetch: false));
            t.NoteMapWrite();
            return IntrinsicCall.Truth(true);
        }

        t.Choose(call.IsFound(element.Pointer), () => Apply(element.Pointer), () =>
        {
            if (element.Map.IsArray) return IntrinsicCall.Truth(false); // no such slot
            var inserted = atomic == AtomicOperator.And ? Constant.Of(amount.Type, 0) : amount;
            var status = element.Map.Update(t, element.KeyAddress, shape, new Scalar(inserted), MapUpdateFlags.NoExist);
            return t.Choose(call.IsSuccess(status), () => IntrinsicCall.Truth(true), () =>
            {
                var pointer = element.Map.Lookup(t, element.KeyAddress, shape);
                return t.Choose(call.IsFound(pointer), () => Apply(pointer), () => IntrinsicCall.Truth(false));
            });
        });
    }

    // Nobody else writes the current CPU's value.
    private static void StoreBack(MapCall call, Element element, ILValue value)
    {
        var t = call.Translator;
        t.Choose(call.IsFound(element.Pointer), () =>
        {
            t.StoreTo(new Pointer(element.Pointer), call.ValueShape, value, false);
            return IntrinsicCall.Truth(true);
        }, () =>
        {
            if (!element.Map.IsArray) element.Map.Update(t, element.KeyAddress, call.ValueShape, value, MapUpdateFlags.Any);
            return IntrinsicCall.Truth(false);
        });
    }

    private static void Write(MapCall call, ILValue value)
    {
        var t = call.Translator;
        var (_, key) = call.Key();
        if (!call.IsReached || value is ErrorValue) return;
        if (!call.Map.IsArray || KernelFields.IsIn(call.ValueShape.Type))
        {
            call.Map.Update(t, key, call.ValueShape, value, MapUpdateFlags.Any);
            return;
        }
        // Slots are there from the start, and are found without a call.
        var pointer = call.Map.Lookup(t, key, call.ValueShape);
        t.Choose(call.IsFound(pointer), () =>
        {
            t.StoreTo(new Pointer(pointer), call.ValueShape, value, false);
            return IntrinsicCall.Truth(true);
        }, () => IntrinsicCall.Truth(false));
    }

    private static ILValue? Set(MapCall call)
    {
        if (call.Map.IsPerCpu && call.Raw(1) is not CpuElement) return call.Unavailable("is given every CPU's value; kernel code has the current CPU's");
        long? flags = call.Count > 2 ? call.Constant(2, "the flags argument") : 0;
        if (flags is null) return null;
        var value = call.Value(1, call.ValueShape);
        if (flags == 0) Write(call, value);
        else if (call.Key() is var (_, key) && call.IsReached) call.Map.Update(call.Translator, key, call.ValueShape, value, (MapUpdateFlags)flags);
        return null;
    }

    private static ILValue? TrySet(MapCall call, MapUpdateFlags flags)
    {
        var (_, key) = call.Key();
        var value = call.Value(1, call.ValueShape);
        if (!call.IsReached) return ErrorValue.Instance;
        return new Scalar(call.IsSuccess(call.Map.Update(call.Translator, key, call.ValueShape, value, flags)));
    }

    private static ILValue? TryGetValue(MapCall call)
    {
        var t = call.Translator;
        if (call.Count == 3 && call.Raw(2) is not Scalar { Known: 0 }) return call.Unavailable("is for user space with these arguments; in the kernel there is only the lookup without flags");
        var (_, key) = call.Key();
        if (!call.IsReached) return ErrorValue.Instance;
        return Copied(call, call.Map.Lookup(t, key, call.ValueShape), 1);
    }

    /// <summary>Copies what a lookup found into an <c>out</c> argument; whether there was something.</summary>
    public static ILValue Copied(MapCall call, Value pointer, int argument)
    {
        var t = call.Translator;
        return t.Choose(call.IsFound(pointer), () =>
        {
            call.Out(argument, call.ValueShape, t.LoadFrom(new Pointer(pointer), call.ValueShape, false));
            return IntrinsicCall.Truth(true);
        }, () =>
        {
            t.Initialize(call.Raw(argument), call.ValueShape);
            return IntrinsicCall.Truth(false);
        });
    }

    private static ILValue? Remove(MapCall call)
    {
        var (_, key) = call.Key();
        return call.IsReached ? new Scalar(call.IsSuccess(call.Map.Delete(call.Translator, key))) : ErrorValue.Instance;
    }

    private static ILValue? Contains(MapCall call)
    {
        var (_, key) = call.Key();
        return call.IsReached ? new Scalar(call.IsFound(call.Map.Lookup(call.Translator, key, call.ValueShape))) : ErrorValue.Instance;
    }

    private static ILValue? Find(MapCall call)
    {
        var (_, key) = call.Key();
        return call.IsReached ? new Pointer(call.Map.Lookup(call.Translator, key, call.ValueShape)) : ErrorValue.Instance;
    }

    private static ILValue? FindOn(MapCall call)
    {
        var (_, key) = call.Key();
        if (!call.IsReached) return ErrorValue.Instance;
        var t = call.Translator;
        return new Pointer(t.Call(BpfHelper.MapLookupPercpuElem, IrType.Pointer(Region.MapValue(call.ValueShape.Size)), call.Map.Handle(t), key, call.Number(1)));
    }

    private static ILValue? GetOrAdd(MapCall call)
    {
        var t = call.Translator;
        var (_, key) = call.Key();
        if (!call.IsReached) return ErrorValue.Instance;
        var first = call.Count > 1 ? call.Value(1, call.ValueShape) : t.Default(call.ValueShape);
        var pointer = call.Map.Lookup(t, key, call.ValueShape);
        return t.Choose(call.IsFound(pointer), () => new Pointer(pointer), () =>
        {
            call.Map.Update(t, key, call.ValueShape, first, MapUpdateFlags.NoExist);
            var added = call.Map.Lookup(t, key, call.ValueShape);
            // The map is full.
            t.LeaveProgramIf(t.Comparison(Predicate.Equal, added, Constant.Null(added.Type.Region)));
            return new Pointer(added);
        });
    }
}
