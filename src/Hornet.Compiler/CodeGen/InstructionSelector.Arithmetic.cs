using Hornet.Compiler.IR;
using Hornet.Isa;
using Instruction = Hornet.Compiler.IR.Instruction;

namespace Hornet.Compiler.CodeGen;

internal sealed partial class InstructionSelector
{
    private void SelectBinary(Binary b)
    {
        if (IsBitTest(b)) return;
        bool is32 = b.Type == IrType.I32;
        var (left, right) = (b.Left, b.Right);
        if (b.IsCommutative && (left is Constant || right is not Constant && IsBetterPlace(right, left, b))) (left, right) = (right, left);
        int dst = Define(b);
        bool isShift = b.Operator is BinaryOperator.Shl or BinaryOperator.LShr or BinaryOperator.AShr;
        bool isDivision = b.Operator is BinaryOperator.UDiv or BinaryOperator.SDiv or BinaryOperator.URem or BinaryOperator.SRem;
        bool signed = b.Operator is BinaryOperator.SDiv or BinaryOperator.SRem;
        if (signed && _target.Level < IsaLevel.V4) throw new InvalidOperationException($"'{b}' should have been lowered: signed division exists from ISA v4 on.");
        if (isDivision && right is Constant { Number: 0 })
        {
            // The verifier refuses a division by the constant zero; divided by a register it gives this.
            MoveTo(dst, b.Operator is BinaryOperator.URem or BinaryOperator.SRem ? left : Constant.Of(b.Type, 0));
            return;
        }
        if (IsImmediate(right, out int immediate))
        {
            if (isShift) immediate &= is32 ? 31 : 63;
            // The verifier takes all 64 bits of a quotient or a remainder for unknown, also of 32-bit ones.
            int result = is32 && isDivision && AddressUse.Is(b) ? _machine.NewRegister() : dst;
            MoveTo(result, left);
            Emit(Machine.AluConstant(Operation(b.Operator), result, immediate, is32, signed));
            if (result != dst) Emit(Machine.Copy32(dst, result));
            return;
        }
        // The operand is made ready before the destination is written: it may be a constant that needs a register.
        int operand = Use(right);
        // So it does of what is shifted by a variable number.
        int place = is32 && (isDivision || isShift) && AddressUse.Is(b) ? _machine.NewRegister() : dst;
        MoveTo(place, left);
        Emit(Machine.Alu(Operation(b.Operator), place, operand, is32, signed));
        if (place != dst) Emit(Machine.Copy32(dst, place));
    }

    /// <summary>Whether a result should rather take an operand's register than another's: a loop's sum that of the sum so far.</summary>
    private static bool IsBetterPlace(Value operand, Value other, Binary b)
    {
        bool carried = operand is Phi p && p.Operands.Contains(b), otherCarried = other is Phi q && q.Operands.Contains(b);
        return carried != otherCarried ? carried : DiesHere(operand, b) && !DiesHere(other, b);
    }

    /// <summary>Whether an instruction is a value's only use, in the same block.</summary>
    private static bool DiesHere(Value value, Instruction user) => value is Instruction { Users.Count: 1 } definition && definition is not Phi && definition.Block == user.Block;

    private static AluOp Operation(BinaryOperator op) => op switch
    {
        BinaryOperator.Add => AluOp.Add,
        BinaryOperator.Sub => AluOp.Sub,
        BinaryOperator.Mul => AluOp.Mul,
        BinaryOperator.UDiv or BinaryOperator.SDiv => AluOp.Div,
        BinaryOperator.URem or BinaryOperator.SRem => AluOp.Mod,
        BinaryOperator.And => AluOp.And,
        BinaryOperator.Or => AluOp.Or,
        BinaryOperator.Xor => AluOp.Xor,
        BinaryOperator.Shl => AluOp.Lsh,
        BinaryOperator.LShr => AluOp.Rsh,
        _ => AluOp.Arsh,
    };

    private void SelectInPlace(Instruction instruction, Value operand, Isa.Instruction form)
    {
        int dst = Define(instruction);
        // Of a negated or swapped number the verifier knows nothing, not even that the upper half is zero.
        int place = instruction.Type == IrType.I32 && AddressUse.Is(instruction) ? _machine.NewRegister() : dst;
        MoveTo(place, operand);
        Emit(Machine.InPlace(form, place));
        if (place != dst) Emit(Machine.Copy32(dst, place));
    }

