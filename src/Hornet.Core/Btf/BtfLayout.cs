namespace Hornet.Btf;

/// <summary>
/// Alignment as a C compiler would compute it, remembered per type. BTF does not record alignment, nor that a struct is
/// packed: both are concluded from sizes and offsets.
/// </summary>
internal sealed class BtfLayout
{
    private readonly Dictionary<BtfType, int> _known = [];

    public int AlignmentOf(BtfType type) => AlignmentOf(type, 0);

    /// <summary>Whether only <c>__attribute__((packed))</c> explains the offsets and the size.</summary>
    public bool IsPacked(BtfType composite)
    {
        int alignment = 1;
        foreach (var member in composite.Members)
        {
            int natural = AlignmentOf(member.Type);
            alignment = Math.Max(alignment, natural);
            if (member.BitfieldSize == 0 ? member.BitOffset % (8u * (uint)natural) != 0 : Crosses(member)) return true;
        }
        return composite.Size % (uint)alignment != 0;
    }

    // Only in a packed struct does a bitfield lie across a boundary of its own type.
    private static bool Crosses(BtfMember member)
    {
        uint unit = member.Type.Resolve().Size * 8;
        return unit != 0 && member.BitOffset / unit != (member.BitOffset + (uint)member.BitfieldSize - 1) / unit;
    }

    private int AlignmentOf(BtfType type, int depth)
    {
        type = type.Resolve();
        if (_known.TryGetValue(type, out int known)) return known;
        if (depth > 2 * BtfSpec.MaxDepth) throw type.Spec.Malformed($"type {type.Id} is nested too deeply");
        int alignment = type.Kind switch
        {
            BtfKind.Int or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Float => Scalar(type),
            BtfKind.Pointer => type.Spec.PointerSize,
            BtfKind.Array => AlignmentOf(type.Target, depth + 1),
            BtfKind.Struct or BtfKind.Union => Composite(type, depth),
            _ => 1,
        };
        _known[type] = alignment;
        return alignment;
    }

    // Wider integers (__int128) would be aligned to 16; compilers for BPF targets and libbpf take the pointer's size.
    private static int Scalar(BtfType type) => (int)Math.Clamp(type.Size, 1, (uint)type.Spec.PointerSize);

    private int Composite(BtfType type, int depth)
    {
        // A struct cannot contain itself; when hostile BTF says so, the inner one counts for 1 and the walk ends.
        _known[type] = 1;
        int alignment = 1;
        foreach (var member in type.Members)
        {
            int natural = AlignmentOf(member.Type, depth + 1);
            if (member.BitfieldSize == 0 ? member.BitOffset % (8u * (uint)natural) != 0 : Crosses(member)) return 1;
            alignment = Math.Max(alignment, natural);
        }
        return type.Size % (uint)alignment == 0 ? alignment : 1;
    }
}
