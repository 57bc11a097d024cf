using Hornet.Script.Source;

namespace Hornet.Script.Syntax.C;

/// <summary>Tokens that can be looked at before they are taken.</summary>
internal interface ICTokens
{
    CToken Peek(int ahead = 0);

    CToken Take();
}

/// <summary>Tokens of a list, then the end.</summary>
internal sealed class CTokenList(IReadOnlyList<CToken> tokens, SourceSpan end) : ICTokens
{
    private int _at;

    public bool AtEnd => _at >= tokens.Count;

    public CToken Peek(int ahead = 0) => _at + ahead < tokens.Count ? tokens[_at + ahead] : new CToken(CTokenKind.End, "", end);

    public CToken Take()
    {
        var token = Peek();
        if (_at < tokens.Count) _at++;
        return token;
    }
}

/// <summary>What expressions ask about types: sizes and casts.</summary>
internal interface ICTypes
{
    /// <summary>Whether a type begins at a token.</summary>
    bool BeginsType(CToken token);

    /// <summary>A type's name as in a cast; null when it is broken (it was reported).</summary>
    CType? ParseTypeName();

    /// <summary>The value of an enumerator.</summary>
    bool TryFindEnumerator(string name, out CNumber value);
}

/// <summary>Integer constant expressions of C; what is none of them gives null and takes what it can.</summary>
internal sealed class CExpressionParser(ICTokens tokens, ICTypes? types)
{
    private const int MaxDepth = 200;

    private int _depth;

    public CNumber? Parse() => ParseConditional();

    private CNumber? ParseConditional()
    {
        if (++_depth > MaxDepth)
        {
            _depth--;
            return null;
        }
        var condition = ParseBinary(1);
        if (tokens.Peek().Is("?"))
        {
            tokens.Take();
            // a ?: b
            var then = tokens.Peek().Is(":") ? condition : ParseConditional();
            if (!tokens.Peek().Is(":")) condition = null;
            else
            {
                tokens.Take();
                var otherwise = ParseConditional();
                var chosen = condition is { } known ? (known.IsTrue ? then : otherwise) : null;
                condition = chosen is { } value && (condition!.Value.IsTrue ? otherwise : then) is { } other ? CNumber.Balanced(value, other).Left : chosen;
            }
        }
        _depth--;
        return condition;
    }

    private CNumber? ParseBinary(int minimum)
    {
        var left = ParseUnary();
        while (true)
        {
            var token = tokens.Peek();
            int precedence = Precedence(token);
            if (precedence < minimum) return left;
            tokens.Take();
            var right = ParseBinary(precedence + 1);
            left = token.Text switch
            {
                // The side that decides is enough.
                "&&" => left is { IsTrue: false } || right is { IsTrue: false } ? CNumber.Of(false) : left is { } l && right is { } r ? CNumber.Of(l.IsTrue && r.IsTrue) : null,
                "||" => left is { IsTrue: true } || right is { IsTrue: true } ? CNumber.Of(true) : left is { } l && right is { } r ? CNumber.Of(l.IsTrue || r.IsTrue) : null,
                _ => left is { } l && right is { } r ? Compute(token.Text, l, r) : null,
            };
        }
    }

    private static int Precedence(CToken token) => token.Kind != CTokenKind.Mark ? 0 : token.Text switch
    {
        "||" => 1,
        "&&" => 2,
        "|" => 3,
        "^" => 4,
        "&" => 5,
        "==" or "!=" => 6,
        "<" or ">" or "<=" or ">=" => 7,
        "<<" or ">>" => 8,
        "+" or "-" => 9,
        "*" or "/" or "%" => 10,
        _ => 0,
    };

    private static CNumber? Compute(string op, CNumber left, CNumber right)
    {
        // A shift has the type of what is shifted.
        if (op is "<<" or ">>") return Shift(op, left, right.Value);
        (left, right) = CNumber.Balanced(left, right);
        long a = left.Value, b = right.Value;
        bool isUnsigned = left.IsUnsigned;
        long value;
        unchecked
        {
            switch (op)
            {
                case "+": value = a + b; break;
                case "-": value = a - b; break;
                case "*": value = a * b; break;
                case "/" or "%":
                    if (b == 0) return null;
                    if (isUnsigned) value = (long)(op == "/" ? (ulong)a / (ulong)b : (ulong)a % (ulong)b);
                    else if (b == -1) value = op == "/" ? -a : 0;
                    else value = op == "/" ? a / b : a % b;
                    break;
                case "&": value = a & b; break;
                case "|": value = a | b; break;
                case "^": value = a ^ b; break;
                case "==": return CNumber.Of(a == b);
                case "!=": return CNumber.Of(a != b);
                case "<": return CNumber.Of(isUnsigned ? (ulong)a < (ulong)b : a < b);
                case ">": return CNumber.Of(isUnsigned ? (ulong)a > (ulong)b : a > b);
                case "<=": return CNumber.Of(isUnsigned ? (ulong)a <= (ulong)b : a <= b);
                default: return CNumber.Of(isUnsigned ? (ulong)a >= (ulong)b : a >= b);
            }
        }
        return (left with { Value = value }).Wrapped;
    }

