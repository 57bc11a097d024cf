using System.Reflection;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// Objects: those that exist now, and the variables of nested lambdas.
internal sealed partial class Translator
{
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
        var infos = Layout.InstanceFields(type);
        var fields = new Variable[infos.Length];
        for (int i = 0; i < fields.Length; i++) fields[i] = Declare(VariableKind.Object, Offset * LocalObject.MostFields + i, infos[i].FieldType, infos[i].Name, initialize: true);
        return new LocalObject(type, fields);
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
        Pointer pointer when Kernel.KernelViews.NameOf(type) is { } name => AsKernelType(pointer, name),
        ObjectConstant { Instance: { } instance } when type.IsInstanceOfType(instance) => value,
        _ => Report(Rules.Boxing, $"{Describe(value)} is cast to {Names.Of(type)}"),
    };
}
