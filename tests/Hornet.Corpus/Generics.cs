using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hornet.Corpus;

public interface IScale<TSelf> where TSelf : IScale<TSelf> { static abstract int Factor { get; } static virtual int Twice(int v) => v * 2; int Apply(int v); int Defaulted(int v) => v + 1; }
public readonly struct ByThree : IScale<ByThree> { public static int Factor => 3; public int Apply(int v) => v * Factor; }
public readonly struct ByN(int n) : IScale<ByN> { public static int Factor => 7; public static int Twice(int v) => v + v + 1; public int Apply(int v) => v * n; }
public struct Box<T> where T : unmanaged { public T Value; public readonly Box<U> Map<U>(U other) where U : unmanaged => new() { Value = other }; }
public static class Extensions
{
    extension(Pair pair) { public int Difference => pair.X - pair.Y; public int Times(int n) => pair.X * n; }
    public static int Half(this int v) => v / 2;
    public static void Grow(this ref Pair pair, int by) => pair.X += by;
}
public class Config { public int Limit { get; init; } = 40; public readonly Pair Pair = new(5, 6); public int Scale(int v) => v * Limit; public string Name = "config"; public virtual int Offset => 3; }

public sealed class Derived : Config { public override int Offset => 9; }

public static class Generics
{
    private static readonly Config s_config = new Derived { Limit = 17 };
    private static readonly Func<int, int> s_triple = static v => v * 3;

    [Kernel] public static int StaticAbstract(int a, int b) => Scale<ByThree>(a) + Scale<ByN>(b);
    [Kernel] public static int Constrained(int a, int b) => Call(new ByThree(), a) + Call(new ByN(b), a);
    [Kernel] public static int GenericMath(int a, int b) => Add(a, b) + (int)Add((long)a, 3L);
    [Kernel] public static long GenericMathLong(long a, long b) => Poly(a) - Poly(b);
    [Kernel] public static uint GenericMathUInt(uint a, uint b) => Poly(a) ^ Max(a, b);
    [Kernel] public static int GenericEquals(int a, int b) => (Same(a, b) ? 1 : 0) + (Same((byte)a, (byte)b) ? 2 : 0) + (Same(new Point(a, 1), new Point(b, 1)) ? 4 : 0);
    [Kernel] public static int TypeTests(int a, int b) => Kind(a) * 10 + Kind((long)b) + Kind((byte)1);
    [Kernel] public static int TypePatterns(int a, long b) => Match(a) + Match(b);
    [Kernel] public static int GenericStruct(int a, byte b) { var x = new Box<int> { Value = a }; return x.Value + x.Map(b).Value; }
    [Kernel] public static int SizeOf(int a, int b) => Unsafe.SizeOf<Point>() + a + Size<long>() * b;
    [Kernel] public static int ExtensionMembers(int a, int b) => new Pair(a, b).Difference + new Pair(a, b).Times(3) + a.Half();
    [Kernel] public static int ExtensionByRef(int a, int b) { Pair p = new(a, b); p.Grow(b); return p.X; }
    [Kernel] public static int LocalFunctions(int a, int b) { int offset = b; return Inner(a) + Twice(b); int Inner(int v) => v + offset; static int Twice(int v) => v * 2; }
    [Kernel] public static int LocalFunctionWrites(int a, int b) { int total = 0; Accumulate(a); Accumulate(b); return total; void Accumulate(int v) { total = total * 3 + v; } }
    [Kernel] public static int Lambdas(int a, int b) { Func<int, int> f = v => v * b; Func<int, int> g = static v => v + 1; return f(a) + g(b); }
    [Kernel] public static int LambdaWrites(int a, int b) { int sum = 0; Action<int> add = v => sum += v; add(a); add(b); add(3); return sum; }
    [Kernel] public static int LambdaInLoop(int a, int b) { int sum = 0; for (int i = 0; i < 4; i++) { Func<int, int> f = v => v * i + a; sum += f(b); } return sum; }
    [Kernel] public static int HigherOrder(int a, int b) => Apply(v => v + b, a) + Apply(static v => v * v, b) + Apply(Extensions.Half, a);
    [Kernel] public static int StaticDelegate(int a, int b) => s_triple(a) + b;
    [Kernel] public static int CapturedObject(int a, int b) => s_config.Scale(a) + s_config.Pair.X * b + s_config.Name.Length + s_config.Offset;
    [Kernel] public static int DeadBranch(int a, int b) { if (s_config.Limit > 100) throw new InvalidOperationException(); return a + b; }
    [Kernel] public static int ManyArguments(int a, int b) => Seven(a, b, 3, 4, a, b, 7);
    [Kernel] public static int DefaultArguments(int a, int b) => Optional(a) + Optional(b, 5) + Optional(y: a, x: b);
    [Kernel] public static int ParamsSpan(int a, int b) => Total(a, b, 3) + Total();
    [Kernel] public static int EarlyReturns(int a, int b) { if (a < 0) return -1; for (int i = 0; i < 5; i++) { if (b == i) return i * a; if (a == i) return b; } return a; }
    [Kernel] public static int UsingStruct(int a, int b) { int log = b; { using Scope s = new(a); log += s.Value; if (a > 5) return log + s.Value; } return log; }
    [Kernel] public static int Enumerator(int a, int b) { int sum = b; foreach (int i in new Range(a & 7)) sum += i * i; return sum; }
    [Kernel] public static int SwitchThrows(int a, int b) => (a & 3) switch { 0 => b, 1 => b + 1, 2 => b * 2 };
    [Kernel] public static bool EqualsMethods(int a, int b) => a.Equals(b) || a.CompareTo(b) > 0;
    [Kernel] public static int NestedCalls(int a, int b) => Outer(Outer(a, b), Outer(b, a));

    private readonly ref struct Scope(int value) { public int Value => value + 1; public void Dispose() { } }
    private struct Range(int count) { public readonly Range GetEnumerator() => this; private int _at = -1; public int Current => _at; public bool MoveNext() => ++_at < count && _at < 8; }
    private static int Scale<T>(int v) where T : IScale<T> => T.Twice(v) * T.Factor;
    private static int Call<T>(T scale, int v) where T : IScale<T> => scale.Apply(v) + scale.Defaulted(v);
    private static T Add<T>(T a, T b) where T : INumber<T> => a + b;
    private static T Poly<T>(T x) where T : IBinaryInteger<T> => x * x + (x << 2) - T.One + (x & T.CreateTruncating(255));
    private static T Max<T>(T a, T b) where T : IComparisonOperators<T, T, bool> => a > b ? a : b;
    private static bool Same<T>(T a, T b) => EqualityComparer<T>.Default.Equals(a, b);
    private static int Kind<T>(T v) => typeof(T) == typeof(int) ? 1 : typeof(T) == typeof(long) ? 2 : 3;
    private static int Match<T>(T v) where T : unmanaged => v is int i ? i + 1 : v is long l ? (int)l : 0;
    private static int Size<T>() => Unsafe.SizeOf<T>();
    private static int Apply(Func<int, int> f, int v) => f(f(v));
    private static int Seven(int a, int b, int c, int d, int e, int f, int g) => a - b + c * d - e * f + g;
    private static int Optional(int x, int y = 10) => x * 2 - y;
    private static int Total(params ReadOnlySpan<int> values) { int sum = 0; foreach (int v in values) sum += v; return sum; }
    private static int Outer(int a, int b) { int r = Middle(a); if (r > b) r -= b; return r; }
    private static int Middle(int a) { int r = 0; for (int i = 0; i < 3; i++) r += a >> i; return r; }
}
