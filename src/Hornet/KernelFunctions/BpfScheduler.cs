using System.Runtime.InteropServices;
using Hornet.KernelTypes;

namespace Hornet;

/// <summary>
/// What a scheduler (sched_ext, 6.12; a kernel with CONFIG_SCHED_CLASS_EXT) asks of the kernel: queues of threads, and CPUs for them. In
/// classes with <c>[StructOps("sched_ext_ops")]</c>, for <see cref="BpfSession.AttachScheduler"/>.
/// </summary>
/// <remarks>
/// Threads wait in queues (DSQ): one that each CPU has (<see cref="SchedulerQueue.Local"/>), one for all
/// (<see cref="SchedulerQueue.Global"/>), and those that the scheduler made. A CPU runs what is in its own.
/// </remarks>
public static partial class BpfScheduler
{
    /// <summary>How long a thread runs at most where nothing else is said: 20 ms.</summary>
    public const ulong DefaultSlice = 20_000_000;

    /// <summary>As long as it wants.</summary>
    public const ulong InfiniteSlice = ulong.MaxValue;

    /// <summary>Makes a queue (<c>scx_bpf_create_dsq</c>, 6.12); only code that may sleep can: a member with <see cref="SleepableAttribute"/>.</summary>
    /// <param name="queue">Its number: any below 2⁶³.</param>
    /// <param name="node">The NUMA node whose memory it takes; -1 for any.</param>
    /// <returns>0, or a negative error number.</returns>
    [KernelFunction("scx_bpf_create_dsq")]
    public static int CreateQueue(ulong queue, int node = -1) => throw KernelOnly.Error();

    /// <summary>Takes a queue away that nothing is in (<c>scx_bpf_destroy_dsq</c>, 6.12). Those that are left go with the scheduler.</summary>
    [KernelFunction("scx_bpf_destroy_dsq")]
    public static void DestroyQueue(ulong queue) => throw KernelOnly.Error();

    /// <summary>How many threads wait in a queue (<c>scx_bpf_dsq_nr_queued</c>, 6.12).</summary>
    /// <returns>The number; negative when there is no such queue.</returns>
    [KernelFunction("scx_bpf_dsq_nr_queued")]
    public static int CountQueued(ulong queue) => throw KernelOnly.Error();

    /// <summary>Puts a thread at a queue's end (<c>scx_bpf_dsq_insert</c>, 6.13), in <c>select_cpu</c>, <c>enqueue</c> and <c>dispatch</c>.</summary>
    /// <param name="task">The thread.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="slice">How long it may run, in nanoseconds; 0 leaves what it has.</param>
    /// <param name="flags">What <c>enqueue</c> was given; <see cref="EnqueueFlags"/>.</param>
    [KernelFunction("scx_bpf_dsq_insert")]
    public static void Insert(this TaskStruct task, ulong queue, ulong slice, EnqueueFlags flags = 0) => throw KernelOnly.Error();

    /// <summary>Puts a thread into a queue before those with a later virtual time (<c>scx_bpf_dsq_insert_vtime</c>, 6.13). The queue must be the scheduler's own, and used only so.</summary>
    /// <param name="task">The thread.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="slice">How long it may run, in nanoseconds; 0 leaves what it has.</param>
    /// <param name="time">Its virtual time, which may wrap around.</param>
    /// <param name="flags">What <c>enqueue</c> was given; <see cref="EnqueueFlags"/>.</param>
    [KernelFunction("scx_bpf_dsq_insert_vtime")]
    public static void InsertByTime(this TaskStruct task, ulong queue, ulong slice, ulong time, EnqueueFlags flags = 0) => throw KernelOnly.Error();

    /// <summary>Has this CPU run the first thread of a queue next (<c>scx_bpf_dsq_move_to_local</c>, 6.13), in <c>dispatch</c>.</summary>
    /// <returns>Whether there was one.</returns>
    [KernelFunction("scx_bpf_dsq_move_to_local")]
    public static bool MoveToLocal(ulong queue) => throw KernelOnly.Error();

