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

    private static ILValue? FieldOf(LocalObject made, FieldInfo field)
    {
        var shape = (StructShape)made.Fields.Shape;
        int index = shape.IndexOf(field);
        return index < 0 ? null : new VariableAddress(made.Fields, shape.FirstLeaf[index], shape.Fields[index].Shape);
    }

    private ILValue LoadStaticField(FieldInfo field)
    {
        if (IsDelegateCache(field)) return new ObjectConstant(null);
        if (field.IsLiteral || field.IsInitOnly) return Constants.FromObject(field.GetValue(null), field.FieldType);
        return Report(Rules.MutableStatic, $"{FieldName(field)} is a static field that is not readonly");
    }

    private ILValue StaticFieldAddress(FieldInfo field)
    {
        if (IsRvaField(field)) return ConstantBytes(field);
        if (!field.IsInitOnly) return Report(Rules.MutableStatic, $"{FieldName(field)} is a static field that is not readonly");
        var value = Constants.FromObject(field.GetValue(null), field.FieldType);
        return value is MemoryValue memory ? memory.Address : AddressOf(NewTemporary(Shape.Of(field.FieldType), value));
    }

    private void StoreStaticField(FieldInfo field, ILValue value)
    {
        if (IsDelegateCache(field) || value is ErrorValue) return;
        Report(Rules.MutableStatic, $"the static field {FieldName(field)} is assigned");
    }

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

    // --- objects ---

    private void NewObject(ConstructorInfo constructor)
    {
        var parameters = constructor.GetParameters();
        var arguments = PopArguments(parameters.Length);
        var type = constructor.DeclaringType!;
        if (type.IsValueType && TryIntrinsic(constructor, null, arguments, out var result))
        {
            Push(result ?? ErrorValue.Instance);
            return;
        }
        if (type.IsSubclassOf(typeof(MulticastDelegate)))
        {
            Push(arguments[1] is MethodAddress method ? new DelegateValue(type, method.Method, arguments[0]) : ErrorValue.Instance);
            return;
        }
        if (!type.IsValueType)
        {
            Push(NewLocalObject(type, constructor));
            return;
        }
        if (!MayCompile(constructor))
        {
            Push(RejectCall(constructor));
            return;
        }
        var variable = Declare(VariableKind.Temporary, Offset * 16, type, null, initialize: true);
        CallMethod(constructor, AddressOf(variable), arguments, null);
        Push(Current is null ? ErrorValue.Instance : LoadTemporary(variable));
    }

    // Nobody else knows a temporary, so its memory need not be copied.
    private ILValue LoadTemporary(Variable variable) => LoadVariable(variable) is MemoryValue memory ? memory with { IsCopy = true } : LoadVariable(variable);

    // The variables that a nested lambda captures are fields of an object; it does not outlive the program, so its
    // fields are ordinary variables.
    private ILValue NewLocalObject(Type type, ConstructorInfo constructor)
    {
        if (!type.Name.StartsWith("<>c", StringComparison.Ordinal) || constructor.GetParameters().Length > 0)
            return Report(type.IsSubclassOf(typeof(Exception)) ? Rules.Exceptions : Rules.Allocation, $"a new {Names.Of(type)} is allocated");
        List<Field> fields = [];
        foreach (var field in Layout.InstanceFields(type)) fields.Add(new Field(field.Name, field, Shape.Of(field.FieldType), 0));
        Variable variable = new(new VariableKey(Frame.Key, VariableKind.Object, Offset), new StructShape(type, [.. fields])) { Name = "captured" };
        foreach (var leaf in variable.Leaves) Write(leaf, Default(leaf.Shape));
        return new LocalObject(type, variable);
    }

    private ILValue Box(Type type, ILValue value) => value is ErrorValue || !type.IsValueType ? value : new BoxedValue(type, value);

    private ILValue IsInstance(Type type, ILValue value)
    {
        switch (value)
        {
            case ErrorValue:
                return value;
            case BoxedValue boxed:
                var actual = Nullable.GetUnderlyingType(boxed.Type);
                if (actual is null) return type.IsAssignableFrom(boxed.Type) ? value : new ObjectConstant(null);
                if (!type.IsAssignableFrom(actual)) return new ObjectConstant(null);
                // A nullable is an object only when it has a value.
                return boxed.Value is StructValue nullable && nullable.Leaves[0] is Scalar { Known: { } known }
                    ? known != 0 ? new BoxedValue(actual, nullable.Field(1)) : new ObjectConstant(null)
                    : Report(Rules.Boxing, $"a {Names.Of(boxed.Type)} is tested for its type");
            case ObjectConstant { Instance: { } instance }:
                return type.IsInstanceOfType(instance) ? value : new ObjectConstant(null);
            case ObjectConstant:
                return value;
            default:
                return Report(Rules.Boxing, $"{Describe(value)} is tested for its type");
        }
    }

    private ILValue UnboxAny(Type type, ILValue value) => value switch
    {
        ErrorValue => value,
        BoxedValue boxed when boxed.Type == type => boxed.Value,
        BoxedValue boxed when Nullable.GetUnderlyingType(type) == boxed.Type => new StructValue((StructShape)Shape.Of(type), [new Scalar(Number32(1)), .. StructValue.LeavesOf(boxed.Value)]),
        ObjectConstant { Instance: null } when Nullable.GetUnderlyingType(type) is not null => Default(Shape.Of(type)),
        ObjectConstant { Instance: { } instance } when type.IsInstanceOfType(instance) => type.IsValueType ? Constants.FromObject(instance, type) : value,
        _ => Report(Rules.Boxing, $"{Describe(value)} is opened as {Names.Of(type)}"),
    };

    private ILValue CastClass(Type type, ILValue value) => value switch
    {
        ErrorValue or ObjectConstant { Instance: null } or DelegateValue => value,
        ObjectConstant { Instance: { } instance } when type.IsInstanceOfType(instance) => value,
        _ => Report(Rules.Boxing, $"{Describe(value)} is cast to {Names.Of(type)}"),
    };
}
