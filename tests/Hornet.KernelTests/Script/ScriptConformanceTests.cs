using System.Reflection;
using System.Text.RegularExpressions;
using Hornet.Kernel;

namespace Hornet.KernelTests.Script;

/// <summary>
/// The conformance suite: transcripts of commands with what they print. The scripts and what is expected of them are ours; what is
/// expected was compared with bpftrace 0.27.1, except where docs/bpftrace-differences.md says that Hornet differs.
/// </summary>
public partial class ScriptConformanceTests
{
    private static readonly Dictionary<string, TranscriptCase> s_cases = Load();

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [KernelTheory(Needs.VmlinuxBtf, Needs.RingBuffer)]
    [MemberData(nameof(Names))]
    public void A_transcript_is_what_hornet_trace_prints(string name)
    {
        var expected = s_cases[name];
        foreach (var need in expected.Needs) Assert.SkipWhen(NeedCatalog.Get(need).SkipReason is not null, NeedCatalog.Get(need).SkipReason ?? "");
        Assert.SkipWhen(expected.MinKernel is { } minimum && KernelVersion.Running < KernelVersion.Parse(minimum), $"needs Linux {expected.MinKernel}");
        foreach (var (variable, value) in expected.Environment) Environment.SetEnvironmentVariable(variable, value);
        var (output, errors, status) = ScriptRunner.Run([.. expected.Arguments.Select(a => a.Replace("IMPORTS", ImportFixtures.Folder, StringComparison.Ordinal))]);
        foreach (string variable in expected.Environment.Keys) Environment.SetEnvironmentVariable(variable, null);
        // What the kernel cannot do is refused by name; then that is what the case shows here.
        if (FirstKernel().Match(errors) is { Success: true } refusal && KernelVersion.Running < KernelVersion.Parse(refusal.Groups[1].Value))
            Assert.Skip($"needs Linux {refusal.Groups[1].Value}");
        string actual = $"{Mask(Transcript.Join(output.Split('\n')))}\n-- messages\n{Mask(Transcript.Join(errors.Split('\n').Where(IsOfTheScript)))}\n-- status {status}";
        Assert.Equal($"{Mask(expected.Output)}\n-- messages\n{Mask(expected.Errors)}\n-- status {expected.ExitCode}", actual);
    }

    [Fact]
    public void There_are_as_many_cases_as_the_suite_promises() => Assert.InRange(s_cases.Count, 700, int.MaxValue);

    // Every run says how many probes it has.
    private static bool IsOfTheScript(string line) => !AttachedLine().IsMatch(line);

    // Numbers after a plus sign are places in the kernel's code, which differ; so do addresses.
    private static string Mask(string text) => Address().Replace(Offset().Replace(text.Replace(ImportFixtures.Folder, "IMPORTS", StringComparison.Ordinal), "+N"), "0xADDRESS");

    private static Dictionary<string, TranscriptCase> Load()
    {
        Dictionary<string, TranscriptCase> cases = [];
        var assembly = Assembly.GetExecutingAssembly();
        foreach (string resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith("transcript/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using StreamReader reader = new(assembly.GetManifestResourceStream(resource)!);
            foreach (var found in Transcript.Read(resource["transcript/".Length..], reader.ReadToEnd())) cases.Add($"{found.Name} {string.Join(' ', found.Arguments)}", found);
        }
        return cases;
    }

    [GeneratedRegex(@"ERROR: .* since kernel (\d+\.\d+)")]
    private static partial Regex FirstKernel();

    [GeneratedRegex(@"^Attached \d+ probes?$")]
    private static partial Regex AttachedLine();

    [GeneratedRegex(@"(?<=[a-z_])\+\d+")]
    private static partial Regex Offset();

    [GeneratedRegex("0x[0-9a-f]{9,16}")]
    private static partial Regex Address();
}
