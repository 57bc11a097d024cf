using System.Reflection;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Maps;

namespace Hornet.IL.Intrinsics;

/// <summary>Members that say themselves what they are: fields of contexts and calls of helpers, by their attributes.</summary>
internal static class DeclaredIntrinsics
{
    private const BindingFlags Members = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>What a member of Hornet's own is declared as; null when it is declared as nothing.</summary>
    public static Intrinsic? Find(MethodBase method)
    {
        if (method.DeclaringType is not { } type || type.Assembly != typeof(DeclaredIntrinsics).Assembly) return null;
        if (method.GetCustomAttribute<HelperAttribute>() is { } helper) return call => CallHelper(call, helper);
        if (PropertyOf(method) is not { } property) return null;
        if (property.GetCustomAttribute<ContextFieldAttribute>() is { } field)
            return method.Name[0] == 'g' ? call => Read(call, field, property.PropertyType) : call => Write(call, field, property.PropertyType);
        if (property.GetCustomAttribute<HelperAttribute>() is { } read) return call => CallHelper(call, read);
        return property.IsDefined(typeof(NullTestAttribute)) ? IsNull : null;
    }

    private static PropertyInfo? PropertyOf(MethodBase method) => method.IsSpecialName && ContextOf(method.DeclaringType!) is not null
        ? Array.Find(method.DeclaringType!.GetProperties(Members), property => property.GetMethod == method || property.SetMethod == method)
        : null;

    /// <summary>An intrinsic that is an error in programs which do not have the member.</summary>
    public static Intrinsic? Restricted(MethodBase method, Intrinsic? intrinsic)
    {
        if (intrinsic is null || method.DeclaringType?.Assembly != typeof(DeclaredIntrinsics).Assembly) return intrinsic;
        var only = method.GetCustomAttribute<OnlyInAttribute>() ?? PropertyOf(method)?.GetCustomAttribute<OnlyInAttribute>();
        if (only is null) return intrinsic;
        return call => only.Types.Contains(call.Translator.Module.ProgramType) ? intrinsic(call)
            : call.Translator.Report(Rules.NotInThisProgram, $"{Names.Of(method)} is used in a program of type {call.Translator.Module.ProgramType}; it is for {string.Join(", ", only.Types)}");
    }

    /// <summary>The pointer that a context stands for.</summary>
    public static Value Context(IntrinsicCall call) => PointerOf(call.Translator, call.Target!, call.DeclaringType);

    /// <summary>Whether a type stands for a pointer that the kernel gave the program.</summary>
    public static bool IsContext(Type type) => ContextOf(type) is not null;

    /// <summary>That pointer.</summary>
    public static Value PointerOf(Translator t, ILValue value, Type type)
    {
        if (value is not StructValue) value = t.LoadFrom(value, Shape.Of(type), false);
        return value is StructValue { Leaves: [Pointer pointer] } ? t.AddressOf(pointer) : Constant.Null(Region.Context);
    }

    private static KernelContextAttribute? ContextOf(Type type) => type.GetCustomAttribute<KernelContextAttribute>();

    /// <summary>What a context's pointer points into.</summary>
    public static IrType PointerType(Type context) =>
        IrType.Pointer(ContextOf(context)?.TypeName is { } name ? Region.Kernel(name) : Region.Context);

    /// <summary>A context by its pointer.</summary>
    public static StructValue Of(Type context, Value pointer) => new((StructShape)Shape.Of(context), [new Pointer(pointer)]);

    private static ILValue IsNull(IntrinsicCall call)
    {
        var pointer = Context(call);
        return new Scalar(call.Translator.Comparison(Predicate.Equal, pointer, Constant.Null(pointer.Type.Region)));
    }

    private static ILValue? Read(IntrinsicCall call, ContextFieldAttribute field, Type type)
    {
        var t = call.Translator;
        var context = Context(call);
        if (ContextOf(type) is not null) return Of(type, t.Emit(new Load(context, field.Offset, MemoryWidth.U64, PointerType(type))));
        if (Shape.Of(type) is not ScalarShape shape) return t.LoadFrom(new Pointer(context, field.Offset), Shape.Of(type), false);
        int width = field.Width == 0 ? shape.Size : field.Width;
        var irType = width == 8 ? IrType.I64 : IrType.I32;
        Value value = t.Emit(new Load(context, field.Offset, MemoryWidths.Unsigned(width), irType));
        if (field.BigEndianBits != 0) value = t.Swap(field.BigEndianBits, value);
        if (field.Shift != 0) value = t.Arithmetic(BinaryOperator.LShr, value, Constant.Of(irType, field.Shift));
        if (type == typeof(bool)) return new Scalar(t.Comparison(Predicate.NotEqual, value, Constant.Of(irType, 0)));
        return t.Coerce(new Scalar(value), shape);
    }

    private static ILValue? Write(IntrinsicCall call, ContextFieldAttribute field, Type type)
    {
        var t = call.Translator;
        var context = Context(call);
        if (Shape.Of(type) is not ScalarShape shape)
        {
            t.StoreTo(new Pointer(context, field.Offset), Shape.Of(type), call.Arguments[0], false);
            return null;
        }
        int width = field.Width == 0 ? shape.Size : field.Width;
        if (t.Coerce(call.Arguments[0], shape) is not Scalar scalar) return null;
        var value = width == 8 ? t.Widen(scalar.Ir, shape.IsSigned) : t.Narrow(scalar.Ir);
        if (field.Shift != 0) value = t.Arithmetic(BinaryOperator.Shl, value, Constant.Of(value.Type, field.Shift));
        if (field.BigEndianBits != 0) value = t.Swap(field.BigEndianBits, value);
        t.Emit(new Store(context, field.Offset, MemoryWidths.Unsigned(width), value));
        return null;
    }

