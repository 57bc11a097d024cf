using Hornet.Btf;
using Hornet.Compiler.IR;
using Hornet.IL.Kernel;
using Hornet.IL.Translate;
using Hornet.IL.Values;

namespace Hornet.IL.Intrinsics;

/// <summary>Objects of the kernel by their addresses and the numbers of their types.</summary>
internal static class CastIntrinsics
{
    public static void Register(IntrinsicRegistry registry) => registry.Add(typeof(BpfCast), ReadOnly, "ReadOnly");

    private static ILValue? ReadOnly(IntrinsicCall call)
    {
        const string Function = "bpf_rdonly_cast";
        var t = call.Translator;
        var view = call.TypeArgument();
        if (KernelViews.NameOf(view) is not { } name) return t.Report(TracingRules.KernelFunction, $"{Names.Of(view)} is no view of a kernel type: an interface with [KernelType(\"…\")]");
        if (t.Request.Constants is not null) return t.Report(TracingRules.KernelFunction, $"{Function} takes the number of a type of the running kernel, which is not known ahead of time");
        if (t.UnavailableFunction(Function) is { } refused) return t.Report(TracingRules.KernelFunction, refused);
        if (t.KernelTypes is not { } types || !(types.TryFind(name, BtfKind.Struct, out var type) || types.TryFind(name, BtfKind.Union, out type)))
            return t.Report(TracingRules.KernelFunction, $"this kernel has no type '{name}'");
        if (call.Arguments[0] is not Scalar address) return ErrorValue.Instance;
        return new Pointer(t.Emit(new KernelFunctionCall(Function, IrType.Pointer(Region.Kernel(name)), t.Widen(address.Ir, false), Translator.Number(type.Id))));
    }
}
