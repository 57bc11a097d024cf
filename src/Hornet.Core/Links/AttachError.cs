using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Links;

/// <summary>What an attachment kind needs from the kernel; what a refusal is explained with.</summary>
/// <param name="Name">The kind's name: <c>uprobe.multi</c>.</param>
/// <param name="Since">The first kernel that has it.</param>
/// <param name="Config">The kernel configuration option it needs (<c>CONFIG_KPROBES</c>); null when always built.</param>
/// <param name="Capabilities">What a process needs: <c>CAP_BPF and CAP_PERFMON</c>.</param>
internal readonly record struct AttachNeeds(string Name, Version Since, string? Config = null, string Capabilities = "CAP_BPF and CAP_PERFMON");

/// <summary>Turns the kernel's refusal to attach into an error that says why and what to do.</summary>
internal static class AttachError
{
    /// <summary>
    /// The exception for a refused attachment. Permission errors are never called "not supported"; "invalid" answers
    /// on a kernel that is too old are.
    /// </summary>
    /// <param name="operation">What was asked: <c>attach 'count' to tracepoint sched/sched_switch</c>.</param>
    /// <param name="errno">The kernel's answer.</param>
    /// <param name="needs">What this kind of attachment needs.</param>
    /// <param name="hint">A reason the caller established, which then wins over the general ones.</param>
    public static BpfException Create(string operation, Errno errno, in AttachNeeds needs, string? hint = null)
    {
        if (errno is Errno.EPERM or Errno.EACCES) return new BpfSyscallException(operation, errno, hint ?? PermissionHint(needs));
        if (hint is not null) return new BpfSyscallException(operation, errno, hint);
        bool perhapsUnknown = errno is Errno.EINVAL or Errno.ENOSYS or Errno.EOPNOTSUPP or Errno.ENOTSUPP or Errno.E2BIG or Errno.ENOENT or Errno.ENODEV or Errno.ENOTTY;
        if (perhapsUnknown && KernelFacts.Version < needs.Since)
        {
            return new BpfNotSupportedException(needs.Name, UnsupportedCause.Version,
                $"{operation}: {errno.Describe()}. {needs.Name} needs Linux {needs.Since.ToString(2)}; this is {KernelFacts.Release}.", needs.Since);
        }
        if (errno is Errno.EOPNOTSUPP or Errno.ENOTSUPP or Errno.ENOSYS or Errno.ENODEV or Errno.ENOENT && needs.Config is { } config && Kconfig.Running?.IsEnabled(config) == false)
        {
            return new BpfNotSupportedException(needs.Name, UnsupportedCause.Config,
                $"{operation}: {errno.Describe()}. This kernel was built without {config}.", needs.Since);
        }
        return new BpfSyscallException(operation, errno, General(errno, needs));
    }

    private static string? General(Errno errno, in AttachNeeds needs) => errno switch
    {
        Errno.EBUSY => "Something is attached there already, or the limit of programs on one event (64) is reached.",
        Errno.E2BIG => "The limit of programs on one event (64) is reached.",
        Errno.EEXIST => "The same program is attached there already.",
        Errno.EMFILE => "This process has too many open files: raise its limit (ulimit -n).",
        Errno.ENOMEM => "The kernel is out of memory, or the memory cgroup's limit is reached.",
        Errno.EINVAL => $"The program's type does not fit {needs.Name}, or an option does not.",
        Errno.EOPNOTSUPP or Errno.ENOTSUPP when needs.Config is { } config => $"Perhaps this kernel was built without {config}.",
        _ => null,
    };

    private static string PermissionHint(in AttachNeeds needs)
    {
        var lockdown = Lockdown.Current;
        if (lockdown is LockdownMode.Confidentiality) return "The kernel is locked down (confidentiality), which forbids BPF programs that read kernel memory.";
        if (!KernelFacts.IsPrivileged)
        {
            string paranoid = KernelFacts.PerfEventParanoid is { } level and > 1 ? $" (kernel.perf_event_paranoid is {level})" : "";
            return $"It needs {needs.Capabilities}{paranoid}: run as root, or give the process these capabilities.";
        }
        return lockdown is LockdownMode.Integrity
            ? $"This process has the capabilities; the kernel is locked down (integrity), which may be the reason. {needs.Name} may also be restricted by a security module."
            : "This process has the capabilities; a security module, a seccomp filter or a container's limits may be the reason.";
    }
}
