namespace Hornet.Vm;

/// <summary>How a machine is set up. Programs see one process on one machine, which is made up here and therefore the same on every run.</summary>
public sealed record VmOptions
{
    /// <summary>How programs are executed.</summary>
    public VmEngine Engine { get; init; } = VmEngine.Auto;

    /// <summary>
    /// How much one run may do, in instructions: charged are the slots that jumps go back over, the lengths of functions that
    /// are called, and the work of helpers. A run that uses it up ends with <see cref="VmFaultKind.BudgetExceeded"/>.
    /// A hundred million by default, which the interpreter does in a fraction of a second.
    /// </summary>
    public long InstructionBudget { get; init; } = 100_000_000;

    /// <summary>How many CPUs there are for per-CPU maps. A run says on which it takes place.</summary>
    public int CpuCount { get; init; } = 1;

    /// <summary>The most memory that all maps of the machine may take, in bytes: 1 GiB by default.</summary>
    public long MapMemoryLimit { get; init; } = 1L << 30;

    /// <summary>What <c>bpf_ktime_get_ns</c> and its relatives answer, in nanoseconds; null for the real monotonic clock.</summary>
    public Func<ulong>? Clock { get; init; }

    /// <summary>Where <c>bpf_get_prandom_u32</c> begins; null for another place in every machine.</summary>
    public int? RandomSeed { get; init; }

    /// <summary>The process that programs run in.</summary>
    public VmProcess Process { get; init; } = new();

    /// <summary>Gets the lines of <c>bpf_trace_printk</c>, without the line feed; null to keep them in <see cref="BpfMachine.TraceLines"/> only.</summary>
    public Action<string>? TraceOutput { get; init; }
}

/// <summary>The process that a program finds itself in.</summary>
public sealed record VmProcess
{
    /// <summary>The process id, which the kernel calls <c>tgid</c>.</summary>
    public uint ProcessId { get; init; } = 1000;

    /// <summary>The thread id, which the kernel calls <c>pid</c>.</summary>
    public uint ThreadId { get; init; } = 1000;

    /// <summary>The user.</summary>
    public uint UserId { get; init; }

    /// <summary>The group.</summary>
    public uint GroupId { get; init; }

    /// <summary>The command name, of which the kernel keeps 15 bytes.</summary>
    public string Command { get; init; } = "hornet";

    /// <summary>The control group's id.</summary>
    public ulong ControlGroupId { get; init; } = 1;
}
