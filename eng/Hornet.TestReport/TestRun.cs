using System.Xml;
using System.Xml.Linq;

namespace Hornet.TestReport;

internal enum Outcome
{
    Passed,
    Failed,
    Skipped,
}

/// <summary>One test in one run.</summary>
internal sealed record TestResult(string Name, Outcome Outcome, string Detail, double Seconds);

/// <summary>One run of one test assembly: where it ran, and what came of each test.</summary>
internal sealed record TestRun(string Assembly, string Where, IReadOnlyList<TestResult> Results, string? BrokenBy)
{
    public int Count(Outcome outcome) => Results.Count(r => r.Outcome == outcome);

    /// <summary>Reads every <c>ASSEMBLY@WHERE.xml</c> (xunit's format, version 2) of a folder, and the marks of runs that broke off.</summary>
    public static List<TestRun> ReadAll(string folder)
    {
        var names = Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Where(f => f.EndsWith(".xml", StringComparison.Ordinal) || f.EndsWith(".broken", StringComparison.Ordinal))
            .Select(f => f[..f.LastIndexOf('.')]).Where(n => n.Contains('@')).Distinct().Order(StringComparer.Ordinal);
        return [.. names.Select(name => Read(folder, name))];
    }

    private static TestRun Read(string folder, string name)
    {
        int at = name.IndexOf('@');
        string mark = Path.Combine(folder, name + ".broken"), xml = Path.Combine(folder, name + ".xml");
        string? broken = File.Exists(mark) ? Describe(File.ReadAllText(mark).Trim()) : null;
        List<TestResult> results = [];
        try
        {
            if (File.Exists(xml)) results = Parse(XDocument.Load(xml));
            else broken ??= "it left no results";
        }
        catch (XmlException e)
        {
            broken = $"its results cannot be read: {e.Message}";
        }
        return new TestRun(name[..at], name[(at + 1)..], results, broken);
    }

    private static string Describe(string code) => code switch
    {
        "124" => "it hung and was ended",
        "0" => "it left no results",
        "2" => "tests failed, and the results do not say which",
        "8" => "no test ran",
        "no end" => "it did not end",
        "125" => "the kernel complained, or the machine ended by itself",
        "139" or "134" => $"the process crashed (exit code {code})",
        _ => $"exit code {code}",
    };

    private static List<TestResult> Parse(XDocument document)
    {
        List<TestResult> results = [];
        foreach (var test in document.Descendants("test"))
        {
            var outcome = (string?)test.Attribute("result") switch { "Pass" => Outcome.Passed, "Skip" or "NotRun" => Outcome.Skipped, _ => Outcome.Failed };
            string detail = outcome == Outcome.Skipped ? (string?)test.Element("reason") ?? ""
                : outcome == Outcome.Failed ? $"{(string?)test.Element("failure")?.Element("message")}\n{(string?)test.Element("failure")?.Element("stack-trace")}" : "";
            results.Add(new TestResult((string?)test.Attribute("name") ?? "?", outcome, detail.Trim(), (double?)test.Attribute("time") ?? 0));
        }
        // Errors outside of tests: a fixture that failed, a leak found at the end.
        foreach (var error in document.Descendants("error"))
        {
            string message = $"{(string?)error.Element("failure")?.Element("message")}\n{(string?)error.Element("failure")?.Element("stack-trace")}";
            results.Add(new TestResult($"[{(string?)error.Attribute("type")}] {(string?)error.Attribute("name")}", Outcome.Failed, message.Trim(), 0));
        }
        return results;
    }
}
