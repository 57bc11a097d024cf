using System.Reflection;
using Hornet.Btf;
using Hornet.Compiler.IR;
using Hornet.Compiler.KernelTypes;
using Hornet.Features;
using Hornet.IL.Intrinsics;
using Hornet.IL.Kernel;
using Hornet.IL.Values;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.KernelTypes;

namespace Hornet.IL.Translate;

// Functions of the kernel as C# methods, checked against what BTF says of them.
internal sealed partial class Translator
{
    /// <summary>The program's context; null in functions that the kernel calls back, except for bodies of <c>foreach</c> over a map.</summary>
    public Value? ProgramContext => ReferenceEquals(Scope.Function, Module.EntryFunction) ? Scope.Function.Parameters[0] : Scope.Outline?.ProgramContext();

    private bool TryKernelFunction(MethodBase method, ILValue[] arguments, out ILValue? result)
    {
        result = null;
        if (method is not MethodInfo { IsStatic: true } called || called.GetCustomAttribute<KernelFunctionAttribute>() is not { } attribute) return false;
        result = Array.Exists(arguments, argument => argument is ErrorValue) ? ErrorValue.Instance : CallKernelFunction(called, attribute.Name, arguments);
        return true;
    }

    private ILValue? CallKernelFunction(MethodInfo method, string name, ILValue[] arguments)
    {
        if (KernelPrototypes.Find(Request.Options.KernelTypes, name) is not { } prototype)
        {
            if (KernelFunctionTable.FirstKernel(name) is { } first && Request.Options.Kernel is { } kernel && kernel < first)
                return Report(TracingRules.KernelFunction, $"{name} exists since kernel {first}; this one is {kernel.Major}.{kernel.Minor}");
            var names = KernelTypes is null ? [] : KernelTypes.Types.Where(t => t.Kind == BtfKind.Function).Select(t => t.Name);
            return Report(TracingRules.KernelFunction, $"this kernel has no function '{name}'. {CloseNames.Suggest(name, names)}".TrimEnd());
        }
        if (Unavailable(name) is { } refused) return Report(TracingRules.KernelFunction, refused);
        if (name.StartsWith("bpf_xdp_metadata_", StringComparison.Ordinal) && Request.Constants is null && (Request.Flags & Programs.ProgramFlags.XdpDeviceBoundOnly) == 0)
            return Report(TracingRules.KernelFunction, $"{name} asks the driver of one interface, and this program is for all: load it with BpfSession.LoadXdpFor");
        string declared = Declare(name, prototype);
        var parameters = method.GetParameters();
        List<Value> values = [];
        int at = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            if (at >= prototype.Parameters.Count) return Report(TracingRules.KernelFunction, $"{declared} has fewer parameters than {Names.Of(method)}");
            var parameter = prototype.Parameters[at++];
            if (Argument(parameters[i], arguments[i], parameter, declared) is not { } value) return ErrorValue.Instance;
            values.Add(value);
            if (Shape.IsSpan(parameters[i].ParameterType))
            {
                if (at >= prototype.Parameters.Count || prototype.Parameters[at].Type.Resolve().Kind != BtfKind.Int)
                    return Report(TracingRules.KernelFunction, $"'{parameters[i].Name}' is a span, and {declared} has no size behind '{parameter.Name}'");
                var span = (StructValue)arguments[i];
                values.Add(Arithmetic(BinaryOperator.Mul, Widen(SpanIntrinsics.Length(span), false), Number(SpanIntrinsics.ElementSize(span))));
                at++;
            }
            else if (parameters[i].ParameterType.IsByRef && parameters.Length - i - 1 < prototype.Parameters.Count - at && prototype.Parameters[at].Name is var size
                && (size.EndsWith("__sz", StringComparison.Ordinal) || size.EndsWith("__szk", StringComparison.Ordinal)))
            {
                values.Add(Number(Layout.SizeOf(parameters[i].ParameterType.GetElementType()!)));
                at++;
            }
        }
        // What the kernel fills in itself comes last and is not written.
        while (at < prototype.Parameters.Count && IsImplicit(prototype.Parameters[at]))
        {
            values.Add(Number(0));
            at++;
        }
        if (at < prototype.Parameters.Count) return Report(TracingRules.KernelFunction, $"{declared} has more parameters than {Names.Of(method)}");
        if (values.Count > 5) return Report(TracingRules.KernelFunction, $"{declared} has more than five parameters");
        return Result(method, name, prototype.Target, declared, [.. values]);
    }

    private static bool IsImplicit(BtfParameter parameter) => parameter.Name.EndsWith("__prog", StringComparison.Ordinal) || parameter.Name.EndsWith("__ign", StringComparison.Ordinal)
        || parameter.Type.Resolve() is { Kind: BtfKind.Pointer } pointer && MemberPath.NameOf(pointer.Target, "") == "bpf_prog_aux";

    // Each kind of program may call some of the kernel's functions. Which, only the kernel knows; it is asked for each once.
    private string? Unavailable(string name)
    {
        if (Request.Options.KernelTypes is not null || Request.Constants is not null || Request.Options.Kernel != RunningKernel.Options.Kernel) return null;
        if (Request.Member is { } member) return UnavailableIn(name, member);
        return IsRefused(KernelFeatures.KernelFunction(name, Request.ProgramType)) ? $"programs of type {Request.ProgramType} cannot call {name}" : null;
    }

    // A table's members may call different functions, and some more when they may sleep.
    private string? UnavailableIn(string name, KernelMember member)
    {
        bool maySleep = (Request.Flags & Programs.ProgramFlags.Sleepable) != 0;
        if (!IsRefused(KernelFeatures.KernelFunction(name, member, maySleep))) return null;
        return !maySleep && !IsRefused(KernelFeatures.KernelFunction(name, member, maySleep: true))
            ? $"{member} can call {name} only when it may sleep: mark the method with [Sleepable]" : $"{member} cannot call {name}";
    }

    private static bool IsRefused(KernelFeature feature) => feature.Probe() is { State: FeatureState.Unavailable, Cause: not UnsupportedCause.Permission };

    private static string Declare(string name, BtfType prototype) =>
        $"{MemberPath.Describe(prototype.Target)} {name}({string.Join(", ", prototype.Parameters.Select(p => $"{MemberPath.Describe(p.Type)} {p.Name}"))})";

    private Value? Argument(ParameterInfo parameter, ILValue value, BtfParameter wanted, string declared)
    {
        var type = parameter.ParameterType;
        var kind = wanted.Type.Resolve();
        bool isPointer = kind.Kind == BtfKind.Pointer;
        Value? Wrong()
        {
            Report(TracingRules.KernelFunction, $"'{wanted.Name}' of {declared} is '{MemberPath.Describe(wanted.Type)}', and '{parameter.Name}' is {Names.Of(type)}");
            return null;
        }

        if (KernelViews.NameOf(type) is { } view)
        {
            // What extends another view begins with it.
            if (!isPointer || kind.Target.Resolve().IsComposite && MemberPath.NameOf(kind.Target, "") is var target && target != view && !Array.Exists(type.GetInterfaces(), i => KernelViews.NameOf(i) == target)) return Wrong();
            return value is Pointer pointer ? AddressOf(pointer) : Constant.Null(Region.Kernel(view));
        }
        if (typeof(Maps.MapView).IsAssignableFrom(type))
        {
            if (!isPointer) return Wrong();
            if (value is ObjectConstant { Instance: Maps.MapView map }) return Emit(new MapReference(Module.AddMap(map.Map)));
            Report(Rules.NotConstant, $"'{parameter.Name}' of {declared} is a map that is not known");
            return null;
        }
        if (DeclaredIntrinsics.IsContext(type)) return isPointer ? DeclaredIntrinsics.PointerOf(this, value, type) : Wrong();
        if (Shape.IsSpan(type))
        {
            if (!isPointer) return Wrong();
            var span = (StructValue)value;
            if (!IsKnown(SpanIntrinsics.Length(span), out long length)) length = 1;
            return AddressOf(Reach(SpanIntrinsics.Reference(span), (int)length * SpanIntrinsics.ElementSize(span)));
        }
        if (type.IsByRef || type.IsPointer)
        {
            if (!isPointer) return Wrong();
            if (value is ObjectConstant { Instance: null } or Pointer { IsNull: true }) return Number(0);
            var shape = Shape.Of(type.GetElementType()!);
            var place = Reach(value, shape.Size);
            return Current is null ? null : AddressOf(place);
        }
        if (AddressType.IsOne(type)) return isPointer || kind.ByteSize == 8 ? ((Scalar)((StructValue)value).Leaves[0]).Ir : Wrong();
        if (Shape.Of(type) is not ScalarShape { IsFloat: false } scalar || value is not Scalar number) return Wrong();
        if (kind.Kind is not BtfKind.Int && !kind.IsEnum && !(isPointer && number.Known == 0)) return Wrong();
        return Carries(scalar.Size, scalar.IsSigned, kind.ByteSize, kind.IsSigned) ? Widen(number.Ir, scalar.IsSigned) : Wrong();
    }

    private ILValue? Result(MethodInfo method, string name, BtfType type, string declared, Value[] values)
    {
        var wanted = method.ReturnType;
        var kind = type.Resolve();
        if (wanted == typeof(void))
        {
            Emit(new KernelFunctionCall(name, kind.Kind == BtfKind.Void ? IrType.Void : IrType.I64, values));
            return null;
        }
        bool isPointer = kind.Kind == BtfKind.Pointer;
        // What is a void pointer in C is what the method says: the verifier knows what it is.
        if (KernelViews.NameOf(wanted) is { } view && isPointer && (kind.Target.Resolve().Kind == BtfKind.Void || MemberPath.NameOf(kind.Target, "") == view))
            return new Pointer(Emit(new KernelFunctionCall(name, IrType.Pointer(Region.Kernel(view)), values)));
        if (AddressType.IsOne(wanted) && isPointer) return AddressType.Make(wanted, Emit(new KernelFunctionCall(name, IrType.I64, values)));
        if (Shape.Of(wanted) is ScalarShape { IsFloat: false } scalar && (kind.Kind == BtfKind.Int || kind.IsEnum || isPointer) && Carries(kind.ByteSize, kind.IsSigned, scalar.Size, scalar.IsSigned))
        {
            Value value = Emit(new KernelFunctionCall(name, IrType.I64, values));
            if (kind.ByteSize == sizeof(int) && scalar.Size == sizeof(long)) return new Scalar(Widen(Narrow(value), kind.IsSigned));
            return Coerce(new Scalar(scalar.IrType == IrType.I64 ? value : Narrow(value)), scalar);
        }
        return Report(TracingRules.KernelFunction, $"{declared} gives '{MemberPath.Describe(type)}', and {Names.Of(method)} is {Names.Of(wanted)}");
    }

    // Kernels widen what their functions take and give (those of dynptrs counted in 32 bits up to 6.19): a value may become
    // wider on its way when it stays the same number.
    private static bool Carries(long from, bool fromSigned, long to, bool toSigned) => from == to || from == sizeof(int) && to == sizeof(long) && (!fromSigned || toSigned);
}
