using Hornet.Compiler.IR;
using Hornet.Isa;
using Instruction = Hornet.Compiler.IR.Instruction;

namespace Hornet.Compiler.CodeGen;

internal sealed partial class InstructionSelector
{
    private void SelectCall(Instruction call, Isa.Instruction form)
    {
        for (int i = 0; i < call.Operands.Count; i++) MoveTo(1 + i, call.Operands[i]);
        Emit(Machine.Call(form, call.Operands.Count));
        if (call.Type.IsVoid || call.IsUnused) return;
        bool cut = call.Type == IrType.I32 && _upperBits.Matter(call);
        Emit(cut ? Machine.Copy32(Define(call), (int)Register.R0) : Machine.Copy(Define(call), (int)Register.R0));
    }

    private void Terminate(BasicBlock block, Terminator terminator)
    {
        switch (terminator)
        {
            case Jump jump:
                Copies(block, jump.Target);
                GoTo(_blocks[jump.Target]);
                break;
            case Branch { Then: var then, Else: var other } when then == other:
                Copies(block, then);
                GoTo(_blocks[then]);
                break;
            case Branch branch:
                SelectBranch(block, branch);
                break;
            case Return { Value: { } value }:
                // The kernel and callers look at all of R0.
                MoveTo((int)Register.R0, value);
                Emit(Machine.Exit());
                break;
            case Return or Unreachable:
                Emit(Machine.Set((int)Register.R0, 0));
                Emit(Machine.Exit());
                break;
            default:
                throw new InvalidOperationException($"'{terminator}' should have been lowered before code generation.");
        }
    }

    private void SelectBranch(BasicBlock block, Branch branch)
    {
        MachineBlock then = Edge(block, branch.Then), other = Edge(block, branch.Else);
        // The jump goes to one block, and what follows it to the other.
        var (taken, following) = (then, other);
        MachineInstruction jump;
        if (branch.Condition is Compare { Left: Binary bits } test && IsBitTest(bits))
        {
            if (test.Predicate == Predicate.Equal) (taken, following) = (other, then);
            jump = BitTest(bits, taken);
        }
        else if (branch.Condition is Binary mask && IsBitTest(mask))
        {
            jump = BitTest(mask, taken);
        }
        else
        {
            jump = branch.Condition is Compare c
                ? Condition(c.Predicate, c.Left, c.Right, then)
                : Condition(Predicate.NotEqual, branch.Condition, Constant.Int32(0), then);
        }
        Emit(jump);
        _block.Successors.Add(taken);
        GoTo(following);
        // What belongs to an edge runs in a block of its own, which comes right behind.
        foreach (var (target, edge) in new[] { (branch.Then, then), (branch.Else, other) })
        {
            if (edge == _blocks[target]) continue;
            Begin(edge);
            Copies(block, target);
            GoTo(_blocks[target]);
        }
    }

    /// <summary>The block to jump to on the way to another: that one, or one in between for the values of its phis.</summary>
    private MachineBlock Edge(BasicBlock from, BasicBlock to) =>
        to.Instructions[0] is Phi ? new MachineBlock { LoopDepth = Math.Min(_blocks[from].LoopDepth, _blocks[to].LoopDepth) } : _blocks[to];

    private void GoTo(MachineBlock target)
    {
        Emit(Machine.Jump(target));
        _block.Successors.Add(target);
    }

    /// <summary>
    /// Gives the phis of a block their values, all at once: a phi may be another's value. Copies whose target nobody still
    /// reads go first; when only cycles are left, one value is set aside.
    /// </summary>
    private void Copies(BasicBlock from, BasicBlock to)
    {
        List<(int Dst, Value Src, int Register)> pending = [];
        foreach (var phi in to.Phis)
        {
            if (phi.IsUnused) continue;
            var value = phi.ValueFor(from)!;
            int dst = Define(phi);
            int src = value is Constant or MapReference or FunctionReference or Alloca || value is PointerAdd p && IsFolded(p) ? MachineInstruction.NoRegister : Use(value);
            if (src != dst) pending.Add((dst, value, src));
        }
        while (pending.Count > 0)
        {
            int free = pending.FindIndex(c => !pending.Exists(other => other.Register == c.Dst || Reads(other.Src, c.Dst)));
            if (free < 0)
            {
                // A cycle: what the first copy would destroy is moved out of the way.
                int aside = _machine.NewRegister(), lost = pending[0].Dst;
                Emit(Machine.Copy(aside, lost));
                for (int i = 0; i < pending.Count; i++)
                {
                    if (pending[i].Register == lost) pending[i] = pending[i] with { Register = aside };
                }
                continue;
            }
            var copy = pending[free];
            if (copy.Register >= 0) Emit(Machine.Copy(copy.Dst, copy.Register));
            else MoveTo(copy.Dst, copy.Src);
            pending.RemoveAt(free);
        }

        // A folded address is made of its base when it is copied.
        bool Reads(Value value, int register) =>
            value is PointerAdd p && IsFolded(p) && Address(p, 0).Root is var root and not (Alloca or Constant or MapReference) && _registers.GetValueOrDefault(Resolve(root), -1) == register;
    }

    private static Value Resolve(Value value)
    {
        while (value is Conversion c && IsAlias(c)) value = c.Operand;
        return value;
    }
}
