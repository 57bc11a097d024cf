using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hornet.Btf;

/// <summary>
/// The hash of a type's name, made for indexing a whole kernel: 126 000 names in about two milliseconds. Names below 32
/// bytes, nearly all, are measured, searched for a flavor and hashed without a loop. The keys are not the same in two
/// processes, so that a file cannot be made to collide.
/// </summary>
internal readonly unsafe struct BtfNameHash
{
    /// <summary>Bytes that <see cref="TryTerminated"/> reads, however short the name is.</summary>
    public const int Window = 32;

    private static readonly BtfNameHash s_shared = new(Random.Shared);

    private readonly ulong _key0, _key1, _key2, _key3;

    private BtfNameHash(Random random) => (_key0, _key1, _key2, _key3) = (Key(random), Key(random), Key(random), Key(random));

    /// <summary>The keys of this process; take a copy before a loop.</summary>
    public static BtfNameHash Shared => s_shared;

    // 32 bytes to keep and 32 to clear: the window that keeps the first n begins at 32 - n.
    private static ReadOnlySpan<byte> Keep =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>The hash of a name of any length.</summary>
    public ulong Of(ReadOnlySpan<byte> name)
    {
        ulong hash = (uint)name.Length;
        while (name.Length >= Window)
        {
            hash = Mix(hash, Word(name, 0), Word(name, 8), Word(name, 16), Word(name, 24));
            name = name[Window..];
        }
        Span<byte> rest = stackalloc byte[Window];
        rest.Clear();
        name.CopyTo(rest);
        return Mix(hash, Word(rest, 0), Word(rest, 8), Word(rest, 16), Word(rest, 24));
    }

    /// <summary>
    /// The hash of the zero-terminated name at an address with <see cref="Window"/> readable bytes. False when the name is
    /// longer, or may have a flavor: <see cref="Of"/> is for those.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTerminated(byte* name, out ulong hash)
    {
        var low = Vector128.Load(name);
        var high = Vector128.Load(name + 16);
        uint zeros = Bits(Vector128<byte>.Zero, low, high);
        int length = BitOperations.TrailingZeroCount(zeros);
        uint underscores = Bits(Vector128.Create((byte)'_'), low, high) & ((1u << length) - 1);
        if (zeros == 0 || (underscores & underscores >> 1 & underscores >> 2) != 0)
        {
            hash = 0;
            return false;
        }
        ref byte keep = ref Unsafe.Add(ref MemoryMarshal.GetReference(Keep), Window - length);
        var words = (low & Vector128.LoadUnsafe(ref keep)).AsUInt64();
        var more = (high & Vector128.LoadUnsafe(ref keep, 16)).AsUInt64();
        hash = Mix((uint)length, words[0], words[1], more[0], more[1]);
        return true;

        static uint Bits(Vector128<byte> wanted, Vector128<byte> low, Vector128<byte> high) =>
            Vector128.Equals(low, wanted).ExtractMostSignificantBits() | Vector128.Equals(high, wanted).ExtractMostSignificantBits() << 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Mix(ulong hash, ulong word0, ulong word1, ulong word2, ulong word3) =>
        Fold(word0 ^ _key0 ^ hash, word1 ^ _key1) ^ Fold(word2 ^ _key2, word3 ^ _key3 ^ hash);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b) => Math.BigMul(a, b, out ulong low) ^ low;

    private static ulong Word(ReadOnlySpan<byte> bytes, int at) => MemoryMarshal.Read<ulong>(bytes[at..]);

    private static ulong Key(Random random) => (ulong)random.NextInt64(long.MinValue, long.MaxValue);
}
