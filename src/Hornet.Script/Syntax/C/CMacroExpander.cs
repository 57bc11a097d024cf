using System.Text;
using Hornet.Script.Source;

namespace Hornet.Script.Syntax.C;

/// <summary>Where tokens come from while macros are replaced, and where the replacement goes back to.</summary>
internal interface ICTokenInput
{
    /// <summary>The next token; one of kind End when there is none.</summary>
    CToken Take();

    /// <summary>Puts tokens in front of those that are still to come.</summary>
    void PutBack(IReadOnlyList<CToken> tokens);
}

/// <summary>Replaces macros, with their arguments, <c>#</c> and <c>##</c>, never one inside of itself.</summary>
internal sealed class CMacroExpander(Dictionary<string, CMacro> macros, CLimits limits)
{
    private const int MaxArgumentDepth = 100;

    private int _depth;
    private int _counter;

    /// <summary>The tokens with all macros replaced.</summary>
    public List<CToken> Expand(IReadOnlyList<CToken> tokens)
    {
        List<CToken> result = [];
        if (++_depth > MaxArgumentDepth)
        {
            _depth--;
            limits.Exceed("macros are nested too deeply");
            return [.. tokens];
        }
        ListInput input = new(tokens);
        for (var token = input.Take(); token.Kind != CTokenKind.End && limits.Step(); token = input.Take())
        {
            if (KeepsDefined && token.IsWord("defined")) TakeDefined(token, input, result);
            else if (!TryReplace(token, input)) result.Add(token);
        }
        _depth--;
        return result;
    }

    /// <summary>Whether the name behind <c>defined</c> stays what it is.</summary>
    public bool KeepsDefined { get; set; }

    private static void TakeDefined(CToken token, ListInput input, List<CToken> result)
    {
        result.Add(token);
        var next = input.Take();
        if (next.Is("("))
        {
            result.Add(next);
            next = input.Take();
        }
        if (next.Kind != CTokenKind.End) result.Add(next);
    }

    /// <summary>Puts what a macro stands for back into the input; false when the token is none that can be replaced here.</summary>
    public bool TryReplace(CToken token, ICTokenInput input)
    {
        if (token.Kind != CTokenKind.Word) return false;
        if (!macros.TryGetValue(token.Text, out var macro)) return TryReplaceSpecial(token, input);
        if (HiddenMacros.Contains(token.Hidden, token.Text)) return false;
        if (macro.Parameters is null)
        {
            var hidden = HiddenMacros.Add(token.Hidden, macro.Name);
            input.PutBack(Replace(macro, [], hidden, token));
            return true;
        }
        var next = input.Take();
        if (!next.Is("("))
        {
            if (next.Kind != CTokenKind.End) input.PutBack([next]);
            return false;
        }
        if (!TryTakeArguments(macro, input, out var arguments, out var close, out var taken))
        {
            // The parenthesis is never closed: it stays what it is. All behind it was looked at in vain.
            limits.Steps(taken.Count * 4);
            input.PutBack([next, .. taken]);
            return false;
        }
        var common = HiddenMacros.Add(HiddenMacros.Intersect(token.Hidden, close.Hidden), macro.Name);
        input.PutBack(Replace(macro, arguments, common, token));
        return true;
    }

    private bool TryReplaceSpecial(CToken token, ICTokenInput input)
    {
        string? text = token.Text switch
        {
            "__LINE__" => token.Span.Source is { } source ? source.LineAndColumn(token.Span.Start).Line.ToString() : "0",
            "__FILE__" or "__BASE_FILE__" => "\"" + token.Span.Source?.Name.Replace("\\", "\\\\", StringComparison.Ordinal) + "\"",
            "__COUNTER__" => (_counter++).ToString(),
            _ => null,
        };
        if (text is null) return false;
        input.PutBack([token with { Kind = text[0] == '"' ? CTokenKind.Text : CTokenKind.Number, Text = text }]);
        return true;
    }

    private bool TryTakeArguments(CMacro macro, ICTokenInput input, out List<List<CToken>> arguments, out CToken close, out List<CToken> taken)
    {
        arguments = [[]];
        taken = [];
        close = default;
        int depth = 0, count = macro.Parameters!.Count;
        while (limits.Step())
        {
            var token = input.Take();
            if (token.Kind == CTokenKind.End) return false;
            taken.Add(token);
            if (token.Is(")") && depth-- == 0)
            {
                close = token;
                while (arguments.Count < count) arguments.Add([]);
                return true;
            }
            if (token.Is("(")) depth++;
            if (token.Is(",") && depth == 0 && !(macro.IsVariadic && arguments.Count == count)) arguments.Add([]);
            else arguments[^1].Add(token);
        }
        return false;
    }

