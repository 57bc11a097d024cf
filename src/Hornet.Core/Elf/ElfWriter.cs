using System.Buffers.Binary;
using System.Text;

namespace Hornet.Elf;

/// <summary>Writes a 64-bit relocatable object. Sections come out in the order they were added.</summary>
public sealed class ElfWriter
{
    private const int HeaderSize = 64, SectionHeaderSize = 64, SymbolSize = 24, RelocationSize = 16;

    private readonly List<Section> _sections = [new("", ElfSectionType.Null, 0, default, 0, 0)];
    private readonly List<ElfSymbol> _symbols = [default(ElfSymbol) with { Name = "" }];
    private readonly bool _littleEndian;
    private readonly ElfMachine _machine;
    private readonly uint _flags;

    /// <summary>Begins an empty object.</summary>
    public ElfWriter(ElfMachine machine, bool littleEndian = true, uint flags = 0)
    {
        _machine = machine;
        _littleEndian = littleEndian;
        _flags = flags;
    }

    /// <summary>Adds a section and returns its number.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">What it holds.</param>
    /// <param name="flags">Its attributes.</param>
    /// <param name="contents">Its bytes; none for <see cref="ElfSectionType.NoBits"/>.</param>
    /// <param name="alignment">The alignment in bytes.</param>
    /// <param name="size">The size of <see cref="ElfSectionType.NoBits"/>.</param>
    public int AddSection(string name, ElfSectionType type, ElfSectionFlags flags, ReadOnlyMemory<byte> contents, ulong alignment = 8, ulong size = 0)
    {
        _sections.Add(new Section(name, type, flags, contents, alignment, type == ElfSectionType.NoBits ? size : (ulong)contents.Length));
        return _sections.Count - 1;
    }

    /// <summary>Adds a symbol and returns a number that relocations can use. Locals must be added before the others.</summary>
    public int AddSymbol(ElfSymbol symbol)
    {
        if (symbol.Binding == ElfSymbolBinding.Local && _symbols[^1].Binding != ElfSymbolBinding.Local)
            throw new InvalidOperationException("local symbols come before global ones");
        _symbols.Add(symbol);
        return _symbols.Count - 1;
    }

    /// <summary>Adds relocations of a section.</summary>
    public void AddRelocations(int section, IReadOnlyList<ElfRelocation> relocations)
    {
        if (relocations.Count == 0) return;
        byte[] bytes = new byte[relocations.Count * RelocationSize];
        for (int i = 0; i < relocations.Count; i++)
        {
            var at = bytes.AsSpan(i * RelocationSize);
            U64(at, relocations[i].Offset);
            U64(at[8..], (ulong)relocations[i].SymbolIndex << 32 | relocations[i].Type);
        }
        _sections.Add(new Section(".rel" + _sections[section].Name, ElfSectionType.Relocations, ElfSectionFlags.InfoLink, bytes, 8, (ulong)bytes.Length)
        {
            Info = (uint)section,
            EntrySize = RelocationSize,
        });
    }

    /// <summary>Puts the object together.</summary>
    public byte[] ToArray()
    {
        List<Section> sections = [.. _sections];
        StringTable strings = new();
        byte[] symbols = new byte[_symbols.Count * SymbolSize];
        for (int i = 0; i < _symbols.Count; i++) WriteSymbol(symbols.AsSpan(i * SymbolSize), _symbols[i], strings);
        int firstGlobal = _symbols.FindIndex(s => s.Binding != ElfSymbolBinding.Local);
        uint symbolTable = (uint)sections.Count, stringTable = symbolTable + 1;
        foreach (var section in sections) section.NameOffset = strings.Add(section.Name);
        sections.Add(new Section(".symtab", ElfSectionType.SymbolTable, 0, symbols, 8, (ulong)symbols.Length)
        {
            Link = stringTable,
            Info = (uint)(firstGlobal < 0 ? _symbols.Count : firstGlobal),
            EntrySize = SymbolSize,
            NameOffset = strings.Add(".symtab"),
        });
        uint strtab = strings.Add(".strtab");
        byte[] stringBytes = strings.ToArray();
        sections.Add(new Section(".strtab", ElfSectionType.StringTable, 0, stringBytes, 1, (ulong)stringBytes.Length) { NameOffset = strtab });

        if (sections.Count >= 0xff00) throw new InvalidOperationException($"{sections.Count} sections are more than an object can number");
        long offset = HeaderSize;
        foreach (var section in sections)
        {
            if (section.Type == ElfSectionType.Relocations) section.Link = symbolTable;
            if (section.Alignment > 1) offset = (offset + (long)section.Alignment - 1) & -(long)section.Alignment;
            section.Offset = section.Type == ElfSectionType.Null ? 0 : offset;
            offset += section.Contents.Length;
        }
        long headers = (offset + 7) & ~7L;
        byte[] file = new byte[headers + sections.Count * SectionHeaderSize];
        WriteHeader(file, (ulong)headers, sections.Count);
        for (int i = 0; i < sections.Count; i++)
        {
            sections[i].Contents.Span.CopyTo(file.AsSpan((int)sections[i].Offset));
            WriteSectionHeader(file.AsSpan((int)headers + i * SectionHeaderSize), sections[i]);
        }
        return file;
    }

