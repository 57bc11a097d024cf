namespace Hornet.KernelTypes;

/// <summary>A thread as a scheduler sees it (<c>struct task_struct</c> with its <c>scx</c>, 6.12).</summary>
[KernelType("task_struct")]
public interface ScheduledTask : TaskStruct
{
    /// <summary>Its share of the processors: 100 for ordinary threads, from 1 to 10000.</summary>
    [KernelField("scx.weight")]
    uint Weight { get; }

    /// <summary>What is left of its time on the CPU, in nanoseconds; 0 when it used it up.</summary>
    [KernelField("scx.slice")]
    ulong Slice { get; }

    /// <summary>Its place in queues ordered by virtual time.</summary>
    [KernelField("scx.dsq_vtime")]
    ulong VirtualTime { get; }

    /// <summary>The CPUs it may run on.</summary>
    [KernelField("cpus_ptr")]
    CpuMask AllowedCpus { get; }

    /// <summary>How many CPUs it may run on.</summary>
    [KernelField("nr_cpus_allowed")]
    int AllowedCpuCount { get; }
}

/// <summary>Why a scheduler ended (<c>struct scx_exit_info</c>, 6.12).</summary>
[KernelType("scx_exit_info")]
public interface ScxExitInfo
{
    /// <summary>The kind.</summary>
    SchedulerEndKind Kind { get; }

    /// <summary>What the scheduler gave to <see cref="BpfScheduler.Exit"/>.</summary>
    long ExitCode { get; }

    /// <summary>The kind in words.</summary>
    KernelString Reason { get; }

    /// <summary>What happened.</summary>
    KernelString Msg { get; }
}

/// <summary>How a thread becomes the scheduler's (<c>struct scx_init_task_args</c>, 6.12).</summary>
[KernelType("scx_init_task_args")]
public interface ScxInitTaskArgs
{
    /// <summary>Whether it was made just now; false for one that was there when the scheduler began.</summary>
    bool Fork { get; }
}

/// <summary>The set of CPUs that do nothing, by reference (<c>struct cpumask</c>).</summary>
[KernelType("cpumask")]
public interface IdleCpuMask : CpuMask;

/// <summary>A set of CPUs of the kernel's own, by reference (<c>struct cpumask</c>).</summary>
[KernelType("cpumask")]
public interface SharedCpuMask : CpuMask;
