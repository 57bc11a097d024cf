using System.Globalization;
using System.Text;
using Hornet.Script.Syntax.Parsing;

namespace Hornet.Script.Syntax.Printing;

/// <summary>
/// The tree of a script as text, for people (<c>-d ast</c>) and for comparing two trees: every node in parentheses with its
/// kind, without places. Two scripts mean the same when their trees read the same.
/// </summary>
internal sealed class SyntaxDump
{
    private readonly StringBuilder _text = new();
    private readonly bool _indented;
    private int _depth;

    private SyntaxDump(bool indented) => _indented = indented;

    /// <summary>The whole script.</summary>
    /// <param name="script">The script.</param>
    /// <param name="indented">One line for each node, or one line for each definition.</param>
    public static string Write(ScriptSyntax script, bool indented)
    {
        SyntaxDump dump = new(indented);
        foreach (var c in script.CDefinitions) dump.Item(() => dump.Leaf("c", Quote(CText(c))));
        foreach (var config in script.Config) dump.Item(() => dump.Leaf("config", config.Name, Quote(config.Value)));
        foreach (var import in script.Imports) dump.Item(() => dump.Statement(import));
        foreach (var map in script.Maps) dump.Item(() => dump.Leaf("map", "@" + map.Name, map.Kind, map.MaxEntries.ToString(CultureInfo.InvariantCulture)));
        foreach (var macro in script.Macros) dump.Item(() => dump.Macro(macro));
        foreach (var function in script.Functions) dump.Item(() => dump.Function(function));
        foreach (var probe in script.Probes) dump.Item(() => dump.Probe(probe));
        return dump._text.ToString();
    }

    /// <summary>One expression, in one line.</summary>
    public static string Write(ExpressionSyntax expression)
    {
        SyntaxDump dump = new(indented: false);
        dump.Expression(expression);
        return dump._text.ToString();
    }

    /// <summary>Declarations with the semicolon that may be left out.</summary>
    public static string CText(CDefinitionsSyntax c)
    {
        string text = c.Span.Text.ToString();
        return text.StartsWith('#') || text.EndsWith(';') ? text : text + ";";
    }

    private void Item(Action write)
    {
        write();
        _text.Append('\n');
    }

    private void Macro(MacroSyntax macro) => Node("macro", () => Block(macro.Body),
        [macro.Name, .. macro.Parameters.Select(p => p.Kind switch { MacroParameterKind.Variable => "$", MacroParameterKind.Map => "@", _ => "" } + p.Name)]);

    private void Function(FunctionSyntax function) => Node("fn", () =>
    {
        foreach (var (name, type, _) in function.Parameters) Node("parameter", () => Type(type), "$" + name);
        if (function.ReturnType is { } result) Type(result);
        Block(function.Body);
    }, function.Name);

    private void Probe(ProbeSyntax probe) => Node("probe", () =>
    {
        if (probe.Predicate is { } predicate) Node("predicate", () => Expression(predicate));
        Block(probe.Body);
    }, [.. probe.AttachPoints.Select(AttachPoint)]);

    private static string AttachPoint(AttachPointSyntax point) =>
        (point.Alias is null ? "" : point.Alias + "=") + point.Text + string.Concat(point.Fallbacks.Select(f => "||" + AttachPoint(f)));

    private void Block(BlockSyntax block) => Node("block", () =>
    {
        foreach (var statement in block.Statements) Statement(statement);
        if (block.Result is { } result) Node("value", () => Expression(result));
    });

    private void Statement(StatementSyntax statement)
    {
        switch (statement)
        {
            case ImportSyntax import: Leaf("import", Quote(import.Path)); break;
            case BlockSyntax block: Block(block); break;
            case ExpressionStatementSyntax expression: Expression(expression.Expression); break;
            case LetSyntax let:
                Node("let", () => { if (let.Type is { } type) Type(type); if (let.Value is { } value) Expression(value); }, "$" + let.Variable.Name);
                break;
            case AssignmentSyntax assignment:
                Node((assignment.Operator is { } op ? BinaryOperators.Text(op) : "") + "=", () => { Expression(assignment.Target); Expression(assignment.Value); });
                break;
            case IfSyntax branch:
                Node(branch.IsComptime ? "if-comptime" : "if", () => { Expression(branch.Condition); Block(branch.Then); if (branch.Else is { } other) Statement(other); });
                break;
            case WhileSyntax loop: Node("while", () => { Expression(loop.Condition); Block(loop.Body); }); break;
            case UnrollSyntax loop: Node("unroll", () => { Expression(loop.Count); Block(loop.Body); }); break;
            case ForRangeSyntax loop: Node("for", () => { Expression(loop.From); Expression(loop.To); Block(loop.Body); }, "$" + loop.Variable.Name); break;
            case ForMapSyntax loop: Node("for", () => { Expression(loop.Map); Block(loop.Body); }, "$" + loop.Variable.Name); break;
            case BreakSyntax: Leaf("break"); break;
            case ContinueSyntax: Leaf("continue"); break;
            case ReturnSyntax result: Node("return", () => { if (result.Value is { } value) Expression(value); }); break;
            default: throw new InvalidOperationException($"A statement without a form: {statement.GetType().Name}");
        }
    }

