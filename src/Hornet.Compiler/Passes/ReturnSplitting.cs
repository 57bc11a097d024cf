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
        foreach (var block in function.Blocks.ToList())
        {
            if (block.Instructions is not [Phi phi, Return { Value: { } value }] || !ReferenceEquals(value, phi) || phi.Users.Count != 1) continue;
            changed |= Split(block, phi);
        }
        if (changed) new UnreachableBlocks().Run(function);
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
