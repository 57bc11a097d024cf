using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Turns pieces of the stack into values. Structs, spans, tuples and nullables of C# are memory with fields; where only
/// fields are read and written, each becomes a variable of its own, and variables become SSA values. Copies of whole
/// structs become copies of their fields (<see cref="StackSlices"/> decides what the fields are).
/// </summary>
internal sealed class ScalarReplacement : Pass
{
    public override bool Run(IrFunction function)
    {
        var slices = StackSlices.Find(function);
        if (slices.Count == 0) return false;
        StackCopies.Expand(function, slices);
        new Promotion(function, slices).Run();
        return true;
    }
}
