using System.Numerics;
using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// What is known of a number without running the program: a bound, as unsigned number of its width. Only what every
/// verifier finds out itself counts. It knows nothing of a division's result, say, so a comparison or mask that bounds one
/// looks superfluous, but is what lets the program pass.
/// </summary>
internal static class KnownBits
{
    private const int Deep = 6;

    /// <summary>The largest unsigned number a value can be.</summary>
    public static ulong Maximum(Value value, int depth = 0)
    {
        ulong all = value.Type == IrType.I32 ? uint.MaxValue : ulong.MaxValue;
        if (depth > Deep) return all;
        switch (value)
        {
            case Constant c: return (ulong)c.Number & all;
            case Compare: return 1;
            case Load l when !l.Width.IsSigned() && !l.Type.IsPointer: return Math.Min(all, l.Width.Bytes() == 8 ? all : (1ul << l.Width.Bytes() * 8) - 1);
            case Conversion { Kind: ConversionKind.ZeroExtend8 } c: return Math.Min(0xff, Operand(c));
            case Conversion { Kind: ConversionKind.ZeroExtend16 } c: return Operand(c) is var m16 and <= 0xffff ? m16 : 0xffff;
            case Conversion { Kind: ConversionKind.ZeroExtend32 } c: return Operand(c) is var m32 and <= uint.MaxValue ? m32 : uint.MaxValue;
            case Conversion { Kind: ConversionKind.Truncate } c: return Operand(c) is var m and <= uint.MaxValue ? m : all;
            case Conversion { Kind: ConversionKind.SignExtend32 } c: return Operand(c) is var s and <= int.MaxValue ? s : all;
            case Binary b: return Maximum(b, all, depth);
            case Phi p:
                ulong most = 0;
                foreach (var operand in p.Operands)
                {
                    if (!ReferenceEquals(operand, p)) most = Math.Max(most, Maximum(operand, depth + 2));
                }
                return most;
            default: return all;
        }

        ulong Operand(Conversion c) => Maximum(c.Operand, depth + 1);
    }

    private static ulong Maximum(Binary b, ulong all, int depth)
    {
        switch (b.Operator)
        {
            case BinaryOperator.And: return Math.Min(Maximum(b.Left, depth + 1), Maximum(b.Right, depth + 1));
            case BinaryOperator.Or or BinaryOperator.Xor:
                ulong bits = Maximum(b.Left, depth + 1) | Maximum(b.Right, depth + 1);
                return bits == 0 ? 0 : ulong.MaxValue >> BitOperations.LeadingZeroCount(bits);
            case BinaryOperator.LShr when b.Right is Constant c: return Maximum(b.Left, depth + 1) >> (int)(c.Number & b.Type.Bits - 1);
            case BinaryOperator.Shl when b.Right is Constant c:
                ulong left = Maximum(b.Left, depth + 1);
                int count = (int)(c.Number & b.Type.Bits - 1);
                return left <= all >> count ? left << count : all;
            case BinaryOperator.Add:
                ulong x = Maximum(b.Left, depth + 1), y = Maximum(b.Right, depth + 1);
                return x <= all - y ? x + y : all;
            default: return all;
        }
    }
}
