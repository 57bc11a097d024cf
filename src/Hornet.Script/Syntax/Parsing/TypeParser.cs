namespace Hornet.Script.Syntax.Parsing;

/// <summary>Types, and the places where a type or an expression may stand.</summary>
internal sealed class TypeParser(ParserContext context)
{
    private const int MaxSuffixes = 64;

    private Scanner Scanner => context.Scanner;

    /// <summary>A type where nothing else may stand; null when none stands there (it was reported).</summary>
    public TypeSyntax? ParseAnnotation()
    {
        Scanner.SkipLayout();
        return Scanner.IsWordNext("typeof") ? ParseTypeof() : ParseType(report: true);
    }

    /// <summary>What stands in <c>sizeof( )</c>: a type, or an expression (a bare word counts as one).</summary>
    public (TypeSyntax? Type, ExpressionSyntax? Operand) ParseTypeOrExpression() => ParseTypeOrExpression(";,=){}");

    /// <summary>
    /// A name with its suffixes, such as <c>struct foo *[4]</c>. Null when it is none; with <paramref name="report"/> false
    /// that is no error: <c>(a[$i])</c> looks like the beginning of a cast.
    /// </summary>
    public TypeSyntax? ParseType(bool report)
    {
        Scanner.SkipLayout();
        int start = Scanner.Position;
        if (report && Scanner.Peek() == '(') return ParseTupleType(start);
        string? name = report ? context.Errors.ExpectIdentifier("expected type name") : Scanner.Identifier();
        if (name is null) return null;
        if (KnownWords.IsCTag(name))
        {
            string? tag = report ? context.Errors.ExpectIdentifier("expected identifier") : Scanner.Identifier();
            if (tag is null) return null;
            name += " " + tag;
        }
        return ParseSuffixes(start, name, report);
    }

    /// <summary><c>typeof(e)</c> or <c>typeof(T)</c>, which are next.</summary>
    public TypeSyntax ParseTypeof()
    {
        Scanner.SkipLayout();
        int start = Scanner.Position;
        Scanner.MatchWord("typeof");
        context.Errors.Expect('(');
        Scanner.SkipLayout();
        var (type, operand) = TryReference(")");
        if (type is null && operand is null) operand = context.Expressions.Parse();
        context.Errors.Expect(')');
        return new TypeSyntax(Scanner.SpanFrom(start), "typeof", []) { TypeOf = operand ?? new TypeExpressionSyntax(type!.Span, type) };
    }

    private (TypeSyntax? Type, ExpressionSyntax? Operand) ParseTypeOrExpression(string ends)
    {
        Scanner.SkipLayout();
        if (Scanner.IsWordNext("typeof")) return (ParseTypeof(), null);
        var (type, operand) = TryReference(ends);
        return type is null && operand is null ? (null, context.Expressions.Parse()) : (type, operand);
    }

    /// <summary>
    /// A type, or a bare word that only the binder can tell, when one of the characters follows it; both null, and nothing
    /// taken, when something else stands here.
    /// </summary>
    private (TypeSyntax? Type, ExpressionSyntax? Operand) TryReference(string ends)
    {
        Scanner.SkipLayout();
        int start = Scanner.Position;
        if (!Scanner.IsWordStart(Scanner.Peek())) return default;
        int end = Scanner.WordEnd(start);
        string word = Scanner.Slice(start, end);
        if (KnownWords.IsBuiltin(word)) return default;
        bool known = KnownWords.IsType(word);
        if (KnownWords.IsCTag(word))
        {
            end = Scanner.LayoutEnd(end);
            if (!Scanner.IsWordStart(Scanner.CharAt(end))) return default;
            end = Scanner.WordEnd(end);
            known = true;
        }
        int wordEnd = end;
        if (!SkipSuffixes(ref end, out bool hasSuffix)) return default;
        if (end >= Scanner.Length || !ends.Contains(Scanner.CharAt(end), StringComparison.Ordinal)) return default;
        if (known || hasSuffix)
        {
            // a[$i] is no type: what stands in the brackets of one is a number or a constant's name.
            if (ParseType(report: false) is { } type) return (type, null);
            Scanner.Position = start;
            return default;
        }
        Scanner.Position = wordEnd;
        return (null, new IdentifierSyntax(Scanner.SpanFrom(start), word));
    }

    private bool SkipSuffixes(ref int position, out bool hasSuffix)
    {
        hasSuffix = false;
        while (true)
        {
            position = Scanner.LayoutEnd(position);
            if (Scanner.CharAt(position) == '*') position++;
            else if (Scanner.CharAt(position) == '[')
            {
                int after = Scanner.BalancedEnd(position, '[', ']');
                if (Scanner.CharAt(after - 1) != ']') return false;
                position = after;
            }
            else return true;
            hasSuffix = true;
        }
    }

    private TypeSyntax? ParseSuffixes(int start, string name, bool report)
    {
        List<TypeSuffix> suffixes = [];
        ExpressionSyntax? size = null;
        int end = Scanner.Position;
        while (true)
        {
            Scanner.SkipLayout();
            if (Scanner.Peek() == '*')
            {
                Scanner.Advance();
                suffixes.Add(new TypeSuffix(true, null));
            }
            else if (Scanner.Peek() == '[')
            {
                Scanner.Advance();
                if (!ParseLength(report, out var length)) return null;
                if (suffixes.Count == 0 && size is null && length is not null && KnownWords.IsSizedType(name)) size = length;
                else suffixes.Add(new TypeSuffix(false, length));
            }
            else break;
            end = Scanner.Position;
            if (suffixes.Count <= MaxSuffixes) continue;
            context.Errors.GiveUp($"too many pointers and arrays in one type (more than {MaxSuffixes})");
            break;
        }
        return new TypeSyntax(Scanner.Span(start, end), name, suffixes) { Size = size };
    }

    private bool ParseLength(bool report, out ExpressionSyntax? length)
    {
        length = null;
        Scanner.SkipLayout();
        int start = Scanner.Position;
        if (char.IsAsciiDigit(Scanner.Peek())) length = IntegerLiteral.ReadNode(Scanner, context.Errors);
        else if (Scanner.Identifier() is { } name) length = new IdentifierSyntax(Scanner.SpanFrom(start), name);
        if (report) return context.Errors.Expect(']');
        return Scanner.Match(']');
    }

    private TypeSyntax? ParseTupleType(int start)
    {
        if (!context.Enter())
        {
            context.Leave();
            return null;
        }
        Scanner.Advance();
        List<TypeSyntax> elements = [];
        while (!Scanner.Match(')'))
        {
            if (ParseAnnotation() is not { } element) break;
            elements.Add(element);
            if (Scanner.Match(',')) continue;
            context.Errors.Expect(')');
            break;
        }
        context.Leave();
        return ParseSuffixes(start, "", report: true) is { } type ? type with { Elements = elements } : null;
    }
}
