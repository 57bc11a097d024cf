using Hornet.Compiler.IR;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

/// <summary>Where a value that is no number lies.</summary>
internal abstract record Place
{
    /// <summary>The same, so many bytes further.</summary>
    public abstract Place At(int offset);

    /// <summary>The same, as a place of bytes that others left there: what is behind the end of a text is anything.</summary>
    public Place Foreign(ScriptType type) => this is MemoryPlace { IsPadded: true } memory && type is StringType ? memory with { IsPadded = false } : this;
}

/// <summary>Memory that the program reads directly.</summary>
/// <param name="Pointer">Its address.</param>
/// <param name="Offset">Bytes from there.</param>
/// <param name="Align">What the place is a multiple of, as far as it is known.</param>
/// <param name="IsPadded">Whether all bytes are defined, zeros behind the end of texts.</param>
internal sealed record MemoryPlace(Value Pointer, int Offset, int Align, bool IsPadded) : Place
{
    public override Place At(int offset) => offset == 0 ? this : this with { Offset = Offset + offset, Align = Alignments.At(Align, offset) };
}

/// <summary>Memory that is read with a helper.</summary>
/// <param name="Address">The address, 64 bits or a pointer that only helpers follow.</param>
/// <param name="Offset">Bytes from there.</param>
/// <param name="IsUser">Whether it is the process's.</param>
internal sealed record RemotePlace(Value Address, long Offset, bool IsUser) : Place
{
    public override Place At(int offset) => this with { Offset = Offset + offset };
}

/// <summary>What is known of addresses.</summary>
internal static class Alignments
{
    /// <summary>The alignment of a place so many bytes behind an aligned one.</summary>
    public static int At(int align, int offset)
    {
        while (align > 1 && offset % align != 0) align /= 2;
        return align;
    }
}
