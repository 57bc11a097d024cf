namespace Hornet.Script.Syntax.Parsing;

/// <summary>What begins with a parenthesis: <c>()</c>, a record, a cast, a tuple, or an expression in parentheses.</summary>
internal sealed class ParenthesisParser(ParserContext context)
{
    private Scanner Scanner => context.Scanner;

    private SyntaxErrors Errors => context.Errors;

    public ExpressionSyntax Parse()
    {
        int start = Scanner.Position;
        Scanner.Advance();
        Scanner.SkipLayout();
        if (Scanner.Peek() == ')')
        {
            Scanner.Advance();
            return new TupleSyntax(Scanner.SpanFrom(start), []);
        }
        if (IsRecord()) return ParseRecord(start);
        if (!Scanner.IsWordNext("typeof")) return TryCast(start) ?? ParseTupleOrGroup(start, null);
        // Nothing is read twice: what nests would then take twice the time at each level.
        var type = context.Types.ParseTypeof();
        int before = Scanner.Position;
        if (Scanner.Match(')') && BeginsOperand()) return ParseCast(start, type);
        Scanner.Position = before;
        return ParseTupleOrGroup(start, new TypeExpressionSyntax(type.Span, type));
    }

    /// <summary>A name and one equals sign.</summary>
    private bool IsRecord()
    {
        int name = Scanner.Position;
        if (!Scanner.IsWordStart(Scanner.Peek())) return false;
        int end = Scanner.WordEnd(name);
        int equals = Scanner.LayoutEnd(end);
        return Scanner.CharAt(equals) == '=' && Scanner.CharAt(equals + 1) != '=' && !KnownWords.IsBuiltin(Scanner.Slice(name, end));
    }

    private RecordSyntax ParseRecord(int start)
    {
        List<(string, ExpressionSyntax, Source.SourceSpan)> fields = [];
        HashSet<string> names = [];
        do
        {
            Scanner.SkipLayout();
            int field = Scanner.Position;
            if (Errors.ExpectIdentifier("expected identifier") is not { } name)
            {
                Scanner.Position = ClosingParenthesis(Scanner.Position);
                break;
            }
            Errors.Expect('=');
            var value = context.Expressions.Parse();
            if (!names.Add(name)) Errors.Complain(field, Scanner.Position, "Named argument list already contains name: " + name);
            else fields.Add((name, value, Scanner.SpanFrom(field)));
        }
        while (Scanner.Match(','));
        Errors.Expect(')');
        return new RecordSyntax(Scanner.SpanFrom(start), fields);
    }

    /// <summary>A type in parentheses in front of something that can be an operand; null, with nothing taken, when it is not one.</summary>
    private CastSyntax? TryCast(int start)
    {
        int before = Scanner.Position;
        if (Scanner.IsWordStart(Scanner.Peek()) && !KnownWords.IsValue(Scanner.PeekWord()) &&
            context.Types.ParseType(report: false) is { } type && Scanner.Match(')') && BeginsOperand())
        {
            return ParseCast(start, type);
        }
        Scanner.Position = before;
        return null;
    }

    private CastSyntax ParseCast(int start, TypeSyntax type)
    {
        // The place of a cast is its type, up to the operand.
        Scanner.SkipLayout();
        var span = Scanner.SpanFrom(start);
        var operand = context.Expressions.ParseUnary();
        return new CastSyntax(span, type, operand);
    }

    private bool BeginsOperand()
    {
        char c = Scanner.CharAt(Scanner.LayoutEnd(Scanner.Position));
        return char.IsAsciiLetterOrDigit(c) || c is '_' or '$' or '@' or '"' or '(' or '-' or '!' or '~' or '*' or '&';
    }

    private ExpressionSyntax ParseTupleOrGroup(int start, ExpressionSyntax? first)
    {
        first = first is null ? context.Expressions.Parse() : context.Expressions.ParseRest(first);
        Scanner.SkipLayout();
        if (Scanner.AtEnd || Scanner.Peek() != ',')
        {
            Errors.Expect(')');
            return first;
        }
        List<ExpressionSyntax> elements = [first];
        while (Scanner.Match(','))
        {
            Scanner.SkipLayout();
            if (Scanner.Peek() == ')') break;
            elements.Add(context.Expressions.Parse());
        }
        Errors.Expect(')');
        return new TupleSyntax(Scanner.SpanFrom(start), elements);
    }

    private int ClosingParenthesis(int position)
    {
        for (int depth = 1; position < Scanner.Length; position = Scanner.StepOver(position))
        {
            char c = Scanner.CharAt(position);
            if (c == '(') depth++;
            else if (c == ')' && --depth == 0) break;
        }
        return position;
    }
}
