using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hornet.Analyzers.Fixes;

/// <summary>HRN2109: <c>Console.WriteLine(…)</c> becomes <c>Bpf.Print($"…")</c>.</summary>
internal sealed class PrintedLine : Fix
{
    public override ImmutableArray<string> Ids => ["HRN2109"];

    public override string Title => "Print with Bpf.Print";

    public override SyntaxNode? Change(SyntaxNode root, SemanticModel model, SyntaxNode node, CancellationToken cancellationToken)
    {
        if (node.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { ArgumentList.Arguments: [{ RefKindKeyword.RawKind: 0 } argument] } call) return null;
        if (model.GetSymbolInfo(call, cancellationToken).Symbol is not IMethodSymbol { Name: "WriteLine", ContainingType: { Name: "Console", ContainingNamespace.Name: "System" } }) return null;
        var text = argument.Expression switch
        {
            InterpolatedStringExpressionSyntax interpolated => interpolated.WithoutTrivia().ToString(),
            LiteralExpressionSyntax literal when literal.Token.IsKind(SyntaxKind.StringLiteralToken) && literal.Token.Text[0] == '"' => $"${literal.Token.Text.Replace("{", "{{").Replace("}", "}}")}",
            // A colon or a question mark would be taken for a format.
            ConditionalExpressionSyntax or LiteralExpressionSyntax => $"$\"{{({argument.Expression.WithoutTrivia()})}}\"",
            var value => $"$\"{{{value.WithoutTrivia()}}}\"",
        };
        return root.ReplaceNode(call, SyntaxFactory.ParseExpression($"Bpf.Print({text})").WithTriviaFrom(call));
    }
}
