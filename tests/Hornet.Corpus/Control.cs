namespace Hornet.Corpus;

public static class Control
{
    [Kernel] public static int IfElse(int a, int b) { if (a > b) return a; else if (a == b) return 7; return b; }
    [Kernel] public static uint Compare(uint a, uint b) => (a < b ? 1u : 0) | (a <= b ? 2u : 0) | (a > b ? 4u : 0) | (a >= b ? 8u : 0) | (a == b ? 16u : 0) | (a != b ? 32u : 0);
    [Kernel] public static int CompareSigned(long a, long b) => (a < b ? 1 : 0) | (a <= b ? 2 : 0) | (a > b ? 4 : 0) | (a >= b ? 8 : 0) | (a == b ? 16 : 0) | (a != b ? 32 : 0);
    [Kernel] public static bool CompareMixed(int a, uint b) => a < b;
    [Kernel] public static bool CompareLong(ulong a, uint b) => a >= b && a != 0;
    [Kernel] public static bool ShortCircuit(int a, int b) => a > 0 && b > 0 || a < -100 && !(b == 3);
    [Kernel] public static int Ternaries(int a, int b) => a > 0 ? b > 0 ? 1 : 2 : b < 0 ? 3 : 4;
    [Kernel] public static int SwitchDense(int a, int b) { switch (a & 7) { case 0: return b; case 1: return b + 1; case 2: case 3: return b * 2; case 5: return -b; default: return 99; } }
    [Kernel] public static int SwitchSparse(int a, int b) => a switch { 1 => b, 100 => b + 1, 10000 => b + 2, -5 => b + 3, int.MaxValue => 5, _ => a };
    [Kernel] public static int SwitchLong(long a, int b) { switch (a) { case 1000000000000: return 1; case 1000000000001: return 2; case 1000000000002: return b; case 1000000000003: return 4; case -1: return 5; } return 0; }
    [Kernel] public static int SwitchByte(byte a, int b) => a switch { >= 65 and <= 90 => a - 65 + b, >= 97 and <= 122 => a - 97, 0 => -1, _ => b };
    [Kernel] public static int SwitchWhen(int a, int b) => (a, b) switch { (0, _) => 1, (_, 0) => 2, var (x, y) when x == y => 3, ( > 0, < 0) => 4, _ => 5 };
    [Kernel] public static int SwitchGoto(int a, int b) { int r = 0; switch (a & 3) { case 0: r += 1; goto case 2; case 1: r += 10; break; case 2: r += 100; goto default; default: r += b; break; } return r; }
    [Kernel] public static int ForLoop(int a, int b) { int sum = 0; for (int i = 0; i < 10; i++) sum += a * i + b; return sum; }
    [Kernel] public static int ForBreak(int a, int b) { int i; for (i = 0; i < 20; i++) { if ((a >> i & 1) == 1) break; if ((b & 1 << i) != 0) continue; b++; } return i + b; }
    [Kernel] public static uint WhileLoop(uint a, uint b) { uint n = a & 31; uint r = 1; while (n > 0) { r = r * b + n; n--; } return r; }
    [Kernel] public static int DoWhile(int a, int b) { int i = 0; do { i += 3; a ^= b + i; } while (i < 12); return a; }
    [Kernel] public static int Nested(int a, int b) { int sum = 0; for (int i = 0; i < 4; i++) for (int j = i; j < 4; j++) { if (((a >> (i + j)) & 1) != 0) sum += b; else sum ^= i * j; } return sum; }
    [Kernel] public static int GotoLoop(int a, int b) { int i = 0; again: a += b; i++; if (i < 5) goto again; return a; }
    [Kernel] public static int LoopBound(int a, int b) { int n = a & 15; int r = b; for (int i = 0; i < n; i++) r = r * 31 + i; return r; }
    [Kernel] public static long Gcd(uint a, uint b) { uint x = a & 0xff, y = b & 0xff; for (int i = 0; i < 16 && y != 0; i++) { (x, y) = (y, x % y); } return x; }
    [Kernel] public static int Fibonacci(int a, int b) { int n = a & 31; int x = 0, y = 1; for (int i = 0; i < n; i++) (x, y) = (y, x + y); return x + b; }
    [Kernel] public static ulong Collatz(uint a, uint b) { ulong n = a & 0xfff | 1; ulong steps = b; for (int i = 0; i < 30; i++) { if (n == 1) break; n = (n & 1) == 0 ? n >> 1 : 3 * n + 1; steps++; } return steps; }
    [Kernel] public static int NullCoalesce(int a, int b) { int? x = a < 10 ? null : a; return x ?? b; }
    [Kernel] public static bool LogicalNot(bool a, int b) => !a == (b != 0);
    [Kernel] public static int CompoundAssign(int a, int b) { a += b; a -= 3; a *= 2; a |= 1; a &= b; a ^= 0x55; a <<= 2; a >>= 1; a++; --a; return a; }
    [Kernel] public static byte ByteCounter(byte a, byte b) { a += b; a++; b <<= 1; a ^= b; return a--; }
    [Kernel] public static int TryFinally(int a, int b) { int r = 0; try { if (a > 0) return a; r = b; } finally { r += 10; } return r; }
    [Kernel] public static int NestedFinally(int a, int b) { int r = 1; for (int i = 0; i < 3; i++) { try { try { if (i == (a & 3)) continue; if (i == (b & 3)) break; r *= 3; } finally { r += 5; } } finally { r ^= 1; } } return r; }
}
