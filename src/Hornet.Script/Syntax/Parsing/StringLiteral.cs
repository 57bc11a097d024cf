using System.Text;

namespace Hornet.Script.Syntax.Parsing;

/// <summary>Strings in double quotes, with C's escapes.</summary>
internal static class StringLiteral
{
    /// <summary>Takes the string whose opening quote is next.</summary>
    public static byte[] Read(Scanner scanner, SyntaxErrors errors)
    {
        scanner.Advance();
        List<byte> bytes = [];
        int plain = scanner.Position;
        while (!scanner.AtEnd && scanner.Peek() != '"')
        {
            if (scanner.Peek() == '\n') break;
            if (scanner.Peek() != '\\')
            {
                scanner.Advance();
                continue;
            }
            AppendPlain(scanner, bytes, plain);
            Escape(scanner, errors, bytes);
            plain = scanner.Position;
        }
        AppendPlain(scanner, bytes, plain);
        if (scanner.Peek() == '"') scanner.Advance();
        else errors.Fail("unterminated string");
        return [.. bytes];
    }

    private static void AppendPlain(Scanner scanner, List<byte> bytes, int start)
    {
        if (scanner.Position > start) bytes.AddRange(Encoding.UTF8.GetBytes(scanner.Slice(start, scanner.Position)));
    }

    private static void Escape(Scanner scanner, SyntaxErrors errors, List<byte> bytes)
    {
        int start = scanner.Position;
        scanner.Advance();
        // The end of the text is reported by who reads on.
        if (scanner.AtEnd) return;
        char c = scanner.Peek();
        switch (c)
        {
            case 'n': bytes.Add((byte)'\n'); break;
            case 't': bytes.Add((byte)'\t'); break;
            case 'r': bytes.Add((byte)'\r'); break;
            case '"' or '\\': bytes.Add((byte)c); break;
            case >= '0' and <= '7':
                int octal = 0;
                for (int i = 0; i < 3 && scanner.Peek() is >= '0' and <= '7'; i++)
                {
                    octal = octal * 8 + scanner.Peek() - '0';
                    scanner.Advance();
                }
                if (octal > byte.MaxValue)
                    errors.Complain(start, scanner.Position, $"octal escape sequence out of range '{scanner.Slice(start, scanner.Position)}'");
                bytes.Add((byte)octal);
                return;
            case 'x' or 'X':
                scanner.Advance();
                int digits = 0, hex = 0;
                for (; digits < 2 && char.IsAsciiHexDigit(scanner.Peek()); digits++)
                {
                    hex = hex * 16 + Convert.ToInt32(scanner.Peek().ToString(), 16);
                    scanner.Advance();
                }
                if (digits == 0) errors.ComplainHere("invalid hex escape sequence", "Write two hexadecimal digits: \\x0a.");
                else bytes.Add((byte)hex);
                return;
            default:
                errors.ComplainHere($"invalid escape character '\\{(char.IsSurrogate(c) ? '?' : c)}'", "Escapes are \\n, \\t, \\r, \\\", \\\\, \\NNN (octal) and \\xNN.");
                break;
        }
        // A line must end in its own string.
        if (c != '\n') scanner.Advance();
    }
}
