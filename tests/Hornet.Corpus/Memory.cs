using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hornet.Corpus;

[InlineArray(8)] public struct Eight { private int _first; }
[InlineArray(16)] public struct Name { private byte _first; }
public unsafe struct Fixed { public fixed byte Bytes[12]; public int After; }
[StructLayout(LayoutKind.Explicit)] public struct Union { [FieldOffset(0)] public ulong Whole; [FieldOffset(0)] public uint Low; [FieldOffset(4)] public uint High; [FieldOffset(7)] public byte Top; }
[StructLayout(LayoutKind.Sequential, Pack = 1)] public struct Packed { public byte A; public uint B; public ushort C; }
public ref struct Reader(ReadOnlySpan<byte> data) { private ReadOnlySpan<byte> _rest = data; public byte Next() { byte b = _rest[0]; _rest = _rest[1..]; return b; } public readonly int Left => _rest.Length; }

public static unsafe class Memory
{
    private static readonly int[] s_table = [3, 1, 4, 1, 5, 9, 2, 6];
    private static readonly Pair s_pair = new(11, 22);
    private const int Limit = 12;

    [Kernel] public static int Stackalloc(int a, int b) { Span<int> s = stackalloc int[4]; s[0] = a; s[1] = b; s[a & 3] += 7; return s[0] ^ s[1] + s[2] - s[3]; }
    [Kernel] public static int StackallocInit(int a, int b) { ReadOnlySpan<int> s = stackalloc int[] { 10, 20, 30, 40 }; return s[a & 3] + s[b & 1]; }
    [Kernel] public static int SpanOutOfRange(int a, int b) { Span<int> s = stackalloc int[4]; s[3] = b; return s[a]; }
    [Kernel] public static int SpanSlice(int a, int b) { Span<byte> s = stackalloc byte[16]; for (int i = 0; i < s.Length; i++) s[i] = (byte)(i * 3); var t = s.Slice(a & 7, 8); return t[b & 7] + t[^1] + t.Length; }
    [Kernel] public static int SpanSliceRange(int a, int b) { Span<byte> s = stackalloc byte[8]; s[5] = 42; return s[(a & 15)..].Length * 100 + s[5..][0] + b; }
    [Kernel] public static int SpanFill(byte a, int b) { Span<byte> s = stackalloc byte[24]; s.Fill(a); s.Slice(4, 4).Clear(); int sum = b; foreach (byte x in s) sum += x; return sum; }
    [Kernel] public static int SpanCopy(int a, int b) { Span<int> s = stackalloc int[] { a, b, 3, 4 }; Span<int> t = stackalloc int[6]; s.CopyTo(t[1..]); return t[0] + 2 * t[1] + 3 * t[2] + 5 * t[4]; }
    [Kernel] public static bool SpanEqual(int a, int b) { ReadOnlySpan<byte> s = [(byte)a, 2, 3, 4, 5]; ReadOnlySpan<byte> t = [7, 2, 3, 4, (byte)b]; return s.SequenceEqual(t); }
    [Kernel] public static bool Utf8Equal(int a, int b) { Span<byte> s = stackalloc byte[4]; s[0] = (byte)'G'; s[1] = (byte)a; s[2] = (byte)'T'; s[3] = (byte)b; return s.StartsWith("GET"u8); }
    [Kernel] public static int Utf8Index(int a, int b) { var text = "hello, kernel"u8; return text[a & 7] + text[b % 13 & 7] + text.Length; }
    [Kernel] public static int Utf8Loop(int a, int b) { int sum = a; foreach (byte c in "abc xyz"u8) sum = sum * 31 + c; return sum + b; }
    [Kernel] public static int ListPattern(int a, int b) { ReadOnlySpan<int> s = [a, b, 3]; return s switch { [1, ..] => 1, [_, 2, _] => 2, [.., 4] => 3, [var x, .. var rest] => x + rest.Length, _ => 5 }; }
    [Kernel] public static int StaticArray(int a, int b) => s_table[a & 7] * 10 + s_table[3] + s_table.Length + b;
    [Kernel] public static int StaticArrayOut(int a, int b) => s_table[a] + b;
    [Kernel] public static int StaticArrayLoop(int a, int b) { int sum = 0; foreach (int x in s_table) sum += x * a; return sum + b; }
    [Kernel] public static int StaticStruct(int a, int b) => s_pair.X * a + s_pair.Sum + b + Limit;
    [Kernel] public static int InlineArrays(int a, int b) { Eight e = default; e[0] = a; e[7] = b; e[a & 7] ^= 5; int sum = 0; foreach (int x in e) sum += x; return sum; }
    [Kernel] public static int InlineArraySpan(int a, int b) { Name n = default; Span<byte> s = n; s[3] = (byte)a; s[b & 15] += 2; return n[3] + n[b & 15]; }
    [Kernel] public static int FixedBuffer(int a, int b) { Fixed f = default; f.Bytes[2] = (byte)a; f.Bytes[b & 7]++; f.After = b; return f.Bytes[2] * 256 + f.Bytes[b & 7] + f.After; }
    [Kernel] public static uint Unions(ulong a, uint b) { Union u = default; u.Whole = a; u.High ^= b; return u.Low + u.High + u.Top; }
    [Kernel] public static uint PackedStruct(Packed a, uint b) { a.B += b; a.A = (byte)a.C; return a.A + a.B + a.C; }
    [Kernel] public static int Pointers(int a, int b) { int x = a; int* p = &x; *p += b; int** q = &p; **q -= 3; return x; }
    [Kernel] public static int PointerArithmetic(int a, int b) { int* p = stackalloc int[4]; p[0] = a; *(p + 1) = b; p[(a & 3)]++; int sum = 0; for (int i = 0; i < 4; i++) sum += *(p + i) * i; return sum; }
    [Kernel] public static int FixedStatement(int a, int b) { Span<byte> s = stackalloc byte[8]; fixed (byte* p = s) { *(int*)p = a; *(int*)(p + 4) = b; } return s[0] + s[5] * 256; }
    [Kernel] public static uint UnsafeAs(uint a, int b) { ulong v = a; Unsafe.As<ulong, uint>(ref v) = (uint)b; return (uint)v + Unsafe.Add(ref Unsafe.As<ulong, uint>(ref v), 1); }
    [Kernel] public static int UnsafeAdd(int a, int b) { Eight e = default; ref int f = ref e[0]; Unsafe.Add(ref f, 3) = a; return e[3] + Unsafe.SizeOf<Eight>() + b; }
    [Kernel] public static long BitCast(ulong a, int b) => Unsafe.BitCast<ulong, long>(a) + (uint)Unsafe.BitCast<int, uint>(b);
    [Kernel] public static uint MarshalRead(ulong a, int b) { Span<byte> s = stackalloc byte[8]; MemoryMarshal.Write(s, in a); return MemoryMarshal.Read<uint>(s[4..]) + (uint)b; }
    [Kernel] public static int MarshalReadShort(ulong a, int b) { Span<byte> s = stackalloc byte[8]; MemoryMarshal.Write(s, in a); return MemoryMarshal.Read<int>(s.Slice(b & 7)); }
    [Kernel] public static int MarshalCast(ulong a, int b) { Span<ulong> s = stackalloc ulong[2]; s[0] = a; s[1] = (ulong)b; var u = MemoryMarshal.Cast<ulong, ushort>(s); return u[1] + u[b & 7] + u.Length; }
    [Kernel] public static int MarshalAsBytes(int a, int b) { Span<int> s = stackalloc int[2]; s[0] = a; s[1] = b; var u = MemoryMarshal.AsBytes(s); return u[0] + u[7] * 3; }
    [Kernel] public static uint Endian(uint a, ushort b) => BinaryPrimitives.ReverseEndianness(a) + BinaryPrimitives.ReverseEndianness(b);
    [Kernel] public static long EndianSigned(short a, long b) => BinaryPrimitives.ReverseEndianness(a) + BinaryPrimitives.ReverseEndianness(b);
    [Kernel] public static ulong EndianSpan(ulong a, uint b) { Span<byte> s = stackalloc byte[12]; BinaryPrimitives.WriteUInt64BigEndian(s, a); BinaryPrimitives.WriteUInt32LittleEndian(s[8..], b); return BinaryPrimitives.ReadUInt64LittleEndian(s[4..]) + BinaryPrimitives.ReadUInt16BigEndian(s); }
    [Kernel] public static int PopCount(uint a, ulong b) => BitOperations.PopCount(a) * 100 + BitOperations.PopCount(b);
    [Kernel] public static int LeadingZeros(uint a, ulong b) => BitOperations.LeadingZeroCount(a) * 100 + BitOperations.LeadingZeroCount(b);
    [Kernel] public static int TrailingZeros(int a, ulong b) => BitOperations.TrailingZeroCount(a) * 100 + BitOperations.TrailingZeroCount(b);
    [Kernel] public static int Logs(uint a, ulong b) => BitOperations.Log2(a) * 100 + BitOperations.Log2(b);
    [Kernel] public static ulong Rotations(uint a, ulong b) => BitOperations.RotateLeft(a, 5) + BitOperations.RotateRight(b, (int)a);
    [Kernel] public static bool Powers(int a, ulong b) => BitOperations.IsPow2(a) || BitOperations.IsPow2(b);
    [Kernel] public static int PrimitiveStatics(int a, byte b) => int.PopCount(a) + byte.LeadingZeroCount(b) + int.Max(a, b) - int.Sign(a);
    [Kernel] public static int MinMax(int a, int b) => Math.Min(a, b) * 3 - Math.Max(a, b);
    [Kernel] public static ulong MinMaxUnsigned(uint a, ulong b) => Math.Min(a, b) + Math.Max(a, b) / 3;
    [Kernel] public static int ClampAbs(int a, int b) => Math.Clamp(a, -50, 50) + Math.Abs(b >> 1) + Math.Sign(a);
    [Kernel] public static int AbsMin(int a, int b) => Math.Abs(a) - b;
    [Kernel] public static int InterlockedLocal(int a, int b) { int x = a; int y = Interlocked.Add(ref x, b); Interlocked.Increment(ref x); int z = Interlocked.Exchange(ref x, 5); return x + y * 3 + z; }
    [Kernel] public static int CompareExchangeLocal(int a, int b) { int x = a; int old = Interlocked.CompareExchange(ref x, 99, b); return x + old * 3; }
    [Kernel] public static long VolatileLocal(long a, int b) { long x = a; Volatile.Write(ref x, Volatile.Read(ref x) + b); return x; }
    [Kernel] public static int RefStruct(uint a, uint b) { Span<byte> s = stackalloc byte[8]; MemoryMarshal.Write(s, in a); MemoryMarshal.Write(s[4..], in b); Reader r = new(s); int sum = r.Next(); sum += r.Next() * 3; sum += r.Next(); return sum + r.Left * 1000; }
    [Kernel] public static int RefStructLoop(uint a, uint b) { Span<byte> s = stackalloc byte[4]; MemoryMarshal.Write(s, in a); Reader r = new(s); int sum = 0; while (r.Left > 0) sum = sum * 5 + r.Next(); return sum + (int)b; }
    [Kernel] public static Eight BigResult(int a, int b) { Eight e = default; for (int i = 0; i < 8; i++) e[i] = a + i * b; return e; }
    [Kernel] public static int BigParameter(Eight a, int b) => Sum(a) + Change(a, b) + a[2];
    [Kernel] public static ulong DefaultSpan(ulong a, int b) { ReadOnlySpan<byte> s = default; return (ulong)s.Length + (s.IsEmpty ? a : 0) + (uint)b; }

