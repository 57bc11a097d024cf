using Hornet.KernelTypes;

namespace Hornet;

// CPUs: which are idle, which a thread is to run on, and how fast they are.
public static partial class BpfScheduler
{
    /// <summary>The CPU that the kernel would choose for a thread that wakes (<c>scx_bpf_select_cpu_dfl</c>, 6.12), in <c>select_cpu</c> and <c>enqueue</c>.</summary>
    /// <param name="task">The thread.</param>
    /// <param name="previous">The CPU it was on.</param>
    /// <param name="wakeFlags">What <c>select_cpu</c> was given.</param>
    /// <param name="isIdle">Whether it does nothing: then the thread can go to <see cref="SchedulerQueue.Local"/> at once.</param>
    [KernelFunction("scx_bpf_select_cpu_dfl")]
    public static int SelectCpu(this TaskStruct task, int previous, ulong wakeFlags, out bool isIdle) => throw KernelOnly.Error();

    /// <summary>As <see cref="SelectCpu"/>, among some CPUs (<c>scx_bpf_select_cpu_and</c>, 6.16).</summary>
    /// <param name="task">The thread.</param>
    /// <param name="previous">The CPU it was on.</param>
    /// <param name="wakeFlags">What <c>select_cpu</c> was given; 0 elsewhere.</param>
    /// <param name="allowed">The CPUs.</param>
    /// <param name="flags">Which idle CPUs count.</param>
    /// <returns>A CPU that does nothing; a negative number when there is none.</returns>
    [KernelFunction("scx_bpf_select_cpu_and")]
    public static int SelectIdleCpu(this TaskStruct task, int previous, ulong wakeFlags, CpuMask allowed, PickFlags flags = 0) => throw KernelOnly.Error();

    /// <summary>Has a CPU look for work (<c>scx_bpf_kick_cpu</c>, 6.12).</summary>
    [KernelFunction("scx_bpf_kick_cpu")]
    public static void Kick(int cpu, KickFlags flags = 0) => throw KernelOnly.Error();

    /// <summary>Takes a CPU out of the idle ones in one step (<c>scx_bpf_test_and_clear_cpu_idle</c>, 6.12).</summary>
    /// <returns>Whether it was one.</returns>
    [KernelFunction("scx_bpf_test_and_clear_cpu_idle")]
    public static bool TryClaimIdle(int cpu) => throw KernelOnly.Error();

    /// <summary>Chooses an idle CPU and takes it out of the idle ones (<c>scx_bpf_pick_idle_cpu</c>, 6.12).</summary>
    /// <returns>The CPU; a negative number when there is none.</returns>
    [KernelFunction("scx_bpf_pick_idle_cpu")]
    public static int PickIdleCpu(CpuMask allowed, PickFlags flags = 0) => throw KernelOnly.Error();

    /// <summary>Chooses a CPU, an idle one if there is any (<c>scx_bpf_pick_any_cpu</c>, 6.12).</summary>
    /// <returns>The CPU; a negative number when none is allowed.</returns>
    [KernelFunction("scx_bpf_pick_any_cpu")]
    public static int PickAnyCpu(CpuMask allowed, PickFlags flags = 0) => throw KernelOnly.Error();

    /// <summary>The CPUs that there can ever be (<c>scx_bpf_get_possible_cpumask</c>, 6.12): to be released.</summary>
    [KernelFunction("scx_bpf_get_possible_cpumask")]
    public static SharedCpuMask GetPossibleCpus() => throw KernelOnly.Error();

    /// <summary>The CPUs that are in use (<c>scx_bpf_get_online_cpumask</c>, 6.12): to be released.</summary>
    [KernelFunction("scx_bpf_get_online_cpumask")]
    public static SharedCpuMask GetOnlineCpus() => throw KernelOnly.Error();

    /// <summary>The CPUs that do nothing (<c>scx_bpf_get_idle_cpumask</c>, 6.12): to be released.</summary>
    [KernelFunction("scx_bpf_get_idle_cpumask")]
    public static IdleCpuMask GetIdleCpus() => throw KernelOnly.Error();

    /// <summary>The cores whose CPUs all do nothing, by their first CPU (<c>scx_bpf_get_idle_smtmask</c>, 6.12): to be released.</summary>
    [KernelFunction("scx_bpf_get_idle_smtmask")]
    public static IdleCpuMask GetIdleCores() => throw KernelOnly.Error();

    /// <summary>Gives a set back (<c>scx_bpf_put_cpumask</c>, 6.12).</summary>
    [KernelFunction("scx_bpf_put_cpumask")]
    public static void Release(this SharedCpuMask mask) => throw KernelOnly.Error();

    /// <summary>Gives a set back (<c>scx_bpf_put_idle_cpumask</c>, 6.12).</summary>
    [KernelFunction("scx_bpf_put_idle_cpumask")]
    public static void Release(this IdleCpuMask mask) => throw KernelOnly.Error();

    /// <summary>The thread that a CPU runs (<c>scx_bpf_cpu_curr</c>, 6.18); inside <see cref="BpfSections.Rcu"/> where the program may sleep.</summary>
    /// <returns>Null when there is no such CPU.</returns>
    [KernelFunction("scx_bpf_cpu_curr")]
    public static TaskStruct? GetCurrent(int cpu) => throw KernelOnly.Error();

    /// <summary>One more than the highest number of a CPU (<c>scx_bpf_nr_cpu_ids</c>, 6.12).</summary>
    [KernelFunction("scx_bpf_nr_cpu_ids")]
    public static uint CountCpuIds() => throw KernelOnly.Error();

    /// <summary>How much a CPU can do, of 1024 for the strongest (<c>scx_bpf_cpuperf_cap</c>, 6.12).</summary>
    [KernelFunction("scx_bpf_cpuperf_cap")]
    public static uint GetCapacity(int cpu) => throw KernelOnly.Error();

    /// <summary>How fast a CPU runs now, of 1024 for as fast as it can (<c>scx_bpf_cpuperf_cur</c>, 6.12).</summary>
    [KernelFunction("scx_bpf_cpuperf_cur")]
    public static uint GetSpeed(int cpu) => throw KernelOnly.Error();

    /// <summary>How fast a CPU is to run, of 1024 for as fast as it can (<c>scx_bpf_cpuperf_set</c>, 6.12).</summary>
    [KernelFunction("scx_bpf_cpuperf_set")]
    public static void SetSpeed(int cpu, uint speed) => throw KernelOnly.Error();
}
