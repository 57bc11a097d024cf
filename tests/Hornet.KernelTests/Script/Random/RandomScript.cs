using System.Globalization;
using System.Text;

namespace Hornet.KernelTests.Script.Random;

/// <summary>An integer type as the language's reference has it; its own, so that a fault of the binder's types is a difference.</summary>
internal readonly record struct Integer(int Bits, bool IsSigned)
{
    public static Integer I64 => new(64, true);
    public static Integer U64 => new(64, false);

    public string Name => (IsSigned ? "int" : "uint") + Bits.ToString(CultureInfo.InvariantCulture);

    /// <summary>The value of the lower bits, extended to 64.</summary>
    public long Cut(long value) => (Bits, IsSigned) switch
    {
        (8, true) => (sbyte)value,
        (8, false) => (byte)value,
        (16, true) => (short)value,
        (16, false) => (ushort)value,
        (32, true) => (int)value,
        (32, false) => (uint)value,
        _ => value,
    };

    /// <summary>The number that 64 bits stand for.</summary>
    public Int128 Of(long bits) => IsSigned ? bits : (ulong)bits;
}

/// <summary>How a statement ended.</summary>
internal enum Flow { Next, Break, Continue, Return }

/// <summary>What a script has while it is evaluated.</summary>
internal sealed class State
{
    public Dictionary<string, long> Numbers { get; private init; } = [];
    public Dictionary<string, string> Texts { get; private init; } = [];
    public Dictionary<long, long> ByNumber { get; private init; } = [];
    public Dictionary<(long, string), long> ByPair { get; private init; } = [];
    public List<long> Output { get; private init; } = [];
    public long Result { get; set; }

    /// <summary>What a function has: its parameters, and the script's maps.</summary>
    public State Inner(Dictionary<string, long> parameters) => new() { Numbers = parameters, Texts = [], ByNumber = ByNumber, ByPair = ByPair, Output = Output };
}

/// <summary>A number: how it is written, its type, what it is.</summary>
internal sealed record Expression(string Text, Integer Type, Func<State, long> Value)
{
    /// <summary>Written down as it is: its type gives way to the other operand's.</summary>
    public bool IsLiteral { get; init; }
}

internal sealed record Condition(string Text, Func<State, bool> Holds);

internal sealed record Statement(string Text, Func<State, Flow> Run);

/// <summary>
/// A random script, with what it must print by an evaluation that is made together with its text and knows nothing of syntax trees,
/// binding and lowering: the rules are those of docs/language.md.
/// </summary>
internal sealed partial class RandomScript
{
    private static readonly Integer[] s_types = [new(8, true), new(8, false), new(16, true), new(16, false), new(32, true), new(32, false), Integer.I64, Integer.U64];
    private static readonly string[] s_texts = ["", "a", "b", "ab", "abc", "abcdefg", "abcdefgh", "abcdefghi", "zzzzzzzzzzzzzzz", "abcdefghabcdefgh", "abcdefghabcdefgi"];

    private readonly System.Random _random;
    private readonly List<(string Name, Integer Type)> _numbers = [];
    private readonly List<string> _texts = [];
    private readonly List<(string Name, List<Integer> Parameters, Func<State, long[], long> Call, Integer Result)> _functions = [];
    private bool _inFunction;
    private int _loops, _names, _prints;

    public RandomScript(int seed)
    {
        _random = new System.Random(seed);
        StringBuilder text = new();
        for (int i = _random.Next(3); i > 0; i--) text.Append(Function());
        text.Append("begin {\n  $o = (uint64)nsecs >> 63;\n");
        List<Statement> statements = [];
        for (int i = 2 + _random.Next(3); i > 0; i--) statements.Add(Declare());
        for (int i = 1 + _random.Next(2); i > 0; i--) statements.Add(DeclareText());
        for (int i = 3 + _random.Next(10); i > 0; i--) statements.Add(Make(2));
        foreach (var (name, type) in _numbers.ToList()) statements.Add(Print(new Expression(name, type, s => s.Numbers[name])));
        foreach (var statement in statements) text.Append("  ").Append(statement.Text.Replace("\n", "\n  ", StringComparison.Ordinal)).Append('\n');
        Text = text.Append("}\n").ToString();
        State state = new();
        foreach (var statement in statements) statement.Run(state);
        Expected = state.Output;
    }

