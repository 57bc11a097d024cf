using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hornet.Corpus;

/// <summary>What a C# programmer writes without thinking.</summary>
public static class Idioms
{
    private static readonly Settings s_settings = new(80, 443) { Names = ["eth0", "lo"], Level = Level.High, Window = (1, 2) };
    private static readonly ushort[] s_ports = [80, 443, 8080, 8443];
    private static readonly (int From, int To)[] s_ranges = [(0, 9), (20, 29), (100, 199)];
    private static readonly Func<int, Func<int, int>> s_adder = static n => v => v + n;
    private static readonly int[][] s_jagged = [[1, 2], [3, 4, 5], []];
    private static readonly Level? s_level = Level.Low;
    private const string Text = "constant";

    private enum Level : sbyte { Low = -1, Middle, High = 7 }

    private enum Wide : ulong { None, Top = 1ul << 63, All = ulong.MaxValue }

    private sealed record Settings(int First, int Second)
    {
        public string[] Names { get; init; } = [];

        public Level Level { get; init; }

        public (int Low, int High) Window { get; init; }

        public Settings? Next { get; init; }

        public int Larger => Math.Max(First, Second);
    }

    [Kernel] public static bool StaticContains(ushort a, int b) => s_ports.AsSpan().Contains(a) || s_ports.AsSpan(1).IndexOf((ushort)b) >= 0;

    [Kernel]
    public static int TableOfTuples(int a, int b)
    {
        foreach (var (from, to) in s_ranges)
        {
            if (a >= from && a <= to) return to - a;
        }
        for (int i = 0; i < s_ranges.Length; i++)
        {
            if (s_ranges[i].From == b) return i;
        }
        return s_ranges[b & 1].To;
    }

    [Kernel] public static int RecordObject(int a, int b) => s_settings.Larger * a + s_settings.Window.High + (s_settings.Level == Level.High ? b : 0) + (s_settings.Next?.First ?? 3) + s_settings.Names[0].Length;

    [Kernel] public static int RecordPattern(int a, int b) => s_settings is { First: 80, Level: Level.High, Window: (1, var high) } ? a + high : b;

    [Kernel] public static int Curried(int a, int b) => s_adder(5)(a) + s_adder(7)(b);

    [Kernel] public static int CurriedHere(int a, int b) { Func<int, Func<int, int>> multiply = x => y => x * y; return multiply(a)(b) + multiply(3)(4); }

    [Kernel] public static int Jagged(int a, int b) { int sum = 0; foreach (int v in s_jagged[1]) sum += v * a; return sum + s_jagged[0][b & 1] + s_jagged[2].Length; }

    [Kernel] public static int NullableStatic(int a, int b) => s_level is Level.Low ? a : s_level.HasValue ? b : 0;

    [Kernel] public static int ConstantText(int a, int b) => Text.Length + Text[2] + a * (nameof(Idioms).Length + b);

    [Kernel] public static bool WideEnum(ulong a, ulong b) => (Wide)a == Wide.All || ((Wide)b & Wide.Top) != 0 || ((Wide)a).HasFlag(Wide.Top);

    [Kernel] public static int EnumConversions(sbyte a, long b) => (int)(Level)a + (sbyte)(Level)b + ((Level)a switch { Level.Low => 1, Level.Middle => 2, Level.High => 3, var other => (int)other * 2 }) + unchecked((byte)Level.Low);

    [Kernel] public static int EnumEqualsMethod(sbyte a, sbyte b) => (((Level)a).Equals((Level)b) ? 1 : 0) + (EqualityComparer<Level>.Default.Equals((Level)a, Level.High) ? 2 : 0);

    [Kernel] public static int EnumCompareTo(sbyte a, sbyte b) => Largest(a, b) + (Level.High > (Level)a ? 1 : 0);

    private static T Largest<T>(T a, T b) where T : IComparable<T> => a.CompareTo(b) >= 0 ? a : b;

    [Kernel] public static int Increments(int a, int b) { int i = a; int r = i++ + ++i - i-- * --i; r += b++ ^ ++b; return r; }

