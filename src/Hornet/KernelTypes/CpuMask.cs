namespace Hornet.KernelTypes;

/// <summary>A set of CPUs (<c>struct cpumask</c>).</summary>
[KernelType("cpumask")]
public interface CpuMask;

/// <summary>A set of CPUs that a program made (<c>struct bpf_cpumask</c>).</summary>
[KernelType("bpf_cpumask")]
public interface OwnCpuMask : CpuMask;
