using Hornet.Isa;

namespace Hornet.Programs;

/// <summary>A program as it is in the kernel: what the verifier made of it, and the machine code of that.</summary>
/// <param name="Name">The whole name, from its BTF; the kernel's 15 bytes where it has none.</param>
/// <param name="Instructions">
/// The translated instructions: with what the verifier rewrote and inlined, and the names of maps, functions and helpers,
/// and the source lines, where the kernel tells them. They are to be read, not to be loaded again.
/// </param>
/// <param name="Functions">The machine code, one entry for each function; empty when the program is interpreted.</param>
public sealed record ProgramDump(string Name, IReadOnlyList<Instruction> Instructions, IReadOnlyList<JitedFunction> Functions);

/// <summary>The machine code of one function.</summary>
/// <param name="Name">Its name: from BTF, or made from the program's.</param>
/// <param name="Address">Where it is in the kernel.</param>
/// <param name="Code">The code.</param>
/// <param name="Lines">Where source lines begin in it; empty without line information.</param>
public sealed record JitedFunction(string Name, ulong Address, ReadOnlyMemory<byte> Code, IReadOnlyList<JitedLine> Lines);

/// <summary>A place in machine code and the source it comes from.</summary>
/// <param name="Offset">Bytes from the function's beginning.</param>
/// <param name="Source">The source line.</param>
public readonly record struct JitedLine(int Offset, SourceLine Source);
