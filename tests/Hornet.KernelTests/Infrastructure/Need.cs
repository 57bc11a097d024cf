using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.KernelTests;

/// <summary>What a probe found.</summary>
/// <param name="Present">Whether the thing is there.</param>
/// <param name="Reason">When not: what was tried and what was answered.</param>
/// <param name="Errno">When not: the kernel's answer, if it was asked.</param>
public readonly record struct ProbeResult(bool Present, string Reason = "", Errno Errno = Errno.None)
{
    public static ProbeResult Yes => new(true);

    public static ProbeResult No(string reason, Errno errno = Errno.None) => new(false, errno == Errno.None ? reason : $"{reason}: {errno}", errno);

    public static ProbeResult Of(bool present, string reason) => present ? Yes : No(reason);
}

/// <summary>One requirement: its name, what the kernel's version promises, and a probe that really tries.</summary>
/// <param name="Name">For skip reasons.</param>
/// <param name="Minimum">The first kernel that has it; null when it does not depend on the version.</param>
/// <param name="Config">The options that must be set for it.</param>
/// <param name="Probe">Tries it. Must leave nothing behind.</param>
public sealed record Need(string Name, KernelVersion? Minimum, string[] Config, Func<ProbeResult> Probe)
{
    private ProbeResult? _result;

    /// <summary>The probe's finding; tried once.</summary>
    public ProbeResult Result => _result ??= Try();

    /// <summary>The reason to skip a test that has this need; null when the need is met.</summary>
    public string? SkipReason
    {
        get
        {
            if (Result.Present) return null;
            string cause = KnownCause is { } known ? $" ({known})" : "";
            return $"needs {Name}: {Result.Reason}{cause}";
        }
    }

    /// <summary>Why the thing is absent, as far as it can be told without asking for it.</summary>
    public string? KnownCause
    {
        get
        {
            if (Minimum is { } minimum && KernelVersion.Running < minimum) return $"Linux {minimum.Major}.{minimum.Minor}; this is {KernelVersion.Running}";
            if (Kconfig.Running is { } config && Config.FirstOrDefault(option => !config.IsEnabled(option)) is { } missing) return $"CONFIG_{missing} is not set";
            if (Result.Errno is Errno.EPERM or Errno.EACCES && TestMachine.Restriction is { } restriction) return restriction;
            return null;
        }
    }

    /// <summary>
    /// Compares the finding with the version's promise. Returns what is wrong: the thing is there although the version
    /// says it cannot be, or is missing for no known reason. Either our minimum version or our probe is then mistaken.
    /// </summary>
    public string? Contradiction()
    {
        if (Minimum is not { } minimum) return null;
        bool promised = KernelVersion.Running >= minimum;
        if (Result.Present && !promised) return $"{Name} works on {KernelVersion.Running} although it is said to begin with {minimum}";
        if (!Result.Present && promised && KnownCause is null) return $"{Name} should work on {KernelVersion.Running} (since {minimum}) but: {Result.Reason}";
        return null;
    }

    private ProbeResult Try()
    {
        try
        {
            return Probe();
        }
        catch (Exception e) when (e is BpfException or IOException or UnauthorizedAccessException)
        {
            return ProbeResult.No(e.Message, e is BpfSyscallException s ? s.Errno : Errno.None);
        }
    }
}

/// <summary>What is special about the machine the tests run on.</summary>
public static class TestMachine
{
    /// <summary>Whether this is one of our virtual machines, where everything the kernel has must work.</summary>
    public static bool IsVirtualMachine { get; } = File.Exists("/run/hornet/vm");

    /// <summary>Why this machine may refuse what its kernel has; null when it has no right to.</summary>
    public static string? Restriction
    {
        get
        {
            if (IsVirtualMachine) return null;
            if (!Capabilities.Effective.Has(Capability.SysAdmin)) return "the tests do not run as root";
            if (Lockdown.Current is LockdownMode.Integrity or LockdownMode.Confidentiality) return $"lockdown is {Lockdown.Current.ToString()!.ToLowerInvariant()}";
            if (!Capabilities.Effective.Has(Capability.SysResource)) return "root's capabilities are reduced on this machine";
            return null;
        }
    }
}
