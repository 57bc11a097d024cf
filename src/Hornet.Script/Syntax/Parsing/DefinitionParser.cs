using Hornet.Script.Source;

namespace Hornet.Script.Syntax.Parsing;

/// <summary>Macros, functions and declarations of maps; each method begins at the word, and returns null for what is broken (it was reported).</summary>
internal sealed class DefinitionParser(ParserContext context)
{
    private Scanner Scanner => context.Scanner;

    private SyntaxErrors Errors => context.Errors;

    public MacroSyntax? ParseMacro()
    {
        int start = Scanner.Position;
        Scanner.MatchWord("macro");
        if (Errors.ExpectIdentifier("expected macro name") is not { } name) return null;
        var span = Scanner.SpanFrom(start);
        if (!Errors.Expect('(')) return null;
        List<MacroParameterSyntax> parameters = [];
        Scanner.SkipLayout();
        if (Scanner.Peek() != ')')
        {
            do
            {
                if (ParseMacroParameter() is { } parameter) parameters.Add(parameter);
            }
            while (Scanner.Match(','));
        }
        if (!Errors.Expect(')')) return null;
        int before = Scanner.Position;
        var body = context.Statements.ParseBlock(wantsValue: true);
        return Scanner.Position == before ? null : new MacroSyntax(span, name, parameters, body);
    }

    public FunctionSyntax? ParseFunction()
    {
        int start = Scanner.Position;
        Scanner.MatchWord("fn");
        if (Errors.ExpectIdentifier("expected function name") is not { } name) return null;
        var span = Scanner.SpanFrom(start);
        if (!Errors.Expect('(')) return null;
        List<(string, TypeSyntax, SourceSpan)> parameters = [];
        Scanner.SkipLayout();
        while (Scanner.Peek() != ')')
        {
            Scanner.SkipLayout();
            int parameter = Scanner.Position;
            if (Scanner.Peek() != '$')
            {
                Errors.Fail("expected variable in function argument");
                break;
            }
            var variable = context.Primaries.ParseVariable();
            if (!Errors.Expect(':') || context.Types.ParseAnnotation() is not { } type) break;
            parameters.Add((variable.Name, type, Scanner.SpanFrom(parameter)));
            if (!Scanner.Match(',')) break;
        }
        if (!Errors.Expect(')')) return null;
        TypeSyntax? result = null;
        Scanner.SkipLayout();
        // A function that gives nothing may say nothing about it.
        if (Scanner.Peek() != '{' && (!Errors.Expect(':') || (result = context.Types.ParseAnnotation()) is null)) return null;
        int before = Scanner.Position;
        var body = context.Statements.ParseBlock(wantsValue: false);
        return Scanner.Position == before ? null : new FunctionSyntax(span, name, parameters, result, body);
    }

    /// <summary><c>let @name = kind(entries);</c></summary>
    public MapDeclarationSyntax? ParseMap()
    {
        int start = Scanner.Position;
        Scanner.MatchWord("let");
        Scanner.SkipLayout();
        if (Scanner.Peek() != '@')
        {
            int position = Scanner.Position;
            Scanner.Position = start;
            Errors.Fail("root-level let statements need to be map declarations, e.g. let @a = hash(2);");
            Scanner.Position = position;
            return null;
        }
        string name = context.Primaries.ParseMapName();
        if (!Errors.Expect('=')) return null;
        if (Errors.ExpectIdentifier("expected map type name") is not { } kind) return null;
        var kindSpan = Scanner.Span(Scanner.Position - kind.Length, Scanner.Position);
        if (!Errors.Expect('(')) return null;
        string text = IntegerLiteral.Read(Scanner, Errors);
        if (IntegerLiteral.Parse(text, out ulong entries, out _, out _) is not null)
        {
            Errors.Fail("expected positive integer for map declaration max entries");
            return null;
        }
        if (!Errors.Expect(')')) return null;
        Scanner.Match(';');
        return new MapDeclarationSyntax(Scanner.SpanFrom(start), name, kind, kindSpan, entries);
    }

    private MacroParameterSyntax? ParseMacroParameter()
    {
        Scanner.SkipLayout();
        int start = Scanner.Position;
        if (Scanner.Peek() == '$')
        {
            string variable = context.Primaries.ParseVariable().Name;
            return new MacroParameterSyntax(Scanner.SpanFrom(start), variable, MacroParameterKind.Variable);
        }
        if (Scanner.Peek() == '@')
        {
            string map = context.Primaries.ParseMapName();
            return new MacroParameterSyntax(Scanner.SpanFrom(start), map, MacroParameterKind.Map);
        }
        if (Errors.ExpectIdentifier("expected macro argument ($var, @map, or identifier)") is not { } name) return null;
        if (KnownWords.IsBuiltin(name)) Errors.Complain(start, Scanner.Position, $"builtin '{name}' can't be used as a macro argument");
        return new MacroParameterSyntax(Scanner.SpanFrom(start), name, MacroParameterKind.Expression);
    }
}
