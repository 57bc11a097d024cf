using System.Buffers.Binary;

namespace Hornet.Compiler.IR;

/// <summary>What operations on constants give: the semantics of the IR in one place, which are eBPF's.</summary>
public static class ConstantFolding
{
    /// <summary>The result of arithmetic, sign-extended from its width.</summary>
    public static long Fold(BinaryOperator op, long left, long right, int bits)
    {
        if (bits == 64) return Fold64(op, left, right);
        int a = (int)left, b = (int)right;
        return unchecked(op switch
        {
            BinaryOperator.Add => a + b,
            BinaryOperator.Sub => a - b,
            BinaryOperator.Mul => a * b,
            BinaryOperator.UDiv => b == 0 ? 0 : (int)((uint)a / (uint)b),
            BinaryOperator.SDiv => b == 0 ? 0 : b == -1 ? -a : a / b,
            BinaryOperator.URem => b == 0 ? a : (int)((uint)a % (uint)b),
            BinaryOperator.SRem => b == 0 ? a : b == -1 ? 0 : a % b,
            BinaryOperator.And => a & b,
            BinaryOperator.Or => a | b,
            BinaryOperator.Xor => a ^ b,
            BinaryOperator.Shl => a << b,
            BinaryOperator.LShr => a >>> b,
            _ => a >> b,
        });
    }

    private static long Fold64(BinaryOperator op, long a, long b) => unchecked(op switch
    {
        BinaryOperator.Add => a + b,
        BinaryOperator.Sub => a - b,
        BinaryOperator.Mul => a * b,
        BinaryOperator.UDiv => b == 0 ? 0 : (long)((ulong)a / (ulong)b),
        BinaryOperator.SDiv => b == 0 ? 0 : b == -1 ? -a : a / b,
        BinaryOperator.URem => b == 0 ? a : (long)((ulong)a % (ulong)b),
        BinaryOperator.SRem => b == 0 ? a : b == -1 ? 0 : a % b,
        BinaryOperator.And => a & b,
        BinaryOperator.Or => a | b,
        BinaryOperator.Xor => a ^ b,
        BinaryOperator.Shl => a << (int)b,
        BinaryOperator.LShr => a >>> (int)b,
        _ => a >> (int)b,
    });

    /// <summary>The result of a conversion before it is cut to its type; null for conversions of pointers.</summary>
    public static long? Fold(ConversionKind kind, long value) => kind switch
    {
        ConversionKind.Truncate => (int)value,
        ConversionKind.ZeroExtend8 => (byte)value,
        ConversionKind.ZeroExtend16 => (ushort)value,
        ConversionKind.ZeroExtend32 => (uint)value,
        ConversionKind.SignExtend8 => (sbyte)value,
        ConversionKind.SignExtend16 => (short)value,
        ConversionKind.SignExtend32 => (int)value,
        _ => null,
    };

    /// <summary>The low bytes in the other order, zero above.</summary>
    public static long FoldByteSwap(int bits, long value) => bits switch
    {
        16 => BinaryPrimitives.ReverseEndianness((ushort)value),
        32 => BinaryPrimitives.ReverseEndianness((uint)value),
        _ => BinaryPrimitives.ReverseEndianness(value),
    };
}
