using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hornet.Analyzers.Fixes;

/// <summary>HRN1009: a captured local that kernel code assigns becomes a <c>BpfGlobal&lt;T&gt;</c>, which both sides read and write.</summary>
internal sealed class SharedVariable : Fix
{
    public override ImmutableArray<string> Ids => ["HRN1009"];

    public override string Title => "Share the variable with the kernel (BpfGlobal)";

    public override SyntaxNode? Change(SyntaxNode root, SemanticModel model, SyntaxNode node, CancellationToken cancellationToken)
    {
        var local = node.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Select(name => model.GetSymbolInfo(name, cancellationToken).Symbol).OfType<ILocalSymbol>().FirstOrDefault();
        if (local is not { Type.IsUnmanagedType: true, RefKind: RefKind.None, IsConst: false } || local.DeclaringSyntaxReferences is not [{ } reference]) return null;
        if (reference.GetSyntax(cancellationToken) is not VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: LocalDeclarationStatementSyntax { Parent: BlockSyntax block } statement } } declarator) return null;
        List<IdentifierNameSyntax> uses = [.. block.DescendantNodes().OfType<IdentifierNameSyntax>()
            .Where(name => name.Identifier.ValueText == local.Name && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol, local))];
        // The names of tuples and the like would become others.
        if (uses.Exists(use => use.Parent is ArgumentSyntax { Parent: TupleExpressionSyntax } or AnonymousObjectMemberDeclaratorSyntax)) return null;
        string type = local.Type.ToMinimalDisplayString(model, statement.SpanStart);
        string initial = declarator.Initializer?.Value is { } value && !IsDefault(model, value, cancellationToken) ? $", {value.WithoutTrivia()}" : "";
        // What outlives the block must not be closed at its end.
        bool escapes = block.Statements.OfType<ReturnStatementSyntax>().Any(returned => returned.DescendantNodes().OfType<AnonymousFunctionExpressionSyntax>().Any());
        var shared = SyntaxFactory.ParseStatement($"{(escapes ? "" : "using ")}var {declarator.Identifier.Text} = BpfGlobal<{type}>.Create(\"{Short(local.Name)}\"{initial});").WithTriviaFrom(statement);
        return root.ReplaceNodes(uses.Cast<SyntaxNode>().Append(statement), (old, _) => old == statement ? shared
            : SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, ((IdentifierNameSyntax)old).WithoutTrivia(), SyntaxFactory.IdentifierName("Value")).WithTriviaFrom(old));
    }

    private static bool IsDefault(SemanticModel model, ExpressionSyntax value, CancellationToken cancellationToken) =>
        value.IsKind(SyntaxKind.DefaultLiteralExpression) || model.GetConstantValue(value, cancellationToken) is { HasValue: true, Value: 0 or 0L or 0u or 0ul or false };

    // The kernel keeps 15 bytes of a name.
    private static string Short(string name) => name.Length > 15 ? name.Substring(0, 15) : name;
}
