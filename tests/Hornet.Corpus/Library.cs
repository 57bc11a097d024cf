using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Hornet.Corpus;

/// <summary>Members of the runtime's library, and loops over pointers and ranges.</summary>
public static unsafe class Library
{
    [Kernel] public static int RangeLoop(int a, int b) { int sum = 0; foreach (int i in 0..10) sum += i * a; foreach (int i in 3..7) sum ^= i + b; return sum; }

    [Kernel] public static int RangeOfVariable(int a, int b) { int count = a & 15, sum = b; foreach (int i in 0..count) sum = sum * 31 + i; return sum; }

    [Kernel] public static int RangeNested(int a, int b) { int sum = 0; foreach (int i in 0..4) { foreach (int j in 0..i) { if (j == (a & 3)) break; sum += i * j + b; } } return sum; }

    [Kernel] public static int RangeMinimum(uint a, int b) { int sum = 0; foreach (int i in 1..Math.Min((int)(a % 100), 20)) sum += i; return sum + b; }

    [Kernel] public static int PointerWalk(int a, int b) { int* numbers = stackalloc int[6]; int* end = numbers + 6; for (int* p = numbers; p != end; p++) *p = a + (int)(p - numbers); int sum = 0; for (int* p = numbers; p < end; ++p) sum = sum * 3 + *p; return sum + b; }

    [Kernel] public static int PointerBackwards(ulong a, int b) { byte* bytes = (byte*)&a; int sum = b; for (byte* p = bytes + 7; p >= bytes; p--) sum = sum * 5 + *p; return sum; }

    [Kernel] public static int PointerLength(ulong a, int b) { byte* text = stackalloc byte[9]; *(ulong*)text = a; text[8] = 0; byte* p = text; while (p < text + 9 && *p != 0) p++; return (int)(p - text) + b; }

    [Kernel] public static int PointerOverSpan(ulong a, int b) { Span<byte> span = stackalloc byte[8]; MemoryMarshal.Write(span, in a); int sum = b; fixed (byte* first = span) { for (byte* p = first, end = first + span.Length; p < end; p += 2) sum += *p; } return sum; }

    [Kernel] public static int PointerOverLiteral(int a, int b) { int sum = a; fixed (byte* text = "literal"u8) { for (byte* p = text; p < text + 7; p++) sum = sum * 31 + *p; } return sum + b; }

    [Kernel] public static int PointerToElement(int a, int b) { Span<Pair> pairs = stackalloc Pair[4]; fixed (Pair* first = pairs) { Pair* p = first + (a & 3); p->X = b; p[0].Y = 2; return (int)(p - first) * 100 + pairs[a & 3].X; } }

    [Kernel] public static int RemainderAsIndex(uint a, int b) { Span<int> counts = stackalloc int[7]; counts[(int)(a % 7)] = b; counts[(int)((a / 7) % 7)]++; return counts[(int)(a % 7)] * 3 + counts[6]; }

    [Kernel] public static int QuotientAsIndex(byte a, byte b) { ReadOnlySpan<int> table = [5, 4, 3, 2, 1, 0]; return table[a / 43] * 10 + table[b / 50]; }

    [Kernel] public static int ShiftAsIndex(uint a, uint b) { Span<byte> counts = stackalloc byte[16]; uint at = a >> (int)(b & 31); if (at < 16) counts[(int)at]++; int sum = 0; for (int i = 0; i < 16; i++) sum += counts[i] * i; return sum; }

    [Kernel] public static int NegatedAsIndex(int a, int b) { Span<int> values = [1, 2, 3, 4]; int at = -a; return at >= 0 && at < values.Length ? values[at] + b : -1; }

    [Kernel] public static int SwappedAsIndex(ushort a, int b) { Span<byte> values = stackalloc byte[300]; values[256] = 7; int at = BinaryPrimitives.ReverseEndianness(a); return at < values.Length ? values[at] + b : -1; }

    [Kernel] public static int SliceByRemainder(uint a, uint b) { Span<byte> text = stackalloc byte[20]; text.Fill(3); var part = text[(int)(a % 13)..]; part[(int)(b % 7)] = 1; int sum = 0; foreach (byte c in text) sum = sum * 2 + c; return sum; }

    [Kernel] public static int Ring(uint a, int b) { Span<int> ring = stackalloc int[5]; uint head = 0; for (int i = 0; i < 8; i++) { ring[(int)(head % 5)] = (int)(a >> i); head++; } return ring[0] + ring[4] * 3 + b; }

    [Kernel] public static int CopyAtVariable(ulong a, uint b) { Span<byte> text = stackalloc byte[24]; "abcdefgh"u8.CopyTo(text[(int)(b & 15)..]); MemoryMarshal.Write(text[(int)(b % 9)..], in a); int sum = 0; foreach (byte c in text) sum = sum * 7 + c; return sum; }

