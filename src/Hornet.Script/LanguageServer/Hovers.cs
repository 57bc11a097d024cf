using System.Globalization;
using System.Text;
using Hornet.Script.Binding;
using Hornet.Script.Probes;

namespace Hornet.Script.LanguageServer;

/// <summary>What is known of the name at a place, as Markdown.</summary>
internal static class Hovers
{
    public static (string Text, int Start, int End)? Of(Cursor cursor)
    {
        if (cursor.IsInHead && Probe(cursor) is { } probe) return probe;
        if (cursor.Word.Length == 0) return null;
        var document = cursor.Document;
        char sign = cursor.Before;
        string? text = sign switch
        {
            '@' => MapType(document, cursor.Word) is { Length: > 0 } map ? Code($"@{cursor.Word}: {map}") : null,
            '$' => document.TypeOfVariable(cursor.Word, cursor.Offset) is { } variable ? Code($"${cursor.Word}: {variable}") : null,
            '.' or '>' => Field(cursor),
            _ => Word(cursor),
        };
        return text is null ? null : (text, sign is '@' or '$' ? cursor.WordStart - 1 : cursor.WordStart, cursor.WordEnd);
    }

    /// <summary>What a map holds, as it is known; empty when nothing is.</summary>
    public static string MapType(ScriptDocument document, string name) => document.MapTypes.GetValueOrDefault(name, "");

    private static string? Field(Cursor cursor)
    {
        if (cursor.Document.TypeAt(cursor.WordEnd) is { } type) return Code($"{cursor.Word}: {type}");
        return cursor.Arguments.FirstOrDefault(a => a.Name == cursor.Word) is { } argument ? Code($"args.{argument.Name}: {argument.Type}") : null;
    }

    private static string? Word(Cursor cursor)
    {
        if (cursor.Word == "args" && cursor.Arguments is { Count: > 0 } arguments) return Arguments(arguments);
        if (LanguageHelp.Find(cursor.Word) is { } help) return $"{Code(help.Signature)}\n\n{help.Text}";
        if (cursor.Document.Syntax.Macros.FirstOrDefault(m => m.Name == cursor.Word) is { } macro) return Code($"macro {macro.Name}({string.Join(", ", macro.Parameters.Select(p => p.Span.Text.ToString()))})");
        if (cursor.Document.Syntax.Functions.FirstOrDefault(f => f.Name == cursor.Word) is { } function)
            return Code($"fn {function.Name}({string.Join(", ", function.Parameters.Select(p => $"${p.Name} : {p.Type.Span.Text}"))}){(function.ReturnType is { } result ? $" : {result.Span.Text}" : "")}");
        return cursor.Document.TypeAt(cursor.WordEnd) is { } type ? Code($"{cursor.Word}: {type}") : null;
    }

    // The attach point, how many places it means here, and what it gives.
    private static (string Text, int Start, int End)? Probe(Cursor cursor)
    {
        if (cursor.Document.Syntax.Probes.SelectMany(p => p.AttachPoints).FirstOrDefault(p => p.Span.Start <= cursor.Offset && cursor.Offset <= p.Span.End) is not { } point) return null;
        var targets = ScriptDocument.Resolve(point.Text);
        if (targets.Count == 0) return null;
        StringBuilder text = new(Code(targets[0].FullName));
        if (targets.Count > 1) text.Append(CultureInfo.InvariantCulture, $"\n\nand {targets.Count - 1} more places");
        if (targets[0].Arguments is { Count: > 0 } arguments) text.Append("\n\n").Append(Arguments(arguments));
        if (targets[0].ReturnValue is { } result) text.Append("\n\n").Append(Code($"retval: {result.Type}"));
        return (text.ToString(), point.Span.Start, point.Span.End);
    }

    private static string Arguments(IReadOnlyList<ScriptArgument> arguments) => Code(string.Join('\n', arguments.Select(a => $"args.{a.Name}: {a.Type}")));

    private static string Code(string text) => $"```bpftrace\n{text}\n```";
}
