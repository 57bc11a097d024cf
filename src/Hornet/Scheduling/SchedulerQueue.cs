namespace Hornet;

/// <summary>Queues that the kernel has, for <see cref="BpfScheduler"/>.</summary>
public static class SchedulerQueue
{
    // enum scx_dsq_id_flags: SCX_DSQ_FLAG_BUILTIN, SCX_DSQ_FLAG_LOCAL_ON.
    private const ulong BuiltIn = 1ul << 63, OfCpu = 1ul << 62;

    /// <summary>One for all CPUs, from which they take when their own is empty (<c>SCX_DSQ_GLOBAL</c>).</summary>
    public const ulong Global = BuiltIn | 1;

    /// <summary>The CPU's own, in <c>dispatch</c>; the one of the CPU that was chosen, in <c>select_cpu</c> and <c>enqueue</c> (<c>SCX_DSQ_LOCAL</c>).</summary>
    public const ulong Local = BuiltIn | 2;

    /// <summary>A certain CPU's own (<c>SCX_DSQ_LOCAL_ON</c>).</summary>
    public static ulong LocalOn(int cpu) => BuiltIn | OfCpu | (uint)cpu;
}
