using Hornet.Script.Source;

namespace Hornet.Script.Syntax.C;

/// <summary>Obeys the lines that begin with <c>#</c>.</summary>
internal sealed class CDirectives(CPreprocessor preprocessor)
{
    private CDiagnostics Diagnostics => preprocessor.Diagnostics;

    public void Run(CFile file, CToken hash)
    {
        var name = file.Lexer.Next();
        if (name.FirstOnLine || name.Kind == CTokenKind.End)
        {
            // A # alone means nothing.
            if (name.Kind != CTokenKind.End) file.Lexer.Unread(name);
            return;
        }
        bool active = file.Conditionals.IsActive;
        var span = hash.Span.To(name.Span);
        switch (name.Text)
        {
            case "if":
                file.SawOtherDirective();
                file.Conditionals.If(span, active && Condition(file, span));
                break;
            case "ifdef" or "ifndef":
                IfDefined(file, name, span, active);
                break;
            case "elif":
                file.SawElse();
                Report(span, file.Conditionals.Else("elif", file.Conditionals.WantsElif && Condition(file, span), isLast: false));
                break;
            case "elifdef" or "elifndef":
                file.SawElse();
                bool defined = file.RestOfLine() is [var word, ..] && preprocessor.Macros.ContainsKey(word.Text);
                Report(span, file.Conditionals.Else(name.Text, defined == (name.Text == "elifdef"), isLast: false));
                break;
            case "else":
                file.SawElse();
                Report(span, file.Conditionals.Else("else", true, isLast: true));
                break;
            case "endif":
                Report(span, file.Conditionals.EndIf());
                file.SawEndIf();
                break;
            default:
                file.SawOtherDirective();
                if (active) Other(file, name, span);
                break;
        }
        // What follows on the line (a comment's rest, an old compiler's label) means nothing.
        file.RestOfLine();
    }

    private void Other(CFile file, CToken name, SourceSpan span)
    {
        switch (name.Text)
        {
            case "define": Define(file, span); break;
            case "undef":
                if (file.RestOfLine() is [{ Kind: CTokenKind.Word } word, ..]) preprocessor.Macros.Remove(word.Text);
                else Diagnostics.Error(span, "macro name missing");
                break;
            case "include" or "include_next" or "import": Include(file, name.Text == "include_next", span); break;
            case "error":
                string message = file.Lexer.RestOfLine(out var at);
                Explain(file, Diagnostics.Error(at.Start < at.End ? span.To(at) : span, "#error " + message));
                break;
            case "warning": file.Lexer.RestOfLine(out _); break;
            case "pragma": Pragma(file); break;
            case "line" or "ident" or "sccs" or "assert" or "unassert": break;
            default:
                // Lines that a preprocessor wrote: # 12 "file.c".
                if (name.Kind != CTokenKind.Number) Diagnostics.Error(span, $"invalid preprocessing directive #{name.Text}");
                break;
        }
    }

    private void IfDefined(CFile file, CToken directive, SourceSpan span, bool active)
    {
        var line = file.RestOfLine();
        if (line is not [{ Kind: CTokenKind.Word } word, ..])
        {
            if (active) Diagnostics.Error(span, "macro name missing");
            file.SawOtherDirective();
            file.Conditionals.If(span, false);
            return;
        }
        bool isNot = directive.Text == "ifndef";
        if (isNot) file.SawIfNotDefined(word.Text);
        else file.SawOtherDirective();
        file.Conditionals.If(span, CConditions.IsDefined(preprocessor, word.Text) != isNot);
    }

    private bool Condition(CFile file, SourceSpan span)
    {
        var line = file.RestOfLine();
        if (line.Count == 0)
        {
            Diagnostics.Error(span, "#if with no expression");
            return false;
        }
        return CConditions.Evaluate(preprocessor, line, span);
    }

