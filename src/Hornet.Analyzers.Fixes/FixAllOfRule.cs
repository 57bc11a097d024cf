using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Hornet.Analyzers.Fixes;

/// <summary>
/// Makes all changes for a rule, which has one kind of change. Who asks says which by the offer for some finding; <c>dotnet format</c> takes that of the analyzer's
/// first finding, of whatever rule, or of none when nothing is offered for it. So only the rule counts here.
/// </summary>
internal sealed class FixAllOfRule : FixAllProvider
{
    public const string Key = "Hornet";

    public static readonly FixAllOfRule Instance = new();

    public override IEnumerable<FixAllScope> GetSupportedFixAllScopes() => WellKnownFixAllProviders.BatchFixer.GetSupportedFixAllScopes();

    public override Task<CodeAction?> GetFixAsync(FixAllContext context)
    {
        Found found = new(context);
        var all = context.Document is { } document
            ? new FixAllContext(document, context.CodeFixProvider, context.Scope, Key, context.DiagnosticIds, found, context.CancellationToken)
            : new FixAllContext(context.Project, context.CodeFixProvider, context.Scope, Key, context.DiagnosticIds, found, context.CancellationToken);
        return WellKnownFixAllProviders.BatchFixer.GetFixAsync(all);
    }

    // The findings that the first context knows.
    private sealed class Found(FixAllContext context) : FixAllContext.DiagnosticProvider
    {
        public override async Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            await context.GetAllDiagnosticsAsync(project).ConfigureAwait(false);

        public override async Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) =>
            await context.GetDocumentDiagnosticsAsync(document).ConfigureAwait(false);

        public override async Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            await context.GetProjectDiagnosticsAsync(project).ConfigureAwait(false);
    }
}
