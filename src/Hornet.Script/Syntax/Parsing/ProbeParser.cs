namespace Hornet.Script.Syntax.Parsing;

/// <summary>Attach points, the predicate, the block.</summary>
internal sealed class ProbeParser(ParserContext context)
{
    private Scanner Scanner => context.Scanner;

    private SyntaxErrors Errors => context.Errors;

    /// <summary>A probe; null when it has no block (it was reported).</summary>
    public ProbeSyntax? Parse()
    {
        Scanner.SkipLayout();
        int start = Scanner.Position;
        if (ParseAlternatives() is not { } first) return null;
        List<AttachPointSyntax> points = [first];
        while (Scanner.Match(','))
        {
            Scanner.SkipLayout();
            if (Scanner.Peek() is '/' or '{') break;
            if (ParseAlternatives() is not { } point) break;
            points.Add(point);
        }
        var last = points[^1];
        if (last.Fallbacks.Count > 0) last = last.Fallbacks[^1];
        var span = Scanner.Span(start, last.Span.End);
        int predicateStart = Scanner.Position;
        var predicate = ParsePredicate();
        var predicateSpan = Scanner.SpanFrom(predicateStart);
        int before = Scanner.Position;
        var body = context.Statements.ParseBlock(wantsValue: false);
        if (Scanner.Position == before && body.Statements.Count == 0 && Errors.IsPanicking) return null;
        return new ProbeSyntax(span, points, predicate, body) { PredicateSpan = predicateSpan };
    }

    /// <summary>An attach point and those behind <c>||</c> that are tried when it cannot be attached.</summary>
    private AttachPointSyntax? ParseAlternatives()
    {
        if (ParseAttachPoint() is not { } first) return null;
        List<AttachPointSyntax> fallbacks = [];
        while (true)
        {
            int next = Scanner.LayoutEnd(Scanner.Position);
            if (Scanner.CharAt(next) != '|' || Scanner.CharAt(next + 1) != '|') break;
            Scanner.Position = next + 2;
            if (ParseAttachPoint() is not { } fallback) break;
            fallbacks.Add(fallback);
        }
        return fallbacks.Count == 0 ? first : first with { Fallbacks = fallbacks };
    }

    /// <summary>Everything up to a blank, a comma, a brace, <c>||</c>, or a slash that cannot be part of a path.</summary>
    private AttachPointSyntax? ParseAttachPoint()
    {
        Scanner.SkipLayout();
        int start = Scanner.Position;
        bool hasColon = false;
        while (!Scanner.AtEnd)
        {
            char c = Scanner.Peek();
            if (c is '{' or ',' || Scanner.IsBlank(c)) break;
            if (c == '|' && Scanner.Peek(1) == '|') break;
            // A path stands behind a provider: before a colon a slash begins the predicate, or a comment.
            if (c == '/' && Scanner.Position > start && !hasColon) break;
            hasColon |= c == ':';
            if (c == '"') SkipQuoted();
            else Scanner.Advance();
        }
        if (Scanner.Position == start)
        {
            Errors.Fail("expected attach point");
            return null;
        }
        string text = Scanner.Slice(start, Scanner.Position);
        int equals = text.IndexOf('=', StringComparison.Ordinal), colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) colon = text.Length;
        bool hasAlias = equals > 0 && equals < colon - 1;
        return new AttachPointSyntax(Scanner.SpanFrom(start), hasAlias ? text[(equals + 1)..] : text, hasAlias ? text[..equals] : null, []);
    }

    private void SkipQuoted()
    {
        Scanner.Advance();
        while (!Scanner.AtEnd && Scanner.Peek() != '"') Scanner.Advance(Scanner.Peek() == '\\' ? 2 : 1);
        Scanner.Advance();
    }

    private ExpressionSyntax? ParsePredicate()
    {
        Scanner.SkipLayout();
        if (Scanner.Peek() != '/') return null;
        Scanner.Advance();
        var predicate = context.Expressions.Parse();
        if (!Scanner.Match('/')) Errors.Fail("expected '/' to close predicate");
        return predicate;
    }
}
