using Hornet.Compiler.IR;
using Hornet.Script.Binding;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

internal sealed partial class ProgramLowering
{
    /// <summary>
    /// A call of an imported function. Until its object is linked it is a function that somebody else has, as kernel functions are.
    /// Callers widen what they pass to 64 bits, by its sign; the upper bits of a result are anything.
    /// </summary>
    private Value CallImported(BoundImportedCall call)
    {
        var arguments = new Value[call.Arguments.Count];
        for (int i = 0; i < arguments.Length; i++) arguments[i] = Scalar(call.Arguments[i]);
        var result = B.Append(new KernelFunctionCall(call.Function.Name, call.Type is VoidType ? IrType.Void : IrType.I64, arguments));
        return call.Type is VoidType ? Number(0) : Fit(result, call.Type);
    }
}
