using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hornet.Analyzers.Fixes;

/// <summary>HRN2104, HRN2108: <c>Encoding.UTF8.GetBytes("GET")</c> becomes <c>"GET"u8</c>.</summary>
internal sealed class Utf8Literal : Fix
{
    public override ImmutableArray<string> Ids => ["HRN1001", "HRN2104", "HRN2108"];

    public override string Title => "Write the text as a UTF-8 literal";

    public override SyntaxNode? Change(SyntaxNode root, SemanticModel model, SyntaxNode node, CancellationToken cancellationToken)
    {
        var call = node.AncestorsAndSelf().OfType<InvocationExpressionSyntax>().FirstOrDefault(candidate =>
            model.GetSymbolInfo(candidate, cancellationToken).Symbol is IMethodSymbol { Name: "GetBytes", ContainingType: { Name: "Encoding", ContainingNamespace.Name: "Text" } });
        if (call is not { ArgumentList.Arguments: [{ Expression: LiteralExpressionSyntax literal }], Expression: MemberAccessExpressionSyntax { Expression: { } encoding } } || !literal.Token.IsKind(SyntaxKind.StringLiteralToken)) return null;
        // Latin-1 and UTF-16 are other bytes.
        if (model.GetSymbolInfo(encoding, cancellationToken).Symbol is not IPropertySymbol { Name: "UTF8" or "ASCII" } property || property.Name == "ASCII" && literal.Token.ValueText.Any(c => c > 127)) return null;
        return root.ReplaceNode(call, SyntaxFactory.ParseExpression($"{literal.Token.Text}u8").WithTriviaFrom(call));
    }
}
