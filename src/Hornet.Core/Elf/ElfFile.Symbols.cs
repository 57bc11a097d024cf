using System.Collections;

namespace Hornet.Elf;

public sealed partial class ElfFile
{
    private ElfSymbolTable? _symbols;
    private ElfSymbolTable? _dynamicSymbols;

    /// <summary>The linker's symbols (<c>.symtab</c>); empty in stripped files.</summary>
    public ElfSymbolTable Symbols => _symbols ??= ElfSymbolTable.Read(this, ElfSectionType.SymbolTable);

    /// <summary>The dynamic linker's symbols (<c>.dynsym</c>).</summary>
    public ElfSymbolTable DynamicSymbols => _dynamicSymbols ??= ElfSymbolTable.Read(this, ElfSectionType.DynamicSymbols);

    /// <summary>The relocations of a section, in the order of the file. Several tables for one section are joined.</summary>
    public IReadOnlyList<ElfRelocation> Relocations(ElfSection section)
    {
        List<ElfRelocation>? result = null;
        foreach (var table in Sections)
        {
            bool explicitAddend = table.Type == ElfSectionType.RelocationsWithAddend;
            if ((!explicitAddend && table.Type != ElfSectionType.Relocations) || table.Info != (uint)section.Index) continue;
            string what = $"{Name}: relocations of {section.Name}";
            var bytes = Bytes(Read(table).Span, what);
            int w = Is64Bit ? 8 : 4, size = explicitAddend ? 3 * w : 2 * w;
            if (bytes.Length % size != 0) throw new BpfFormatException($"{what}: {bytes.Length} bytes are no whole number of {size}-byte entries");
            result ??= new List<ElfRelocation>(bytes.Length / size);
            for (int at = 0; at < bytes.Length; at += size)
            {
                ulong info = bytes.Word(at + w);
                uint symbol = Is64Bit ? (uint)(info >> 32) : (uint)info >> 8;
                uint type = Is64Bit ? (uint)info : (uint)info & 0xff;
                if (symbol >= (uint)Symbols.Count) throw new BpfFormatException($"{what}: no symbol {symbol}");
                long? addend = !explicitAddend ? null : Is64Bit ? (long)bytes.U64(at + 16) : (int)bytes.U32(at + 8);
                result.Add(new ElfRelocation(bytes.Word(at), type, (int)symbol, addend));
            }
        }
        return result ?? (IReadOnlyList<ElfRelocation>)[];
    }
}

/// <summary>A symbol table. Symbols are decoded when they are asked for.</summary>
public sealed class ElfSymbolTable : IReadOnlyList<ElfSymbol>
{
    private readonly ElfFile _file;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly ReadOnlyMemory<byte> _sectionIndices;
    private readonly ElfStringTable? _strings;
    private readonly ElfVersions? _versions;
    private readonly int _entrySize;
    private readonly string _what;

    private ElfSymbolTable(ElfFile file, ElfSection? section)
    {
        _file = file;
        _entrySize = file.Is64Bit ? 24 : 16;
        _what = $"{file.Name}: symbols";
        if (section is null) return;
        _bytes = file.Read(section);
        _strings = file.Strings(section.Link);
        Count = _bytes.Length / _entrySize;
        foreach (var other in file.Sections)
        {
            if (other.Type == ElfSectionType.SymbolSectionIndices && other.Link == (uint)section.Index) _sectionIndices = file.Read(other);
        }
        if (section.Type == ElfSectionType.DynamicSymbols) _versions = ElfVersions.Read(file);
    }

    /// <summary>The number of symbols, the empty one at index 0 included.</summary>
    public int Count { get; }

    /// <summary>The symbol of that number.</summary>
    public ElfSymbol this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var bytes = Entry(index);
            bool wide = _file.Is64Bit;
            byte info = bytes.U8(wide ? 4 : 12), other = bytes.U8(wide ? 5 : 13);
            uint section = bytes.U16(wide ? 6 : 14);
            if (section == 0xffff && !_sectionIndices.IsEmpty) section = _file.Bytes(_sectionIndices.Span, _what).U32(index * 4);
            var type = (ElfSymbolType)(info & 15);
            string name = _strings!.Get(bytes.U32(0));
            if (type == ElfSymbolType.Section && name.Length == 0 && section < (uint)_file.Sections.Count) name = _file.Sections[(int)section].Name;
            var (version, isDefault) = _versions?.Of(index) ?? default;
            return new ElfSymbol
            {
                Index = index,
                Name = name,
                Version = version,
                IsDefaultVersion = isDefault,
                Value = wide ? bytes.U64(8) : bytes.U32(4),
                Size = wide ? bytes.U64(16) : bytes.U32(8),
                Type = type,
                Binding = (ElfSymbolBinding)(info >> 4),
                Visibility = (ElfSymbolVisibility)(other & 3),
                SectionIndex = section,
            };
        }
    }

    /// <inheritdoc/>
    public IEnumerator<ElfSymbol> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static ElfSymbolTable Read(ElfFile file, ElfSectionType type)
    {
        foreach (var section in file.Sections)
        {
            if (section.Type == type) return new ElfSymbolTable(file, section);
        }
        return new ElfSymbolTable(file, null);
    }

    /// <summary>The name of a symbol as it is in the file, without decoding it.</summary>
    internal ReadOnlySpan<byte> NameBytes(int index) => _strings!.Bytes(Entry(index).U32(0));

    /// <summary>The names' bytes, into which <see cref="RawAt"/> points.</summary>
    internal ReadOnlyMemory<byte> StringBytes => _strings?.All ?? default;

    /// <summary>A symbol without its name decoded, for whoever reads a whole table.</summary>
    internal (uint NameOffset, ulong Value, ulong Size, ElfSymbolType Type, ElfSymbolBinding Binding, uint SectionIndex) RawAt(int index)
    {
        var bytes = Entry(index);
        bool wide = _file.Is64Bit;
        byte info = bytes.U8(wide ? 4 : 12);
        return (bytes.U32(0), wide ? bytes.U64(8) : bytes.U32(4), wide ? bytes.U64(16) : bytes.U32(8), (ElfSymbolType)(info & 15), (ElfSymbolBinding)(info >> 4), bytes.U16(wide ? 6 : 14));
    }

    internal ElfSymbolType TypeOf(int index) => (ElfSymbolType)(Entry(index).U8(_file.Is64Bit ? 4 : 12) & 15);

    private ElfBytes Entry(int index) => _file.Bytes(_bytes.Span.Slice(index * _entrySize, _entrySize), _what);
}
