using System.Numerics;
using System.Runtime.CompilerServices;
using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

internal sealed partial class Simplify
{
    private static Value? BetterBinary(Binary b)
    {
        var (left, right) = (b.Left, b.Right);
        if (left is Constant x && right is Constant y) return Constant.Of(b.Type, ConstantFolding.Fold(b.Operator, x.Number, y.Number, b.Type.Bits));
        if (left is Constant && b.IsCommutative) return new Binary(b.Operator, right, left);
        if (right is Constant c && WithConstant(b, c) is { } better) return better;
        if (KnownBits.Maximum(b) == 0) return Constant.Of(b.Type, 0);
        // c - (d - x) and c - (x + d)
        if (b.Operator == BinaryOperator.Sub && left is Constant from)
        {
            if (right is Binary { Operator: BinaryOperator.Sub, Left: Constant d } inner)
                return new Binary(BinaryOperator.Add, inner.Right, Constant.Of(b.Type, unchecked(from.Number - d.Number)));
            if (right is Binary { Operator: BinaryOperator.Add, Right: Constant e } sum)
                return new Binary(BinaryOperator.Sub, Constant.Of(b.Type, unchecked(from.Number - e.Number)), sum.Left);
        }
        if (!ReferenceEquals(left, right))
        {
            return b.Operator == BinaryOperator.Sub && left is Constant { Number: 0 } ? new Negate(right) : null;
        }
        return b.Operator switch
        {
            BinaryOperator.Sub or BinaryOperator.Xor => Constant.Of(b.Type, 0),
            BinaryOperator.And or BinaryOperator.Or => left,
            _ => null,
        };
    }

    private static Value? WithConstant(Binary b, Constant c)
    {
        long n = c.Number;
        int bits = b.Type.Bits;
        ulong unsigned = bits == 32 ? (uint)n : (ulong)n;
        switch (b.Operator)
        {
            // The verifier gives up on a count that is not less than the width.
            case BinaryOperator.Shl or BinaryOperator.LShr or BinaryOperator.AShr when (n & bits - 1) != n:
                return new Binary(b.Operator, b.Left, Constant.Of(b.Type, n & bits - 1));
            case BinaryOperator.Add or BinaryOperator.Sub or BinaryOperator.Or or BinaryOperator.Xor when n == 0:
            case BinaryOperator.Mul or BinaryOperator.UDiv or BinaryOperator.SDiv when n == 1:
            case BinaryOperator.And when n == -1:
            case BinaryOperator.Shl or BinaryOperator.LShr or BinaryOperator.AShr when (n & bits - 1) == 0:
            case BinaryOperator.URem or BinaryOperator.SRem when n == 0:
                return b.Left;
            case BinaryOperator.Mul or BinaryOperator.And or BinaryOperator.UDiv or BinaryOperator.SDiv when n == 0:
            case BinaryOperator.URem or BinaryOperator.SRem when n == 1:
                return Constant.Of(b.Type, 0);
            case BinaryOperator.Or when n == -1:
                return c;
            case BinaryOperator.Sub:
                return new Binary(BinaryOperator.Add, b.Left, Constant.Of(b.Type, unchecked(-n)));
            case BinaryOperator.Mul when IsPowerOfTwo(unsigned):
                return new Binary(BinaryOperator.Shl, b.Left, Constant.Of(b.Type, Exponent(unsigned)));
            case BinaryOperator.UDiv when IsPowerOfTwo(unsigned):
                return new Binary(BinaryOperator.LShr, b.Left, Constant.Of(b.Type, Exponent(unsigned)));
            case BinaryOperator.URem when IsPowerOfTwo(unsigned):
                return new Binary(BinaryOperator.And, b.Left, Constant.Of(b.Type, (long)(unsigned - 1)));
            // The dividend's sign decides; without one, signed division is unsigned, which every machine has.
            case BinaryOperator.SDiv or BinaryOperator.SRem when n > 0 && KnownBits.Maximum(b.Left) <= (bits == 32 ? int.MaxValue : (ulong)long.MaxValue):
                return new Binary(b.Operator == BinaryOperator.SDiv ? BinaryOperator.UDiv : BinaryOperator.URem, b.Left, c);
            case BinaryOperator.And when CoversAll(unsigned, KnownBits.Maximum(b.Left)):
                return b.Left;
            case BinaryOperator.AShr when KnownBits.Maximum(b.Left) <= (bits == 32 ? int.MaxValue : (ulong)long.MaxValue):
                return new Binary(BinaryOperator.LShr, b.Left, c);
        }
        if (b.Left is not Binary { Right: Constant d } inner || inner.Operator != b.Operator) return null;
        return b.Operator switch
        {
            BinaryOperator.Add => new Binary(BinaryOperator.Add, inner.Left, Constant.Of(b.Type, unchecked(d.Number + n))),
            BinaryOperator.Mul => new Binary(BinaryOperator.Mul, inner.Left, Constant.Of(b.Type, unchecked(d.Number * n))),
            BinaryOperator.And => new Binary(BinaryOperator.And, inner.Left, Constant.Of(b.Type, d.Number & n)),
            BinaryOperator.Or => new Binary(BinaryOperator.Or, inner.Left, Constant.Of(b.Type, d.Number | n)),
            BinaryOperator.Xor => new Binary(BinaryOperator.Xor, inner.Left, Constant.Of(b.Type, d.Number ^ n)),
            BinaryOperator.Shl or BinaryOperator.LShr when (d.Number & bits - 1) + (n & bits - 1) < bits =>
                new Binary(b.Operator, inner.Left, Constant.Of(b.Type, (d.Number & bits - 1) + (n & bits - 1))),
            _ => null,
        };
    }