    public string Text { get; }

    /// <summary>The numbers it prints.</summary>
    public IReadOnlyList<long> Expected { get; }

    private bool Once(int of) => _random.Next(of) == 0;

    private T Pick<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    private Integer Type() => Pick(s_types);

    private string Name(string prefix) => $"{prefix}{_names++}";

    // ---- Numbers.

    private Expression Number(int depth)
    {
        if (depth <= 0) return Leaf();
        switch (_random.Next(11))
        {
            case 0: return Leaf();
            case 1: return Unary(Number(depth - 1));
            case 2 or 3 or 4: return Arithmetic(depth);
            case 5: return Cast(Number(depth - 1), Type());
            case 6:
                var condition = Condition(depth - 1);
                var type = Type();
                Expression yes = Cast(Number(depth - 1), type), no = Cast(Number(depth - 1), type);
                return new($"({condition.Text} ? {yes.Text} : {no.Text})", type, s => condition.Holds(s) ? yes.Value(s) : no.Value(s));
            case 7 when !_inFunction:
                var key = Cast(Number(depth - 1), Integer.I64);
                return new($"@n[{key.Text}]", Integer.I64, s => s.ByNumber.GetValueOrDefault(key.Value(s)));
            case 8 when !_inFunction && _texts.Count > 0:
                var (first, second) = (Cast(Number(depth - 1), Integer.I64), Pick(_texts));
                return new($"@p[{first.Text}, {second}]", Integer.I64, s => s.ByPair.GetValueOrDefault((first.Value(s), s.Texts[second])));
            case 9 when !_inFunction && _functions.Count > 0:
                var function = Pick(_functions);
                var arguments = function.Parameters.Select(p => Cast(Number(depth - 1), p)).ToArray();
                return new($"{function.Name}({string.Join(", ", arguments.Select(a => a.Text))})", function.Result, s => function.Call(s, [.. arguments.Select(a => a.Value(s))]));
            case 10 when _texts.Count > 0 && !_inFunction:
                string measured = Pick(_texts);
                return new($"(int64)strlen({measured})", Integer.I64, s => s.Texts[measured].Length);
            default: return Arithmetic(depth);
        }
    }

    private Expression Leaf()
    {
        if (_numbers.Count > 0 && !Once(3))
        {
            var (name, own) = Pick(_numbers);
            return new(name, own, s => s.Numbers[name]);
        }
        var type = Type();
        ulong bits = Bits();
        // $o is 0, which the compiler cannot know.
        return Once(3) || _inFunction
            ? new($"({type.Name}){bits}", type, _ => type.Cut((long)bits))
            : new($"({type.Name})($o + {bits})", type, _ => type.Cut((long)bits));
    }

    // Near the ends of the types, and anywhere.
    private ulong Bits()
    {
        int shift = Pick([0, 7, 8, 15, 16, 31, 32, 63]);
        return _random.Next(4) switch
        {
            0 => (ulong)_random.Next(10),
            1 => (1ul << shift) - (ulong)_random.Next(3),
            2 => (1ul << shift) + (ulong)_random.Next(3),
            _ => (ulong)_random.NextInt64() >> _random.Next(64),
        };
    }

    private Expression Literal()
    {
        long value = Once(2) ? _random.Next(100) : (long)(Bits() & long.MaxValue);
        return new(value.ToString(CultureInfo.InvariantCulture), Integer.I64, _ => value) { IsLiteral = true };
    }

    private static Expression Cast(Expression e, Integer type) => new($"({type.Name})({e.Text})", type, s => type.Cut(e.Value(s)));

