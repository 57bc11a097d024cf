using Hornet.Script.Binding;
using Hornet.Script.Binding.Functions;
using Hornet.Script.Probes;
using Hornet.Script.Types;

namespace Hornet.Script.LanguageServer;

/// <summary>The protocol's kinds of what can be typed.</summary>
internal enum CompletionKind { Function = 3, Field = 5, Variable = 6, Keyword = 14, Event = 23 }

internal sealed record CompletionItem(string Label, CompletionKind Kind, string Detail = "");

/// <summary>What can be typed at a place.</summary>
internal static class Completions
{
    // A kernel has a hundred thousand functions; the editor asks again with every letter.
    private const int MostProbes = 200;

    private static readonly string[] s_keywords = ["if", "else", "while", "for", "unroll", "let", "return", "break", "continue", "sizeof", "offsetof", "typeof", "typeinfo", "comptime", "true", "false"];
    private static readonly string[] s_items = ["config", "import", "macro", "fn", "let"];

    /// <summary>The items, where what they replace begins, and whether there are more than these.</summary>
    public static (IReadOnlyList<CompletionItem> Items, int Start, bool IsIncomplete) At(Cursor cursor)
    {
        if (cursor.Before == '@') return ([.. Names(cursor.Document.Text, '@', cursor.WordStart).Select(n => new CompletionItem(n, CompletionKind.Variable, Hovers.MapType(cursor.Document, n)))], cursor.WordStart, false);
        if (cursor.Before == '$') return ([.. Names(cursor.Document.Text[cursor.ItemStart..], '$', cursor.WordStart - cursor.ItemStart).Select(n => new CompletionItem(n, CompletionKind.Variable))], cursor.WordStart, false);
        if (Member(cursor) is { } fields) return (fields, cursor.WordStart, false);
        return cursor.IsInHead ? Probes(cursor) : (Words(cursor), cursor.WordStart, false);
    }

    private static List<CompletionItem>? Member(Cursor cursor)
    {
        string text = cursor.Document.Text;
        int end = cursor.Before == '.' ? cursor.WordStart - 1 : cursor.Before == '>' && cursor.WordStart > 1 && text[cursor.WordStart - 2] == '-' ? cursor.WordStart - 2 : -1;
        if (end < 0 || cursor.IsInHead) return null;
        if (text.AsSpan(0, end).EndsWith("args") && (end == 4 || !Cursor.IsWordPart(text[end - 5]))) return [.. cursor.Arguments.Select(a => new CompletionItem(a.Name, CompletionKind.Field, a.Type.ToString()!))];
        // The text is not one that can be bound now: without the member it may be.
        var without = cursor.Document.With(text[..end] + text[cursor.WordEnd..]);
        if (!without.IsParsed) without = cursor.Document.With(text[..end] + cursor.Closing(end));
        return Fields(without.TypeEndingAt(end));
    }

    private static List<CompletionItem> Fields(ScriptType? type) => type switch
    {
        PointerType { Target: CompositeType composite } => Fields(composite),
        CompositeType composite => [.. composite.Info.Fields.Where(f => f.Name.Length > 0).Select(f => new CompletionItem(f.Name, CompletionKind.Field, f.Type.ToString()!))],
        TupleType { Names: { } names } record => [.. names.Zip(record.Elements, (n, e) => new CompletionItem(n, CompletionKind.Field, e.ToString()!))],
        TupleType tuple => [.. tuple.Elements.Select((e, i) => new CompletionItem(i.ToString(System.Globalization.CultureInfo.InvariantCulture), CompletionKind.Field, e.ToString()!))],
        _ => [],
    };

    private static (IReadOnlyList<CompletionItem> Items, int Start, bool IsIncomplete) Probes(Cursor cursor)
    {
        string text = cursor.Document.Text;
        int start = cursor.Offset;
        while (start > cursor.ItemStart && text[start - 1] is not (',' or ' ' or '\t' or '\n')) start--;
        string prefix = text[start..cursor.Offset];
        int colon = prefix.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            var kinds = ProbeNames.All.Select(p => new CompletionItem(p.Type is ProbeType.Begin or ProbeType.End ? p.Name : p.Name + ":", CompletionKind.Event));
            return ([.. kinds.Concat(start == cursor.ItemStart ? s_items.Select(i => new CompletionItem(i, CompletionKind.Keyword)) : [])], start, false);
        }
        string kind = ProbeNames.Find(prefix[..colon])?.Name ?? prefix[..colon];
        List<string> found;
        try
        {
            found = [.. new ProbeListing(new KernelCatalog(), new ScriptProbeOptions(), false).Search($"{kind}:{prefix[(colon + 1)..]}*").Take(MostProbes + 1)];
        }
        catch (BpfException)
        {
            // Who may not look into the kernel has to know the name.
            found = [];
        }
        return ([.. found.Take(MostProbes).Select(p => new CompletionItem(p, CompletionKind.Event))], start, found.Count > MostProbes);
    }

    private static List<CompletionItem> Words(Cursor cursor)
    {
        var syntax = cursor.Document.Syntax;
        var words = BuiltinTable.Words.ToHashSet();
        IEnumerable<CompletionItem> items =
        [
            .. BuiltinTable.Names.Where(n => !n.StartsWith("__", StringComparison.Ordinal)).Select(n => new CompletionItem(n, words.Contains(n) ? CompletionKind.Variable : CompletionKind.Function, LanguageHelp.Find(n)?.Signature ?? "")),
            .. LanguageHelp.Names.Where(n => BuiltinTable.Find(n) is null).Concat(StandardLibrary.Names).Select(n => new CompletionItem(n, CompletionKind.Function, LanguageHelp.Find(n)?.Signature ?? "")),
            .. syntax.Macros.Select(m => new CompletionItem(m.Name, CompletionKind.Function, "macro")),
            .. syntax.Functions.Select(f => new CompletionItem(f.Name, CompletionKind.Function, "fn")),
            .. s_keywords.Select(k => new CompletionItem(k, CompletionKind.Keyword)),
        ];
        return [.. items.DistinctBy(i => i.Label).OrderBy(i => i.Label, StringComparer.Ordinal)];
    }

    // All names behind a sign, but the one that is being typed.
    private static SortedSet<string> Names(string text, char sign, int typed)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        for (int at = text.IndexOf(sign); at >= 0; at = text.IndexOf(sign, at + 1))
        {
            int end = at + 1;
            while (end < text.Length && Cursor.IsWordPart(text[end])) end++;
            if (end > at + 1 && at + 1 != typed && !char.IsAsciiDigit(text[at + 1])) names.Add(text[(at + 1)..end]);
        }
        return names;
    }
}
