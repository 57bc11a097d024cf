using Hornet.Compiler.IR;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary>Fields of map values that belong to the kernel: locks.</summary>
internal static class KernelFieldIntrinsics
{
    public static void Register(IntrinsicRegistry registry)
    {
        registry.Add(typeof(BpfSpinLockExtensions), static call => Lock(call, BpfHelper.SpinLock), "Acquire");
        registry.Add(typeof(BpfSpinLockExtensions), static call => Lock(call, BpfHelper.SpinUnlock), "Release");
    }

    private static ILValue? Lock(IntrinsicCall call, BpfHelper helper)
    {
        var t = call.Translator;
        if (Field(call, call.Arguments[0]) is { } field) t.Call(helper, IrType.Void, field);
        t.NoteMapWrite();
        return null;
    }

    /// <summary>The address of a field of the kernel, which must lie in a map; null when it does not, which is reported.</summary>
    public static Value? Field(IntrinsicCall call, ILValue field)
    {
        var t = call.Translator;
        if (field is Pointer { Region.Kind: RegionKind.MapValue } pointer) return t.AddressOf(pointer);
        if (field is not ErrorValue) t.Report(Rules.KernelFieldCopied, "a lock, timer or kernel pointer is used that is not in a map's value");
        return null;
    }
}
