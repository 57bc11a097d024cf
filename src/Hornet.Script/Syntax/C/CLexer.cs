using Hornet.Script.Source;

namespace Hornet.Script.Syntax.C;

/// <summary>Cuts C into tokens: comments and lines joined by a backslash are blanks. Nothing is an error here.</summary>
internal sealed class CLexer(SourceText source, int start, int end)
{
    private static readonly string[] LongMarks =
        ["...", "<<=", ">>=", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "##"];

    private readonly string _text = source.Text;
    private int _at = start;
    private bool _newLine = true;
    private CToken? _unread;

    public SourceText Source { get; } = source;

    /// <summary>The tokens of a text, without the end.</summary>
    public static List<CToken> All(SourceText source)
    {
        CLexer lexer = new(source, 0, source.Text.Length);
        List<CToken> tokens = [];
        for (var token = lexer.Next(); token.Kind != CTokenKind.End; token = lexer.Next()) tokens.Add(token);
        return tokens;
    }

    public CToken Next()
    {
        if (_unread is { } unread)
        {
            _unread = null;
            return unread;
        }
        bool space = SkipBlanks();
        bool first = _newLine;
        _newLine = false;
        if (_at >= end) return new CToken(CTokenKind.End, "", new SourceSpan(Source, end, end)) { FirstOnLine = true };
        int from = _at;
        var kind = Scan();
        return new CToken(kind, _text[from.._at], new SourceSpan(Source, from, _at)) { SpaceBefore = space, FirstOnLine = first };
    }

    public void Unread(CToken token) => _unread = token;

    /// <summary>The rest of the line, without blanks around it: the message of <c>#error</c>, the name in <c>#include &lt;x&gt;</c>.</summary>
    public string RestOfLine(out SourceSpan span)
    {
        int from = _at;
        while (_at < end && _text[_at] != '\n') _at++;
        int to = _at;
        while (from < to && char.IsWhiteSpace(_text[from])) from++;
        while (to > from && char.IsWhiteSpace(_text[to - 1])) to--;
        span = new SourceSpan(Source, from, to);
        return _text[from..to];
    }

    /// <summary>Skips lines until one that begins with <c>#</c>; what stands in between is not looked at.</summary>
    public void SkipToDirective()
    {
        if (_unread is { FirstOnLine: true } next && next.Is("#")) return;
        _unread = null;
        while (_at < end)
        {
            SkipBlanks();
            if (_at >= end || (_newLine && _text[_at] == '#')) return;
            // A comment may begin in this line and end in another; a quote may stand alone.
            while (_at < end && _text[_at] != '\n')
            {
                if (_text[_at] == '/' && At(1) is '*' or '/') break;
                if (_text[_at] == '"') Quoted('"');
                else _at += _text[_at] == '\\' && At(1) == '\n' ? 2 : 1;
            }
            _newLine = false;
        }
    }

    private bool SkipBlanks()
    {
        int from = _at;
        while (_at < end)
        {
            char c = _text[_at];
            if (c == '\n')
            {
                _newLine = true;
                _at++;
            }
            else if (c is ' ' or '\t' or '\r' or '\v' or '\f') _at++;
            else if (c == '\\' && At(1) == '\n') _at += 2;
            else if (c == '\\' && At(1) == '\r' && At(2) == '\n') _at += 3;
            else if (c == '/' && At(1) == '/')
            {
                while (_at < end && (_text[_at] != '\n' || _text[_at - 1] == '\\')) _at++;
            }
            else if (c == '/' && At(1) == '*')
            {
                int close = _text.IndexOf("*/", Math.Min(_at + 2, end), end - Math.Min(_at + 2, end), StringComparison.Ordinal);
                _at = close < 0 ? end : close + 2;
            }
            else break;
        }
        return _at > from;
    }

    private CTokenKind Scan()
    {
        char c = _text[_at];
        if (IsWordStart(c))
        {
            int from = _at;
            while (_at < end && IsWordPart(_text[_at])) _at++;
            // L"…", u8'…'
            if (_at < end && _text[_at] is '"' or '\'' && _at - from <= 2 && _text.AsSpan(from, _at - from) is "L" or "u" or "U" or "u8") return Quoted(_text[_at]);
            return CTokenKind.Word;
        }
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(At(1))))
        {
            for (_at++; _at < end; _at++)
            {
                if (_text[_at] is '+' or '-' && _text[_at - 1] is 'e' or 'E' or 'p' or 'P') continue;
                if (!IsWordPart(_text[_at]) && _text[_at] != '.') break;
            }
            return CTokenKind.Number;
        }
        if (c is '"' or '\'') return Quoted(c);
        foreach (string mark in LongMarks)
        {
            if (mark[0] != c || _at + mark.Length > end || string.CompareOrdinal(_text, _at, mark, 0, mark.Length) != 0) continue;
            _at += mark.Length;
            return CTokenKind.Mark;
        }
        _at++;
        return CTokenKind.Mark;
    }

    private CTokenKind Quoted(char quote)
    {
        for (_at++; _at < end && _text[_at] != quote && _text[_at] != '\n'; _at++)
        {
            if (_text[_at] == '\\' && _at + 1 < end) _at++;
        }
        if (_at < end && _text[_at] == quote) _at++;
        _at = Math.Min(_at, end);
        return quote == '"' ? CTokenKind.Text : CTokenKind.Character;
    }

    private char At(int offset) => _at + offset < end ? _text[_at + offset] : '\0';

    private static bool IsWordStart(char c) => char.IsAsciiLetter(c) || c is '_' or '$' || c > 0x7f;

    private static bool IsWordPart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' || c > 0x7f;
}