    [Kernel] public static int ArrayIncrements(int a, int b) { Span<int> s = stackalloc int[3]; int i = 0; s[i++] = a; s[i++] += b; s[i]--; return s[0]++ + --s[1] + s[2] + i + s[0]; }

    [Kernel] public static int AssignmentChain(int a, int b) { int x, y, z; x = y = z = a + b; x += y -= z *= 2; return x ^ y ^ z; }

    [Kernel] public static int ConditionalRef(int a, int b) { Span<int> s = [a, b, 1]; ref int least = ref s[0]; for (int i = 1; i < s.Length; i++) { if (s[i] < least) least = ref s[i]; } least = 100; return s[0] + s[1] * 3 + s[2] * 7; }

    [Kernel] public static int SwitchOnTuple(int a, bool b) => (a % 3, b) switch { (0, true) => 1, (0, false) => 2, ( > 0, _) => 3, (_, true) => 4, _ => 5 };

    [Kernel]
    public static int SwitchPatternStatement(long a, int b)
    {
        switch (a)
        {
            case < 0 when b > 0: return 1;
            case < 0: return 2;
            case 0: case 1: return 3;
            case > 10 and < 20: b++; goto case 0;
            case var x when (x & 1) == 0: return (int)x;
            default: return b;
        }
    }

    [Kernel] public static int CharRanges(char a, char b) => a switch { >= 'a' and <= 'z' => 1, >= 'A' and <= 'Z' => 2, >= '0' and <= '9' => 3, '_' or '-' => 4, _ => b is ' ' ? 5 : 6 };

    [Kernel] public static int CharLibrary(char a, char b) => (char.IsAsciiDigit(a) ? 1 : 0) + (char.IsAsciiLetter(b) ? 2 : 0) + (char.IsAsciiLetterOrDigit(a) ? 4 : 0) + (char.IsAsciiHexDigit(b) ? 8 : 0) + (char.IsBetween(a, 'c', 'x') ? 16 : 0);

    [Kernel] public static int DivRem(int a, int b) { var (q, r) = Math.DivRem(a, 10); int q2 = Math.DivRem(b, 7, out int r2); return q * 10 + r + q2 - r2; }

    [Kernel] public static ulong DivRemUnsigned(ulong a, uint b) { var (q, r) = Math.DivRem(a, 1000ul); (uint x, uint y) = uint.DivRem(b, 60); return q ^ r ^ x ^ y; }

    [Kernel] public static long BigMul(int a, int b) => Math.BigMul(a, b);

    [Kernel] public static ulong BigMulHigh(ulong a, ulong b) => Math.BigMul(a, b, out ulong low) ^ low;

    [Kernel] public static int IntegerStatics(int a, int b) => int.Min(a, b) + int.Clamp(a, -5, 5) + int.RotateLeft(a, 3) + int.TrailingZeroCount(b) + (int.IsNegative(a) ? 1 : 0) + (int.IsEvenInteger(b) ? 2 : 0) + (int.IsOddInteger(a) ? 4 : 0) + (int.IsPositive(b) ? 8 : 0) + int.CopySign(a >> 1, b) + int.MaxMagnitude(a >> 1, b >> 1);

    [Kernel] public static ulong UnsignedStatics(ulong a, uint b) => ulong.Max(a, b) + ulong.RotateRight(a, 9) + (ulong.IsPow2(a) ? 1u : 0) + ulong.Log2(a | 1) + ulong.LeadingZeroCount(a) + uint.PopCount(b);

    [Kernel] public static ulong RoundUp(uint a, ulong b) => BitOperations.RoundUpToPowerOf2(a) + BitOperations.RoundUpToPowerOf2(b >> 1);

    [Kernel] public static int SpanReverse(ulong a, int b) { Span<byte> s = stackalloc byte[8]; MemoryMarshal.Write(s, in a); s.Reverse(); return s[0] + s[3] * 256 + b; }

    [Kernel] public static int SpanTrim(ulong a, int b) { Span<byte> s = stackalloc byte[8]; MemoryMarshal.Write(s, in a); s[0] = s[7] = (byte)' '; ReadOnlySpan<byte> t = s; return t.TrimStart((byte)' ').Length * 10 + t.TrimEnd((byte)' ').Length + t.Trim((byte)' ').Length + b; }

