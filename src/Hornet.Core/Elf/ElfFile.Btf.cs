using Hornet.Btf;

namespace Hornet.Elf;

public sealed partial class ElfFile
{
    /// <summary>
    /// The file's types (<c>.BTF</c>); null when it has none. A kernel module's are split: over <paramref name="baseSpec"/>, which
    /// must be the build it was made for, unless the file brings a distilled base (<c>.BTF.base</c>; 6.11). Then they are
    /// relocated onto <paramref name="baseSpec"/>, of whatever build, and without one they stay over the distilled base.
    /// </summary>
    /// <param name="baseSpec">The types of the kernel, for a module; null for BPF objects and others that are whole.</param>
    /// <exception cref="BpfFormatException">The types are malformed.</exception>
    /// <exception cref="BpfException">The types do not fit <paramref name="baseSpec"/>; see <see cref="BtfSpec.RelocateBase"/>.</exception>
    public BtfSpec? ReadBtf(BtfSpec? baseSpec = null)
    {
        if (FindSection(".BTF") is not { Size: > 0 } types) return null;
        if (FindSection(".BTF.base") is not { Size: > 0 } distilled) return BtfSpec.Parse(Read(types), baseSpec, Name);
        var split = BtfSpec.Parse(Read(types), BtfSpec.Parse(Read(distilled), null, $"{Name} (distilled base)"), Name);
        return baseSpec is null ? split : split.RelocateBase(baseSpec);
    }
}