    private void WriteHeader(Span<byte> at, ulong sectionHeaders, int count)
    {
        "\u007fELF"u8.CopyTo(at);
        at[4] = 2;
        at[5] = (byte)(_littleEndian ? 1 : 2);
        at[6] = 1;
        U16(at[16..], (ushort)ElfType.Relocatable);
        U16(at[18..], (ushort)_machine);
        U32(at[20..], 1);
        U64(at[40..], sectionHeaders);
        U32(at[48..], _flags);
        U16(at[52..], HeaderSize);
        U16(at[58..], SectionHeaderSize);
        U16(at[60..], (ushort)count);
        U16(at[62..], (ushort)(count - 1));
    }

    private void WriteSectionHeader(Span<byte> at, Section section)
    {
        U32(at, section.NameOffset);
        U32(at[4..], (uint)section.Type);
        U64(at[8..], (ulong)section.Flags);
        U64(at[24..], (ulong)section.Offset);
        U64(at[32..], section.Size);
        U32(at[40..], section.Link);
        U32(at[44..], section.Info);
        U64(at[48..], section.Alignment);
        U64(at[56..], section.EntrySize);
    }

    private void WriteSymbol(Span<byte> at, ElfSymbol symbol, StringTable strings)
    {
        U32(at, symbol.Type == ElfSymbolType.Section ? 0 : strings.Add(symbol.Name));
        at[4] = (byte)((int)symbol.Binding << 4 | (int)symbol.Type & 15);
        at[5] = (byte)symbol.Visibility;
        U16(at[6..], (ushort)symbol.SectionIndex);
        U64(at[8..], symbol.Value);
        U64(at[16..], symbol.Size);
    }

    private void U16(Span<byte> at, ushort value)
    {
        if (_littleEndian) BinaryPrimitives.WriteUInt16LittleEndian(at, value);
        else BinaryPrimitives.WriteUInt16BigEndian(at, value);
    }

    private void U32(Span<byte> at, uint value)
    {
        if (_littleEndian) BinaryPrimitives.WriteUInt32LittleEndian(at, value);
        else BinaryPrimitives.WriteUInt32BigEndian(at, value);
    }

    private void U64(Span<byte> at, ulong value)
    {
        if (_littleEndian) BinaryPrimitives.WriteUInt64LittleEndian(at, value);
        else BinaryPrimitives.WriteUInt64BigEndian(at, value);
    }

    private sealed class Section(string name, ElfSectionType type, ElfSectionFlags flags, ReadOnlyMemory<byte> contents, ulong alignment, ulong size)
    {
        public string Name => name;
        public ElfSectionType Type => type;
        public ElfSectionFlags Flags => flags;
        public ReadOnlyMemory<byte> Contents => contents;
        public ulong Alignment => alignment;
        public ulong Size => size;
        public uint NameOffset { get; set; }
        public long Offset { get; set; }
        public uint Link { get; set; }
        public uint Info { get; init; }
        public ulong EntrySize { get; init; }
    }

    private sealed class StringTable
    {
        private readonly List<byte> _out = [0];
        private readonly Dictionary<string, uint> _offsets = new() { [""] = 0 };

        public uint Add(string text)
        {
            if (_offsets.TryGetValue(text, out uint offset)) return offset;
            offset = (uint)_out.Count;
            _out.AddRange(Encoding.UTF8.GetBytes(text));
            _out.Add(0);
            _offsets.Add(text, offset);
            return offset;
        }

        public byte[] ToArray() => [.. _out];
    }
}
