namespace Hornet.Btf;

/// <summary>What a relocation comes to in one set of types.</summary>
/// <param name="Value">The number for the instruction.</param>
/// <param name="AccessSize">Bytes that a load or store of the field takes; 0 when it does not matter.</param>
/// <param name="AccessType">The type behind <paramref name="AccessSize"/>.</param>
/// <param name="IsCertain">Whether the compiler must have come to the same number for its own types, so that the instruction can be checked.</param>
/// <param name="Is32">
/// Whether it is of a 32-bit enumeration, whose sign older compilers and kernels do not record: it is sign-extended here, as
/// libbpf does, and zero-extended when that is what the compiler did.
/// </param>
internal readonly record struct CoreValue(ulong Value, uint AccessSize = 0, BtfType AccessType = default, bool IsCertain = true, bool Is32 = false)
{
    /// <summary>The value for a path that was found.</summary>
    /// <exception cref="BpfFormatException">The question makes no sense for what was found.</exception>
    public static CoreValue Of(CoreRelocationKind kind, BtfType root, long bitOffset, CoreAccessor last) => kind switch
    {
        CoreRelocationKind.FieldExists or CoreRelocationKind.TypeExists or CoreRelocationKind.TypeMatches or CoreRelocationKind.EnumValueExists => new(1),
        // The compiler's type ids may have been changed by a linker since.
        CoreRelocationKind.TypeIdLocal or CoreRelocationKind.TypeIdTarget => new(root.Id, IsCertain: false),
        CoreRelocationKind.TypeSize => new((ulong)root.ByteSize),
        CoreRelocationKind.EnumValue when last.Type.Kind == BtfKind.Enum => new((ulong)(int)last.Type.Values[last.Index].Value, Is32: true),
        CoreRelocationKind.EnumValue => new((ulong)last.Type.Values[last.Index].Value),
        _ => last.IsNamed ? Member(kind, bitOffset, last.Member) : Element(kind, bitOffset, last.Type),
    };

    /// <summary>The value when nothing was found; null when there is none, and the instruction must not be reached.</summary>
    public static CoreValue? OfMissing(CoreRelocationKind kind) =>
        kind.IsTypeBased() || kind is CoreRelocationKind.FieldExists or CoreRelocationKind.EnumValueExists ? new(0) : null;

    private static CoreValue Element(CoreRelocationKind kind, long bitOffset, BtfType element) => kind switch
    {
        CoreRelocationKind.FieldByteOffset => new((ulong)bitOffset / 8, ElementSize(element), element),
        CoreRelocationKind.FieldByteSize => new((ulong)element.ByteSize),
        _ => throw element.Spec.Malformed($"<{kind.Describe()}> is asked of an array element ({element})"),
    };

    private static CoreValue Member(CoreRelocationKind kind, long bitOffset, BtfMember member)
    {
        BtfType type = member.Type.Resolve();
        bool bitfield = member.BitfieldSize != 0;
        long bits, size, offset;
        if (bitfield)
        {
            // The smallest aligned word that holds the field, beginning with the declared type's size.
            bits = member.BitfieldSize;
            size = type.Size;
            if (size is not (1 or 2 or 4 or 8)) throw type.Spec.Malformed($"a bitfield of type {type}");
            offset = bitOffset / 8 / size * size;
            while (bitOffset + bits - offset * 8 > size * 8)
            {
                if (size >= 8) throw type.Spec.Malformed($"bitfield '{member.Name}' does not fit a 64-bit word");
                size *= 2;
                offset = bitOffset / 8 / size * size;
            }
        }
        else
        {
            size = type.ByteSize;
            offset = bitOffset / 8;
            bits = size * 8;
        }
        return kind switch
        {
            CoreRelocationKind.FieldByteOffset when bitfield => new((ulong)offset, IsCertain: false),
            CoreRelocationKind.FieldByteOffset => new((ulong)offset, ElementSize(type), type),
            CoreRelocationKind.FieldByteSize => new((ulong)size, IsCertain: !bitfield),
            CoreRelocationKind.FieldSigned => new(type.IsSigned ? 1u : 0),
            CoreRelocationKind.FieldLeftShift64 => new((ulong)(type.Spec.IsBigEndian
                ? (8 - size) * 8 + (bitOffset - offset * 8)
                : 64 - (bitOffset + bits - offset * 8)), IsCertain: !bitfield),
            CoreRelocationKind.FieldRightShift64 => new((ulong)(64 - bits)),
            _ => throw type.Spec.Malformed($"<{kind.Describe()}> is asked of a field"),
        };
    }

    /// <summary>Of an array, a load takes one element.</summary>
    private static uint ElementSize(BtfType type)
    {
        for (int depth = 0; depth < BtfSpec.MaxDepth; depth++)
        {
            type = type.Resolve();
            if (type.Kind != BtfKind.Array) return (uint)type.ByteSize;
            type = type.Target;
        }
        throw type.Spec.Malformed($"type {type.Id} is nested too deeply");
    }
}
