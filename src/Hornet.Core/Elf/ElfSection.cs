namespace Hornet.Elf;

/// <summary>A section header. The contents come from <see cref="ElfFile.Read(ElfSection)"/>.</summary>
public sealed class ElfSection
{
    internal ElfSection(int index) => Index = index;

    /// <summary>The number of the section.</summary>
    public int Index { get; }

    /// <summary>The name.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>What it holds.</summary>
    public ElfSectionType Type { get; internal init; }

    /// <summary>Its attributes.</summary>
    public ElfSectionFlags Flags { get; internal init; }

    /// <summary>The virtual address; 0 in relocatable objects.</summary>
    public ulong Address { get; internal init; }

    /// <summary>Where the contents begin in the file.</summary>
    public ulong Offset { get; internal init; }

    /// <summary>Bytes in the file, or in memory for <see cref="ElfSectionType.NoBits"/>. Compressed sections count as stored.</summary>
    public ulong Size { get; internal init; }

    /// <summary>Another section's number, by type: a symbol table's strings, a relocation table's symbols.</summary>
    public uint Link { get; internal init; }

    /// <summary>More by type: a relocation table's target section, a symbol table's first global.</summary>
    public uint Info { get; internal init; }

    /// <summary>Alignment in bytes; 0 and 1 mean none.</summary>
    public ulong Alignment { get; internal init; }

    /// <summary>Bytes per entry of tables; 0 elsewhere.</summary>
    public ulong EntrySize { get; internal init; }

    internal uint NameOffset { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"[{Index}] {Name} {Type} ({Size} bytes)";
}

/// <summary>A program header: a piece of the file as it is mapped into memory.</summary>
/// <param name="Type">What it is (<c>p_type</c>): 1 is loaded, 2 dynamic linking, 4 notes.</param>
/// <param name="Flags">1 execute, 2 write, 4 read.</param>
/// <param name="Offset">Where it begins in the file.</param>
/// <param name="VirtualAddress">Where it is mapped.</param>
/// <param name="FileSize">Bytes in the file.</param>
/// <param name="MemorySize">Bytes in memory; the rest is zeroes.</param>
/// <param name="Alignment">The alignment in bytes.</param>
public sealed record ElfSegment(uint Type, uint Flags, ulong Offset, ulong VirtualAddress, ulong FileSize, ulong MemorySize, ulong Alignment)
{
    /// <summary>Mapped into memory (<c>PT_LOAD</c>).</summary>
    public bool IsLoaded => Type == 1;

    /// <summary>Mapped executable.</summary>
    public bool IsExecutable => (Flags & 1) != 0;
}
