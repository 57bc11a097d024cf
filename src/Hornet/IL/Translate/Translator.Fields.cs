using System.Reflection;
using System.Runtime.CompilerServices;
using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// Fields of structs, of captured objects, of types; elements of captured arrays.
internal sealed partial class Translator
{
    private readonly Dictionary<object, ConstantData> _arrayData = new(ReferenceEqualityComparer.Instance);

    private ILValue LoadField(ILValue owner, FieldInfo field)
    {
        var shape = Shape.Of(field.FieldType);
        switch (owner)
        {
            case ErrorValue:
                return owner;
            case ObjectConstant { Instance: null }:
                return Report(Rules.NullDereference, $"the field {FieldName(field)} of null is read");
            case ObjectConstant { Instance: { } instance }:
                // The compiler caches a lambda that captures nothing in a field of the object it belongs to.
                return IsDelegateCache(field) ? new ObjectConstant(null) : Constants.FromObject(field.GetValue(instance), field.FieldType);
            case LocalObject made:
                if (IsDelegateCache(field)) return new ObjectConstant(null);
                return FieldOf(made, field) is { } place ? LoadFrom(place, shape, false) : Report(Rules.Unsupported, $"the field {FieldName(field)} is read");
            case StructValue whole:
                int index = whole.Shape.IndexOf(field);
                return index >= 0 ? whole.Field(index) : Report(Rules.Unsupported, $"the field {FieldName(field)} is read");
            case MemoryValue memory:
                return LoadFrom(FieldAddress(memory.Address, field), shape, false);
            default:
                return LoadFrom(FieldAddress(owner, field), shape, TakeVolatile());
        }
    }

    /// <summary>The address of a field.</summary>
    public ILValue FieldAddress(ILValue owner, FieldInfo field)
    {
        switch (owner)
        {
            case ErrorValue:
                return owner;
            case VariableAddress { Variable.Slot: null, Shape: StructShape shape } place when shape.IndexOf(field) is >= 0 and var index:
                return place with { FirstLeaf = place.FirstLeaf + shape.FirstLeaf[index], Shape = shape.Fields[index].Shape };
            case LocalObject made:
                return FieldOf(made, field) ?? Report(Rules.Unsupported, $"the field {FieldName(field)} is used");
            case ObjectConstant { Instance: { } instance }:
                var value = Constants.FromObject(field.GetValue(instance), field.FieldType);
                // A copy: writing to it is refused where the field itself would be written.
                return value is MemoryValue memory ? memory.Address : AddressOfCaptured(instance, field, value);
            case ObjectConstant { Instance: null }:
                return Report(Rules.NullDereference, $"the field {FieldName(field)} of null is used");
            case StructValue or MemoryValue:
                return FieldAddress(owner is MemoryValue whole ? whole.Address : AddressOf(NewTemporary(((StructValue)owner).Shape, owner)), field);
            case Pointer or PacketAddress or ConstantData or VariableAddress:
                if (!Shape.Of(field.DeclaringType!).IsPlainData && owner is not VariableAddress)
                    return Report(Rules.ReferenceInMemory, $"the field {FieldName(field)} of a type with references is in memory");
                return AddBytes(owner is VariableAddress ? RealPointer(owner) : owner, Number(Layout.OffsetOf(field)));
            default:
                return Report(Rules.Unsupported, $"{Describe(owner)} is used as an object");
        }
    }

    // What a lambda captured is a constant; a method that is called on it gets the address of a copy.
    private VariableAddress AddressOfCaptured(object instance, FieldInfo field, ILValue value)
    {
        var variable = NewTemporary(Shape.Of(field.FieldType), value);
        _captured[variable] = (instance, field);
        return new VariableAddress(variable, 0, variable.Shape);
    }

    private readonly Dictionary<Variable, (object Owner, FieldInfo Field)> _captured = [];

