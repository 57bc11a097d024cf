using System.Text.Json;
using Hornet.Script.Runtime;

namespace Hornet.Script.LanguageServer;

/// <summary>
/// <c>hornet lsp</c>: what editors ask about scripts, over the language server protocol on standard input and output. One
/// message after the other; documents come whole. Only clang, for programs in C that scripts import, runs beside.
/// </summary>
internal sealed class LanguageServer : IDisposable
{
    private const int MethodNotFound = -32601, InternalError = -32603, InvalidRequest = -32600;

    // Held while a message is answered, and while clang's results are told.
    private readonly Lock _gate = new();
    private readonly MessageStream _messages;
    private readonly CompiledImports _imports;
    private readonly Dictionary<string, ScriptDocument> _documents = new(StringComparer.Ordinal);
    private bool _isShutDown;

    public LanguageServer(Stream input, Stream output)
    {
        _messages = new MessageStream(input, output);
        _imports = new CompiledImports(static (path, end) => ClangCompiler.Compile(path, [], end), TellOfImports);
    }

    /// <summary>Answers until the editor ends it.</summary>
    /// <returns>The exit status: 0 when the editor took its leave as the protocol wants.</returns>
    public int Run()
    {
        while (_messages.Read() is { } message)
        {
            using (message)
            using (_gate.EnterScope())
            {
                var root = message.RootElement;
                if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("method", out var named) || named.GetString() is not { } method) continue;
                if (method == "exit") return _isShutDown ? 0 : 1;
                bool isRequest = root.TryGetProperty("id", out var id);
                var parameters = root.TryGetProperty("params", out var given) ? given : default;
                if (!isRequest) Notice(method, parameters);
                else if (_isShutDown) Fail(id, InvalidRequest, "the server has been shut down");
                else Answer(id, method, parameters);
            }
        }
        return _isShutDown ? 0 : 1;
    }

    /// <summary>Ends what runs beside.</summary>
    public void Dispose() => _imports.Dispose();

    private void Notice(string method, JsonElement parameters)
    {
        switch (method)
        {
            case "textDocument/didOpen":
                Update(parameters.GetProperty("textDocument").GetProperty("uri").GetString()!, parameters.GetProperty("textDocument").GetProperty("text").GetString()!);
                break;
            case "textDocument/didChange":
                // Whole texts were asked for: the last one counts.
                Update(parameters.GetProperty("textDocument").GetProperty("uri").GetString()!, parameters.GetProperty("contentChanges").EnumerateArray().Last().GetProperty("text").GetString()!);
                break;
            case "textDocument/didClose":
                string uri = parameters.GetProperty("textDocument").GetProperty("uri").GetString()!;
                _documents.Remove(uri);
                Publish(uri, null);
                break;
        }
    }

    private void Update(string uri, string text)
    {
        var document = _documents[uri] = new ScriptDocument(uri, text, _imports.Find);
        Publish(uri, document);
    }

    // What clang has made can mean other mistakes, or none.
    private void TellOfImports()
    {
        using var held = _gate.EnterScope();
        try
        {
            foreach (var document in _documents.Values.Where(d => d.ImportsC).ToList()) Update(document.Uri, document.Text);
        }
        catch (IOException)
        {
            // The editor is gone, which reading tells, too.
        }
    }

    private void Publish(string uri, ScriptDocument? document) => _messages.Write(json =>
    {
        json.WriteString("method", "textDocument/publishDiagnostics");
        json.WriteStartObject("params");
        json.WriteString("uri", uri);
        json.WriteStartArray("diagnostics");
        if (document is not null) LanguageAnswers.Diagnostics(json, document);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private void Answer(JsonElement id, string method, JsonElement parameters)
    {
        Action<Utf8JsonWriter>? result;
        try
        {
            result = method switch
            {
                "initialize" => LanguageAnswers.Capabilities,
                "shutdown" => ShutDown(),
                "textDocument/hover" => At(parameters, LanguageAnswers.Hover),
                "textDocument/completion" => At(parameters, LanguageAnswers.Completion),
                "textDocument/definition" => At(parameters, LanguageAnswers.Definition),
                "textDocument/formatting" => On(parameters, LanguageAnswers.Formatting),
                "textDocument/documentSymbol" => On(parameters, LanguageAnswers.Symbols),
                _ => null,
            };
        }
        catch (Exception e) when (e is BpfException or KeyNotFoundException or InvalidOperationException or FormatException or IOException)
        {
            Fail(id, InternalError, e.Message);
            return;
        }
        if (result is null)
        {
            Fail(id, MethodNotFound, $"{method} is not known here");
            return;
        }
        _messages.Write(json =>
        {
            json.WritePropertyName("id");
            id.WriteTo(json);
            json.WritePropertyName("result");
            result(json);
        });
    }

    private Action<Utf8JsonWriter> ShutDown()
    {
        _isShutDown = true;
        return static json => json.WriteNullValue();
    }

    private Action<Utf8JsonWriter> On(JsonElement parameters, Func<ScriptDocument, Action<Utf8JsonWriter>> answer) =>
        _documents.TryGetValue(parameters.GetProperty("textDocument").GetProperty("uri").GetString()!, out var document) ? answer(document) : static json => json.WriteNullValue();

    private Action<Utf8JsonWriter> At(JsonElement parameters, Func<ScriptDocument, int, Action<Utf8JsonWriter>> answer) => On(parameters, document =>
    {
        var position = parameters.GetProperty("position");
        return answer(document, document.Offset(position.GetProperty("line").GetInt32(), position.GetProperty("character").GetInt32()));
    });

    private void Fail(JsonElement id, int code, string message) => _messages.Write(json =>
    {
        json.WritePropertyName("id");
        id.WriteTo(json);
        json.WriteStartObject("error");
        json.WriteNumber("code", code);
        json.WriteString("message", message);
        json.WriteEndObject();
    });
}
