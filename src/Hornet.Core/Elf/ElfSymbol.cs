namespace Hornet.Elf;

/// <summary>A symbol.</summary>
public readonly record struct ElfSymbol
{
    /// <summary>Its number in the table, to which relocations refer.</summary>
    public int Index { get; init; }

    /// <summary>The name, without a version; a section symbol's is empty in the file and here the section's.</summary>
    public string Name { get; init; }

    /// <summary>The version of a dynamic symbol (<c>GLIBC_2.34</c>); null for none.</summary>
    public string? Version { get; init; }

    /// <summary>Whether programs that ask for no version get this one (<c>foo@@VER</c>, not <c>foo@VER</c>).</summary>
    public bool IsDefaultVersion { get; init; }

    /// <summary>An address, or in relocatable objects the offset in the section.</summary>
    public ulong Value { get; init; }

    /// <summary>Bytes; 0 when not recorded.</summary>
    public ulong Size { get; init; }

    /// <summary>What it stands for.</summary>
    public ElfSymbolType Type { get; init; }

    /// <summary>Who sees it.</summary>
    public ElfSymbolBinding Binding { get; init; }

    /// <summary>How far it is visible.</summary>
    public ElfSymbolVisibility Visibility { get; init; }

    /// <summary>The section it is in: 0 undefined, 0xfff1 absolute, 0xfff2 common.</summary>
    public uint SectionIndex { get; init; }

    /// <summary>Whether it is only referred to, not defined.</summary>
    public bool IsUndefined => SectionIndex == 0;

    /// <summary>Whether it lies in a section of the file.</summary>
    public bool IsInSection => SectionIndex is > 0 and < AbsoluteSection or > 0xffff;

    internal const uint AbsoluteSection = 0xfff1;
    internal const uint CommonSection = 0xfff2;
}

/// <summary>A relocation: put the symbol's value (plus addend) at the offset, in the way the type says.</summary>
/// <param name="Offset">Where, in bytes from the beginning of the relocated section.</param>
/// <param name="Type">How; the numbers belong to the machine.</param>
/// <param name="SymbolIndex">Of which symbol.</param>
/// <param name="Addend">The explicit addend of RELA tables; null when it is at the relocated place.</param>
public readonly record struct ElfRelocation(ulong Offset, uint Type, int SymbolIndex, long? Addend);

/// <summary>A note: an entry of a <c>SHT_NOTE</c> section or a <c>PT_NOTE</c> segment.</summary>
/// <param name="Owner">Who defined it: <c>GNU</c>, <c>stapsdt</c>.</param>
/// <param name="Type">The owner's number for the kind of note.</param>
/// <param name="Description">The contents, in the file's byte order.</param>
public readonly record struct ElfNote(string Owner, uint Type, ReadOnlyMemory<byte> Description);
