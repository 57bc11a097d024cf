using Hornet.Script.Types;

namespace Hornet.Script.Syntax.C;

/// <summary>Where members lie, as gcc and clang place them on x86-64 and arm64.</summary>
internal static class CLayout
{
    /// <summary>Gives members their places.</summary>
    /// <param name="members">The members.</param>
    /// <param name="isUnion">Whether they lie upon one another.</param>
    /// <param name="packed">Whether nothing is aligned that does not ask for it.</param>
    /// <param name="alignment">The least alignment of the whole.</param>
    /// <param name="packing">The greatest alignment of a member, of <c>#pragma pack</c>; 0 for none.</param>
    public static (int Size, int Alignment) Lay(List<CMember> members, bool isUnion, bool packed, int alignment, int packing)
    {
        long bit = 0, end = 0;
        int whole = Math.Max(1, alignment);
        foreach (var member in members)
        {
            if (isUnion) bit = 0;
            int own = Alignment(member, packed, packing);
            if (member.Bits < 0)
            {
                bit = Align(bit, own * 8L);
                member.BitOffset = bit;
                bit += member.Type.Size * 8L;
                whole = Math.Max(whole, own);
            }
            else bit = LayBits(member, bit, own, packed, ref whole);
            end = Math.Max(end, bit);
        }
        long size = Align((end + 7) / 8, whole);
        return ((int)Math.Min(size, int.MaxValue), whole);
    }

    /// <summary>The fields as the language reads them.</summary>
    public static IReadOnlyList<CompositeField> Fields(List<CMember> members, int size)
    {
        List<CompositeField> fields = new(members.Count);
        foreach (var member in members)
        {
            var type = member.Type.ToScript();
            if (member.Bits < 0)
            {
                if (member.Name.Length > 0 || type is CompositeType) fields.Add(new CompositeField(member.Name, type, (int)member.Offset) { MayLackZero = type is StringType });
            }
            else if (member.Name.Length > 0 && member.Bits > 0) fields.Add(Bitfield(member, type, size));
        }
        return fields;
    }

    // Of the unit as wide as the declared type where that lies inside; a packed one may begin anywhere.
    private static CompositeField Bitfield(CMember member, ScriptType type, int size)
    {
        int unit = Math.Max(1, member.Type.Size) * 8;
        long start = member.BitOffset / unit * unit;
        if (member.BitOffset - start + member.Bits > unit || start + unit > size * 8L) start = member.BitOffset / 8 * 8;
        return new CompositeField(member.Name, type, (int)(start / 8), (int)(member.BitOffset - start), member.Bits);
    }

    private static long LayBits(CMember member, long bit, int own, bool packed, ref int whole)
    {
        int unit = member.Type.Size * 8;
        if (member.Bits == 0)
        {
            // The next one begins a new unit, also in a packed struct.
            member.BitOffset = Align(bit, Math.Max(member.Type.Alignment, member.Alignment) * 8L);
            return member.BitOffset;
        }
        bool free = packed || member.IsPacked;
        if (member.Alignment > 0) bit = Align(bit, member.Alignment * 8L);
        // It must not lie across two units of its type.
        else if (!free && bit / unit != (bit + member.Bits - 1) / unit) bit = Align(bit, own * 8L);
        member.BitOffset = bit;
        if (member.Name.Length > 0) whole = Math.Max(whole, free ? Math.Max(1, member.Alignment) : own);
        return bit + member.Bits;
    }

    private static int Alignment(CMember member, bool packed, int packing)
    {
        int natural = packed || member.IsPacked ? 1 : member.Type.Alignment;
        int own = Math.Max(Math.Max(1, natural), member.Alignment);
        return packing > 0 ? Math.Min(own, packing) : own;
    }

    private static long Align(long value, long alignment) => (value + alignment - 1) / alignment * alignment;
}
