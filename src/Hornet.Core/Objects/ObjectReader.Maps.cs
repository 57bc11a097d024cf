using System.Buffers.Binary;
using Hornet.Btf;
using Hornet.Elf;
using Hornet.Maps;

namespace Hornet.Objects;

internal sealed partial class ObjectReader
{
    /// <summary>The size of what every legacy definition begins with: type, key size, value size, max_entries, flags.</summary>
    private const int LegacyDefinitionSize = 20;

    /// <summary>Maps by the section and offset of their definition.</summary>
    private readonly Dictionary<(int Section, ulong Offset), MapSpec> _mapAt = [];

    private void ReadMaps()
    {
        foreach (var section in _elf.Sections)
        {
            if (section.Name is "maps" || section.Name.StartsWith("maps/", StringComparison.Ordinal)) ReadLegacyMaps(section);
        }
        if (_elf.FindSection(".maps") is { } maps) ReadBtfMaps(maps);
    }

    /// <summary>Definitions as structs in a data section, as loaders before BTF had them.</summary>
    private void ReadLegacyMaps(ElfSection section)
    {
        var symbols = SymbolsOf(section);
        if (symbols.Count == 0) throw Broken($"the section '{section.Name}' has no symbols that would name its maps");
        byte[] bytes = Contents(section).ToArray();
        for (int i = 0; i < symbols.Count; i++)
        {
            var symbol = symbols[i];
            if (i > 0 && symbols[i - 1].Value == symbol.Value) throw Broken($"the maps '{symbols[i - 1].Name}' and '{symbol.Name}' are at the same place");
            ulong end = i + 1 < symbols.Count ? symbols[i + 1].Value : section.Size;
            if (symbol.Size > 0 && symbol.Size < end - symbol.Value) end = symbol.Value + symbol.Size;
            if (end > (ulong)bytes.Length || symbol.Value + LegacyDefinitionSize > end)
                throw Broken($"the definition of map '{symbol.Name}' has {end - Math.Min(end, symbol.Value)} bytes, expected {LegacyDefinitionSize} or more");
            var definition = bytes.AsSpan((int)symbol.Value, (int)(end - symbol.Value));
            MapSpec map = new()
            {
                Name = symbol.Name,
                Type = (MapType)U32(definition),
                KeySize = U32(definition[4..]),
                ValueSize = U32(definition[8..]),
                MaxEntries = U32(definition[12..]),
                Flags = (MapFlags)U32(definition[16..]),
                LegacyExtra = definition[LegacyDefinitionSize..].ToArray(),
            };
            AddMap(map);
            _mapAt.Add((section.Index, symbol.Value), map);
        }
        // Without a symbol a definition cannot be named; a static one lost it to the compiler.
        if (symbols[0].Value != 0) throw Broken($"the first definition in the section '{section.Name}' has no symbol. Do not declare maps static");
        ulong size = symbols.Count > 1 ? symbols[1].Value : symbols[0].Size;
        if (size > 0 && symbols[^1].Size > 0 && symbols[^1].Value + symbols[^1].Size < section.Size)
            throw Broken($"a definition in the section '{section.Name}' has no symbol. Do not declare maps static");
    }

    private void ReadBtfMaps(ElfSection section)
    {
        if (_btf is null || !_btf.TryFind(".maps", BtfKind.DataSection, out var types))
            throw Broken("the section '.maps' is described by no BTF. Compile with -g");
        if (Contents(section).Span.ContainsAnyExcept((byte)0))
            throw Broken("a definition in the section '.maps' has initial values that mean nothing there; only its 'values' can be given");
        var symbols = SymbolsOf(section).ToLookup(s => s.Name);
        MapDefinitions definitions = new(_name);
        foreach (var entry in types.Variables)
        {
            var variable = entry.Variable;
            if (variable.Kind != BtfKind.Variable) throw Broken("the BTF of the section '.maps' holds something that is no variable");
            string name = variable.Name;
            // The compiler leaves the offsets to the linker; the symbols have them.
            ElfSymbol? symbol = symbols[name].Cast<ElfSymbol?>().FirstOrDefault();
            ulong offset = symbol?.Value ?? entry.Offset;
            var map = definitions.Read(name, variable);
            AddMap(map);
            if (!_mapAt.TryAdd((section.Index, offset), map)) throw Broken($"the map '{name}' is at the same place as another");
            _btfMaps.Add((offset, map, variable.Target.Resolve()));
        }
    }

    private ReadOnlyMemory<byte> Contents(ElfSection section)
    {
        if (section.Type != ElfSectionType.NoBits) return _elf.Read(section);
        if (section.Size > MaximumDataSize) throw Broken($"the section '{section.Name}' claims {section.Size} bytes");
        return new byte[section.Size];
    }

    private uint U32(ReadOnlySpan<byte> bytes) =>
        _elf.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private byte[] Key(uint index)
    {
        byte[] key = new byte[4];
        if (_elf.IsLittleEndian) BinaryPrimitives.WriteUInt32LittleEndian(key, index);
        else BinaryPrimitives.WriteUInt32BigEndian(key, index);
        return key;
    }

    /// <summary>BTF maps, for their <c>values</c>: where the definition is, and its struct.</summary>
    private readonly List<(ulong Offset, MapSpec Map, BtfType Definition)> _btfMaps = [];

    /// <summary>The <c>values</c> of maps of maps and program arrays: names, given as relocations of <c>.maps</c>.</summary>
    private void ReadMapContents()
    {
        if (_elf.FindSection(".maps") is not { } section) return;
        foreach (var relocation in _elf.Relocations(section).OrderBy(r => r.Offset))
        {
            var (offset, map, definition) = _btfMaps.LastOrDefault(m => m.Offset <= relocation.Offset);
            if (map is null) throw Broken($"a relocation at {relocation.Offset} of '.maps' belongs to no map");
            ulong inside = relocation.Offset - offset;
            var values = definition.Members.Cast<BtfMember?>().FirstOrDefault(m => m!.Value.Name == "values");
            if (values is null || inside < values.Value.ByteOffset || inside >= definition.Size + MaximumDataSize)
                throw Broken($"map '{map.Name}': a pointer in its definition at {inside} is not in 'values'");
            ulong index = (inside - values.Value.ByteOffset) / 8;
            if (index > uint.MaxValue) throw Broken($"map '{map.Name}': the index {index} is too large");
            var symbol = _elf.Symbols[relocation.SymbolIndex];
            map.Contents.Add((Key((uint)index), ValueName(map, symbol)));
        }
    }

    private string ValueName(MapSpec map, ElfSymbol symbol)
    {
        if (map.Type == MapType.ProgramArray)
        {
            if (symbol.IsInSection && FunctionAt((int)symbol.SectionIndex, symbol.Value) is { } function) return function.Name;
            throw Broken($"map '{map.Name}': its element '{symbol.Name}' is no program");
        }
        if (symbol.IsInSection && _mapAt.TryGetValue(((int)symbol.SectionIndex, symbol.Value), out var inner)) return inner.Name;
        throw Broken($"map '{map.Name}': its element '{symbol.Name}' is no map");
    }
}