    private void SelectByteSwap(ByteSwap s) => SelectInPlace(s, s.Operand, BitConverter.IsLittleEndian
        ? Isa.Instruction.ToBigEndian(default, s.Bits)
        : Isa.Instruction.ToLittleEndian(default, s.Bits));

    /// <summary>Whether a conversion is its operand's register.</summary>
    private static bool IsAlias(Conversion c) => c.Kind switch
    {
        ConversionKind.ZeroExtend32 => c.Operand.Type == IrType.I32,
        ConversionKind.PointerToInteger or ConversionKind.IntegerToPointer or ConversionKind.Reinterpret => true,
        _ => false,
    };

    private void SelectConversion(Conversion c)
    {
        if (IsAlias(c)) return;
        int dst = Define(c);
        bool is32 = c.Type == IrType.I32;
        switch (c.Kind)
        {
            case ConversionKind.Truncate when c.Operand.Type == IrType.I32 || c.Operand is Constant || !_upperBits.Matter(c):
                MoveTo(dst, c.Operand);
                break;
            case ConversionKind.Truncate or ConversionKind.ZeroExtend32:
                Emit(Machine.Copy32(dst, Use(c.Operand)));
                break;
            case ConversionKind.ZeroExtend8 or ConversionKind.ZeroExtend16:
                MoveTo(dst, c.Operand);
                Emit(Machine.AluConstant(AluOp.And, dst, c.Kind == ConversionKind.ZeroExtend8 ? 0xff : 0xffff, is32: true));
                break;
            case ConversionKind.SignExtend8:
                SignExtend(dst, c.Operand, 8, is32);
                break;
            case ConversionKind.SignExtend16:
                SignExtend(dst, c.Operand, 16, is32);
                break;
            case ConversionKind.SignExtend32:
                SignExtend(dst, c.Operand, 32, is32: false);
                break;
            default:
                throw new InvalidOperationException($"'{c}' has no machine form.");
        }
    }

    private void SignExtend(int dst, Value operand, int bits, bool is32)
    {
        if (_target.Level >= IsaLevel.V4)
        {
            Emit(Machine.CopySigned(dst, Use(operand), bits, is32));
            return;
        }
        int shift = (is32 ? 32 : 64) - bits;
        MoveTo(dst, operand);
        Emit(Machine.AluConstant(AluOp.Lsh, dst, shift, is32));
        Emit(Machine.AluConstant(AluOp.Arsh, dst, shift, is32));
    }

    /// <summary>A comparison whose value is wanted as a number: 1, unless the jump is not taken.</summary>
    private void SelectCompare(Compare c)
    {
        if (c.Users.All(u => u is Branch)) return;
        int dst = Define(c);
        MachineBlock zero = new() { LoopDepth = _block.LoopDepth }, next = new() { LoopDepth = _block.LoopDepth };
        // The operands are read after the destination is set, so none of them may share its register: they live until the jump.
        var jump = Condition(c.Predicate, c.Left, c.Right, next);
        Emit(Machine.Set(dst, 1));
        Emit(jump);
        Begin(zero);
        Emit(Machine.Set(dst, 0));
        Begin(next);
        _machine.Blocks[^3].Successors.AddRange([zero, next]);
        zero.Successors.Add(next);
    }

    private void Begin(MachineBlock block)
    {
        _machine.Blocks.Add(block);
        _block = block;
    }

    /// <summary>The jump that is taken when a comparison holds. What it needs in registers is put there now.</summary>
    private MachineInstruction Condition(Predicate predicate, Value left, Value right, MachineBlock target)
    {
        if (left is Constant && right is not Constant) (left, right, predicate) = (right, left, predicate.Swapped());
        (predicate, right) = VerifierFriendly(predicate, left, right);
        bool narrow = left.Type == IrType.I32;
        bool is32 = narrow && _target.Level >= IsaLevel.V3;
        int a, b;
        int immediate = 0;
        if (narrow && !is32 && predicate.IsSigned())
        {
            // Without 32-bit jumps a signed comparison wants the sign in the upper half.
            a = Extended(left);
            if (!IsImmediate(right, out immediate)) b = Extended(right);
            else b = MachineInstruction.NoRegister;
        }
        else
        {
            a = Use(left);
            // A 64-bit comparison of zero-extended values has no use for a sign-extended immediate.
            bool fits = IsImmediate(right, out immediate) && (is32 || !narrow || immediate >= 0);
            b = fits ? MachineInstruction.NoRegister : Use(right);
        }
        if (_target.Level < IsaLevel.V2 && predicate is Predicate.Below or Predicate.BelowOrEqual or Predicate.Less or Predicate.LessOrEqual)
        {
            // ISA v1 knows only "greater": the operands change places.
            if (b == MachineInstruction.NoRegister)
            {
                b = _machine.NewRegister();
                Emit(Machine.Set(b, immediate));
            }
            (a, b, predicate) = (b, a, predicate.Swapped());
        }
        return b == MachineInstruction.NoRegister
            ? Machine.JumpIfConstant(JumpOperation(predicate), a, immediate, is32, target)
            : Machine.JumpIf(JumpOperation(predicate), a, b, is32, target);
    }

