namespace Hornet;

/// <summary>
/// The registers at a probe: of kprobes, uprobes, USDT probes. A lambda may take it beside the arguments of what is probed.
/// Exists in kernel code only.
/// </summary>
[KernelContext]
public readonly ref struct ProbeContext
{
    /// <summary>The address of the probed instruction; at a return, of where it returns to.</summary>
    public ulong InstructionPointer { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The stack pointer.</summary>
    public ulong StackPointer { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>What a function returns, at its return.</summary>
    public long Result { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>A parameter that is passed in a register, at a function's beginning; 64 bits, of which a narrower one has the lower.</summary>
    /// <param name="index">0 to 5 (arm64: 7); constant.</param>
    [KernelOnly]
    public ulong GetArgument(int index) => throw KernelOnly.Error();
}

/// <summary>A sample of a perf event. Exists in kernel code only.</summary>
[KernelContext]
public readonly ref struct PerfSample
{
    /// <summary>The address of the instruction that was interrupted.</summary>
    public ulong InstructionPointer { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The stack pointer.</summary>
    public ulong StackPointer { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>How many events this sample stands for; for clocks, nanoseconds.</summary>
    public ulong Period { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The address of the data, for events that know it (4.15).</summary>
    public ulong DataAddress { [KernelOnly] get => throw KernelOnly.Error(); }
}
