using System.Globalization;
using System.Text;
using Hornet.Script.Runtime;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>A bound script as text (<c>-d types</c>): what each thing became, with its type.</summary>
internal sealed class BoundPrinter
{
    private readonly StringBuilder _text = new();
    private readonly BoundScript _script;
    private int _depth;

    private BoundPrinter(BoundScript script) => _script = script;

    public static string Print(BoundScript script)
    {
        BoundPrinter printer = new(script);
        printer.Script();
        return printer._text.ToString();
    }

    private void Script()
    {
        foreach (var map in _script.Maps)
        {
            string key = map.Key is null ? "" : $"[{map.Key}]";
            Line($"map @{map.Name}{key}: {map.Value} ({map.Type.ToString().ToLowerInvariant()}, {map.MaxEntries})");
        }
        for (int i = 0; i < _script.Actions.Count; i++) Line($"action {i}: {Action(_script.Actions[i])} {_script.Actions[i].Payload}");
        foreach (var function in _script.Functions)
        {
            Line($"fn {function.Name}({string.Join(", ", function.Parameters.Select(p => $"${p.Name}: {p.Type}"))}): {function.ReturnType}");
            if (function.Body is not null) Block(function.Body);
        }
        foreach (var program in _script.Programs)
        {
            Line($"{program.Name}: {string.Join(", ", program.Targets.Select(t => t.FullName))}");
            if (program.Predicate is not null) Line($"/ {Expression(program.Predicate)} /");
            Block(program.Body);
        }
    }

    private static string Action(AsyncAction action) => action switch
    {
        AsyncAction.Print print => $"{print.Kind.ToString().ToLowerInvariant()} {Quoted(Source.ScriptBytes.Of(print.Format))}",
        AsyncAction.PrintMap print => $"print map {print.Map} top {print.Top} div {print.Divisor}",
        AsyncAction.PrintMapElement print => $"print element of map {print.Map}",
        AsyncAction.Clear clear => $"clear map {clear.Map}",
        AsyncAction.Zero zero => $"zero map {zero.Map}",
        AsyncAction.Time time => $"time {Quoted(Source.ScriptBytes.Of(time.Format))}",
        AsyncAction.RuntimeError => "runtime error",
        _ => action.GetType().Name.ToLowerInvariant(),
    };

    private void Line(string text) => _text.Append(' ', _depth * 2).Append(text).Append('\n');

    private void Block(BoundStatement statement)
    {
        if (statement is not BoundBlock block)
        {
            _depth++;
            Statement(statement);
            _depth--;
            return;
        }
        Line("{");
        _depth++;
        foreach (var local in block.Locals) Line($"let ${local.Name}: {local.Type}");
        foreach (var inner in block.Statements) Statement(inner);
        _depth--;
        Line("}");
    }

    private void Statement(BoundStatement statement)
    {
        switch (statement)
        {
            case BoundBlock: Block(statement); break;
            case BoundExpressionStatement expression: Line(Expression(expression.Expression)); break;
            case BoundAssignLocal assign: Line($"${assign.Local.Name} = {Expression(assign.Value)}"); break;
            case BoundAssignMap assign: Line($"{Map(assign.Map, assign.Key)} = {Expression(assign.Value)}"); break;
            case BoundAggregate aggregate: Line($"{Map(aggregate.Map, aggregate.Key)} <- {aggregate.Map.Value}({(aggregate.Operand is null ? "" : Expression(aggregate.Operand))})"); break;
            case BoundIf choice:
                Line($"if {Expression(choice.Condition)}");
                Block(choice.Then);
                if (choice.Else is null) break;
                Line("else");
                Block(choice.Else);
                break;
            case BoundWhile loop:
                Line($"while {Expression(loop.Condition)}");
                Block(loop.Body);
                break;
            case BoundUnroll unroll:
                Line($"unroll {unroll.Count}");
                Block(unroll.Body);
                break;
            case BoundForRange loop:
                Line($"for ${loop.Variable.Name}: {loop.Variable.Type} in {Expression(loop.From)}..{Expression(loop.To)}");
                Block(loop.Body);
                break;
            case BoundForMap loop:
                Line($"for ${loop.Variable.Name}: {loop.Variable.Type} in @{loop.Map.Name}");
                Block(loop.Body);
                break;
            case BoundBreak: Line("break"); break;
            case BoundContinue: Line("continue"); break;
            case BoundReturn jump: Line(jump.Value is null ? "return" : $"return {Expression(jump.Value)}"); break;
            case BoundAsync send: Line($"send {send.Action}({List(send.Arguments)}){(send.EndsProgram ? " and end" : "")}"); break;
            default: Line(statement.GetType().Name); break;
        }
    }

    private string List(IEnumerable<BoundExpression> expressions) => string.Join(", ", expressions.Select(Expression));

    private string Map(BoundMap map, BoundExpression? key) => key is null ? $"@{map.Name}" : $"@{map.Name}[{Expression(key)}]";

