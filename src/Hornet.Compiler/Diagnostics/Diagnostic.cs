using System.Text;
using Hornet.Compiler.IR;

namespace Hornet.Compiler.Diagnostics;

/// <summary>How bad a finding is.</summary>
public enum DiagnosticSeverity
{
    /// <summary>Worth knowing; the program is compiled.</summary>
    Warning,
    /// <summary>The program is not compiled.</summary>
    Error,
}

/// <summary>A finding about the user's program, at its place in the source.</summary>
/// <param name="Id">The rule: <c>HRN2104</c>.</param>
/// <param name="Severity">How bad.</param>
/// <param name="Location">Where; null when unknown.</param>
/// <param name="Message">What is wrong, with the user's own names.</param>
public sealed record Diagnostic(string Id, DiagnosticSeverity Severity, SourceLocation? Location, string Message)
{
    /// <summary>Why it is so; null to leave it out.</summary>
    public string? Why { get; init; } = DiagnosticRules.Find(Id)?.Why;

    /// <summary>What to do about it; null to leave it out.</summary>
    public string? Fix { get; init; } = DiagnosticRules.Find(Id)?.Fix;

    /// <summary>The program it is about, as a reader knows it: <c>kernel tracepoint:syscalls:sys_enter_openat</c>.</summary>
    public string? Program { get; init; }

    /// <summary>Makes an error of a rule.</summary>
    public static Diagnostic Error(DiagnosticRule rule, SourceLocation? location, string message)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new(rule.Id, DiagnosticSeverity.Error, location, message);
    }

    /// <summary>The finding as text: where and what, the line with the place marked, how it came there, why, and what to do.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        if (Location is { } at) text.Append(at).Append(": ");
        text.Append(Severity == DiagnosticSeverity.Error ? "error " : "warning ").Append(Id).Append(": ").Append(Message);
        AppendSource(text);
        if (Why is { Length: > 0 }) text.Append("\n   why: ").Append(Why);
        if (Fix is { Length: > 0 }) text.Append("\n   fix: ").Append(Fix);
        return text.ToString();
    }

    private void AppendSource(StringBuilder text)
    {
        string context = Context();
        if (Location is not { SourceText: { } line, Line: > 0 } at)
        {
            if (context.Length > 0) text.Append("\n   ").Append(context);
            return;
        }
        string number = $"{at.Line,5}";
        text.Append('\n').Append(number).Append(" | ").Append(line.Replace('\t', ' '));
        int column = Math.Clamp(at.Column - 1, 0, line.Length);
        int end = at.EndLine == at.Line && at.EndColumn > at.Column ? at.EndColumn - 1 : at.EndLine > at.Line ? line.TrimEnd().Length : column + 1;
        text.Append('\n').Append(' ', number.Length).Append(" | ").Append(' ', column).Append('^', Math.Max(1, Math.Min(end, Math.Max(line.Length, column + 1)) - column));
        if (context.Length > 0) text.Append("  ").Append(context);
    }

    private string Context()
    {
        List<string> parts = [];
        if (Program is { } program) parts.Add("in " + program);
        for (var from = Location; from?.InlinedAt is { } caller; from = caller)
            parts.Add(from.Method is { } method ? $"{method} inlined at {caller}" : $"inlined at {caller}");
        return string.Join(", ", parts);
    }
}

/// <summary>A program could not be compiled. Every reason is in <see cref="Diagnostics"/>, not only the first.</summary>
public sealed class CompilationException : BpfException
{
    /// <summary>Makes the exception.</summary>
    public CompilationException(IReadOnlyList<Diagnostic> diagnostics) : base(Text(diagnostics)) => Diagnostics = diagnostics;

    /// <summary>What was found.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    private static string Text(IReadOnlyList<Diagnostic> diagnostics)
    {
        ArgumentNullException.ThrowIfNull(diagnostics);
        return string.Join("\n", diagnostics.Select(d => d.ToString()));
    }
}
