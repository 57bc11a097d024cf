namespace Hornet.Script.Syntax.Parsing;

/// <summary>Blocks and what stands in them. After a broken statement the next one is read.</summary>
internal sealed class StatementParser
{
    private readonly ParserContext _context;
    private readonly LoopParser _loops;

    public StatementParser(ParserContext context)
    {
        _context = context;
        _loops = new LoopParser(context);
    }

    private Scanner Scanner => _context.Scanner;

    private SyntaxErrors Errors => _context.Errors;

    /// <summary>A block in braces.</summary>
    /// <param name="wantsValue">Whether a last expression without a semicolon is the block's value.</param>
    public BlockSyntax ParseBlock(bool wantsValue)
    {
        int start = Scanner.Position;
        if (!_context.Enter() || !Errors.Expect('{'))
        {
            _context.Leave();
            return new BlockSyntax(Scanner.SpanFrom(start), [], null);
        }
        Errors.Recovered();
        List<StatementSyntax> statements = [];
        ExpressionSyntax? value = null;
        Scanner.SkipLayout();
        while (!Scanner.AtEnd && Scanner.Peek() != '}')
        {
            int before = Scanner.Position;
            int level = _context.BeginLevel();
            ParseStatement(statements, ref value);
            _context.EndLevel(level);
            if (Scanner.Position == before)
            {
                Errors.Fail("unexpected input in block");
                Scanner.Advance();
            }
            if (Errors.IsPanicking) Recover(before);
            Scanner.SkipLayout();
        }
        Errors.Expect('}');
        _context.Leave();
        if (value is not null && (!wantsValue || IsIfWithoutElse(value)))
        {
            statements.Add(Discarded.Statement(value));
            value = null;
        }
        return new BlockSyntax(Scanner.SpanFrom(start), statements, value);
    }

    /// <summary>The end of a statement that must have one: a semicolon, which a closing brace may replace.</summary>
    public void ExpectEnd()
    {
        Scanner.SkipLayout();
        if (Scanner.Peek() != '}' || Scanner.AtEnd) Errors.Expect(';');
    }

    private void ParseStatement(List<StatementSyntax> statements, ref ExpressionSyntax? value)
    {
        int start = Scanner.Position;
        switch (Scanner.PeekWord())
        {
            case "import":
                if (ImportParser.Parse(Scanner, Errors) is { } import) statements.Add(import);
                return;
            case "while" or "unroll" or "for":
                if (_loops.Parse() is { } loop) statements.Add(loop);
                return;
            case "break":
                Scanner.MatchWord("break");
                ExpectEnd();
                statements.Add(new BreakSyntax(Scanner.SpanFrom(start)));
                return;
            case "continue":
                Scanner.MatchWord("continue");
                ExpectEnd();
                statements.Add(new ContinueSyntax(Scanner.SpanFrom(start)));
                return;
            case "return":
                statements.Add(ParseReturn(start));
                return;
            case "let":
                if (ParseLet(start) is { } let) statements.Add(let);
                return;
            case "_" when IsAssignment(Scanner.LayoutEnd(start + 1)):
                statements.Add(ParseDiscard(start));
                return;
            case "if":
                ParseBraced(_context.Primaries.ParseIf(), statements, ref value);
                return;
        }
        char c = Scanner.Peek();
        if (c == '{') ParseBraced(_context.Primaries.Parse(), statements, ref value);
        else if (c is '$' or '@' && !char.IsAsciiDigit(Scanner.Peek(1)) && Scanner.Peek(1) != '#') ParseAssignment(start, statements, ref value);
        else EndExpression(_context.Expressions.Parse(), statements, ref value);
    }

    /// <summary>An <c>if</c> or a block needs no semicolon behind it, unless an operator follows that cannot begin a statement.</summary>
    private void ParseBraced(ExpressionSyntax expression, List<StatementSyntax> statements, ref ExpressionSyntax? value)
    {
        if (Errors.IsPanicking)
        {
            statements.Add(Discarded.Statement(expression));
            return;
        }
        int before = Scanner.Position;
        Scanner.SkipLayout();
        char c = Scanner.Peek();
        bool continues = c is '.' or '[' or '?' || (c is not ('*' or '&' or '-') && BinaryOperators.TryPeek(Scanner, out _, out _, out _));
        if (continues)
        {
            Scanner.Position = before;
            expression = _context.Expressions.ParseRest(expression);
            if (expression is not (IfExpressionSyntax or BlockExpressionSyntax))
            {
                EndExpression(expression, statements, ref value);
                return;
            }
            Scanner.SkipLayout();
        }
        if (Scanner.Peek() == '}')
        {
            value = expression;
            return;
        }
        Scanner.Match(';');
        statements.Add(Discarded.Statement(expression));
    }

