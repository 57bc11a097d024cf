using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet;

// Functions of the kernel that belong to no object.
public static partial class Bpf
{
    /// <summary>Copies text of the current process and a zero at its end, cut to what fits, and waits for pages that are not in memory (<c>bpf_copy_from_user_str</c>, 6.12): programs that may sleep only.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="fills">Whether what is behind the zero becomes zero too.</param>
    /// <returns>The number of bytes with the zero, or a negative error number.</returns>
    public static int CopyUserString(UserString text, Span<byte> destination, bool fills = false) => CopyText(destination, text, fills ? 1u : 0);

    /// <summary>Copies text of another process (<c>bpf_copy_from_user_task_str</c>, 6.15): programs that may sleep only.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="task">A thread of the process.</param>
    /// <param name="fills">Whether what is behind the zero becomes zero too.</param>
    /// <returns>The number of bytes with the zero, or a negative error number.</returns>
    public static int CopyUserString(UserString text, Span<byte> destination, TaskStruct task, bool fills = false) => CopyTextOf(destination, text, task, fills ? 1u : 0);

    /// <summary>The cache of objects of one size that an address belongs to (<c>bpf_get_kmem_cache</c>, 6.13).</summary>
    /// <returns>Null when it belongs to none.</returns>
    [KernelFunction("bpf_get_kmem_cache")]
    public static KmemCache? FindSlabCache(ulong address) => throw KernelOnly.Error();

    /// <summary>How many elements a hash has, counted while others may change it (<c>bpf_map_sum_elem_count</c>, 6.6): quick, and exact when nobody does.</summary>
    [KernelFunction("bpf_map_sum_elem_count")]
    public static long CountElements(MapView map) => throw KernelOnly.Error();

    /// <summary>
    /// Ends the program at once, out of functions it called too (<c>bpf_throw</c>, 6.7). Nothing may be held that has to be given back.
    /// </summary>
    /// <param name="result">What the program returns. The verifier asks of it what it asks of every result.</param>
    [KernelFunction("bpf_throw")]
    public static void Throw(ulong result) => throw KernelOnly.Error();

    [KernelFunction("bpf_copy_from_user_str")]
    private static int CopyText(Span<byte> destination, UserString text, ulong flags) => throw KernelOnly.Error();

    [KernelFunction("bpf_copy_from_user_task_str")]
    private static int CopyTextOf(Span<byte> destination, UserString text, TaskStruct task, ulong flags) => throw KernelOnly.Error();
}
