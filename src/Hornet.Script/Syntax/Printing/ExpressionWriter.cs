using System.Globalization;
using System.Text;
using Hornet.Script.Syntax.Parsing;

namespace Hornet.Script.Syntax.Printing;

/// <summary>
/// Expressions as text. What consists of several parts stands in parentheses inside of another, so that nobody needs to know
/// which operator binds stronger; chains of <c>&amp;&amp;</c> and <c>||</c> excepted.
/// </summary>
internal sealed class ExpressionWriter(ScriptFormatter formatter)
{
    public const int MaxWidth = 80;

    /// <summary>An expression that nothing surrounds.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="column">Where it begins in its line: long lists are broken behind their commas.</param>
    public string Write(ExpressionSyntax expression, int column) => expression switch
    {
        IntegerSyntax number => (number.IsNegative ? "-" : "") + number.Text,
        BooleanSyntax boolean => boolean.Value ? "true" : "false",
        StringSyntax text => Quote(text.Bytes),
        IdentifierSyntax name => name.Name,
        PositionalSyntax positional => "$" + positional.Number.ToString(CultureInfo.InvariantCulture),
        PositionalCountSyntax => "$#",
        VariableSyntax variable => "$" + variable.Name,
        DiscardSyntax => "_",
        MapSyntax map => Map(map, column),
        CallSyntax call => call.Name + "(" + List(call.Arguments, column + call.Name.Length + 1) + ")",
        UnarySyntax unary => Unary(unary, column),
        BinarySyntax binary => Binary(binary, column),
        ConditionalSyntax conditional => Operand(conditional.Condition, column) +
            (conditional.Then is { } then ? " ? " + Operand(then, column) + " : " : " ?: ") + Operand(conditional.Else, column),
        IfExpressionSyntax branch => formatter.If(branch),
        BlockExpressionSyntax block => formatter.BlockValue(block.Block),
        FieldSyntax field => Target(field.Target, column) + (field.IsArrow ? "->" : ".") + field.Name,
        TupleAccessSyntax access => Target(access.Target, column) + "." + access.Index.ToString(CultureInfo.InvariantCulture),
        IndexSyntax index => Target(index.Target, column) + "[" + Write(index.Index, column) + "]",
        CastSyntax cast => "(" + Type(cast.Type) + ")" + Operand(cast.Operand, column),
        TupleSyntax tuple => "(" + List(tuple.Elements, column + 1) + (tuple.Elements.Count == 1 ? ",)" : ")"),
        RecordSyntax record => "(" + string.Join(", ", record.Fields.Select(f => f.Name + "=" + Operand(f.Value, column))) + ")",
        SizeofSyntax size => "sizeof(" + TypeOrExpression(size.Type, size.Operand) + ")",
        OffsetofSyntax offset => "offsetof(" + TypeOrExpression(offset.Type, offset.Operand) + ", " + string.Join('.', offset.Path) + ")",
        TypeinfoSyntax info => "typeinfo(" + TypeOrExpression(info.Type, info.Operand) + ")",
        ComptimeSyntax comptime => "comptime " + Operand(comptime.Operand, column + 9),
        TypeExpressionSyntax type => Typeof(type.Type),
        _ => throw new InvalidOperationException($"An expression without a form: {expression.GetType().Name}"),
    };

    /// <summary>An expression inside of another one.</summary>
    public string Operand(ExpressionSyntax expression, int column) =>
        IsOneThing(expression) ? Write(expression, column) : "(" + Write(expression, column + 1) + ")";

    /// <summary>The condition of <c>if</c> and <c>while</c>: the brace behind it must not look like a part of it.</summary>
    public string Condition(ExpressionSyntax condition, bool comptime, int column)
    {
        string text = Operand(condition, column);
        // Parentheses at the beginning would end the condition where they end.
        bool closes = text.StartsWith('(') && IsOneThing(condition);
        if (closes && !comptime) text = "(" + text + ")";
        return comptime ? "comptime " + text : text;
    }

    /// <summary>A bound of a range, where only one thing may stand.</summary>
    public string Bound(ExpressionSyntax bound) =>
        bound is IntegerSyntax or VariableSyntax or PositionalSyntax or PositionalCountSyntax or IdentifierSyntax or CallSyntax ? Write(bound, 0) : "(" + Write(bound, 0) + ")";

    public string Type(TypeSyntax type)
    {
        StringBuilder text = new();
        if (type.TypeOf is { } of) text.Append("typeof(").Append(of is TypeExpressionSyntax named ? Type(named.Type) : TypeOrExpression(null, of)).Append(')');
        else if (type.Elements is { } elements) text.Append('(').Append(string.Join(", ", elements.Select(Type))).Append(elements.Count == 1 ? ",)" : ")");
        else text.Append(type.Name);
        if (type.Size is { } size) text.Append('[').Append(Write(size, 0)).Append(']');
        foreach (var suffix in type.Suffixes)
        {
            if (suffix.IsPointer) text.Append('*');
            else text.Append('[').Append(suffix.Length is { } length ? Write(length, 0) : "").Append(']');
        }
        return text.ToString();
    }

