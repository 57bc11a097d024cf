using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary>Work that a program has done later, by the kernel's threads (6.10) or by a thread of a process (6.18).</summary>
internal static class WorkIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        var type = typeof(BpfWorkExtensions);
        registry.Add(type, Start, "Start");
        registry.Add(type, static call => Schedule(call, "bpf_task_work_schedule_resume"), "RunOnResume");
        registry.Add(type, static call => Schedule(call, "bpf_task_work_schedule_signal"), "RunOnSignal");
    }

    private static Callback? Begin(IntrinsicCall call, int map, ILValue action)
    {
        var arguments = call.ParameterType(map).GetGenericArguments();
        var (key, value) = arguments.Length == 2 ? (Shape.Of(arguments[0]), Shape.Of(arguments[1])) : (Shape.Of(typeof(uint)), Shape.Of(arguments[0]));
        return call.Translator.BeginCallback(action, new CallbackSignature
        {
            Name = "work",
            // int (*)(struct bpf_map *map, void *key, void *value)
            Parameters = [IrType.Pointer(Region.MapHandle), IrType.Pointer(Region.MapValue(key.Size)), IrType.Pointer(Region.MapValue(value.Size))],
            Bind = static (_, parameters) => [new Pointer(parameters[1]), new Pointer(parameters[2])],
            Result = static (_, _) => Translator.Number(0),
        });
    }

    // What the kernel fills in itself was an argument, under a name of its own, until 7.1.
    private static Value? CallBack(IntrinsicCall call, string function, params ReadOnlySpan<Value> arguments)
    {
        var t = call.Translator;
        bool isOld = !t.HasFunction(function);
        if (isOld) function += "_impl";
        if (t.UnavailableFunction(function) is { } refused)
        {
            t.Report(TracingRules.KernelFunction, refused);
            return null;
        }
        return t.Emit(new KernelFunctionCall(function, IrType.I64, isOld ? [.. arguments, Translator.Number(0)] : arguments));
    }

    private static Scalar Succeeded(Translator t, Value status) => new(t.Comparison(Predicate.Equal, t.Narrow(status), Translator.Number32(0)));

    private static bool IsMissing(IntrinsicCall call, string function)
    {
        var t = call.Translator;
        if (t.HasFunction(function) || t.HasFunction($"{function}_impl")) return false;
        string name = $"{function}_impl";
        t.Report(TracingRules.KernelFunction, KernelFunctionTable.FirstKernel(name) is { } first ? $"{function} exists since kernel {first}, and this one does not have it" : $"this kernel has no function '{function}'");
        return true;
    }

    private static ILValue? Start(IntrinsicCall call)
    {
        var t = call.Translator;
        if (IsMissing(call, "bpf_wq_set_callback") || KernelFieldIntrinsics.Field(call, call.Arguments[0]) is not { } work || MapTarget.Of(call, call.Arguments[1]) is not { } map
            || Begin(call, 1, call.Arguments[2]) is not { } callback) return ErrorValue.Instance;
        // One that was started before stays as it is (EBUSY).
        t.Emit(new KernelFunctionCall("bpf_wq_init", IrType.I64, work, map.Handle(t), Translator.Number(0)));
        if (CallBack(call, "bpf_wq_set_callback", work, callback.Function, Translator.Number(0)) is null) return ErrorValue.Instance;
        var status = t.Emit(new KernelFunctionCall("bpf_wq_start", IrType.I64, work, Translator.Number(0)));
        t.EndCallback(callback);
        return t.Current is null ? ErrorValue.Instance : Succeeded(t, status);
    }

    private static ILValue? Schedule(IntrinsicCall call, string function)
    {
        var t = call.Translator;
        if (IsMissing(call, function) || KernelFieldIntrinsics.Field(call, call.Arguments[0]) is not { } work || MapTarget.Of(call, call.Arguments[2]) is not { } map) return ErrorValue.Instance;
        if (call.Arguments[1] is not Pointer { Region.Kind: RegionKind.Kernel } task)
            return call.Arguments[1] is ErrorValue ? ErrorValue.Instance : t.Report(TracingRules.KernelFunction, $"{Names.Of(call.Method)} is given something that is no thread: what FromPid, Acquire or an iterator gave, or Bpf.CurrentTask");
        if (Begin(call, 2, call.Arguments[3]) is not { } callback || CallBack(call, function, t.AddressOf(task), work, map.Handle(t), callback.Function) is not { } status) return ErrorValue.Instance;
        t.EndCallback(callback);
        return t.Current is null ? ErrorValue.Instance : Succeeded(t, status);
    }
}
