namespace Hornet.Corpus;

/// <summary>Numbers at the ends of their types, which random ones hardly ever are.</summary>
public static class EdgeNumbers
{
    [Kernel] public static int DivideByMinusOne(int a, int b) => ((b & 1) == 0 ? int.MinValue + (a & 1) : a) / -1;
    [Kernel] public static long RemainderByMinusOne(long a, int b) => ((b & 1) == 0 ? long.MinValue + (a & 1) : a) % -1L;
    [Kernel] public static int DivideByOne(int a, int b) => ((b & 1) == 0 ? int.MinValue : a) / 1;
    [Kernel] public static long MultiplyToTheLeast(long a, int b) => checked(((b & 1) == 0 ? long.MinValue : long.MinValue / 2) * ((b & 2) == 0 ? 1 : 2)) + (a & 1);
    [Kernel] public static long MultiplyToTheMost(long a, int b) => checked(((b & 1) == 0 ? long.MaxValue : long.MaxValue / 7) * ((b & 2) == 0 ? 1 : 7)) + (a & 0);
    [Kernel] public static int PopCountOfShort(int a, int b) => short.PopCount((short)(a | short.MinValue)) * 100 + sbyte.PopCount((sbyte)b);
    [Kernel] public static int TrailingZerosOfNothing(int a, int b) => short.TrailingZeroCount((short)(a << 16 | (b & 16))) * 100 + byte.TrailingZeroCount((byte)(b << 8));
    [Kernel] public static int LogarithmOfNothing(int a, int b) => int.Log2((a & 1) == 0 ? 0 : b & int.MaxValue);
    [Kernel] public static int LogarithmOfNegative(int a, int b) => int.Log2((a & 1) == 0 ? -1 : b) + 50;
    [Kernel] public static int ClampTheWrongWay(int a, int b) => Math.Clamp(a, b & 15, 8) + 1;
    [Kernel] public static int MagnitudeOfTheLeast(int a, int b) => Math.Abs((a & 1) == 0 ? short.MinValue : (short)b) + 1;
    [Kernel] public static int MagnitudeOfTheLeastByte(int a, int b) => Math.Abs((a & 1) == 0 ? sbyte.MinValue : (sbyte)b) + 1;
    [Kernel] public static int PowerOfTwo(int a, int b) => (int.IsPow2((a & 1) == 0 ? int.MinValue : 1 << (b & 31)) ? 1 : 0) + (uint.IsPow2(1u << (b & 31)) ? 2 : 0);
}
