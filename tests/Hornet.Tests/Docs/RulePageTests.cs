using System.Reflection;
using System.Text;
using Hornet.Compiler.Diagnostics;
using Hornet.IL;
using Hornet.Tests.IL;

namespace Hornet.Tests.Docs;

/// <summary>docs/csharp-in-the-kernel.md: its second half is made of the rules and of samples that are compiled here.</summary>
public class RulePageTests
{
    private const string Begin = "<!-- The rest of this page is made by the tests (HORNET_ACCEPT=1). -->";

    public static TheoryData<string> RuleIds() => [.. AllRules().Select(rule => rule.Id)];

    [Theory]
    [MemberData(nameof(RuleIds))]
    public void The_samples_of_a_rule_keep_and_break_it(string id)
    {
        Assert.Empty(Rejected.Findings(Sample($"{id}_Accepted")));
        Assert.Contains(Rejected.Findings(Sample($"{id}_Rejected")), finding => finding.Id == id);
    }

    [Fact]
    public void The_page_shows_the_rules_and_their_samples()
    {
        string path = Path.Combine(Repository.Root, "docs", "csharp-in-the-kernel.md");
        string page = File.ReadAllText(path), expected = $"{page[..page.IndexOf(Begin, StringComparison.Ordinal)]}{Begin}\n{Rules()}";
        if (Environment.GetEnvironmentVariable("HORNET_ACCEPT") == "1") File.WriteAllText(path, expected);
        else Assert.Equal(expected, page);
    }

    private static IEnumerable<DiagnosticRule> AllRules() =>
        typeof(Rules).GetFields().Select(field => (DiagnosticRule)field.GetValue(null)!).OrderBy(rule => rule.Id, StringComparer.Ordinal);

    private static Delegate Sample(string name)
    {
        var method = typeof(RuleSamples).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic) ?? throw new InvalidOperationException($"There is no sample {name}.");
        // A sample that captures is a method that makes the lambda.
        if (method.GetParameters().Length == 0 && method.ReturnType != typeof(void)) return (Delegate)method.Invoke(null, null)!;
        return method.CreateDelegate(method.ReturnType == typeof(void) ? typeof(Action) : typeof(Func<XdpContext, XdpAction>));
    }

    private static string Rules()
    {
        StringBuilder text = new();
        foreach (var rule in AllRules())
        {
            text.Append($"\n### {rule.Id}: {rule.Title}\n\n");
            text.Append($"Why: {rule.Why}.\nInstead: {rule.Fix}.\n");
            text.Append($"\nAccepted:\n\n```csharp\n{Text($"{rule.Id}_Accepted")}```\n");
            text.Append($"\nRejected:\n\n```csharp\n{Text($"{rule.Id}_Rejected")}```\n");
        }
        return text.ToString();
    }

    // The lines between a method's braces.
    private static string Text(string method)
    {
        var lines = RuleSamples.Source.ReplaceLineEndings("\n").Split('\n');
        int first = Array.FindIndex(lines, line => line.Contains($" {method}(", StringComparison.Ordinal)) + 2;
        int last = Array.FindIndex(lines, first, line => line == "    }");
        return string.Concat(lines[first..last].Select(line => $"{(line.Length > 8 ? line[8..] : "")}\n"));
    }
}
