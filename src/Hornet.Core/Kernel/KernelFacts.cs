namespace Hornet.Kernel;

/// <summary>The few facts about the running kernel and process that explain a refused attachment.</summary>
internal static class KernelFacts
{
    /// <summary>The release as <c>uname -r</c> prints it.</summary>
    public static string Release => KernelVersion.Release;

    /// <summary>The version: major, minor, patch.</summary>
    public static Version Version { get; } = new(KernelVersion.Running.Major, KernelVersion.Running.Minor, KernelVersion.Running.Patch);

    /// <summary><c>kernel.perf_event_paranoid</c>; null when there are no perf events.</summary>
    public static int? PerfEventParanoid =>
        File.Exists("/proc/sys/kernel/perf_event_paranoid") && int.TryParse(File.ReadAllText("/proc/sys/kernel/perf_event_paranoid"), out int level) ? level : null;

    /// <summary>Whether this process has CAP_SYS_ADMIN, or CAP_BPF and CAP_PERFMON.</summary>
    public static bool IsPrivileged
    {
        get
        {
            var effective = Capabilities.Effective;
            return effective.Has(Capability.SysAdmin) || (effective.Has(Capability.Bpf) && effective.Has(Capability.PerfMon));
        }
    }
}