    private static CNumber Shift(string op, CNumber left, long count)
    {
        if (count < 0 || count >= left.Bits) return left with { Value = 0 };
        long value = op == "<<" ? left.Value << (int)count : left.IsUnsigned ? (long)((ulong)left.Value >> (int)count) : left.Value >> (int)count;
        return (left with { Value = value }).Wrapped;
    }

    private CNumber? ParseUnary()
    {
        if (++_depth > MaxDepth)
        {
            _depth--;
            return null;
        }
        var result = ParsePrefix();
        _depth--;
        return result;
    }

    private CNumber? ParsePrefix()
    {
        var token = tokens.Peek();
        if (token.Kind == CTokenKind.Mark)
        {
            switch (token.Text)
            {
                case "-":
                    tokens.Take();
                    return ParseUnary() is { } negated ? (negated with { Value = unchecked(-negated.Value) }).Wrapped : null;
                case "+":
                    tokens.Take();
                    return ParseUnary();
                case "~":
                    tokens.Take();
                    return ParseUnary() is { } inverted ? (inverted with { Value = ~inverted.Value }).Wrapped : null;
                case "!":
                    tokens.Take();
                    return ParseUnary() is { } flipped ? CNumber.Of(!flipped.IsTrue) : null;
                case "(":
                    return ParseParenthesis();
            }
        }
        return ParseOperand();
    }

    private CNumber? ParseParenthesis()
    {
        tokens.Take();
        if (types is not null && types.BeginsType(tokens.Peek()))
        {
            var type = types.ParseTypeName();
            if (!tokens.Peek().Is(")")) return null;
            tokens.Take();
            var value = ParseUnary();
            return type is not null && value is { } number ? type.Convert(number) : null;
        }
        var inner = ParseConditional();
        if (!tokens.Peek().Is(")")) return null;
        tokens.Take();
        return inner;
    }

    private CNumber? ParseOperand()
    {
        var token = tokens.Peek();
        switch (token.Kind)
        {
            case CTokenKind.Number:
                tokens.Take();
                return CLiterals.TryParseNumber(token.Text, out var number) ? Wide(number) : null;
            case CTokenKind.Character:
                tokens.Take();
                return CLiterals.TryParseCharacter(token.Text, out long character) ? Wide(new CNumber(character, false, 32)) : null;
            case CTokenKind.Word:
                tokens.Take();
                return ParseWord(token.Text);
            case CTokenKind.Text:
                tokens.Take();
                return null;
            default:
                return null;
        }
    }

    /// <summary>In <c>#if</c> all numbers have 64 bits: those that are unsigned only for want of room are not.</summary>
    private CNumber Wide(CNumber number) => types is not null || number.Bits == 64 ? number : new CNumber(number.Value, number.IsUnsigned && number.HasSuffix);

    private CNumber? ParseWord(string word)
    {
        // In #if a word that is no macro is 0.
        if (types is null) return new CNumber(0, false);
        switch (word)
        {
            case "sizeof" or "__alignof__" or "_Alignof" or "alignof" or "__alignof":
                return ParseSize(word == "sizeof");
            case "__builtin_offsetof" or "offsetof":
                return ParseOffset();
            case "__extension__":
                return ParseUnary();
            case "true":
                return CNumber.Of(true);
            case "false":
                return CNumber.Of(false);
        }
        return types.TryFindEnumerator(word, out var value) ? value : null;
    }

    private CNumber? ParseSize(bool size)
    {
        if (!tokens.Peek().Is("(") || !types!.BeginsType(tokens.Peek(1)))
        {
            ParseUnary();
            return null;
        }
        tokens.Take();
        var type = types.ParseTypeName();
        if (!tokens.Peek().Is(")")) return null;
        tokens.Take();
        return type is { IsComplete: true } ? new CNumber(size ? type.Size : type.Alignment, true) : null;
    }

    private CNumber? ParseOffset()
    {
        if (!tokens.Peek().Is("(")) return null;
        tokens.Take();
        CType? type = types!.BeginsType(tokens.Peek()) ? types.ParseTypeName() : null;
        if (!tokens.Peek().Is(",")) return null;
        long offset = 0;
        do
        {
            tokens.Take();
            var member = tokens.Take();
            if (type is not CComposite composite || composite.Find(member.Text) is not { } found) type = null;
            else
            {
                offset += found.Offset;
                type = found.Type;
            }
            while (tokens.Peek().Is("["))
            {
                tokens.Take();
                var index = ParseConditional();
                if (!tokens.Peek().Is("]")) return null;
                tokens.Take();
                if (type is CArray array && index is { } i)
                {
                    offset += i.Value * array.Element.Size;
                    type = array.Element;
                }
                else type = null;
            }
        }
        while (tokens.Peek().Is("."));
        if (!tokens.Peek().Is(")")) return null;
        tokens.Take();
        return type is null ? null : new CNumber(offset, true);
    }
}
