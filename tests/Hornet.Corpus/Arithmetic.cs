namespace Hornet.Corpus;

public static class Arithmetic
{
    [Kernel] public static int AddInt(int a, int b) => a + b;
    [Kernel] public static uint AddUInt(uint a, uint b) => a + b;
    [Kernel] public static long AddLong(long a, long b) => a + b;
    [Kernel] public static ulong SubULong(ulong a, ulong b) => a - b;
    [Kernel] public static int MulInt(int a, int b) => a * b;
    [Kernel] public static long MulLong(long a, long b) => a * b;
    [Kernel] public static int DivInt(int a, int b) => a / b;
    [Kernel] public static uint DivUInt(uint a, uint b) => a / b;
    [Kernel] public static long DivLong(long a, long b) => a / b;
    [Kernel] public static ulong DivULong(ulong a, ulong b) => a / b;
    [Kernel] public static int RemInt(int a, int b) => a % b;
    [Kernel] public static uint RemUInt(uint a, uint b) => a % b;
    [Kernel] public static long RemLong(long a, long b) => a % b;
    [Kernel] public static ulong RemULong(ulong a, ulong b) => a % b;
    [Kernel] public static int DivConst(int a, int b) => (a / 7) + (b / -3) + (a / 8);
    [Kernel] public static int RemConst(int a, int b) => (a % 10) + (b % 16);
    [Kernel] public static int Bitwise(int a, int b) => (a & b) | (a ^ ~b);
    [Kernel] public static long BitwiseLong(long a, long b) => (a & ~b) ^ (a | b);
    [Kernel] public static int Negate(int a, int b) => -a + -b;
    [Kernel] public static long NegateLong(long a, long b) => -a - b;
    [Kernel] public static int ShiftLeft(int a, int b) => a << b;
    [Kernel] public static int ShiftRight(int a, int b) => a >> b;
    [Kernel] public static int ShiftRightUnsigned(int a, int b) => a >>> b;
    [Kernel] public static long ShiftLeftLong(long a, int b) => a << b;
    [Kernel] public static long ShiftRightLong(long a, int b) => a >> b;
    [Kernel] public static ulong ShiftRightULong(ulong a, int b) => a >> b;
    [Kernel] public static long ShiftConst(long a, uint b) => (a << 3) + (b >> 5) + (a >> 60);
    [Kernel] public static byte Bytes(byte a, byte b) => (byte)(a + b);
    [Kernel] public static sbyte SBytes(sbyte a, sbyte b) => (sbyte)(a * b);
    [Kernel] public static short Shorts(short a, short b) => (short)(a - b);
    [Kernel] public static ushort UShorts(ushort a, ushort b) => (ushort)(a * b);
    [Kernel] public static char Chars(char a, char b) => (char)(a + b + 'x');
    [Kernel] public static bool Bools(bool a, bool b) => (a & b) | (a ^ !b);
    [Kernel] public static long Mixed(int a, uint b) => a + (long)b;
    [Kernel] public static long SignExtend(sbyte a, short b) => ((long)a << 16) + b;
    [Kernel] public static ulong ZeroExtend(byte a, ushort b) => ((ulong)a << 16) + b;
    [Kernel] public static int Narrow(long a, ulong b) => (int)a ^ (int)b ^ (short)a ^ (byte)b ^ (sbyte)b ^ (ushort)a;
    [Kernel] public static nint NativeInts(nint a, nint b) => a + b;
    [Kernel] public static nuint NativeUInts(nuint a, int b) => a * 3 + (nuint)(uint)b;
}

public static class Checked
{
    [Kernel] public static int AddInt(int a, int b) => checked(a + b);
    [Kernel] public static uint AddUInt(uint a, uint b) => checked(a + b);
    [Kernel] public static long AddLong(long a, long b) => checked(a + b);
    [Kernel] public static ulong AddULong(ulong a, ulong b) => checked(a + b);
    [Kernel] public static int SubInt(int a, int b) => checked(a - b);
    [Kernel] public static uint SubUInt(uint a, uint b) => checked(a - b);
    [Kernel] public static long SubLong(long a, long b) => checked(a - b);
    [Kernel] public static ulong SubULong(ulong a, ulong b) => checked(a - b);
    [Kernel] public static int MulInt(int a, int b) => checked(a * b);
    [Kernel] public static uint MulUInt(uint a, uint b) => checked(a * b);
    [Kernel] public static long MulLong(long a, long b) => checked(a * b);
    [Kernel] public static ulong MulULong(ulong a, ulong b) => checked(a * b);
    [Kernel] public static byte ToByte(int a, int b) => checked((byte)(a & b));
    [Kernel] public static sbyte ToSByte(long a, long b) => checked((sbyte)(a | b));
    [Kernel] public static ushort ToUShort(uint a, uint b) => checked((ushort)(a & b));
    [Kernel] public static int ToInt(long a, long b) => checked((int)(a & b));
    [Kernel] public static uint ToUInt(long a, int b) => checked((uint)(a & b));
    [Kernel] public static long ToLong(ulong a, ulong b) => checked((long)(a & b));
    [Kernel] public static ulong ToULong(long a, int b) => checked((ulong)(a & b));
    [Kernel] public static int FromULong(ulong a, ulong b) => checked((int)(a & b));
    [Kernel] public static int Negate(int a, int b) => checked(-(a & b));
}