    [Kernel] public static int SpanCompare(ulong a, ulong b) { Span<byte> s = stackalloc byte[8]; Span<byte> t = stackalloc byte[8]; MemoryMarshal.Write(s, in a); MemoryMarshal.Write(t, in b); if ((b & 1) == 0) s[..4].CopyTo(t); return Math.Sign(((ReadOnlySpan<byte>)s).SequenceCompareTo(t)) + 10 * s.CommonPrefixLength(t); }

    [Kernel] public static int SpanRanges(ulong a, int b) { Span<byte> s = stackalloc byte[8]; MemoryMarshal.Write(s, in a); ReadOnlySpan<byte> r = s; return r.IndexOfAnyInRange((byte)'0', (byte)'9') + 10 * r.IndexOfAnyExceptInRange((byte)'0', (byte)'9') + (r.ContainsAnyExceptInRange((byte)1, (byte)127) ? 100 : 0) + (r.ContainsAnyInRange((byte)1, (byte)12) ? 1000 : 0) + b; }

    [Kernel] public static int SpanReplace(ulong a, byte b) { Span<byte> s = stackalloc byte[8]; MemoryMarshal.Write(s, in a); s.Replace(b, (byte)9); int sum = 0; foreach (byte c in s) sum = sum * 3 + c; return sum; }

    [Kernel] public static bool SpanStartsWithElement(ulong a, byte b) { Span<byte> s = stackalloc byte[8]; MemoryMarshal.Write(s, in a); return s.StartsWith(b) || s.EndsWith((byte)7) || s[1..].StartsWith([(byte)(a >> 8), b]); }

    [Kernel] public static int LastIndexOfText(ulong a, byte b) { Span<byte> s = stackalloc byte[8]; MemoryMarshal.Write(s, in a); s[4] = s[1] = b; ReadOnlySpan<byte> r = s; return r.LastIndexOf([b]) + r.LastIndexOfAny(b, (byte)0) * 10 + r.LastIndexOfAnyExcept((byte)0) * 100; }

    [Kernel] public static bool TryWriteEndian(int a, int b) { Span<byte> s = stackalloc byte[8]; return System.Buffers.Binary.BinaryPrimitives.TryWriteInt32BigEndian(s[(b & 7)..], a) && s[b & 7] == (byte)(a >> 24); }

    [Kernel] public static long BitConverterMembers(ulong a, int b) { Span<byte> s = stackalloc byte[8]; BitConverter.TryWriteBytes(s, a); return BitConverter.ToInt32(s[2..]) + BitConverter.ToUInt16(s) + b + (BitConverter.IsLittleEndian ? 1 : 0); }

    [Kernel] public static bool EndianPredicate(int a, int b) => BitConverter.IsLittleEndian ? a < b : b < a;

    [Kernel] public static ulong UnsafeOffsets(ulong a, int b) { Span<ulong> s = [a, 2, 3]; ref ulong first = ref s[0]; ref ulong last = ref Unsafe.Add(ref first, 2); return (ulong)Unsafe.ByteOffset(ref first, ref last) + (Unsafe.IsAddressLessThan(ref first, ref last) ? 1u : 0) + Unsafe.ReadUnaligned<uint>(ref Unsafe.As<ulong, byte>(ref Unsafe.Subtract(ref last, 2))) + (uint)b; }

    [Kernel] public static unsafe int PointerDifference(int a, int b) { int* p = stackalloc int[8]; int* end = p + 8; int n = 0; for (int* q = p; q < end; q++) *q = n++ * a; return (int)(end - p) + p[b & 7] + (p == end ? 1 : 0) + (int)((byte*)end - (byte*)p); }

    [Kernel] public static unsafe int StructPointer(int a, int b) { Pair pair = new(a, b); Pair* p = &pair; p->X += 2; (*p).Y++; Bump(p); return pair.X * 3 + pair.Y; static void Bump(Pair* p) => p->X ^= p->Y; }

    [Kernel] public static unsafe int PointerCasts(ulong a, int b) { byte* p = (byte*)&a; *(ushort*)(p + 2) = (ushort)b; return p[2] + p[7] + *(int*)(p + 1) + sizeof(Pair); }

