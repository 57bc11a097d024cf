using Hornet.Btf;
using Hornet.Elf;
using Hornet.Maps;

namespace Hornet.Objects;

internal sealed partial class ObjectReader
{
    private const string ArenaSection = ".addr_space.1";

    /// <summary>The maps of data sections, by section.</summary>
    private readonly Dictionary<int, MapSpec> _dataMaps = [];

    private int _arenaSection = -1;

    private void ReadDataSections()
    {
        foreach (var section in _elf.Sections)
        {
            if (section.Size == 0) continue;
            if (section.Name == ArenaSection) ReadArena(section);
            else if (IsDataSection(section)) AddDataMap(section);
        }
    }

    private static bool IsDataSection(ElfSection section) =>
        section.Type is ElfSectionType.ProgramBits or ElfSectionType.NoBits
        && (IsPart(section.Name, ".data") || IsPart(section.Name, ".rodata") || IsPart(section.Name, ".bss"));

    private static bool IsPart(string name, string of) => name == of || (name.StartsWith(of, StringComparison.Ordinal) && name[of.Length] == '.');

    private MapSpec AddDataMap(ElfSection section)
    {
        if (section.Size > MaximumDataSize) throw Broken($"the section '{section.Name}' claims {section.Size} bytes");
        bool readOnly = (section.Flags & ElfSectionFlags.Write) == 0 || IsPart(section.Name, ".rodata");
        MapSpec map = new()
        {
            Name = section.Name,
            Type = MapType.Array,
            KeySize = 4,
            ValueSize = (uint)section.Size,
            MaxEntries = 1,
            Flags = MapFlags.Mmapable | (readOnly ? MapFlags.ReadOnlyProgram : 0),
            Freeze = readOnly,
        };
        if (section.Type != ElfSectionType.NoBits) map.Contents.Add((Key(0), Contents(section).ToArray()));
        if (_btf is not null && _btf.TryFind(section.Name, BtfKind.DataSection, out var types)) map.ValueTypeId = types.Id;
        AddMap(map);
        _dataMaps.Add(section.Index, map);
        ReadVariables(section, map.Name);
        if (_elf.Relocations(section).Count > 0)
            _remarks.Add($"the section '{section.Name}' holds addresses, which no loader can fill in: they stay zero");
        return map;
    }

    private void ReadVariables(ElfSection section, string map)
    {
        Dictionary<string, BtfSectionVariable> types = [];
        if (_btf is not null && _btf.TryFind(section.Name, BtfKind.DataSection, out var data))
        {
            foreach (var entry in data.Variables)
            {
                if (entry.Variable.Kind == BtfKind.Variable) types[entry.Variable.Name] = entry;
            }
        }
        foreach (var symbol in SymbolsOf(section))
        {
            if (symbol.Type is not (ElfSymbolType.Object or ElfSymbolType.None)) continue;
            bool known = types.TryGetValue(symbol.Name, out var type);
            ulong size = symbol.Size != 0 ? symbol.Size : known ? type.Size : 0;
            if (size == 0) continue;
            if (symbol.Value > section.Size || size > section.Size - symbol.Value)
                throw Broken($"the variable '{symbol.Name}' reaches beyond its section '{section.Name}'");
            _object.Variables.Add(new GlobalVariable
            {
                Name = symbol.Name,
                Map = map,
                Offset = (uint)symbol.Value,
                Size = (uint)size,
                BtfId = known ? type.VariableId : 0,
                Binding = symbol.Binding,
                Visibility = symbol.Visibility,
            });
        }
    }

    /// <summary>Variables in the memory that programs and user space share: they live in the object's one arena map.</summary>
    private void ReadArena(ElfSection section)
    {
        var arenas = _object.Maps.Where(m => m.Type == MapType.Arena).ToList();
        if (arenas.Count == 0) throw Broken($"it has arena variables (section {ArenaSection}) but no map of type BPF_MAP_TYPE_ARENA");
        if (arenas.Count > 1) throw Broken("it has several arenas, so its arena variables could be in any of them");
        _arenaSection = section.Index;
        _object.Arena = new ArenaData(arenas[0].Name, Contents(section).ToArray());
        ReadVariables(section, arenas[0].Name);
    }
}
