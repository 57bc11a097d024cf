namespace Hornet.Elf;

/// <summary>
/// An ELF file, 32 or 64 bits, either byte order: BPF objects, executables and libraries. Headers are read at once,
/// contents when asked for. Whatever is wrong with the bytes is a <see cref="BpfFormatException"/>.
/// </summary>
public sealed partial class ElfFile : IDisposable
{
    // The debug information of the largest programs is some hundred megabytes a section; it cannot be more than deflate can make
    // of the bytes in the file.
    private const ulong DecompressedLimit = 1 << 30;

    private readonly ElfSource _source;
    private readonly Dictionary<int, ReadOnlyMemory<byte>> _contents = [];
    private readonly Dictionary<int, ElfStringTable> _strings = [];

    private ElfFile(ElfSource source, string name)
    {
        _source = source;
        Name = name;
        var ident = source.Read(0, (ulong)Math.Min(source.Length, 64), name).Span;
        if (ident.Length < 16 || !ident.StartsWith("\u007fELF"u8))
            throw new BpfFormatException($"{name} is not an ELF file: it does not begin with 7f 45 4c 46");
        Is64Bit = ident[4] switch
        {
            1 => false,
            2 => true,
            _ => throw new BpfFormatException($"{name}: ELF class {ident[4]} is neither 32 nor 64 bits"),
        };
        IsLittleEndian = ident[5] switch
        {
            1 => true,
            2 => false,
            _ => throw new BpfFormatException($"{name}: ELF data encoding {ident[5]} is neither little nor big endian"),
        };
        var header = Bytes(ident, $"{name}: ELF header");
        Type = (ElfType)header.U16(16);
        Machine = (ElfMachine)header.U16(18);
        EntryPoint = header.Word(24);
        int w = Is64Bit ? 8 : 4;
        ulong segmentOffset = header.Word(24 + w), sectionOffset = header.Word(24 + 2 * w);
        int tail = 24 + 3 * w;
        Flags = header.U32(tail);
        Sections = ReadSections(sectionOffset, header.U16(tail + 10), header.U16(tail + 12), header.U16(tail + 14));
        Segments = ReadSegments(segmentOffset, header.U16(tail + 6), header.U16(tail + 8));
    }

    /// <summary>The path or name the file was opened with.</summary>
    public string Name { get; }

    /// <summary>64 bits rather than 32.</summary>
    public bool Is64Bit { get; }

    /// <summary>Little endian rather than big.</summary>
    public bool IsLittleEndian { get; }

    /// <summary>What the file is.</summary>
    public ElfType Type { get; }

    /// <summary>Whose machine code it holds.</summary>
    public ElfMachine Machine { get; }

    /// <summary>Where execution begins; 0 for none.</summary>
    public ulong EntryPoint { get; }

    /// <summary>Machine-specific flags. For BPF, the low four bits are the instruction set version since LLVM 20.</summary>
    public uint Flags { get; }

    /// <summary>The section headers, the empty one at index 0 included.</summary>
    public IReadOnlyList<ElfSection> Sections { get; }

    /// <summary>The program headers; none in relocatable objects.</summary>
    public IReadOnlyList<ElfSegment> Segments { get; }

    /// <summary>Opens a file. It stays open until disposed.</summary>
    /// <exception cref="BpfFormatException">It is not an ELF file, or a broken one.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ElfFile Open(string path) => Create(new ElfSource(path), path);

    /// <summary>Reads a file in memory. The bytes must not change as long as the result is used.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">A name for messages.</param>
    public static ElfFile Parse(ReadOnlyMemory<byte> bytes, string name) => Create(new ElfSource(bytes), name);

    /// <summary>The first section of that name; null when there is none.</summary>
    public ElfSection? FindSection(string name)
    {
        foreach (var section in Sections)
        {
            if (section.Name == name) return section;
        }
        return null;
    }

    /// <summary>A section's contents, decompressed. Empty for <see cref="ElfSectionType.NoBits"/>, which has only a size.</summary>
    public ReadOnlyMemory<byte> Read(ElfSection section)
    {
        if (section.Type is ElfSectionType.NoBits or ElfSectionType.Null) return default;
        if (_contents.TryGetValue(section.Index, out var bytes)) return bytes;
        string what = $"{Name}: section {section.Name}";
        bytes = _source.Read(section.Offset, section.Size, what);
        if ((section.Flags & ElfSectionFlags.Compressed) != 0)
        {
            bytes = ElfCompression.Decompress(Bytes(bytes.Span, what), Is64Bit, DecompressedLimit, what);
        }
        _contents[section.Index] = bytes;
        return bytes;
    }

