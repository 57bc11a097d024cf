namespace Hornet.Vm;

/// <summary>What came of one run.</summary>
/// <param name="ReturnValue">All 64 bits of R0; 0 after a fault. Most program types look at the lower 32.</param>
/// <param name="Fault">Why the program was ended early; null when it came to its end.</param>
/// <param name="Charged">
/// What was taken from the instruction budget: the slots jumped back over, the lengths of the functions called, the work of
/// helpers. Equal in both engines. Together with the length of the program, an upper bound of the instructions executed.
/// </param>
public readonly record struct VmResult(ulong ReturnValue, VmFault? Fault, long Charged)
{
    /// <summary>Whether the program came to its end.</summary>
    public bool Succeeded => Fault is null;

    /// <summary>The lower half of <see cref="ReturnValue"/>, signed, as the kernel takes it: an XDP action, an error number.</summary>
    public int ReturnCode => (int)ReturnValue;

    /// <summary>The result itself when the program came to its end.</summary>
    /// <exception cref="VmFaultException">It did not.</exception>
    public VmResult EnsureSucceeded() => Fault is null ? this : throw new VmFaultException(Fault);
}

/// <summary>A program was ended because of what it did, and the caller wanted that as an exception.</summary>
public sealed class VmFaultException : BpfException
{
    internal VmFaultException(VmFault fault) : base(fault.ToString()) => Fault = fault;

    /// <summary>What the program did.</summary>
    public VmFault Fault { get; }
}

/// <summary>Counts over all runs of a program.</summary>
/// <param name="Runs">How often it was run, faults included.</param>
/// <param name="Faults">How many runs ended in a fault.</param>
/// <param name="Charged">The sum of <see cref="VmResult.Charged"/>.</param>
/// <param name="HelperCalls">How many helpers and kernel functions it called.</param>
/// <param name="TailCalls">How many tail calls were taken.</param>
public readonly record struct VmStatistics(long Runs, long Faults, long Charged, long HelperCalls, long TailCalls);
