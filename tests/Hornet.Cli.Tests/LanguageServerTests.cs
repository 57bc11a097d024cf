using System.Text.Json.Nodes;

namespace Hornet.Cli.Tests;

/// <summary><c>hornet lsp</c>, as an editor drives it.</summary>
public sealed class LanguageServerTests : IDisposable
{
    private const string Script = """
        let @few = lruhash(10);
        macro twice(x) { x * 2 }
        fn half($n : uint64) : uint64 { return $n / 2; }
        begin { $sum = twice(21); @few[comm] = $sum; print(half(4)); }
        interval:s:1 { @n = count(); $sum = "other"; print($sum); }

        """;

    private readonly LanguageClient _editor = new();

    public LanguageServerTests() => _editor.Initialize();

    public void Dispose() => _editor.Dispose();

    [Fact]
    public void Says_what_it_can_do()
    {
        using LanguageClient editor = new();
        var can = editor.Initialize()["capabilities"]!;
        Assert.Equal("utf-16", can["positionEncoding"]!.GetValue<string>());
        Assert.All(["hoverProvider", "definitionProvider", "documentFormattingProvider", "documentSymbolProvider"], (string name) => Assert.True(can[name]!.GetValue<bool>()));
        editor.Ask("shutdown", null);
        editor.Tell("exit", null);
        Assert.Equal((0, ""), editor.End());
    }

    [Fact]
    public void Mistakes_appear_and_go_while_typing()
    {
        _editor.Open("begin { print($nothing);\n  @x = \"ä\"; @x = coumt(); }");
        Assert.Equal([(0, 14, 0, 22), (1, 17, 1, 24)], _editor.Diagnostics.Select(Range));
        Assert.All(_editor.Diagnostics, d => Assert.Equal(1, d["severity"]!.GetValue<int>()));
        Assert.StartsWith("Undefined or undeclared variable: $nothing", Message(0), StringComparison.Ordinal);
        Assert.Contains("hint: ", Message(1), StringComparison.Ordinal);
        _editor.Change("begin { print(1 }");
        Assert.Contains("expected ')'", Message(0), StringComparison.Ordinal);
        _editor.Change("begin { print(1); }");
        Assert.Empty(_editor.Diagnostics);
        _editor.Change("begin { delete(@x, 1); @x[1] = 2; }");
        Assert.Equal(2, Assert.Single(_editor.Diagnostics)["severity"]!.GetValue<int>());
        _editor.Close();
        Assert.Empty(_editor.Diagnostics);
    }

