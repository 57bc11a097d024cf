using Hornet.Btf;

namespace Hornet.Objects;

/// <summary>
/// What an object file says about an instruction beside its bytes: the records of <c>.BTF.ext</c>. Travels in
/// <see cref="Isa.InstructionMetadata.Tag"/>, so that it stays with its instruction however programs are linked and edited.
/// </summary>
internal sealed record InstructionOrigin
{
    /// <summary>The function that begins here, in the object's BTF; 0 for none.</summary>
    public uint FunctionTypeId { get; init; }

    /// <summary>The line of source, as offsets into the strings of the object's BTF.</summary>
    public BtfLineInfo? Line { get; init; }

    /// <summary>What to adjust to the running kernel's types.</summary>
    public CoreRelocation? Relocation { get; init; }
}