    private List<CToken> Replace(CMacro macro, List<List<CToken>> arguments, HiddenMacros hidden, CToken use)
    {
        List<CToken> result = [];
        Dictionary<int, List<CToken>> expanded = [];
        var body = macro.Tokens;
        for (int i = 0; i < body.Count && limits.Step(); i++)
        {
            var token = body[i];
            int parameter = ParameterOf(macro, token);
            if (token.Is("#") && macro.Parameters is not null && i + 1 < body.Count && ParameterOf(macro, body[i + 1]) is var quoted and >= 0)
            {
                result.Add(Stringify(Argument(arguments, quoted), token));
                i++;
            }
            else if (token.Is("##") && i > 0 && i + 1 < body.Count)
            {
                i = Paste(macro, arguments, result, i + 1);
            }
            else if (token.IsWord("__VA_OPT__") && macro.IsVariadic && i + 1 < body.Count && body[i + 1].Is("("))
            {
                i = VariadicOption(macro, arguments, result, i + 1, use);
            }
            else if (parameter < 0) result.Add(token);
            else if (i + 1 < body.Count && body[i + 1].Is("##")) Append(result, Argument(arguments, parameter), token.SpaceBefore);
            else
            {
                if (!expanded.TryGetValue(parameter, out var full)) expanded[parameter] = full = Expand(Argument(arguments, parameter));
                Append(result, full, token.SpaceBefore);
            }
        }
        for (int i = 0; i < result.Count; i++)
        {
            result[i] = result[i] with
            {
                Span = use.Span,
                FirstOnLine = i == 0 && use.FirstOnLine,
                SpaceBefore = i == 0 ? use.SpaceBefore : result[i].SpaceBefore,
                Hidden = HiddenMacros.Union(hidden, result[i].Hidden),
            };
        }
        limits.Steps(result.Count);
        return result;
    }

    /// <summary>Joins the last token so far with what stands at an index of the body.</summary>
    private static int Paste(CMacro macro, List<List<CToken>> arguments, List<CToken> result, int index)
    {
        var token = macro.Tokens[index];
        int parameter = ParameterOf(macro, token);
        List<CToken> right = parameter < 0 ? [token] : Argument(arguments, parameter);
        // , ## __VA_ARGS__ removes the comma when there are none, and joins nothing when there are.
        if (parameter >= 0 && macro.IsVariadic && parameter == macro.Parameters!.Count - 1 && result.Count > 0 && result[^1].Is(","))
        {
            if (right.Count == 0) result.RemoveAt(result.Count - 1);
            else result.AddRange(right);
            return index;
        }
        bool leftIsEmpty = index >= 2 && ParameterOf(macro, macro.Tokens[index - 2]) is var left and >= 0 && Argument(arguments, left).Count == 0;
        if (right.Count == 0) return index;
        if (leftIsEmpty || result.Count == 0)
        {
            result.AddRange(right);
            return index;
        }
        var before = result[^1];
        string joined = before.Text + right[0].Text;
        var lexed = CLexer.All(new SourceText("", joined));
        result.RemoveAt(result.Count - 1);
        for (int i = 0; i < lexed.Count; i++) result.Add(lexed[i] with { SpaceBefore = i == 0 && before.SpaceBefore, FirstOnLine = false });
        result.AddRange(right.Skip(1));
        return index;
    }

    /// <summary><c>__VA_OPT__(…)</c>: its content when there are further arguments. Returns the index of the closing parenthesis.</summary>
    private int VariadicOption(CMacro macro, List<List<CToken>> arguments, List<CToken> result, int open, CToken use)
    {
        int depth = 0, close = open;
        for (; close < macro.Tokens.Count; close++)
        {
            if (macro.Tokens[close].Is("(")) depth++;
            else if (macro.Tokens[close].Is(")") && --depth == 0) break;
        }
        if (arguments[^1].Count > 0 && arguments.Count >= macro.Parameters!.Count)
        {
            CMacro inner = macro with { Tokens = [.. macro.Tokens.Skip(open + 1).Take(Math.Max(0, close - open - 1))] };
            result.AddRange(Replace(inner, arguments, HiddenMacros.Add(use.Hidden, macro.Name), use));
        }
        return close;
    }

    private static CToken Stringify(List<CToken> argument, CToken at)
    {
        StringBuilder text = new("\"");
        for (int i = 0; i < argument.Count; i++)
        {
            if (i > 0 && argument[i].SpaceBefore) text.Append(' ');
            bool literal = argument[i].Kind is CTokenKind.Text or CTokenKind.Character;
            foreach (char c in argument[i].Text)
            {
                if (literal && c is '"' or '\\') text.Append('\\');
                text.Append(c);
            }
        }
        return at with { Kind = CTokenKind.Text, Text = text.Append('"').ToString() };
    }

    private static void Append(List<CToken> result, List<CToken> tokens, bool space)
    {
        for (int i = 0; i < tokens.Count; i++) result.Add(i == 0 ? tokens[i] with { SpaceBefore = space } : tokens[i]);
    }

    private static List<CToken> Argument(List<List<CToken>> arguments, int index) => index < arguments.Count ? arguments[index] : [];

    private static int ParameterOf(CMacro macro, CToken token)
    {
        if (macro.Parameters is null || token.Kind != CTokenKind.Word) return -1;
        for (int i = 0; i < macro.Parameters.Count; i++)
        {
            if (macro.Parameters[i] == token.Text) return i;
        }
        return -1;
    }

    private sealed class ListInput(IReadOnlyList<CToken> tokens) : ICTokenInput
    {
        private readonly Stack<CToken> _back = [];
        private int _at;

        public CToken Take() => _back.Count > 0 ? _back.Pop() : _at < tokens.Count ? tokens[_at++] : CToken.Nothing;

        public void PutBack(IReadOnlyList<CToken> put)
        {
            for (int i = put.Count - 1; i >= 0; i--) _back.Push(put[i]);
        }
    }
}

/// <summary>How much work C may make: a few lines can otherwise stand for years of it.</summary>
internal sealed class CLimits
{
    public const long MaxSteps = 10_000_000;

    private long _steps;

    /// <summary>Why no more is done; null while all is well.</summary>
    public string? Exceeded { get; private set; }

    public bool Step() => Steps(1);

    public bool Steps(int count)
    {
        if ((_steps += count) > MaxSteps) Exceed("the C definitions are too large: macros or headers without end?");
        return Exceeded is null;
    }

    public void Exceed(string reason) => Exceeded ??= reason;
}
