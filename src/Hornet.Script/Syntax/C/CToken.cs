using Hornet.Script.Source;

namespace Hornet.Script.Syntax.C;

internal enum CTokenKind : byte
{
    End,
    Word,
    Number,
    Text,
    Character,
    Mark,
}

/// <summary>A word, number, literal or mark of C.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As written; of <see cref="CTokenKind.End"/>, empty.</param>
/// <param name="Span">Its place; of what a macro was replaced by, the macro's place where it was used.</param>
internal readonly record struct CToken(CTokenKind Kind, string Text, SourceSpan Span)
{
    /// <summary>The end of everything, at no place.</summary>
    public static readonly CToken Nothing = new(CTokenKind.End, "", default);

    public bool SpaceBefore { get; init; }
    public bool FirstOnLine { get; init; }

    /// <summary>The macros that this must not be replaced by any more, as it came out of them.</summary>
    public HiddenMacros? Hidden { get; init; }

    public bool Is(string mark) => Kind == CTokenKind.Mark && Text == mark;

    public bool IsWord(string word) => Kind == CTokenKind.Word && Text == word;

    public override string ToString() => Kind == CTokenKind.End ? "end of file" : Text;
}

/// <summary>Names of macros, as a list that shares its tail with others.</summary>
internal sealed class HiddenMacros(string name, HiddenMacros? rest)
{
    public string Name { get; } = name;
    public HiddenMacros? Rest { get; } = rest;

    public static bool Contains(HiddenMacros? list, string name)
    {
        for (; list is not null; list = list.Rest)
        {
            if (list.Name == name) return true;
        }
        return false;
    }

    public static HiddenMacros Add(HiddenMacros? list, string name) => list is not null && Contains(list, name) ? list : new HiddenMacros(name, list);

    public static HiddenMacros? Union(HiddenMacros? first, HiddenMacros? second)
    {
        if (ReferenceEquals(first, second) || second is null) return first;
        if (first is null) return second;
        for (; second is not null; second = second.Rest) first = Add(first, second.Name);
        return first;
    }

    public static HiddenMacros? Intersect(HiddenMacros? first, HiddenMacros? second)
    {
        if (ReferenceEquals(first, second)) return first;
        HiddenMacros? result = null;
        for (; first is not null; first = first.Rest)
        {
            if (Contains(second, first.Name)) result = new HiddenMacros(first.Name, result);
        }
        return result;
    }
}
