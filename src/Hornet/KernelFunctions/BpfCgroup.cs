using Hornet.KernelTypes;

namespace Hornet;

/// <summary>
/// Control groups by reference, in kernel code of tracing, LSM, struct_ops, cgroup and syscall programs. What is acquired has to be
/// released on every way to the program's end (HRN3016), or kept in a map (<see cref="Maps.BpfKptr{T}"/>).
/// </summary>
public static class BpfCgroup
{
    /// <summary>The control group with an id, the inode number of its folder (<c>bpf_cgroup_from_id</c>, 6.4): to be released.</summary>
    /// <returns>Null when there is none.</returns>
    [KernelFunction("bpf_cgroup_from_id")]
    public static Cgroup? FromId(ulong id) => throw KernelOnly.Error();

    /// <summary>A reference that keeps a control group (<c>bpf_cgroup_acquire</c>, 6.2): to be released.</summary>
    /// <returns>Null when the group is about to go.</returns>
    [KernelFunction("bpf_cgroup_acquire")]
    public static Cgroup? Acquire(this Cgroup group) => throw KernelOnly.Error();

    /// <summary>The group above one at a depth (<c>bpf_cgroup_ancestor</c>, 6.2): to be released.</summary>
    /// <param name="group">The group.</param>
    /// <param name="level">The depth: 0 is the root.</param>
    /// <returns>Null when there is none.</returns>
    [KernelFunction("bpf_cgroup_ancestor")]
    public static Cgroup? GetAncestor(this Cgroup group, int level) => throw KernelOnly.Error();

    /// <summary>Gives a reference back (<c>bpf_cgroup_release</c>, 6.2).</summary>
    [KernelFunction("bpf_cgroup_release")]
    public static void Release(this Cgroup group) => throw KernelOnly.Error();
}
