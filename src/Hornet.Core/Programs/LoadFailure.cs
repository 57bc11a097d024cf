using Hornet.Features;
using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs.Verifier;

namespace Hornet.Programs;

/// <summary>Says why a program was not loaded, as far as it can be found out.</summary>
internal static class LoadFailure
{
    /// <summary>
    /// The exception for a refused load. With a log, the verifier's word counts; without one the load was refused before
    /// the verifier looked at the program: rights, a kind or flag of program this kernel does not have, a wrong target.
    /// </summary>
    public static BpfException Explain(ProgramSpec spec, ProgramLoadOptions options, Errno errno, string log, bool logIsComplete)
    {
        string operation = $"load program '{spec.Name}' ({spec.Type})";
        var feature = KernelFeatures.Of(spec.Type);
        var explanation = VerifierLog.Parse(log, [.. spec.Instructions]).Explain();
        string? reason = explanation?.ToString() ?? WithoutVerifier(spec, options, feature, errno);
        VerifierException refused = new(spec.Name, operation, errno, reason, log, logIsComplete) { Explanation = explanation };
        if (log.Length == 0 && errno is Errno.EINVAL or Errno.EOPNOTSUPP or Errno.ENOTSUPP)
        {
            if (feature?.Probe() is { State: FeatureState.Unavailable } missing)
            {
                return new BpfNotSupportedException($"{feature.Name} programs", missing.Cause ?? UnsupportedCause.Unknown,
                    $"{operation}: {errno.Describe()}. This kernel has no {feature.Name} programs. {missing.Detail}", feature.MinimumVersion, refused);
            }
            if (MissingFlag(spec.Flags) is { } flag)
            {
                return new BpfNotSupportedException($"program flag {flag.Name}", UnsupportedCause.Version,
                    $"{operation}: {errno.Describe()}. The flag {flag.Name} needs Linux {flag.Since}; this is {KernelVersion.Running}.", flag.Since, refused);
            }
        }
        return refused;
    }

    private static string? WithoutVerifier(ProgramSpec spec, ProgramLoadOptions options, KernelFeature? feature, Errno errno) => errno switch
    {
        Errno.EPERM or Errno.EACCES when options.Token is not null => "The token does not allow this kind of program or attachment: see delegate_progs and delegate_attachs of its BPF file system's mount.",
        Errno.EPERM or Errno.EACCES when LocksMemory(feature) is { } limit => limit,
        Errno.EPERM or Errno.EACCES when feature is not null => FeatureJudge.Permission(feature).Detail,
        Errno.E2BIG when KernelVersion.Running < new KernelVersion(5, 2) => "The program has more than 4096 instructions, the limit before Linux 5.2.",
        Errno.E2BIG => "The program has more instructions than the kernel takes: a million, or 4096 without CAP_BPF.",
        Errno.ENOMEM => "The kernel has no memory for the program, or the memory cgroup's limit is reached.",
        Errno.EBADF => "A descriptor the program refers to (a map, its BTF, its target) is not open, or is of another kind.",
        Errno.ENOENT => "What the program attaches to was not found by the kernel.",
        Errno.EAGAIN => "Signals kept interrupting the verifier.",
        Errno.EINVAL when NeedsTarget(spec.Type) && options.AttachBtfId == 0 => $"A {spec.Type} program is loaded for one target, and none was given (AttachBtfId).",
        Errno.EINVAL when options.AttachBtfId != 0 => "The attach type does not go with the target, or this kernel does not know the attach type.",
        Errno.EINVAL => $"The attach type ({spec.AttachType}), a flag ({spec.Flags}) or the BTF that was given does not go with this kind of program on this kernel.",
        _ => null,
    };

    private static bool NeedsTarget(ProgramType type) => type is ProgramType.Tracing or ProgramType.Lsm or ProgramType.StructOps;

    // Only asked after raising the limit has failed. A missing capability is the likelier reason and is told first.
    private static string? LocksMemory(KernelFeature? feature) =>
        KernelVersion.Running < new KernelVersion(5, 11) && Capabilities.Effective is var rights && rights.Has(Capability.Bpf)
        && (feature?.Needs is not { } needed || rights.Has(needed)) && !rights.Has(Capability.SysResource)
            ? "Before Linux 5.11 programs and maps count against RLIMIT_MEMLOCK, which is too small, and this process may not raise it (CAP_SYS_RESOURCE): ulimit -l unlimited."
            : null;

    private static (ProgramFlags Name, Version Since)? MissingFlag(ProgramFlags flags)
    {
        foreach (var (flag, major, minor) in s_flags)
        {
            if ((flags & flag) != 0 && KernelVersion.Running < new KernelVersion(major, minor)) return (flag, new Version(major, minor));
        }
        return null;
    }

    private static readonly (ProgramFlags Flag, int Major, int Minor)[] s_flags =
    [
        (ProgramFlags.TestRandomHigh32, 5, 3), (ProgramFlags.TestStateFrequency, 5, 4), (ProgramFlags.Sleepable, 5, 10),
        (ProgramFlags.XdpHasFrags, 5, 18), (ProgramFlags.XdpDeviceBoundOnly, 6, 3), (ProgramFlags.TestRegisterInvariants, 6, 8),
        (ProgramFlags.TokenFd, 6, 9),
    ];
}
