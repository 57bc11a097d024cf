using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>
/// A program on a hook of the Linux security modules, which may refuse what the kernel is about to do (5.7). The hook was
/// chosen when the program was loaded (<see cref="TracingTarget.SecurityHook"/>).
/// </summary>
public sealed class LsmLink : BpfFdLink
{
    private const string ActiveModules = "/sys/kernel/security/lsm";
    private static readonly AttachNeeds s_needs = new("LSM program", FirstKernel.Lsm, "CONFIG_BPF_LSM", "CAP_SYS_ADMIN, or CAP_BPF and CAP_PERFMON");

    private LsmLink(FileDescriptor descriptor, string description) : base(descriptor, description) { }

    /// <summary>Whether the kernel runs BPF programs on security hooks (<c>lsm=…,bpf</c>); null when it does not tell.</summary>
    public static bool? IsActive => File.Exists(ActiveModules) ? File.ReadAllText(ActiveModules).Trim().Split(',').Contains("bpf") : null;

    /// <summary>Attaches a program of type <see cref="ProgramType.Lsm"/>.</summary>
    /// <exception cref="BpfNotSupportedException">
    /// The kernel would accept the program and never run it, because <c>bpf</c> is not among its active security modules.
    /// </exception>
    public static LsmLink Attach(BpfProgram program, TracingOptions? options = null)
    {
        Require.Type(program, ProgramType.Lsm, "a security hook");
        Require.AttachType(program, [AttachType.LsmMac], "a security hook");
        string description = $"LSM hook of '{program.Name}'";
        if (IsActive == false)
        {
            throw new BpfNotSupportedException("LSM program", UnsupportedCause.Config,
                $"attach {description}: the kernel would never run it. Its active security modules are {File.ReadAllText(ActiveModules).Trim()}; add bpf to the boot parameter lsm=.", s_needs.Since);
        }
        return new LsmLink(TracingLink.Open(program, description, options?.Cookie ?? 0, s_needs), description);
    }
}
