using Hornet.Script.Source;

namespace Hornet.Script.Syntax.Parsing;

/// <summary>What the parts of the parser share.</summary>
internal sealed class ParserContext
{
    /// <summary>How deep blocks, parentheses and prefixes may stand in one another: every later pass follows them by calling itself.</summary>
    public const int MaxDepth = 200;

    /// <summary>How many operators may follow one another in one expression, and how many <c>else if</c>: they nest too.</summary>
    public const int MaxChain = 1_000;

    private int _depth;

    public ParserContext(SourceText source, DiagnosticBag diagnostics, SortedDictionary<int, int>? comments = null)
    {
        Scanner = new Scanner(source) { Comments = comments };
        Errors = new SyntaxErrors(Scanner, diagnostics);
        Types = new TypeParser(this);
        Expressions = new ExpressionParser(this);
        Primaries = new PrimaryParser(this);
        Statements = new StatementParser(this);
    }

    public Scanner Scanner { get; }
    public SyntaxErrors Errors { get; }
    public TypeParser Types { get; }
    public ExpressionParser Expressions { get; }
    public PrimaryParser Primaries { get; }
    public StatementParser Statements { get; }

    /// <summary>Goes one level deeper; false, with an error, when that is too deep. <see cref="Leave"/> belongs to every call.</summary>
    public bool Enter()
    {
        if (++_depth <= MaxDepth) return true;
        Errors.GiveUp($"nested too deeply (more than {MaxDepth} levels)");
        return false;
    }

    public void Leave() => _depth--;

    /// <summary>Counts a link of a chain; false, with an error, when it is too long.</summary>
    public bool Chain(ref int length)
    {
        if (++length <= MaxChain) return true;
        Errors.GiveUp($"too many operators in one expression (more than {MaxChain})");
        return false;
    }

    /// <summary>Stands where an expression should and is none; an error was reported.</summary>
    public ExpressionSyntax Missing() => new IdentifierSyntax(Scanner.SpanFrom(Scanner.Position), "");
}
