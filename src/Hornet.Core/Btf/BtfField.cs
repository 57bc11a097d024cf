namespace Hornet.Btf;

/// <summary>A member found by name and where it lies, through any anonymous structs and unions between.</summary>
/// <param name="Member">The member itself, in the struct that declares it.</param>
/// <param name="BitOffset">Bits from the beginning of the type that was searched.</param>
public readonly record struct BtfField(BtfMember Member, long BitOffset)
{
    // A hostile set can nest the same anonymous struct many times over; no real one comes near.
    private const int MaxSteps = 1 << 20;

    /// <summary>The member's type.</summary>
    public BtfType Type => Member.Type;

    /// <summary>Bytes from the beginning of the type that was searched.</summary>
    public long ByteOffset => BitOffset / 8;

    /// <summary>The width of a bitfield in bits; 0 for an ordinary member.</summary>
    public int BitfieldSize => Member.BitfieldSize;

    internal static bool TryFind(BtfType composite, ReadOnlySpan<byte> name, out BtfField field)
    {
        int steps = 0;
        return TryFind(composite, name, 0, 0, ref steps, out field);
    }

    private static bool TryFind(BtfType composite, ReadOnlySpan<byte> name, long offset, int depth, ref int steps, out BtfField field)
    {
        if (depth > BtfSpec.MaxDepth) throw composite.Spec.Malformed($"type {composite.Id} is nested too deeply");
        foreach (var member in composite.Members)
        {
            if (++steps > MaxSteps) throw composite.Spec.Malformed($"type {composite.Id} has too many members");
            ReadOnlySpan<byte> candidate = member.NameBytes;
            if (candidate.IsEmpty)
            {
                if (TryFind(member.Type.Resolve(), name, offset + member.BitOffset, depth + 1, ref steps, out field)) return true;
            }
            else if (candidate.SequenceEqual(name))
            {
                field = new BtfField(member, offset + member.BitOffset);
                return true;
            }
        }
        field = default;
        return false;
    }
}
