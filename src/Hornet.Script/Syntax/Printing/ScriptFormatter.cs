using System.Text;
using Hornet.Script.Source;
using Hornet.Script.Syntax.Parsing;

namespace Hornet.Script.Syntax.Printing;

/// <summary>
/// A script in one style (<c>--fmt</c>): two blanks for each level, one statement per line, comments kept, at most one empty
/// line between two statements. Formatting twice changes nothing more, and the result means what the script did.
/// </summary>
internal sealed class ScriptFormatter
{
    private readonly ScriptSyntax _script;
    private readonly CommentReader _comments;
    private readonly ExpressionWriter _expressions;
    private StringBuilder _text = new();
    private int _indent;

    private ScriptFormatter(ScriptSyntax script, SortedDictionary<int, int> comments)
    {
        _script = script;
        _comments = new CommentReader(script, comments);
        _expressions = new ExpressionWriter(this);
    }

    /// <summary>The script formatted; null when it has errors, which are reported.</summary>
    public static string? Format(SourceText source, DiagnosticBag diagnostics)
    {
        SortedDictionary<int, int> comments = [];
        DiagnosticBag own = new();
        var script = ScriptParser.Parse(source, own, comments);
        foreach (var diagnostic in own.All) diagnostics.Add(diagnostic);
        return own.HasErrors ? null : new ScriptFormatter(script, comments).Format();
    }

    private string Format()
    {
        int end = 0;
        if (_script.Shebang is { } shebang)
        {
            Line(shebang);
            end = _script.Span.Source.Text.IndexOf(shebang, StringComparison.Ordinal) + shebang.Length;
        }
        bool wasSmall = false;
        foreach (var (start, itemEnd, isSmall, write) in Items().OrderBy(i => i.Start))
        {
            bool first = _text.Length == 0;
            bool commented = Comments(start, ref end, first);
            bool blank = _comments.HasBlankLine(end, start) || (!commented && !(isSmall && wasSmall) && !first && end > 0);
            if (blank && _text.Length > 0 && !EndsWithBlankLine()) _text.Append('\n');
            write();
            end = itemEnd;
            Trailing(ref end, NextItem(start));
            EndLine();
            wasSmall = isSmall;
        }
        Comments(int.MaxValue, ref end, _text.Length == 0);
        return _text.ToString();
    }

    private List<(int Start, int End, bool IsSmall, Action Write)> Items()
    {
        List<(int, int, bool, Action)> items = [];
        foreach (var c in _script.CDefinitions) items.Add((c.Span.Start, c.Span.End, true, () => Append(SyntaxDump.CText(c))));
        if (_script.Config.Count > 0) items.Add((ConfigStart(), ConfigEnd(), false, Config));
        foreach (var import in _script.Imports) items.Add((import.Span.Start, import.Span.End, true, () => Append(Import(import))));
        foreach (var map in _script.Maps) items.Add((map.Span.Start, map.Span.End, true, () => Append($"let @{map.Name} = {map.Kind}({map.MaxEntries});")));
        foreach (var macro in _script.Macros) items.Add((macro.Span.Start, macro.Body.Span.End, false, () => Macro(macro)));
        foreach (var function in _script.Functions) items.Add((function.Span.Start, function.Body.Span.End, false, () => Function(function)));
        foreach (var probe in _script.Probes) items.Add((probe.Span.Start, probe.Body.Span.End, false, () => Probe(probe)));
        return items;
    }

    private int NextItem(int start)
    {
        int next = _script.Span.End;
        foreach (var item in Items())
        {
            if (item.Start > start) next = Math.Min(next, item.Start);
        }
        return next;
    }

    private int ConfigStart() => _script.Span.Source.Text.LastIndexOf("config", _script.Config[0].Span.Start, StringComparison.Ordinal);

    private int ConfigEnd()
    {
        int end = _script.Span.Source.Text.IndexOf('}', _script.Config[^1].Span.End);
        return end < 0 ? _script.Span.End : end + 1;
    }

    private void Config()
    {
        Append("config = {");
        EndLine();
        _indent++;
        int end = _script.Config[0].Span.Start;
        for (int i = 0; i < _script.Config.Count; i++)
        {
            var assignment = _script.Config[i];
            Comments(assignment.Span.Start, ref end, true);
            Append($"{assignment.Name} = {assignment.ValueSpan.Text};");
            end = assignment.Span.End;
            Trailing(ref end, i + 1 < _script.Config.Count ? _script.Config[i + 1].Span.Start : ConfigEnd());
            EndLine();
        }
        Comments(ConfigEnd(), ref end, false);
        _indent--;
        Append("}");
    }

    private static string Import(ImportSyntax import) => "import " + ExpressionWriter.Quote(Encoding.UTF8.GetBytes(import.Path)) + ";";

