using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Maps;

namespace Hornet.IL.Intrinsics;

/// <summary>A call of a map's member: an instance member, or an extension member whose first argument is the map.</summary>
internal sealed class MapCall
{
    private readonly IntrinsicCall _call;
    private readonly int _first;

    private MapCall(IntrinsicCall call, MapTarget map)
    {
        (_call, Map, _first) = (call, map, call.Method.IsStatic ? 1 : 0);
        var arguments = View.GetGenericArguments();
        bool hasKey = arguments.Length == 2 || (View.IsGenericType && View.GetGenericTypeDefinition() is var definition && (definition == typeof(BpfHashOfMaps<>) || definition == typeof(BpfSockHash<>)));
        KeyShape = Shape.Of(hasKey ? arguments[0] : typeof(uint));
        ValueShape = arguments.Length > 0 ? Shape.Of(arguments[^1]) : KeyShape;
    }

    public Translator Translator => _call.Translator;

    public MapTarget Map { get; }

    /// <summary>The C# type of the map.</summary>
    public Type View => _call.Method.IsStatic ? _call.ParameterType(0) : _call.DeclaringType;

    public Shape KeyShape { get; }

    public Shape ValueShape { get; }

    /// <summary>How many arguments there are beside the map.</summary>
    public int Count => _call.Arguments.Length - _first;

    /// <summary>Whether the code is still reached: a check may have ended the program.</summary>
    public bool IsReached => Translator.Current is not null;

    /// <summary>The call, when its map is known; null when it is not, which is reported.</summary>
    public static MapCall? Of(IntrinsicCall call)
    {
        var map = call.Method.IsStatic ? call.Arguments[0] : call.Target!;
        return MapTarget.Of(call, map) is { } target ? new(call, target) : null;
    }

    /// <summary>An intrinsic for members of maps.</summary>
    public static Intrinsic Intrinsic(Func<MapCall, ILValue?> translate) => call => Of(call) is { } map ? translate(map) : ErrorValue.Instance;

    /// <summary>An argument as it was given.</summary>
    public ILValue Raw(int index) => _call.Arguments[_first + index];

    /// <summary>The type of a parameter.</summary>
    public Type ParameterType(int index) => _call.ParameterType(_first + index);

    /// <summary>The type that the member results in.</summary>
    public Type ReturnType => _call.ReturnType;

    /// <summary>The member, for messages.</summary>
    public string Name => Names.Of(_call.Method);

    /// <summary>A type argument of the member itself, which come after those of the map.</summary>
    public Type TypeArgument => _call.Method.GetGenericArguments()[^1];

    /// <summary>An argument by its value, also where the parameter is a reference to it.</summary>
    public ILValue Value(int index, Shape shape) =>
        ParameterType(index).IsByRef ? Translator.LoadFrom(Raw(index), shape, false) : Raw(index) is CpuElement element ? element.Value : Raw(index);

    /// <summary>An argument that is a number known now; null otherwise, which is reported.</summary>
    public long? Constant(int index, string what)
    {
        if (Raw(index) is Scalar { Known: { } number }) return number;
        if (Raw(index) is not ErrorValue) Translator.Report(Rules.NotConstant, $"{what} of {Name} is not constant");
        return null;
    }

    /// <summary>An argument that is a number of 64 bits.</summary>
    public Value Number(int index) => Raw(index) is Scalar scalar ? Translator.Widen(scalar.Ir, false) : Translator.Number(0);

    /// <summary>The key as a value and where it lies for the helpers.</summary>
    public (ILValue Value, Value Address) Key(int index = 0)
    {
        var t = Translator;
        var given = Raw(index);
        if (!ParameterType(index).IsByRef) return (given, t.InMemory(t.Coerce(given, KeyShape), KeyShape));
        if (KeyShape is MemoryShape && given is Pointer { Base.Type.Region.Kind: RegionKind.Stack or RegionKind.MapValue } present) return (given, t.AddressOf(present));
        var value = t.Coerce(t.LoadFrom(given, KeyShape, false), KeyShape);
        return (value, t.Current is null || value is ErrorValue ? Translator.Number(0) : t.InMemory(value, KeyShape));
    }

    /// <summary>Stores into an <c>out</c> argument.</summary>
    public void Out(int index, Shape shape, ILValue value) => Translator.StoreTo(Raw(index), shape, value, false);

    /// <summary>Whether a pointer is not null.</summary>
    public Value IsFound(Value pointer) => Translator.Comparison(Predicate.NotEqual, pointer, Compiler.IR.Constant.Null(pointer.Type.Region));

    /// <summary>Whether a helper succeeded.</summary>
    public Value IsSuccess(Value status) => Translator.Comparison(Predicate.Equal, status, Compiler.IR.Constant.Of(status.Type, 0));

    /// <summary>Says that the kernel does not have the member.</summary>
    public ILValue Unavailable(string why) => Translator.Report(Rules.MapMember, $"{Name} {why}");

    /// <summary>A value that nobody else can change.</summary>
    public ILValue Snapshot(ILValue value) =>
        value is MemoryValue { Address: not ConstantData } or MemoryValue { IsCopy: true, Address: ConstantData } ? Translator.Copy((MemoryValue)value with { IsCopy = false }) : value;
}
