using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hornet.Analyzers.Fixes;

/// <summary>HRN1008: a static field that nobody assigns becomes <c>readonly</c>.</summary>
internal sealed class ReadOnlyField : Fix
{
    public override ImmutableArray<string> Ids => ["HRN1008"];

    public override string Title => "Make the field readonly";

    public override SyntaxNode? Change(SyntaxNode root, SemanticModel model, SyntaxNode node, CancellationToken cancellationToken)
    {
        if (model.GetSymbolInfo(node, cancellationToken).Symbol is not IFieldSymbol { IsStatic: true, IsReadOnly: false, IsConst: false, DeclaredAccessibility: Accessibility.Private } field) return null;
        // Private, and all of its class is here: whoever changes it is seen.
        if (field.ContainingType.DeclaringSyntaxReferences is not [{ } only] || only.SyntaxTree != root.SyntaxTree || field.DeclaringSyntaxReferences is not [{ } reference]) return null;
        if (root.FindNode(reference.Span).FirstAncestorOrSelf<FieldDeclarationSyntax>() is not { Declaration.Variables.Count: 1 } declaration || declaration.Modifiers.Any(SyntaxKind.VolatileKeyword)) return null;
        foreach (var name in only.GetSyntax(cancellationToken).DescendantNodes().OfType<IdentifierNameSyntax>())
        {
            if (name.Identifier.ValueText == field.Name && Changes(name) && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol, field)) return null;
        }
        var keyword = SyntaxFactory.Token(SyntaxKind.ReadOnlyKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        return root.ReplaceNode(declaration, declaration.AddModifiers(keyword));
    }

    private static bool Changes(ExpressionSyntax name)
    {
        if (name.Parent is MemberAccessExpressionSyntax member && member.Name == name) name = member;
        return name.Parent switch
        {
            AssignmentExpressionSyntax assignment => assignment.Left == name,
            PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax => name.Parent.IsKind(SyntaxKind.PreIncrementExpression) || name.Parent.IsKind(SyntaxKind.PreDecrementExpression)
                || name.Parent.IsKind(SyntaxKind.PostIncrementExpression) || name.Parent.IsKind(SyntaxKind.PostDecrementExpression) || name.Parent.IsKind(SyntaxKind.AddressOfExpression),
            ArgumentSyntax argument => !argument.RefKindKeyword.IsKind(SyntaxKind.None) && !argument.RefKindKeyword.IsKind(SyntaxKind.InKeyword),
            RefExpressionSyntax => true,
            // A field of a struct is assigned.
            MemberAccessExpressionSyntax inner => inner.Expression == name && Changes(inner),
            _ => false,
        };
    }
}