    [Kernel] public static bool AsciiIgnoreCase(ulong a, ulong b) { Span<byte> x = stackalloc byte[8]; MemoryMarshal.Write(x, in a); return Ascii.EqualsIgnoreCase(x, "content-"u8) || Ascii.EqualsIgnoreCase("Host"u8, "hOST"u8) == ((b & 1) == 0) || Ascii.IsValid(x); }

    [Kernel] public static int CharClasses(char a, char b) => (char.IsAscii(a) ? 1 : 0) + (char.IsAsciiLetterUpper(a) ? 2 : 0) + (char.IsAsciiLetterLower(b) ? 4 : 0) + (char.IsAsciiHexDigitLower(a) ? 8 : 0) + (char.IsAsciiHexDigitUpper(b) ? 16 : 0);

    [Kernel] public static ulong DivRemSmall(byte a, short b) { var (q, r) = Math.DivRem(a, (byte)7); var (x, y) = Math.DivRem(b, (short)9); (long s, long t) = long.DivRem(b, 11); return (ulong)(q + r * 10 + x * 100 + y + s - t); }

    [Kernel] public static long BigMulSigned(long a, long b) => Math.BigMul(a, b, out long low) ^ low;

    [Kernel] public static ulong BigMulUnsigned(uint a, uint b) => Math.BigMul(a, b);

    [Kernel] public static long Magnitudes(long a, long b) => long.MaxMagnitude(a, b) ^ long.MinMagnitude(b, a);

    [Kernel] public static short CopySigns(short a, short b) => short.CopySign(a, b);

    [Kernel] public static int CountText(ulong a, byte b) { Span<byte> s = stackalloc byte[8]; MemoryMarshal.Write(s, in a); s[2] = s[4] = s[6] = b; s[3] = s[5] = 1; ReadOnlySpan<byte> r = s; return r.Count([b, (byte)1]) + r.Count((byte)1) * 10; }

    [Kernel] public static int LastOfThree(ulong a, byte b) { Span<byte> s = stackalloc byte[8]; MemoryMarshal.Write(s, in a); ReadOnlySpan<byte> r = s; return r.LastIndexOfAny(b, (byte)1, (byte)255) * 10 + s.LastIndexOfAnyExcept((byte)255) + (s.ContainsAnyExcept((byte)0) ? 100 : 0); }

    [Kernel] public static int ReplaceInto(ulong a, byte b) { Span<byte> s = stackalloc byte[8]; Span<byte> t = stackalloc byte[10]; MemoryMarshal.Write(s, in a); ((ReadOnlySpan<byte>)s).Replace(t, b, (byte)'-'); return t[0] + t[7] * 256 + t[8]; }

    [Kernel] public static int NarrowSpans(int a, short b) { Span<short> s = [b, (short)a, 3, (short)(a >> 16)]; s.Reverse(); ReadOnlySpan<short> r = s; return r.IndexOfAnyInRange((short)-10, (short)10) + r.SequenceCompareTo([b, (short)2]) * 10 + s.CommonPrefixLength([(short)(a >> 16), (short)3]) * 100; }

    [Kernel] public static ulong TryWrites(ulong a, int b) { Span<byte> s = stackalloc byte[12]; bool first = BinaryPrimitives.TryWriteUInt64LittleEndian(s[(b & 7)..], a), second = BinaryPrimitives.TryWriteUInt16BigEndian(s[10..], (ushort)b); return MemoryMarshal.Read<ulong>(s[4..]) + (first ? 1u : 0) + (second ? 2u : 0); }

    [Kernel] public static bool AddressOrder(int a, int b) { Span<int> s = [a, b, 3]; ref int x = ref s[a & 1], y = ref s[b & 1]; return Unsafe.IsAddressGreaterThan(ref x, ref y) || Unsafe.AreSame(ref x, ref y) && Unsafe.IsAddressLessThanOrEqualTo(ref x, ref s[1]); }

    [Kernel] public static int RangesOfGenericIntegers(long a, byte b) => Steps(a & 7) + Steps((byte)(b & 7));

    private static readonly TimeSpan s_timeout = TimeSpan.FromMilliseconds(20);

    [Kernel] public static bool Timeouts(ulong a, ulong b) => a - b > (ulong)s_timeout.Ticks * 100;

    [Kernel] public static int Pairs(int a, int b) { KeyValuePair<int, long> pair = new(a, b); var (key, value) = pair; return key * 3 + (int)value + pair.Key; }

    private static int Steps<T>(T count) where T : IBinaryInteger<T>
    {
        int sum = 0;
        for (T i = T.Zero; i < count; i++) sum += int.CreateTruncating(i) * 3 + 1;
        return sum;
    }
}
