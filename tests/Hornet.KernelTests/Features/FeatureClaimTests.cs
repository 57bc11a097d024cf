using Hornet.Features;
using Hornet.Kernel;

namespace Hornet.KernelTests.Features;

/// <summary>Each feature's probe against its claim: the version it names, or a cause that explains the difference.</summary>
public class FeatureClaimTests
{
    public static TheoryData<FeatureCategory> Chapters => [.. Enum.GetValues<FeatureCategory>().Where(c => c != FeatureCategory.KernelFunction)];

    [Theory]
    [MemberData(nameof(Chapters))]
    public void Every_probe_agrees_with_the_version_it_names_or_has_a_cause(FeatureCategory chapter)
    {
        List<string> wrong = [];
        int asked = 0;
        foreach (var feature in KernelFeatures.All.Where(f => f.Category == chapter))
        {
            asked++;
            var result = feature.Probe();
            if (Environment.GetEnvironmentVariable("HORNET_SHOW_FEATURES") is not null) TestContext.Current.TestOutputHelper?.WriteLine($"{feature.Name}: {result}");
            if (Complaint(feature, result) is { } complaint) wrong.Add($"{feature.Name} ({feature.MinimumVersion}): {complaint}");
        }
        Assert.True(asked > 5);
        Assert.True(wrong.Count == 0, $"on {KernelVersion.Running}:\n" + string.Join("\n", wrong));
    }

    private static string? Complaint(KernelFeature feature, FeatureResult result)
    {
        var minimum = feature.MinimumVersion!;
        bool shouldBe = KernelVersion.Running >= new KernelVersion(minimum.Major, minimum.Minor);
        return result.State switch
        {
            FeatureState.Available when !shouldBe => "it is there, although this kernel is older",
            FeatureState.Unavailable when shouldBe && result.Cause is UnsupportedCause.Unknown or UnsupportedCause.Version => $"it is not there, and nothing says why: {result.Detail}",
            FeatureState.Unavailable when result.Detail.Length == 0 => "it is not there, without a word",
            FeatureState.Undetermined when result.Detail.Length == 0 => "nobody knows, without a word",
            // Root on the host has every capability, so what is undetermined there is lockdown's or a sandbox's doing.
            FeatureState.Undetermined when result.Cause is UnsupportedCause.Unknown => $"undetermined: {result.Detail}",
            _ => null,
        };
    }
}
