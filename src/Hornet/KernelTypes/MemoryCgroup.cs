namespace Hornet.KernelTypes;

/// <summary>What the memory controller keeps for a control group (<c>struct mem_cgroup</c>): see <see cref="BpfMemoryCgroup"/>.</summary>
[KernelType("mem_cgroup")]
public interface MemoryCgroup
{
    /// <summary>Its part that all controllers have.</summary>
    CgroupState Css { get; }
}
