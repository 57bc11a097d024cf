using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.IL.Kernel;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary>Fields of map values that belong to the kernel: locks (5.1), timers (5.15), references to kernel objects (5.19).</summary>
internal static class KernelFieldIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        registry.Add(typeof(BpfSpinLockExtensions), static call => Lock(call, BpfHelper.SpinLock), "Acquire");
        registry.Add(typeof(BpfSpinLockExtensions), static call => Lock(call, BpfHelper.SpinUnlock), "Release");
        var timer = typeof(BpfTimerExtensions);
        registry.Add(timer, Start, "Start");
        registry.Add(timer, static call => call.Arguments[1] is Scalar delay ? Timer(call, BpfHelper.TimerStart, call.Translator.Widen(delay.Ir, false), Translator.Number(0)) : ErrorValue.Instance, "Restart");
        registry.Add(typeof(BpfKptrExtensions), Exchange, "Exchange");
        registry.Add(typeof(BpfKptrExtensions), Look, "get_Value");
        registry.Add(timer, static call => Timer(call, BpfHelper.TimerCancel) is Scalar running ? running : ErrorValue.Instance, "Cancel");
    }

    private static ILValue Timer(IntrinsicCall call, BpfHelper helper, params ReadOnlySpan<Value> more)
    {
        var t = call.Translator;
        if (Field(call, call.Arguments[0]) is not { } timer) return ErrorValue.Instance;
        var status = t.Call(helper, IrType.I64, [timer, .. more]);
        // Cancelling tells whether the timer was running.
        return new Scalar(helper == BpfHelper.TimerCancel ? t.Comparison(Predicate.Equal, status, Translator.Number(1)) : t.Comparison(Predicate.Equal, status, Translator.Number(0)));
    }

    private static ILValue? Start(IntrinsicCall call)
    {
        const long ClockMonotonic = 1;
        var t = call.Translator;
        if (Field(call, call.Arguments[0]) is not { } timer || MapTarget.Of(call, call.Arguments[1]) is not { } map || call.Arguments[2] is not Scalar delay) return ErrorValue.Instance;
        var arguments = call.ParameterType(1).GetGenericArguments();
        var (key, value) = arguments.Length == 2 ? (Shape.Of(arguments[0]), Shape.Of(arguments[1])) : (Shape.Of(typeof(uint)), Shape.Of(arguments[0]));
        var callback = t.BeginCallback(call.Arguments[3], new CallbackSignature
        {
            Name = "timer",
            // int (*)(struct bpf_map *map, void *key, void *value)
            Parameters = [IrType.Pointer(Region.MapHandle), IrType.Pointer(Region.MapValue(key.Size)), IrType.Pointer(Region.MapValue(value.Size))],
            Bind = static (_, parameters) => [new Pointer(parameters[1]), new Pointer(parameters[2])],
            Result = static (_, _) => Translator.Number(0),
        });
        if (callback is null) return ErrorValue.Instance;
        // One that was started before keeps its clock (EBUSY).
        t.Call(BpfHelper.TimerInit, IrType.I64, timer, map.Handle(t), Translator.Number(ClockMonotonic));
        t.Call(BpfHelper.TimerSetCallback, IrType.I64, timer, callback.Function);
        var status = t.Call(BpfHelper.TimerStart, IrType.I64, timer, t.Widen(delay.Ir, false), Translator.Number(0));
        t.EndCallback(callback);
        return t.Current is null ? ErrorValue.Instance : new Scalar(t.Comparison(Predicate.Equal, status, Translator.Number(0)));
    }

    // The type of the object: what the field is declared with.
    private static string? ObjectOf(IntrinsicCall call)
    {
        var view = call.ParameterType(0).GetElementType()!.GetGenericArguments()[0];
        if (KernelViews.NameOf(view) is { } name) return name;
        call.Translator.Report(DiagnosticRules.UnknownKernelField, $"{Names.Of(view)} is no view of a kernel type: an interface with [KernelType(\"…\")]");
        return null;
    }

    private static ILValue Exchange(IntrinsicCall call)
    {
        var t = call.Translator;
        if (Field(call, call.Arguments[0]) is not { } field || ObjectOf(call) is not { } name) return ErrorValue.Instance;
        var region = Region.Kernel(name);
        Value given;
        switch (call.Arguments[1])
        {
            case ObjectConstant { Instance: null } or Pointer { IsNull: true }:
                given = Constant.Null(region);
                break;
            case Pointer { Region.Kind: RegionKind.Kernel } known when known.Region.TypeName == name:
                given = t.AddressOf(known);
                break;
            default:
                return t.Report(TracingRules.KernelFunction, $"a BpfKptr<…> of {name} is given something that is no reference to one: what Acquire, FromPid, Create and the like gave");
        }
        return new Pointer(t.Call(BpfHelper.KptrXchg, IrType.Pointer(region), field, given));
    }

    private static ILValue Look(IntrinsicCall call) => Field(call, call.Arguments[0]) is { } field && ObjectOf(call) is { } name
        ? new Pointer(call.Translator.Emit(new Load(field, 0, MemoryWidth.U64, IrType.Pointer(Region.Kernel(name)))))
        : ErrorValue.Instance;

    private static ILValue? Lock(IntrinsicCall call, BpfHelper helper)
    {
        var t = call.Translator;
        if (Field(call, call.Arguments[0]) is { } field) t.Call(helper, IrType.Void, field);
        t.NoteMapWrite();
        return null;
    }

    /// <summary>The address of a field of the kernel, which must lie in a map or an object; null when it does not, which is reported.</summary>
    public static Value? Field(IntrinsicCall call, ILValue field)
    {
        var t = call.Translator;
        if (field is Pointer { Region.Kind: RegionKind.MapValue or RegionKind.Object } pointer) return t.AddressOf(pointer);
        if (field is not ErrorValue) t.Report(Rules.KernelFieldCopied, "a lock, timer, list, tree or reference to a kernel object is used that is not in a map's value");
        return null;
    }
}
