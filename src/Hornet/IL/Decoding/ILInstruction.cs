using System.Reflection.Metadata;

namespace Hornet.IL.Decoding;

/// <summary>
/// One IL instruction in its general form: <c>ldloc.0</c> and <c>ldloc.s 0</c> are both <c>ldloc</c> with operand 0, and
/// short branches are long ones whose operand is the target's offset.
/// </summary>
/// <param name="Offset">Where it begins, in bytes from the method's start.</param>
/// <param name="Next">Where the next one begins.</param>
/// <param name="OpCode">The operation, normalised.</param>
/// <param name="Operand">A constant, an index, a metadata token, or the offset of the branch target.</param>
/// <param name="Targets">The targets of a <c>switch</c>.</param>
internal readonly record struct ILInstruction(int Offset, int Next, ILOpCode OpCode, long Operand, int[]? Targets = null)
{
    /// <summary>The operand as an index or an offset.</summary>
    public int Index => (int)Operand;

    /// <summary>Whether the operand is the offset of a branch target (<c>switch</c> has <see cref="Targets"/> instead).</summary>
    public bool IsBranch => OpCode is (>= ILOpCode.Br and <= ILOpCode.Blt_un) or ILOpCode.Leave;

    /// <summary>Whether control never comes to the next instruction by itself.</summary>
    public bool EndsControl => OpCode is ILOpCode.Br or ILOpCode.Leave or ILOpCode.Ret or ILOpCode.Throw or ILOpCode.Rethrow
        or ILOpCode.Endfinally or ILOpCode.Endfilter or ILOpCode.Jmp;

    /// <summary>Whether a block ends after this instruction.</summary>
    public bool EndsBlock => IsBranch || EndsControl || OpCode == ILOpCode.Switch;

    /// <inheritdoc/>
    public override string ToString() =>
        $"IL_{Offset:x4} {OpCode.ToString().ToLowerInvariant().Replace('_', '.')}{(IsBranch ? $" IL_{Operand:x4}" : Operand != 0 ? $" {Operand}" : "")}";
}