    private void Macro(MacroSyntax macro)
    {
        Append($"macro {macro.Name}({string.Join(", ", macro.Parameters.Select(p => p.Kind switch { MacroParameterKind.Variable => "$", MacroParameterKind.Map => "@", _ => "" } + p.Name))})");
        EndLine();
        Block(macro.Body, wantsValue: true);
    }

    private void Function(FunctionSyntax function)
    {
        string parameters = string.Join(", ", function.Parameters.Select(p => $"${p.Name} : {_expressions.Type(p.Type)}"));
        Append($"fn {function.Name}({parameters}){(function.ReturnType is { } type ? " : " + _expressions.Type(type) : "")}");
        EndLine();
        Block(function.Body);
    }

    private void Probe(ProbeSyntax probe)
    {
        for (int i = 0; i < probe.AttachPoints.Count; i++)
        {
            Append(AttachPoint(probe.AttachPoints[i]) + (i + 1 < probe.AttachPoints.Count ? "," : ""));
            EndLine();
        }
        if (probe.Predicate is { } predicate)
        {
            Append("/" + _expressions.Write(predicate, 1) + "/");
            EndLine();
        }
        Block(probe.Body);
    }

    private static string AttachPoint(AttachPointSyntax point) =>
        (point.Alias is null ? "" : point.Alias + "=") + point.Text + string.Concat(point.Fallbacks.Select(f => " || " + AttachPoint(f)));

    /// <summary>A block with its braces, without a line break behind it.</summary>
    /// <param name="block">The block.</param>
    /// <param name="wantsValue">Whether a last <c>if</c> without a semicolon would be its value.</param>
    private void Block(BlockSyntax block, bool wantsValue = false)
    {
        Append("{");
        int blockEnd = block.Span.End - 1;
        if (block.Statements.Count > 0 || block.Result is not null || _comments.HasBefore(blockEnd))
        {
            EndLine();
            _indent++;
            int end = block.Span.Start;
            for (int i = 0; i < block.Statements.Count; i++)
            {
                int next = i + 1 < block.Statements.Count ? block.Statements[i + 1].Span.Start : block.Result?.Span.Start ?? blockEnd;
                bool separate = wantsValue && block.Result is null && i == block.Statements.Count - 1 && block.Statements[i] is IfSyntax or BlockSyntax;
                Statement(block.Statements[i], ref end, next, isFirst: i == 0, separate);
            }
            if (block.Result is { } result)
            {
                Before(result.Span.Start, result.Span.End, ref end, block.Statements.Count == 0, HoldsBlock(result));
                Append(_expressions.Write(result, _indent * 2));
                end = result.Span.End;
                Trailing(ref end, blockEnd);
                EndLine();
            }
            Comments(blockEnd, ref end, false);
            _indent--;
        }
        Append("}");
    }

    private void Statement(StatementSyntax statement, ref int end, int next, bool isFirst, bool separate)
    {
        int statementEnd = End(statement);
        Before(statement.Span.Start, statementEnd, ref end, isFirst, HoldsBlock(statement));
        Write(statement);
        if (separate && !IsIfWithoutElse(statement)) Append(";");
        end = statementEnd;
        Trailing(ref end, next);
        EndLine();
    }

    /// <summary>The comments in front of something, and, when it cannot hold them, those inside of it.</summary>
    private void Before(int start, int itemEnd, ref int end, bool isFirst, bool holdsBlock)
    {
        bool blank = !isFirst && _comments.HasBlankLine(end, start);
        bool commented = Comments(start, ref end, isFirst);
        if (commented) blank = _comments.HasBlankLine(end, start);
        if (blank && !EndsWithBlankLine()) _text.Append('\n');
        if (!holdsBlock) Comments(itemEnd, ref end, true);
    }

    private static bool IsIfWithoutElse(StatementSyntax statement)
    {
        while (statement is IfSyntax branch)
        {
            if (branch.Else is null) return true;
            statement = branch.Else;
        }
        return false;
    }

    private void Write(StatementSyntax statement)
    {
        int column = _indent * 2;
        switch (statement)
        {
            case ImportSyntax import: Append(Import(import)); break;
            case BlockSyntax block: Block(block); break;
            case ExpressionStatementSyntax expression: Append(_expressions.Write(expression.Expression, column) + ";"); break;
            case LetSyntax let:
                string head = "let $" + let.Variable.Name + (let.Type is { } type ? " : " + _expressions.Type(type) : "");
                Append(head + (let.Value is { } value ? " = " + _expressions.Write(value, column + head.Length + 3) : "") + ";");
                break;
            case AssignmentSyntax assignment:
                string target = _expressions.Write(assignment.Target, column) + " " + (assignment.Operator is { } op ? BinaryOperators.Text(op) : "") + "= ";
                Append(target + _expressions.Write(assignment.Value, column + target.Length) + ";");
                break;
            case IfSyntax branch: If(branch); break;
            case WhileSyntax loop: Loop("while " + _expressions.Condition(loop.Condition, false, column + 6), loop.Body); break;
            case UnrollSyntax loop: Loop("unroll (" + _expressions.Write(loop.Count, column + 8) + ")", loop.Body); break;
            case ForRangeSyntax loop: Loop($"for ${loop.Variable.Name} : {_expressions.Bound(loop.From)}..{_expressions.Bound(loop.To)}", loop.Body); break;
            case ForMapSyntax loop: Loop($"for ${loop.Variable.Name} : @{loop.Map.Name}", loop.Body); break;
            case BreakSyntax: Append("break;"); break;
            case ContinueSyntax: Append("continue;"); break;
            case ReturnSyntax result: Append(result.Value is { } given ? "return " + _expressions.Write(given, column + 7) + ";" : "return;"); break;
            default: throw new InvalidOperationException($"A statement without a form: {statement.GetType().Name}");
        }
    }

