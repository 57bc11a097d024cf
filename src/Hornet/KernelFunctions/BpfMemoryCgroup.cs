using Hornet.KernelTypes;

namespace Hornet;

/// <summary>What the memory controller counts for a control group in <c>memory.events</c> (<c>enum memcg_memory_event</c>).</summary>
public enum MemoryCgroupEvent
{
    /// <summary>It was reclaimed from although it was below <c>memory.low</c>.</summary>
    Low = 0,
    /// <summary>It was slowed down at <c>memory.high</c>.</summary>
    High = 1,
    /// <summary>It was about to grow above <c>memory.max</c>.</summary>
    Max = 2,
    /// <summary>An allocation was about to fail.</summary>
    OutOfMemory = 3,
    /// <summary>A process was killed.</summary>
    Kill = 4,
    /// <summary>All of its processes were killed.</summary>
    GroupKill = 5,
    /// <summary>Its use of swap was above <c>memory.swap.high</c>.</summary>
    SwapHigh = 6,
    /// <summary>Its use of swap was about to grow above <c>memory.swap.max</c>.</summary>
    SwapMax = 7,
    /// <summary>Swap could not be had.</summary>
    SwapFail = 8,
}

/// <summary>
/// The memory controller's numbers for a control group, in kernel code (7.0; a kernel with CONFIG_MEMCG). What was found has to be released on every
/// way to the program's end (HRN3016).
/// </summary>
public static class BpfMemoryCgroup
{
    /// <summary>The memory controller's part of a control group (<c>bpf_get_mem_cgroup</c>, 7.0): to be released.</summary>
    /// <param name="group">Any controller's part of it: <c>group.Self</c>.</param>
    /// <returns>Null when it has none.</returns>
    [KernelFunction("bpf_get_mem_cgroup")]
    public static MemoryCgroup? Find(CgroupState group) => throw KernelOnly.Error();

    /// <summary>That of the whole machine (<c>bpf_get_root_mem_cgroup</c>, 7.0): to be released.</summary>
    /// <returns>Null when the controller is off.</returns>
    [KernelFunction("bpf_get_root_mem_cgroup")]
    public static MemoryCgroup? FindRoot() => throw KernelOnly.Error();

    /// <summary>Gives it back (<c>bpf_put_mem_cgroup</c>, 7.0).</summary>
    [KernelFunction("bpf_put_mem_cgroup")]
    public static void Release(this MemoryCgroup group) => throw KernelOnly.Error();

    /// <summary>How many bytes it uses (<c>bpf_mem_cgroup_usage</c>, 7.0), as <c>memory.current</c>.</summary>
    [KernelFunction("bpf_mem_cgroup_usage")]
    public static ulong GetUsage(this MemoryCgroup group) => throw KernelOnly.Error();

    /// <summary>How often something happened to it or below it (<c>bpf_mem_cgroup_memory_events</c>, 7.0), as in <c>memory.events</c>.</summary>
    [KernelFunction("bpf_mem_cgroup_memory_events")]
    public static ulong CountEvents(this MemoryCgroup group, MemoryCgroupEvent happened) => throw KernelOnly.Error();

    /// <summary>How often the kernel's memory management did something for it (<c>bpf_mem_cgroup_vm_events</c>, 7.0).</summary>
    /// <param name="group">The control group.</param>
    /// <param name="happened">A number of the kernel's <c>enum vm_event_item</c>, which depends on its configuration: <c>hornet btf</c> shows it.</param>
    [KernelFunction("bpf_mem_cgroup_vm_events")]
    public static ulong CountVmEvents(this MemoryCgroup group, int happened) => throw KernelOnly.Error();

    /// <summary>Bytes or pieces of one kind that it has (<c>bpf_mem_cgroup_page_state</c>, 7.0), as in <c>memory.stat</c>.</summary>
    /// <param name="group">The control group.</param>
    /// <param name="kind">A number of the kernel's <c>enum memcg_stat_item</c> or <c>node_stat_item</c>, which depend on its configuration: <c>hornet btf</c> shows them.</param>
    [KernelFunction("bpf_mem_cgroup_page_state")]
    public static ulong GetPageState(this MemoryCgroup group, int kind) => throw KernelOnly.Error();

    /// <summary>Brings the numbers up to date (<c>bpf_mem_cgroup_flush_stats</c>, 7.0; may sleep): without it they are some seconds old.</summary>
    [KernelFunction("bpf_mem_cgroup_flush_stats")]
    public static void Refresh(this MemoryCgroup group) => throw KernelOnly.Error();
}