    // The captured field that an address is a copy of; null for other addresses.
    private FieldInfo? CapturedBehind(ILValue address)
    {
        if (_captured.Count == 0) return null;
        foreach (var (variable, (_, field)) in _captured)
        {
            if (address is VariableAddress place && place.Variable == variable) return field;
            if (address is Pointer { Base: var start } && variable.Slot is not null && ReferenceEquals(start, variable.Slot)) return field;
        }
        return null;
    }

    private void StoreField(ILValue owner, FieldInfo field, ILValue value)
    {
        switch (owner)
        {
            case ErrorValue:
                return;
            case ObjectConstant:
                if (!IsDelegateCache(field)) Report(Rules.CapturedWrite, $"{FieldName(field)} is assigned, which was captured from outside of the kernel code");
                return;
            case LocalObject when IsDelegateCache(field):
                return;
            default:
                StoreTo(FieldAddress(owner, field), Shape.Of(field.FieldType), value, TakeVolatile());
                return;
        }
    }

    private ILValue? FieldOf(LocalObject made, FieldInfo field)
    {
        var infos = Layout.InstanceFields(made.Type);
        int index = Array.FindIndex(infos, candidate => candidate.MetadataToken == field.MetadataToken && candidate.Module == field.Module);
        return index < 0 ? null : AddressOf(made.Fields[index]);
    }

    private ILValue LoadStaticField(FieldInfo field)
    {
        if (IsDelegateCache(field)) return new ObjectConstant(null);
        if (NamedConstant(field) is { } named) return LoadFrom(named, Shape.Of(field.FieldType), isVolatile: true);
        if (field.IsLiteral || field.IsInitOnly) return Constants.FromObject(field.GetValue(null), field.FieldType);
        return Report(Rules.MutableStatic, WhyChanging(field));
    }

    private ILValue StaticFieldAddress(FieldInfo field)
    {
        if (IsRvaField(field)) return ConstantBytes(field);
        if (!field.IsInitOnly) return Report(Rules.MutableStatic, WhyChanging(field));
        if (NamedConstant(field) is { } named) return named;
        var value = Constants.FromObject(field.GetValue(null), field.FieldType);
        return value is MemoryValue memory ? memory.Address : AddressOf(NewTemporary(Shape.Of(field.FieldType), value));
    }

    // A number of the program's own class, compiled ahead of time: known when the object is loaded, not now.
    private Pointer? NamedConstant(FieldInfo field)
    {
        if (Request.Constants is not { } constants || !constants.Holds(field)) return null;
        if (Shape.Of(field.FieldType) is not ScalarShape { IsFloat: false } shape) return null;
        var kind = field.FieldType == typeof(bool) ? ConstantKind.Boolean : shape.IsSigned ? ConstantKind.Signed : ConstantKind.Unsigned;
        int at = Module.ReadOnlyData.AddVariable(constants.NameOf(field), Layout.Data(field.GetValue(null)!, shape.Size), kind);
        return new Pointer(Emit(new GlobalReference(Module.ReadOnlyData.Map!, at)));
    }

    // The field behind an automatic property has no name that anybody wrote.
    private static string WhyChanging(FieldInfo field) => field.Name.EndsWith(">k__BackingField", StringComparison.Ordinal)
        ? $"{Names.Of(field.DeclaringType!)}.{FieldName(field)} is a static property that can change"
        : $"{FieldName(field)} is a static field that is not readonly";

    private void StoreStaticField(FieldInfo field, ILValue value)
    {
        if (IsDelegateCache(field) || value is ErrorValue) return;
        Report(Rules.MutableStatic, $"the static field {FieldName(field)} is assigned");
    }

    // Where the compiler keeps what a call on a dynamic value was bound to.
    private static bool IsCallSite(FieldInfo field) => field.DeclaringType!.Name.StartsWith("<>o__", StringComparison.Ordinal);

