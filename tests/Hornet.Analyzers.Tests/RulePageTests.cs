extern alias Analyzers;
using System.Reflection;
using System.Text.RegularExpressions;
using Hornet.Compiler.Diagnostics;
using Hornet.IL;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Descriptors = Analyzers::Hornet.Analyzers.Descriptors;
using Diagnostic = Microsoft.CodeAnalysis.Diagnostic;
using DiagnosticSeverity = Microsoft.CodeAnalysis.DiagnosticSeverity;

namespace Hornet.Analyzers.Tests;

/// <summary>The samples of docs/csharp-in-the-kernel.md, by the compiler and by the analyzers.</summary>
public partial class RulePageTests
{
    // What only the compiler decides, and why. The page says so too.
    private static readonly Dictionary<string, string> s_compilersOnly = new()
    {
        ["HRN1011"] = "what a captured object is, is known when the program is compiled",
        ["HRN1014"] = "the size of a program is known when it is compiled",
        ["HRN2110"] = "what a delegate consists of is known when it is given",
        ["HRN2111"] = "that a delegate was made at run time is known when it is given",
        ["HRN2120"] = "the same code may be given to several kinds of programs",
        ["HRN2130"] = "the names of fields are the running kernel's",
    };

    private static readonly Lazy<Task<(Assembly Assembly, Dictionary<string, List<Diagnostic>> Findings)>> s_samples = new(Analyze);

    public static TheoryData<string> RuleIds() => [.. typeof(Rules).GetFields().Select(field => ((DiagnosticRule)field.GetValue(null)!).Id)];

    [Theory]
    [MemberData(nameof(RuleIds))]
    public async Task Both_say_the_same_about_the_samples_of_a_rule(string id)
    {
        var (assembly, findings) = await s_samples.Value;
        Assert.Empty(findings[$"{id}_Accepted"].Select(Sources.Describe));
        Assert.Empty(Verdicts.Compile(Method(assembly, $"{id}_Accepted")));
        var rejected = findings[$"{id}_Rejected"];
        var compiled = Verdicts.Compile(Method(assembly, $"{id}_Rejected"));
        Assert.Contains(compiled, finding => finding.Id == id);
        if (s_compilersOnly.ContainsKey(id))
        {
            Assert.Empty(rejected.Select(Sources.Describe));
            return;
        }
        Assert.All(rejected, finding => Assert.Equal(id, finding.Id));
        Assert.NotEmpty(rejected);
        if (Verdicts.Difference(rejected, [.. compiled.Where(finding => finding.Id == id)]) is { Length: > 0 } difference) Assert.Fail(difference);
    }

    [Fact]
    public void The_analyzers_have_every_rule_but_those_that_only_the_compiler_decides()
    {
        var all = typeof(Rules).GetFields().Select(field => (DiagnosticRule)field.GetValue(null)!).ToDictionary(rule => rule.Id);
        // Native methods the analyzers see too.
        string[] plain = [DiagnosticRules.ReferenceNotReleased.Id, DiagnosticRules.UsedAfterRelease.Id, DiagnosticRules.LockNotHeld.Id, DiagnosticRules.ForbiddenUnderLock.Id];
        Assert.Equal(all.Keys.Except(s_compilersOnly.Keys).Append(Rules.NoBody.Id).Concat(plain).Order(StringComparer.Ordinal), Descriptors.All.Select(descriptor => descriptor.Id).Order(StringComparer.Ordinal));
        string page = Sources.Read("docs", "csharp-in-the-kernel.md");
        Assert.All(Descriptors.All, descriptor =>
        {
            if (plain.Contains(descriptor.Id))
            {
                Assert.EndsWith("#in-the-editor", descriptor.HelpLinkUri);
                return;
            }
            Assert.Equal(all[descriptor.Id].Title, descriptor.Title.ToString(null));
            Assert.Equal(DiagnosticSeverity.Error, descriptor.DefaultSeverity);
            string heading = $"### {descriptor.Id}: {descriptor.Title}";
            Assert.Contains(heading, page);
            Assert.EndsWith($"docs/csharp-in-the-kernel.md#{NotInAnchors().Replace(heading[4..].ToLowerInvariant(), "").Replace(' ', '-')}", descriptor.HelpLinkUri);
        });
        string section = page[page.IndexOf("## In the editor", StringComparison.Ordinal)..page.IndexOf("## The rules", StringComparison.Ordinal)];
        Assert.All(plain, id => Assert.Contains(id, section));
        Assert.All(s_compilersOnly.Keys, id => Assert.Contains(id, section));
    }

    [GeneratedRegex("[^a-z0-9 -]")]
    private static partial Regex NotInAnchors();

    private static MethodInfo Method(Assembly assembly, string name) =>
        assembly.GetType("Hornet.Tests.Docs.RuleSamples")!.GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic) ?? throw new InvalidOperationException($"There is no sample {name}.");

    private static async Task<(Assembly, Dictionary<string, List<Diagnostic>>)> Analyze()
    {
        // The samples are marked as kernel code, on the lines where they are.
        string text = Sample().Replace(Sources.Read("tests", "Hornet.Tests", "Docs", "RuleSamples.cs"), match =>
            match.Groups["parameters"].Length == 0 && match.Groups["type"].Value is not "void" and not "async void" ? $"    [return: KernelCode] {match.Value[4..]}" : $"    [KernelCode] {match.Value[4..]}");
        var compilation = Sources.Compile(OutputKind.DynamicallyLinkedLibrary, optimize: false, (Path.Combine(Sources.Repository, "tests", "Hornet.Tests", "Docs", "RuleSamples.cs"), text));
        var findings = await Sources.Analyze(compilation);
        Dictionary<string, List<Diagnostic>> byMethod = [];
        foreach (var method in compilation.SyntaxTrees[0].GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>().Where(method => method.Identifier.ValueText.StartsWith("HRN", StringComparison.Ordinal)))
            byMethod.Add(method.Identifier.ValueText, [.. findings.Where(finding => method.Span.Contains(finding.Location.SourceSpan))]);
        return (Sources.Load(compilation), byMethod);
    }

    [GeneratedRegex(@"^    private static (?<type>(unsafe |async )?[^ (=]+( [^ (=]+>)?) HRN\d{4}_(Accepted|Rejected)\((?<parameters>[^)]*)\)", RegexOptions.Multiline)]
    private static partial Regex Sample();
}
