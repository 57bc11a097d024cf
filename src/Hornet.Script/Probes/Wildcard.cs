using System.Text;

namespace Hornet.Script.Probes;

/// <summary>A pattern of attach points: a star stands for any text. Brackets count as a pattern too, but mean themselves.</summary>
internal sealed class Wildcard
{
    private readonly string _text;
    private readonly string[] _parts;
    private readonly byte[][] _bytes;
    private readonly bool _fromStart, _toEnd;

    public Wildcard(string text)
    {
        _text = text;
        _parts = text.Split('*', StringSplitOptions.RemoveEmptyEntries);
        _bytes = [.. _parts.Select(Encoding.UTF8.GetBytes)];
        _fromStart = !text.StartsWith('*');
        _toEnd = !text.EndsWith('*');
    }

    /// <summary>Whether a text is a pattern and no name.</summary>
    public static bool Is(string text) => text.Contains('*') || (text.Contains('[') && text.Contains(']'));

    public bool IsExact => !_text.Contains('*');

    public bool IsAll => _parts.Length == 0 && _text.Length > 0;

    public override string ToString() => _text;

    public bool Matches(ReadOnlySpan<char> name)
    {
        if (_parts.Length == 0) return _text.Length > 0 || name.IsEmpty;
        if (IsExact) return name.SequenceEqual(_text);
        var rest = name;
        for (int i = 0; i < _parts.Length; i++)
        {
            string part = _parts[i];
            if (i == _parts.Length - 1 && _toEnd)
            {
                return rest.EndsWith(part, StringComparison.Ordinal) && (i > 0 || !_fromStart || rest.Length == part.Length);
            }
            int at = i == 0 && _fromStart ? (rest.StartsWith(part, StringComparison.Ordinal) ? 0 : -1) : rest.IndexOf(part, StringComparison.Ordinal);
            if (at < 0) return false;
            rest = rest[(at + part.Length)..];
        }
        return true;
    }

    /// <summary>The same for names that are bytes still, as in BTF: nothing is decoded.</summary>
    public bool Matches(ReadOnlySpan<byte> name)
    {
        if (_bytes.Length == 0) return _text.Length > 0 || name.IsEmpty;
        if (IsExact) return name.SequenceEqual(_bytes[0]);
        var rest = name;
        for (int i = 0; i < _bytes.Length; i++)
        {
            byte[] part = _bytes[i];
            if (i == _bytes.Length - 1 && _toEnd) return rest.EndsWith(part) && (i > 0 || !_fromStart || rest.Length == part.Length);
            int at = i == 0 && _fromStart ? (rest.StartsWith(part) ? 0 : -1) : rest.IndexOf(part);
            if (at < 0) return false;
            rest = rest[(at + part.Length)..];
        }
        return true;
    }
}
