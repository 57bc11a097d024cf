using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Hornet.Cli.Tests;

/// <summary>
/// Runs what the documentation shows. In a <c>console</c> block a line that begins with <c>$ </c> is a command, and the
/// lines below are what it prints: digits stand for any digits, blanks for any blanks, <c>…</c> for anything, and a line
/// that is only <c>…</c> for any number of lines. Every <c>csharp</c> block compiles against the library.
/// </summary>
public partial class DocumentationTests
{
    private static readonly string s_root = FindRoot();

    private static readonly Lazy<int> s_build = new(() => Run("./hornet --version").Status);

    internal sealed record Block(string File, int Line, string Language, string Text);

    public static TheoryData<string, int> Consoles()
    {
        var data = new TheoryData<string, int>();
        foreach (var block in Blocks().Where(b => b.Language == "console" && SampleProcess.Name(b) is null)) data.Add(block.File, block.Line);
        return data;
    }

    [Theory]
    [MemberData(nameof(Consoles))]
    public void A_command_in_the_documentation_does_what_is_shown(string file, int line)
    {
        if (!Environment.IsPrivilegedProcess) Assert.Skip("the commands of the documentation look into the kernel, which needs root");
        // The first use builds; what the page shows is what every use after it prints.
        Assert.Equal(0, s_build.Value);
        var block = Blocks().First(b => b.File == file && b.Line == line);
        string[] lines = block.Text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("$ ", StringComparison.Ordinal)) continue;
            string command = lines[i][2..];
            var expected = lines.Skip(i + 1).TakeWhile(l => !l.StartsWith("$ ", StringComparison.Ordinal)).ToList();
            var (output, status) = Run(command);
            Assert.True(status == 0, $"{file}:{line + i}: '{command}' ended with {status}:\n{output}");
            string? problem = Compare(expected, output.TrimEnd('\n').Split('\n'));
            Assert.True(problem is null, $"{file}:{line + i}: '{command}': {problem}\nIt printed:\n{output}");
        }
    }

    [Fact]
    public void Every_sample_in_csharp_compiles()
    {
        // The page on links compiles its samples in a test of its own, which supplies what they leave out.
        var samples = Blocks().Where(b => b.Language == "csharp" && b.File is "README.md" or "docs/getting-started.md").ToList();
        Assert.NotEmpty(samples);
        string folder = Directory.CreateTempSubdirectory("hornet-docs-").FullName;
        try
        {
            string[] libraries = ["Hornet", "Hornet.Compiler", "Hornet.Core", "Hornet.Tracing"];
            string references = string.Concat(libraries.Select(l => $"<Reference Include=\"{Path.Combine(s_root, "artifacts/bin/Hornet/release", l + ".dll")}\" />"));
            File.WriteAllText(Path.Combine(folder, "Docs.csproj"), $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable>
                    <AllowUnsafeBlocks>true</AllowUnsafeBlocks><EnableDefaultCompileItems>true</EnableDefaultCompileItems><UseSharedCompilation>false</UseSharedCompilation>
                  </PropertyGroup>
                  <ItemGroup>{references}</ItemGroup>
                </Project>
                """);
            for (int i = 0; i < samples.Count; i++) File.WriteAllText(Path.Combine(folder, $"Sample{i}.cs"), Wrap(samples[i], i));
            var (output, status) = Run($"dotnet build {folder}/Docs.csproj -v quiet --nologo -nodeReuse:false");
            Assert.True(status == 0, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Usings to the top, types beside, statements into a method of their own.
    private static string Wrap(Block sample, int number)
    {
        string[] lines = sample.Text.Split('\n');
        var usings = lines.Where(l => UsingLine().IsMatch(l));
        string rest = string.Join('\n', lines.Where(l => !UsingLine().IsMatch(l)));
        int types = TypeDeclaration().Match(rest) is { Success: true } match ? match.Index : rest.Length;
        return $$"""
            {{string.Join('\n', usings)}}
            namespace Sample{{number}}
            {
                static class Program
                {
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

    private static string ToPattern(string line)
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

    private static (string Output, int Status) Run(string command)
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
            for (int i = 0; i < lines.Length; i++)
            {
                if (!lines[i].StartsWith("```", StringComparison.Ordinal)) continue;
                int end = Array.FindIndex(lines, i + 1, l => l.StartsWith("```", StringComparison.Ordinal));
                Assert.True(end > i, $"{file}:{i + 1}: the block does not end");
                yield return new Block(Path.GetRelativePath(s_root, file), i + 1, lines[i][3..].Trim(), string.Join('\n', lines[(i + 1)..end]));
                i = end;
            }
        }
    }

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

    [GeneratedRegex(@"^using (static )?[A-Z][\w.]*;$")]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^(public |internal |readonly |sealed |unsafe |\[)*(record|struct|class|enum|delegate) ", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();
}
