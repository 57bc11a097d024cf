using System.Text.RegularExpressions;

namespace Hornet.Cli.Tests;

/// <summary>The pages about the tracing language, and the scripts that come with it, on the live kernel.</summary>
public partial class ScriptDocumentationTests
{
    private const string LanguagePage = "docs/language.md", OneLinerPage = "docs/one-liners.md";

    public static TheoryData<int> Samples() => [.. Pages(LanguagePage).Where(b => b.Language == "bpftrace").Select(b => b.Line)];

    public static TheoryData<int> OneLiners() => [.. Pages(OneLinerPage).Where(b => b.Language == "bash").Select(b => b.Line)];

    public static TheoryData<string> Scripts() => [.. Directory.EnumerateFiles(Path.Combine(DocumentationTests.Root, "scripts"), "*.bt").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    /// <summary>A sample with output below it runs and prints that; any other is compiled, loaded and attached.</summary>
    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_of_the_language_does_what_is_shown(int line)
    {
        CommandLine.NeedsRoot();
        var blocks = Pages(LanguagePage).ToList();
        int index = blocks.FindIndex(b => b.Line == line);
        string? expected = index + 1 < blocks.Count && blocks[index + 1].Language == "text" ? blocks[index + 1].Text : null;
        var (output, errors, status) = expected is null ? CommandLine.Run("trace", "--dry-run", "-e", blocks[index].Text) : CommandLine.Run("trace", "-e", blocks[index].Text);
        Assert.True(status == 0, errors);
        if (expected is not null) Assert.Equal(Trim(expected), Trim(output));
    }

    [Theory]
    [MemberData(nameof(OneLiners))]
    public void A_one_liner_attaches(int line)
    {
        CommandLine.NeedsRoot();
        string command = Pages(OneLinerPage).First(b => b.Line == line).Text;
        Assert.StartsWith("hornet trace ", command, StringComparison.Ordinal);
        bool lists = command.Contains(" -l", StringComparison.Ordinal);
        var (output, errors, status) = CommandLine.Shell(lists ? command : command.Replace("hornet trace ", "hornet trace --dry-run ", StringComparison.Ordinal));
        Assert.True(status == 0, errors);
        Assert.Equal(lists, output.Length > 0);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_attaches_and_says_what_it_is_for(string name)
    {
        string path = Path.Combine(DocumentationTests.Root, "scripts", name);
        string[] lines = File.ReadAllLines(path);
        Assert.Equal("#!/usr/bin/env -S hornet trace", lines[0]);
        Assert.StartsWith($"// {Path.GetFileNameWithoutExtension(name)}: ", lines[1], StringComparison.Ordinal);
        Assert.Contains(lines, l => l.StartsWith($"//   hornet trace scripts/{name}", StringComparison.Ordinal));
        CommandLine.NeedsRoot();
        var (_, errors, status) = CommandLine.Run("trace", "--no-warnings", "--dry-run", path);
        Assert.True(status == 0, errors);
    }

    [Fact]
    public void There_are_as_many_one_liners_and_scripts_as_promised()
    {
        Assert.InRange(OneLiners().Count, 40, int.MaxValue);
        Assert.InRange(Scripts().Count, 30, int.MaxValue);
    }

    private static IEnumerable<DocumentationTests.Block> Pages(string file) => DocumentationTests.Blocks().Where(b => b.File == file);

    private static string Trim(string text) => LineEnds().Replace(text, "").Trim('\n');

    [GeneratedRegex("[ \t]+$", RegexOptions.Multiline)]
    private static partial Regex LineEnds();
}
