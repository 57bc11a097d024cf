using Hornet.KernelTypes;

namespace Hornet;

/// <summary>Sections in kernel code that end with <c>using</c>: <c>using (BpfSections.Rcu()) …</c>. No check that may end the program inside.</summary>
public static class BpfSections
{
    /// <summary>
    /// An RCU read section (<c>bpf_rcu_read_lock</c>, 6.2): what kernel objects point to stays while it lasts. Programs that
    /// may sleep (syscall programs, sleepable ones) need it; all others are in one anyway.
    /// </summary>
    public static RcuSection Rcu()
    {
        ReadLock();
        return default;
    }

    /// <summary>A section in which the program stays on its CPU (<c>bpf_preempt_disable</c>, 6.10).</summary>
    public static PreemptionSection NoPreemption()
    {
        DisablePreemption();
        return default;
    }

    /// <summary>
    /// Keeps interrupts off this CPU until <see cref="RestoreInterrupts"/> (<c>bpf_local_irq_save</c>, 6.14). It must be called with the same variable, on every way
    /// and before the program ends; nothing that may sleep in between.
    /// </summary>
    /// <param name="state">A local variable, which says afterwards how it was.</param>
    [KernelFunction("bpf_local_irq_save")]
    public static void DisableInterrupts(out ulong state) => throw KernelOnly.Error();

    /// <summary>Makes interrupts as they were (<c>bpf_local_irq_restore</c>, 6.14).</summary>
    /// <param name="state">The variable that <see cref="DisableInterrupts"/> was given.</param>
    [KernelFunction("bpf_local_irq_restore")]
    public static void RestoreInterrupts(ref ulong state) => throw KernelOnly.Error();

    [KernelFunction("bpf_rcu_read_lock")]
    private static void ReadLock() => throw KernelOnly.Error();

    [KernelFunction("bpf_rcu_read_unlock")]
    internal static void ReadUnlock() => throw KernelOnly.Error();

    [KernelFunction("bpf_preempt_disable")]
    private static void DisablePreemption() => throw KernelOnly.Error();

    [KernelFunction("bpf_preempt_enable")]
    internal static void EnablePreemption() => throw KernelOnly.Error();
}

/// <summary>An RCU read section. Disposing it leaves the section.</summary>
public readonly ref struct RcuSection
{
    /// <summary>Leaves the section.</summary>
    public void Dispose() => BpfSections.ReadUnlock();
}

/// <summary>A section without preemption. Disposing it leaves the section.</summary>
public readonly ref struct PreemptionSection
{
    /// <summary>Leaves the section.</summary>
    public void Dispose() => BpfSections.EnablePreemption();
}
