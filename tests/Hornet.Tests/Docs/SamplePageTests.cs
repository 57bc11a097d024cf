using System.Text.RegularExpressions;

namespace Hornet.Tests.Docs;

/// <summary>The pages on C# in the kernel show code that the kernel tests run.</summary>
public partial class SamplePageTests
{
    [Theory]
    [InlineData("csharp-maps.md", "MapsSampleTests.cs", "KernelMemberTests.cs")]
    [InlineData("helpers.md", "DeclaredHelperTests.cs", "KernelFunctionTests.cs", "KernelWorkTests.cs", "DynptrTests.cs", "KernelMemberTests.cs", "KernelFileTests.cs")]
    [InlineData("csharp-networking.md", "NetworkSamples.cs", "NetworkStructOpsTests.cs", "KernelMemberTests.cs")]
    [InlineData("csharp-tracing.md", "TracingSamples.cs", "SchedulerTests.cs")]
    public void Every_sample_of_the_page_is_one_that_is_run(string page, params string[] tests)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", page));
        string[] sources = [.. tests.Select(file => File.ReadAllText(Path.Combine(Repository.Root, "tests", "Hornet.KernelTests", "CSharp", file)))];
        var shown = Block().Matches(text).Select(match => Flat(match.Groups[1].Value)).ToList();
        Assert.NotEmpty(shown);
        Assert.All(shown, block => Assert.Contains(sources, source => Flat(source).Contains(block, StringComparison.Ordinal)));
        Assert.All(sources.SelectMany(Marked), sample => Assert.Contains(sample, shown));
    }

    // The lines between "// sample:" and "// end" are there to be shown.
    private static IEnumerable<string> Marked(string source) => Sample().Matches(source).Select(match => Flat(match.Groups[1].Value));

    // However far it is indented.
    private static string Flat(string text) => string.Concat(text.TrimEnd().Split('\n').Select(line => $"{line.TrimStart()}\n"));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("// sample:[^\n]*\n(.*?)// end\n", RegexOptions.Singleline)]
    private static partial Regex Sample();
}
