using Hornet.Script.Probes;

namespace Hornet.Script.LanguageServer;

/// <summary>Where in a script a place is, found from the text alone: while something is typed there is often no tree of it.</summary>
internal sealed class Cursor
{
    private readonly string _text;

    public Cursor(ScriptDocument document, int offset)
    {
        (Document, Offset, _text) = (document, offset, document.Text);
        Scan();
        WordStart = offset;
        while (WordStart > 0 && IsWordPart(_text[WordStart - 1])) WordStart--;
        WordEnd = offset;
        while (WordEnd < _text.Length && IsWordPart(_text[WordEnd])) WordEnd++;
    }

    public ScriptDocument Document { get; }
    public int Offset { get; }
    public int WordStart { get; }
    public int WordEnd { get; }

    /// <summary>The letters around the place.</summary>
    public string Word => _text[WordStart..WordEnd];

    /// <summary>What stands in front of the word; zero at the beginning.</summary>
    public char Before => WordStart > 0 ? _text[WordStart - 1] : '\0';

    /// <summary>Whether it is in a comment or a text.</summary>
    public bool IsQuiet { get; private set; }

    /// <summary>Whether it is in front of a body, where attach points stand.</summary>
    public bool IsInHead { get; private set; }

    /// <summary>Where the item (probe, macro, function) begins that the place is in.</summary>
    public int ItemStart { get; private set; }

    /// <summary>The attach points of the probe around the place; empty in macros and functions.</summary>
    public IEnumerable<string> AttachPoints
    {
        get
        {
            int brace = _text.IndexOf('{', ItemStart);
            string head = _text[ItemStart..(brace < 0 ? _text.Length : brace)].Trim();
            if (head.EndsWith('/') && PredicateStart(head) is > 0 and var predicate) head = head[..predicate];
            return head.StartsWith("macro ", StringComparison.Ordinal) || head.StartsWith("fn ", StringComparison.Ordinal) ? []
                : head.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        }
    }

    /// <summary>The arguments of the probe around the place.</summary>
    public IReadOnlyList<ScriptArgument> Arguments => AttachPoints.Select(p => ScriptDocument.Resolve(p) is [var first, ..] ? first.Arguments : null).FirstOrDefault(a => a is not null) ?? [];

    /// <summary>What closes all brackets that are open at a place of the item.</summary>
    public string Closing(int end)
    {
        Stack<char> open = [];
        for (int i = ItemStart; i < end;)
        {
            int behind = Quoted(i);
            if (behind > i)
            {
                i = behind;
                continue;
            }
            switch (_text[i++])
            {
                case '(': open.Push(')'); break;
                case '[': open.Push(']'); break;
                case '{': open.Push('}'); break;
                case ')' or ']' or '}': open.TryPop(out _); break;
            }
        }
        return string.Concat(open.Select(c => c == '}' ? "; }" : c.ToString()));
    }

    private static int PredicateStart(string head)
    {
        for (int i = 1; i < head.Length - 1; i++)
        {
            if (head[i] == '/' && (char.IsWhiteSpace(head[i - 1]) || !head[..i].Contains(':'))) return i;
        }
        return -1;
    }

    private void Scan()
    {
        int depth = 0;
        bool fresh = true;
        for (int i = 0; i < Offset;)
        {
            int end = Quoted(i);
            if (end > i)
            {
                if (end > Offset || end == Offset && _text[i] is (not '"') && _text[i + 1] != '*') IsQuiet = true;
                i = end;
                continue;
            }
            char c = _text[i];
            if (depth == 0 && fresh && !char.IsWhiteSpace(c)) (ItemStart, fresh) = (i, false);
            if (c == '{') depth++;
            if (c == '}' && depth > 0 && --depth == 0) fresh = true;
            if (c == ';' && depth == 0) fresh = true;
            i++;
        }
        IsInHead = depth == 0;
        if (fresh) ItemStart = Offset;
    }

    // The end of a comment or text that begins here; the same place when none does.
    private int Quoted(int at)
    {
        var rest = _text.AsSpan(at);
        if (rest.StartsWith("//") || at == 0 && rest.StartsWith("#!")) return _text.IndexOf('\n', at) is >= 0 and var line ? line : _text.Length;
        if (rest.StartsWith("/*")) return _text.IndexOf("*/", at + 2, StringComparison.Ordinal) is >= 0 and var close ? close + 2 : _text.Length + 1;
        if (rest[0] != '"') return at;
        int end = at + 1;
        while (end < _text.Length && _text[end] is not ('"' or '\n')) end += _text[end] == '\\' ? 2 : 1;
        return Math.Min(end + 1, _text.Length + 1);
    }

    public static bool IsWordPart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
