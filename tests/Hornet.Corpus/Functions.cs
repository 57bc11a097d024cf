using System.Runtime.CompilerServices;

namespace Hornet.Corpus;

/// <summary>Methods that become functions of the program.</summary>
public static class Functions
{
    [Kernel]
    public static int CalledTwice(int a, int b) => Mix(a, b) - Mix(b, 3);

    [Kernel]
    public static long WideResult(long a, int b) => Wide(a, b) ^ Wide(b, (int)a);

    [Kernel]
    public static int FailsInside(int a, int b) => Divide(a, b & 3) + Divide(b, 7);

    [Kernel]
    public static int Nested(int a, int b) => Outer(a, b) + Mix(a, a);

    [Kernel]
    public static long StructByReference(long a, long b)
    {
        Big big = new() { A = a, B = b, C = 3 };
        Change(ref big, 5);
        Change(ref big, a);
        return big.A ^ big.B ^ big.C;
    }

    [Kernel]
    public static long StructByValue(long a, long b)
    {
        Big big = new() { A = a, B = b, C = 3 };
        long sum = Sum(big, 2) + Sum(big with { C = a }, 3);
        return sum + big.C;
    }

    [Kernel]
    public static long StructResult(long a, long b)
    {
        var made = Make(a, b);
        return made.A - Make(b, made.B).C;
    }

    [Kernel]
    public static int OutParameters(int a, int b)
    {
        Split(a, out int high, out int low);
        Split(b, out int other, out _);
        return high * 3 + low - other;
    }

    [Kernel]
    public static int InLoop(int a, int b)
    {
        int sum = a;
        for (int i = 0; i < 10; i++) sum = Mix(sum, i + b);
        return sum;
    }

    [Kernel]
    public static int SpanArgument(int a, int b)
    {
        Span<int> numbers = stackalloc int[8];
        for (int i = 0; i < 8; i++) numbers[i] = a + i * b;
        return Total(numbers) - Total(numbers.Slice(2, 3));
    }

    [Kernel]
    public static int ConstantArgument(int a, int b) => Buffer(a, 4) + Buffer(b, 8);

    [Kernel]
    public static int ReferenceResult(int a, int b)
    {
        int x = a, y = b;
        Larger(ref x, ref y) = 7;
        return x * 31 + y;
    }

    [Kernel]
    public static int InstanceMethod(int a, int b)
    {
        Counter counter = new() { Value = a };
        counter.Add(b);
        counter.Add(a);
        return counter.Value;
    }

    [Kernel]
    public static bool SmallResults(int a, int b) => IsOdd(a) != IsOdd(b) && Low(a) > Low(b);

    [Kernel]
    public static int CallsInCallback(int a, int b)
    {
        int sum = 0;
        Bpf.Loop(b & 7, i => sum = Mix(sum, i + a));
        return sum;
    }

    [Kernel]
    public static uint LargeAndCalledOften(uint a, uint b)
    {
        uint h = Large(a) ^ Large(b);
        h += Large(a ^ b);
        h ^= Large(h) + Large(a - b);
        return h ^ Large(b - a) ^ Large(h + 1) ^ Large(h + 2);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Mix(int x, int y) => (x * 31) ^ (y >> 2) ^ (x < y ? 1 : 2);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Wide(long x, int y) => (x * 77) - y;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Divide(int x, int y) => checked(x / y * 2);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Outer(int x, int y) => Mix(y, x) + Divide(x, 3 + (y & 1));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Change(ref Big big, long by)
    {
        big.A += by;
        big.C ^= big.A;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Sum(Big big, long times)
    {
        big.A *= times;
        return big.A + big.B + big.C;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Big Make(long a, long b) => new() { A = a, B = a * b, C = b };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Split(int value, out int high, out int low)
    {
        high = value >> 16;
        low = value & 0xffff;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Total(ReadOnlySpan<int> numbers)
    {
        int sum = 0;
        for (int i = 0; i < numbers.Length && i < 8; i++) sum += numbers[i];
        return sum;
    }

    // The size must be known, so there is a function for each.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Buffer(int value, int size)
    {
        Span<int> numbers = stackalloc int[size];
        numbers.Fill(value);
        return numbers[size - 1] + numbers.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ref int Larger(ref int x, ref int y) => ref x > y ? ref x : ref y;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsOdd(int x) => (x & 1) != 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static sbyte Low(int x) => (sbyte)x;

    // Large enough to become a function by itself.
    private static uint Large(uint x)
    {
        uint h = x;
        h ^= h << 13; h ^= h >> 17; h ^= h << 5; h *= 0x9E3779B1; h += x >> 3; h ^= h << 7; h ^= h >> 9; h *= 0x85EBCA6B;
        h ^= h << 11; h ^= h >> 19; h ^= h << 3; h *= 0xC2B2AE35; h += x >> 5; h ^= h << 6; h ^= h >> 8; h *= 0x27D4EB2F;
        h ^= h << 13; h ^= h >> 17; h ^= h << 5; h *= 0x9E3779B1; h += x >> 3; h ^= h << 7; h ^= h >> 9; h *= 0x85EBCA6B;
        h ^= h << 11; h ^= h >> 19; h ^= h << 3; h *= 0xC2B2AE35; h += x >> 5; h ^= h << 6; h ^= h >> 8; h *= 0x27D4EB2F;
        h ^= h << 13; h ^= h >> 17; h ^= h << 5; h *= 0x9E3779B1; h += x >> 3; h ^= h << 7; h ^= h >> 9; h *= 0x85EBCA6B;
        h ^= h << 11; h ^= h >> 19; h ^= h << 3; h *= 0xC2B2AE35; h += x >> 5; h ^= h << 6; h ^= h >> 8; h *= 0x27D4EB2F;
        h ^= h << 13; h ^= h >> 17; h ^= h << 5; h *= 0x9E3779B1; h += x >> 3; h ^= h << 7; h ^= h >> 9; h *= 0x85EBCA6B;
        h ^= h << 11; h ^= h >> 19; h ^= h << 3; h *= 0xC2B2AE35; h += x >> 5; h ^= h << 6; h ^= h >> 8; h *= 0x27D4EB2F;
        h ^= h << 13; h ^= h >> 17; h ^= h << 5; h *= 0x9E3779B1; h += x >> 3; h ^= h << 7; h ^= h >> 9; h *= 0x85EBCA6B;
        h ^= h << 11; h ^= h >> 19; h ^= h << 3; h *= 0xC2B2AE35; h += x >> 5; h ^= h << 6; h ^= h >> 8; h *= 0x27D4EB2F;
        return h;
    }

    private struct Big
    {
        public long A, B, C;
    }

    private struct Counter
    {
        public int Value;

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Add(int by) => Value = (Value << 1) + by;
    }
}