    private void Expression(ExpressionSyntax expression)
    {
        switch (expression)
        {
            case IntegerSyntax number: Atom((number.IsNegative ? "-" : "") + number.Text); break;
            case BooleanSyntax boolean: Atom(boolean.Value ? "true" : "false"); break;
            case StringSyntax text: Atom(Quote(text.Bytes)); break;
            case IdentifierSyntax name: Atom(name.Name.Length == 0 ? "<missing>" : name.Name); break;
            case PositionalSyntax positional: Atom("$" + positional.Number.ToString(CultureInfo.InvariantCulture)); break;
            case PositionalCountSyntax: Atom("$#"); break;
            case VariableSyntax variable: Atom("$" + variable.Name); break;
            case MapSyntax { Key: null } map: Atom("@" + map.Name); break;
            case MapSyntax map: Node("@" + map.Name, () => Expression(map.Key!)); break;
            case DiscardSyntax: Atom("_"); break;
            case CallSyntax call: Node("call", () => Expressions(call.Arguments), call.Name); break;
            case UnarySyntax unary: Node(UnaryText(unary.Operator), () => Expression(unary.Operand)); break;
            case BinarySyntax binary: Binary(binary); break;
            case ConditionalSyntax conditional:
                Node(conditional.Then is null ? "?:" : "?", () =>
                {
                    Expression(conditional.Condition);
                    if (conditional.Then is { } then) Expression(then);
                    Expression(conditional.Else);
                });
                break;
            case IfExpressionSyntax branch:
                Node(branch.IsComptime ? "if-comptime" : "if", () => { Expression(branch.Condition); Block(branch.Then.Block); if (branch.Else is { } other) Expression(other); });
                break;
            case BlockExpressionSyntax block: Block(block.Block); break;
            case FieldSyntax field: Node(field.IsArrow ? "->" : ".", () => Expression(field.Target), field.Name); break;
            case TupleAccessSyntax access: Node(".", () => Expression(access.Target), access.Index.ToString(CultureInfo.InvariantCulture)); break;
            case IndexSyntax index: Node("index", () => { Expression(index.Target); Expression(index.Index); }); break;
            case CastSyntax cast: Node("cast", () => { Type(cast.Type); Expression(cast.Operand); }); break;
            case TupleSyntax tuple: Node("tuple", () => Expressions(tuple.Elements)); break;
            case RecordSyntax record:
                Node("record", () => { foreach (var (name, value, _) in record.Fields) Node(name + "=", () => Expression(value)); });
                break;
            case SizeofSyntax size: TypeOrExpression("sizeof", size.Type, size.Operand); break;
            case OffsetofSyntax offset: TypeOrExpression("offsetof", offset.Type, offset.Operand, string.Join('.', offset.Path)); break;
            case TypeinfoSyntax info: TypeOrExpression("typeinfo", info.Type, info.Operand); break;
            case ComptimeSyntax comptime: Node("comptime", () => Expression(comptime.Operand)); break;
            case TypeExpressionSyntax type: Type(type.Type); break;
            default: throw new InvalidOperationException($"An expression without a form: {expression.GetType().Name}");
        }
    }

    /// <summary>A chain of operators is as deep as it is long.</summary>
    private void Binary(BinarySyntax binary) => Node(BinaryOperators.Text(binary.Operator), () => { Expression(binary.Left); Expression(binary.Right); });

    private void Expressions(IReadOnlyList<ExpressionSyntax> expressions)
    {
        foreach (var expression in expressions) Expression(expression);
    }

    private void TypeOrExpression(string kind, TypeSyntax? type, ExpressionSyntax? operand, params ReadOnlySpan<string> words) => Node(kind, () =>
    {
        if (type is not null) Type(type);
        if (operand is not null) Expression(operand);
    }, words);

    private void Type(TypeSyntax type) => Node("type", () =>
    {
        if (type.TypeOf is { } of) Expression(of);
        foreach (var element in type.Elements ?? []) Type(element);
        if (type.Size is { } size) Node("size", () => Expression(size));
        foreach (var suffix in type.Suffixes)
        {
            if (suffix.IsPointer) Atom("*");
            else if (suffix.Length is { } length) Node("[]", () => Expression(length));
            else Atom("[]");
        }
    }, type.Name);

    private static string UnaryText(UnarySyntaxOperator op) => op switch
    {
        UnarySyntaxOperator.Not => "!",
        UnarySyntaxOperator.Complement => "~",
        UnarySyntaxOperator.Minus => "negate",
        UnarySyntaxOperator.Plus => "plus",
        UnarySyntaxOperator.Dereference => "deref",
        UnarySyntaxOperator.AddressOf => "address",
        UnarySyntaxOperator.PreIncrement => "++_",
        UnarySyntaxOperator.PreDecrement => "--_",
        UnarySyntaxOperator.PostIncrement => "_++",
        _ => "_--",
    };

    private void Leaf(string kind, params ReadOnlySpan<string> words) => Node(kind, static () => { }, words);

    private void Atom(string text)
    {
        Begin();
        _text.Append(text);
    }

    private void Node(string kind, Action children, params ReadOnlySpan<string> words)
    {
        Begin();
        _text.Append('(').Append(kind);
        foreach (string word in words)
        {
            if (word.Length > 0) _text.Append(' ').Append(word);
        }
        _depth++;
        children();
        _depth--;
        _text.Append(')');
    }

    private void Begin()
    {
        if (_text.Length == 0 || _text[^1] == '\n') return;
        if (_indented) _text.Append('\n').Append(' ', _depth * 2);
        else _text.Append(' ');
    }

    private static string Quote(string text) => Quote(Encoding.UTF8.GetBytes(text));

    private static string Quote(byte[] text) => "\"" + UntrustedText.Escape(text).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
