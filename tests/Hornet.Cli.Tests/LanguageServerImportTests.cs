namespace Hornet.Cli.Tests;

/// <summary><c>hornet lsp</c> with scripts that import programs in C: a compiler of the test's own, which waits until it may go on.</summary>
public sealed class LanguageServerImportTests : IDisposable
{
    private const string Head = "import \"lib.bpf.c\";\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("hornet-lsp-").FullName;

    public LanguageServerImportTests()
    {
        File.WriteAllText(In("lib.bpf.c"), "#include \"part.h\"\nint doubled(int value) { return value * TWO; }\n");
        File.WriteAllText(In("part.h"), "#define TWO 2\n");
        File.WriteAllText(In("clang"), $"#!/bin/sh\necho run >> {In("runs")}\nwhile [ ! -e {In("go")} ]; do sleep 0.02; done\nexec clang \"$@\"\n");
        File.SetUnixFileMode(In("clang"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Clang_runs_beside_and_once_for_each_state_of_what_it_reads()
    {
        NeedsClang();
        using LanguageClient editor = new(In("clang"));
        editor.Initialize();
        // It has not made anything yet, and nobody waits for it: mistakes of form are told, those in names are not known.
        editor.Open(Head + "begin { print(doubled(1)); }", In("main.bt"));
        Assert.Empty(editor.Diagnostics);
        editor.Change(Head + "begin { print(doubled(1); }");
        Assert.Single(editor.Diagnostics);
        editor.Change(Head + "begin { print(doubled(1, 2)); }");
        Assert.Empty(editor.Diagnostics);
        File.WriteAllText(In("go"), "");
        editor.ReadDiagnostics();
        Assert.Contains("`doubled` requires 1 arguments", Assert.Single(editor.Diagnostics)["message"]!.GetValue<string>(), StringComparison.Ordinal);
        // Typing, and asking, take what is there.
        for (int i = 0; i < 5; i++) editor.Change(Head + $"begin {{ print(doubled({i})); }}");
        Assert.Empty(editor.Diagnostics);
        editor.At("completion", 1, 12);
        Assert.Equal(1, Runs);
        // A header was changed: what was made before serves until the new one is there.
        File.Delete(In("go"));
        File.WriteAllText(In("part.h"), "#define TWO 2 + 0\nint tripled(int value) { return value * 3; }\n");
        editor.Change(Head + "begin { print(doubled(1)); print(tripled(1)); }");
        Assert.Contains("Unknown function: 'tripled'", Assert.Single(editor.Diagnostics)["message"]!.GetValue<string>(), StringComparison.Ordinal);
        File.WriteAllText(In("go"), "");
        editor.ReadDiagnostics();
        Assert.Empty(editor.Diagnostics);
        Assert.Equal(2, Runs);
        editor.Ask("shutdown", null);
        editor.Tell("exit", null);
        Assert.Equal((0, ""), editor.End());
    }

    [Fact]
    public void What_clang_says_is_told_and_it_is_ended_with_the_editor()
    {
        NeedsClang();
        File.WriteAllText(In("go"), "");
        File.WriteAllText(In("lib.bpf.c"), "#include \"missing.h\"\n");
        using LanguageClient editor = new(In("clang"));
        editor.Initialize();
        editor.Open(Head + "begin { print(doubled(1)); }", In("main.bt"));
        Assert.Empty(editor.Diagnostics);
        editor.ReadDiagnostics();
        Assert.Contains("missing.h", editor.Diagnostics[0]["message"]!.GetValue<string>(), StringComparison.Ordinal);
        // The header comes, and then clang waits for ever.
        File.Delete(In("go"));
        File.WriteAllText(In("missing.h"), "int doubled(int value);\n");
        editor.Change(Head + "begin { print(1); }");
        while (Runs < 2) Thread.Sleep(10);
        editor.Ask("shutdown", null);
        editor.Tell("exit", null);
        Assert.Equal((0, ""), editor.End());
    }

    private int Runs => File.ReadAllLines(In("runs")).Length;

    private string In(string name) => Path.Combine(_folder, name);

    private static void NeedsClang() =>
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(f => File.Exists(Path.Combine(f, "clang"))), "clang, which compiles what the script imports, is not on this machine");
}
