using Hornet.Compiler.IR;

namespace Hornet.Compiler.CodeGen;

/// <summary>How many natural loops each block is in.</summary>
internal sealed class LoopDepths
{
    private readonly Dictionary<BasicBlock, int> _depths = [];

    public LoopDepths(IrFunction function)
    {
        var dominators = function.Dominators;
        foreach (var block in dominators.Order) _depths[block] = 0;
        foreach (var header in dominators.Order)
        {
            HashSet<BasicBlock>? body = null;
            Stack<BasicBlock>? work = null;
            foreach (var latch in header.PredecessorSpan)
            {
                if (!dominators.IsReachable(latch) || !dominators.Dominates(header, latch) || !(body ??= []).Add(latch)) continue;
                (work ??= new()).Push(latch);
            }
            if (body is null || work is null) continue;
            body.Add(header);
            while (work.TryPop(out var block))
            {
                if (block == header) continue;
                foreach (var predecessor in block.Predecessors)
                {
                    if (dominators.IsReachable(predecessor) && body.Add(predecessor)) work.Push(predecessor);
                }
            }
            foreach (var block in body) _depths[block]++;
        }
    }

    public int this[BasicBlock block] => _depths[block];
}