    [Kernel] public static unsafe int VoidPointer(int a, int b) { int value = a; void* p = &value; *(int*)p += b; nint address = 5; address += sizeof(int); return value + (int)address; }

    [Kernel] public static int Goto(int a, int b) { int i = 0; start: if (i >= 3) goto end; for (int j = 0; j < 4; j++) { if ((a >> (i * 4 + j) & 1) != 0) { i++; goto start; } b++; } i += 2; goto start; end: return b; }

    [Kernel] public static int LocalGeneric(int a, int b) { return Pick(a, b, a > b) + (int)Pick((long)a, 5L, b > 0); static T Pick<T>(T x, T y, bool first) => first ? x : y; }

    [Kernel] public static int Defaults(int a, int b) { Pair pair = default; (int, long) tuple = default; int? none = default; return pair.X + tuple.Item1 + (none ?? a) + default(Level) switch { Level.Middle => b, _ => 1 }; }

    [Kernel] public static int TernaryChains(int a, int b) => a < 0 ? b < 0 ? -1 : b == 0 ? 0 : 1 : a > 100 ? 2 : b > 100 ? 3 : a == b ? 4 : 5;

    [Kernel] public static bool BooleanOperators(int a, int b) { bool x = a > 0, y = b > 0; x &= y; y |= x; x ^= true; return x == y | !x & (a != b) ^ y; }

    [Kernel] public static int ShiftsOfSmall(byte a, sbyte b) => (a << 3) + (a >> 2) + (b << 1) + (b >> 1) + (b >>> 1) + (byte)(a << 7) + (sbyte)(b << 4);

    [Kernel] public static uint UnsignedMixed(uint a, int b) => a / 3 + (uint)(b / 3) + a % 7 + (uint)(b % 7) + (a >> 31) + (uint)(b >> 31) - (uint)-b;

    [Kernel] public static int CheckedBlock(int a, int b) { int sum = 0; checked { for (int i = 0; i < 4; i++) { sum += a; sum -= b; sum *= 2; } } return sum; }

    [Kernel] public static short CheckedNarrow(int a, int b) { checked { short s = (short)a; s += (short)b; s++; return s; } }

    [Kernel] public static ulong CheckedUnsigned(ulong a, uint b) => checked(a * b - (ulong)b);

    [Kernel] public static uint CheckedSigns(int a, int b) => checked((uint)a + (uint)b);

    [Kernel] public static nuint CheckedNative(nuint a, nint b) => checked(a + (nuint)b);

    [Kernel] public static int Discards(int a, int b) { _ = a + b; (_, int y) = (a, b); Split(a, out _, out int low); return y + low; static void Split(int v, out int high, out int low) { high = v >> 16; low = v & 0xffff; } }

    [Kernel] public static int OutVar(int a, int b) => TryHalf(a, out int half) && TryHalf(half, out int quarter) ? quarter : TryHalf(b, out var other) ? other : -1;

    private static bool TryHalf(int v, out int half) { half = v / 2; return (v & 1) == 0; }

    [Kernel] public static int RefArguments(int a, int b) { int x = a, y = b; Exchange(ref x, ref y); Exchange(ref x, ref x); return x * 3 + y; static void Exchange<T>(ref T left, ref T right) => (left, right) = (right, left); }

    [Kernel] public static int RefReadonlyParameter(Point a, int b) { Point other = new(b, 1); return Y(in a) + Y(in other); static int Y(ref readonly Point p) => p.X; }

    [Kernel] public static int ScopedSpan(int a, int b) { Span<int> s = [a, b]; return Sum(s) + Sum([1, 2, a]); static int Sum(scoped ReadOnlySpan<int> v) { int t = 0; foreach (int x in v) t += x; return t; } }

    [Kernel] public static int CollectionExpression(int a, int b) { ReadOnlySpan<int> one = [a]; Span<int> all = [one[0], b, a]; all[1]++; return all[0] + all[1] * 2 + all[^1] * 3; }

