using Hornet.Kernel;

namespace Hornet.Script.Runtime;

/// <summary>What the command line asks of the kernel it runs on.</summary>
internal static class RunningKernel
{
    public static Version Version { get; } = new(KernelVersion.Running.Major, KernelVersion.Running.Minor, KernelVersion.Running.Patch);

    public static string Release => KernelVersion.Release;

    /// <summary>Whether this process may load programs and look at others.</summary>
    public static bool IsPrivileged => Capabilities.Effective is var held && (Has(held, Capability.SysAdmin) || (Has(held, Capability.Bpf) && Has(held, Capability.PerfMon)));

    /// <summary>Whether the kernel lets no program read its memory.</summary>
    public static bool IsConfidential => Lockdown.Current == LockdownMode.Confidentiality;

    private static bool Has(Capabilities held, Capability one) => (held.Bits >> (int)one & 1) != 0;
}
