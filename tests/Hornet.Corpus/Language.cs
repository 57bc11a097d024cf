namespace Hornet.Corpus;

/// <summary>Newer C#, and searching in spans.</summary>
public static class Language
{
    [Kernel]
    public static int IndexOfElement(int a, int b)
    {
        Span<int> numbers = stackalloc int[6];
        for (int i = 0; i < 6; i++) numbers[i] = a + i;
        return numbers.IndexOf(b) * 100 + numbers.LastIndexOf(a + (b & 7)) * 10 + (numbers.Contains(b & 15) ? 1 : 0);
    }

    [Kernel]
    public static int IndexOfText(byte a, byte b)
    {
        Span<byte> text = stackalloc byte[12];
        "GET /x HTTP/"u8.CopyTo(text);
        text[4] = a;
        text[5] = b;
        ReadOnlySpan<byte> view = text;
        return view.IndexOf((byte)' ') + 16 * view.IndexOf("HTTP"u8) + 256 * view.IndexOfAny((byte)'/', (byte)'H') + (view.EndsWith("TP/"u8) ? 1 << 16 : 0) + (view.IndexOf("none"u8) << 20);
    }

    [Kernel]
    public static int IndexOfNarrow(short a, short b)
    {
        ReadOnlySpan<short> numbers = [a, -1, b, 7, (short)(a + 1)];
        return numbers.IndexOf(b) + 10 * numbers.IndexOfAnyExcept(a) + 100 * numbers.Count((short)-1) + (numbers.ContainsAny((short)7, (short)8) ? 1000 : 0);
    }

    [Kernel]
    public static int IndexOfInSlice(int a, int b)
    {
        Span<int> numbers = stackalloc int[8];
        for (int i = 0; i < 8; i++) numbers[i] = i ^ (a & 7);
        return numbers[(b & 3)..].IndexOf(5);
    }

    [Kernel]
    public static int IndexValues(int a, int b)
    {
        Span<int> numbers = stackalloc int[6];
        for (int i = 0; i < 6; i++) numbers[i] = a + i * b;
        Index at = (b & 1) == 0 ? 2 : ^2;
        Range part = 1..at;
        var (start, length) = part.GetOffsetAndLength(6);
        return numbers[at] + start * 1000 + length * 100 + at.Value + (at.IsFromEnd ? 1 : 0) + numbers[1..^1].Length + (..).GetOffsetAndLength(b).Length;
    }

    [Kernel]
    public static int FromTheEnd(int a, int b)
    {
        Span<int> numbers = stackalloc int[5];
        for (int i = 0; i < 5; i++) numbers[i] = a * i + b;
        var middle = numbers[1..^1];
        Index last = ^1;
        return numbers[^1] - middle[last] + middle[0] + middle.Length + numbers[..2][1] - numbers[^2..][0];
    }

    [Kernel]
    public static int ListPatterns(byte a, byte b)
    {
        ReadOnlySpan<byte> bytes = [a, b, 3, 4];
        return bytes switch
        {
            [0, ..] => 1,
            [_, 1 or 2, .., 4] => 2,
            [> 100, var second, ..] when second < 50 => 3 + second,
            [.., 3, 4] when bytes is [.. var rest, _] && rest.Length == 3 => 4,
            _ => 5,
        };
    }

    [Kernel]
    public static int PropertyPatterns(int a, int b) => new Point(a, b) switch
    {
        { X: 0, Y: 0 } => 0,
        { X: > 0, Y: > 0 } p => p.X - p.Y,
        (var x, < 0) when x != b => x,
        _ => -1,
    };

    [Kernel]
    public static int RecordsWith(int a, int b)
    {
        Point first = new(a, b), second = first with { X = b };
        return (first == second ? 1 : 0) + second.X * 2 + (second with { Y = 3 }).Y + first.GetX();
    }

    [Kernel]
    public static int Extensions(int a, int b) => a.Doubled + b.Clamped(3, 9) + (a, b).Total;

    [Kernel]
    public static int FieldKeyword(int a, int b)
    {
        Limited limited = new() { Value = a };
        limited.Value += b & 0xff;
        return limited.Value;
    }

    [Kernel]
    public static long CheckedAndUnchecked(int a, int b) => checked((long)a * b) + unchecked((int)(a * 0x40000001L)) + checked((uint)(b & 0x7fffffff));

    [Kernel]
    public static int UserChecked(int a, int b) => checked(new Meters(a & 0xff) + new Meters(b & 0xff)).Value + unchecked(new Meters(a) + new Meters(b)).Value;

    [Kernel]
    public static int ForeachByReference(int a, int b)
    {
        Span<Point> points = stackalloc Point[3];
        foreach (ref var point in points) point = new Point(a, b);
        foreach (ref readonly var point in points) a += point.X - point.Y;
        points[1].X = 9;
        int sum = 0;
        foreach (var (x, y) in points) sum += x ^ y;
        return sum + a;
    }

    [Kernel]
    public static int PrimaryConstructors(int a, int b) => new Scaler(a & 15).Apply(b) + new Scaler(3).Twice(a);

    [Kernel]
    public static int ParamsSpan(int a, int b) => Sum(a, b, 3, a) - Sum() + Sum(b);

    [Kernel]
    public static int NullConditional(int a, int b)
    {
        int? x = (a & 1) == 0 ? a : null;
        int? y = x + b;
        x ??= 5;
        return x.Value * 2 + (y?.CompareTo(b) ?? -7) + (y is > 10 and < 1000 ? 1 : 0) + y.GetValueOrDefault(b & 3);
    }

    [Kernel]
    public static int UsingAndFinally(int a, int b)
    {
        int log = a;
        using (new Scope(ref log))
        {
            if (b > 5) return log + 1;
            log += 100;
        }
        return log;
    }

    [Kernel]
    public static int RefLocals(int a, int b)
    {
        int x = a, y = b;
        ref int larger = ref x;
        if (y > x) larger = ref y;
        larger++;
        ref readonly int same = ref larger;
        return x * 3 + y + same;
    }

    [Kernel]
    public static ulong SwitchExpressions(int a, ulong b) => (a & 7, b & 3) switch
    {
        (0, _) => b,
        (1 or 2, 0) => 1,
        (var x, var y) when (ulong)x == y => 2,
        ( >= 5, not 3) => 4,
        _ => ulong.MaxValue,
    };

    private static int Sum(params ReadOnlySpan<int> numbers)
    {
        int sum = 0;
        foreach (int number in numbers) sum += number;
        return sum;
    }

    private record struct Point(int X, int Y)
    {
        public readonly int GetX() => X;
    }

    private struct Limited
    {
        public int Value { readonly get; set => field = Math.Min(value, 1000); }
    }

    private readonly struct Meters(int value)
    {
        public int Value { get; } = value;

        public static Meters operator +(Meters a, Meters b) => new(unchecked(a.Value + b.Value));

        public static Meters operator checked +(Meters a, Meters b) => new(checked(a.Value + b.Value + 1));
    }

    private readonly struct Scaler(int factor)
    {
        public int Apply(int value) => value * factor;

        public int Twice(int value) => Apply(Apply(value));
    }

    private readonly ref struct Scope
    {
        private readonly ref int _log;

        public Scope(ref int log)
        {
            _log = ref log;
            _log *= 2;
        }

        public void Dispose() => _log -= 7;
    }
}

internal static class LanguageExtensions
{
    extension(int value)
    {
        public int Doubled => value * 2;

        public int Clamped(int least, int most) => value < least ? least : value > most ? most : value;
    }

    extension((int A, int B) pair)
    {
        public int Total => pair.A + pair.B;
    }
}
