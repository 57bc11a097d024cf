using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Syntax.Parsing;

namespace Hornet.Script.LanguageServer;

/// <summary>Where something a script names is made.</summary>
internal static class Definitions
{
    public static SourceSpan? Of(Cursor cursor)
    {
        var document = cursor.Document;
        if (document.Syntax.Imports.FirstOrDefault(i => i.Span.Start <= cursor.Offset && cursor.Offset <= i.Span.End) is { } import)
            return Open(document.Source, import.Path) is { } imported ? new SourceSpan(imported, 0, 0) : null;
        if (cursor.IsQuiet || cursor.Word.Length == 0) return null;
        switch (cursor.Before)
        {
            case '$': return First("$" + cursor.Word, cursor.ItemStart);
            case '@':
                return document.Syntax.Maps.FirstOrDefault(m => m.Name == cursor.Word)?.Span ?? First("@" + cursor.Word, 0);
            case '.' or '>': return null;
        }
        return Named(document.Syntax, cursor.Word) ?? document.Syntax.Imports.Select(i => Open(document.Source, i.Path)).OfType<SourceText>()
            .Select(s => Named(ScriptParser.Parse(s, new DiagnosticBag()), cursor.Word)).FirstOrDefault(s => s is not null);

        SourceSpan? First(string name, int from)
        {
            for (int at = document.Text.IndexOf(name, from, StringComparison.Ordinal); at >= 0; at = document.Text.IndexOf(name, at + 1, StringComparison.Ordinal))
            {
                int end = at + name.Length;
                if ((end == document.Text.Length || !Cursor.IsWordPart(document.Text[end])) && !new Cursor(document, end).IsQuiet) return new SourceSpan(document.Source, at, end);
            }
            return null;
        }
    }

    private static SourceSpan? Named(ScriptSyntax script, string name) =>
        script.Macros.FirstOrDefault(m => m.Name == name)?.Span ?? script.Functions.FirstOrDefault(f => f.Name == name)?.Span;

    private static SourceText? Open(SourceText from, string path)
    {
        try
        {
            string file = Path.Combine(Path.GetDirectoryName(from.Name) ?? ".", path);
            return File.Exists(file) ? new SourceText(file, File.ReadAllText(file)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
