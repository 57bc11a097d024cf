namespace Hornet.Tests.Docs;

/// <summary>docs/csharp-maps.md: its samples are code that the kernel tests run.</summary>
public class MapsPageTests
{
    [Fact]
    public void Every_sample_stands_in_the_tests_that_run_it()
    {
        string repository = Repository();
        string page = File.ReadAllText(Path.Combine(repository, "docs", "csharp-maps.md")).ReplaceLineEndings("\n");
        string code = WithoutIndentation(File.ReadAllText(Path.Combine(repository, "tests", "Hornet.KernelTests", "CSharp", "MapsSampleTests.cs")));
        var samples = page.Split("```csharp\n").Skip(1).Select(rest => rest[..rest.IndexOf("```", StringComparison.Ordinal)]).ToArray();
        Assert.True(samples.Length >= 8);
        Assert.All(samples, sample => Assert.Contains(WithoutIndentation(sample), code, StringComparison.Ordinal));
    }

    private static string WithoutIndentation(string text) => string.Concat(text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimStart() + "\n")).TrimEnd('\n') + "\n";

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hornet.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The repository is not found from the tests' folder.");
    }
}
