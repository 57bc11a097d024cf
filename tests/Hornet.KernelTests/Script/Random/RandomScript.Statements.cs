namespace Hornet.KernelTests.Script.Random;

// Statements and functions.
internal sealed partial class RandomScript
{
    private Statement Declare()
    {
        var type = Type();
        var value = Cast(Number(1), type);
        string name = Name("$v");
        _numbers.Add((name, type));
        return new(Once(2) ? $"let {name}: {type.Name} = {value.Text};" : $"{name} = {value.Text};", s =>
        {
            s.Numbers[name] = value.Value(s);
            return Flow.Next;
        });
    }

    private Statement DeclareText()
    {
        string name = Name("$s"), one = Pick(s_texts), other = Pick(s_texts);
        var condition = Condition(1);
        _texts.Add(name);
        return new($"{name} = {condition.Text} ? \"{one}\" : \"{other}\";", s =>
        {
            s.Texts[name] = condition.Holds(s) ? one : other;
            return Flow.Next;
        });
    }

    private Statement Print(Expression e)
    {
        if (_prints++ > 40) return new("_ = 1;", _ => Flow.Next);
        return new($"printf(\"%lld\\n\", {e.Text});", s =>
        {
            s.Output.Add(e.Value(s));
            return Flow.Next;
        });
    }

    private Statement Make(int depth)
    {
        switch (_random.Next(depth > 0 ? 14 : 8))
        {
            case 0: return Print(Number(3));
            case 1: return Declare();
            case 2 or 3:
                var (name, type) = Pick(_numbers);
                var value = Cast(Number(3), type);
                return new($"{name} = {value.Text};", s =>
                {
                    s.Numbers[name] = value.Value(s);
                    return Flow.Next;
                });
            case 4: return Compound();
            case 5:
                var (key, element) = (Key(), Cast(Number(2), Integer.I64));
                return new($"@n[{key.Text}] = {element.Text};", s =>
                {
                    s.ByNumber[key.Value(s)] = element.Value(s);
                    return Flow.Next;
                });
            case 6:
                var (first, second, what) = (Key(), Pick(_texts), Cast(Number(2), Integer.I64));
                return new($"@p[{first.Text}, {second}] = {what.Text};", s =>
                {
                    s.ByPair[(first.Value(s), s.Texts[second])] = what.Value(s);
                    return Flow.Next;
                });
            case 7:
                var gone = Key();
                return new($"delete(@n, {gone.Text});", s =>
                {
                    s.ByNumber.Remove(gone.Value(s));
                    return Flow.Next;
                });
            case 8 or 9:
                var condition = Condition(2);
                var (yes, no) = (Block(depth - 1), Block(depth - 1));
                return Once(2) ? new($"if ({condition.Text}) {yes.Text}", s => condition.Holds(s) ? yes.Run(s) : Flow.Next)
                    : new($"if ({condition.Text}) {yes.Text} else {no.Text}", s => condition.Holds(s) ? yes.Run(s) : no.Run(s));
            case 10: return Tuple();
            case 11 or 12 when _loops < 2: return For(depth);
            case 13 when _loops < 2: return Unroll(depth);
            default: return Print(Number(3));
        }
    }

    private Expression Key()
    {
        var number = Number(1);
        // Few keys, so that they meet again.
        return Once(2) ? new($"(int64)(({number.Text}) & 3)", Integer.I64, s => number.Value(s) & 3) : Cast(number, Integer.I64);
    }

    // What stays of the variable's type: arithmetic is in 64 bits.
    private Statement Compound()
    {
        var wide = _numbers.Where(n => n.Type.Bits == 64).ToList();
        if (wide.Count == 0) return Print(Number(2));
        var (name, type) = Pick(wide);
        if (Once(3))
        {
            return new(Once(2) ? $"{name}++;" : $"++{name};", s =>
            {
                s.Numbers[name] = unchecked(s.Numbers[name] + 1);
                return Flow.Next;
            });
        }
        string op = Pick(type.IsSigned ? ["+", "-", "*", "/", "%", "&", "|", "^"] : (string[])["+", "*", "/", "%", "&", "|", "^"]);
        var other = type.IsSigned ? Number(2) : Cast(Number(2), Integer.U64);
        return new($"{name} {op}= {other.Text};", s =>
        {
            s.Numbers[name] = Compute(op, type.IsSigned, s.Numbers[name], other.Value(s));
            return Flow.Next;
        });
    }

