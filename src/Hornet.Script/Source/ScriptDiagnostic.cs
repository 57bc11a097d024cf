namespace Hornet.Script.Source;

internal enum ScriptSeverity
{
    Warning,
    Error,
}

/// <summary>Something about a script, at a place of it.</summary>
/// <param name="Severity">Whether the script can run.</param>
/// <param name="Span">The place.</param>
/// <param name="Message">What is wrong.</param>
internal sealed record ScriptDiagnostic(ScriptSeverity Severity, SourceSpan Span, string Message)
{
    /// <summary>What to do about it; several are written one below the other.</summary>
    public List<string> Hints { get; } = [];

    /// <summary>Other places that belong to it, shown in front of the hints.</summary>
    public List<(SourceSpan Span, string Message)> Notes { get; } = [];

    /// <summary>Where the place was expanded from (<c>expanded from</c>): macro calls, innermost first. Shown last.</summary>
    public List<(SourceSpan Span, string Message)> Context { get; } = [];
}

/// <summary>What is collected while a script is compiled. All passes that still make sense run before errors end it.</summary>
internal sealed class DiagnosticBag
{
    private readonly List<ScriptDiagnostic> _all = [];

    public IReadOnlyList<ScriptDiagnostic> All => _all;

    public bool HasErrors { get; private set; }

    public ScriptDiagnostic Error(SourceSpan span, string message) => Add(new ScriptDiagnostic(ScriptSeverity.Error, span, message));

    public ScriptDiagnostic Warning(SourceSpan span, string message) => Add(new ScriptDiagnostic(ScriptSeverity.Warning, span, message));

    public ScriptDiagnostic Add(ScriptDiagnostic diagnostic)
    {
        // The same place can be looked at once for every expansion of a probe.
        if (_all.Find(d => d.Severity == diagnostic.Severity && d.Span == diagnostic.Span && d.Message == diagnostic.Message) is { } known) return known;
        _all.Add(diagnostic);
        HasErrors |= diagnostic.Severity == ScriptSeverity.Error;
        return diagnostic;
    }
}

/// <summary>A script that cannot be compiled or attached; the diagnostics say why.</summary>
internal sealed class ScriptException(IReadOnlyList<ScriptDiagnostic> diagnostics) : BpfException(diagnostics.Count > 0 ? diagnostics[0].Message : "The script cannot run.")
{
    public IReadOnlyList<ScriptDiagnostic> Diagnostics { get; } = diagnostics;
}
