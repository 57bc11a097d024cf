namespace Hornet.Script.Syntax.Parsing;

/// <summary>
/// Expressions whose value nobody wants: an <c>if</c> becomes the statement, a block's last expression one of its statements,
/// and so on inside. Later passes then meet a value only where there is one.
/// </summary>
internal static class Discarded
{
    public static StatementSyntax Statement(ExpressionSyntax expression) => expression switch
    {
        IfExpressionSyntax branch => If(branch),
        BlockExpressionSyntax block => Block(block.Block),
        _ => new ExpressionStatementSyntax(expression.Span, expression),
    };

    private static BlockSyntax Block(BlockSyntax block) =>
        block.Result is null ? block : block with { Statements = [.. block.Statements, Statement(block.Result)], Result = null };

    /// <summary>From the last branch to the first: a chain of <c>else if</c> may be long.</summary>
    private static IfSyntax If(IfExpressionSyntax first)
    {
        List<IfExpressionSyntax> chain = [first];
        while (chain[^1].Else is IfExpressionSyntax next) chain.Add(next);
        StatementSyntax? otherwise = chain[^1].Else is { } last ? Statement(last) : null;
        for (int i = chain.Count - 1; i >= 0; i--)
        {
            var branch = chain[i];
            otherwise = new IfSyntax(branch.Span, branch.Condition, Block(branch.Then.Block), otherwise) { IsComptime = branch.IsComptime };
        }
        return (IfSyntax)otherwise!;
    }
}
