using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hornet.Analyzers.Fixes;

/// <summary>HRN2113: <c>var value = map.GetOrAdd(key)</c>, a copy, becomes <c>ref var value = ref map.GetOrAdd(key)</c>.</summary>
internal sealed class ReferenceInPlace : Fix
{
    public override ImmutableArray<string> Ids => ["HRN2113"];

    public override string Title => "Work on the value in place";

    public override SyntaxNode? Change(SyntaxNode root, SemanticModel model, SyntaxNode node, CancellationToken cancellationToken)
    {
        if (node.FirstAncestorOrSelf<LocalDeclarationStatementSyntax>() is not { Declaration: { Variables: [{ Initializer.Value: { } value }] } declaration } || declaration.Type is RefTypeSyntax) return null;
        bool isPlace = model.GetSymbolInfo(value, cancellationToken).Symbol switch
        {
            IMethodSymbol method => method.ReturnsByRef,
            IPropertySymbol property => property.ReturnsByRef,
            ILocalSymbol local => local.RefKind == RefKind.Ref,
            IParameterSymbol parameter => parameter.RefKind == RefKind.Ref,
            IFieldSymbol => value is MemberAccessExpressionSyntax,
            _ => false,
        };
        if (!isPlace) return null;
        var type = SyntaxFactory.RefType(SyntaxFactory.Token(SyntaxKind.RefKeyword).WithTrailingTrivia(SyntaxFactory.Space), declaration.Type.WithoutLeadingTrivia()).WithLeadingTrivia(declaration.Type.GetLeadingTrivia());
        var reference = SyntaxFactory.RefExpression(SyntaxFactory.Token(SyntaxKind.RefKeyword).WithTrailingTrivia(SyntaxFactory.Space), value.WithoutLeadingTrivia()).WithLeadingTrivia(value.GetLeadingTrivia());
        return root.ReplaceNodes((IEnumerable<SyntaxNode>)[declaration.Type, value], (old, _) => old == value ? reference : type);
    }
}
