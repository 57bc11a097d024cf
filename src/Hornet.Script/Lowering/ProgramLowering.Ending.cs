using Hornet.Compiler.IR;
using Hornet.Script.Probes;

namespace Hornet.Script.Lowering;

// exit(): no probe does anything after it, on any CPU, although they are detached a moment later.
internal sealed partial class ProgramLowering
{
    // What is run by hand is run when its time has come; a walk goes to its end.
    private bool EndsWithScript => _whole.Ended is not null
        && Target.Type is not (ProbeType.Begin or ProbeType.End or ProbeType.Self or ProbeType.Test or ProbeType.Bench or ProbeType.Iter);

    private void LeaveWhenEnded()
    {
        if (!EndsWithScript) return;
        BasicBlock ended = NewBlock("ended"), runs = NewBlock("runs");
        var word = B.Load(B.GlobalReference(Map(_whole.Ended!)), 0, MemoryWidth.U64, IrType.I64, isVolatile: true);
        B.Branch(IsNotZero(word), ended, runs);
        B.Block = ended;
        B.Return(Number(_part.Program.DefaultResult));
        B.Block = runs;
    }

    /// <summary>Called when the record of the exit has its room: without one, the script goes on.</summary>
    private void End()
    {
        if (_whole.Ended is { } ended && Target.Type is not (ProbeType.End or ProbeType.Test or ProbeType.Bench or ProbeType.Iter))
            B.Store(B.GlobalReference(Map(ended)), 0, MemoryWidth.U64, Number(1), isVolatile: true);
    }
}