    private void Loop(string head, BlockSyntax body)
    {
        Append(head + " ");
        Block(body);
    }

    private void If(IfSyntax branch)
    {
        for (StatementSyntax? next = branch; next is not null;)
        {
            if (next is not IfSyntax arm)
            {
                Block((BlockSyntax)next);
                break;
            }
            Append("if " + _expressions.Condition(arm.Condition, arm.IsComptime, _indent * 2 + 3) + " ");
            Block(arm.Then);
            next = arm.Else;
            if (next is not null) Append(" else ");
        }
    }

    /// <summary>An <c>if</c> that has a value.</summary>
    public string If(IfExpressionSyntax branch) => Nested(() =>
    {
        for (ExpressionSyntax? next = branch; next is not null;)
        {
            if (next is not IfExpressionSyntax arm)
            {
                Append(BlockValue(((BlockExpressionSyntax)next).Block));
                break;
            }
            Append("if " + _expressions.Condition(arm.Condition, arm.IsComptime, _indent * 2 + 3) + " " + BlockValue(arm.Then.Block));
            next = arm.Else;
            if (next is not null) Append(" else ");
        }
    });

    /// <summary>A block that has a value: in one line when it is nothing but that.</summary>
    public string BlockValue(BlockSyntax block)
    {
        if (block.Statements.Count == 0 && block.Result is { } result && !HoldsBlock(result) && !_comments.HasBefore(block.Span.End - 1))
        {
            string value = _expressions.Write(result, _indent * 2);
            if (!value.Contains('\n')) return "{ " + value + " }";
        }
        return Nested(() => Block(block, wantsValue: true));
    }

    /// <summary>Writes into a text of its own; its first line continues one that is begun.</summary>
    private string Nested(Action write)
    {
        var outer = _text;
        _text = new StringBuilder("\u0001");
        write();
        string nested = _text.ToString(1, _text.Length - 1);
        _text = outer;
        return nested;
    }

    private bool Comments(int before, ref int end, bool isFirst)
    {
        bool any = false;
        while (_comments.Take(before) is { } comment)
        {
            if (!(isFirst && !any) && _comments.HasBlankLine(end, comment.Start) && !EndsWithBlankLine()) _text.Append('\n');
            foreach (string line in comment.Lines) Line(line.Length == 0 ? "//" : "// " + line);
            end = comment.End;
            any = true;
        }
        return any;
    }

    /// <summary>Comments in the line in which something ended.</summary>
    private void Trailing(ref int end, int next)
    {
        string text = "";
        while (_comments.TakeBehind(end, next) is { } comment)
        {
            text += (text.Length == 0 ? " // " : " ") + string.Join(' ', comment.Lines.Where(l => l.Length > 0));
            end = comment.End;
        }
        if (text.Length > 0) _text.Append(text.TrimEnd());
    }

    private static bool HoldsBlock(Node node) => node switch
    {
        IfSyntax or WhileSyntax or UnrollSyntax or ForRangeSyntax or ForMapSyntax or BlockSyntax or BlockExpressionSyntax or IfExpressionSyntax => true,
        ExpressionStatementSyntax statement => HoldsBlock(statement.Expression),
        LetSyntax let => let.Value is { } value && HoldsBlock(value),
        AssignmentSyntax assignment => HoldsBlock(assignment.Value),
        _ => false,
    };

    /// <summary>Behind the semicolon that belongs to a statement.</summary>
    private int End(StatementSyntax statement)
    {
        string text = _script.Span.Source.Text;
        int end = statement.Span.End;
        for (int at = end; at < text.Length; at++)
        {
            if (text[at] == ';') return at + 1;
            if (!char.IsWhiteSpace(text[at])) break;
        }
        return end;
    }

    private void Line(string text)
    {
        Append(text);
        EndLine();
    }

    private void Append(string text)
    {
        if (text.Length == 0) return;
        if (_text.Length == 0 || _text[^1] == '\n') _text.Append(' ', _indent * 2);
        _text.Append(text);
    }

    private void EndLine() => _text.Append('\n');

    private bool EndsWithBlankLine() => _text.Length >= 2 && _text[^1] == '\n' && _text[^2] is '\n' or '\u0001';
}
