using System.Text;

namespace Hornet.Script.Syntax.Parsing;

/// <summary><c>config = { name = value; … }</c></summary>
internal sealed class ConfigParser(Scanner scanner, SyntaxErrors errors)
{
    /// <summary>The block, whose word is next.</summary>
    public List<ConfigAssignmentSyntax> Parse()
    {
        List<ConfigAssignmentSyntax> assignments = [];
        scanner.MatchWord("config");
        if (!errors.Expect('=') || !errors.Expect('{')) return assignments;
        scanner.SkipLayout();
        while (!scanner.AtEnd && scanner.Peek() != '}')
        {
            if (ParseAssignment() is not { } assignment) break;
            assignments.Add(assignment);
            scanner.SkipLayout();
            if (scanner.Peek() != '}' && !errors.Expect(';'))
            {
                SkipToBrace();
                break;
            }
            scanner.SkipLayout();
        }
        if (!errors.Expect('}'))
        {
            SkipToBrace();
            scanner.Advance();
        }
        errors.Recovered();
        return assignments;
    }

    /// <summary>Says why no block can stand here, and skips it.</summary>
    public void Skip(string message)
    {
        int start = scanner.Position;
        scanner.MatchWord("config");
        errors.Complain(start, scanner.Position, message);
        if (!scanner.Match('=') || !scanner.Match('{')) return;
        for (int depth = 1; !scanner.AtEnd && depth > 0;)
        {
            char c = scanner.Peek();
            if (c == '{') depth++;
            else if (c == '}') depth--;
            scanner.Position = scanner.StepOver(scanner.Position);
        }
    }

    private void SkipToBrace()
    {
        while (!scanner.AtEnd && scanner.Peek() != '}') scanner.Position = scanner.StepOver(scanner.Position);
    }

    private ConfigAssignmentSyntax? ParseAssignment()
    {
        int start = scanner.Position;
        if (errors.ExpectIdentifier("expected config key") is not { } name) return null;
        var nameSpan = scanner.SpanFrom(start);
        if (!errors.Expect('=')) return null;
        scanner.SkipLayout();
        int valueStart = scanner.Position;
        string value;
        if (scanner.Peek() == '"') value = Encoding.UTF8.GetString(StringLiteral.Read(scanner, errors));
        else if (char.IsAsciiDigit(scanner.Peek()))
        {
            string text = IntegerLiteral.Read(scanner, errors);
            if (IntegerLiteral.Parse(text, out ulong number, out _, out _) is not null)
            {
                errors.Fail("invalid integer in config");
                return null;
            }
            value = number.ToString();
        }
        else value = errors.ExpectIdentifier("expected string, int, boolean, or ident") ?? "";
        return new ConfigAssignmentSyntax(scanner.SpanFrom(start), name, value, nameSpan, scanner.SpanFrom(valueStart));
    }
}
