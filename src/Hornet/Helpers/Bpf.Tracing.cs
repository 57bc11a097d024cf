using Hornet.KernelTypes;

namespace Hornet;

/// <summary>Which stack is taken, and how.</summary>
[Flags]
public enum StackFlags : uint
{
    /// <summary>The kernel's stack.</summary>
    None = 0,
    /// <summary>The stack of the process (<c>BPF_F_USER_STACK</c>): by frame pointers, which many programs are built without.</summary>
    User = 1 << 8,
    /// <summary>Stacks are the same when their hash is, whatever their frames (<c>BPF_F_FAST_STACK_CMP</c>). For maps only.</summary>
    FastCompare = 1 << 9,
    /// <summary>A new stack takes the place of another with its hash (<c>BPF_F_REUSE_STACKID</c>). For maps only.</summary>
    Reuse = 1 << 10,
}

public static partial class Bpf
{
    /// <summary>
    /// The current thread. Its fields are read directly from Linux 5.11 on (<c>bpf_get_current_task_btf</c>), with
    /// <c>bpf_probe_read_kernel</c> before (<c>bpf_get_current_task</c>, 4.8). Needs the GPL.
    /// </summary>
    public static TaskStruct CurrentTask { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>
    /// The cookie the program was attached with (5.15 for kprobes, uprobes, perf events and tracepoints; 5.19 for fentry
    /// and its like): tells one probe of many from the others.
    /// </summary>
    public static ulong AttachCookie { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The address of the function that is probed, also where it returns (5.15): kprobes, uprobes, fentry and fexit. Needs the GPL.</summary>
    public static ulong FunctionAddress { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The number of the function's parameters (5.17): fentry, fexit, fmod_ret. Needs the GPL.</summary>
    public static ulong FunctionArgumentCount { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The number of the NUMA node of the current CPU (4.10).</summary>
    public static uint NumaNode { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The kernel's timer ticks since boot (5.5).</summary>
    public static ulong Jiffies { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Nanoseconds since boot without time suspended, exact to a timer tick and cheaper than <see cref="KtimeNs"/> (5.11): networking programs.</summary>
    public static ulong CoarseTimeNs { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Nanoseconds of International Atomic Time, CLOCK_TAI (6.1).</summary>
    public static ulong TaiTimeNs { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Whether the program runs once for the call and once for the return of a function, and this is the return: sessions (6.10).</summary>
    public static bool IsReturn { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Eight bytes that a session keeps from the call of a function to its return (6.10). Zero at the call.</summary>
    public static ref ulong SessionCookie { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>A parameter of the function that is probed, as it lies in its register (5.17): fentry, fexit, fmod_ret. Needs the GPL.</summary>
    /// <param name="index">Counted from 0.</param>
    /// <param name="value">The value; 0 when there is no such parameter.</param>
    /// <returns>Whether there is such a parameter.</returns>
    [KernelOnly]
    public static bool TryGetArgument(uint index, out ulong value) => throw KernelOnly.Error();

    /// <summary>Whether this kernel has a type.</summary>
    /// <typeparam name="T">A view of it. The answer is known when the code is compiled; a branch on it disappears.</typeparam>
    [KernelOnly]
    public static bool Exists<T>() where T : class => throw KernelOnly.Error();

    /// <summary>Whether this kernel's type has a field.</summary>
    /// <typeparam name="T">A view of the type. The answer is known when the code is compiled; a branch on it disappears.</typeparam>
    /// <param name="property">The name of a property of the view: <c>nameof(TaskStruct.State)</c>.</param>
    [KernelOnly]
    public static bool Exists<T>(string property) where T : class => throw KernelOnly.Error();

    /// <summary>The size in bytes of a kernel type in this kernel.</summary>
    /// <typeparam name="T">A view of it.</typeparam>
    [KernelOnly]
    public static int SizeOf<T>() where T : class => throw KernelOnly.Error();

    /// <summary>An address as an object of the kernel. Its fields are read with <c>bpf_probe_read_kernel</c>.</summary>
    /// <typeparam name="T">A view of the object's type.</typeparam>
    [KernelOnly]
    public static T At<T>(ulong address) where T : class => throw KernelOnly.Error();

    /// <summary>The address of an object of the kernel.</summary>
    [KernelOnly]
    public static ulong AddressOf(object kernelObject) => throw KernelOnly.Error();

    /// <summary>Copies memory of the kernel (<c>bpf_probe_read_kernel</c>, 5.5; GPL).</summary>
    /// <param name="address">Where from.</param>
    /// <param name="destination">Where to. Its length must be constant.</param>
    /// <returns>Whether all could be read; the destination is zeros if not.</returns>
    [KernelOnly]
    public static bool TryReadKernel(ulong address, Span<byte> destination) => throw KernelOnly.Error();

    /// <summary>Copies memory of the current process (<c>bpf_probe_read_user</c>, 5.5; GPL). A page that is not in memory cannot be read.</summary>
    /// <inheritdoc cref="TryReadKernel"/>
    [KernelOnly]
    public static bool TryReadUser(ulong address, Span<byte> destination) => throw KernelOnly.Error();

    /// <summary>Copies text of the kernel and a zero at its end, cut to what fits (<c>bpf_probe_read_kernel_str</c>, 5.5; GPL).</summary>
    /// <param name="address">Where it begins.</param>
    /// <param name="destination">Where to. Its length must be constant. What is behind the zero stays as it is.</param>
    /// <returns>The number of bytes without the zero; a negative error number when it cannot be read.</returns>
    [KernelOnly]
    public static int ReadKernelString(ulong address, Span<byte> destination) => throw KernelOnly.Error();

    /// <summary>Copies text of the current process and a zero at its end, cut to what fits (<c>bpf_probe_read_user_str</c>, 5.5; GPL).</summary>
    /// <inheritdoc cref="ReadKernelString"/>
    [KernelOnly]
    public static int ReadUserString(ulong address, Span<byte> destination) => throw KernelOnly.Error();

    /// <summary>Copies memory of the current process, and waits for pages that are not in memory (<c>bpf_copy_from_user</c>, 5.10; GPL): programs that may sleep only.</summary>
    /// <inheritdoc cref="TryReadKernel"/>
    [KernelOnly]
    public static bool TryCopyFromUser(ulong address, Span<byte> destination) => throw KernelOnly.Error();

    /// <summary>Copies the addresses of the current stack, the innermost first (4.18; GPL).</summary>
    /// <param name="frames">Where to. Its length must be constant.</param>
    /// <param name="flags">Which stack.</param>
    /// <param name="skip">Frames to leave out at the top, up to 255.</param>
    /// <returns>The number of frames; a negative error number when there is no stack.</returns>
    [KernelOnly]
    public static int GetStack(Span<ulong> frames, StackFlags flags = StackFlags.None, byte skip = 0) => throw KernelOnly.Error();

    /// <summary>Copies the addresses of a thread's stack, the innermost first (<c>bpf_get_task_stack</c>, 5.9): raw and BTF tracepoints, iterators, fentry and its like.</summary>
    /// <param name="task">The thread, as the verifier knows it: a parameter, or <see cref="CurrentTask"/>.</param>
    /// <param name="frames">Where to. Its length must be constant.</param>
    /// <param name="flags">Which stack.</param>
    /// <returns>The number of frames; a negative error number when there is no stack.</returns>
    [KernelOnly]
    public static int GetTaskStack(TaskStruct task, Span<ulong> frames, StackFlags flags = StackFlags.None) => throw KernelOnly.Error();

    /// <summary>Sends a signal to the current process (5.3). Delivered when the program is done.</summary>
    /// <returns>0, or a negative error number: -16 (EBUSY) where signals cannot be sent now.</returns>
    [KernelOnly]
    public static int SendSignal(int signal) => throw KernelOnly.Error();

    /// <summary>Sends a signal to the current thread (5.5). Delivered when the program is done.</summary>
    /// <inheritdoc cref="SendSignal"/>
    [KernelOnly]
    public static int SendSignalToThread(int signal) => throw KernelOnly.Error();

    /// <summary>
    /// Makes the probed function return at once with a value (4.16; GPL): kprobes on functions that are marked for error
    /// injection, in kernels with CONFIG_BPF_KPROBE_OVERRIDE.
    /// </summary>
    [KernelOnly]
    public static void OverrideReturn(long value) => throw KernelOnly.Error();

    /// <summary>The id of an ancestor of the current task's control group (5.7; GPL for tracing programs).</summary>
    /// <param name="level">0 for the root, 1 for its child on the way…</param>
    [KernelOnly]
    public static ulong GetAncestorCgroupId(int level) => throw KernelOnly.Error();

    /// <summary>The ids of the current thread as a PID namespace sees them (5.7).</summary>
    /// <param name="device">The device of the namespace's file <c>/proc/self/ns/pid</c>, as stat(2) tells it (<c>st_dev</c>).</param>
    /// <param name="inode">The file's inode number.</param>
    /// <param name="ids">The ids.</param>
    /// <returns>Whether the current task is in that namespace itself (not in one below it).</returns>
    [KernelOnly]
    public static bool TryGetIdsInNamespace(ulong device, ulong inode, out NamespaceIds ids) => throw KernelOnly.Error();

    /// <summary>Copies the full path of a file (<c>bpf_d_path</c>, 5.10): fentry and its like on a few functions, LSM hooks, iterators.</summary>
    /// <param name="path">The file's place: a field <c>f_path</c> that the verifier knows.</param>
    /// <param name="destination">Where to. Its length must be constant.</param>
    /// <returns>The number of bytes without the zero; a negative error number.</returns>
    [KernelOnly]
    public static int GetPath(KernelPath path, Span<byte> destination) => throw KernelOnly.Error();

    /// <summary>The registers a thread entered the kernel with (<c>bpf_task_pt_regs</c>, 5.15; GPL).</summary>
    /// <param name="task">The thread, as the verifier knows it: <see cref="CurrentTask"/>.</param>
    [KernelOnly]
    public static PtRegs GetRegisters(TaskStruct task) => throw KernelOnly.Error();

    /// <summary>Writes bytes into what the reader of an iterator gets (<c>bpf_seq_write</c>, 5.7): iterators only.</summary>
    /// <param name="data">The bytes. Its length must be constant.</param>
    /// <returns>Whether there was room. If not, the kernel makes more and calls the program again for the same object.</returns>
    [KernelOnly]
    public static bool SeqWrite(ReadOnlySpan<byte> data) => throw KernelOnly.Error();

    /// <summary>Writes a value's bytes into what the reader of an iterator gets (<c>bpf_seq_write</c>, 5.7): iterators only.</summary>
    /// <inheritdoc cref="SeqWrite(ReadOnlySpan{byte})"/>
    [KernelOnly]
    public static bool SeqWrite<T>(in T value) where T : unmanaged => throw KernelOnly.Error();
}

/// <summary>The ids of a thread in a PID namespace.</summary>
/// <param name="Tid">The thread's.</param>
/// <param name="Tgid">The process'.</param>
public readonly record struct NamespaceIds(uint Tid, uint Tgid);
