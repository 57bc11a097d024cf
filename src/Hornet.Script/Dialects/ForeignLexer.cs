namespace Hornet.Script.Dialects;

internal enum ForeignTokenKind { Word, Map, Number, Text, Symbol, Layout }

internal readonly record struct ForeignToken(ForeignTokenKind Kind, string Text)
{
    public bool Is(string text) => Kind is ForeignTokenKind.Symbol or ForeignTokenKind.Word && Text == text;
}

/// <summary>Cuts a script of a related language into clauses and tokens, which all of them have in common.</summary>
internal static class ForeignLexer
{
    private static readonly string[] s_symbols = ["->", "==", "!=", "<=", ">=", "&&", "||", "++", "--", "+=", "-=", "<<", ">>"];

    public static List<ForeignToken> Tokens(string text)
    {
        List<ForeignToken> tokens = [];
        for (int i = 0; i < text.Length;)
        {
            var (kind, end) = Next(text, i);
            tokens.Add(new ForeignToken(kind, text[i..end]));
            i = end;
        }
        return tokens;
    }

    /// <summary>The clauses of a script; null when its braces do not match.</summary>
    /// <param name="predicateNeedsBlank">Whether a slash within a probe's name is part of it.</param>
    public static List<ForeignClause>? Clauses(string text, bool predicateNeedsBlank)
    {
        List<ForeignClause> clauses = [];
        int at = 0;
        while (true)
        {
            int start = at;
            while (at < text.Length && LayoutEnd(text, at) is var end && end > at) at = end;
            string front = text[start..at];
            if (at >= text.Length) return clauses;
            int head = at;
            while (at < text.Length && text[at] is not ('{' or ';')) at = text[at] == '"' ? Next(text, at).End : at + 1;
            var (probes, predicate) = Head(text[head..at], predicateNeedsBlank);
            IReadOnlyList<ForeignToken>? body = null;
            if (at < text.Length && text[at] == '{')
            {
                int open = at, depth = 0;
                do
                {
                    if (at >= text.Length) return null;
                    if (text[at] == '{') depth++;
                    if (text[at] == '}') depth--;
                    at = Next(text, at).End;
                }
                while (depth > 0);
                body = Tokens(text[(open + 1)..(at - 1)]);
            }
            else if (at < text.Length)
            {
                at++;
            }
            clauses.Add(new ForeignClause(front, probes, predicate, body));
        }
    }

    private static (List<string> Probes, List<ForeignToken>? Predicate) Head(string text, bool predicateNeedsBlank)
    {
        text = text.Trim();
        List<ForeignToken>? predicate = null;
        if (text.EndsWith('/'))
        {
            int slash = -1;
            for (int i = 0; i < text.Length - 1 && slash < 0; i++)
            {
                if (text[i] == '/' && (!predicateNeedsBlank || i > 0 && char.IsWhiteSpace(text[i - 1]))) slash = i;
            }
            if (slash > 0) (predicate, text) = (Tokens(text[(slash + 1)..^1].Trim()), text[..slash]);
        }
        return ([.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)], predicate);
    }

    private static int LayoutEnd(string text, int at)
    {
        if (char.IsWhiteSpace(text[at])) return at + 1;
        if (text.AsSpan(at).StartsWith("//")) return LineEnd(text, at);
        // An interpreter line, #pragma.
        if (text[at] == '#') return LineEnd(text, at);
        if (!text.AsSpan(at).StartsWith("/*")) return at;
        int end = text.IndexOf("*/", at + 2, StringComparison.Ordinal);
        return end < 0 ? text.Length : end + 2;
    }

    private static int LineEnd(string text, int at) => text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;

    private static (ForeignTokenKind Kind, int End) Next(string text, int at)
    {
        char c = text[at];
        int layout = c == '#' ? at : LayoutEnd(text, at);
        if (layout > at) return (ForeignTokenKind.Layout, layout);
        if (c == '"')
        {
            int end = at + 1;
            while (end < text.Length && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
            return (ForeignTokenKind.Text, Math.Min(end + 1, text.Length));
        }
        if (IsWordPart(c) || c is '@' or '$')
        {
            int end = at + 1;
            while (end < text.Length && IsWordPart(text[end])) end++;
            return (c == '@' ? ForeignTokenKind.Map : char.IsAsciiDigit(c) ? ForeignTokenKind.Number : ForeignTokenKind.Word, end);
        }
        foreach (string symbol in s_symbols)
        {
            if (text.AsSpan(at).StartsWith(symbol)) return (ForeignTokenKind.Symbol, at + 2);
        }
        return (ForeignTokenKind.Symbol, at + 1);
    }

    private static bool IsWordPart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