    private string Typeof(TypeSyntax type) => type.TypeOf is null ? "typeof(" + Type(type) + ")" : Type(type);

    private string TypeOrExpression(TypeSyntax? type, ExpressionSyntax? operand)
    {
        if (type is not null) return Type(type);
        // a[0] would be read as an array type.
        return operand is IndexSyntax or UnarySyntax or BinarySyntax ? "(" + Write(operand, 0) + ")" : Write(operand!, 0);
    }

    private string Map(MapSyntax map, int column)
    {
        if (map.Key is null) return "@" + map.Name;
        string key = map.KeyWasList && map.Key is TupleSyntax tuple ? List(tuple.Elements, column + map.Name.Length + 2) : Write(map.Key, column + map.Name.Length + 2);
        return "@" + map.Name + "[" + key + "]";
    }

    private string Unary(UnarySyntax unary, int column)
    {
        string operand = Operand(unary.Operand, column + 1);
        return unary.Operator switch
        {
            UnarySyntaxOperator.Not => "!" + operand,
            UnarySyntaxOperator.Complement => "~" + operand,
            UnarySyntaxOperator.Minus => "-" + operand,
            UnarySyntaxOperator.Plus => "+" + operand,
            UnarySyntaxOperator.Dereference => "*" + operand,
            UnarySyntaxOperator.AddressOf => "&" + operand,
            UnarySyntaxOperator.PreIncrement => "++" + operand,
            UnarySyntaxOperator.PreDecrement => "--" + operand,
            UnarySyntaxOperator.PostIncrement => operand + "++",
            _ => operand + "--",
        };
    }

    private string Binary(BinarySyntax binary, int column)
    {
        string op = " " + BinaryOperators.Text(binary.Operator) + " ";
        List<ExpressionSyntax> parts = [];
        ExpressionSyntax left = binary;
        bool chains = binary.Operator is BinarySyntaxOperator.LogicalAnd or BinarySyntaxOperator.LogicalOr;
        do
        {
            var link = (BinarySyntax)left;
            parts.Add(link.Right);
            left = link.Left;
        }
        while (chains && left is BinarySyntax next && next.Operator == binary.Operator);
        parts.Add(left);
        parts.Reverse();
        return Joined([.. parts.Select(p => Operand(p, column))], op, column);
    }

    private string List(IReadOnlyList<ExpressionSyntax> items, int column) => Joined([.. items.Select(i => Write(i, column))], ", ", column);

    /// <summary>In one line, or, when that is too long, in as few as it takes, the last of them the fullest.</summary>
    private static string Joined(List<string> parts, string separator, int column)
    {
        string line = string.Join(separator, parts);
        if (parts.Count < 2 || column + line.Length < MaxWidth || line.Contains('\n')) return line;
        int room = MaxWidth - column;
        List<string> lines = [];
        string current = parts[^1];
        for (int i = parts.Count - 2; i >= 0; i--)
        {
            string part = parts[i] + separator;
            if (part.Length + current.Length > room)
            {
                lines.Add(current);
                current = part.TrimEnd();
            }
            else current = part + current;
        }
        lines.Add(current);
        lines.Reverse();
        // Lines that do not fit anyway are not made better by breaking them.
        return lines.Exists(l => l.Length > room) && room < 20 ? line : string.Join("\n" + new string(' ', column), lines);
    }

    private string Target(ExpressionSyntax target, int column) =>
        IsOneThing(target) && target is not (IntegerSyntax or ComptimeSyntax) ? Write(target, column) : "(" + Write(target, column + 1) + ")";

    private static bool IsOneThing(ExpressionSyntax expression) => expression switch
    {
        IntegerSyntax number => !number.IsNegative,
        ComptimeSyntax comptime => IsOneThing(comptime.Operand),
        // Both stand in parentheses as they are.
        TupleSyntax or RecordSyntax => true,
        StringSyntax or BooleanSyntax or PositionalSyntax or PositionalCountSyntax or IdentifierSyntax or SizeofSyntax or OffsetofSyntax or TypeinfoSyntax or VariableSyntax
            or IndexSyntax or TupleAccessSyntax or MapSyntax or CallSyntax or FieldSyntax or TypeExpressionSyntax => true,
        _ => false,
    };

    /// <summary>Bytes as a string literal.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new("\"");
        while (!bytes.IsEmpty)
        {
            bool valid = Rune.DecodeFromUtf8(bytes, out var rune, out int length) == System.Buffers.OperationStatus.Done;
            if (rune.Value == '"' || rune.Value == '\\') text.Append('\\').Append((char)rune.Value);
            else if (rune.Value == '\n') text.Append("\\n");
            else if (rune.Value == '\t') text.Append("\\t");
            else if (rune.Value == '\r') text.Append("\\r");
            else if (valid && !Rune.IsControl(rune)) text.Append(rune.ToString());
            else
            {
                foreach (byte b in bytes[..length]) text.Append("\\x").Append(b.ToString("x2", CultureInfo.InvariantCulture));
            }
            bytes = bytes[length..];
        }
        return text.Append('"').ToString();
    }
}
