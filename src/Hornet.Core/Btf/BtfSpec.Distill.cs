namespace Hornet.Btf;

public sealed partial class BtfSpec
{
    /// <summary>
    /// Makes split BTF that outlives its base: a copy of this set over a <em>distilled</em> base, which has only the
    /// names, kinds and sizes of what this set refers to. <see cref="RelocateBase"/> puts it onto the base of another build later.
    /// It is what <c>pahole --btf_features=distilled_base</c> writes for modules, and what the kernel reads from them since 6.11:
    /// <see cref="RawData"/> of the result is the section <c>.BTF</c>, that of its <see cref="Base"/> is <c>.BTF.base</c>.
    /// </summary>
    /// <remarks>
    /// Types without a name that lie between (pointers, arrays, prototypes, anonymous structs), and typedefs, move into
    /// the copy, behind this set's own types, which keep their order.
    /// </remarks>
    /// <exception cref="InvalidOperationException">This set has no base.</exception>
    /// <exception cref="BpfFormatException">The types are malformed.</exception>
    public BtfSpec DistillBase() => BtfDistiller.Run(this, Base ?? throw NotSplit());

    /// <summary>
    /// Puts split BTF with a distilled base onto a real base: the kernel's, or another build's. Types are recognised by
    /// name and kind; ints, floats and enumerations by size too; structs and unions by size where there are several of the
    /// name, and where they lie by value inside a struct of this set. This set stays as it is.
    /// </summary>
    /// <param name="newBase">The base of the result, for instance <see cref="KernelBtf.Vmlinux"/>.</param>
    /// <exception cref="InvalidOperationException">This set has no base.</exception>
    /// <exception cref="BpfFormatException">The types are malformed, or the base is not a distilled one.</exception>
    /// <exception cref="BpfException">The new base has not got a type that this set needs, or has several that fit.</exception>
    public BtfSpec RelocateBase(BtfSpec newBase)
    {
        ArgumentNullException.ThrowIfNull(newBase);
        BtfSpec distilled = Base ?? throw NotSplit();
        if (distilled.Base is not null) throw Malformed("the base is split itself, so it is not a distilled one");
        return BtfBaseRelocator.Run(this, distilled, newBase);
    }

    /// <summary>The words of one of the own types' records, whatever the byte order.</summary>
    internal uint[] ReadRecord(uint id)
    {
        int offset = RecordOffset(id), length = RecordLength(id);
        int kind = (int)(U32(offset + 4) >> 24 & 0x7f);
        // Where in the record of an unknown kind the references are, nobody says.
        if (kind >= BtfKindExtensions.Count) throw Malformed($"type {id} is of kind {kind}, which is too new to be rewritten");
        var record = new uint[length / 4];
        for (int i = 0; i < record.Length; i++) record[i] = U32(offset + 4 * i);
        return record;
    }

    private InvalidOperationException NotSplit() => new($"{Name} is not split BTF: it has no base.");
}
