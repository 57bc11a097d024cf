using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hornet.Analyzers.Fixes;

/// <summary>HRN1001: <c>int[] a = new int[4]</c> becomes <c>Span&lt;int&gt; a = stackalloc int[4]</c>.</summary>
internal sealed class ArrayToStack : Fix
{
    public override ImmutableArray<string> Ids => ["HRN1001"];

    public override string Title => "Keep the elements on the stack";

    public override SyntaxNode? Change(SyntaxNode root, SemanticModel model, SyntaxNode node, CancellationToken cancellationToken)
    {
        if (node.FirstAncestorOrSelf<ArrayCreationExpressionSyntax>() is not { Parent: EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Variables.Count: 1 } declaration } } } creation) return null;
        if (declaration.Parent is not LocalDeclarationStatementSyntax || model.GetTypeInfo(creation, cancellationToken).Type is not IArrayTypeSymbol { Rank: 1, ElementType: { IsUnmanagedType: true } element }) return null;
        // How many is fixed when the program is compiled.
        bool isFixed = creation.Initializer is not null || creation.Type.RankSpecifiers is [{ Sizes: [{ } size] }] && model.GetConstantValue(size, cancellationToken).HasValue;
        if (!isFixed) return null;
        var elementType = creation.Type.ElementType.WithoutTrivia();
        var onStack = SyntaxFactory.StackAllocArrayCreationExpression(
            SyntaxFactory.Token(SyntaxKind.StackAllocKeyword).WithTrailingTrivia(SyntaxFactory.Space), creation.Type.WithoutTrivia(), creation.Initializer).WithTriviaFrom(creation);
        var type = SyntaxFactory.ParseTypeName($"Span<{elementType}>").WithTriviaFrom(declaration.Type);
        return root.ReplaceNodes((IEnumerable<SyntaxNode>)[creation, declaration.Type], (old, _) => old == creation ? onStack : type);
    }
}
