using System.Text.RegularExpressions;

namespace Hornet.Tests.Docs;

/// <summary>docs/csharp-networking.md shows the code that the kernel tests run.</summary>
public partial class NetworkPageTests
{
    [Fact]
    public void Every_sample_of_the_page_is_one_that_is_run()
    {
        string root = Repository();
        string page = File.ReadAllText(Path.Combine(root, "docs", "csharp-networking.md"));
        string tests = Path.Combine(root, "tests", "Hornet.KernelTests", "CSharp");
        List<string> samples = [.. Samples(File.ReadAllLines(Path.Combine(tests, "NetworkSamples.cs"))), .. Samples(File.ReadAllLines(Path.Combine(tests, "NetworkStructOpsTests.cs")))];
        var shown = Block().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(shown);
        Assert.All(shown, block => Assert.Contains(block, samples));
        Assert.All(samples, sample => Assert.Contains(sample, shown));
    }

    // The lines between "// sample:" and "// end", moved to the left.
    private static List<string> Samples(string[] lines)
    {
        List<string> samples = [];
        for (int i = 0; i < lines.Length; i++)
        {
            int indent = lines[i].IndexOf("// sample:", StringComparison.Ordinal);
            if (indent < 0) continue;
            int end = Array.FindIndex(lines, i, line => line.TrimStart() == "// end");
            samples.Add(string.Concat(lines[(i + 1)..end].Select(line => $"{(line.Length > indent ? line[indent..] : "")}\n")));
        }
        return samples;
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hornet.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The repository is not found from the tests' folder.");
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
