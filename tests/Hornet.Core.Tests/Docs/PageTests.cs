using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Hornet.Links;

namespace Hornet.Core.Tests.Docs;

/// <summary>Documentation that cannot rot: each C# sample of a page stands word for word in a source file that compiles.</summary>
public partial class PageTests
{
    [Theory]
    [InlineData("links.md", "LinksPage.cs")]
    public void Each_sample_of_a_page_compiles(string page, string source)
    {
        string code = Normalise(File.ReadAllText(Path.Combine(Here(), source)));
        string[] samples = [.. Sample().Matches(File.ReadAllText(Path.Combine(Here(), "../../../docs", page))).Select(m => m.Groups[1].Value)];
        Assert.NotEmpty(samples);
        foreach (string sample in samples) Assert.Contains(Normalise(sample), code, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_on_links_names_every_kind()
    {
        string page = File.ReadAllText(Path.Combine(Here(), "../../../docs/links.md"));
        var kinds = typeof(BpfLink).Assembly.GetExportedTypes().Where(t => t.IsSubclassOf(typeof(BpfLink)) && t.IsSealed).ToList();
        Assert.True(kinds.Count > 15);
        Assert.All(kinds, kind => Assert.Contains($"`{kind.Name}.", page, StringComparison.Ordinal));
    }

    // A sample is indented more deeply in a method than on the page.
    private static string Normalise(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0));

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sample();
}