    private string Expression(BoundExpression expression)
    {
        switch (expression)
        {
            case BoundConstant constant: return $"{Value(constant)}:{constant.Type}";
            case BoundText text: return $"{Quoted(text.Bytes)}:{text.Type}";
            case BoundLocalRead read: return $"${read.Local.Name}";
            case BoundMapRead read: return $"{Map(read.Map, read.Key)}:{read.Type}";
            case BoundArgument argument: return $"args.{argument.Argument.Name}:{argument.Type}";
            case BoundArguments: return "args";
            case BoundDereference dereference: return $"*{dereference.Space.ToString().ToLowerInvariant()}({Expression(dereference.Pointer)}):{dereference.Type}";
            case BoundField field: return $"{Expression(field.Target)}.{field.Field.Name}:{field.Type}";
            case BoundElement element: return $"{Expression(element.Target)}[{Expression(element.Index)}]:{element.Type}";
            case BoundTupleElement element: return $"{Expression(element.Target)}.{element.Index}:{element.Type}";
            case BoundTuple { TupleType.Names: { } names } record: return $"({string.Join(", ", names.Zip(record.Elements, (n, e) => $"{n} = {Expression(e)}"))})";
            case BoundTuple tuple: return $"({List(tuple.Elements)})";
            case BoundUnary unary: return $"{unary.Operator.ToString().ToLowerInvariant()}({Expression(unary.Operand)}):{unary.Type}";
            case BoundBinary binary: return $"({Expression(binary.Left)} {Sign(binary.Operator)} {Expression(binary.Right)}):{binary.Type}";
            case BoundPointerAdd add: return $"({Expression(add.Pointer)} + {Expression(add.Bytes)} bytes):{add.Type}";
            case BoundComparison comparison: return $"({Expression(comparison.Left)} {Sign(comparison.Operator)} {Expression(comparison.Right)})";
            case BoundLogical logical: return $"({Expression(logical.Left)} {(logical.IsAnd ? "&&" : "||")} {Expression(logical.Right)})";
            case BoundConditional choice: return $"({Expression(choice.Condition)} ? {Expression(choice.Then)} : {Expression(choice.Else)}):{choice.Type}";
            case BoundConversion conversion: return $"{conversion.Type}({Expression(conversion.Operand)})";
            case BoundIncrement increment: return $"{Expression(increment.Target)} {(increment.GivesOld ? "post" : "pre")}{increment.Delta:+0;-0}";
            case BoundAddressOf address: return $"&{Expression(address.Target)}";
            case BoundFunctionCall call: return $"{call.Function.Name}({List(call.Arguments)}):{call.Type}";
            case BoundImportedCall call: return $"{call.Function.Name}({List(call.Arguments)}):{call.Type}";
            case BoundBlockExpression block: return BlockText(block);
            case BoundCall call: return CallText(call);
            default: return expression.GetType().Name;
        }
    }

    private string CallText(BoundCall call)
    {
        string name = call.Intrinsic.ToString();
        string number = call.Number == 0 ? "" : $" #{call.Number.ToString(CultureInfo.InvariantCulture)}";
        string map = call.Map is null || call.Arguments.Count > 0 ? "" : $"@{call.Map.Name}";
        string local = call.Local is null ? "" : $" -> ${call.Local.Name}";
        return $"{name}({map}{List(call.Arguments)}){local}{number}:{call.Type}";
    }

    private string BlockText(BoundBlockExpression expression)
    {
        BoundPrinter inner = new(_script) { _depth = 0 };
        foreach (var local in expression.Block.Locals) inner.Line($"let ${local.Name}: {local.Type}");
        foreach (var statement in expression.Block.Statements) inner.Statement(statement);
        string body = string.Join("; ", inner._text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()));
        return expression.Result is null ? $"{{ {body} }}" : $"{{ {body}; {Expression(expression.Result)} }}";
    }

    private static string Value(BoundConstant constant) => constant.Type switch
    {
        BooleanType => constant.Value != 0 ? "true" : "false",
        IntegerType { IsSigned: false } or PointerType => ((ulong)constant.Value).ToString(CultureInfo.InvariantCulture),
        _ => constant.Value.ToString(CultureInfo.InvariantCulture),
    };

    private static string Quoted(byte[] bytes) => $"\"{Encoding.UTF8.GetString(bytes).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string Sign(BoundBinaryOperator op) => op switch
    {
        BoundBinaryOperator.Add => "+",
        BoundBinaryOperator.Subtract => "-",
        BoundBinaryOperator.Multiply => "*",
        BoundBinaryOperator.Divide => "/",
        BoundBinaryOperator.Remainder => "%",
        BoundBinaryOperator.And => "&",
        BoundBinaryOperator.Or => "|",
        BoundBinaryOperator.Xor => "^",
        BoundBinaryOperator.ShiftLeft => "<<",
        _ => ">>",
    };

    private static string Sign(BoundComparisonOperator op) => op switch
    {
        BoundComparisonOperator.Equal => "==",
        BoundComparisonOperator.NotEqual => "!=",
        BoundComparisonOperator.Less => "<",
        BoundComparisonOperator.LessOrEqual => "<=",
        BoundComparisonOperator.Greater => ">",
        _ => ">=",
    };
}
