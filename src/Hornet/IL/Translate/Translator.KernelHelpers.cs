using System.Reflection;
using Hornet.Compiler.IR;
using Hornet.IL.Intrinsics;
using Hornet.IL.Kernel;
using Hornet.IL.Values;
using Hornet.Isa;
using Hornet.KernelTypes;

namespace Hornet.IL.Translate;

// Helpers of the kernel as C# methods.
internal sealed partial class Translator
{
    private bool TryKernelHelper(MethodBase method, ILValue[] arguments, out ILValue? result)
    {
        result = null;
        if (method is not MethodInfo { IsStatic: true } called || called.GetCustomAttribute<KernelHelperAttribute>() is not { } attribute) return false;
        result = Array.Exists(arguments, argument => argument is ErrorValue) ? ErrorValue.Instance : CallDeclaredHelper(called, attribute, arguments);
        return true;
    }

    private ILValue? CallDeclaredHelper(MethodInfo method, KernelHelperAttribute attribute, ILValue[] arguments)
    {
        List<Value> values = [];
        List<(ILValue Place, Shape Shape, Value Slot)> results = [];
        if (attribute.PassesContext)
        {
            if (ProgramContext is not { } context) return Report(TracingRules.NoContext, $"{Names.Of(method)} needs the program's context, which a callback does not have: call it before or after");
            values.Add(context);
        }
        IntrinsicCall call = new(this, method, null, arguments);
        var parameters = method.GetParameters();
        for (int i = 0; i < parameters.Length; i++)
        {
            var type = parameters[i].ParameterType;
            if (KernelViews.NameOf(type) is { } view) values.Add(arguments[i] is Pointer pointer ? AddressOf(pointer) : Constant.Null(Region.Kernel(view)));
            else if (AddressType.IsOne(type)) values.Add(((Scalar)((StructValue)arguments[i]).Leaves[0]).Ir);
            else if (type == typeof(ProbeContext) || type == typeof(PerfSample)) values.Add(((Pointer)((StructValue)Coerce(arguments[i], Shape.Of(type))).Leaves[0]).Base);
            else if (!DeclaredIntrinsics.AddArgument(call, parameters[i], arguments[i], values, results))
                return IsReported ? ErrorValue.Instance : Report(TracingRules.KernelFunction, $"'{parameters[i].Name}' of {Names.Of(method)} is {Names.Of(type)}: a helper takes numbers, maps, contexts, views of kernel types, references and spans");
        }
        if (attribute.Helper == BpfHelper.DynptrFromMem && values[0].Type is { IsPointer: true, Region.Kind: not RegionKind.MapValue })
            return Report(TracingRules.KernelFunction, "a dynptr is made of memory that is not the value of a map");
        if (values.Count > 5) return Report(TracingRules.KernelFunction, $"{Names.Of(method)} hands {values.Count} arguments to a helper, which takes five at most; a span is two");
        var returned = method.ReturnType;
        if (KernelViews.NameOf(returned) is { } made) return new Pointer(Call(attribute.Helper, IrType.Pointer(Region.Kernel(made)), [.. values]));
        if (returned != typeof(void) && Shape.Of(returned) is not ScalarShape { IsFloat: false }) return Report(TracingRules.KernelFunction, $"{Names.Of(method)} is {Names.Of(returned)}; a helper gives a number or a view of a kernel type");
        var result = Call(attribute.Helper, IrType.I64, [.. values]);
        // The helper wrote to memory of ours; the variables themselves may be in registers.
        foreach (var (place, shape, slot) in results) StoreTo(place, shape, LoadFrom(new Pointer(slot), shape, false), false);
        return returned == typeof(void) ? null : Coerce(new Scalar(result), Shape.Of(returned));
    }

    // Whether the place being translated, or what leads there, has a diagnostic already.
    private bool IsReported => Current is null || Diagnostics.Count > 0;
}
