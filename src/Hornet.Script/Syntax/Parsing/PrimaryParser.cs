using Hornet.Script.Source;

namespace Hornet.Script.Syntax.Parsing;

/// <summary>Operands: literals, names, calls, what stands in parentheses, <c>if</c> and blocks that have a value.</summary>
internal sealed class PrimaryParser(ParserContext context)
{
    private Scanner Scanner => context.Scanner;

    private SyntaxErrors Errors => context.Errors;

    public ExpressionSyntax Parse()
    {
        Scanner.SkipLayout();
        int start = Scanner.Position;
        switch (Scanner.Peek())
        {
            case '(':
                return context.Enter() ? Leaving(new ParenthesisParser(context).Parse()) : Leaving(context.Missing());
            case '{':
                var block = context.Statements.ParseBlock(wantsValue: true);
                return new BlockExpressionSyntax(block.Span, block);
            case '@':
                return ParseMap();
            case '$':
                return ParseDollar(start);
            case '"':
                byte[] bytes = StringLiteral.Read(Scanner, Errors);
                return new StringSyntax(Scanner.SpanFrom(start), bytes);
            case >= '0' and <= '9':
                return IntegerLiteral.ReadNode(Scanner, Errors);
        }
        return Scanner.IsWordStart(Scanner.Peek()) ? ParseWord(start) : Nothing();
    }

    /// <summary><c>if</c>, which is next: an expression until it is known that nobody wants its value.</summary>
    public ExpressionSyntax ParseIf()
    {
        List<(int Start, ExpressionSyntax Condition, bool IsComptime, BlockSyntax Then, int End)> arms = [];
        ExpressionSyntax? otherwise = null;
        while (true)
        {
            Scanner.SkipLayout();
            int start = Scanner.Position;
            Scanner.MatchWord("if");
            var condition = ParseCondition();
            bool comptime = condition is ComptimeSyntax;
            if (condition is ComptimeSyntax { Operand: var operand }) condition = operand;
            arms.Add((start, condition, comptime, context.Statements.ParseBlock(wantsValue: true), Scanner.Position));
            int before = Scanner.Position;
            if (!Scanner.MatchWord("else"))
            {
                Scanner.Position = before;
                break;
            }
            Scanner.SkipLayout();
            if (Scanner.Peek() == '{')
            {
                var block = context.Statements.ParseBlock(wantsValue: true);
                otherwise = new BlockExpressionSyntax(block.Span, block);
                break;
            }
            if (!Scanner.IsWordNext("if"))
            {
                Errors.Fail("expected '{' or 'if' after 'else'");
                break;
            }
            if (!context.Grow()) break;
        }
        int end = Scanner.Position;
        for (int i = arms.Count - 1; i >= 0; i--)
        {
            var arm = arms[i];
            var then = new BlockExpressionSyntax(arm.Then.Span, arm.Then);
            otherwise = new IfExpressionSyntax(Scanner.Span(arm.Start, end), arm.Condition, then, otherwise) { IsComptime = arm.IsComptime };
        }
        return otherwise!;
    }

    /// <summary>
    /// The condition of <c>if</c> and <c>while</c>. Parentheses hold a whole expression (never a record); without them only an
    /// operand may stand here, as the brace behind it begins the block.
    /// </summary>
    public ExpressionSyntax ParseCondition()
    {
        Scanner.SkipLayout();
        if (Scanner.Peek() != '(') return context.Expressions.ParseUnary();
        Scanner.Advance();
        var condition = context.Expressions.Parse();
        Errors.Expect(')');
        return condition;
    }

    /// <summary>A variable, whose <c>$</c> is next.</summary>
    public VariableSyntax ParseVariable()
    {
        int start = Scanner.Position;
        if (!Scanner.IsWordStart(Scanner.Peek(1)))
        {
            Errors.Fail("expected identifier after '$'");
            return new VariableSyntax(Scanner.SpanFrom(start), "");
        }
        Scanner.Position = Scanner.WordEnd(start + 1);
        return new VariableSyntax(Scanner.SpanFrom(start), Scanner.Slice(start + 1, Scanner.Position));
    }

    /// <summary>The name of a map, whose <c>@</c> is next: without that sign, and empty for <c>@</c> alone.</summary>
    public string ParseMapName()
    {
        int start = Scanner.Position;
        Scanner.Position = Scanner.IsWordStart(Scanner.Peek(1)) ? Scanner.WordEnd(start + 1) : start + 1;
        return Scanner.Slice(start + 1, Scanner.Position);
    }