    private Statement Tuple()
    {
        string tuple = Name("$t"), text = Pick(_texts);
        Integer one = Type(), two = Type();
        Expression first = Cast(Number(2), one), second = Cast(Number(2), two);
        // Both are taken out again, and the whole is a key as good as its parts.
        return new($"{{\n  {tuple} = ({first.Text}, {text}, {second.Text});\n  @p[(int64){tuple}.2, {tuple}.1] = (int64){tuple}.0;\n  printf(\"%lld\\n\", {tuple}.2);\n}}", s =>
        {
            long a = first.Value(s), b = second.Value(s);
            s.ByPair[(b, s.Texts[text])] = a;
            s.Output.Add(b);
            return Flow.Next;
        });
    }

    private Statement Block(int depth)
    {
        int numbers = _numbers.Count;
        List<Statement> statements = [];
        for (int i = 1 + _random.Next(3); i > 0; i--) statements.Add(Make(depth));
        if (_loops > 0 && Once(4)) statements.Add(Once(2) ? new("break;", _ => Flow.Break) : new("continue;", _ => Flow.Continue));
        // What is declared in a block ends with it.
        _numbers.RemoveRange(numbers, _numbers.Count - numbers);
        return new($"{{\n  {string.Join('\n', statements.Select(s => s.Text)).Replace("\n", "\n  ", StringComparison.Ordinal)}\n}}", s =>
        {
            foreach (var statement in statements)
            {
                if (statement.Run(s) is not Flow.Next and var flow) return flow;
            }
            return Flow.Next;
        });
    }

    private Statement For(int depth)
    {
        string name = Name("$i");
        int from = _random.Next(4), to = from + _random.Next(5);
        _loops++;
        _numbers.Add((name, Integer.I64));
        int at = _numbers.Count - 1;
        // The loop's variable is not written to.
        var body = Reading(depth, name);
        _numbers.RemoveAt(at);
        _loops--;
        return new($"for ({name} : {from}..{to}) {body.Text}", s =>
        {
            for (long i = from; i < to; i++)
            {
                s.Numbers[name] = i;
                if (body.Run(s) == Flow.Break) break;
            }
            return Flow.Next;
        });
    }

    // The variable is read through a copy of its own.
    private Statement Reading(int depth, string name)
    {
        _numbers.RemoveAt(_numbers.Count - 1);
        string copy = Name("$c");
        _numbers.Add((copy, Integer.I64));
        var body = Block(depth - 1);
        return new($"{{\n  {copy} = (int64){name};\n  {body.Text.Replace("\n", "\n  ", StringComparison.Ordinal)}\n}}", s =>
        {
            s.Numbers[copy] = s.Numbers[name];
            return body.Run(s);
        });
    }

    private Statement Unroll(int depth)
    {
        int times = 1 + _random.Next(3);
        // It is no loop to break out of.
        int loops = _loops;
        _loops = 0;
        var body = Block(Math.Min(depth - 1, 0));
        _loops = loops;
        return new($"unroll ({times}) {body.Text}", s =>
        {
            for (int i = 0; i < times; i++) body.Run(s);
            return Flow.Next;
        });
    }

    private string Function()
    {
        string name = Name("f");
        var parameters = Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => (Name: Name("$p"), Type: Type())).ToList();
        var result = Type();
        _inFunction = true;
        _numbers.AddRange(parameters);
        var condition = Condition(2);
        Expression early = Cast(Number(2), result), late = Cast(Number(3), result);
        _numbers.Clear();
        _inFunction = false;
        _functions.Add((name, [.. parameters.Select(p => p.Type)], (s, arguments) =>
        {
            var inner = s.Inner(parameters.Zip(arguments).ToDictionary(p => p.First.Name, p => p.Second));
            return condition.Holds(inner) ? early.Value(inner) : late.Value(inner);
        }, result));
        return $"fn {name}({string.Join(", ", parameters.Select(p => $"{p.Name}: {p.Type.Name}"))}): {result.Name} {{\n  if ({condition.Text}) {{ return {early.Text}; }}\n  return {late.Text};\n}}\n";
    }
}
