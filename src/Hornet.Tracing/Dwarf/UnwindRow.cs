using System.Runtime.InteropServices;

namespace Hornet.Tracing.Dwarf;

/// <summary>How the canonical frame address (the stack pointer before the call) is found.</summary>
public enum CfaRule : byte
{
    /// <summary>Nothing says so, or only in a way that a table cannot hold: the walk ends here.</summary>
    Unknown,
    /// <summary>There is no caller: the first function of a thread.</summary>
    EndOfStack,
    /// <summary>The stack pointer plus the offset.</summary>
    StackPointer,
    /// <summary>The frame pointer plus the offset.</summary>
    FramePointer,
    /// <summary>What is in memory at the stack pointer plus the offset (signal frames).</summary>
    AtStackPointer,
    /// <summary>What is in memory at the frame pointer plus the offset (functions that align their stack).</summary>
    AtFramePointer,
    /// <summary>A stub of the linker: 8 above the stack pointer, 8 more from the 11th byte of each 16 on (x86-64).</summary>
    LinkerStub,
}

/// <summary>How a register of the caller is found.</summary>
public enum RegisterRule : byte
{
    /// <summary>It still has its value.</summary>
    Same,
    /// <summary>Its value is lost.</summary>
    Undefined,
    /// <summary>It is in memory at the canonical frame address plus the offset.</summary>
    AtCfa,
    /// <summary>It is in memory at the stack pointer plus the offset (signal frames).</summary>
    AtStackPointer,
}

/// <summary>
/// How to get from a function to its caller, from one address on to the next row's. 16 bytes without padding, so that an array of
/// them serves as the values of a BPF array.
/// </summary>
/// <param name="Address">The first instruction it is about, in bytes from <see cref="UnwindTable.Base"/>.</param>
/// <param name="CfaOffset">The offset of the rule for the canonical frame address.</param>
/// <param name="FrameOffset">Where the caller's frame pointer is.</param>
/// <param name="ReturnOffset">Where the return address is.</param>
/// <param name="Cfa">How the canonical frame address is found.</param>
/// <param name="Frame">How the caller's frame pointer (<c>rbp</c>, <c>x29</c>) is found.</param>
/// <param name="Return">How the return address is found; <see cref="RegisterRule.Same"/> on arm64 is the link register.</param>
/// <param name="Flags">1: a signal frame, whose return address is of the interrupted instruction itself and not behind a call.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct UnwindRow(uint Address, int CfaOffset, short FrameOffset, short ReturnOffset, CfaRule Cfa, RegisterRule Frame, RegisterRule Return, byte Flags)
{
    /// <summary>Whether it is about a signal frame.</summary>
    public bool IsSignalFrame => (Flags & 1) != 0;

    internal bool SameRuleAs(in UnwindRow other) => this with { Address = 0 } == other with { Address = 0 };
}

/// <summary>The registers that a walk over frames needs.</summary>
/// <param name="InstructionPointer">Where the function is, or continues after a call.</param>
/// <param name="StackPointer">The stack pointer.</param>
/// <param name="FramePointer"><c>rbp</c>, <c>x29</c>.</param>
/// <param name="Link">The link register (<c>x30</c>); nothing on x86-64.</param>
public readonly record struct UnwindRegisters(ulong InstructionPointer, ulong StackPointer, ulong FramePointer, ulong Link = 0);
