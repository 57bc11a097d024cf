using Hornet.Kernel;

namespace Hornet.Features;

/// <summary>
/// Something a kernel can or cannot do: its name, the first version that has it, and the question that finds out. What a
/// probe finds out for certain is remembered; what permissions hid is asked again.
/// </summary>
public sealed class KernelFeature
{
    private readonly Func<ProbeAnswer> _probe;
    private volatile FeatureResult? _known;

    internal KernelFeature(FeatureCategory category, string name, string? since, Func<ProbeAnswer> probe)
        : this(category, name, since is null ? null : Version.Parse(since), probe)
    {
    }

    internal KernelFeature(FeatureCategory category, string name, Version? since, Func<ProbeAnswer> probe)
    {
        Category = category;
        Name = name;
        MinimumVersion = since;
        _probe = probe;
    }

    /// <summary>The name, unique within its category: <c>ringbuf</c>, <c>kprobe.multi link</c>.</summary>
    public string Name { get; }

    /// <summary>What kind of thing it is.</summary>
    public FeatureCategory Category { get; }

    /// <summary>The first kernel that has it, major and minor; null when that is not recorded.</summary>
    public Version? MinimumVersion { get; }

    /// <summary>The kernel configuration option it needs beside <c>CONFIG_BPF_SYSCALL</c>, as <c>CONFIG_BPF_LSM</c>; null when none.</summary>
    public string? Config { get; init; }

    /// <summary>The capability its users need beside <see cref="Capability.Bpf"/>; null when none.</summary>
    public Capability? Needs { get; init; }

    /// <summary>The lockdown mode from which on the kernel hides it; null when none does.</summary>
    internal LockdownMode? HiddenBy { get; init; }

    /// <summary>
    /// Whether the kernel's source has the feature under <c>#ifdef</c> of <see cref="Config"/> and nowhere else: an option that is off
    /// then answers a question that a refusal left open.
    /// </summary>
    internal bool ConfigDecides { get; init; }

    /// <summary>Asks the kernel, unless it has been asked before and the answer was certain.</summary>
    public FeatureResult Probe()
    {
        if (_known is { } known) return known;
        var result = FeatureJudge.Judge(this, _probe());
        if (result.State != FeatureState.Undetermined) _known = result;
        return result;
    }

    /// <summary>The kernel's bare answer, for a feature that is a part of another.</summary>
    internal ProbeAnswer ProbeRaw() => _probe();

    /// <summary>Throws when the kernel does not have the feature. When that cannot be found out, it does not throw.</summary>
    /// <param name="operation">What is being asked for, for the message.</param>
    /// <exception cref="BpfNotSupportedException">The kernel does not have it.</exception>
    public void Require(string operation)
    {
        var result = Probe();
        if (result.State == FeatureState.Unavailable)
            throw new BpfNotSupportedException(Name, result.Cause ?? UnsupportedCause.Unknown, $"{operation}: {result.Detail}", MinimumVersion);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>The chapters of the feature report.</summary>
public enum FeatureCategory
{
    /// <summary>The kernel as a whole: configuration, BTF, system calls.</summary>
    System,
    /// <summary>Kinds of program.</summary>
    ProgramType,
    /// <summary>Kinds of map.</summary>
    MapType,
    /// <summary>Flags and operations of maps.</summary>
    Map,
    /// <summary>Helpers, by at least one kind of program.</summary>
    Helper,
    /// <summary>Kernel functions programs may call.</summary>
    KernelFunction,
    /// <summary>Instructions and what the verifier takes.</summary>
    Instruction,
    /// <summary>Kinds of attachment.</summary>
    Attach,
    /// <summary>What can be in BTF.</summary>
    Btf,
}