    private static bool IsPowerOfTwo(ulong number) => number != 0 && (number & number - 1) == 0;

    // Apart, for what uses the processor's own instruction for this is not compiled ahead.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Exponent(ulong power) => BitOperations.Log2(power);

    /// <summary>Whether a mask leaves every number up to a maximum as it is.</summary>
    private static bool CoversAll(ulong mask, ulong maximum)
    {
        ulong needed = maximum;
        for (int shift = 1; shift < 64; shift *= 2) needed |= needed >> shift;
        return (mask & needed) == needed;
    }

    private static Value? BetterConversion(Conversion c)
    {
        if (c.Operand is Constant { IsNull: false } number && ConstantFolding.Fold(c.Kind, number.Number) is { } folded && c.Type.IsInteger) return Constant.Of(c.Type, folded);
        ulong most = c.Operand.Type.IsInteger ? KnownBits.Maximum(c.Operand) : ulong.MaxValue;
        switch (c.Kind)
        {
            case ConversionKind.ZeroExtend8 when most <= 0xff:
            case ConversionKind.ZeroExtend16 when most <= 0xffff:
            case ConversionKind.ZeroExtend32 when most <= uint.MaxValue:
            case ConversionKind.SignExtend8 when most <= 0x7f:
            case ConversionKind.SignExtend16 when most <= 0x7fff:
            case ConversionKind.SignExtend32 when most <= int.MaxValue:
                return c.Operand.Type == c.Type ? c.Operand
                    : c.Kind == ConversionKind.ZeroExtend32 ? null
                    : c.Type == IrType.I64 ? new Conversion(ConversionKind.ZeroExtend32, c.Operand, c.Type)
                    : new Conversion(ConversionKind.Truncate, c.Operand, c.Type);
            case ConversionKind.Truncate when c.Operand.Type == IrType.I32:
                return c.Operand;
            case ConversionKind.Truncate when c.Operand is Conversion { Kind: ConversionKind.ZeroExtend32 or ConversionKind.SignExtend32 } w:
                return w.Operand.Type == IrType.I32 ? w.Operand : new Conversion(ConversionKind.Truncate, w.Operand, IrType.I32);
            case ConversionKind.Truncate when c.Operand is Conversion { Kind: not (ConversionKind.PointerToInteger or ConversionKind.Truncate) } w:
                return new Conversion(w.Kind, w.Operand, IrType.I32);
            case ConversionKind.SignExtend32 or ConversionKind.ZeroExtend32 when c.Operand is Conversion { Kind: ConversionKind.Truncate } t && KnownBits.Maximum(t.Operand) <= int.MaxValue:
                return t.Operand.Type == IrType.I64 ? t.Operand : null;
            // A packet's length is never negative, and short; that the verifier does not know it is the same with either form.
            case ConversionKind.SignExtend32 or ConversionKind.ZeroExtend32 when c.Operand is Conversion { Kind: ConversionKind.Truncate, Operand: PacketLength length }:
                return length;
            // Only the low bits of the operand count, so what was done to the others does not.
            case ConversionKind.ZeroExtend8 or ConversionKind.SignExtend8 when LowBits(c.Operand, 8) is { } low: return new Conversion(c.Kind, low, c.Type);
            case ConversionKind.ZeroExtend16 or ConversionKind.SignExtend16 when LowBits(c.Operand, 16) is { } low: return new Conversion(c.Kind, low, c.Type);
            case ConversionKind.SignExtend32 when LowBits(c.Operand, 32) is { } low: return new Conversion(c.Kind, low, c.Type);
            case ConversionKind.PointerToInteger when c.Operand is Conversion { Kind: ConversionKind.IntegerToPointer } p: return p.Operand;
            case ConversionKind.IntegerToPointer when c.Operand is Conversion { Kind: ConversionKind.PointerToInteger } p: return p.Operand.Type == c.Type ? p.Operand : new Conversion(ConversionKind.Reinterpret, p.Operand, c.Type);
            case ConversionKind.Reinterpret when c.Operand.Type == c.Type: return c.Operand;
            case ConversionKind.Reinterpret when c.Operand is Constant: return Constant.Null(c.Type.Region);
            case ConversionKind.Reinterpret when c.Operand is Conversion { Kind: ConversionKind.Reinterpret } p: return new Conversion(ConversionKind.Reinterpret, p.Operand, c.Type);
            default: return null;
        }
    }

