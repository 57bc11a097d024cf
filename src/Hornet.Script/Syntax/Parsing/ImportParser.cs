using System.Text;

namespace Hornet.Script.Syntax.Parsing;

/// <summary><c>import "file.bt";</c></summary>
internal static class ImportParser
{
    /// <summary>An import, whose word is next; null when it is broken (it was reported).</summary>
    public static ImportSyntax? Parse(Scanner scanner, SyntaxErrors errors)
    {
        int start = scanner.Position;
        scanner.MatchWord("import");
        scanner.SkipLayout();
        if (scanner.Peek() != '"')
        {
            errors.Fail("expected string after 'import'");
            return null;
        }
        string path = Encoding.UTF8.GetString(StringLiteral.Read(scanner, errors));
        var span = scanner.SpanFrom(start);
        if (scanner.Match(';')) return new ImportSyntax(span, path);
        errors.Fail("expected ';' after import");
        return null;
    }
}