    private static ILValue? CallHelper(IntrinsicCall call, HelperAttribute helper)
    {
        var t = call.Translator;
        List<Value> arguments = [];
        List<(ILValue Place, Shape Shape, Value Slot)> results = [];
        if (!call.Method.IsStatic && !helper.WithoutContext) arguments.Add(Context(call));
        var parameters = call.Method.GetParameters();
        for (int i = 0; i < parameters.Length; i++)
        {
            if (!AddArgument(call, parameters[i], call.Arguments[i], arguments, results)) return ErrorValue.Instance;
        }
        foreach (long constant in helper.Constants) arguments.Add(Translator.Number(constant));
        var type = call.ReturnType;
        bool isPointer = ContextOf(type) is not null;
        var result = t.Call(helper.Helper, isPointer ? PointerType(type) : IrType.I64, [.. arguments]);
        // The helper wrote to memory of ours; the variables themselves may be in registers.
        foreach (var (place, shape, slot) in results) t.StoreTo(place, shape, t.LoadFrom(new Pointer(slot), shape, false), false);
        if (type == typeof(void)) return null;
        if (isPointer) return Of(type, result);
        var success = helper.SucceedsAboveZero ? Predicate.GreaterOrEqual : helper.ResultIsTruth ? Predicate.Greater : Predicate.Equal;
        if (type == typeof(bool)) return new Scalar(t.Comparison(success, result, Translator.Number(0)));
        return t.Coerce(new Scalar(result), Shape.Of(type));
    }

    /// <summary>Adds what a parameter becomes to the arguments of a helper; false when it cannot be one.</summary>
    public static bool AddArgument(IntrinsicCall call, ParameterInfo parameter, ILValue given, List<Value> arguments, List<(ILValue, Shape, Value)> results)
    {
        var t = call.Translator;
        var type = parameter.ParameterType;
        if (Shape.IsSpan(type)) return AddSpan(call, parameter, (StructValue)given, arguments);
        if (type.IsByRef)
        {
            var shape = Shape.Of(type.GetElementType()!);
            if (!shape.IsPlainData)
            {
                t.Report(Rules.ReferenceInMemory, $"{Names.Of(call.Method)} is given a {Names.Of(shape.Type)}, which holds references");
                return false;
            }
            if (!parameter.IsOut && !parameter.IsIn && given is Pointer { Base.Type.Region.Kind: RegionKind.Stack or RegionKind.MapValue } present)
            {
                arguments.Add(t.AddressOf(present));
            }
            else if (parameter.IsIn)
            {
                var value = t.Coerce(t.LoadFrom(given, shape, false), shape);
                if (t.Current is null || value is ErrorValue) return false;
                arguments.Add(t.InMemory(value, shape));
            }
            else
            {
                var slot = t.NewSlot(shape.Size, 8, uninitialized: true);
                if (!parameter.IsOut)
                {
                    var before = t.LoadFrom(given, shape, false);
                    if (t.Current is null) return false;
                    t.StoreTo(new Pointer(slot), shape, before, false);
                }
                arguments.Add(slot);
                results.Add((given, shape, slot));
            }
            if (parameter.IsDefined(typeof(SizedAttribute))) arguments.Add(Translator.Number(shape.Size));
            return true;
        }
        if (typeof(MapView).IsAssignableFrom(type))
        {
            if (given is ObjectConstant { Instance: MapView view })
            {
                arguments.Add(t.Emit(new MapReference(t.Module.AddMap(view.Map))));
                return true;
            }
            t.Report(Rules.NotConstant, $"{Names.Of(call.Method)} is given a map that is not known");
            return false;
        }
        if (ContextOf(type) is not null)
        {
            arguments.Add(PointerOf(t, given, type));
            return true;
        }
        if (given is not Scalar scalar) return false;
        if (type == typeof(Packets.EtherType))
        {
            arguments.Add(t.Widen(t.Swap(16, scalar.Ir), false));
            return true;
        }
        arguments.Add(t.Widen(scalar.Ir, Shape.Of(type) is ScalarShape { IsSigned: true }));
        return true;
    }

    private static bool AddSpan(IntrinsicCall call, ParameterInfo parameter, StructValue span, List<Value> arguments)
    {
        var t = call.Translator;
        var length = SpanIntrinsics.Length(span);
        int size = SpanIntrinsics.ElementSize(span);
        var bytes = t.Widen(size == 1 ? length : t.Arithmetic(BinaryOperator.Mul, length, Translator.Number32(size)), false);
        if (!Translator.IsKnown(bytes, out long known))
        {
            if (SpanIntrinsics.Reference(span) is PacketAddress or ConstantData)
            {
                t.Report(Rules.VariableSize, $"{parameter.Name} of {Names.Of(call.Method)} is a part of {(SpanIntrinsics.Reference(span) is PacketAddress ? "the packet" : "constant data")} whose length is not constant");
                return false;
            }
            known = 0;
        }
        else if (known == 0)
        {
            // Helpers take null where there is nothing.
            arguments.Add(Constant.Null(Region.Unknown));
            arguments.Add(bytes);
            return true;
        }
        var pointer = t.Reach(SpanIntrinsics.Reference(span), (int)known);
        if (t.Current is null || KernelMemoryIntrinsics.RefusesContext(call, pointer)) return false;
        arguments.Add(t.AddressOf(pointer));
        arguments.Add(bytes);
        return true;
    }
}