    /// <summary>
    /// Before Linux 6.8 (d028f87517d6) the verifier learns nothing of a number's range from "not zero", and walks a loop that
    /// ends at zero for ever; from "at least 1" it learns the same on every kernel. Pointers compare with zero only so.
    /// </summary>
    private (Predicate Predicate, Value Right) VerifierFriendly(Predicate predicate, Value left, Value right)
    {
        if (right is not Constant { Number: 0, IsNull: false } || !IsPlainNumber(left, 0)) return (predicate, right);
        return predicate switch
        {
            Predicate.NotEqual => (Predicate.AboveOrEqual, Constant.Of(right.Type, 1)),
            // Level 1 has no "less", and turned around it would take a register.
            Predicate.Equal when _target.Level >= IsaLevel.V2 => (Predicate.Below, Constant.Of(right.Type, 1)),
            _ => (predicate, right),
        };
    }

    /// <summary>Whether the verifier, too, takes a value for a number, whatever way it came.</summary>
    private static bool IsPlainNumber(Value value, int depth)
    {
        if (value.Type == IrType.I32) return true;
        if (depth > 8) return false;
        return value switch
        {
            Constant or Binary or Negate or ByteSwap => true,
            Load l => l.Width.Bytes() < 8,
            Conversion { Kind: ConversionKind.PointerToInteger } => false,
            Conversion c => c.Operand.Type == IrType.I32 || IsPlainNumber(c.Operand, depth + 1),
            Phi p => p.Operands.All(o => ReferenceEquals(o, p) || IsPlainNumber(o, depth + 1)),
            _ => false,
        };
    }

    /// <summary>Whether bits are masked only to ask, in branches, whether any of them is set: one jump does both.</summary>
    private bool IsBitTest(Binary b) =>
        b.Operator == BinaryOperator.And && b.Users is [var user] && user.Block == b.Block
        && (user is Branch || user is Compare { Predicate: Predicate.Equal or Predicate.NotEqual, Right: Constant { Number: 0 }, IsUnused: false } c
            && c.Users.All(u => u is Branch { Block: var block } && block == b.Block))
        // Without 32-bit jumps the immediate is extended by its sign, the value is not.
        && (b.Type == IrType.I64 || _target.Level >= IsaLevel.V3 || !IsImmediate(b.Right, out int mask) || mask >= 0);

    private MachineInstruction BitTest(Binary b, MachineBlock target)
    {
        bool is32 = b.Type == IrType.I32 && _target.Level >= IsaLevel.V3;
        int value = Use(b.Left);
        return IsImmediate(b.Right, out int mask)
            ? Machine.JumpIfConstant(JumpOp.AnyBitSet, value, mask, is32, target)
            : Machine.JumpIf(JumpOp.AnyBitSet, value, Use(b.Right), is32, target);
    }

    private int Extended(Value value)
    {
        int register = _machine.NewRegister();
        SignExtend(register, value, 32, is32: false);
        return register;
    }

    private static JumpOp JumpOperation(Predicate predicate) => predicate switch
    {
        Predicate.Equal => JumpOp.Equal,
        Predicate.NotEqual => JumpOp.NotEqual,
        Predicate.Below => JumpOp.Less,
        Predicate.BelowOrEqual => JumpOp.LessOrEqual,
        Predicate.Above => JumpOp.Greater,
        Predicate.AboveOrEqual => JumpOp.GreaterOrEqual,
        Predicate.Less => JumpOp.SignedLess,
        Predicate.LessOrEqual => JumpOp.SignedLessOrEqual,
        Predicate.Greater => JumpOp.SignedGreater,
        _ => JumpOp.SignedGreaterOrEqual,
    };
}
