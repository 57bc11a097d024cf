namespace Hornet;

/// <summary>What kernel code can ask the kernel. Every member throws in user space.</summary>
public static partial class Bpf
{
    /// <summary>The process id of the current task (the kernel's tgid). 0 in interrupts of an idle CPU.</summary>
    public static uint Tgid { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The thread id of the current task (the kernel's pid).</summary>
    public static uint Tid { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The user id of the current task.</summary>
    public static uint Uid { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The group id of the current task.</summary>
    public static uint Gid { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Nanoseconds since boot without time suspended (CLOCK_MONOTONIC).</summary>
    public static ulong KtimeNs { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Nanoseconds since boot with time suspended (CLOCK_BOOTTIME, 5.8).</summary>
    public static ulong BootTimeNs { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The id of the current task's control group (v2, 4.18).</summary>
    public static ulong CgroupId { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The number of the current CPU.</summary>
    public static uint Cpu { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>A pseudo-random number.</summary>
    public static uint Random { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Copies the name of the current task, with zeros behind it.</summary>
    /// <param name="buffer">Where to; 16 bytes hold every name. Its length must be constant.</param>
    [KernelOnly]
    public static void Comm(Span<byte> buffer) => throw KernelOnly.Error();
}
