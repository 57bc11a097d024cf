using Hornet.KernelTypes;

namespace Hornet;

/// <summary>Sets of CPUs in kernel code of tracing, LSM, struct_ops and syscall programs (6.3).</summary>
public static class BpfCpuMask
{
    /// <summary>A new, empty set (<c>bpf_cpumask_create</c>): to be released.</summary>
    /// <returns>Null when there is no memory.</returns>
    [KernelFunction("bpf_cpumask_create")]
    public static OwnCpuMask? Create() => throw KernelOnly.Error();

    /// <summary>Another reference to a set (<c>bpf_cpumask_acquire</c>): to be released.</summary>
    [KernelFunction("bpf_cpumask_acquire")]
    public static OwnCpuMask? Acquire(this OwnCpuMask mask) => throw KernelOnly.Error();

    /// <summary>Gives a reference back (<c>bpf_cpumask_release</c>).</summary>
    [KernelFunction("bpf_cpumask_release")]
    public static void Release(this OwnCpuMask mask) => throw KernelOnly.Error();

    /// <summary>Adds a CPU (<c>bpf_cpumask_set_cpu</c>). A number that no CPU can have is passed over.</summary>
    public static void Add(this OwnCpuMask mask, uint cpu) => Set(cpu, mask);

    /// <summary>Removes a CPU (<c>bpf_cpumask_clear_cpu</c>).</summary>
    public static void Remove(this OwnCpuMask mask, uint cpu) => Clear(cpu, mask);

    /// <summary>Whether a CPU is in the set (<c>bpf_cpumask_test_cpu</c>).</summary>
    public static bool Contains(this CpuMask mask, uint cpu) => Test(cpu, mask);

    /// <summary>Adds a CPU in one step (<c>bpf_cpumask_test_and_set_cpu</c>).</summary>
    /// <returns>Whether it was in the set before.</returns>
    public static bool TestAndAdd(this OwnCpuMask mask, uint cpu) => TestAndSet(cpu, mask);

    /// <summary>Removes a CPU in one step (<c>bpf_cpumask_test_and_clear_cpu</c>).</summary>
    /// <returns>Whether it was in the set before.</returns>
    public static bool TestAndRemove(this OwnCpuMask mask, uint cpu) => TestAndClear(cpu, mask);

    /// <summary>Makes it the set of all CPUs (<c>bpf_cpumask_setall</c>).</summary>
    [KernelFunction("bpf_cpumask_setall")]
    public static void Fill(this OwnCpuMask mask) => throw KernelOnly.Error();

    /// <summary>Empties it (<c>bpf_cpumask_clear</c>).</summary>
    [KernelFunction("bpf_cpumask_clear")]
    public static void Clear(this OwnCpuMask mask) => throw KernelOnly.Error();

    /// <summary>Makes it a copy of another (<c>bpf_cpumask_copy</c>).</summary>
    [KernelFunction("bpf_cpumask_copy")]
    public static void CopyFrom(this OwnCpuMask mask, CpuMask source) => throw KernelOnly.Error();

    /// <summary>Makes it what is in both of two sets (<c>bpf_cpumask_and</c>).</summary>
    /// <returns>Whether there is something.</returns>
    [KernelFunction("bpf_cpumask_and")]
    public static bool Intersect(this OwnCpuMask mask, CpuMask left, CpuMask right) => throw KernelOnly.Error();

    /// <summary>Makes it what is in one of two sets (<c>bpf_cpumask_or</c>).</summary>
    [KernelFunction("bpf_cpumask_or")]
    public static void Union(this OwnCpuMask mask, CpuMask left, CpuMask right) => throw KernelOnly.Error();

    /// <summary>Makes it what is in exactly one of two sets (<c>bpf_cpumask_xor</c>).</summary>
    [KernelFunction("bpf_cpumask_xor")]
    public static void SymmetricExcept(this OwnCpuMask mask, CpuMask left, CpuMask right) => throw KernelOnly.Error();

    /// <summary>Whether two sets are equal (<c>bpf_cpumask_equal</c>).</summary>
    [KernelFunction("bpf_cpumask_equal")]
    public static bool SetEquals(this CpuMask mask, CpuMask other) => throw KernelOnly.Error();