    private void EndExpression(ExpressionSyntax expression, List<StatementSyntax> statements, ref ExpressionSyntax? value)
    {
        var span = Scanner.Span(expression.Span.Start, Math.Max(expression.Span.End, expression.Span.Start));
        Scanner.SkipLayout();
        if (Scanner.Peek() == ';')
        {
            Scanner.Advance();
            statements.Add(new ExpressionStatementSyntax(span, expression));
        }
        else if (Scanner.Peek() == '}') value = expression;
        else
        {
            statements.Add(new ExpressionStatementSyntax(span, expression));
            Errors.Fail("expected ';'");
        }
    }

    /// <summary>What begins with a variable or a map: an assignment, or an expression.</summary>
    private void ParseAssignment(int start, List<StatementSyntax> statements, ref ExpressionSyntax? value)
    {
        ExpressionSyntax target = Scanner.Peek() == '$' ? _context.Primaries.ParseVariable() : _context.Primaries.ParseMap();
        if (target is VariableSyntax { Name.Length: 0 }) return;
        int before = Scanner.Position;
        Scanner.SkipLayout();
        int operatorStart = Scanner.Position;
        bool plain = IsAssignment(operatorStart);
        if (plain || BinaryOperators.TryCompound(Scanner, out _))
        {
            Scanner.Position = operatorStart;
            BinarySyntaxOperator? op = null;
            if (plain) Scanner.Advance();
            else if (BinaryOperators.TryCompound(Scanner, out var compound)) op = compound;
            var assigned = _context.Expressions.Parse();
            var span = Scanner.SpanFrom(start);
            var operatorSpan = Scanner.SpanFrom(operatorStart);
            ExpectEnd();
            statements.Add(new AssignmentSyntax(span, target, op, assigned) { OperationSpan = operatorSpan });
            return;
        }
        Scanner.Position = before;
        target = _context.Expressions.ParsePostfix(target);
        if (IsAssignment(Scanner.LayoutEnd(Scanner.Position)))
        {
            Scanner.Match('=');
            _context.Expressions.Parse();
            Errors.Complain(start, Scanner.Position, target is TupleAccessSyntax or FieldSyntax
                ? "Tuples and records are immutable once created. Consider creating a new value and assigning it instead."
                : "invalid assignment target");
            Scanner.Match(';');
            return;
        }
        EndExpression(_context.Expressions.ParseRest(target), statements, ref value);
    }

    private ReturnSyntax ParseReturn(int start)
    {
        Scanner.MatchWord("return");
        Scanner.SkipLayout();
        var value = Scanner.Peek() is ';' or '}' ? null : _context.Expressions.Parse();
        ExpectEnd();
        return new ReturnSyntax(Scanner.SpanFrom(start), value);
    }

    private AssignmentSyntax ParseDiscard(int start)
    {
        Scanner.Advance();
        var target = new DiscardSyntax(Scanner.SpanFrom(start));
        Scanner.Match('=');
        var value = _context.Expressions.Parse();
        var span = Scanner.SpanFrom(start);
        ExpectEnd();
        return new AssignmentSyntax(span, target, null, value) { OperationSpan = span };
    }

    private LetSyntax? ParseLet(int start)
    {
        Scanner.MatchWord("let");
        Scanner.SkipLayout();
        if (Scanner.Peek() != '$')
        {
            Errors.Fail("expected variable after 'let'", Scanner.Peek() == '@' ? "Maps are declared outside of probes: let @a = hash(2);" : null);
            return null;
        }
        var variable = _context.Primaries.ParseVariable();
        var declaration = Scanner.SpanFrom(start);
        TypeSyntax? type = null;
        ExpressionSyntax? value = null;
        Scanner.SkipLayout();
        if (Scanner.Match(':')) type = _context.Types.ParseAnnotation();
        Scanner.SkipLayout();
        if (Scanner.Match('=')) value = _context.Expressions.Parse();
        var span = Scanner.SpanFrom(start);
        ExpectEnd();
        return new LetSyntax(span, variable, type, value) { DeclarationSpan = declaration };
    }

    private bool IsAssignment(int position) => Scanner.CharAt(position) == '=' && Scanner.CharAt(position + 1) != '=';

    private static bool IsIfWithoutElse(ExpressionSyntax expression)
    {
        while (expression is IfExpressionSyntax branch)
        {
            if (branch.Else is null) return true;
            expression = branch.Else;
        }
        return false;
    }

    /// <summary>Goes on behind the next semicolon, the end of a block that begins in the broken statement, or in front of the end of this one.</summary>
    private void Recover(int statementStart)
    {
        Errors.Recovered();
        if (Scanner.Position > statementStart && Scanner.CharAt(Scanner.Position - 1) == ';') return;
        int depth = 0;
        for (int at = Scanner.LayoutEnd(Scanner.Position); ; at = Scanner.LayoutEnd(Scanner.StepOver(at)))
        {
            Scanner.Position = at;
            if (Scanner.AtEnd) return;
            char c = Scanner.Peek();
            if (c == '{') depth++;
            else if (c == '}' && --depth < 0) return;
            if (depth == 0 && (c is ';' or '}'))
            {
                Scanner.Advance();
                return;
            }
        }
    }
}
