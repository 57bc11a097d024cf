using Hornet.KernelTypes;

namespace Hornet;

/// <summary>
/// Iterators of the kernel for <c>foreach</c> in kernel code (6.4). The verifier looks at the body once, however long the loop
/// is; a failed check, <c>break</c> and <c>return</c> end the iterator as the end of the loop does.
/// </summary>
public static class BpfIterator
{
    /// <summary>The numbers from a first one up to another, which is not among them (<c>bpf_iter_num</c>, 6.4). Every kind of program.</summary>
    /// <param name="start">The first.</param>
    /// <param name="end">The first that is not shown any more. At most 8 388 608 numbers; with more there is none.</param>
    public static KernelSequence<int> Numbers(int start, int end) => throw KernelOnly.Error();

    /// <summary>All threads of the machine (<c>bpf_iter_task</c>, 6.7). Tracing programs and syscall programs, the latter in an RCU section.</summary>
    public static KernelSequence<TaskStruct> Threads() => throw KernelOnly.Error();

    /// <summary>All processes of the machine, each by its main thread (<c>bpf_iter_task</c>, 6.7). As <see cref="Threads"/>.</summary>
    public static KernelSequence<TaskStruct> Processes() => throw KernelOnly.Error();

    /// <summary>The threads of a process (<c>bpf_iter_task</c>, 6.7). As <see cref="Threads"/>.</summary>
    /// <param name="task">One of them: the current one, or one that was acquired.</param>
    public static KernelSequence<TaskStruct> ThreadsOf(TaskStruct task) => throw KernelOnly.Error();

    /// <summary>A control group and those below it, parents first (<c>bpf_iter_css</c>, 6.7). As <see cref="Threads"/>.</summary>
    /// <param name="group">The group: <see cref="Cgroup.Self"/>.</param>
    public static KernelSequence<CgroupState> Descendants(CgroupState group) => throw KernelOnly.Error();

    /// <summary>The processes of a control group (<c>bpf_iter_css_task</c>, 6.7). LSM programs and iterators that may sleep.</summary>
    /// <param name="group">The group: <see cref="Cgroup.Self"/>.</param>
    public static KernelSequence<TaskStruct> ProcessesIn(CgroupState group) => throw KernelOnly.Error();

    /// <summary>The memory areas of a process (<c>bpf_iter_task_vma</c>, 6.7). None while somebody changes them. Tracing programs.</summary>
    /// <param name="task">The process: the current one, or one that was acquired.</param>
    /// <param name="from">The address to begin with.</param>
    public static KernelSequence<VmArea> Areas(TaskStruct task, ulong from = 0) => throw KernelOnly.Error();

    /// <summary>The kernel's caches of objects (<c>bpf_iter_kmem_cache</c>, 6.13), as in <c>/proc/slabinfo</c>. Tracing programs and syscall programs.</summary>
    public static KernelSequence<KmemCache> SlabCaches() => throw KernelOnly.Error();

    /// <summary>Buffers that devices share (<c>bpf_iter_dmabuf</c>, 6.16; a kernel with CONFIG_DMA_SHARED_BUFFER; programs that may sleep).</summary>
    public static KernelSequence<DmaBuf> DmaBufs() => throw KernelOnly.Error();

    /// <summary>The numbers of the bits that are set in 64 bits, the lowest first (<c>bpf_iter_bits</c>, 6.11).</summary>
    /// <param name="word">The bits, in a variable or a map.</param>
    public static KernelSequence<int> Bits(ref ulong word) => throw KernelOnly.Error();
}

/// <summary>What an iterator of the kernel shows. It exists in kernel code only.</summary>
/// <typeparam name="T">What is shown.</typeparam>
public sealed class KernelSequence<T>
{
    private KernelSequence()
    {
    }

    /// <summary>For <c>foreach</c>.</summary>
    public KernelEnumerator<T> GetEnumerator() => throw KernelOnly.Error();
}

/// <summary>For <c>foreach</c>: an iterator of the kernel while it runs.</summary>
/// <typeparam name="T">What is shown.</typeparam>
public sealed class KernelEnumerator<T> : IDisposable
{
    private KernelEnumerator()
    {
    }

    /// <summary>What is shown now.</summary>
    public T Current => throw KernelOnly.Error();

    /// <summary>Goes on.</summary>
    public bool MoveNext() => throw KernelOnly.Error();

    /// <summary>Ends the iterator.</summary>
    public void Dispose() => throw KernelOnly.Error();
}