    /// <summary>Whether two sets have a CPU in common (<c>bpf_cpumask_intersects</c>).</summary>
    [KernelFunction("bpf_cpumask_intersects")]
    public static bool Overlaps(this CpuMask mask, CpuMask other) => throw KernelOnly.Error();

    /// <summary>Whether all of a set is in another (<c>bpf_cpumask_subset</c>).</summary>
    [KernelFunction("bpf_cpumask_subset")]
    public static bool IsSubsetOf(this CpuMask mask, CpuMask other) => throw KernelOnly.Error();

    /// <summary>Whether no CPU is in it (<c>bpf_cpumask_empty</c>).</summary>
    [KernelFunction("bpf_cpumask_empty")]
    public static bool IsEmpty(this CpuMask mask) => throw KernelOnly.Error();

    /// <summary>Whether all CPUs are in it (<c>bpf_cpumask_full</c>).</summary>
    [KernelFunction("bpf_cpumask_full")]
    public static bool IsFull(this CpuMask mask) => throw KernelOnly.Error();

    /// <summary>The first CPU in it (<c>bpf_cpumask_first</c>); a number that no CPU has when there is none.</summary>
    [KernelFunction("bpf_cpumask_first")]
    public static uint First(this CpuMask mask) => throw KernelOnly.Error();

    /// <summary>The first CPU that is not in it (<c>bpf_cpumask_first_zero</c>); a number that no CPU has when there is none.</summary>
    [KernelFunction("bpf_cpumask_first_zero")]
    public static uint FirstMissing(this CpuMask mask) => throw KernelOnly.Error();

    /// <summary>The first CPU in both of two sets (<c>bpf_cpumask_first_and</c>, 6.5).</summary>
    [KernelFunction("bpf_cpumask_first_and")]
    public static uint FirstInBoth(this CpuMask mask, CpuMask other) => throw KernelOnly.Error();

    /// <summary>Some CPU in it, another one each time (<c>bpf_cpumask_any_distribute</c>, 6.5).</summary>
    [KernelFunction("bpf_cpumask_any_distribute")]
    public static uint Any(this CpuMask mask) => throw KernelOnly.Error();

    /// <summary>Some CPU in both of two sets, another one each time (<c>bpf_cpumask_any_and_distribute</c>, 6.5).</summary>
    [KernelFunction("bpf_cpumask_any_and_distribute")]
    public static uint AnyInBoth(this CpuMask mask, CpuMask other) => throw KernelOnly.Error();

    /// <summary>Makes it the set of the bits that are set, the lowest of the first byte for CPU 0 (<c>bpf_cpumask_populate</c>, 6.15).</summary>
    /// <param name="mask">The set.</param>
    /// <param name="bits">As many bytes as the kernel's own sets have, or more; in steps of 8.</param>
    /// <returns>0, or a negative error number: -13 (EACCES) when there are too few.</returns>
    [KernelFunction("bpf_cpumask_populate")]
    public static int Populate(this OwnCpuMask mask, Span<byte> bits) => throw KernelOnly.Error();

    /// <summary>How many CPUs are in it (<c>bpf_cpumask_weight</c>, 6.8).</summary>
    [KernelFunction("bpf_cpumask_weight")]
    public static uint Count(this CpuMask mask) => throw KernelOnly.Error();

    [KernelFunction("bpf_cpumask_set_cpu")]
    private static void Set(uint cpu, OwnCpuMask mask) => throw KernelOnly.Error();

    [KernelFunction("bpf_cpumask_clear_cpu")]
    private static void Clear(uint cpu, OwnCpuMask mask) => throw KernelOnly.Error();

    [KernelFunction("bpf_cpumask_test_cpu")]
    private static bool Test(uint cpu, CpuMask mask) => throw KernelOnly.Error();

    [KernelFunction("bpf_cpumask_test_and_set_cpu")]
    private static bool TestAndSet(uint cpu, OwnCpuMask mask) => throw KernelOnly.Error();

    [KernelFunction("bpf_cpumask_test_and_clear_cpu")]
    private static bool TestAndClear(uint cpu, OwnCpuMask mask) => throw KernelOnly.Error();
}
