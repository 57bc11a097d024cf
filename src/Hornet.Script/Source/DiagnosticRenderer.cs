using System.Text;

namespace Hornet.Script.Source;

/// <summary>
/// Diagnostics as bpftrace prints them: the place and the message, the line, what is meant underlined, then hints, then from
/// where it was expanded. What a terminal would obey is made visible; backslashes stay as they are.
/// </summary>
internal static class DiagnosticRenderer
{
    private const string Red = "\x1b[31m", Yellow = "\x1b[33m", Reset = "\x1b[0m", TabWidth = "    ";

    /// <summary>All errors, then all warnings, each ended by a line break.</summary>
    /// <param name="diagnostics">The diagnostics.</param>
    /// <param name="colors">Errors in red, warnings in yellow.</param>
    /// <param name="warnings">Whether warnings are shown.</param>
    public static string Render(IEnumerable<ScriptDiagnostic> diagnostics, bool colors = false, bool warnings = true)
    {
        StringBuilder text = new();
        var all = diagnostics as IReadOnlyCollection<ScriptDiagnostic> ?? [.. diagnostics];
        foreach (var diagnostic in all)
        {
            if (diagnostic.Severity == ScriptSeverity.Error) Append(text, diagnostic, colors);
        }
        foreach (var diagnostic in all)
        {
            if (warnings && diagnostic.Severity == ScriptSeverity.Warning) Append(text, diagnostic, colors);
        }
        return text.ToString();
    }

    /// <summary>One diagnostic with everything that belongs to it.</summary>
    public static void Append(StringBuilder text, ScriptDiagnostic diagnostic, bool colors)
    {
        AppendPlace(text, diagnostic.Severity, diagnostic.Span, diagnostic.Message, colors);
        foreach (var (span, message) in diagnostic.Notes) AppendPlace(text, diagnostic.Severity, span, message, colors);
        foreach (string hint in diagnostic.Hints) text.Append("HINT: ").Append(Safe(hint.TrimEnd('\n'))).Append('\n');
        foreach (var (span, message) in diagnostic.Context) AppendPlace(text, diagnostic.Severity, span, message, colors);
    }

    /// <summary>The line or lines of a place, underlined when it is one.</summary>
    public static void AppendSource(StringBuilder text, SourceSpan span)
    {
        if (span.Source is null) return;
        var (first, last) = (span.Source.LineAndColumn(span.Start).Line, span.Source.LineAndColumn(Math.Max(span.Start, span.End)).Line);
        if (first != last)
        {
            for (int line = first; line <= last; line++) text.Append(Safe(span.Source.Line(line).ToString())).Append('\n');
            return;
        }
        string source = span.Source.Line(first).ToString();
        int lineStart = span.Source.LineStart(first);
        int start = Math.Clamp(span.Start - lineStart, 0, source.Length), end = Math.Clamp(span.End - lineStart, start, source.Length);
        text.Append(Shown(source)).Append('\n');
        text.Append(' ', Width(source[..start])).Append('~', Width(source[start..end])).Append('\n');
    }

    private static void AppendPlace(StringBuilder text, ScriptSeverity severity, SourceSpan span, string message, bool colors)
    {
        if (colors) text.Append(severity == ScriptSeverity.Error ? Red : Yellow);
        if (span.Source is not null) text.Append(Safe(span.ToString())).Append(": ");
        text.Append(severity == ScriptSeverity.Error ? "ERROR: " : "WARNING: ").Append(Safe(message.EndsWith('\n') ? message[..^1] : message));
        if (colors) text.Append(Reset);
        text.Append('\n');
        AppendSource(text, span);
    }

    private static int Width(string source) => UntrustedText.DisplayWidth(Encoding.UTF8.GetBytes(Shown(source)));

    private static string Shown(string source) => Safe(source.Replace("\t", TabWidth, StringComparison.Ordinal));

    /// <summary>Without what a terminal obeys, but with backslashes, tabs and line breaks, which scripts are full of, as they are.</summary>
    private static string Safe(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        StringBuilder safe = new();
        int plain = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] is not ('\\' or '\t' or '\n')) continue;
            safe.Append(UntrustedText.Escape(text[plain..i]));
            if (i < text.Length) safe.Append(text[i]);
            plain = i + 1;
        }
        return safe.ToString();
    }
}