    [Fact]
    public void Mistakes_in_probes_are_found_where_the_kernel_may_be_looked_into()
    {
        CommandLine.NeedsRoot();
        _editor.Open("tracepoint:sched:sched_swich { print(1); }");
        Assert.Contains("sched_swich", Message(0), StringComparison.Ordinal);
        _editor.Change("tracepoint:sched:sched_switch { print(args.nex_pid); }");
        Assert.Contains("next_pid", Message(0), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 5, "@few: int8, by string[16]")]
    [InlineData(2, 4, "fn half($n : uint64) : uint64")]
    [InlineData(2, 41, "$n: uint64")]
    [InlineData(3, 9, "$sum: int8")]
    [InlineData(3, 17, "macro twice(x)")]
    [InlineData(3, 32, "comm, comm(pid)")]
    [InlineData(3, 47, "print(value), print(@m)")]
    [InlineData(4, 16, "@n: count")]
    [InlineData(4, 31, "$sum: string[6]")]
    [InlineData(4, 3, "interval:s:1")]
    public void Hovering_says_what_a_name_is(int line, int character, string expected)
    {
        _editor.Open(Script);
        Assert.DoesNotContain(_editor.Diagnostics, d => d["severity"]!.GetValue<int>() == 1);
        Assert.Contains(expected, _editor.At("hover", line, character)!["contents"]!["value"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void Hovering_knows_the_arguments_of_probes()
    {
        CommandLine.NeedsRoot();
        _editor.Open("tracepoint:sched:sched_switch { print(args.next_pid); }");
        Assert.Contains("args.next_comm: ", Hover(0, 20), StringComparison.Ordinal);
        Assert.Contains("next_pid: int32", Hover(0, 45), StringComparison.Ordinal);
        Assert.Contains("args.prev_pid: int32", Hover(0, 40), StringComparison.Ordinal);
        Assert.Null(_editor.At("hover", 0, 31));
    }

    [Theory]
    [InlineData("begin { pri", "print", "printf")]
    [InlineData("begin { @reads = 1; @writes = 2; @", "reads", "writes")]
    [InlineData("begin { $a = 1; } end { $b = 2; $c = $", "b", "c")]
    [InlineData("macro mine() { 1 } begin { mi", "mine", "min")]
    [InlineData("tr", "tracepoint:", "kprobe:")]
    [InlineData("begin { $r = (id = 5, name = \"x\"); print($r.", "id", "name")]
    [InlineData("struct point { int x; int y; }; begin { $p = (struct point *)0; print($p->", "x", "y")]
    public void What_can_be_typed(string text, params string[] expected)
    {
        _editor.Open(text);
        string[] labels = Completions(0, text.Length);
        Assert.All(expected, label => Assert.Contains(label, labels));
        if (text.EndsWith('$')) Assert.DoesNotContain("a", labels);
    }

    [Fact]
    public void What_can_be_probed()
    {
        CommandLine.NeedsRoot();
        string text = "tracepoint:sched:sched_swi";
        _editor.Open(text);
        Assert.Equal(["tracepoint:sched:sched_switch"], Completions(0, text.Length));
        var edit = _editor.At("completion", 0, text.Length)!["items"]![0]!["textEdit"]!;
        Assert.Equal((0, 0, 0, text.Length), Range(edit));
        text = "tracepoint:sched:sched_switch /pid > 1/ { print(args.";
        _editor.Change(text);
        Assert.Contains("prev_comm", Completions(0, text.Length));
        Assert.DoesNotContain("printf", Completions(0, text.Length));
    }

    [Fact]
    public void Nothing_is_offered_in_comments_and_texts()
    {
        _editor.Open("begin { print(\"pri\"); } // pri");
        Assert.Null(_editor.At("completion", 0, 18));
        Assert.Null(_editor.At("completion", 0, 30));
    }

    [Theory]
    [InlineData(3, 17, 1, 0)]
    [InlineData(3, 53, 2, 0)]
    [InlineData(3, 41, 3, 8)]
    [InlineData(4, 52, 4, 29)]
    [InlineData(3, 28, 0, 0)]
    [InlineData(4, 16, 4, 15)]
    public void Definitions_are_found(int line, int character, int definedLine, int definedCharacter)
    {
        _editor.Open(Script);
        var found = _editor.At("definition", line, character)!;
        Assert.Equal(_editor.Uri, found["uri"]!.GetValue<string>());
        Assert.Equal((definedLine, definedCharacter), (Range(found).Item1, Range(found).Item2));
    }

    [Fact]
    public void Definitions_in_imported_files_are_found()
    {
        string folder = Directory.CreateTempSubdirectory("hornet-lsp-").FullName;
        try
        {
            Imports(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Imports(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "lib.bt"), "// mine\nmacro mine() { 1 }\n");
        _editor.Open("config = { unstable_import_statement = enable }\nimport \"lib.bt\";\nbegin { print(mine()); }\n", Path.Combine(folder, "main.bt"));
        Assert.Empty(_editor.Diagnostics);
        var found = _editor.At("definition", 2, 16)!;
        Assert.EndsWith("/lib.bt", found["uri"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(1, Range(found).Item1);
        Assert.EndsWith("/lib.bt", _editor.At("definition", 1, 10)!["uri"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_are_formatted_and_have_symbols()
    {
        _editor.Open(Script);
        Assert.Equal(["@few", "twice", "half", "begin", "interval:s:1"], _editor.On("documentSymbol")!.AsArray().Select(s => s!["name"]!.GetValue<string>()));
        string formatted = Assert.Single(_editor.On("formatting")!.AsArray())!["newText"]!.GetValue<string>();
        Assert.Contains("\n  $sum = twice(21);\n", formatted, StringComparison.Ordinal);
        _editor.Change(formatted);
        Assert.Empty(_editor.On("formatting")!.AsArray());
        _editor.Change("begin { print(1 }");
        Assert.Null(_editor.On("formatting"));
    }

    [Fact]
    public void What_it_does_not_know_is_answered_and_what_is_no_message_ends_it()
    {
        Assert.Equal(-32601, _editor.AskWhole("textDocument/rename", new JsonObject())["error"]!["code"]!.GetValue<int>());
        _editor.Tell("$/setTrace", new JsonObject());
        Assert.Null(_editor.AskWhole("textDocument/hover", new JsonObject { ["textDocument"] = new JsonObject { ["uri"] = "file:///none" }, ["position"] = new JsonObject { ["line"] = 0, ["character"] = 0 } })["result"]);
        _editor.SendRaw("Content-Length: 3\r\n\r\nabc");
        var (status, errors) = _editor.End();
        Assert.NotEqual(0, status);
        Assert.Contains("docs/editor.md", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaving_without_a_word_is_no_success()
    {
        _editor.Tell("exit", null);
        Assert.Equal((1, ""), _editor.End());
    }

    private string Message(int index) => _editor.Diagnostics[index]["message"]!.GetValue<string>();

    private string Hover(int line, int character) => _editor.At("hover", line, character)!["contents"]!["value"]!.GetValue<string>();

    private string[] Completions(int line, int character) => [.. _editor.At("completion", line, character)!["items"]!.AsArray().Select(i => i!["label"]!.GetValue<string>())];

    private static (int, int, int, int) Range(JsonNode node)
    {
        var (start, end) = (node["range"]!["start"]!, node["range"]!["end"]!);
        return (start["line"]!.GetValue<int>(), start["character"]!.GetValue<int>(), end["line"]!.GetValue<int>(), end["character"]!.GetValue<int>());
    }
}
