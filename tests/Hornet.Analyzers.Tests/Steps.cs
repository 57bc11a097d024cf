using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Hornet.Analyzers.Tests;

/// <summary>
/// What a debugger steps to, told from the text alone: the C# compiler notes these ranges in the debug information, and
/// they are all that Hornet's compiler knows of places. The analyzers underline the expression inside of it.
/// </summary>
internal static class Steps
{
    /// <summary>The step that a place of the source belongs to.</summary>
    public static LinePositionSpan Of(Location place)
    {
        var tree = place.SourceTree!;
        var node = tree.GetRoot().FindNode(place.SourceSpan, getInnermostNodeForTie: true);
        return tree.GetLineSpan(Of(node, place.SourceSpan)).Span;
    }

    /// <summary>The steps of a foreach over what stands at a place: the collection, <c>in</c>, the variable. None when it is no collection.</summary>
    public static IEnumerable<LinePositionSpan> OfLoopOver(Location place)
    {
        var tree = place.SourceTree!;
        var node = tree.GetRoot().FindNode(place.SourceSpan, getInnermostNodeForTie: true);
        if (node.FirstAncestorOrSelf<ForEachStatementSyntax>() is not { } loop || !loop.Expression.Span.Contains(place.SourceSpan)) return [];
        return new[] { loop.Expression.Span, loop.InKeyword.Span, TextSpan.FromBounds(loop.Type.SpanStart, loop.Identifier.Span.End) }.Select(span => tree.GetLineSpan(span).Span);
    }

    private static TextSpan Of(SyntaxNode node, TextSpan place)
    {
        for (SyntaxNode at = node; ; at = at.Parent!)
        {
            if (at.Parent is null) return at.Span;
            switch (at.Parent)
            {
                case LambdaExpressionSyntax lambda when lambda.ExpressionBody == at: return at.Span;
                case ArrowExpressionClauseSyntax: return at.Span;
                case SwitchExpressionArmSyntax arm when arm.Expression == at: return at.Span;
                case ForStatementSyntax loop when at != loop.Statement: return at.Span;
                case EqualsValueClauseSyntax { Parent: PropertyDeclarationSyntax }: return at.Span;
                case ConstructorInitializerSyntax initializer: return initializer.Span;
            }
            switch (at)
            {
                case IfStatementSyntax choice: return TextSpan.FromBounds(choice.IfKeyword.SpanStart, choice.CloseParenToken.Span.End);
                case WhileStatementSyntax loop: return TextSpan.FromBounds(loop.WhileKeyword.SpanStart, loop.CloseParenToken.Span.End);
                case DoStatementSyntax loop: return TextSpan.FromBounds(loop.WhileKeyword.SpanStart, loop.SemicolonToken.Span.End);
                case SwitchStatementSyntax choice: return TextSpan.FromBounds(choice.SwitchKeyword.SpanStart, choice.CloseParenToken.IsKind(SyntaxKind.None) ? choice.Expression.Span.End : choice.CloseParenToken.Span.End);
                case LockStatementSyntax locked: return TextSpan.FromBounds(locked.LockKeyword.SpanStart, locked.CloseParenToken.Span.End);
                case CommonForEachStatementSyntax loop: return loop.Expression.Span.Contains(place) ? loop.Expression.Span : loop.ForEachKeyword.Span;
                case UsingStatementSyntax { Declaration: { } declaration }: return declaration.Span;
                case UsingStatementSyntax { Expression: { } } used: return TextSpan.FromBounds(used.UsingKeyword.SpanStart, used.CloseParenToken.Span.End);
                case FixedStatementSyntax fix: return fix.Declaration.Span;
                case CatchFilterClauseSyntax filter: return filter.Span;
                case CatchClauseSyntax handler: return TextSpan.FromBounds(handler.CatchKeyword.SpanStart, (handler.Declaration?.CloseParenToken ?? handler.CatchKeyword).Span.End);
                case LocalDeclarationStatementSyntax { Declaration.Variables: [_, _, ..] variables }: return Of(variables, at, place);
                case StatementSyntax or MemberDeclarationSyntax: return at.Span;
            }
        }
    }

    // Of several variables each is a step, the first with the type before it.
    private static TextSpan Of(SeparatedSyntaxList<VariableDeclaratorSyntax> variables, SyntaxNode statement, TextSpan place)
    {
        foreach (var variable in variables)
        {
            if (variable.Span.Contains(place)) return variable == variables[0] ? TextSpan.FromBounds(statement.SpanStart, variable.Span.End) : variable.Span;
        }
        return statement.Span;
    }
}
