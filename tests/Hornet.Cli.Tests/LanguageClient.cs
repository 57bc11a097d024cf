using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Hornet.Cli.Tests;

/// <summary>An editor's side of the language server: starts it, speaks over its pipes.</summary>
internal sealed class LanguageClient : IDisposable
{
    private readonly Process _process;
    private readonly Stream _output;
    private int _id;

    /// <param name="clang">The program that compiles C for the server; null for the machine's own.</param>
    public LanguageClient(string? clang = null)
    {
        ProcessStartInfo start = new(CommandLine.Hornet, ["lsp", "--stdio"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (clang is not null) start.Environment["CLANG"] = clang;
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.BaseStream;
    }

    /// <summary>A document's address; what is in it, and what was wrong with it when it was last opened or changed.</summary>
    public string Uri { get; private set; } = "";
    public IReadOnlyList<JsonNode> Diagnostics { get; private set; } = [];

    public JsonNode Initialize() => Ask("initialize", new JsonObject { ["processId"] = null, ["capabilities"] = new JsonObject() })!;

    public void Open(string text, string path = "/nowhere/script.bt")
    {
        Uri = "file://" + path;
        Tell("textDocument/didOpen", new JsonObject { ["textDocument"] = new JsonObject { ["uri"] = Uri, ["languageId"] = "bpftrace", ["version"] = 1, ["text"] = text } });
        ReadDiagnostics();
    }

    public void Change(string text)
    {
        Tell("textDocument/didChange", new JsonObject { ["textDocument"] = Document(), ["contentChanges"] = new JsonArray(new JsonObject { ["text"] = text }) });
        ReadDiagnostics();
    }

    public void Close()
    {
        Tell("textDocument/didClose", new JsonObject { ["textDocument"] = Document() });
        ReadDiagnostics();
    }

    /// <summary>Asks about a place of the open document.</summary>
    public JsonNode? At(string method, int line, int character) =>
        Ask("textDocument/" + method, new JsonObject { ["textDocument"] = Document(), ["position"] = new JsonObject { ["line"] = line, ["character"] = character } });

    /// <summary>Asks about the open document.</summary>
    public JsonNode? On(string method) => Ask("textDocument/" + method, new JsonObject { ["textDocument"] = Document() });

    public JsonNode? Ask(string method, JsonNode? parameters)
    {
        var answer = AskWhole(method, parameters);
        Assert.True(answer["error"] is null, answer["error"]?.ToJsonString());
        return answer["result"];
    }

    public JsonNode AskWhole(string method, JsonNode? parameters)
    {
        int id = ++_id;
        Send(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters });
        var answer = Read();
        Assert.Equal(id, answer["id"]!.GetValue<int>());
        return answer;
    }

    public void Tell(string method, JsonNode? parameters) => Send(new JsonObject { ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters });

    public void SendRaw(string text)
    {
        _process.StandardInput.BaseStream.Write(Encoding.UTF8.GetBytes(text));
        _process.StandardInput.BaseStream.Flush();
    }

    /// <summary>Waits for its end; the exit status and what it wrote to standard error.</summary>
    public (int Status, string Errors) End()
    {
        _process.StandardInput.Close();
        string errors = _process.StandardError.ReadToEnd();
        _process.WaitForExit();
        return (_process.ExitCode, errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private JsonObject Document() => new() { ["uri"] = Uri };

    /// <summary>Waits for what the server has to say about the document by itself.</summary>
    public void ReadDiagnostics()
    {
        var message = Read();
        Assert.Equal("textDocument/publishDiagnostics", message["method"]!.GetValue<string>());
        Assert.Equal(Uri, message["params"]!["uri"]!.GetValue<string>());
        Diagnostics = [.. message["params"]!["diagnostics"]!.AsArray().Select(d => d!)];
    }

    private void Send(JsonNode message)
    {
        string text = message.ToJsonString();
        SendRaw(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(text)}\r\n\r\n{text}"));
    }

    private JsonNode Read()
    {
        StringBuilder head = new();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int c = _output.ReadByte();
            Assert.True(c >= 0, "the server ended");
            head.Append((char)c);
        }
        int length = int.Parse(head.ToString().Split(':')[1].Trim(), CultureInfo.InvariantCulture);
        byte[] bytes = new byte[length];
        _output.ReadExactly(bytes);
        return JsonNode.Parse(bytes)!;
    }
}
