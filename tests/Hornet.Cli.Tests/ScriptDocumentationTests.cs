using System.Text.RegularExpressions;

namespace Hornet.Cli.Tests;

/// <summary>The pages about the tracing language, and the scripts that come with it, on the live kernel.</summary>
public partial class ScriptDocumentationTests
{
    public const string ScriptPage = "docs/scripts.md";

    private const string LanguagePage = "docs/language.md", OneLinerPage = "docs/one-liners.md";

    // Commands that not every machine has.
    private static readonly string[] s_commands = ["curl", "getent", "python3", "setpriv", "taskset"];

    public static TheoryData<int> Samples() => [.. Pages(LanguagePage).Where(b => b is { Language: "bpftrace", IsLeftOut: false }).Select(b => b.Line)];

    public static TheoryData<int> OneLiners() => [.. Pages(OneLinerPage).Where(b => b.Language == "bash").Select(b => b.Line)];

    public static TheoryData<string> Scripts() => [.. Directory.EnumerateFiles(Path.Combine(DocumentationTests.Root, "scripts"), "*.bt").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    public static TheoryData<int> ScriptRuns() => [.. Pages(ScriptPage).Where(b => b is { Language: "console", IsLeftOut: false }).Select(b => b.Line)];

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
        var (output, errors, status) = CommandLine.Run("trace", "--dry-run", path);
        Assert.Equal((0, "", ""), (status, output, errors));
    }

    [Fact]
    public void The_page_of_scripts_has_each_of_them_with_what_it_prints()
    {
        string[] lines = File.ReadAllLines(Path.Combine(DocumentationTests.Root, ScriptPage));
        var chapters = lines.Where(l => l.StartsWith("### ", StringComparison.Ordinal)).Select(l => l[4..] + ".bt");
        Assert.Equal(Scripts().Select(s => s.Data).Order(StringComparer.Ordinal), chapters.Order(StringComparer.Ordinal));
        Assert.All(Scripts(), s => Assert.Contains(Pages(ScriptPage), b => b.Text.Contains($"trace scripts/{s.Data}", StringComparison.Ordinal)));
        // An option that a script has is told of beside its example.
        foreach (var script in Scripts())
        {
            foreach (Match option in Option().Matches(File.ReadAllText(Path.Combine(DocumentationTests.Root, "scripts", script.Data))))
            {
                string heading = "### " + Path.GetFileNameWithoutExtension(script.Data);
                Assert.Contains(lines.SkipWhile(l => l != heading).Skip(1).TakeWhile(l => !l.StartsWith('#')), l => l.Contains("`--" + option.Groups[1].Value, StringComparison.Ordinal));
            }
        }
    }

    /// <summary>What is shown is among what the script prints: other numbers, other rows of histograms and frames of stacks, and what else goes on here besides.</summary>
    [Theory]
    [MemberData(nameof(ScriptRuns))]
    public void A_script_prints_what_its_page_shows(int line)
    {
        CommandLine.NeedsRoot();
        string[] block = Pages(ScriptPage).First(b => b.Line == line).Text.Split('\n');
        foreach (string command in s_commands.Where(c => Regex.IsMatch(block[0], $@"\b{c}\b")))
            Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, command))), $"the example needs {command}");
        Assert.StartsWith("$ ./hornet trace scripts/", block[0], StringComparison.Ordinal);
        var (output, status) = DocumentationTests.Run(block[0][2..].Replace("./hornet ", CommandLine.Hornet + " ", StringComparison.Ordinal));
        Assert.True(status == 0, output);
        var printed = Shortened(output.Split('\n'));
        foreach (string expected in Shortened(block[1..]))
        {
            Regex pattern = new("^" + DocumentationTests.ToPattern(expected.Trim()) + "$");
            Assert.True(printed.Any(l => pattern.IsMatch(l.Trim())), $"{ScriptPage}:{line}: no line like '{expected}'. It printed:\n{output}");
        }
    }

    [Fact]
    public void There_are_as_many_one_liners_and_scripts_as_promised()
    {
        Assert.InRange(OneLiners().Count, 40, int.MaxValue);
        Assert.InRange(Scripts().Count, 30, int.MaxValue);
    }

    // A histogram and a stack are one line each, whatever is in them.
    private static List<string> Shortened(IEnumerable<string> lines)
    {
        List<string> kept = [];
        foreach (string line in lines)
        {
            string text = HistogramRow().IsMatch(line) ? "(histogram)" : line.StartsWith("        ", StringComparison.Ordinal) ? "(stack)" : line;
            if (text.Length > 0 && (kept.Count == 0 || kept[^1] != text || text[0] != '(')) kept.Add(text);
        }
        return kept;
    }

    private static IEnumerable<DocumentationTests.Block> Pages(string file) => DocumentationTests.Blocks().Where(b => b.File == file);

    private static string Trim(string text) => LineEnds().Replace(text, "").Trim('\n');

    [GeneratedRegex(@"^[\[(].*\|[@ ]{52}\|$")]
    private static partial Regex HistogramRow();

    [GeneratedRegex("getopt\\(\"([a-z]+)\"")]
    private static partial Regex Option();

    [GeneratedRegex("[ \t]+$", RegexOptions.Multiline)]
    private static partial Regex LineEnds();
}