    /// <summary>How many threads <c>dispatch</c> may still insert (<c>scx_bpf_dispatch_nr_slots</c>, 6.12).</summary>
    [KernelFunction("scx_bpf_dispatch_nr_slots")]
    public static uint CountDispatchSlots() => throw KernelOnly.Error();

    /// <summary>Takes back what <c>dispatch</c> inserted last (<c>scx_bpf_dispatch_cancel</c>, 6.12).</summary>
    [KernelFunction("scx_bpf_dispatch_cancel")]
    public static void CancelDispatch() => throw KernelOnly.Error();

    /// <summary>Whether a thread is on a CPU now (<c>scx_bpf_task_running</c>, 6.12).</summary>
    [KernelFunction("scx_bpf_task_running")]
    public static bool IsRunning(this TaskStruct task) => throw KernelOnly.Error();

    /// <summary>The CPU that a thread is on, or was last (<c>scx_bpf_task_cpu</c>, 6.12).</summary>
    [KernelFunction("scx_bpf_task_cpu")]
    public static int GetCpu(this TaskStruct task) => throw KernelOnly.Error();

    /// <summary>The control group by whose weight a thread is to be scheduled (<c>scx_bpf_task_cgroup</c>, 6.12): to be released.</summary>
    [KernelFunction("scx_bpf_task_cgroup")]
    public static Cgroup GetSchedulingGroup(this TaskStruct task) => throw KernelOnly.Error();

    /// <summary>Changes how long a thread may still run (<c>scx_bpf_task_set_slice</c>, 6.19).</summary>
    /// <returns>Whether it is this scheduler's.</returns>
    [KernelFunction("scx_bpf_task_set_slice")]
    public static bool SetSlice(this TaskStruct task, ulong slice) => throw KernelOnly.Error();

    /// <summary>Changes a thread's virtual time (<c>scx_bpf_task_set_dsq_vtime</c>, 6.19).</summary>
    /// <returns>Whether it is this scheduler's.</returns>
    [KernelFunction("scx_bpf_task_set_dsq_vtime")]
    public static bool SetVirtualTime(this TaskStruct task, ulong time) => throw KernelOnly.Error();

    /// <summary>This CPU's clock in nanoseconds (<c>scx_bpf_now</c>, 6.14): cheap, and not comparable between CPUs.</summary>
    [KernelFunction("scx_bpf_now")]
    public static ulong Now() => throw KernelOnly.Error();

    /// <summary>Ends the scheduler with an error, after which the kernel's own takes over (<c>scx_bpf_error_bstr</c>, 6.12).</summary>
    /// <param name="message">Why: a literal of at most 200 bytes. <c>%llu</c> in it stands for the value.</param>
    /// <param name="value">The value.</param>
    public static void Fail(ReadOnlySpan<byte> message, ulong value = 0)
    {
        // The kernel wants the text in memory that it may write.
        Span<byte> text = stackalloc byte[message.Length + 1];
        message.CopyTo(text);
        text[message.Length] = 0;
        FailWith(ref MemoryMarshal.GetReference(text), ref value);
    }

    /// <summary>Ends the scheduler, after which the kernel's own takes over (<c>scx_bpf_exit_bstr</c>, 6.12).</summary>
    /// <param name="code">A number for who attached it.</param>
    /// <param name="message">Why: a literal of at most 200 bytes. <c>%llu</c> in it stands for the value.</param>
    /// <param name="value">The value.</param>
    public static void Exit(long code, ReadOnlySpan<byte> message, ulong value = 0)
    {
        Span<byte> text = stackalloc byte[message.Length + 1];
        message.CopyTo(text);
        text[message.Length] = 0;
        ExitWith(code, ref MemoryMarshal.GetReference(text), ref value);
    }

    [KernelFunction("scx_bpf_error_bstr")]
    private static void FailWith(ref byte format, ref ulong value) => throw KernelOnly.Error();

    [KernelFunction("scx_bpf_exit_bstr")]
    private static void ExitWith(long code, ref byte format, ref ulong value) => throw KernelOnly.Error();
}
