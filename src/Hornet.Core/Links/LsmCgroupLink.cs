using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>A program on a security hook for the processes of one control group (and those below), Linux 6.0.</summary>
public sealed class LsmCgroupLink : BpfFdLink
{
    private static readonly AttachNeeds s_needs = new("LSM program on a cgroup", FirstKernel.LsmCgroup, "CONFIG_BPF_LSM", "CAP_SYS_ADMIN, or CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN");

    private LsmCgroupLink(FileDescriptor descriptor, string description) : base(descriptor, description) { }

    /// <summary>Attaches a program of type <see cref="ProgramType.Lsm"/> loaded with <see cref="AttachType.LsmCgroup"/>.</summary>
    /// <param name="program">The program.</param>
    /// <param name="cgroup">The folder of the control group, in a cgroup2 mount.</param>
    public static LsmCgroupLink Attach(BpfProgram program, string cgroup)
    {
        Require.Type(program, ProgramType.Lsm, "a security hook on a cgroup");
        Require.AttachType(program, [AttachType.LsmCgroup], "a security hook on a cgroup");
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        string description = $"LSM hook of '{program.Name}' on cgroup {cgroup}";
        using FileDescriptor folder = new(Libc.Check(Libc.Open(cgroup, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC), $"open cgroup '{cgroup}'"), cgroup);
        LinkCreateAttr attr = new() { ProgFd = (uint)program.Descriptor.Value, TargetFd = (uint)folder.Value, AttachType = (uint)AttachType.LsmCgroup };
        if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, $"link {description}") is { } descriptor) return new LsmCgroupLink(descriptor, description);
        var errno = Libc.LastError;
        throw AttachError.Create($"attach {description}", errno, s_needs, errno == Errno.EBADF ? $"'{cgroup}' is not a folder of a cgroup2 file system." : null);
    }
}