    /// <summary>Where in the file the byte at a virtual address is; null when no loaded segment has it in the file.</summary>
    public ulong? FileOffset(ulong address)
    {
        foreach (var segment in Segments)
        {
            if (segment.IsLoaded && address >= segment.VirtualAddress && address - segment.VirtualAddress < segment.FileSize)
                return address - segment.VirtualAddress + segment.Offset;
        }
        return null;
    }

    /// <summary>Closes the file. Contents that were read stay valid.</summary>
    public void Dispose() => _source.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{Name} (ELF{(Is64Bit ? 64 : 32)} {(IsLittleEndian ? "little" : "big")} endian, {Machine}, {Type})";

    internal ElfBytes Bytes(ReadOnlySpan<byte> bytes, string what) => new(bytes, IsLittleEndian, Is64Bit, what);

    internal ElfStringTable Strings(uint sectionIndex)
    {
        if (sectionIndex >= (uint)Sections.Count) throw new BpfFormatException($"{Name}: no section {sectionIndex} for a string table");
        if (!_strings.TryGetValue((int)sectionIndex, out var table))
        {
            var section = Sections[(int)sectionIndex];
            _strings.Add(section.Index, table = new ElfStringTable(Read(section), $"{Name}: string table {section.Index}"));
        }
        return table;
    }

    private static ElfFile Create(ElfSource source, string name)
    {
        try
        {
            return new ElfFile(source, name);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private ElfSection[] ReadSections(ulong offset, ushort entrySize, uint count, uint namesIndex)
    {
        if (offset == 0) return [];
        int minimum = Is64Bit ? 64 : 40;
        if (entrySize < minimum) throw new BpfFormatException($"{Name}: section headers of {entrySize} bytes, expected {minimum}");
        string what = $"{Name}: section headers";
        var first = ReadSectionHeader(0, Bytes(_source.Read(offset, (ulong)minimum, what).Span, what));
        // Counts that do not fit 16 bits are in the first, otherwise empty header.
        ulong total = count == 0 ? first.Size : count;
        if (namesIndex == 0xffff) namesIndex = first.Link;
        if (total == 0 || total > (ulong)_source.Length / entrySize) throw new BpfFormatException($"{Name}: {total} section headers do not fit the file");
        var table = _source.Read(offset, total * entrySize, what);
        var sections = new ElfSection[total];
        for (int i = 0; i < sections.Length; i++)
        {
            sections[i] = ReadSectionHeader(i, Bytes(table.Span.Slice(i * entrySize, entrySize), what));
        }
        if (namesIndex == 0) return sections;
        if (namesIndex >= total) throw new BpfFormatException($"{Name}: no section {namesIndex} for section names");
        var names = sections[namesIndex];
        if (names.Type != ElfSectionType.StringTable) throw new BpfFormatException($"{Name}: section {namesIndex} should hold the section names but is no string table");
        var strings = new ElfStringTable(_source.Read(names.Offset, names.Size, $"{Name}: section names"), $"{Name}: section names");
        foreach (var section in sections) section.Name = strings.Get(section.NameOffset);
        return sections;
    }

    private ElfSection ReadSectionHeader(int index, ElfBytes header)
    {
        int w = Is64Bit ? 8 : 4;
        return new ElfSection(index)
        {
            NameOffset = header.U32(0),
            Type = (ElfSectionType)header.U32(4),
            Flags = (ElfSectionFlags)header.Word(8),
            Address = header.Word(8 + w),
            Offset = header.Word(8 + 2 * w),
            Size = header.Word(8 + 3 * w),
            Link = header.U32(8 + 4 * w),
            Info = header.U32(12 + 4 * w),
            Alignment = header.Word(16 + 4 * w),
            EntrySize = header.Word(16 + 5 * w),
        };
    }

    private ElfSegment[] ReadSegments(ulong offset, ushort entrySize, uint count)
    {
        if (offset == 0 || count == 0) return [];
        if (count == 0xffff && Sections.Count > 0) count = Sections[0].Info;
        int minimum = Is64Bit ? 56 : 32;
        if (entrySize < minimum) throw new BpfFormatException($"{Name}: program headers of {entrySize} bytes, expected {minimum}");
        string what = $"{Name}: program headers";
        var table = _source.Read(offset, (ulong)count * entrySize, what);
        var segments = new ElfSegment[count];
        for (int i = 0; i < segments.Length; i++)
        {
            var h = Bytes(table.Span.Slice(i * entrySize, entrySize), what);
            segments[i] = Is64Bit
                ? new ElfSegment(h.U32(0), h.U32(4), h.U64(8), h.U64(16), h.U64(32), h.U64(40), h.U64(48))
                : new ElfSegment(h.U32(0), h.U32(24), h.U32(4), h.U32(8), h.U32(16), h.U32(20), h.U32(28));
        }
        return segments;
    }
}
