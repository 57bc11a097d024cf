namespace Hornet.Script.Lowering;

/// <summary>
/// The position of the highest set bit by multiplication: with all bits below it set, the number is 2^n - 1, and the upper six
/// bits of its product with the multiplier differ for each n.
/// </summary>
internal static class HighestBit
{
    /// <summary>A sequence of 64 bits in which each six in a row are different, so that 2^n times it has different upper bits.</summary>
    private const ulong Sequence = 0x03f79d71b4cb0a89;

    /// <summary>(2^n - 1) times this.</summary>
    public const long Multiplier = unchecked((long)Sequence);

    /// <summary>Positions by the upper six bits of the product.</summary>
    public static byte[] Table { get; } = Make();

    private static byte[] Make()
    {
        var table = new byte[64];
        for (int bit = 0; bit < 64; bit++)
        {
            ulong all = bit == 63 ? ulong.MaxValue : (1ul << bit + 1) - 1;
            table[unchecked(all * Sequence) >> 58] = (byte)bit;
        }
        return table;
    }
}
