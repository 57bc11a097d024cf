using System.Text.Json;
using Hornet.Script.Source;
using Hornet.Script.Syntax.Printing;

namespace Hornet.Script.LanguageServer;

/// <summary>The answers to an editor's questions, each as what writes it.</summary>
internal static class LanguageAnswers
{
    private const int FunctionSymbol = 12, EventSymbol = 24, VariableSymbol = 13, Error = 1, Warning = 2;

    public static void Capabilities(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("capabilities");
        json.WriteString("positionEncoding", "utf-16");
        json.WriteNumber("textDocumentSync", 1);
        json.WriteBoolean("hoverProvider", true);
        json.WriteBoolean("definitionProvider", true);
        json.WriteBoolean("documentFormattingProvider", true);
        json.WriteBoolean("documentSymbolProvider", true);
        json.WriteStartObject("completionProvider");
        json.WriteStartArray("triggerCharacters");
        foreach (string trigger in (string[])[":", "@", "$", ".", ">"]) json.WriteStringValue(trigger);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("serverInfo");
        json.WriteString("name", "hornet");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void Diagnostics(Utf8JsonWriter json, ScriptDocument document)
    {
        foreach (var diagnostic in document.Diagnostics)
        {
            json.WriteStartObject();
            WriteRange(json, "range", document.Source, diagnostic.Span.Start, diagnostic.Span.End);
            json.WriteNumber("severity", diagnostic.Severity == ScriptSeverity.Error ? Error : Warning);
            json.WriteString("source", "hornet");
            json.WriteString("message", string.Join('\n', diagnostic.Hints.Select(h => "hint: " + h).Prepend(diagnostic.Message)));
            json.WriteEndObject();
        }
    }

    public static Action<Utf8JsonWriter> Hover(ScriptDocument document, int offset)
    {
        Cursor cursor = new(document, offset);
        if (cursor.IsQuiet || Hovers.Of(cursor) is not var (text, start, end)) return Nothing;
        return json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("contents");
            json.WriteString("kind", "markdown");
            json.WriteString("value", text);
            json.WriteEndObject();
            WriteRange(json, "range", document.Source, start, end);
            json.WriteEndObject();
        };
    }

    public static Action<Utf8JsonWriter> Completion(ScriptDocument document, int offset)
    {
        Cursor cursor = new(document, offset);
        if (cursor.IsQuiet) return Nothing;
        var (items, start, isIncomplete) = Completions.At(cursor);
        return json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("isIncomplete", isIncomplete);
            json.WriteStartArray("items");
            foreach (var item in items)
            {
                json.WriteStartObject();
                json.WriteString("label", item.Label);
                json.WriteNumber("kind", (int)item.Kind);
                if (item.Detail.Length > 0) json.WriteString("detail", item.Detail);
                // Attach points have colons in them, which end a word for most editors.
                json.WriteStartObject("textEdit");
                WriteRange(json, "range", document.Source, start, offset);
                json.WriteString("newText", item.Label);
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        };
    }

    public static Action<Utf8JsonWriter> Definition(ScriptDocument document, int offset)
    {
        Cursor cursor = new(document, offset);
        if (Definitions.Of(cursor) is not { } found) return Nothing;
        return json =>
        {
            json.WriteStartObject();
            json.WriteString("uri", found.Source == document.Source ? document.Uri : new Uri(Path.GetFullPath(found.Source.Name)).AbsoluteUri);
            WriteRange(json, "range", found.Source, found.Start, found.End);
            json.WriteEndObject();
        };
    }

    public static Action<Utf8JsonWriter> Formatting(ScriptDocument document)
    {
        if (ScriptFormatter.Format(document.Source, new DiagnosticBag()) is not { } formatted) return Nothing;
        return json =>
        {
            json.WriteStartArray();
            if (formatted != document.Text)
            {
                json.WriteStartObject();
                WriteRange(json, "range", document.Source, 0, document.Text.Length);
                json.WriteString("newText", formatted);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        };
    }

    public static Action<Utf8JsonWriter> Symbols(ScriptDocument document) => json =>
    {
        json.WriteStartArray();
        foreach (var map in document.Syntax.Maps) Symbol("@" + map.Name, VariableSymbol, map.Span, map.Span);
        foreach (var macro in document.Syntax.Macros) Symbol(macro.Name, FunctionSymbol, macro.Span, macro.Body.Span);
        foreach (var function in document.Syntax.Functions) Symbol(function.Name, FunctionSymbol, function.Span, function.Body.Span);
        foreach (var probe in document.Syntax.Probes) Symbol(probe.Span.Text.ToString(), EventSymbol, probe.Span, probe.Body.Span);
        json.WriteEndArray();

        void Symbol(string name, int kind, SourceSpan span, SourceSpan body)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("kind", kind);
            WriteRange(json, "range", document.Source, span.Start, Math.Max(span.End, body.End));
            WriteRange(json, "selectionRange", document.Source, span.Start, span.End);
            json.WriteEndObject();
        }
    };

    private static void Nothing(Utf8JsonWriter json) => json.WriteNullValue();

    private static void WriteRange(Utf8JsonWriter json, string name, SourceText source, int start, int end)
    {
        json.WriteStartObject(name);
        WritePosition("start", start);
        WritePosition("end", Math.Max(start, end));
        json.WriteEndObject();

        void WritePosition(string which, int offset)
        {
            var (line, character) = ScriptDocument.Position(source, offset);
            json.WriteStartObject(which);
            json.WriteNumber("line", line);
            json.WriteNumber("character", character);
            json.WriteEndObject();
        }
    }
}
