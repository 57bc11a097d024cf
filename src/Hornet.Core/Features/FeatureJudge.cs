using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Features;

/// <summary>Makes of a kernel's bare answer a result with its cause: version, configuration, lockdown, permission.</summary>
internal static class FeatureJudge
{
    public static FeatureResult Judge(KernelFeature feature, ProbeAnswer answer) => answer.State switch
    {
        FeatureState.Available => FeatureResult.Yes,
        FeatureState.Unavailable => Unavailable(feature, answer),
        _ => Undetermined(feature, answer),
    };

    /// <summary>Whether the running kernel is older than the first that has the feature.</summary>
    public static bool IsTooOld(KernelFeature feature) =>
        feature.MinimumVersion is { } minimum && KernelVersion.Running < new KernelVersion(minimum.Major, minimum.Minor);

    /// <summary>What a permission error on this feature comes from, and what to do about it.</summary>
    public static (UnsupportedCause Cause, string Detail) Permission(KernelFeature feature)
    {
        var missing = Missing(feature);
        if (missing is not null) return (UnsupportedCause.Permission, $"This process lacks {missing}{Unprivileged()}.");
        if (Lockdown.Current is { } mode and not LockdownMode.None)
            return (UnsupportedCause.Lockdown, $"This process has the capabilities, but the kernel is locked down ({Name(mode)}), which is the likely reason.");
        return (UnsupportedCause.Permission, "This process has the capabilities; a security module, a seccomp filter or a container may forbid it.");
    }

    private static FeatureResult Unavailable(KernelFeature feature, ProbeAnswer answer)
    {
        if (IsTooOld(feature))
        {
            return new(FeatureState.Unavailable, UnsupportedCause.Version,
                $"It needs Linux {feature.MinimumVersion}; this is {KernelVersion.Running}.");
        }
        if (feature.HiddenBy is { } from && Lockdown.Current is { } mode && mode >= from)
            return new(FeatureState.Unavailable, UnsupportedCause.Lockdown, $"The kernel is locked down ({Name(mode)}), which takes it away.");
        if (IsConfiguredOut(feature)) return ConfiguredOut(feature);

        string why = answer switch
        {
            { Note: not "" } => answer.Note,
            { Errno: not Errno.None } => $"The kernel answers {answer.Errno.Describe()}.",
            _ => "The kernel does not have it.",
        };
        if (feature.Config is { } needed && Kconfig.Running is null) why += $" It may have been built without {needed}.";
        return new(FeatureState.Unavailable, UnsupportedCause.Unknown, why);
    }

    private static bool IsConfiguredOut(KernelFeature feature) =>
        feature.Config is { } option && Kconfig.Running is { } config && !config.IsEnabled(option);

    private static FeatureResult ConfiguredOut(KernelFeature feature) =>
        new(FeatureState.Unavailable, UnsupportedCause.Config, $"This kernel was built without {feature.Config}.");

    private static FeatureResult Undetermined(KernelFeature feature, ProbeAnswer answer)
    {
        if (feature.ConfigDecides && IsConfiguredOut(feature)) return ConfiguredOut(feature);
        if (answer.Errno is Errno.EPERM or Errno.EACCES)
        {
            var (cause, detail) = Permission(feature);
            return new(FeatureState.Undetermined, cause, detail);
        }
        string why = answer.Note.Length > 0 ? answer.Note : $"The kernel answers {answer.Errno.Describe()}, which says nothing about it.";
        return new(FeatureState.Undetermined, UnsupportedCause.Unknown, why);
    }

    private static string? Missing(KernelFeature feature)
    {
        var effective = Capabilities.Effective;
        bool modern = KernelVersion.Running >= new KernelVersion(5, 8);
        if (!modern) return effective.Has(Capability.SysAdmin) ? null : "CAP_SYS_ADMIN";
        List<string> missing = [];
        if (!effective.Has(Capability.Bpf)) missing.Add("CAP_BPF");
        if (feature.Needs is { } needed and not Capability.Bpf && !effective.Has(needed)) missing.Add(Capabilities.NameOf(needed));
        return missing.Count == 0 ? null : string.Join(" and ", missing);
    }

    private static string Unprivileged()
    {
        try
        {
            string value = File.ReadAllText("/proc/sys/kernel/unprivileged_bpf_disabled").Trim();
            return value is "0" ? "" : $" (kernel.unprivileged_bpf_disabled is {value})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Name(LockdownMode mode) => mode == LockdownMode.Integrity ? "integrity" : "confidentiality";
}
