using System.Numerics;
using System.Runtime.InteropServices;

namespace Hornet.IL.Library;

/// <summary>Of <see cref="Math"/> what the bit intrinsics do not have.</summary>
[Substitutes(typeof(Math))]
internal static class MathBodies
{
    public static (sbyte Quotient, sbyte Remainder) DivRem(sbyte left, sbyte right) => ((sbyte)(left / right), (sbyte)(left % right));

    public static (byte Quotient, byte Remainder) DivRem(byte left, byte right) => ((byte)(left / right), (byte)(left % right));

    public static (short Quotient, short Remainder) DivRem(short left, short right) => ((short)(left / right), (short)(left % right));

    public static (ushort Quotient, ushort Remainder) DivRem(ushort left, ushort right) => ((ushort)(left / right), (ushort)(left % right));

    public static (int Quotient, int Remainder) DivRem(int left, int right) => (left / right, left % right);

    public static (uint Quotient, uint Remainder) DivRem(uint left, uint right) => (left / right, left % right);

    public static (long Quotient, long Remainder) DivRem(long left, long right) => (left / right, left % right);

    public static (ulong Quotient, ulong Remainder) DivRem(ulong left, ulong right) => (left / right, left % right);

    public static (nint Quotient, nint Remainder) DivRem(nint left, nint right) => (left / right, left % right);

    public static (nuint Quotient, nuint Remainder) DivRem(nuint left, nuint right) => (left / right, left % right);

    public static int DivRem(int a, int b, out int result)
    {
        result = a % b;
        return a / b;
    }

    public static long DivRem(long a, long b, out long result)
    {
        result = a % b;
        return a / b;
    }

    public static long BigMul(int a, int b) => (long)a * b;

    public static ulong BigMul(uint a, uint b) => (ulong)a * b;

    public static ulong BigMul(ulong a, ulong b, out ulong low)
    {
        ulong al = (uint)a, ah = a >> 32, bl = (uint)b, bh = b >> 32;
        ulong middle = (ah * bl) + (al * bl >> 32);
        ulong cross = (al * bh) + (uint)middle;
        low = a * b;
        return (ah * bh) + (middle >> 32) + (cross >> 32);
    }

    public static long BigMul(long a, long b, out long low)
    {
        ulong high = BigMul((ulong)a, (ulong)b, out ulong lowest);
        low = (long)lowest;
        return (long)high - ((a >> 63) & b) - ((b >> 63) & a);
    }
}

/// <summary>Static methods that all integer types have.</summary>
[Substitutes(typeof(INumber<>))]
internal static class IntegerBodies
{
    public static (T Quotient, T Remainder) DivRem<T>(T left, T right) where T : IBinaryInteger<T>
    {
        var quotient = left / right;
        return (quotient, left - (quotient * right));
    }

    public static T CopySign<T>(T value, T sign) where T : IBinaryInteger<T>
    {
        if (T.IsNegative(value) == T.IsNegative(sign)) return value;
        // The least number has no positive counterpart.
        return T.IsNegative(value) ? checked(T.Zero - value) : T.Zero - value;
    }

    public static T MaxMagnitude<T>(T x, T y) where T : IBinaryInteger<T>
    {
        T left = T.IsNegative(x) ? T.Zero - x : x, right = T.IsNegative(y) ? T.Zero - y : y;
        if (T.IsNegative(left)) return x;
        if (T.IsNegative(right)) return y;
        return left > right ? x : left == right ? T.IsNegative(x) ? y : x : y;
    }

    public static T MinMagnitude<T>(T x, T y) where T : IBinaryInteger<T>
    {
        T left = T.IsNegative(x) ? T.Zero - x : x, right = T.IsNegative(y) ? T.Zero - y : y;
        if (T.IsNegative(left)) return y;
        if (T.IsNegative(right)) return x;
        return left < right ? x : left == right ? T.IsNegative(x) ? x : y : y;
    }
}

/// <summary>Of <see cref="BitOperations"/> what the bit intrinsics do not have.</summary>
[Substitutes(typeof(BitOperations))]
internal static class BitBodies
{
    public static uint RoundUpToPowerOf2(uint value)
    {
        value--;
        value |= value >> 1;
        value |= value >> 2;
        value |= value >> 4;
        value |= value >> 8;
        value |= value >> 16;
        return value + 1;
    }

    public static ulong RoundUpToPowerOf2(ulong value)
    {
        value--;
        value |= value >> 1;
        value |= value >> 2;
        value |= value >> 4;
        value |= value >> 8;
        value |= value >> 16;
        value |= value >> 32;
        return value + 1;
    }
}

/// <summary>Of <see cref="BitConverter"/> what works on spans.</summary>
[Substitutes(typeof(BitConverter))]
internal static class BitConverterBodies
{
    public static short ToInt16(ReadOnlySpan<byte> value) => MemoryMarshal.Read<short>(value);

    public static ushort ToUInt16(ReadOnlySpan<byte> value) => MemoryMarshal.Read<ushort>(value);

    public static int ToInt32(ReadOnlySpan<byte> value) => MemoryMarshal.Read<int>(value);

    public static uint ToUInt32(ReadOnlySpan<byte> value) => MemoryMarshal.Read<uint>(value);

    public static long ToInt64(ReadOnlySpan<byte> value) => MemoryMarshal.Read<long>(value);

    public static ulong ToUInt64(ReadOnlySpan<byte> value) => MemoryMarshal.Read<ulong>(value);

    public static bool TryWriteBytes(Span<byte> destination, short value) => MemoryMarshal.TryWrite(destination, in value);

    public static bool TryWriteBytes(Span<byte> destination, ushort value) => MemoryMarshal.TryWrite(destination, in value);

    public static bool TryWriteBytes(Span<byte> destination, int value) => MemoryMarshal.TryWrite(destination, in value);

    public static bool TryWriteBytes(Span<byte> destination, uint value) => MemoryMarshal.TryWrite(destination, in value);

    public static bool TryWriteBytes(Span<byte> destination, long value) => MemoryMarshal.TryWrite(destination, in value);

    public static bool TryWriteBytes(Span<byte> destination, ulong value) => MemoryMarshal.TryWrite(destination, in value);
}
