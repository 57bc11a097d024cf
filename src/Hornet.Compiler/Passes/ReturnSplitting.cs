using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Where ways meet only to return what each has brought, every one returns by itself: a constant once for all that bring
/// it, so that a branch goes there directly and needs no block of its own to set it.
/// </summary>
internal sealed class ReturnSplitting : Pass
{
    public override bool Run(IrFunction function)
    {
        bool changed = false;
        for (bool again = true; again; changed |= again)
        {
            again = false;
            foreach (var block in function.Blocks.ToList())
            {
                if (block.Instructions is not [Phi phi, Return { Value: { } value }] || !ReferenceEquals(value, phi) || phi.Users.Count != 1) continue;
                again |= Split(block, phi);
            }
            if (again) new UnreachableBlocks().Run(function);
        }
        if (Merge(function))
        {
            new UnreachableBlocks().Run(function);
            changed = true;
        }
        return changed;
    }

    /// <summary>Branches to blocks that return the same constant go to one of them.</summary>
    private static bool Merge(IrFunction function)
    {
        Dictionary<long, BasicBlock> first = [];
        bool changed = false;
        foreach (var block in function.Blocks)
        {
            if (block == function.Entry || block.Instructions is not [Return { Value: Constant { IsNull: false } c }]) continue;
            if (first.TryAdd(c.Number, block)) continue;
            foreach (var predecessor in block.Predecessors.ToList())
            {
                if (predecessor.Terminator is not Branch branch || branch.Targets.Contains(first[c.Number])) continue;
                branch.ReplaceTarget(block, first[c.Number]);
                changed = true;
            }
        }
        return changed;
    }

    private static bool Split(BasicBlock block, Phi phi)
    {
        var location = block.Terminator!.Location;
        Dictionary<long, BasicBlock> constants = [];
        bool changed = false;
        foreach (var predecessor in phi.IncomingBlocks.ToList())
        {
            var value = phi.ValueFor(predecessor)!;
            if (value is Constant { IsNull: false } c)
            {
                if (!constants.TryGetValue(c.Number, out var target))
                {
                    constants[c.Number] = target = block.Function.AddBlockAfter(block, $"{block.Name}.constant");
                    target.Append(new Return(c) { Location = location });
                }
                block.ForgetIncoming(predecessor);
                predecessor.Terminator!.ReplaceTarget(block, target);
                changed = true;
            }
            else if (predecessor.Terminator is Jump)
            {
                predecessor.ReplaceTerminator(new Return(value) { Location = location });
                changed = true;
            }
        }
        return changed;
    }
}
