namespace Hornet.Fuzz;

/// <summary>Changes an input a little: bits, bytes, whole numbers, pieces moved, doubled or lost, pieces of another input.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> words)
{
    /// <summary>Inputs never grow beyond this.</summary>
    private const int MaxLength = 256 * 1024;

    private static readonly ulong[] Numbers =
    [
        0, 1, 2, 4, 7, 8, 16, 31, 32, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0xfffff, 0xffffff, 0x7fffffff, 0x80000000, 0xffffffff,
        0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffff8,
    ];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        byte[] input = (byte[])corpus[_random.Next(corpus.Count)].Clone();
        int rounds = 1 << _random.Next(5);
        for (int n = 0; n < rounds; n++) input = Once(input);
        return input;
    }

    private byte[] Once(byte[] input)
    {
        if (input.Length == 0) return [(byte)_random.Next(256)];
        int at = _random.Next(input.Length);
        switch (_random.Next(12))
        {
            case 0 or 1:
                input[at] ^= (byte)(1 << _random.Next(8));
                return input;
            case 2:
                input[at] = (byte)_random.Next(256);
                return input;
            case 3:
                input[at] += (byte)_random.Next(-16, 17);
                return input;
            case 4 or 5 or 6:
                Number(input, at);
                return input;
            case 7:
                return Cut(input, at, Math.Min(input.Length - at, Length()));
            case 8:
                return Insert(input, at, input.AsSpan(_random.Next(input.Length)) is var from ? from[..Math.Min(from.Length, Length())].ToArray() : []);
            case 9:
                byte[] other = corpus[_random.Next(corpus.Count)];
                int start = _random.Next(Math.Max(1, other.Length));
                return Insert(input, at, other.AsSpan(start, Math.Min(other.Length - start, Length() * 4)).ToArray());
            case 10 when words.Count > 0:
                return Insert(input, at, words[_random.Next(words.Count)]);
            case 10:
                return input[..at];
            default:
                int to = _random.Next(input.Length), length = Math.Min(Length(), input.Length - Math.Max(at, to));
                input.AsSpan(at, length).CopyTo(input.AsSpan(to));
                return input;
        }
    }

    private int Length() => 1 + _random.Next(1 << _random.Next(1, 10));

    private void Number(byte[] input, int at)
    {
        int size = 1 << _random.Next(4);
        if (_random.Next(2) == 0) at &= ~(size - 1);
        ulong number = Numbers[_random.Next(Numbers.Length)];
        if (_random.Next(4) == 0) number = (ulong)input.Length - (ulong)_random.Next(16);
        bool bigEndian = _random.Next(6) == 0;
        for (int n = 0; n < size && at + n < input.Length; n++) input[at + n] = (byte)(number >> (8 * (bigEndian ? size - 1 - n : n)));
    }

    private static byte[] Cut(byte[] input, int at, int length) => [.. input.AsSpan(0, at), .. input.AsSpan(at + length)];

    private static byte[] Insert(byte[] input, int at, byte[] piece) =>
        input.Length + piece.Length > MaxLength ? input : [.. input.AsSpan(0, at), .. piece, .. input.AsSpan(at)];
}
