using Hornet.Btf;

namespace Hornet.Features;

/// <summary>What the kernel takes in a program's BTF.</summary>
internal static class BtfKindFeatures
{
    public static IReadOnlyList<KernelFeature> All { get; } =
    [
        Make("functions", "5.0", BtfFeatures.Functions),
        Make("data sections", "5.2", BtfFeatures.DataSections),
        Make("global functions", "5.6", BtfFeatures.GlobalFunctions),
        Make("floats", "5.13", BtfFeatures.Floats),
        Make("decl tags", "5.16", BtfFeatures.DeclTags),
        Make("type tags", "5.17", BtfFeatures.TypeTags),
        Make("enum64", "6.0", BtfFeatures.Enum64),
        Make("optional data sections", "6.9", BtfFeatures.OptionalDataSections),
        Make("tag attributes", "6.15", BtfFeatures.TagAttributes),
    ];

    private static KernelFeature Make(string name, string since, BtfFeatures feature) => new(FeatureCategory.Btf, name, since, () =>
    {
        try
        {
            return ProbeAnswer.If((BpfBtf.KernelFeatures & feature) != 0);
        }
        catch (BpfSyscallException e)
        {
            return ProbeAnswer.Of(e.Errno);
        }
    });
}
