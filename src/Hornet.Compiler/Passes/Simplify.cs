using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Replaces operations by what they come to: constants are folded, neutral operands go, conversions that change nothing
/// disappear, and each operation takes the one form that the other passes look for. Branches on constants become jumps.
/// </summary>
internal sealed partial class Simplify : Pass
{
    public override bool Run(IrFunction function)
    {
        bool changed = false;
        Instruction[] buffer = [];
        for (bool again = true; again;)
        {
            again = false;
            foreach (var block in function.ReversePostorder())
            {
                foreach (var instruction in block.Snapshot(ref buffer))
                {
                    if (instruction.Block is null) continue;
                    if (instruction is Terminator terminator)
                    {
                        again |= Run(block, terminator);
                        continue;
                    }
                    if (instruction is Store { Width: not MemoryWidth.U64, Value.Type.IsInteger: true } store && LowBits(store.Value, store.Width.Bytes() * 8) is { Type.IsInteger: true } low)
                    {
                        // What a store cuts off need not be computed.
                        store.SetOperand(1, low);
                        again = true;
                        continue;
                    }
                    if (instruction.IsUnused || Better(instruction) is not { } better || ReferenceEquals(better, instruction)) continue;
                    Put(block, instruction, better);
                    again = true;
                }
            }
            changed |= again;
        }
        return changed;
    }

    /// <summary>Puts a value, with the new instructions it is made of, in the place of an instruction.</summary>
    private static void Put(BasicBlock block, Instruction old, Value better)
    {
        if (better is Instruction { Block: null } made) Place(block, old, made);
        if (better is Instruction { Name: null } named && old.Name is not null) named.Name = old.Name;
        old.ReplaceAllUsesWith(better);
        if (!old.HasSideEffects) old.Remove();
    }

    private static void Place(BasicBlock block, Instruction before, Instruction made)
    {
        foreach (var operand in made.OperandSpan)
        {
            if (operand is Instruction { Block: null } inner) Place(block, before, inner);
        }
        made.Location ??= before.Location;
        if (before is Phi) block.Insert(block.PhiCount(), made);
        else block.InsertBefore(before, made);
    }

    private static bool Run(BasicBlock block, Terminator terminator)
    {
        switch (terminator)
        {
            case Branch { Condition: Constant c } b:
                block.ReplaceTerminator(new Jump(c.Number != 0 ? b.Then : b.Else));
                return true;
            case Branch b when b.Then == b.Else:
                block.ReplaceTerminator(new Jump(b.Then));
                return true;
            case Branch { Condition: Compare { Right: Constant { Number: 0, IsNull: false }, Left: var inner } test } b when inner is Compare || test.Left.Type == IrType.I32 && test.Predicate is Predicate.NotEqual:
                // Whether a number is not zero is what a branch asks anyway.
                if (test.Predicate is not (Predicate.Equal or Predicate.NotEqual)) return false;
                if (test.Left.Type != IrType.I32) return false;
                block.ReplaceTerminator(test.Predicate == Predicate.NotEqual ? new Branch(test.Left, b.Then, b.Else) : new Branch(test.Left, b.Else, b.Then));
                return true;
            case Branch { Condition: Binary { Operator: BinaryOperator.Xor, Right: Constant { Number: 1 } } not } b when KnownBits.Maximum(not.Left) <= 1:
                block.ReplaceTerminator(new Branch(not.Left, b.Else, b.Then));
                return true;
            case Switch { Value: Constant c } s:
                int at = s.Cases.ToList().IndexOf(c.Number);
                block.ReplaceTerminator(new Jump(at < 0 ? s.Default : s.Targets[at]));
                return true;
            case Switch { Value: ByteSwap swap } s when Covers(swap) && s.Cases.All(c => swap.Bits == 64 || (ulong)c < 1ul << swap.Bits):
                // Cases are swapped while compiling.
                var cases = s.Cases.Select((c, i) => (Constant.Of(swap.Type, ConstantFolding.FoldByteSwap(swap.Bits, c)).Number, s.Targets[i])).ToArray();
                block.ReplaceTerminator(new Switch(swap.Operand, cases, s.Default));
                return true;
            case Switch s when s.Targets.All(t => t == s.Default):
                block.ReplaceTerminator(new Jump(s.Default));
                return true;
            default:
                return false;
        }
    }

    /// <summary>A value that is always equal and simpler; null when there is none.</summary>
    private static Value? Better(Instruction instruction) => instruction switch
    {
        Binary b => BetterBinary(b),
        Negate { Operand: Constant c } => Constant.Of(c.Type, unchecked(-c.Number)),
        Negate { Operand: Negate inner } => inner.Operand,
        Conversion c => BetterConversion(c),
        ByteSwap { Operand: Constant c } s => Constant.Of(c.Type, ConstantFolding.FoldByteSwap(s.Bits, c.Number)),
        Compare c => BetterCompare(c),
        Phi p => BetterPhi(p),
        PointerAdd p => BetterPointer(p),
        Load l => ConstantMemory(l),
        _ => null,
    };

    private static Value? BetterPhi(Phi phi)
    {
        Value? only = null;
        foreach (var operand in phi.OperandSpan)
        {
            if (ReferenceEquals(operand, phi)) continue;
            if (only is null) only = operand;
            else if (!Same(only, operand)) return null;
        }
        // The one value is defined on every way here, or the phi would not be well formed.
        return only;
    }

    private static bool Same(Value a, Value b) => ReferenceEquals(a, b) || a is Constant x && b is Constant y && x.Type == y.Type && x.Number == y.Number;

    private static Value? BetterPointer(PointerAdd p)
    {
        if (p.Bytes is not Constant bytes)
        {
            // (p + c) + x and p + (x + c): the variable part first, so that constants meet at the access.
            if (p.Pointer is PointerAdd { Bytes: Constant } inner && inner.Users.Count == 1)
                return new PointerAdd(new PointerAdd(inner.Pointer, p.Bytes), inner.Bytes);
            return null;
        }
        if (bytes.Number == 0) return p.Pointer;
        return p.Pointer switch
        {
            PointerAdd { Bytes: Constant first } inner => new PointerAdd(inner.Pointer, Constant.Int64(unchecked(first.Number + bytes.Number))),
            GlobalReference g when g.Offset + bytes.Number >= 0 && g.Offset + bytes.Number < g.Map.Spec.ValueSize => new GlobalReference(g.Map, (int)(g.Offset + bytes.Number)),
            _ => null,
        };
    }

    /// <summary>What a load of constant data gives.</summary>
    private static Value? ConstantMemory(Load load)
    {
        if (load.IsVolatile || !load.Type.IsInteger || load.Pointer is not GlobalReference { Map: { Map: null, Spec: { Freeze: true, Contents: [var (_, value)] } } } g || value is not byte[] bytes) return null;
        int at = g.Offset + load.Offset;
        if (at < 0 || at + load.Width.Bytes() > bytes.Length) return null;
        var span = bytes.AsSpan(at);
        long number = load.Width switch
        {
            MemoryWidth.U8 => span[0],
            MemoryWidth.I8 => (sbyte)span[0],
            MemoryWidth.U16 => BitConverter.ToUInt16(span),
            MemoryWidth.I16 => BitConverter.ToInt16(span),
            MemoryWidth.U32 => BitConverter.ToUInt32(span),
            MemoryWidth.I32 => BitConverter.ToInt32(span),
            _ => BitConverter.ToInt64(span),
        };
        return Constant.Of(load.Type, number);
    }
}
