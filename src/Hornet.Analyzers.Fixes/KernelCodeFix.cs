using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Hornet.Analyzers.Fixes;

/// <summary>Offers what can be done mechanically about findings in kernel code. What a rule needs thought for is left to its text.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class KernelCodeFix : CodeFixProvider
{
    private static readonly ImmutableArray<Fix> s_fixes =
        [new ArrayToStack(), new ReadOnlyField(), new SharedVariable(), new PrintedLine(), new Utf8Literal(), new ReferenceInPlace()];

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [.. s_fixes.SelectMany(fix => fix.Ids).Distinct()];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => FixAllOfRule.Instance;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null) return;
        foreach (var diagnostic in context.Diagnostics)
        {
            var node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            foreach (var fix in s_fixes)
            {
                if (!fix.Ids.Contains(diagnostic.Id) || fix.Change(root, model, node, context.CancellationToken) is not { } changed) continue;
                context.RegisterCodeFix(CodeAction.Create(fix.Title, _ => Task.FromResult(context.Document.WithSyntaxRoot(changed)), FixAllOfRule.Key), diagnostic);
            }
        }
    }
}

/// <summary>One thing that can be done.</summary>
internal abstract class Fix
{
    /// <summary>The rules it is for.</summary>
    public abstract ImmutableArray<string> Ids { get; }

    /// <summary>What editors show.</summary>
    public abstract string Title { get; }

    /// <summary>The document with the change; null where it cannot be made.</summary>
    /// <param name="root">The document.</param>
    /// <param name="model">What its names mean.</param>
    /// <param name="node">What the finding underlines.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public abstract SyntaxNode? Change(SyntaxNode root, SemanticModel model, SyntaxNode node, CancellationToken cancellationToken);
}
