using Hornet.Isa;

namespace Hornet.Features;

/// <summary>Everything Hornet knows how to ask a kernel, by name. Asking happens when a feature is probed, not before.</summary>
public static class KernelFeatures
{
    private static readonly Lazy<Dictionary<string, KernelFeature>> s_byName = new(() =>
        All.ToDictionary(feature => Key(feature.Category, feature.Name), StringComparer.Ordinal));

    /// <summary>The kernel as a whole.</summary>
    public static IReadOnlyList<KernelFeature> System => SystemFeatures.All;

    /// <summary>Every kind of program.</summary>
    public static IReadOnlyList<KernelFeature> ProgramTypes => ProgramTypeFeatures.All;

    /// <summary>Every kind of map.</summary>
    public static IReadOnlyList<KernelFeature> MapTypes => MapTypeFeatures.All;

    /// <summary>Flags and operations of maps.</summary>
    public static IReadOnlyList<KernelFeature> Maps => MapFeatures.All;

    /// <summary>Every helper, by whether at least one kind of program may call it.</summary>
    public static IReadOnlyList<KernelFeature> Helpers => HelperFeatures.All;

    /// <summary>Instructions and forms of program.</summary>
    public static IReadOnlyList<KernelFeature> Instructions => InstructionFeatures.All;

    /// <summary>Kinds of attachment.</summary>
    public static IReadOnlyList<KernelFeature> Attachments => AttachFeatures.All;

    /// <summary>What can be in BTF.</summary>
    public static IReadOnlyList<KernelFeature> BtfKinds => BtfKindFeatures.All;

    /// <summary>All of the above, chapter by chapter.</summary>
    public static IEnumerable<KernelFeature> All =>
        [.. System, .. ProgramTypes, .. MapTypes, .. Maps, .. Attachments, .. Instructions, .. BtfKinds, .. Helpers];

    /// <summary>A kind of program; null for a number that is not known.</summary>
    public static KernelFeature? Of(ProgramType type) => ProgramTypeFeatures.Find(type);

    /// <summary>A kind of map; null for a number that is not known.</summary>
    public static KernelFeature? Of(MapType type) => MapTypeFeatures.Find(type);

    /// <summary>A helper, by whether at least one kind of program may call it; null for a number that is not known.</summary>
    public static KernelFeature? Of(BpfHelper helper) => helper > 0 && (int)helper < HelperTable.Count ? HelperFeatures.All[(int)helper - 1] : null;

    /// <summary>A helper in programs of one type.</summary>
    public static KernelFeature Of(BpfHelper helper, ProgramType type) => HelperFeatures.For(type, helper);

    /// <summary>A kernel function of vmlinux or of a loaded module, in programs of one type (5.13).</summary>
    public static KernelFeature KernelFunction(string name, ProgramType type) => KernelFunctionFeatures.For(name, type);

    /// <summary>Whether a member of a table of functions (struct_ops) can call a kernel function: members of one table differ in that.</summary>
    /// <param name="name">The function.</param>
    /// <param name="member">The member.</param>
    /// <param name="maySleep">Whether the program is one that may sleep.</param>
    public static KernelFeature KernelFunction(string name, KernelMember member, bool maySleep) => KernelFunctionFeatures.For(name, member, maySleep);

    /// <summary>The functions this kernel and its modules mark as callable by programs, sorted (6.10; empty before).</summary>
    /// <exception cref="BpfNotSupportedException">The kernel has no BTF.</exception>
    public static IReadOnlyList<string> ListKernelFunctions() => KernelFunctionFeatures.List();

    /// <summary>Finds a feature by its name in a chapter; null when there is none.</summary>
    public static KernelFeature? Find(FeatureCategory category, string name) => s_byName.Value.GetValueOrDefault(Key(category, name));

    internal static KernelFeature Attachment(string name) =>
        Find(FeatureCategory.Attach, name) ?? throw new ArgumentException($"There is no attachment feature '{name}'.", nameof(name));

    private static string Key(FeatureCategory category, string name) => $"{(int)category} {name}";
}
