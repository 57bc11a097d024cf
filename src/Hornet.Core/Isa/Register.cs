namespace Hornet.Isa;

/// <summary>The registers of the eBPF machine.</summary>
public enum Register : byte
{
    /// <summary>Return value of helpers, functions and the program; scratch.</summary>
    R0 = 0,
    /// <summary>First argument; the context at entry; scratch.</summary>
    R1 = 1,
    /// <summary>Second argument; scratch.</summary>
    R2 = 2,
    /// <summary>Third argument; scratch.</summary>
    R3 = 3,
    /// <summary>Fourth argument; scratch.</summary>
    R4 = 4,
    /// <summary>Fifth argument; scratch.</summary>
    R5 = 5,
    /// <summary>Kept across calls.</summary>
    R6 = 6,
    /// <summary>Kept across calls.</summary>
    R7 = 7,
    /// <summary>Kept across calls.</summary>
    R8 = 8,
    /// <summary>Kept across calls.</summary>
    R9 = 9,
    /// <summary>The frame pointer: read-only, the stack is the 512 bytes below it.</summary>
    R10 = 10,
    /// <summary>
    /// The kernel's auxiliary register (<c>BPF_REG_AX</c>). No program may name it; the verifier's rewrites use it, so it
    /// shows up when translated instructions are read back.
    /// </summary>
    R11 = 11,
}
