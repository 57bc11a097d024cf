using Hornet.Script.Source;

namespace Hornet.Script.Syntax.Printing;

/// <summary>The comments of a script in their order, each given out once.</summary>
internal sealed class CommentReader
{
    private readonly SourceText _source;
    private readonly List<(int Start, int End)> _comments = [];
    private int _next;

    public CommentReader(ScriptSyntax script, SortedDictionary<int, int> comments)
    {
        _source = script.Span.Source;
        int covered = 0;
        foreach (var (start, end) in comments)
        {
            // Those in C stay where they are; what looks like one inside of another is none.
            if (start < covered || script.CDefinitions.Any(c => start >= c.Span.Start && start < c.Span.End)) continue;
            _comments.Add((start, end));
            covered = end;
        }
    }

    public bool HasBefore(int position) => _next < _comments.Count && _comments[_next].Start < position;

    /// <summary>The lines of the next comment without their marks, and where it stands; null when none begins before the position.</summary>
    public (IReadOnlyList<string> Lines, int Start, int End)? Take(int before)
    {
        if (!HasBefore(before)) return null;
        var (start, end) = _comments[_next++];
        return (Lines(_source.Text.AsSpan(start, end - start)), start, end);
    }

    /// <summary>The next comment when it begins in the line in which something ended, and in front of a position.</summary>
    public (IReadOnlyList<string> Lines, int Start, int End)? TakeBehind(int end, int before) =>
        HasBefore(before) && _comments[_next].Start >= end && !_source.Text.AsSpan(end, _comments[_next].Start - end).Contains('\n') ? Take(before) : null;

    /// <summary>Whether an empty line stands between two places.</summary>
    public bool HasBlankLine(int start, int end)
    {
        bool newLine = false;
        for (int i = Math.Max(0, start); i < end && i < _source.Text.Length; i++)
        {
            char c = _source.Text[i];
            if (c == '\n')
            {
                if (newLine) return true;
                newLine = true;
            }
            else if (!char.IsWhiteSpace(c)) newLine = false;
        }
        return false;
    }

    private static List<string> Lines(ReadOnlySpan<char> comment)
    {
        if (comment.StartsWith("//")) return [Content(comment[2..])];
        var inner = comment[2..];
        if (inner.EndsWith("*/")) inner = inner[..^2];
        List<string> lines = [];
        bool first = true;
        foreach (var range in inner.Split('\n'))
        {
            var line = inner[range].Trim();
            // The stars that people put in front of each line.
            if (!first) line = line.TrimStart('*');
            first = false;
            lines.Add(Content(line));
        }
        while (lines.Count > 1 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        if (lines.Count > 1 && lines[0].Length == 0) lines.RemoveAt(0);
        return lines;
    }

    private static string Content(ReadOnlySpan<char> text) => (text.StartsWith(' ') ? text[1..] : text).TrimEnd().ToString();
}
