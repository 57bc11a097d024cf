namespace Hornet.KernelTypes;

/// <summary>The registers of a thread (<c>struct pt_regs</c>), x86-64.</summary>
[KernelType("pt_regs")]
public interface PtRegs
{
    /// <summary>The address of the next instruction.</summary>
    [KernelField("ip", "pc")]
    ulong InstructionPointer { get; }

    /// <summary>The stack pointer.</summary>
    ulong Sp { get; }
}
