using System.Buffers;

namespace Hornet.Programs.Verifier;

/// <summary>
/// A kernel message with holes: <c>{reg} invalid mem access '{type}'</c>. A hole takes the shortest text up to what
/// follows it; there is no backtracking, so a match costs no more than the line is long.
/// </summary>
internal sealed class MessageTemplate
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789-");

    private readonly List<(bool IsHole, string Text)> _parts = [];

    public MessageTemplate(string text)
    {
        Text = text;
        int at = 0;
        while (at < text.Length)
        {
            int open = text.IndexOf('{', at);
            if (open != at) _parts.Add((false, text[at..(open < 0 ? text.Length : open)]));
            if (open < 0) break;
            int close = text.IndexOf('}', open);
            _parts.Add((true, text[(open + 1)..close]));
            at = close + 1;
        }
    }

    public string Text { get; }

    /// <summary>Matches the whole line; the holes' contents go into <paramref name="captures"/>.</summary>
    public bool Match(ReadOnlySpan<char> line, Dictionary<string, string> captures)
    {
        captures.Clear();
        var rest = line;
        for (int n = 0; n < _parts.Count; n++)
        {
            var (isHole, text) = _parts[n];
            if (!isHole)
            {
                if (!rest.StartsWith(text)) return false;
                rest = rest[text.Length..];
                continue;
            }
            int length;
            if (n + 1 == _parts.Count) length = rest.Length;
            else if (n + 2 == _parts.Count) length = rest.EndsWith(_parts[n + 1].Text) ? rest.Length - _parts[n + 1].Text.Length : -1;
            else length = rest.IndexOf(_parts[n + 1].Text);
            if (length < 0 || !Fits(text, rest[..length])) return false;
            captures[text] = rest[..length].ToString();
            rest = rest[length..];
        }
        return rest.IsEmpty;
    }

    // A register is Rn or, for a seventh argument and beyond, a place on the stack (7.2); a number is a number.
    private static bool Fits(string hole, ReadOnlySpan<char> text) => hole switch
    {
        "reg" or "reg2" => (text.Length is 2 or 3 && text[0] == 'R' && char.IsAsciiDigit(text[1])) || text.StartsWith("*(R") || text.StartsWith("arg#"),
        "n" or "insn" or "to" or "size" => text.Length > 0 && !text.ContainsAnyExcept(Digits),
        "any" => true,
        _ => text.Length > 0,
    };
}
