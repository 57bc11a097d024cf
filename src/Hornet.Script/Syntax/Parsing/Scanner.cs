using Hornet.Script.Source;

namespace Hornet.Script.Syntax.Parsing;

/// <summary>
/// Reads a text from left to right: white space and comments, words, single characters. What a character means depends on
/// where it stands (a path in an attach point, a division, the end of a predicate), so the parser asks for what it expects.
/// </summary>
internal sealed class Scanner(SourceText source)
{
    private readonly string _text = source.Text;

    // The same blanks and comments are looked at again and again by those who look ahead.
    private int _layoutFrom = -1;
    private int _layoutTo;

    public SourceText Source { get; } = source;

    /// <summary>Takes every comment that is passed, by where it begins; null when nobody wants them.</summary>
    public SortedDictionary<int, int>? Comments { get; init; }

    /// <summary>The next character's index.</summary>
    public int Position { get; set; }

    public int Length => _text.Length;

    public bool AtEnd => Position >= _text.Length;

    /// <summary>The next character, or one behind it; a zero behind the end.</summary>
    public char Peek(int offset = 0) => CharAt(Position + offset);

    public char CharAt(int position) => (uint)position < (uint)_text.Length ? _text[position] : '\0';

    public void Advance(int count = 1) => Position = Math.Min(Position + count, _text.Length);

    /// <summary>Skips white space and comments.</summary>
    public void SkipLayout() => Position = LayoutEnd(Position);

    /// <summary>Where the white space and comments at a position end.</summary>
    public int LayoutEnd(int position)
    {
        if (position == _layoutFrom) return _layoutTo;
        int end = FindLayoutEnd(position);
        (_layoutFrom, _layoutTo) = (position, end);
        return end;
    }

    /// <summary>Skips layout and takes the character when it is the next.</summary>
    public bool Match(char c)
    {
        SkipLayout();
        if (AtEnd || Peek() != c) return false;
        Position++;
        return true;
    }

    /// <summary>Skips layout and takes the word when it is the next and not the beginning of a longer one.</summary>
    public bool MatchWord(string word)
    {
        SkipLayout();
        if (!IsWordAt(Position, word)) return false;
        Position += word.Length;
        return true;
    }

    /// <summary>Whether the next thing, behind layout, is this word.</summary>
    public bool IsWordNext(string word) => IsWordAt(LayoutEnd(Position), word);

    /// <summary>The word at the current position; empty when none stands there.</summary>
    public ReadOnlySpan<char> PeekWord() => _text.AsSpan(Position, WordEnd(Position) - Position);

    /// <summary>Skips layout and takes a word that does not begin with a digit; null when none stands there.</summary>
    public string? Identifier()
    {
        SkipLayout();
        if (!IsWordStart(Peek())) return null;
        int start = Position;
        Position = WordEnd(start);
        return _text[start..Position];
    }

    public int WordEnd(int position)
    {
        while (IsWordPart(CharAt(position))) position++;
        return position;
    }

    /// <summary>Behind the bracket that closes the one at the position, or at the end of the text; the position when none stands there.</summary>
    public int BalancedEnd(int position, char open, char close)
    {
        if (CharAt(position) != open) return position;
        int depth = 1;
        for (position++; position < _text.Length && depth > 0; position++)
        {
            if (_text[position] == open) depth++;
            else if (_text[position] == close) depth--;
        }
        return position;
    }

    /// <summary>The end of the token at a position, as messages underline it.</summary>
    public int TokenEnd(int position)
    {
        if (position >= _text.Length) return position;
        char c = _text[position];
        if (IsWordStart(c)) return WordEnd(position);
        if (c is '@' or '$') return WordEnd(position + 1);
        if (!char.IsAsciiDigit(c)) return position + 1;
        while (char.IsAsciiLetterOrDigit(CharAt(position)) || CharAt(position) == '.') position++;
        return position;
    }

    public string Slice(int start, int end) => _text[start..end];

    public SourceSpan Span(int start, int end) => new(Source, start, end);

    /// <summary>From a position to the current one.</summary>
    public SourceSpan SpanFrom(int start) => new(Source, start, Math.Max(start, Position));

    /// <summary>
    /// Behind the string literal that begins at the position, its comment, or the single character: steps that do not stop
    /// inside a literal when a broken place is skipped.
    /// </summary>
    public int StepOver(int position)
    {
        char c = CharAt(position);
        if (c == '/' && CharAt(position + 1) is '/' or '*') return Math.Max(position + 1, LayoutEnd(position));
        if (c != '"') return position + 1;
        for (position++; position < _text.Length && _text[position] is not ('"' or '\n'); position++)
        {
            if (_text[position] == '\\') position++;
        }
        return Math.Min(position + 1, _text.Length);
    }

    public static bool IsWordStart(char c) => char.IsAsciiLetter(c) || c == '_';

    public static bool IsWordPart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    public static bool IsBlank(char c) => c is ' ' or '\t' or '\r' or '\n' or '\v' or '\f';

    private bool IsWordAt(int position, string word) =>
        position + word.Length <= _text.Length && _text.AsSpan(position, word.Length).SequenceEqual(word) && !IsWordPart(CharAt(position + word.Length));

    private int FindLayoutEnd(int position)
    {
        while (position < _text.Length)
        {
            char c = _text[position];
            if (IsBlank(c)) position++;
            else if (c == '/' && CharAt(position + 1) == '/')
            {
                int end = _text.IndexOf('\n', position);
                if (end < 0) end = _text.Length;
                Comments?.TryAdd(position, end);
                position = end;
            }
            else if (c == '/' && CharAt(position + 1) == '*')
            {
                int end = _text.IndexOf("*/", position + 2, StringComparison.Ordinal);
                end = end < 0 ? _text.Length : end + 2;
                Comments?.TryAdd(position, end);
                position = end;
            }
            else break;
        }
        return position;
    }
}
