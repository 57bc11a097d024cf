using Hornet.KernelTypes;

namespace Hornet;

/// <summary>
/// Threads by reference, in kernel code of tracing, LSM, struct_ops and syscall programs. What is acquired has to be released on
/// every way to the program's end (HRN3016), or kept in a map (<see cref="Maps.BpfKptr{T}"/>).
/// </summary>
public static class BpfTask
{
    /// <summary>The thread with an id of the initial PID namespace (<c>bpf_task_from_pid</c>, 6.2): to be released.</summary>
    /// <returns>Null when there is none.</returns>
    [KernelFunction("bpf_task_from_pid")]
    public static TaskStruct? FromPid(int pid) => throw KernelOnly.Error();

    /// <summary>The thread with an id of the current thread's PID namespace (<c>bpf_task_from_vpid</c>, 6.14): to be released.</summary>
    /// <returns>Null when there is none.</returns>
    [KernelFunction("bpf_task_from_vpid")]
    public static TaskStruct? FromVpid(int pid) => throw KernelOnly.Error();

    /// <summary>A reference that keeps a thread (<c>bpf_task_acquire</c>, 6.2): to be released.</summary>
    /// <returns>Null when the thread is about to go.</returns>
    [KernelFunction("bpf_task_acquire")]
    public static TaskStruct? Acquire(this TaskStruct task) => throw KernelOnly.Error();

    /// <summary>Gives a reference back (<c>bpf_task_release</c>, 6.2).</summary>
    [KernelFunction("bpf_task_release")]
    public static void Release(this TaskStruct task) => throw KernelOnly.Error();

    /// <summary>Whether a thread is in a control group or one below it (<c>bpf_task_under_cgroup</c>, 6.5).</summary>
    public static bool IsUnder(this TaskStruct task, Cgroup group) => Under(task, group) == 1;

    /// <summary>A thread's control group of a version 1 hierarchy (<c>bpf_task_get_cgroup1</c>, 6.8): to be released.</summary>
    /// <param name="task">The thread.</param>
    /// <param name="hierarchy">The hierarchy's number, as in <c>/proc/self/cgroup</c>.</param>
    [KernelFunction("bpf_task_get_cgroup1")]
    public static Cgroup? GetCgroup1(this TaskStruct task, int hierarchy) => throw KernelOnly.Error();

    /// <summary>Sends a signal to a thread or its process (<c>bpf_send_signal_task</c>, 6.13).</summary>
    /// <param name="task">The thread.</param>
    /// <param name="signal">The signal's number.</param>
    /// <param name="toProcess">Whether any thread of the process may take it.</param>
    /// <param name="value">What a handler finds in <c>si_value</c>.</param>
    /// <returns>0, or a negative error number.</returns>
    public static int SendSignal(this TaskStruct task, int signal, bool toProcess = false, ulong value = 0) => Signal(task, signal, toProcess ? 1 : 0, value);

    [KernelFunction("bpf_task_under_cgroup")]
    private static long Under(TaskStruct task, Cgroup ancestor) => throw KernelOnly.Error();

    // enum pid_type: PIDTYPE_PID, PIDTYPE_TGID.
    [KernelFunction("bpf_send_signal_task")]
    private static int Signal(TaskStruct task, int signal, int type, ulong value) => throw KernelOnly.Error();
}
