using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Fewer blocks: those that nothing reaches go, those that only follow each other become one, those that only jump on are
/// skipped. A block that only decides by which way it was entered (a phi of constants, as comparisons that were put in a
/// variable leave behind) is skipped by those who know the decision.
/// </summary>
internal sealed class SimplifyControlFlow : Pass
{
    public override bool Run(IrFunction function)
    {
        bool changed = false;
        for (bool again = true; again; changed |= again)
        {
            again = new UnreachableBlocks().Run(function);
            foreach (var block in function.Blocks.ToList())
            {
                // What was merged into another is empty, and goes with what nothing reaches.
                if (block.Terminator is null) continue;
                again |= MergeWithNext(block) || SkipEmpty(block) || Thread(block);
            }
        }
        return changed;
    }

    /// <summary>Takes in a block that only this one goes to.</summary>
    private static bool MergeWithNext(BasicBlock block)
    {
        if (block.Terminator is not Jump { Target: var next } jump || next.Predecessors.Count != 1 || next == block || next == block.Function.Entry) return false;
        foreach (var phi in next.Phis.ToList())
        {
            phi.ReplaceAllUsesWith(phi.Operands[0]);
            phi.Remove();
        }
        jump.Remove();
        var successors = next.Successors.Distinct().ToList();
        next.MoveTail(0, block);
        foreach (var successor in successors)
        {
            foreach (var phi in successor.Phis) phi.ReplaceIncomingBlock(next, block);
        }
        return true;
    }

    /// <summary>Lets everybody who comes to a block that only jumps on go there directly.</summary>
    private static bool SkipEmpty(BasicBlock block)
    {
        if (block.Instructions is not [Jump { Target: var target }] || target == block || block == block.Function.Entry) return false;
        bool changed = false;
        foreach (var predecessor in block.Predecessors.ToList())
        {
            // A phi can tell two ways apart only if they come from two blocks.
            if (predecessor.Successors.Contains(target) && target.Phis.Any()) continue;
            foreach (var phi in target.Phis) phi.AddIncoming(predecessor, phi.ValueFor(block)!);
            predecessor.Terminator!.ReplaceTarget(block, target);
            changed = true;
        }
        return changed;
    }

    /// <summary>Lets predecessors whose value decides a branch go where it leads.</summary>
    private static bool Thread(BasicBlock block)
    {
        if (Decision(block) is not { } decision) return false;
        foreach (var predecessor in decision.Phi.IncomingBlocks.ToList())
        {
            if (predecessor == block || decision.Phi.ValueFor(predecessor) is not { } incoming || decision.Target(incoming) is not { } target || target == block) continue;
            if (predecessor.Successors.Contains(target) && target.Phis.Any()) continue;
            if (!Detach(block)) return false;
            // What the target's phis got from here, seen from the predecessor.
            foreach (var phi in target.Phis.ToList())
            {
                var value = phi.ValueFor(block)!;
                if (value is Phi own && own.Block == block) value = own.ValueFor(predecessor)!;
                phi.AddIncoming(predecessor, value);
            }
            block.ForgetIncoming(predecessor);
            predecessor.Terminator!.ReplaceTarget(block, target);
            return true;
        }
        return false;
    }

    /// <summary>
    /// Gives the values of a block that are used behind it phis where it leads to, since there will be another way there.
    /// Not every use can be reached so; then nothing is changed.
    /// </summary>
    private static bool Detach(BasicBlock block)
    {
        // Each look at who dominates whom goes over all blocks.
        if (block.Function.Blocks.Count > LargestThreaded) return false;
        DominatorTree? dominators = null;
        List<(Instruction User, int Operand, Instruction Value, BasicBlock Target)> uses = [];
        foreach (var instruction in block.Instructions)
        {
            foreach (var user in instruction.Users.Distinct())
            {
                for (int i = 0; i < user.Operands.Count; i++)
                {
                    if (!ReferenceEquals(user.Operands[i], instruction)) continue;
                    var place = user is Phi phi ? phi.IncomingBlocks[i] : user.Block!;
                    if (place == block) continue;
                    dominators ??= block.Function.Dominators;
                    // What threading cut off goes soon.
                    if (!dominators.IsReachable(place)) continue;
                    if (instruction is not Phi || block.Successors.FirstOrDefault(s => s.Predecessors.Count == 1 && dominators.IsReachable(s) && dominators.Dominates(s, place)) is not { } target) return false;
                    uses.Add((user, i, instruction, target));
                }
            }
        }
        Dictionary<(Instruction, BasicBlock), Phi> made = [];
        foreach (var (user, operand, value, target) in uses)
        {
            if (!made.TryGetValue((value, target), out var phi))
            {
                made[(value, target)] = phi = new Phi(value.Type) { Location = value.Location, Name = value.Name };
                phi.AddIncoming(block, value);
                target.Append(phi);
            }
            user.SetOperand(operand, phi);
        }
        return true;
    }

    private const int LargestThreaded = 2000;

    private sealed record Choice(Phi Phi, Func<Value, BasicBlock?> Target);

    /// <summary>The phi a block's branch depends on, when it does nothing else.</summary>
    private static Choice? Decision(BasicBlock block)
    {
        int phis = block.PhiCount();
        if (phis == 0 || block.Instructions.Count > phis + 2) return null;
        switch (block.Terminator)
        {
            case Branch { Condition: Phi phi } b when phi.Block == block && block.Instructions.Count == phis + 1:
                return new Choice(phi, v => v is not Constant c ? null : c.Number != 0 ? b.Then : b.Else);
            case Branch { Condition: Compare { Left: Phi phi, Right: Constant right } compare } b when phi.Block == block && compare.Block == block:
                return new Choice(phi, v => v is not Constant c ? Found(v, compare, b) : c.IsNull && compare.Predicate is not (Predicate.Equal or Predicate.NotEqual) ? null
                    : compare.Predicate.Holds(c.Number, right.Number, c.Type.Bits) ? b.Then : b.Else);
            case Switch { Value: Phi phi } s when phi.Block == block && block.Instructions.Count == phis + 1:
                return new Choice(phi, v => v is not Constant c ? null : s.Cases.ToList().IndexOf(c.Number) is >= 0 and var at ? s.Targets[at] : s.Default);
            default:
                return null;
        }
    }

    /// <summary>Where a test for null leads with a pointer that cannot be.</summary>
    private static BasicBlock? Found(Value pointer, Compare compare, Branch branch) =>
        pointer.Type.IsPointer && Nullness.IsNullTest(compare, out bool equal) && Simplify.NeverNull(pointer) ? equal ? branch.Else : branch.Then : null;
}
