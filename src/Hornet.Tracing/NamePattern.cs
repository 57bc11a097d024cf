using System.IO.Enumeration;
using System.Text;

namespace Hornet.Tracing;

/// <summary>A name with the wildcards <c>*</c> (any text) and <c>?</c> (any one character).</summary>
internal readonly struct NamePattern
{
    private const int LongestName = 512;

    private readonly string _text;
    private readonly byte[] _prefix;

    public NamePattern(string text)
    {
        _text = text;
        int wildcard = text.AsSpan().IndexOfAny('*', '?');
        IsExact = wildcard < 0;
        _prefix = Encoding.UTF8.GetBytes(IsExact ? text : text[..wildcard]);
    }

    /// <summary>Whether it stands for one name only.</summary>
    public bool IsExact { get; }

    public override string ToString() => _text;

    public bool Matches(ReadOnlySpan<char> name) =>
        IsExact ? name.SequenceEqual(_text) : FileSystemName.MatchesSimpleExpression(_text, name, ignoreCase: false);

    /// <summary>The same for a name that is still bytes: most are turned down by their beginning, without decoding.</summary>
    public bool Matches(ReadOnlySpan<byte> name)
    {
        if (!name.StartsWith(_prefix)) return false;
        if (IsExact) return name.Length == _prefix.Length;
        if (_text.Length == _prefix.Length + 1 && _text[^1] == '*') return true;
        if (name.Length > LongestName) return false;
        Span<char> text = stackalloc char[LongestName];
        return Encoding.UTF8.TryGetChars(name, text, out int length) && Matches(text[..length]);
    }
}
