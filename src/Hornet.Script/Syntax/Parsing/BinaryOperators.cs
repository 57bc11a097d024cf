namespace Hornet.Script.Syntax.Parsing;

/// <summary>The operators between two operands: how they are written and how strongly they bind.</summary>
internal static class BinaryOperators
{
    private static readonly (string Text, BinarySyntaxOperator Operator, int Precedence)[] All =
    [
        ("||", BinarySyntaxOperator.LogicalOr, 1), ("&&", BinarySyntaxOperator.LogicalAnd, 2),
        ("==", BinarySyntaxOperator.Equal, 6), ("!=", BinarySyntaxOperator.NotEqual, 6),
        ("<=", BinarySyntaxOperator.LessOrEqual, 7), (">=", BinarySyntaxOperator.GreaterOrEqual, 7),
        ("<<", BinarySyntaxOperator.ShiftLeft, 8), (">>", BinarySyntaxOperator.ShiftRight, 8),
        ("|", BinarySyntaxOperator.Or, 3), ("^", BinarySyntaxOperator.Xor, 4), ("&", BinarySyntaxOperator.And, 5),
        ("<", BinarySyntaxOperator.Less, 7), (">", BinarySyntaxOperator.Greater, 7),
        ("+", BinarySyntaxOperator.Add, 9), ("-", BinarySyntaxOperator.Subtract, 9),
        ("*", BinarySyntaxOperator.Multiply, 10), ("/", BinarySyntaxOperator.Divide, 10), ("%", BinarySyntaxOperator.Remainder, 10),
    ];

    public const int Lowest = 1;

    public static string Text(BinarySyntaxOperator op) => Array.Find(All, o => o.Operator == op).Text;

    public static int Precedence(BinarySyntaxOperator op) => Array.Find(All, o => o.Operator == op).Precedence;

    /// <summary>The operator at the current position; false when there is none (an assignment's <c>+=</c> is none).</summary>
    public static bool TryPeek(Scanner scanner, out BinarySyntaxOperator op, out int precedence, out int length)
    {
        char c = scanner.Peek(), next = scanner.Peek(1);
        (op, precedence, length) = (default, 0, 0);
        if (next == '=' && c is '+' or '-' or '*' or '/' or '%' or '&' or '|' or '^') return false;
        if (c is '<' or '>' && next == c && scanner.Peek(2) == '=') return false;
        if (c is '+' or '-' && next == c) return false;
        // A slash in front of the block ends a predicate.
        if (c == '/' && scanner.CharAt(scanner.LayoutEnd(scanner.Position + 1)) == '{') return false;
        foreach (var known in All)
        {
            if (known.Text[0] != c || (known.Text.Length == 2 && known.Text[1] != next)) continue;
            (op, precedence, length) = (known.Operator, known.Precedence, known.Text.Length);
            return true;
        }
        return false;
    }

    /// <summary>Takes the operator of <c>+=</c> and the like, with its equals sign.</summary>
    public static bool TryCompound(Scanner scanner, out BinarySyntaxOperator op)
    {
        char c = scanner.Peek(), next = scanner.Peek(1);
        op = default;
        if (c is '<' or '>' && next == c && scanner.Peek(2) == '=')
        {
            op = c == '<' ? BinarySyntaxOperator.ShiftLeft : BinarySyntaxOperator.ShiftRight;
            scanner.Advance(3);
            return true;
        }
        if (next != '=') return false;
        switch (c)
        {
            case '+': op = BinarySyntaxOperator.Add; break;
            case '-': op = BinarySyntaxOperator.Subtract; break;
            case '*': op = BinarySyntaxOperator.Multiply; break;
            case '/': op = BinarySyntaxOperator.Divide; break;
            case '%': op = BinarySyntaxOperator.Remainder; break;
            case '&': op = BinarySyntaxOperator.And; break;
            case '|': op = BinarySyntaxOperator.Or; break;
            case '^': op = BinarySyntaxOperator.Xor; break;
            default: return false;
        }
        scanner.Advance(2);
        return true;
    }
}
