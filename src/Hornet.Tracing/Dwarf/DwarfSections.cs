using Hornet.Elf;

namespace Hornet.Tracing.Dwarf;

/// <summary>The debug sections of a file, or of one unit of a package of split units. Read when first asked for.</summary>
internal sealed class DwarfSections
{
    private readonly ElfFile? _file;
    private readonly string _suffix;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _contents = [];

    /// <summary>The sections of a file.</summary>
    /// <param name="file">The file; it must stay open.</param>
    /// <param name="split">Whether the sections are those of split units (<c>.debug_info.dwo</c>).</param>
    public DwarfSections(ElfFile file, bool split)
    {
        if (file.Type == ElfType.Relocatable && !split)
            throw new BpfFormatException($"{file.Name} is a relocatable object, whose debug information has no addresses yet");
        (_file, _suffix, Name, LittleEndian) = (file, split ? ".dwo" : "", file.Name, file.IsLittleEndian);
    }

    private DwarfSections(DwarfSections package, string name)
    {
        (_file, _suffix, Name, LittleEndian) = (null, "", name, package.LittleEndian);
    }

    public string Name { get; }

    public bool LittleEndian { get; }

    public ReadOnlyMemory<byte> Info => Get(".debug_info");

    public ReadOnlyMemory<byte> Types => Get(".debug_types");

    public ReadOnlyMemory<byte> Abbreviations => Get(".debug_abbrev");

    public ReadOnlyMemory<byte> Strings => Get(".debug_str");

    public ReadOnlyMemory<byte> LineStrings => Get(".debug_line_str");

    public ReadOnlyMemory<byte> StringOffsets => Get(".debug_str_offsets");

    public ReadOnlyMemory<byte> Addresses => Get(".debug_addr");

    public ReadOnlyMemory<byte> RangeLists => Get(".debug_rnglists");

    public ReadOnlyMemory<byte> Ranges => Get(".debug_ranges");

    public ReadOnlyMemory<byte> Lines => Get(".debug_line");

    public ReadOnlyMemory<byte> UnitRanges => Get(".debug_aranges");

    /// <summary>A section's contents, decompressed; empty when the file has none of that name.</summary>
    public ReadOnlyMemory<byte> Get(string name)
    {
        if (_contents.TryGetValue(name, out var bytes)) return bytes;
        bytes = _file is null ? default : Read(_file, name + _suffix);
        _contents[name] = bytes;
        return bytes;
    }

    /// <summary>The contents of all sections of a name: split units are not linked, and each type may have a section of its own.</summary>
    private static ReadOnlyMemory<byte> Read(ElfFile file, string name)
    {
        ReadOnlyMemory<byte> first = default;
        List<ReadOnlyMemory<byte>>? all = null;
        foreach (var section in file.Sections)
        {
            if (section.Name != name) continue;
            var contents = file.Read(section);
            if (first.IsEmpty) first = contents;
            else (all ??= [first]).Add(contents);
        }
        if (all is null) return first;
        long total = all.Sum(c => (long)c.Length);
        if (total > int.MaxValue) throw new BpfFormatException($"{file.Name}: the sections {name} have {total} bytes together");
        byte[] joined = new byte[total];
        int at = 0;
        foreach (var contents in all)
        {
            contents.CopyTo(joined.AsMemory(at));
            at += contents.Length;
        }
        return joined;
    }

    /// <summary>A section that has no counterpart of split units, by its whole name.</summary>
    public ReadOnlyMemory<byte> GetWhole(string name) => _file?.FindSection(name) is { } section ? _file.Read(section) : default;

    /// <summary>The same sections, of which some are only the piece that belongs to one unit of a package.</summary>
    public DwarfSections Slice(string name, ReadOnlySpan<(string Section, ReadOnlyMemory<byte> Piece)> pieces)
    {
        DwarfSections result = new(this, name);
        foreach (var (section, piece) in pieces) result._contents[section] = piece;
        result._contents.TryAdd(".debug_str", Strings);
        return result;
    }
}