    /// <summary>A value whose low bits are those of another and that is made with fewer steps.</summary>
    private static Value? LowBits(Value value, int bits) => value switch
    {
        Conversion { Kind: ConversionKind.Truncate } c when bits <= 32 => c.Operand,
        Conversion { Kind: ConversionKind.ZeroExtend32 or ConversionKind.SignExtend32 } c when bits <= 32 => c.Operand,
        Conversion { Kind: ConversionKind.ZeroExtend16 or ConversionKind.SignExtend16 } c when bits <= 16 => c.Operand,
        Conversion { Kind: ConversionKind.ZeroExtend8 or ConversionKind.SignExtend8 } c when bits <= 8 => c.Operand,
        Binary { Operator: BinaryOperator.And, Right: Constant c } b when CoversAll((ulong)c.Number, (1ul << bits) - 1) => b.Left,
        _ => null,
    };

    private static Value? BetterCompare(Compare c)
    {
        var (left, right) = (c.Left, c.Right);
        if (left is Constant x && right is Constant y) return Constant.Boolean(c.Predicate.Holds(x.Number, y.Number, x.Type.Bits));
        if (left is Constant) return new Compare(c.Predicate.Swapped(), right, left);
        if (ReferenceEquals(left, right)) return Constant.Boolean(c.Predicate is Predicate.Equal or Predicate.BelowOrEqual or Predicate.AboveOrEqual or Predicate.LessOrEqual or Predicate.GreaterOrEqual);
        if (left.Type.IsPointer)
            return right is Constant && c.Predicate is Predicate.Equal or Predicate.NotEqual && NeverNull(left) ? Constant.Boolean(c.Predicate == Predicate.NotEqual) : null;
        if (right is Constant n) return CompareWith(c, n);
        if (left is Conversion { Kind: var kind and (ConversionKind.ZeroExtend32 or ConversionKind.SignExtend32) } a && right is Conversion b && b.Kind == kind
            && a.Operand.Type == IrType.I32 && b.Operand.Type == IrType.I32)
        {
            // Zero-extended numbers are not negative, so any order is the unsigned one; sign-extended ones keep both orders.
            return new Compare(kind == ConversionKind.ZeroExtend32 ? Unsigned(c.Predicate) : c.Predicate, a.Operand, b.Operand);
        }
        return null;
    }