    /// <summary>A map, whose <c>@</c> is next, with its key.</summary>
    public MapSyntax ParseMap()
    {
        int start = Scanner.Position;
        string name = ParseMapName();
        var span = Scanner.SpanFrom(start);
        Scanner.SkipLayout();
        if (Scanner.Peek() != '[') return new MapSyntax(span, name, null);
        Scanner.Advance();
        List<ExpressionSyntax> keys = [context.Expressions.Parse()];
        while (Scanner.Match(',')) keys.Add(context.Expressions.Parse());
        Errors.Expect(']');
        span = Scanner.SpanFrom(start);
        return keys.Count == 1
            ? new MapSyntax(span, name, keys[0])
            : new MapSyntax(span, name, new TupleSyntax(span, keys)) { KeyWasList = true };
    }

    private ExpressionSyntax ParseWord(int start)
    {
        string word = Scanner.Identifier()!;
        var span = Scanner.SpanFrom(start);
        switch (word)
        {
            case "if":
                Scanner.Position = start;
                return context.Enter() ? Leaving(ParseIf()) : Leaving(context.Missing());
            case "sizeof":
                var (sizeType, sizeOperand) = ParseTypeArgument();
                return new SizeofSyntax(Scanner.SpanFrom(start), sizeType, sizeOperand);
            case "typeinfo":
                var (infoType, infoOperand) = ParseTypeArgument();
                return new TypeinfoSyntax(Scanner.SpanFrom(start), infoType, infoOperand);
            case "offsetof":
                return ParseOffsetof(start);
            case "comptime":
                var operand = context.Expressions.ParseUnary();
                return new ComptimeSyntax(Scanner.SpanFrom(start), operand);
            case "true" or "false":
                return new BooleanSyntax(span, word == "true");
        }
        Scanner.SkipLayout();
        return Scanner.Peek() == '(' ? ParseCall(start, word, span) : new IdentifierSyntax(span, word);
    }

    private (TypeSyntax? Type, ExpressionSyntax? Operand) ParseTypeArgument()
    {
        Errors.Expect('(');
        var result = context.Types.ParseTypeOrExpression();
        Errors.Expect(')');
        return result;
    }

    private OffsetofSyntax ParseOffsetof(int start)
    {
        Errors.Expect('(');
        var (type, operand) = context.Types.ParseTypeOrExpression();
        Errors.Expect(',');
        List<string> path = [Scanner.Identifier() ?? ""];
        while (Scanner.Match('.')) path.Add(Scanner.Identifier() ?? "");
        Errors.Expect(')');
        return new OffsetofSyntax(Scanner.SpanFrom(start), type, operand, path);
    }

    private CallSyntax ParseCall(int start, string name, SourceSpan nameSpan)
    {
        Scanner.Advance();
        List<ExpressionSyntax> arguments = [];
        Scanner.SkipLayout();
        if (Scanner.Peek() != ')')
        {
            do arguments.Add(ParseArgument());
            while (Scanner.Match(','));
        }
        Errors.Expect(')');
        return new CallSyntax(Scanner.SpanFrom(start), name, nameSpan, arguments);
    }

    private ExpressionSyntax ParseArgument()
    {
        if (!Scanner.IsWordNext("typeof")) return context.Expressions.Parse();
        var type = context.Types.ParseTypeof();
        return new TypeExpressionSyntax(type.Span, type);
    }

    private ExpressionSyntax ParseDollar(int start)
    {
        if (Scanner.Peek(1) == '#')
        {
            Scanner.Advance(2);
            return new PositionalCountSyntax(Scanner.SpanFrom(start));
        }
        if (!char.IsAsciiDigit(Scanner.Peek(1))) return ParseVariable();
        Scanner.Advance();
        int digits = Scanner.Position;
        while (char.IsAsciiDigit(Scanner.Peek())) Scanner.Advance();
        string text = Scanner.Slice(digits, Scanner.Position);
        if (!long.TryParse(text, out long number) || number < 1)
            Errors.Complain(start, Scanner.Position, $"param ${text} is out of integer range [1, {long.MaxValue}]");
        // Nobody gives more arguments than an int counts: a greater number is one that was not given.
        return new PositionalSyntax(Scanner.SpanFrom(start), (int)Math.Min(number, int.MaxValue));
    }

    private ExpressionSyntax Nothing()
    {
        Errors.Fail("expected expression");
        return context.Missing();
    }

    private ExpressionSyntax Leaving(ExpressionSyntax result)
    {
        context.Leave();
        return result;
    }
}
