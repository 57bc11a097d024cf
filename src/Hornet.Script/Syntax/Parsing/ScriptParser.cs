using Hornet.Script.Source;

namespace Hornet.Script.Syntax.Parsing;

/// <summary>
/// Reads a script: C in front, <c>config</c> and imports, then probes, macros, functions and map declarations. One pass from
/// left to right; what is wrong is reported, and what follows it is read all the same.
/// </summary>
internal sealed class ScriptParser
{
    private readonly ParserContext _context;
    private readonly ProbeParser _probes;
    private readonly DefinitionParser _definitions;
    private readonly CDefinitionReader _c;
    private readonly ConfigParser _config;
    private readonly List<CDefinitionsSyntax> _cDefinitions = [];
    private readonly List<ImportSyntax> _imports = [];
    private readonly List<ProbeSyntax> _probeList = [];
    private readonly List<MacroSyntax> _macros = [];
    private readonly List<FunctionSyntax> _functions = [];
    private readonly List<MapDeclarationSyntax> _maps = [];
    private List<ConfigAssignmentSyntax>? _assignments;

    private ScriptParser(SourceText source, DiagnosticBag diagnostics, SortedDictionary<int, int>? comments)
    {
        _context = new ParserContext(source, diagnostics, comments);
        _probes = new ProbeParser(_context);
        _definitions = new DefinitionParser(_context);
        _c = new CDefinitionReader(_context.Scanner, _context.Errors);
        _config = new ConfigParser(_context.Scanner, _context.Errors);
    }

    private Scanner Scanner => _context.Scanner;

    private SyntaxErrors Errors => _context.Errors;

    /// <summary>Reads a script. The tree holds what could be understood; whether it is all of it, the diagnostics say.</summary>
    /// <param name="source">The text.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    /// <param name="comments">Takes the places of comments (begin, end) where they matter.</param>
    public static ScriptSyntax Parse(SourceText source, DiagnosticBag diagnostics, SortedDictionary<int, int>? comments = null) =>
        new ScriptParser(source, diagnostics, comments).Parse();

    /// <summary>Reads a text that is one expression, as the body of a macro of C is; null when it is none (it was reported) or empty.</summary>
    public static ExpressionSyntax? ParseExpression(SourceText source, DiagnosticBag diagnostics)
    {
        DiagnosticBag own = new();
        var context = new ParserContext(source, own);
        context.Scanner.SkipLayout();
        if (context.Scanner.AtEnd) return null;
        var expression = context.Expressions.Parse();
        context.Scanner.SkipLayout();
        if (!context.Scanner.AtEnd) context.Errors.Fail("unexpected input");
        foreach (var diagnostic in own.All) diagnostics.Add(diagnostic);
        return own.HasErrors ? null : expression;
    }

    private ScriptSyntax Parse()
    {
        Scanner.SkipLayout();
        string? shebang = ReadShebang();
        ReadC();
        ReadConfigAndImports();
        Scanner.SkipLayout();
        while (!Scanner.AtEnd)
        {
            int before = Scanner.Position;
            int level = _context.BeginLevel();
            ReadItem();
            _context.EndLevel(level);
            if (Scanner.Position == before)
            {
                Errors.Fail("unexpected input");
                Scanner.Advance();
            }
            if (Errors.IsPanicking) Recover(before);
            Scanner.SkipLayout();
        }
        return new ScriptSyntax(Scanner.Span(0, Scanner.Length))
        {
            Shebang = shebang,
            CDefinitions = _cDefinitions,
            Config = _assignments ?? [],
            Imports = _imports,
            Probes = _probeList,
            Macros = _macros,
            Functions = _functions,
            Maps = _maps,
        };
    }

    private string? ReadShebang()
    {
        if (Scanner.Peek() != '#' || Scanner.Peek(1) != '!') return null;
        int start = Scanner.Position;
        while (!Scanner.AtEnd && Scanner.Peek() != '\n') Scanner.Advance();
        string line = Scanner.Slice(start, Scanner.Position).TrimEnd('\r');
        Scanner.Advance();
        return line;
    }

    private void ReadC()
    {
        Scanner.SkipLayout();
        while (!Scanner.AtEnd && _c.TryRead() is { } definition)
        {
            _cDefinitions.Add(definition);
            if (Errors.IsPanicking) Recover(definition.Span.Start);
            Scanner.SkipLayout();
        }
    }

    /// <summary>In any order, one block of configuration at most.</summary>
    private void ReadConfigAndImports()
    {
        while (true)
        {
            Scanner.SkipLayout();
            int start = Scanner.Position;
            switch (Scanner.PeekWord())
            {
                case "config" when _assignments is null:
                    _assignments = _config.Parse();
                    break;
                case "config":
                    _config.Skip("duplicate config block");
                    break;
                case "import":
                    if (ImportParser.Parse(Scanner, Errors) is { } import) _imports.Add(import);
                    break;
                default:
                    return;
            }
            if (Errors.IsPanicking) Recover(start);
        }
    }

    private void ReadItem()
    {
        int start = Scanner.Position;
        if (_c.TryRead() is { } c)
        {
            _cDefinitions.Add(c);
            Errors.Complain(start, Scanner.Position, "C definitions must appear before probes and functions");
            return;
        }
        switch (Scanner.PeekWord())
        {
            case "config":
                _config.Skip("config must appear before probes and functions");
                break;
            case "import":
                Scanner.MatchWord("import");
                Errors.Complain(start, Scanner.Position, "root imports must appear before probes and functions");
                while (!Scanner.AtEnd && Scanner.Peek() is not (';' or '\n')) Scanner.Advance();
                Scanner.Match(';');
                break;
            case "macro":
                if (_definitions.ParseMacro() is { } macro) _macros.Add(macro);
                break;
            case "fn":
                if (_definitions.ParseFunction() is { } function) _functions.Add(function);
                break;
            case "let":
                if (_definitions.ParseMap() is { } map) _maps.Add(map);
                break;
            default:
                if (_probes.Parse() is { } probe) _probeList.Add(probe);
                break;
        }
    }

    /// <summary>Goes on behind the next semicolon or the end of the next block.</summary>
    private void Recover(int start)
    {
        Errors.Recovered();
        if (Scanner.Position > start && Scanner.CharAt(Scanner.Position - 1) is ';' or '}') return;
        int depth = 0;
        for (int at = Scanner.LayoutEnd(Scanner.Position); ; at = Scanner.LayoutEnd(Scanner.StepOver(at)))
        {
            Scanner.Position = at;
            if (Scanner.AtEnd) return;
            char c = Scanner.Peek();
            if (c == '{') depth++;
            else if (c == '}') depth--;
            if (depth > 0 || c is not (';' or '}')) continue;
            Scanner.Advance();
            return;
        }
    }
}