    // Where the compiler keeps a delegate so that it is made only once. For the kernel it is made at compile time anyway.
    private static bool IsDelegateCache(FieldInfo field) =>
        typeof(Delegate).IsAssignableFrom(field.FieldType) && (field.Name.StartsWith("<>9__", StringComparison.Ordinal) || field.DeclaringType!.Name.StartsWith("<>O", StringComparison.Ordinal));

    private ConstantData ConstantBytes(FieldInfo field)
    {
        if (!_arrayData.TryGetValue(field, out var data)) _arrayData.Add(field, data = new ConstantData(DataOf(field), Number(0)));
        return data;
    }

    private static string FieldName(FieldInfo field)
    {
        string name = field.Name;
        if (name.StartsWith('<') && name.IndexOf('>') is > 1 and var end) return name[1..end];
        return field.DeclaringType is { } type && !type.IsDefined(typeof(CompilerGeneratedAttribute)) ? $"{Names.Of(type)}.{name}" : name;
    }

    // --- arrays: captured or static ones, which are constants ---

    private ILValue ArrayLength(ILValue array) => array switch
    {
        ErrorValue => array,
        ObjectConstant { Instance: Array { Rank: 1 } known } => new Scalar(Number(known.Length)),
        ObjectConstant { Instance: null } => Report(Rules.NullDereference, "the length of null is read"),
        _ => Report(Rules.Unsupported, $"the length of {Describe(array)} is read"),
    };

    private ILValue ArrayElement(ILValue array, ILValue index)
    {
        if (array is ErrorValue || index is ErrorValue) return ErrorValue.Instance;
        if (array is ObjectConstant { Instance: Array { Rank: 1 } known } && index is Scalar { Known: { } at } && at >= 0 && at < known.Length)
            return Constants.FromObject(known.GetValue(at), known.GetType().GetElementType()!);
        var address = ArrayElementAddress(array, index);
        return address is ErrorValue ? address : LoadFrom(address, Shape.Of(((ObjectConstant)array).Instance!.GetType().GetElementType()!), false);
    }

    private ILValue ArrayElementAddress(ILValue array, ILValue index)
    {
        if (array is ErrorValue || index is ErrorValue) return ErrorValue.Instance;
        if (array is not ObjectConstant { Instance: Array { Rank: 1 } known } || index is not Scalar position)
            return Report(Rules.Unsupported, $"an element of {Describe(array)} is used");
        var element = Shape.Of(known.GetType().GetElementType()!);
        if (!element.IsPlainData) return Report(Rules.NotConstant, $"an element of an array of {Names.Of(element.Type)} is used at a place that is not constant");
        var offset = CheckedOffset(position.Ir, Number32(known.Length), element.Size);
        return Current is null ? ErrorValue.Instance : DataOf(known, element) with { Offset = offset };
    }

    /// <summary>Leaves the program unless an index is below a length; the index in bytes otherwise.</summary>
    public Value CheckedOffset(Value index, Value length, int elementSize)
    {
        // Compared with 64 bits, as the address is made: the verifier then knows the bound of what is added.
        var wide = Widen(index, false);
        LeaveProgramIf(Comparison(Predicate.AboveOrEqual, wide, Widen(length, false)));
        return Current is null ? Number(0) : Arithmetic(BinaryOperator.Mul, wide, Number(elementSize));
    }

    /// <summary>The elements of an array as constant bytes.</summary>
    public ConstantData DataOf(Array array, Shape element)
    {
        if (_arrayData.TryGetValue(array, out var data)) return data;
        var bytes = new byte[Math.Max(1, array.Length * element.Size)];
        for (int i = 0; i < array.Length; i++) Layout.Data(array.GetValue(i)!, element.Size).CopyTo(bytes.AsSpan(i * element.Size));
        _arrayData.Add(array, data = new ConstantData(bytes, Number(0)));
        return data;
    }

    /// <summary>A span over constant bytes.</summary>
    public static StructValue SpanOver(Type spanType, ILValue reference, Value length) =>
        new((StructShape)Shape.Of(spanType), [reference, new Scalar(length)]);
}
