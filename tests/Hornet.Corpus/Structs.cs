namespace Hornet.Corpus;

public struct Pair
{
    public int X;
    public int Y;
    public Pair(int x, int y) { X = x; Y = y; }
    public readonly int Sum => X + Y;
    public readonly long Product() => (long)X * Y;
    public void Add(int v) { X += v; Y -= v; }
    public static Pair operator +(Pair a, Pair b) => new(a.X + b.X, a.Y + b.Y);
    public static bool operator ==(Pair a, Pair b) => a.X == b.X && a.Y == b.Y;
    public static bool operator !=(Pair a, Pair b) => !(a == b);
    public override readonly bool Equals(object? o) => false;
    public override readonly int GetHashCode() => 0;
    public void operator +=(int v) => X += v;
}

public readonly record struct Point(int X, long Y);
public record struct Mutable(byte A, ushort B, ulong C);

[Flags] public enum Access : ushort { None = 0, Read = 1, Write = 2, Execute = 4, All = 7 }
public enum Small : sbyte { Minus = -1, Zero, One }

public struct Nested { public byte Tag; public Pair Pair; public long Tail; }

public static class Structs
{
    [Kernel] public static int Fields(int a, int b) { Pair p = new(a, b); p.X += 5; return p.X - p.Y; }
    [Kernel] public static int Properties(int a, int b) => new Pair(a, b).Sum;
    [Kernel] public static long Methods(int a, int b) { Pair p = new() { X = a, Y = b }; p.Add(7); return p.Product(); }
    [Kernel] public static int Operators(int a, int b) { var p = new Pair(a, b) + new Pair(b, a); return p.X ^ p.Y; }
    [Kernel] public static bool EqualityOperators(int a, int b) => new Pair(a, b) == new Pair(b, a) || new Pair(a, 1) != new Pair(a, 1);
    [Kernel] public static int CompoundOperator(int a, int b) { Pair p = new(a, b); p += 3; p += b; return p.X; }
    [Kernel] public static Pair ReturnsStruct(int a, int b) => new(b, a);
    [Kernel] public static int TakesStruct(Pair a, Pair b) => a.Sum * 3 + b.X;
    [Kernel] public static long Records(int a, long b) { Point p = new(a, b); var q = p with { X = 4 }; return q.X + q.Y + p.X; }
    [Kernel] public static bool RecordEquality(Point a, Point b) => a == b || a.Equals(new Point(1, 2));
    [Kernel] public static Mutable RecordMutable(Mutable a, int b) { a.B += (ushort)b; a.A++; a.C ^= a.B; return a; }
    [Kernel] public static long Deconstruct(Point a, int b) { var (x, y) = a; return x * 2 + y + b; }
    [Kernel] public static long Tuples(int a, long b) { var t = (First: a, Second: b); t.First++; (long x, int y) = (t.Second, t.First); return x - y; }
    [Kernel] public static bool TupleEquality(int a, int b) => (a, b) == (b, a) || (a, 3) == (4, b);
    [Kernel] public static (int, byte) TupleResult(int a, byte b) => (b, (byte)a);
    [Kernel] public static int Swap(int a, int b) { (a, b) = (b, a); return a - 2 * b; }
    [Kernel] public static bool HasFlag(Access a, Access b) => a.HasFlag(Access.Write) && (b & Access.Read) != 0;
    [Kernel] public static Access FlagArithmetic(Access a, Access b) => (a | Access.Execute) & ~b;
    [Kernel] public static int EnumSwitch(Small a, Small b) => a switch { Small.Minus => -10, Small.Zero => (int)b, Small.One => 10, _ => 0 };
    [Kernel] public static bool EnumCompare(Small a, Small b) => a > b || a == Small.One;
    [Kernel] public static long NestedStruct(Nested a, int b) { a.Pair.Add(b); a.Tag ^= 3; return a.Pair.X + a.Tail + a.Tag; }
    [Kernel] public static int CopySemantics(int a, int b) { Pair p = new(a, b), q = p; q.X = 9; return p.X + q.X; }
    [Kernel] public static int RefParameter(int a, int b) { Bump(ref a, b); Bump(ref b, a); return a + b; }
    [Kernel] public static int OutParameter(int a, int b) { Split(a, out int high, out int low); return high * b + low; }
    [Kernel] public static int InParameter(Pair a, int b) => Read(in a) + b;
    [Kernel] public static int RefLocal(int a, int b) { Pair p = new(a, b); ref int r = ref p.Y; r += 3; r *= 2; return p.Y; }
    [Kernel] public static int RefTernary(int a, int b) { int x = a, y = b; ref int r = ref (a > b ? ref x : ref y); r = 5; return x * 3 + y; }
    [Kernel] public static int RefReturn(int a, int b) { Pair p = new(a, b); Pick(ref p, a > 0) = 8; return p.X * 2 + p.Y; }
    [Kernel] public static int ReadonlyCopy(int a, int b) { Pair p = new(a, b); return Defensive(in p) + p.X; }
    [Kernel] public static int NullableResult(int a, int b) => Difference(a, b) ?? -7;
    [Kernel] public static int NullableOperators(int a, int b) { int? x = a > 0 ? a : null, y = b != 3 ? b : default(int?); return (x + y) ?? -1; }
    [Kernel] public static bool NullableCompare(int a, long b) { int? x = a >= 0 ? a : null; long? y = b; return x > y || x is 5 || x == null; }
    [Kernel] public static long NullableMembers(long a, int b) { long? x = (a & 1) == 0 ? a : null; return x.HasValue ? x.Value + b : x.GetValueOrDefault(b) + x.GetValueOrDefault(); }
    [Kernel] public static long NullableThrows(long a, int b) { long? x = a > 5 ? a : null; return x!.Value * b; }
    [Kernel] public static int NullablePattern(Pair a, int b) { Pair? p = b > 0 ? a : null; return p is { X: > 0, Y: var y } ? y : b; }
    [Kernel] public static int IsPattern(int a, int b) => a is > 10 and < 20 or 100 ? b : a is not 0 ? 1 : 2;
    [Kernel] public static int Default(int a, int b) { Pair p = default; p.X = a; return p.X + p.Y + default(int) + b; }

    private static int? Difference(int a, int b) => a > b ? a - b : null;
    private static void Bump(ref int value, int by) => value = value * 2 + by;
    private static void Split(int value, out int high, out int low) { high = value >> 16; low = value & 0xffff; }
    private static int Read(in Pair pair) => pair.X - pair.Sum;
    private static ref int Pick(ref Pair pair, bool first) { if (first) return ref pair.X; return ref pair.Y; }
    private static int Defensive(in Pair pair) { pair.Add(3); return pair.X; }
}
