using System.Runtime.CompilerServices;
using Hornet.KernelTypes;

namespace Hornet;

// Other memory that dynptrs reach, and other memory that they are filled from.
public partial struct BpfDynptr
{
    /// <summary>Of what stands in front of a packet at tc, left there by XDP (<c>bpf_dynptr_from_skb_meta</c>, 6.18).</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="dynptr">What reaches it; null (<see cref="IsNull"/>) when this is false.</param>
    public static bool TryFromMetadata(SkbContext packet, out BpfDynptr dynptr)
    {
        Unsafe.SkipInit(out dynptr);
        return FromMetadata(packet, 0, ref dynptr) == 0;
    }

    /// <summary>
    /// Of what is in a file (<c>bpf_dynptr_from_file</c>, 6.19), to be read: <see cref="Close"/> it on every way. Programs that may sleep
    /// read from the disk, others what is in memory.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="dynptr">What reaches it. To be closed also when this is false.</param>
    public static bool TryFrom(KernelFile file, out BpfDynptr dynptr)
    {
        Unsafe.SkipInit(out dynptr);
        return FromFile(file, 0, ref dynptr) == 0;
    }

    /// <summary>Gives back what <see cref="TryFrom(KernelFile, out BpfDynptr)"/> took (<c>bpf_dynptr_file_discard</c>, 6.19).</summary>
    public void Close() => DiscardFile(ref this);

    /// <summary>A value for reading and writing, in place where it lies in one piece (<c>bpf_dynptr_slice_rdwr</c>, 6.4; of packets at tc and XDP, and of memory).</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="buffer">What holds a copy when it does not lie in one piece. Changes of that are not the packet's: write them with <see cref="TryWrite{T}(uint, in T)"/>.</param>
    /// <returns>A null reference when it lies outside, or may not be written.</returns>
    [KernelOnly]
    public ref T SliceForWriting<T>(uint offset, ref T buffer) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Fills a part with memory of the kernel (<c>bpf_probe_read_kernel_dynptr</c>, 6.16).</summary>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="size">How many bytes; a number that the program computes, too.</param>
    /// <param name="address">What is read.</param>
    /// <returns>0, or a negative error number.</returns>
    public int ReadKernel(uint offset, uint size, KernelPtr<byte> address) => ProbeKernel(ref this, offset, size, address);

    /// <summary>Fills a part with text of the kernel and a zero at its end, cut to the size (<c>bpf_probe_read_kernel_str_dynptr</c>, 6.16).</summary>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="size">How many bytes at most.</param>
    /// <param name="text">What is read.</param>
    /// <returns>The number of bytes with the zero, or a negative error number.</returns>
    public int ReadKernelString(uint offset, uint size, KernelString text) => ProbeKernelText(ref this, offset, size, text);

    /// <summary>Fills a part with memory of the current process, as far as its pages are in memory (<c>bpf_probe_read_user_dynptr</c>, 6.16).</summary>
    /// <inheritdoc cref="ReadKernel"/>
    public int ReadUser(uint offset, uint size, UserPtr<byte> address) => ProbeUser(ref this, offset, size, address);

    /// <summary>Fills a part with text of the current process and a zero at its end, cut to the size (<c>bpf_probe_read_user_str_dynptr</c>, 6.16).</summary>
    /// <inheritdoc cref="ReadKernelString"/>
    public int ReadUserString(uint offset, uint size, UserString text) => ProbeUserText(ref this, offset, size, text);

    /// <summary>Fills a part with memory of the current process, and waits for pages that are not in memory (<c>bpf_copy_from_user_dynptr</c>, 6.16): programs that may sleep only.</summary>
    /// <inheritdoc cref="ReadKernel"/>
    public int CopyUser(uint offset, uint size, UserPtr<byte> address) => User(ref this, offset, size, address);

    /// <summary>Fills a part with text of the current process, and waits for pages that are not in memory (<c>bpf_copy_from_user_str_dynptr</c>, 6.16): programs that may sleep only.</summary>
    /// <inheritdoc cref="ReadKernelString"/>
    public int CopyUserString(uint offset, uint size, UserString text) => UserText(ref this, offset, size, text);

    /// <summary>Fills a part with memory of another process (<c>bpf_copy_from_user_task_dynptr</c>, 6.16): programs that may sleep only.</summary>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="size">How many bytes; a number that the program computes, too.</param>
    /// <param name="address">What is read.</param>
    /// <param name="task">A thread of the process.</param>
    /// <returns>0, or a negative error number.</returns>
    public int CopyUser(uint offset, uint size, UserPtr<byte> address, TaskStruct task) => OfTask(ref this, offset, size, address, task);

    /// <summary>Fills a part with text of another process (<c>bpf_copy_from_user_task_str_dynptr</c>, 6.16): programs that may sleep only.</summary>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="size">How many bytes at most.</param>
    /// <param name="text">What is read.</param>
    /// <param name="task">A thread of the process.</param>
    /// <returns>The number of bytes with the zero, or a negative error number.</returns>
    public int CopyUserString(uint offset, uint size, UserString text, TaskStruct task) => TextOfTask(ref this, offset, size, text, task);

    [KernelFunction("bpf_dynptr_from_skb_meta")]
    private static int FromMetadata(SkbContext packet, ulong flags, ref BpfDynptr dynptr) => throw KernelOnly.Error();

    [KernelFunction("bpf_dynptr_from_file")]
    private static int FromFile(KernelFile file, uint flags, ref BpfDynptr dynptr) => throw KernelOnly.Error();

    [KernelFunction("bpf_dynptr_file_discard")]
    private static void DiscardFile(ref BpfDynptr dynptr) => throw KernelOnly.Error();

    [KernelFunction("bpf_probe_read_kernel_dynptr")]
    private static int ProbeKernel(ref BpfDynptr dynptr, uint offset, uint size, KernelPtr<byte> address) => throw KernelOnly.Error();

    [KernelFunction("bpf_probe_read_kernel_str_dynptr")]
    private static int ProbeKernelText(ref BpfDynptr dynptr, uint offset, uint size, KernelString text) => throw KernelOnly.Error();

    [KernelFunction("bpf_probe_read_user_dynptr")]
    private static int ProbeUser(ref BpfDynptr dynptr, uint offset, uint size, UserPtr<byte> address) => throw KernelOnly.Error();

    [KernelFunction("bpf_probe_read_user_str_dynptr")]
    private static int ProbeUserText(ref BpfDynptr dynptr, uint offset, uint size, UserString text) => throw KernelOnly.Error();

    [KernelFunction("bpf_copy_from_user_dynptr")]
    private static int User(ref BpfDynptr dynptr, uint offset, uint size, UserPtr<byte> address) => throw KernelOnly.Error();

    [KernelFunction("bpf_copy_from_user_str_dynptr")]
    private static int UserText(ref BpfDynptr dynptr, uint offset, uint size, UserString text) => throw KernelOnly.Error();

    [KernelFunction("bpf_copy_from_user_task_dynptr")]
    private static int OfTask(ref BpfDynptr dynptr, uint offset, uint size, UserPtr<byte> address, TaskStruct task) => throw KernelOnly.Error();

    [KernelFunction("bpf_copy_from_user_task_str_dynptr")]
    private static int TextOfTask(ref BpfDynptr dynptr, uint offset, uint size, UserString text, TaskStruct task) => throw KernelOnly.Error();
}
