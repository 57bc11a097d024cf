namespace Hornet;

/// <summary>How a scheduler is to be called (<c>SCX_OPS_*</c>): a property <c>Flags</c> of its class.</summary>
[Flags]
public enum SchedulerFlags : ulong
{
    /// <summary>As usual.</summary>
    None = 0,

    /// <summary>The kernel keeps track of idle CPUs although the class has <c>update_idle</c>.</summary>
    KeepBuiltInIdle = 1 << 0,

    /// <summary>Also a thread that could go on, alone on its CPU, goes through <c>enqueue</c>.</summary>
    EnqueueLast = 1 << 1,

    /// <summary>Also threads that are ending go through <c>enqueue</c>.</summary>
    EnqueueExiting = 1 << 2,

    /// <summary>Only threads that asked for it (policy SCHED_EXT, 7) are scheduled; without it all ordinary ones are.</summary>
    SwitchPartial = 1 << 3,

    /// <summary>Also threads that may not move now go through <c>enqueue</c> (6.14).</summary>
    EnqueueMigrationDisabled = 1 << 4,

    /// <summary>Wakeups may be queued for other CPUs, without <c>select_cpu</c> (6.15).</summary>
    AllowQueuedWakeup = 1 << 5,

    /// <summary>The kernel keeps track of idle CPUs by NUMA node (6.15).</summary>
    BuiltInIdlePerNode = 1 << 6,
}

/// <summary>Why a thread is enqueued, and how it is to be (<c>SCX_ENQ_*</c>).</summary>
[Flags]
public enum EnqueueFlags : ulong
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>It woke up.</summary>
    Wakeup = 1,

    /// <summary>It interrupts what runs on the CPU whose queue it is put into.</summary>
    Preempt = 1ul << 32,

    /// <summary>It was in a CPU's queue, and was taken out again.</summary>
    Again = 1ul << 40,

    /// <summary>It is the only one on its CPU that could run, and would go on.</summary>
    Last = 1ul << 41,
}

/// <summary>How a CPU is made to look for work (<c>SCX_KICK_*</c>).</summary>
[Flags]
public enum KickFlags : ulong
{
    /// <summary>Once more, after what it runs.</summary>
    None = 0,

    /// <summary>Only when it does nothing.</summary>
    Idle = 1 << 0,

    /// <summary>What it runs is interrupted, and its time is over.</summary>
    Preempt = 1 << 1,

    /// <summary>The call's CPU waits until that has happened.</summary>
    Wait = 1 << 2,
}

/// <summary>Which idle CPUs count (<c>SCX_PICK_IDLE_*</c>).</summary>
[Flags]
public enum PickFlags : ulong
{
    /// <summary>All.</summary>
    None = 0,

    /// <summary>Those on cores that do nothing at all.</summary>
    IdleCore = 1 << 0,

    /// <summary>Those of the NUMA node (6.15).</summary>
    InNode = 1 << 1,
}