    [Kernel] public static int SpanOfStructs(int a, int b) { Span<Pair> s = stackalloc Pair[4]; for (int i = 0; i < s.Length; i++) s[i] = new(a + i, b - i); s[a & 3].X = 1; ref var last = ref s[^1]; last.Y *= 2; int sum = 0; foreach (ref readonly var p in s) sum += p.X ^ p.Y; return sum; }

    // 6.1 refuses to read a part of what was saved whole once a computed index has written there.
    [Kernel(MinKernel = "6.12")] public static int SpanOfTuples(int a, int b) { Span<(byte Key, int Value)> s = stackalloc (byte, int)[3]; s[0] = (1, a); s[1].Value = b; s[b & 1].Key++; int sum = 0; foreach (var (key, value) in s) sum += key * value; return sum; }

    [Kernel] public static bool SpanOfStructsEqual(int a, int b) { ReadOnlySpan<Point> s = [new(a, 1), new(b, 2)]; return s[0] == s[1] || s[0].Equals(new Point(b, 1)); }

    [Kernel] public static int AssertAndLog(int a, int b) { Debug.Assert(true, "always"); Log(a); return a + b; }

    [Conditional("NEVER")]
    private static void Log(int _) => throw new InvalidOperationException();

    [Kernel] public static int LambdaCapturesParameter(int a, int b) { int calls = 0; Func<int, bool> positive = v => { calls++; return v > a; }; return (positive(b) ? 10 : 20) + (positive(5) ? 1 : 2) + calls; }

    [Kernel] public static int LambdaReturnsTuple(int a, int b) { var split = (int v) => (High: v >> 16, Low: v & 0xffff); var (h, l) = split(a); return h * 3 + l + split(b).High; }

    [Kernel] public static int LambdaWithRef(int a, int b) { var bump = (ref int v) => v += b; int x = a; bump(ref x); bump(ref x); return x; }

    [Kernel] public static int LambdaDefaults(int a, int b) { var add = (int x, int y = 3) => x * y; return add(a) + add(b, 2); }

    [Kernel] public static int NestedLocals(int a, int b) { int total = 0; for (int i = 0; i < 3; i++) Outer(i); return total; void Outer(int v) { Inner(v + a); void Inner(int w) => total += w * b; } }

    [Kernel] public static int ThreeLoops(int a, int b) { int sum = 0; for (int i = 0; i < 3; i++) for (int j = 0; j < 3; j++) for (int k = 0; k < 3; k++) { if (j == (a & 3)) break; if (k == (b & 3)) continue; sum += i * 9 + j * 3 + k; } return sum; }

    [Kernel] public static int LoopTwoVariables(int a, int b) { int sum = 0; for (int i = 0, j = 10; i < j; i++, j -= 2) sum += a * i - b * j; return sum; }

    [Kernel] public static uint LoopByShift(uint a, int b) { uint r = 0; for (uint bit = 1u << 9; bit != 0; bit >>= 1) { if ((a & bit) != 0) r += bit >> (b & 3); } return r; }

    [Kernel] public static long LoopLong(long a, int b) { long sum = a; for (long i = 10; i > 0; --i) sum += i * b; return sum; }

    [Kernel] public static int LoopByte(byte a, int b) { int sum = 0; for (byte i = 250; i != 3; i++) sum += i ^ a; return sum + b; }

    [Kernel] public static int IteratePairs(ulong a, int b) { Span<byte> s = stackalloc byte[8]; MemoryMarshal.Write(s, in a); int pairs = 0; for (int i = 0; i + 1 < s.Length; i += 2) { if (s[i] > s[i + 1]) (s[i], s[i + 1]) = (s[i + 1], s[i]); else pairs++; } return pairs * 1000 + s[0] + b; }

    [Kernel] public static int ReadonlyStatic(int a, int b) => Tables.Primes[a & 7] + Tables.Names.Length * b + (int)Tables.Started;

    [Kernel] public static int SpanProperty(int a, int b) => Tables.Weights[a & 3] + Tables.Weights.Length * b;

    private static class Tables
    {
        public static readonly int[] Primes = [2, 3, 5, 7, 11, 13, 17, 19];
        public static readonly string Names = string.Join(',', "a", "b");
        public static readonly long Started = Primes.Length * 10;

        public static ReadOnlySpan<short> Weights => [100, -200, 300, -400];
    }
}