    private static Value? CompareWith(Compare c, Constant n)
    {
        int bits = c.Left.Type.Bits;
        ulong most = KnownBits.Maximum(c.Left), signBit = 1ul << bits - 1;
        ulong number = bits == 32 ? (uint)n.Number : (ulong)n.Number;
        if (c.Predicate.IsSigned() && most < signBit)
        {
            // The left side is not negative.
            if (n.Number >= 0) return new Compare(Unsigned(c.Predicate), c.Left, n);
            return Constant.Boolean(c.Predicate is Predicate.Greater or Predicate.GreaterOrEqual);
        }
        switch (c.Predicate)
        {
            case Predicate.Below when number == 0: return Constant.Boolean(false);
            case Predicate.AboveOrEqual when number == 0: return Constant.Boolean(true);
            case Predicate.Above or Predicate.Equal when number > most: return Constant.Boolean(false);
            case Predicate.Above when number == most: return Constant.Boolean(false);
            case Predicate.BelowOrEqual when number >= most: return Constant.Boolean(true);
            case Predicate.NotEqual or Predicate.Below when number > most: return Constant.Boolean(true);
            case Predicate.AboveOrEqual when number > most: return Constant.Boolean(false);
            case Predicate.Below when number == 1: return new Compare(Predicate.Equal, c.Left, Constant.Of(n.Type, 0));
            case Predicate.AboveOrEqual when number == 1: return new Compare(Predicate.NotEqual, c.Left, Constant.Of(n.Type, 0));
            case Predicate.Above when number == 0: return new Compare(Predicate.NotEqual, c.Left, n);
            case Predicate.BelowOrEqual when number == 0: return new Compare(Predicate.Equal, c.Left, n);
        }
        // A truth value compared with a constant is itself or its opposite.
        if (most <= 1 && c.Predicate is Predicate.Equal or Predicate.NotEqual && number <= 1)
        {
            bool same = (c.Predicate == Predicate.NotEqual) == (number == 0);
            if (c.Left is Compare inner) return same ? inner : new Compare(inner.Predicate.Negated(), inner.Left, inner.Right);
            if (same && c.Left.Type == IrType.I32) return c.Left;
        }
        if (c.Left is Conversion { Operand: var operand } w && operand.Type == IrType.I32)
        {
            if (w.Kind == ConversionKind.ZeroExtend32 && number <= uint.MaxValue) return new Compare(Unsigned(c.Predicate), operand, Constant.Int32((int)number));
            if (w.Kind == ConversionKind.SignExtend32 && n.Number == (int)n.Number) return new Compare(c.Predicate, operand, Constant.Int32((int)n.Number));
        }
        // Bytes that are swapped are compared with bytes that are swapped.
        if (c.Predicate is Predicate.Equal or Predicate.NotEqual && c.Left is ByteSwap swap && Covers(swap))
        {
            ulong limit = swap.Bits == 64 ? ulong.MaxValue : (1ul << swap.Bits) - 1;
            if (number > limit) return Constant.Boolean(c.Predicate == Predicate.NotEqual);
            return new Compare(c.Predicate, swap.Operand, Constant.Of(n.Type, ConstantFolding.FoldByteSwap(swap.Bits, n.Number)));
        }
        // x + a == b and x ^ a == b are x == b - a and x == b ^ a.
        if (c.Predicate is Predicate.Equal or Predicate.NotEqual && c.Left is Binary { Right: Constant d } b)
        {
            if (b.Operator == BinaryOperator.Add) return new Compare(c.Predicate, b.Left, Constant.Of(n.Type, unchecked(n.Number - d.Number)));
            if (b.Operator == BinaryOperator.Xor) return new Compare(c.Predicate, b.Left, Constant.Of(n.Type, n.Number ^ d.Number));
        }
        return null;
    }

    /// <summary>Whether a swap has all of its operand's bits in it.</summary>
    private static bool Covers(ByteSwap swap) =>
        swap.Bits == swap.Type.Bits || swap.Bits < 64 && KnownBits.Maximum(swap.Operand) < 1ul << swap.Bits;

    private static Predicate Unsigned(Predicate predicate) => predicate switch
    {
        Predicate.Less => Predicate.Below,
        Predicate.LessOrEqual => Predicate.BelowOrEqual,
        Predicate.Greater => Predicate.Above,
        Predicate.GreaterOrEqual => Predicate.AboveOrEqual,
        _ => predicate,
    };

    /// <summary>Whether a pointer is certainly not null.</summary>
    public static bool NeverNull(Value pointer) => pointer switch
    {
        // The packet's beginning, read from the context, and what is a way from it.
        Load { Type.Region.Kind: RegionKind.Packet, Pointer.Type.Region.Kind: RegionKind.Context } => true,
        PointerAdd { Type.Region.Kind: RegionKind.Packet } p => NeverNull(p.Pointer),
        Alloca or GlobalReference or MapReference or FunctionReference => true,
        Parameter { Type.Region.Kind: RegionKind.Context } => true,
        PointerAdd { Bytes: Constant } p => NeverNull(p.Pointer),
        Conversion { Kind: ConversionKind.Reinterpret } c => NeverNull(c.Operand),
        _ => false,
    };
}
