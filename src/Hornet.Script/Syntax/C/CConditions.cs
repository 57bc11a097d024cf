using Hornet.Script.Source;

namespace Hornet.Script.Syntax.C;

/// <summary>The expressions of <c>#if</c>: macros, <c>defined</c>, <c>__has_include</c> and what compilers ask each other.</summary>
internal static class CConditions
{
    // What a compiler of today would answer to questions about itself.
    private static readonly HashSet<string> Questions =
        ["__has_include", "__has_include_next", "__has_attribute", "__has_builtin", "__has_feature", "__has_extension", "__has_c_attribute", "__has_declspec_attribute", "__has_warning", "__is_identifier"];

    private static readonly HashSet<string> Attributes = ["packed", "__packed__", "aligned", "__aligned__", "unused", "deprecated", "mode"];

    public static bool IsDefined(CPreprocessor preprocessor, string name) =>
        preprocessor.Macros.ContainsKey(name) || Questions.Contains(name) || name is "__LINE__" or "__FILE__" or "__COUNTER__";

    public static bool Evaluate(CPreprocessor preprocessor, List<CToken> line, SourceSpan directive)
    {
        preprocessor.Expander.KeepsDefined = true;
        var tokens = preprocessor.Expander.Expand(Answered(preprocessor, line));
        preprocessor.Expander.KeepsDefined = false;
        // Macros may ask, too.
        tokens = Answered(preprocessor, tokens);
        CTokenList list = new(tokens, tokens.Count > 0 ? tokens[^1].Span : directive);
        var value = new CExpressionParser(list, null).Parse();
        if (value is { } number && list.AtEnd) return number.IsTrue;
        var place = line[0].Span.To(line[^1].Span);
        preprocessor.Diagnostics.Error(place, list.AtEnd ? "expression is not an integer constant expression" : $"invalid token in the expression: '{list.Peek()}'");
        return false;
    }

    private static List<CToken> Answered(CPreprocessor preprocessor, List<CToken> line)
    {
        List<CToken> result = new(line.Count);
        for (int i = 0; i < line.Count; i++)
        {
            var token = line[i];
            if (token.IsWord("defined") && TryOperand(line, i + 1, out string name, out int after))
            {
                result.Add(Number(token, IsDefined(preprocessor, name)));
                i = after;
            }
            else if (token.Kind == CTokenKind.Word && Questions.Contains(token.Text) && i + 1 < line.Count && line[i + 1].Is("("))
            {
                int close = i + 1;
                for (int depth = 0; close < line.Count; close++)
                {
                    if (line[close].Is("(")) depth++;
                    else if (line[close].Is(")") && --depth == 0) break;
                }
                var asked = line.GetRange(i + 2, Math.Max(0, Math.Min(close, line.Count) - i - 2));
                result.Add(Number(token, Answer(preprocessor, token.Text, asked)));
                i = close;
            }
            else result.Add(token);
        }
        return result;
    }

    private static bool TryOperand(List<CToken> line, int at, out string name, out int last)
    {
        name = "";
        last = at;
        if (at < line.Count && line[at].Kind == CTokenKind.Word)
        {
            name = line[at].Text;
            return true;
        }
        if (at + 2 >= line.Count || !line[at].Is("(") || line[at + 1].Kind != CTokenKind.Word || !line[at + 2].Is(")")) return false;
        name = line[at + 1].Text;
        last = at + 2;
        return true;
    }

    private static bool Answer(CPreprocessor preprocessor, string question, List<CToken> asked)
    {
        string text = string.Concat(asked.Select(t => t.Text));
        if (question.StartsWith("__has_include", StringComparison.Ordinal))
        {
            if (!CDirectives.TryHeaderName(text, out string header, out bool quoted))
            {
                text = string.Concat(preprocessor.Expander.Expand(asked).Select(t => t.Text));
                if (!CDirectives.TryHeaderName(text, out header, out quoted)) return false;
            }
            return preprocessor.CanInclude(header, quoted, question == "__has_include_next");
        }
        return question == "__has_attribute" && Attributes.Contains(text);
    }

    private static CToken Number(CToken at, bool value) => at with { Kind = CTokenKind.Number, Text = value ? "1" : "0" };
}
