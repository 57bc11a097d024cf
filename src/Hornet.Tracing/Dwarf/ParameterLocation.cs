namespace Hornet.Tracing.Dwarf;

/// <summary>What kind of place a piece of a parameter is in when a function begins.</summary>
public enum ParameterPlace
{
    /// <summary>A register for integers and pointers, by its number among those for arguments: 0 is <c>rdi</c>, <c>x0</c>.</summary>
    General,
    /// <summary>A register for floating point numbers and vectors: 0 is <c>xmm0</c>, <c>v0</c>. BPF programs cannot read it.</summary>
    Vector,
    /// <summary>On the stack, in bytes from the stack pointer at the first instruction.</summary>
    Stack,
}

/// <summary>Where a piece of a parameter is when a function begins.</summary>
/// <param name="Place">What kind of place.</param>
/// <param name="Index">The number of the register, or bytes from the stack pointer.</param>
/// <param name="Offset">Where the piece is in the value, in bytes.</param>
/// <param name="Size">Bytes of the piece.</param>
public readonly record struct ParameterPiece(ParameterPlace Place, int Index, int Offset, int Size);

/// <summary>
/// Where a parameter is when a function begins, by the calling convention: System V on x86-64, AAPCS64 on arm64. What compilers
/// do to functions that only they call (<c>.isra</c>, <c>.constprop</c>) is not in it.
/// </summary>
/// <param name="Pieces">
/// The pieces: one for numbers and pointers, up to four for small structs, none for what takes no room and for machines whose
/// convention is not known here.
/// </param>
/// <param name="IsIndirect">The place holds the address of the value: large structs on arm64, objects with destructors in C++.</param>
public readonly record struct ParameterLocation(IReadOnlyList<ParameterPiece> Pieces, bool IsIndirect)
{
    /// <summary>The number of the argument register, as <c>argN</c> counts; null when it is not in exactly one.</summary>
    public int? ArgumentRegister => Pieces is [{ Place: ParameterPlace.General } piece] ? piece.Index : null;

    /// <summary>Bytes from the stack pointer at the first instruction; null when it is not wholly on the stack.</summary>
    public int? StackOffset => Pieces is [{ Place: ParameterPlace.Stack } piece] ? piece.Index : null;
}
