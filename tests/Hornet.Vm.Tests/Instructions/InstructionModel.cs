using System.Numerics;
using Hornet.Isa;

namespace Hornet.Vm.Tests.Instructions;

/// <summary>
/// RFC 9669's arithmetic and comparisons, written down a second time: over whole numbers without a width, cut at the end. It
/// shares nothing with the machine, so that both can be wrong only for the same reason by accident.
/// </summary>
internal static class InstructionModel
{
    /// <summary>What is in the destination afterwards.</summary>
    public static ulong Alu(AluOp op, bool wide, bool signed, ulong dst, ulong src)
    {
        int bits = wide ? 64 : 32;
        BigInteger a = signed ? Signed(dst, bits) : Unsigned(dst, bits), b = signed ? Signed(src, bits) : Unsigned(src, bits);
        int shift = (int)(src % (ulong)bits);
        BigInteger result = op switch
        {
            AluOp.Add => a + b,
            AluOp.Sub => a - b,
            AluOp.Mul => a * b,
            AluOp.Div => b.IsZero ? 0 : BigInteger.Divide(a, b),
            AluOp.Mod => b.IsZero ? a : BigInteger.Remainder(a, b),
            AluOp.Or => a | b,
            AluOp.And => a & b,
            AluOp.Xor => a ^ b,
            AluOp.Lsh => a << shift,
            AluOp.Rsh => Unsigned(dst, bits) >> shift,
            AluOp.Arsh => Signed(dst, bits) >> shift,
            AluOp.Mov => b,
            AluOp.Neg => -a,
            _ => throw new ArgumentOutOfRangeException(nameof(op)),
        };
        return Cut(result, bits);
    }

    /// <summary>A move that extends the sign from a width.</summary>
    public static ulong MoveSigned(bool wide, int from, ulong src) => Cut(Signed(src, from), wide ? 64 : 32);

    /// <summary>A byte swap of a width; the rest becomes zero.</summary>
    public static ulong Swap(int bits, ulong value)
    {
        ulong result = 0;
        for (int i = 0; i < bits; i += 8) result |= (value >> i & 0xff) << (bits - 8 - i);
        return result;
    }

    /// <summary>Whether a jump is taken.</summary>
    public static bool Jump(JumpOp op, bool wide, ulong dst, ulong src)
    {
        int bits = wide ? 64 : 32;
        BigInteger a = Unsigned(dst, bits), b = Unsigned(src, bits), sa = Signed(dst, bits), sb = Signed(src, bits);
        return op switch
        {
            JumpOp.Equal => a == b,
            JumpOp.NotEqual => a != b,
            JumpOp.Greater => a > b,
            JumpOp.GreaterOrEqual => a >= b,
            JumpOp.Less => a < b,
            JumpOp.LessOrEqual => a <= b,
            JumpOp.SignedGreater => sa > sb,
            JumpOp.SignedGreaterOrEqual => sa >= sb,
            JumpOp.SignedLess => sa < sb,
            JumpOp.SignedLessOrEqual => sa <= sb,
            JumpOp.AnyBitSet => !(a & b).IsZero,
            _ => throw new ArgumentOutOfRangeException(nameof(op)),
        };
    }

    /// <summary>What an atomic operation leaves in memory; the old value goes to the register.</summary>
    public static ulong Atomic(AtomicOp op, bool wide, ulong memory, ulong src, ulong r0) => Cut(((int)op & ~1) switch
    {
        0x00 => Unsigned(memory, 64) + src,
        0x40 => Unsigned(memory, 64) | src,
        0x50 => Unsigned(memory, 64) & src,
        0xa0 => Unsigned(memory, 64) ^ src,
        0xe0 => src,
        0xf0 => Cut(memory, wide ? 64 : 32) == Cut(r0, wide ? 64 : 32) ? src : memory,
        _ => throw new ArgumentOutOfRangeException(nameof(op)),
    }, wide ? 64 : 32);

    private static BigInteger Unsigned(ulong value, int bits) => bits == 64 ? value : value & ((1UL << bits) - 1);

    private static BigInteger Signed(ulong value, int bits) =>
        Unsigned(value, bits) is var u && u >= BigInteger.One << (bits - 1) ? u - (BigInteger.One << bits) : u;

    private static ulong Cut(BigInteger value, int bits) => (ulong)(value & ((BigInteger.One << bits) - 1));
}
