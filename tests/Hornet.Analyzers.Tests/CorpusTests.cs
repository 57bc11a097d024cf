using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Hornet.Analyzers.Tests;

/// <summary>What the compiler accepts, the analyzers accept: the corpus, which runs in the kernel, and the samples.</summary>
public class CorpusTests
{
    public static TheoryData<string> Samples() => [.. Directory.GetFiles(Path.Combine(Sources.Repository, "samples"), "*.cs").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private static IEnumerable<(string, string)> Corpus() =>
        Directory.GetFiles(Path.Combine(Sources.Repository, "tests", "Hornet.Corpus"), "*.cs").Select(path => (Path.GetFileName(path), File.ReadAllText(path)));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task There_is_nothing_to_say_about_the_corpus(bool optimize)
    {
        var compilation = Sources.Compile(OutputKind.DynamicallyLinkedLibrary, optimize, Corpus());
        Assert.Empty(compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(d => d.Severity == DiagnosticSeverity.Error));
        Assert.Empty((await Sources.Analyze(compilation)).Select(Sources.Describe));
    }

    [Fact]
    public async Task Every_kernel_of_the_corpus_is_looked_at()
    {
        int kernels = 0;
        var broken = Corpus().Select(file => (file.Item1, Break(file.Item2))).ToArray();
        var findings = await Sources.Analyze(Sources.Compile(OutputKind.DynamicallyLinkedLibrary, false, broken));
        Assert.InRange(kernels, 200, 1000);
        Assert.Equal(kernels, findings.Count(finding => finding.Id == "HRN2109"));

        // The first thing that each does is a mistake.
        string Break(string text)
        {
            List<TextChange> changes = [];
            foreach (var method in CSharpSyntaxTree.ParseText(text, cancellationToken: TestContext.Current.CancellationToken).GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>())
            {
                if (!method.AttributeLists.Any(list => list.Attributes.Any(attribute => attribute.Name.ToString() == "Kernel"))) continue;
                kernels++;
                if (method.Body is { } body) changes.Add(new(new(body.OpenBraceToken.Span.End, 0), " Console.Beep();"));
                else changes.Add(new(TextSpan.FromBounds(method.ExpressionBody!.SpanStart, method.SemicolonToken.Span.End), $"{{ Console.Beep(); return {method.ExpressionBody.Expression}; }}"));
            }
            return SourceText.From(text).WithChanges(changes).ToString();
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task There_is_nothing_to_say_about_a_sample(string name)
    {
        var compilation = Sources.Compile(OutputKind.ConsoleApplication, true, (name, Sources.Read("samples", name)));
        Assert.Empty(compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(d => d.Severity == DiagnosticSeverity.Error));
        Assert.Empty((await Sources.Analyze(compilation)).Select(Sources.Describe));
    }
}
