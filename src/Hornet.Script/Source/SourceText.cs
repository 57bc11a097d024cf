using System.Text;

namespace Hornet.Script.Source;

/// <summary>A text to be compiled: a script file, the text after <c>-e</c>, a part of the standard library.</summary>
internal sealed class SourceText
{
    private readonly List<int> _lineStarts = [0];

    public SourceText(string name, string text)
    {
        Name = name;
        Text = text;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n') _lineStarts.Add(i + 1);
        }
    }

    /// <summary>As messages name it: the path, or <c>stdin</c> for text given with <c>-e</c>, as bpftrace does.</summary>
    public string Name { get; }

    public string Text { get; }

    public int LineCount => _lineStarts.Count;

    /// <summary>Line and column of a position, both counted from 1; columns count bytes of UTF-8, as bpftrace's do.</summary>
    public (int Line, int Column) LineAndColumn(int position)
    {
        int index = _lineStarts.BinarySearch(position);
        if (index < 0) index = ~index - 1;
        int start = _lineStarts[index];
        return (index + 1, Encoding.UTF8.GetByteCount(Text.AsSpan(start, Math.Min(position, Text.Length) - start)) + 1);
    }

    /// <summary>The position of a line's first character; lines are counted from 1.</summary>
    public int LineStart(int line) => _lineStarts[line - 1];

    /// <summary>A line without its end, counted from 1.</summary>
    public ReadOnlySpan<char> Line(int line)
    {
        int start = _lineStarts[line - 1];
        int end = line < _lineStarts.Count ? _lineStarts[line] : Text.Length;
        return Text.AsSpan(start, end - start).TrimEnd("\r\n");
    }
}

/// <summary>A piece of a source text.</summary>
/// <param name="Source">The text.</param>
/// <param name="Start">The first character.</param>
/// <param name="End">The character after the last.</param>
internal readonly record struct SourceSpan(SourceText Source, int Start, int End)
{
    public ReadOnlySpan<char> Text => Source.Text.AsSpan(Start, End - Start);

    /// <summary>From the beginning of this to the end of another one of the same source.</summary>
    public SourceSpan To(SourceSpan other) => this with { End = Math.Max(End, other.End) };

    /// <summary><c>stdin:1:17-25</c>, or <c>file:2-4</c> for several lines.</summary>
    public override string ToString()
    {
        if (Source is null) return "";
        var (line, column) = Source.LineAndColumn(Start);
        var (endLine, endColumn) = Source.LineAndColumn(Math.Max(Start, End));
        return line == endLine ? $"{Source.Name}:{line}:{column}-{endColumn}" : $"{Source.Name}:{line}-{endLine}";
    }
}
