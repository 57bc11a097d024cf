using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hornet.Analyzers.Tests;

/// <summary>Mistakes.cs: every rule in the forms that C# has for breaking it; both verdicts are compared with what the lines say.</summary>
public partial class MistakeTests
{
    private static readonly string s_text = Sources.Read("tests", "Hornet.Analyzers.Tests", "Mistakes.cs");
    private static readonly Lazy<Task<(Assembly Assembly, Compilation Compilation, IReadOnlyList<Diagnostic> Findings)>> s_debug = new(() => Analyze(optimize: false)), s_release = new(() => Analyze(optimize: true));

    public static TheoryData<string, bool> Mistakes()
    {
        TheoryData<string, bool> data = [];
        foreach (var mistake in Classes(CSharpSyntaxTree.ParseText(s_text, cancellationToken: TestContext.Current.CancellationToken)))
        {
            data.Add(mistake.Identifier.ValueText, false);
            data.Add(mistake.Identifier.ValueText, true);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Both_find_a_mistake_where_it_is(string name, bool optimize)
    {
        var (assembly, compilation, all) = await (optimize ? s_release : s_debug).Value;
        var tree = compilation.SyntaxTrees.First();
        var mistake = Classes(tree).Single(type => type.Identifier.ValueText == name);
        var findings = all.Where(finding => mistake.Span.Contains(finding.Location.SourceSpan)).ToArray();
        var lines = (await tree.GetTextAsync(TestContext.Current.CancellationToken)).Lines;
        List<string> expected = [];
        foreach (var line in lines.Where(line => mistake.Span.Contains(line.Span)))
        {
            foreach (Match rule in Marks().Matches(line.ToString())) expected.Add($"{line.LineNumber + 1} {rule.Value}");
        }
        var compiled = Verdicts.Compile(assembly.GetType($"Hornet.Tests.Mistakes.{name}")!.GetMethod("Kernel", BindingFlags.Static | BindingFlags.NonPublic)!);
        if (Verdicts.Difference(findings, compiled) is { Length: > 0 } difference) Assert.Fail(difference);
        Assert.Equal(string.Join(", ", expected.Order(StringComparer.Ordinal)), string.Join(", ", findings.Select(finding => $"{finding.Location.GetLineSpan().StartLinePosition.Line + 1} {finding.Id}").Distinct().Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task The_calls_on_the_way_are_told()
    {
        var (_, compilation, all) = await s_debug.Value;
        var chain = Classes(compilation.SyntaxTrees.First()).Single(type => type.Identifier.ValueText == "Chain");
        var found = Assert.Single(all, finding => chain.Span.Contains(finding.Location.SourceSpan));
        string message = found.GetMessage(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains("Console.WriteLine(int) cannot run in the kernel: the kernel has no console of this process; use Bpf.Print", message);
        Assert.Matches(@"\(Chain\.Inner\(int\) called at Mistakes\.cs:\d+:37, Chain\.Outer\(int\) called at Mistakes\.cs:\d+:9\)$", message);
        Assert.Equal(["Inner(value + 1)", "Outer(ctx.Data.Length)"], found.AdditionalLocations.Select(at => at.SourceTree!.GetText().ToString(at.SourceSpan)));
        Assert.Equal("Console.WriteLine(value)", found.Location.SourceTree!.GetText(TestContext.Current.CancellationToken).ToString(found.Location.SourceSpan));
    }

    [Fact]
    public async Task A_rule_can_be_made_a_warning_or_silent()
    {
        var (_, compilation, all) = await s_debug.Value;
        var changed = await Sources.Analyze(compilation, new() { ["HRN1001"] = ReportDiagnostic.Warn, ["HRN2104"] = ReportDiagnostic.Suppress });
        Assert.Contains(all, finding => finding.Id == "HRN2104");
        Assert.DoesNotContain(changed, finding => finding.Id == "HRN2104");
        Assert.All(changed, finding => Assert.Equal(finding.Id == "HRN1001" ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error, finding.Severity));
    }

    // Editors ask at every key: what is written then does not compile.
    [Fact]
    public async Task Half_written_code_is_no_trouble()
    {
        Random random = new(3);
        string all = s_text + Sources.Read("tests", "Hornet.Corpus", "Language.cs") + Sources.Read("samples", "latency.cs");
        for (int i = 0; i < 60; i++)
        {
            int from = random.Next(s_text.Length), length = random.Next(20, 400);
            string text = i % 3 == 0 ? all[..from] : i % 3 == 1 ? s_text.Remove(from, Math.Min(length, s_text.Length - from)) : s_text.Insert(from, all.Substring(random.Next(all.Length - length), length));
            _ = await Sources.Analyze(Sources.Compile(OutputKind.DynamicallyLinkedLibrary, false, ("Half.cs", text)));
        }
    }

    private static IEnumerable<ClassDeclarationSyntax> Classes(SyntaxTree tree) => tree.GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>()
        .Where(type => type.Members.OfType<MethodDeclarationSyntax>().Any(method => method.Identifier.ValueText == "Kernel"));

    private static async Task<(Assembly, Compilation, IReadOnlyList<Diagnostic>)> Analyze(bool optimize)
    {
        var compilation = Sources.Compile(OutputKind.DynamicallyLinkedLibrary, optimize, ("Mistakes.cs", s_text));
        return (Sources.Load(compilation), compilation, await Sources.Analyze(compilation));
    }

    [GeneratedRegex(@"(?<=//[^\n]*)HRN\d{4}")]
    private static partial Regex Marks();
}
