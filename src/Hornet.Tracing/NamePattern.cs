using System.Text;

namespace Hornet.Tracing;

/// <summary>A name with the wildcards <c>*</c> (any text) and <c>?</c> (any one character).</summary>
internal sealed class NamePattern
{
    private readonly string _text;
    private readonly char[][] _parts;
    private readonly byte[][] _bytes;
    private readonly bool _starsOnly, _fromStart, _toEnd, _hasAny;

    /// <param name="text">The pattern.</param>
    /// <param name="starsOnly">Whether a question mark means itself.</param>
    public NamePattern(string text, bool starsOnly = false)
    {
        string[] parts = text.Split('*', StringSplitOptions.RemoveEmptyEntries);
        _text = text;
        _starsOnly = starsOnly;
        _parts = [.. parts.Select(p => p.ToCharArray())];
        _bytes = [.. parts.Select(Encoding.UTF8.GetBytes)];
        _fromStart = !text.StartsWith('*');
        _toEnd = !text.EndsWith('*');
        _hasAny = !starsOnly && text.Contains('?');
        IsExact = !_hasAny && !text.Contains('*');
    }

    /// <summary>Whether it stands for one name only.</summary>
    public bool IsExact { get; }

    public override string ToString() => _text;

    /// <summary>The pattern of names that begin with a text, and go on as this one says.</summary>
    public NamePattern Behind(string prefix) => new(prefix + _text, _starsOnly);

    public bool Matches(ReadOnlySpan<char> name) => Matches(name, _parts, '?');

    /// <summary>The same for a name that is still bytes, as in BTF: nothing is decoded.</summary>
    public bool Matches(ReadOnlySpan<byte> name) => Matches(name, _bytes, (byte)'?');

    private bool Matches<T>(ReadOnlySpan<T> name, T[][] parts, T any) where T : struct, IEquatable<T>
    {
        if (parts.Length == 0) return _text.Length > 0 || name.IsEmpty;
        // The first part is at the beginning, the last at the end, and each of the others at the first place that it can have.
        for (int i = 0; i < parts.Length; i++)
        {
            T[] part = parts[i];
            if (i == parts.Length - 1 && _toEnd)
                return name.Length >= part.Length && Fits(name[^part.Length..], part, any) && (i > 0 || !_fromStart || name.Length == part.Length);
            int at = i > 0 || !_fromStart ? Find(name, part, any) : name.Length >= part.Length && Fits(name[..part.Length], part, any) ? 0 : -1;
            if (at < 0) return false;
            name = name[(at + part.Length)..];
        }
        return true;
    }

    private int Find<T>(ReadOnlySpan<T> name, T[] part, T any) where T : struct, IEquatable<T>
    {
        if (!_hasAny) return name.IndexOf(part);
        for (int at = 0; at + part.Length <= name.Length; at++)
        {
            if (Fits(name.Slice(at, part.Length), part, any)) return at;
        }
        return -1;
    }

    private bool Fits<T>(ReadOnlySpan<T> text, T[] part, T any) where T : struct, IEquatable<T>
    {
        if (!_hasAny) return text.SequenceEqual(part);
        for (int i = 0; i < part.Length; i++)
        {
            if (!part[i].Equals(any) && !part[i].Equals(text[i])) return false;
        }
        return true;
    }
}
