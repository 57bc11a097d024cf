using Hornet.Script.Source;

namespace Hornet.Script.Syntax.Parsing;

/// <summary>What the parts of the parser share.</summary>
internal sealed class ParserContext
{
    /// <summary>How deep blocks, parentheses and prefixes may stand in one another: every later pass follows them by calling itself.</summary>
    public const int MaxDepth = 200;

    /// <summary>How high a tree may grow: operators that follow one another nest as well, and so do <c>else if</c>.</summary>
    public const int MaxHeight = 2_000;

    private int _depth;
    private int _height;

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

    /// <summary>Puts a node on top of those that were read at this level; false, with an error, when the tree is too high.</summary>
    public bool Grow()
    {
        if (++_height <= MaxHeight) return true;
        Errors.GiveUp($"too many operators in one expression (more than {MaxHeight})");
        return false;
    }

    /// <summary>Begins a level whose height counts by itself; what it returns belongs to <see cref="EndLevel"/>.</summary>
    public int BeginLevel()
    {
        int outer = _height;
        _height = 0;
        return outer;
    }

    /// <summary>Ends a level: the one around it is at least that high.</summary>
    public void EndLevel(int outer) => _height = Math.Max(outer, _height + 1);

    /// <summary>Stands where an expression should and is none; an error was reported.</summary>
    public ExpressionSyntax Missing() => new IdentifierSyntax(Scanner.SpanFrom(Scanner.Position), "");
}
