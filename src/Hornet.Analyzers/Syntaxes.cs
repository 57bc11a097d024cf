using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis.Text;

namespace Hornet.Analyzers;

/// <summary>Small questions about the tree.</summary>
internal static class Syntaxes
{
    /// <summary>The lambda or local function that an operation is in; null for the member itself.</summary>
    public static IOperation? FunctionOf(IOperation operation)
    {
        for (var at = operation.Parent; at is not null; at = at.Parent)
        {
            if (at is IAnonymousFunctionOperation or ILocalFunctionOperation) return at;
        }
        return null;
    }

    /// <summary>What a debugger would step to: the statement, or the expression that a lambda or member consists of.</summary>
    public static SyntaxNode StatementOf(SyntaxNode node)
    {
        var at = node;
        while (at.Parent is { } parent && at is not (StatementSyntax or ArrowExpressionClauseSyntax or SwitchExpressionArmSyntax or MemberDeclarationSyntax))
        {
            if (parent is LambdaExpressionSyntax) return at;
            at = parent;
        }
        return at;
    }

    /// <summary>Between two tokens.</summary>
    public static Location Between(SyntaxToken first, SyntaxToken last) => Location.Create(first.SyntaxTree!, TextSpan.FromBounds(first.SpanStart, last.Span.End));

    /// <summary>Removes conversions and parentheses.</summary>
    public static IOperation Bare(IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation { OperatorMethod: null } conversion: operation = conversion.Operand; continue;
                case IParenthesizedOperation parenthesized: operation = parenthesized.Operand; continue;
                case IDelegateCreationOperation created: operation = created.Target; continue;
                default: return operation;
            }
        }
    }

    /// <summary>Whether something in a statement may leave what comes after it undone.</summary>
    public static bool Jumps(IOperation? operation)
    {
        if (operation is null or IAnonymousFunctionOperation or ILocalFunctionOperation) return false;
        if (operation is IReturnOperation or IThrowOperation) return true;
        if (operation is IBranchOperation branch) return branch.Target.Name != "" || !(operation.Parent is ISwitchCaseOperation);
        foreach (var child in operation.ChildOperations)
        {
            if (Jumps(child)) return true;
        }
        return false;
    }
}
