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
        // Word by word: taking words out of a vector is a call in precompiled code.
        ref byte keep = ref Unsafe.Add(ref MemoryMarshal.GetReference(Keep), Window - length);
        hash = Mix((uint)length, Kept(name, ref keep, 0), Kept(name, ref keep, 8), Kept(name, ref keep, 16), Kept(name, ref keep, 24));
        return true;

        static uint Bits(Vector128<byte> wanted, Vector128<byte> low, Vector128<byte> high) =>
            Vector128.Equals(low, wanted).ExtractMostSignificantBits() | Vector128.Equals(high, wanted).ExtractMostSignificantBits() << 16;

        static ulong Kept(byte* name, ref byte keep, int at) =>
            Unsafe.ReadUnaligned<ulong>(name + at) & Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref keep, at));
    }

    // NH (Black et al., UMAC): halves of the words plus halves of the keys, multiplied and summed. Only instructions that
    // precompiled code has without a call; a 128-bit product is one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Mix(ulong hash, ulong word0, ulong word1, ulong word2, ulong word3)
    {
        hash += Product(word0, _key0) + Product(word1, _key1) + Product(word2, _key2) + Product(word3, _key3);
        hash = (hash ^ hash >> 32) * 0x9E3779B97F4A7C15;
        return hash ^ hash >> 32;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Product(ulong word, ulong key) => (ulong)((uint)word + (uint)key) * ((uint)(word >> 32) + (uint)(key >> 32));

    private static ulong Word(ReadOnlySpan<byte> bytes, int at) => MemoryMarshal.Read<ulong>(bytes[at..]);

    private static ulong Key(Random random) => (ulong)random.NextInt64(long.MinValue, long.MaxValue);
}
