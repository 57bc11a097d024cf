using Hornet.Script.Source;

namespace Hornet.Script.Syntax.Parsing;

/// <summary>Expressions by their operators: <c>?:</c>, between operands, in front, behind.</summary>
internal sealed class ExpressionParser(ParserContext context)
{
    private Scanner Scanner => context.Scanner;

    private SyntaxErrors Errors => context.Errors;

    public ExpressionSyntax Parse() => ParseConditional(ParseBinary(BinaryOperators.Lowest, ParseUnary()));

    /// <summary>Continues behind an operand that was read already.</summary>
    public ExpressionSyntax ParseRest(ExpressionSyntax first) => ParseConditional(ParseBinary(BinaryOperators.Lowest, ParsePostfix(first)));

    /// <summary>A prefix and what it stands in front of, or an operand with what follows it.</summary>
    public ExpressionSyntax ParseUnary()
    {
        if (!context.Enter())
        {
            context.Leave();
            return context.Missing();
        }
        int level = context.BeginLevel();
        Scanner.SkipLayout();
        int start = Scanner.Position;
        char c = Scanner.Peek(), next = Scanner.Peek(1);
        ExpressionSyntax result;
        if (c is '+' or '-' && next == c) result = ParsePreIncrement(start, c == '+');
        else if (c == '&') result = ParseAddress(start);
        else if (c == '*') result = ParsePrefix(start, UnarySyntaxOperator.Dereference);
        else if (c == '!' && next != '=') result = ParsePrefix(start, UnarySyntaxOperator.Not);
        else if (c == '~') result = ParsePrefix(start, UnarySyntaxOperator.Complement);
        else if (c == '-') result = ParsePrefix(start, UnarySyntaxOperator.Minus);
        else result = ParsePostfix(context.Primaries.Parse());
        context.EndLevel(level);
        context.Leave();
        return result;
    }

    /// <summary>Fields, elements, <c>++</c> and <c>--</c> behind an expression.</summary>
    public ExpressionSyntax ParsePostfix(ExpressionSyntax operand)
    {
        while (!Errors.IsOver)
        {
            int before = Scanner.Position;
            Scanner.SkipLayout();
            char c = Scanner.Peek(), next = Scanner.Peek(1);
            int start = operand.Span.Start;
            if (c == '.' && next != '.')
            {
                Scanner.Advance();
                Scanner.SkipLayout();
                if (char.IsAsciiDigit(Scanner.Peek())) operand = ParseTupleAccess(operand);
                else if (!TryField(ref operand, isArrow: false)) break;
            }
            else if (c == '-' && next == '>')
            {
                Scanner.Advance(2);
                if (!TryField(ref operand, isArrow: true)) break;
            }
            else if (c == '[')
            {
                Scanner.Advance();
                var index = Parse();
                Errors.Expect(']');
                operand = new IndexSyntax(Scanner.SpanFrom(start), operand, index);
            }
            else if (c is '+' or '-' && next == c)
            {
                Scanner.Advance(2);
                if (!IsVariable(operand))
                {
                    Errors.Complain(Scanner.Position - 2, Scanner.Position, "increment/decrement requires a variable or map");
                    break;
                }
                operand = new UnarySyntax(Scanner.SpanFrom(start), c == '+' ? UnarySyntaxOperator.PostIncrement : UnarySyntaxOperator.PostDecrement, operand);
            }
            else
            {
                // A place stops where its last token ends.
                Scanner.Position = before;
                break;
            }
            if (!context.Grow()) break;
        }
        return operand;
    }

    public static bool IsVariable(ExpressionSyntax expression) => expression is VariableSyntax or MapSyntax;

    private ExpressionSyntax ParseConditional(ExpressionSyntax condition)
    {
        int before = Scanner.Position;
        Scanner.SkipLayout();
        if (Scanner.AtEnd || Scanner.Peek() != '?')
        {
            Scanner.Position = before;
            return condition;
        }
        if (!context.Enter())
        {
            context.Leave();
            return condition;
        }
        Scanner.Advance();
        Scanner.SkipLayout();
        ExpressionSyntax? then = null;
        if (Scanner.Peek() == ':') Scanner.Advance();
        else
        {
            then = Parse();
            Errors.Expect(':');
        }
        var otherwise = Parse();
        context.Leave();
        return new ConditionalSyntax(Scanner.SpanFrom(condition.Span.Start), condition, then, otherwise);
    }

    private ExpressionSyntax ParseBinary(int minimum, ExpressionSyntax left)
    {
        while (true)
        {
            int before = Scanner.Position;
            Scanner.SkipLayout();
            if (!BinaryOperators.TryPeek(Scanner, out var op, out int precedence, out int length) || precedence < minimum)
            {
                Scanner.Position = before;
                return left;
            }
            if (!context.Grow()) return left;
            var operatorSpan = Scanner.Span(Scanner.Position, Scanner.Position + length);
            Scanner.Advance(length);
            var right = ParseBinary(precedence + 1, ParseUnary());
            left = new BinarySyntax(Scanner.SpanFrom(left.Span.Start), op, left, right, operatorSpan);
        }
    }

    private UnarySyntax ParsePrefix(int start, UnarySyntaxOperator op)
    {
        Scanner.Advance();
        var operand = ParseUnary();
        return new UnarySyntax(Scanner.SpanFrom(start), op, operand);
    }

    private UnarySyntax ParsePreIncrement(int start, bool increment)
    {
        Scanner.Advance(2);
        var operand = ParseUnary();
        if (!IsVariable(operand)) Errors.Complain(operand.Span.Start, operand.Span.End, "increment/decrement requires a variable or map");
        return new UnarySyntax(Scanner.SpanFrom(start), increment ? UnarySyntaxOperator.PreIncrement : UnarySyntaxOperator.PreDecrement, operand);
    }

    private UnarySyntax ParseAddress(int start)
    {
        Scanner.Advance();
        Scanner.SkipLayout();
        int operandStart = Scanner.Position;
        ExpressionSyntax operand;
        if (Scanner.Peek() == '$') operand = context.Primaries.ParseVariable();
        else if (Scanner.Peek() == '@') operand = new MapSyntax(default, context.Primaries.ParseMapName(), null) with { Span = Scanner.SpanFrom(operandStart) };
        else
        {
            Errors.ComplainHere("address-of operator (&) can only be used on a map or variable");
            operand = ParseUnary();
        }
        return new UnarySyntax(Scanner.SpanFrom(start), UnarySyntaxOperator.AddressOf, operand);
    }

    private TupleAccessSyntax ParseTupleAccess(ExpressionSyntax target)
    {
        int start = Scanner.Position;
        // Digits only: in a.0.1 the second dot begins the next one, and 1e2 is no place in a tuple.
        while (char.IsAsciiDigit(Scanner.Peek())) Scanner.Advance();
        if (!int.TryParse(Scanner.Slice(start, Scanner.Position), out int index))
        {
            Errors.Complain(start, Scanner.Position, $"tuple index is too large: {Scanner.Slice(start, Scanner.Position)}");
        }
        return new TupleAccessSyntax(Scanner.SpanFrom(target.Span.Start), target, index);
    }

    private bool TryField(ref ExpressionSyntax target, bool isArrow)
    {
        var name = Errors.ExpectIdentifier(isArrow ? "expected field name after '->'" : "expected field name after '.'");
        if (name is null) return false;
        SourceSpan nameSpan = Scanner.Span(Scanner.Position - name.Length, Scanner.Position);
        target = new FieldSyntax(Scanner.SpanFrom(target.Span.Start), target, name, nameSpan, isArrow);
        return true;
    }
}