    private Expression Unary(Expression e)
    {
        bool minus = Once(2);
        return new($"({(minus ? '-' : '~')}({e.Text}))", e.Type with { Bits = 64 }, s => minus ? unchecked(-e.Value(s)) : ~e.Value(s));
    }

    private Expression Arithmetic(int depth)
    {
        string op = Pick(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"]);
        var left = Number(depth - 1);
        Expression right;
        if (op is "<<" or ">>")
        {
            // What more than 63 does is the machine's business.
            var count = Number(depth - 1);
            right = new($"(({count.Text}) & 63)", count.Type with { Bits = 64 }, s => count.Value(s) & 63);
        }
        else
        {
            right = Once(4) ? Literal() : Number(depth - 1);
        }
        bool isSigned = left.Type.IsSigned || op == "-" || !right.IsLiteral && right.Type.IsSigned;
        return new($"({left.Text} {op} {right.Text})", new Integer(64, isSigned), s => Compute(op, isSigned, left.Value(s), right.Value(s)));
    }

    private static long Compute(string op, bool isSigned, long a, long b) => unchecked(op switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "&" => a & b,
        "|" => a | b,
        "^" => a ^ b,
        "<<" => a << (int)b,
        ">>" => isSigned ? a >> (int)b : (long)((ulong)a >> (int)b),
        // By zero it is 1; the least number by -1 is itself.
        _ when b == 0 => 1,
        "/" => !isSigned ? (long)((ulong)a / (ulong)b) : b == -1 ? -a : a / b,
        _ => !isSigned ? (long)((ulong)a % (ulong)b) : b == -1 ? 0 : a % b,
    });

    // ---- Truth.

    private Condition Condition(int depth)
    {
        switch (depth <= 0 ? 0 : _random.Next(7))
        {
            case 1:
                var (x, y) = (Condition(depth - 1), Condition(depth - 1));
                return Once(2) ? new($"({x.Text} && {y.Text})", s => x.Holds(s) && y.Holds(s)) : new($"({x.Text} || {y.Text})", s => x.Holds(s) || y.Holds(s));
            case 2:
                var inner = Condition(depth - 1);
                return new($"(!{inner.Text})", s => !inner.Holds(s));
            case 3 when _texts.Count > 0 && !_inFunction:
                var (first, same) = (Pick(_texts), Once(2));
                string op = same ? "==" : "!=";
                if (Once(2))
                {
                    string known = Pick(s_texts);
                    return new($"({first} {op} \"{known}\")", s => s.Texts[first] == known == same);
                }
                string second = Pick(_texts);
                return new($"({first} {op} {second})", s => s.Texts[first] == s.Texts[second] == same);
            case 4 when !_inFunction:
                var key = Cast(Number(depth - 1), Integer.I64);
                return new($"has_key(@n, {key.Text})", s => s.ByNumber.ContainsKey(key.Value(s)));
            case 5:
                var number = Number(depth - 1);
                return new($"((bool)({number.Text}))", s => number.Value(s) != 0);
            default:
                return Comparison(Number(depth - 1), Once(4) ? Literal() : Number(depth - 1));
        }
    }

    private Condition Comparison(Expression left, Expression right)
    {
        string op = Pick(["==", "!=", "<", "<=", ">", ">="]);
        return new($"({left.Text} {op} {right.Text})", s =>
        {
            long a = left.Value(s), b = right.Value(s);
            // The numbers themselves, but that no type holds all 64-bit numbers of both signs: those are compared signed.
            bool mixed = !right.IsLiteral && left.Type.IsSigned != right.Type.IsSigned && (left.Type == Integer.U64 || right.Type == Integer.U64);
            var (x, y) = mixed ? ((Int128)a, (Int128)b) : (left.Type.Of(a), right.Type.Of(b));
            int order = x.CompareTo(y);
            return op switch { "==" => order == 0, "!=" => order != 0, "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
        });
    }
}
