using System.Globalization;

namespace Hornet.Compiler.IR;

/// <summary>The tokens of printed IR. A line's rest after <c>;</c> is a comment.</summary>
internal sealed class IrTokens
{
    private readonly List<(string Text, int Line)> _tokens = [];

    public IrTokens(string text)
    {
        int line = 1;
        for (int i = 0; i < text.Length;)
        {
            char c = text[i];
            if (c == '\n') line++;
            if (char.IsWhiteSpace(c))
            {
                i++;
                continue;
            }
            if (c == ';')
            {
                while (i < text.Length && text[i] != '\n') i++;
                continue;
            }
            int start = i;
            if (c == '"')
            {
                i = text.IndexOf('"', i + 1);
                if (i < 0) throw new FormatException($"line {line}: a text does not end");
                i++;
            }
            else if (c == '-' && i + 1 < text.Length && text[i + 1] == '>')
            {
                i += 2;
            }
            else if (IsWord(c))
            {
                while (i < text.Length && IsWord(text[i])) i++;
            }
            else
            {
                i++;
            }
            _tokens.Add((text[start..i], line));
        }
    }

    public int Position { get; set; }

    public bool AtEnd => Position >= _tokens.Count;

    /// <summary>Whether the word just taken stands behind an equals sign.</summary>
    public bool WasAfterEquals => Position >= 2 && _tokens[Position - 2].Text == "=";

    public bool PeekNumber => !AtEnd && (char.IsAsciiDigit(Current[0]) || Current == "-");

    private string Current => AtEnd ? "" : _tokens[Position].Text;

    public bool Peek(string token) => Current == token;

    public bool PeekAfter(string token) => Position + 1 < _tokens.Count && _tokens[Position + 1].Text == token;

    public bool TryTake(string token)
    {
        if (!Peek(token)) return false;
        Position++;
        return true;
    }

    public void Take(string token)
    {
        if (!TryTake(token)) throw Error($"'{token}' is expected instead of '{Current}'");
    }

    public string Word()
    {
        if (AtEnd || !IsWord(Current[0])) throw Error($"a word is expected instead of '{Current}'");
        return _tokens[Position++].Text;
    }

    public string Local()
    {
        Take("%");
        return Word();
    }

    public string Quoted()
    {
        if (AtEnd || Current[0] != '"') throw Error($"a text is expected instead of '{Current}'");
        return _tokens[Position++].Text[1..^1];
    }

    public long Number() => Number(out _);

    public long Number(out bool isLong)
    {
        bool negative = TryTake("-");
        string word = Word();
        isLong = word.EndsWith('L');
        string digits = isLong ? word[..^1] : word;
        if (!(digits.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.TryParse(digits.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong number)
            : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number))) throw Error($"'{word}' is no number");
        return unchecked(negative ? -(long)number : (long)number);
    }

    public void SkipTo(string token)
    {
        while (!AtEnd && !TryTake(token)) Position++;
    }

    public FormatException Error(string what, int? position = null)
    {
        int at = Math.Clamp((position ?? Position) - 1, -1, _tokens.Count - 1);
        return new FormatException($"line {(at < 0 ? 1 : _tokens[at].Line)}: {what}");
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '$' or '<' or '>' or '`';
}
