using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Hornet.Cli.Tests;

/// <summary>
/// Runs what the documentation shows. In a <c>console</c> block a line that begins with <c>$ </c> is a command, and the
/// lines below are what it prints: digits stand for any digits, blanks for any blanks, <c>…</c> for anything, and a line
/// that is only <c>…</c> for any number of lines. What is checked elsewhere is listed here.
/// </summary>
public partial class DocumentationTests
{
    private static readonly string s_root = FindRoot();

    // Pages whose C# is compared by another test with code that runs or compiles.
    private static readonly Dictionary<string, string> s_elsewhere = new()
    {
        ["docs/helpers.md"] = "tests/Hornet.Tests/Docs/SamplePageTests.cs",
        ["docs/links.md"] = "tests/Hornet.Core.Tests/Docs/PageTests.cs",
        ["docs/csharp-in-the-kernel.md"] = "tests/Hornet.Tests/Docs/RulePageTests.cs",
        ["docs/csharp-maps.md"] = "tests/Hornet.Tests/Docs/SamplePageTests.cs",
        ["docs/csharp-networking.md"] = "tests/Hornet.Tests/Docs/SamplePageTests.cs",
        ["docs/vm.md"] = "tests/Hornet.Tests/Docs/VmPageTests.cs",
        ["docs/csharp-tracing.md"] = "tests/Hornet.Tests/Docs/SamplePageTests.cs",
    };

    internal sealed record Block(string File, int Line, string Language, string Text, bool IsLeftOut, string Chapter);

    public static TheoryData<string, int> Consoles()
    {
        var data = new TheoryData<string, int>();
        foreach (var block in Blocks().Where(b => IsRunHere(b) && !IsStarter(b))) data.Add(block.File, block.Line);
        return data;
    }