    private void Define(CFile file, SourceSpan span)
    {
        var line = file.RestOfLine();
        if (line is not [{ Kind: CTokenKind.Word } name, ..])
        {
            Diagnostics.Error(line.Count > 0 ? line[0].Span : span, line.Count > 0 ? "macro name must be an identifier" : "macro name missing");
            return;
        }
        if (name.Text == "defined")
        {
            Diagnostics.Error(name.Span, "'defined' cannot be used as a macro name");
            return;
        }
        List<string>? parameters = null;
        bool variadic = false;
        int body = 1;
        if (line.Count > 1 && line[1].Is("(") && !line[1].SpaceBefore)
        {
            parameters = [];
            body = 2;
            if (!Parameters(line, ref body, parameters, ref variadic))
            {
                Diagnostics.Error(line[Math.Min(body, line.Count - 1)].Span, "invalid parameter list of a macro");
                return;
            }
        }
        List<CToken> tokens = line.GetRange(body, line.Count - body);
        if (tokens.Count > 0 && (tokens[0].Is("##") || tokens[^1].Is("##")))
        {
            Diagnostics.Error(tokens[0].Span.To(tokens[^1].Span), "'##' cannot be at either end of a macro expansion");
            return;
        }
        preprocessor.Macros[name.Text] = new CMacro(name.Text, parameters, variadic, tokens);
    }

    private static bool Parameters(List<CToken> line, ref int at, List<string> parameters, ref bool variadic)
    {
        if (at < line.Count && line[at].Is(")"))
        {
            at++;
            return true;
        }
        while (at < line.Count)
        {
            var token = line[at++];
            if (token.Is("..."))
            {
                parameters.Add("__VA_ARGS__");
                variadic = true;
            }
            else if (token.Kind == CTokenKind.Word)
            {
                parameters.Add(token.Text);
                if (at < line.Count && line[at].Is("..."))
                {
                    variadic = true;
                    at++;
                }
            }
            else return false;
            if (at >= line.Count) return false;
            if (line[at].Is(")"))
            {
                at++;
                return true;
            }
            if (variadic || !line[at++].Is(",")) return false;
        }
        return false;
    }

    private void Include(CFile file, bool next, SourceSpan span)
    {
        string rest = file.Lexer.RestOfLine(out var at);
        var place = span.To(at);
        if (!TryHeaderName(rest, out string header, out bool quoted))
        {
            // #include MACRO
            var tokens = preprocessor.Expander.Expand(CLexer.All(new SourceText(file.Source.Name, rest)));
            string text = string.Concat(tokens.Select(t => (t.SpaceBefore ? " " : "") + t.Text)).Trim();
            if (!TryHeaderName(text, out header, out quoted))
            {
                Diagnostics.Error(place, "expected \"FILENAME\" or <FILENAME>");
                return;
            }
        }
        if (preprocessor.Include(header, quoted, next, place)) return;
        Explain(file, Diagnostics.Error(place, $"'{header}' file not found", "Directories to look into are given with -I."));
    }

    public static bool TryHeaderName(string text, out string name, out bool quoted)
    {
        name = "";
        quoted = text.StartsWith('"');
        if (!quoted && !text.StartsWith('<')) return false;
        int end = text.IndexOf(quoted ? '"' : '>', 1);
        if (end < 0) return false;
        name = text[1..end];
        return true;
    }

    private void Pragma(CFile file)
    {
        var line = file.RestOfLine();
        if (line is [{ Text: "once" }, ..]) preprocessor.Once();
        if (line is not [{ Text: "pack" }, { Text: "(" }, ..]) return;
        foreach (var token in line.Skip(2))
        {
            if (token.Text == "push") preprocessor.Packing.Push(preprocessor.Packing.TryPeek(out int current) ? current : 0);
            else if (token.Text == "pop") _ = preprocessor.Packing.TryPop(out _);
            else if (token.Kind == CTokenKind.Number && CLiterals.TryParseNumber(token.Text, out var number) && number.Value is 1 or 2 or 4 or 8 or 16)
            {
                _ = preprocessor.Packing.TryPop(out _);
                preprocessor.Packing.Push((int)number.Value);
            }
        }
        // pack() gives back the natural alignment.
        if (line is [_, _, { Text: ")" }, ..])
        {
            _ = preprocessor.Packing.TryPop(out _);
            preprocessor.Packing.Push(0);
        }
    }

    private void Report(SourceSpan span, string? error)
    {
        if (error is not null) Diagnostics.Error(span, error);
    }

    private static void Explain(CFile file, ScriptDiagnostic? diagnostic)
    {
        if (diagnostic is not null && file.IncludedFrom.Source is not null) diagnostic.Context.Add((file.IncludedFrom, "included from here"));
    }
}
