using Hornet.Isa;

namespace Hornet.Vm;

/// <summary>What a program did that the machine does not allow.</summary>
public enum VmFaultKind
{
    /// <summary>It read or wrote through a null pointer, or near one: the lowest 64 KiB belong to nobody.</summary>
    NullPointer,
    /// <summary>It read or wrote where no memory is, or beyond the end of what is there.</summary>
    OutOfBounds,
    /// <summary>It wrote to memory that can only be read.</summary>
    ReadOnly,
    /// <summary>It used memory after it was given back: a ring buffer record, or the stack frame of a function that returned.</summary>
    Released,
    /// <summary>An atomic operation on an address that is not a multiple of its size.</summary>
    Misaligned,
    /// <summary>It used up <see cref="VmOptions.InstructionBudget"/>: most likely it would never have ended.</summary>
    BudgetExceeded,
    /// <summary>More than eight functions were active at a time.</summary>
    CallDepthExceeded,
    /// <summary>It called a helper or kernel function that this machine does not have.</summary>
    UnknownFunction,
    /// <summary>It called or passed on an address where no function is.</summary>
    BadFunctionAddress,
    /// <summary>It gave a helper something else than what the helper takes, such as a number for a map.</summary>
    BadArgument,
    /// <summary>It ended holding something it had to give back: a ring buffer record, or a lock.</summary>
    NotReleased,
    /// <summary>It used a legacy packet load without a packet.</summary>
    NoPacket,
}

/// <summary>Why a program was ended. Nothing outside the machine was touched.</summary>
public sealed record VmFault
{
    /// <summary>What it did.</summary>
    public required VmFaultKind Kind { get; init; }

    /// <summary>What it did, in words: the access, the region and its bounds.</summary>
    public required string Message { get; init; }

    /// <summary>The program it happened in; after a tail call another one than was started.</summary>
    public required string Program { get; init; }

    /// <summary>The instruction, counted in 8-byte slots as the kernel counts.</summary>
    public required int InstructionIndex { get; init; }

    /// <summary>The instruction itself.</summary>
    public required Instruction Instruction { get; init; }

    /// <summary>The address it used, where it was about memory.</summary>
    public ulong? Address { get; init; }

    /// <summary>The register that held the address or the bad value, where one did.</summary>
    public Register? Register { get; init; }

    /// <summary>Where the instruction comes from in the source, when the program says so.</summary>
    public SourceLine? Source { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        string source = Source is null ? "" : $" ({Source.File}:{Source.Line}: {Source.Text.Trim()})";
        return $"{Program}, instruction {InstructionIndex}: {Instruction}{source}: {Message}";
    }
}