    [Theory]
    [MemberData(nameof(Consoles))]
    public void A_command_in_the_documentation_does_what_is_shown(string file, int line)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "the commands of the documentation look into the kernel, which needs root");
        // The starter builds what the tests have built already; StarterTests is about it.
        Check(Blocks().First(b => b.File == file && b.Line == line), command => command.Replace("./hornet ", CommandLine.Hornet + " ", StringComparison.Ordinal));
    }

    /// <summary>Runs a block's commands and compares what they print.</summary>
    internal static void Check(Block block, Func<string, string> change)
    {
        string[] lines = block.Text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("$ ", StringComparison.Ordinal)) continue;
            string command = lines[i][2..];
            var expected = lines.Skip(i + 1).TakeWhile(l => !l.StartsWith("$ ", StringComparison.Ordinal)).ToList();
            var (output, status) = Run(change(command));
            Assert.True(status == 0, $"{block.File}:{block.Line + i}: '{command}' ended with {status}:\n{output}");
            string? problem = Compare(expected, output.TrimEnd('\n').Split('\n'));
            Assert.True(problem is null, $"{block.File}:{block.Line + i}: '{command}': {problem}\nIt printed:\n{output}");
        }
    }

    [Fact]
    public void Every_block_of_the_documentation_is_checked()
    {
        string targets = Read("src/Hornet/build/Hornet.targets"), test = Read("test");
        foreach (var block in Blocks().Where(b => !b.IsLeftOut))
        {
            string at = $"{block.File}:{block.Line}";
            switch (block.Language)
            {
                case "console":
                    Assert.True(block.Text.StartsWith("$ ", StringComparison.Ordinal), $"{at}: the block does not begin with a command");
                    Assert.True(SampleProcess.Name(block) is not { } sample || File.Exists($"{s_root}/samples/{sample}.cs"), $"{at}: there is no such sample");
                    break;
                case "csharp":
                    Assert.True(IsCompiledHere(block) || s_elsewhere.ContainsKey(block.File), $"{at}: nothing compiles this block");
                    break;
                case "xml":
                    Assert.All(HornetProperty().Matches(block.Text), p => Assert.Contains($"$({p.Groups[1].Value})", targets));
                    Assert.All(CloneFile().Matches(block.Text), f => Assert.True(File.Exists(Path.Combine(s_root, f.Groups[1].Value)), $"{at}: there is no '{f.Groups[1].Value}'"));
                    break;
                case "text":
                    foreach (string line in block.Text.Split('\n').Where(l => NamesFile().IsMatch(l)))
                    {
                        string file = line.Split(' ')[0];
                        Assert.True(File.Exists(Path.Combine(s_root, file)), $"{at}: there is no '{file}'");
                        if (file == "./test") Assert.All(Option().Matches(line), option => Assert.Contains(option.Value + ")", test));
                    }
                    break;
                case "bpftrace":
                case "bash":
                    Assert.True(block.File is "docs/language.md" or "docs/one-liners.md", $"{at}: ScriptDocumentationTests does not run this page");
                    break;
                default:
                    Assert.Fail($"{at}: nothing checks a block in '{block.Language}'");
                    break;
            }
        }
        Assert.All(s_elsewhere, pair => Assert.Contains(Path.GetFileName(pair.Key), Read(pair.Value)));
    }

    [Fact]
    public void Every_sample_in_csharp_compiles()
    {
        var samples = Blocks().Where(IsCompiledHere).ToList();
        Assert.NotEmpty(samples);
        string folder = Directory.CreateTempSubdirectory("hornet-docs-").FullName;
        try
        {
            string[] libraries = ["Hornet", "Hornet.Compiler", "Hornet.Core", "Hornet.Tracing", "Hornet.Vm"];
            string references = string.Concat(libraries.Select(l => $"<Reference Include=\"{Path.Combine(AppContext.BaseDirectory, l + ".dll")}\" />"));
            File.WriteAllText(Path.Combine(folder, "Docs.csproj"), $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable>
                    <AllowUnsafeBlocks>true</AllowUnsafeBlocks><RunAnalyzers>false</RunAnalyzers><UseSharedCompilation>false</UseSharedCompilation>
                  </PropertyGroup>
                  <ItemGroup>{references}</ItemGroup>
                </Project>
                """);
            File.WriteAllText(Path.Combine(folder, "Xunit.cs"), "namespace Xunit; static class Assert { public static void Equal<T>(T expected, T actual) { } }");
            for (int i = 0; i < samples.Count; i++) File.WriteAllText(Path.Combine(folder, $"Sample{i}.cs"), Wrap(samples[i], i));
            var (output, status) = Run($"dotnet build {folder}/Docs.csproj -v quiet --nologo -nodeReuse:false");
            Assert.True(status == 0, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // What scripts print depends on what else happens on the machine: ScriptDocumentationTests looks for what is shown among it.
    private static bool IsRunHere(Block block) => block is { Language: "console", IsLeftOut: false, File: not ScriptDocumentationTests.ScriptPage } && SampleProcess.Name(block) is null;

    /// <summary>Whether a block is about the starter, which builds the command when it is first used.</summary>
    internal static bool IsStarter(Block block) => IsRunHere(block) && block.Text.StartsWith("$ ./hornet --version", StringComparison.Ordinal);

    // The rules' samples are others'.
    private static bool IsCompiledHere(Block block) =>
        block is { Language: "csharp", IsLeftOut: false }
        && (block.File is "README.md" or "docs/getting-started.md" or "docs/callbacks.md" or "docs/ahead-of-time.md"
            || block is { File: "docs/csharp-in-the-kernel.md", Chapter: not "The rules" }
            || block is { File: "docs/vm.md", Chapter: not "C# kernel code in unit tests" });

    // Usings to the top, types beside, statements into a method of their own. Blocks of a page see each other's types, and
    // those without usings the names of the page.
    private static string Wrap(Block sample, int number)
    {
        string[] lines = [.. sample.Text.Split('\n').Where(l => !l.StartsWith("#:", StringComparison.Ordinal))];
        string[] usings = [.. lines.Where(l => UsingLine().IsMatch(l))];
        string rest = string.Join('\n', lines.Where(l => !UsingLine().IsMatch(l)));
        int types = TypeDeclaration().Match(rest) is { Success: true } match ? match.Index : rest.Length;
        string page = usings.Length > 0 ? "" : """
            static readonly BpfSession session = new();
            static readonly BpfMachine machine = new();
            static readonly Dictionary<int, VmMemory> tasks = [];
            static readonly byte[] bytes = [];
            static ulong slowest;
            """;
        if (usings.Length == 0) usings = ["using Hornet;", "using Hornet.Maps;", "using Hornet.Objects;", "using Hornet.Vm;", "using Xunit;"];
        return $$"""
            {{string.Join('\n', usings)}}
            namespace {{Path.GetFileNameWithoutExtension(sample.File).Replace('-', '_')}}
            {
                static class Program{{number}}
                {
                    {{page}}
                    static async Task Main_()
                    {
                        await Task.CompletedTask;
            #line {{sample.Line + 1}} "{{sample.File}}"
            {{rest[..types]}}
                    }
                }
            {{rest[types..]}}
            }
            """;
    }

    internal static string? Compare(List<string> expected, string[] actual)
    {
        int at = 0;
        bool anything = false;
        foreach (string line in expected)
        {
            if (line.Trim() == "…")
            {
                anything = true;
                continue;
            }
            if (line.Trim().Length == 0) continue;
            var pattern = new Regex("^" + ToPattern(line.Trim()) + "$");
            int found = at;
            while (found < actual.Length && !pattern.IsMatch(actual[found].Trim()))
            {
                if (!anything && actual[found].Trim().Length > 0) return $"expected '{line}' where '{actual[found]}' is";
                found++;
            }
            if (found == actual.Length) return $"no line like '{line}'";
            at = found + 1;
            anything = false;
        }
        return null;
    }

    internal static string ToPattern(string line)
    {
        var pattern = new StringBuilder();
        foreach (Match token in Tokens().Matches(line))
        {
            string text = token.Value;
            pattern.Append(text[0] switch
            {
                '…' => ".*",
                >= '0' and <= '9' => "[0-9]+",
                ' ' or '\t' => @"\s+",
                _ => Regex.Escape(text),
            });
        }
        return pattern.ToString();
    }

    internal static (string Output, int Status) Run(string command)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-c", command]) { WorkingDirectory = s_root, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        // What the build says on a first run is not the command's.
        string said = string.Join('\n', errors.Result.Split('\n').Where(l => l != "hornet: building…"));
        return (output + said, process.ExitCode);
    }

    internal static IEnumerable<Block> Blocks()
    {
        IEnumerable<string> files = [Path.Combine(s_root, "README.md"), Path.Combine(s_root, "samples/README.md"), .. Directory.EnumerateFiles(Path.Combine(s_root, "docs"), "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        foreach (string file in files.Where(File.Exists))
        {
            string[] lines = File.ReadAllLines(file);
            string chapter = "";
            for (int i = 0; i < lines.Length; i++)
            {
                if (lines[i].StartsWith("## ", StringComparison.Ordinal)) chapter = lines[i][3..];
                if (!lines[i].StartsWith("```", StringComparison.Ordinal)) continue;
                int end = Array.FindIndex(lines, i + 1, l => l.StartsWith("```", StringComparison.Ordinal));
                Assert.True(end > i, $"{file}:{i + 1}: the block does not end");
                bool isLeftOut = lines[..i].LastOrDefault(l => l.Length > 0)?.StartsWith("<!-- not run: ", StringComparison.Ordinal) == true;
                yield return new Block(Path.GetRelativePath(s_root, file), i + 1, lines[i][3..].Trim(), string.Join('\n', lines[(i + 1)..end]), isLeftOut, chapter);
                i = end;
            }
        }
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(s_root, file));

    /// <summary>The folder of the tree.</summary>
    internal static string Root => s_root;

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Hornet.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests do not run inside the tree");
    }

    [GeneratedRegex("…|[0-9]+|[ \\t]+|[^…0-9 \\t]+")]
    private static partial Regex Tokens();

    [GeneratedRegex("<(Hornet[A-Za-z]+)>")]
    private static partial Regex HornetProperty();

    [GeneratedRegex("\"/path/to/hornet/([^\"]+)\"")]
    private static partial Regex CloneFile();

    [GeneratedRegex(@"^(\./|[a-z]+/)\w")]
    private static partial Regex NamesFile();

    [GeneratedRegex("--[a-z]+")]
    private static partial Regex Option();

    [GeneratedRegex(@"^using (static )?[A-Z][\w.]*;$")]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^(public |internal |static |readonly |sealed |unsafe |\[)*(record|struct|class|enum|delegate) ", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();
}