    [Kernel] public static int SpanRestIndex(int a, int b) { Span<int> s = stackalloc int[8]; for (int i = 0; i < 8; i++) s[i] = i * i; return s[(a & 7)..][b & 7] + 1; }
    [Kernel] public static int SpanRestWrite(int a, int b) { Span<byte> s = stackalloc byte[16]; BinaryPrimitives.WriteInt32BigEndian(s[(a & 15)..], b); int sum = 0; foreach (byte x in s) sum = sum * 3 + x; return sum; }
    [Kernel] public static bool TryReads(int a, int b) { Span<byte> s = stackalloc byte[10]; s.Fill((byte)b); return MemoryMarshal.TryRead(s[(a & 15)..], out uint v) && v == 0x01010101u * (byte)b; }
    [Kernel] public static bool TryCopies(int a, int b) { Span<byte> s = stackalloc byte[8]; Span<byte> t = stackalloc byte[4]; return s[..(a & 7)].TryCopyTo(t); }
    [Kernel] public static int SpanParts(int a, int b) { Span<byte> s = stackalloc byte[20]; s[9] = 5; var t = s.Slice(a & 15, 6); t[2] = 7; return t[b & 7] + s[9]; }

    private static int Sum(Eight e) { int sum = 0; for (int i = 0; i < 8; i++) sum += e[i]; return sum; }
    private static int Change(Eight e, int b) { e[2] = b; return e[2] * 2; }
}
