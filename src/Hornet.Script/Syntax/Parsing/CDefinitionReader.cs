namespace Hornet.Script.Syntax.Parsing;

/// <summary>Finds where C ends and the script goes on; what the C means is found out later.</summary>
internal sealed class CDefinitionReader(Scanner scanner, SyntaxErrors errors)
{
    /// <summary>A directive, a struct, union or enum with its members, or a <c>typedef</c>; null, with nothing taken, when none is next.</summary>
    public CDefinitionsSyntax? TryRead()
    {
        if (scanner.Peek() == '#' && scanner.Peek(1) != '!') return ReadDirective();
        var word = scanner.PeekWord();
        if (word is "typedef") return ReadToSemicolon();
        return KnownWords.IsCTag(word) && LooksLikeDefinition() ? ReadDefinition() : null;
    }

    /// <summary>A line, and those behind it as long as they end in a backslash.</summary>
    private CDefinitionsSyntax ReadDirective()
    {
        int start = scanner.Position;
        while (!scanner.AtEnd)
        {
            if (scanner.Peek() == '\n' && !IsContinued(scanner.Position)) break;
            // A comment may end in another line.
            if (scanner.Peek() == '/' && scanner.Peek(1) == '*') SkipComment();
            else scanner.Advance();
        }
        int end = scanner.Position;
        while (end > start && Scanner.IsBlank(scanner.CharAt(end - 1))) end--;
        scanner.Advance();
        return new CDefinitionsSyntax(scanner.Span(start, end));
    }

    private void SkipComment()
    {
        scanner.Advance(2);
        while (!scanner.AtEnd && !(scanner.Peek() == '*' && scanner.Peek(1) == '/')) scanner.Advance();
        scanner.Advance(2);
    }

    private CDefinitionsSyntax ReadToSemicolon()
    {
        int start = scanner.Position, depth = 0;
        while (!scanner.AtEnd)
        {
            char c = scanner.Peek();
            scanner.Position = Math.Max(scanner.Position + 1, scanner.LayoutEnd(scanner.Position));
            if (c == '{') depth++;
            else if (c == '}') depth--;
            else if (c == ';' && depth <= 0) return new CDefinitionsSyntax(scanner.SpanFrom(start));
        }
        errors.Fail("expected ';'");
        return new CDefinitionsSyntax(scanner.SpanFrom(start));
    }

    private CDefinitionsSyntax ReadDefinition()
    {
        int start = scanner.Position, depth = 0;
        while (!scanner.AtEnd)
        {
            // Braces in comments do not count.
            int layout = scanner.LayoutEnd(scanner.Position);
            if (layout > scanner.Position)
            {
                scanner.Position = layout;
                continue;
            }
            char c = scanner.Peek();
            scanner.Advance();
            if (c == '{') depth++;
            else if (c == '}' && --depth <= 0) break;
        }
        if (depth > 0) errors.Fail("expected '}'", "The definition is not closed.");
        int end = scanner.Position;
        ReadAttributes(ref end);
        scanner.SkipLayout();
        if (scanner.Peek() == ';')
        {
            scanner.Advance();
            end = scanner.Position;
        }
        return new CDefinitionsSyntax(scanner.Span(start, end));
    }

    private void ReadAttributes(ref int end)
    {
        while (scanner.MatchWord("__attribute__"))
        {
            scanner.SkipLayout();
            if (scanner.Peek() != '(' || scanner.Peek(1) != '(')
            {
                errors.Fail("__attribute__ syntax error, expected '(('");
                return;
            }
            int after = scanner.BalancedEnd(scanner.Position, '(', ')');
            if (scanner.CharAt(after - 1) != ')' || !IsBalanced(scanner.Position, after)) errors.Fail("__attribute__ syntax error, mismatched '(' and ')'");
            end = scanner.Position = after;
        }
    }

    private bool IsBalanced(int start, int end)
    {
        int depth = 0;
        for (int i = start; i < end; i++)
        {
            if (scanner.CharAt(i) == '(') depth++;
            else if (scanner.CharAt(i) == ')') depth--;
        }
        return depth == 0;
    }

    /// <summary>Names and groups in brackets in front of a brace: <c>struct:probe { }</c> would be a probe.</summary>
    private bool LooksLikeDefinition()
    {
        bool isEnum = scanner.PeekWord() is "enum";
        int at = scanner.LayoutEnd(scanner.WordEnd(scanner.Position));
        while (true)
        {
            char c = scanner.CharAt(at);
            if (Scanner.IsWordStart(c)) at = scanner.WordEnd(at);
            else if (c is '(' or '[')
            {
                int after = scanner.BalancedEnd(at, c, c == '(' ? ')' : ']');
                if (scanner.CharAt(after - 1) != (c == '(' ? ')' : ']')) return false;
                at = after;
            }
            // enum e : unsigned char { }; an attach point has no blank in it.
            else if (c == ':' && isEnum && Scanner.IsBlank(scanner.CharAt(at - 1))) at++;
            else return c == '{';
            at = scanner.LayoutEnd(at);
        }
    }

    private bool IsContinued(int newline)
    {
        int before = newline - 1;
        if (before >= 0 && scanner.CharAt(before) == '\r') before--;
        return before >= 0 && scanner.CharAt(before) == '\\';
    }
}
