namespace Hornet.Script.Syntax.Parsing;

/// <summary><c>while</c>, <c>unroll</c> and <c>for</c>.</summary>
internal sealed class LoopParser(ParserContext context)
{
    private Scanner Scanner => context.Scanner;

    private SyntaxErrors Errors => context.Errors;

    /// <summary>A loop, whose word is next; null when it cannot be understood (it was reported).</summary>
    public StatementSyntax? Parse()
    {
        int start = Scanner.Position;
        if (Scanner.MatchWord("for")) return ParseFor(start);
        bool isWhile = Scanner.MatchWord("while");
        if (!isWhile) Scanner.MatchWord("unroll");
        var condition = context.Primaries.ParseCondition();
        var body = context.Statements.ParseBlock(wantsValue: false);
        var span = Scanner.SpanFrom(start);
        return isWhile ? new WhileSyntax(span, condition, body) : new UnrollSyntax(span, condition, body);
    }

    private StatementSyntax? ParseFor(int start)
    {
        bool parenthesis = Scanner.Match('(');
        Scanner.SkipLayout();
        if (Scanner.Peek() != '$') return Broken("expected variable in for loop");
        var variable = context.Primaries.ParseVariable();
        if (!Errors.Expect(':')) return Broken(null);
        Scanner.SkipLayout();
        var first = context.Primaries.Parse();
        Scanner.SkipLayout();
        if (Scanner.Peek() == '.' && Scanner.Peek(1) == '.')
        {
            Scanner.Advance(2);
            var last = context.Primaries.Parse();
            var range = Scanner.SpanFrom(start);
            if (parenthesis && !Errors.Expect(')')) return Broken(null);
            var steps = context.Statements.ParseBlock(wantsValue: false);
            return new ForRangeSyntax(Scanner.SpanFrom(start), variable, first, last, steps) { RangeSpan = range };
        }
        if (parenthesis && !Errors.Expect(')')) return Broken(null);
        if (first is not MapSyntax { Key: null } map) return Broken("expected map or range in for loop");
        var body = context.Statements.ParseBlock(wantsValue: false);
        return new ForMapSyntax(Scanner.SpanFrom(start), variable, map, body);
    }

    /// <summary>Says what is wrong with the head of a loop and skips the loop.</summary>
    private StatementSyntax? Broken(string? message)
    {
        if (message is not null) Errors.Fail(message);
        int at = Scanner.LayoutEnd(Scanner.Position);
        while (at < Scanner.Length && Scanner.CharAt(at) is not ('{' or '}')) at = Scanner.StepOver(at);
        int depth = 0;
        while (at < Scanner.Length)
        {
            char c = Scanner.CharAt(at);
            // The end of the block around the loop.
            if (depth == 0 && c == '}') break;
            at = Scanner.StepOver(at);
            if (c == '{') depth++;
            else if (c == '}' && --depth == 0) break;
        }
        Scanner.Position = Math.Min(at, Scanner.Length);
        Errors.Recovered();
        return null;
    }
}
