using System.Buffers.Binary;
using Hornet.Btf;
using Hornet.Elf;
using Hornet.Maps;

namespace Hornet.Objects;

internal sealed partial class ObjectWriter
{
    private const ElfSectionFlags DataFlags = ElfSectionFlags.Allocate | ElfSectionFlags.Write;

    private uint _int;

    /// <summary>
    /// Definitions as before BTF: where there is no BTF and the map has nothing they could not say, and where the
    /// definition ends in bytes of another loader.
    /// </summary>
    private bool IsLegacy(MapSpec map) =>
        map.Type != MapType.StructOps && (map.LegacyExtra.Length > 0
            || (_object.Btf is null && map is { InnerMap: null, Extra: 0, Pinning: PinType.None, NumaNode: 0, Contents.Count: 0 }));

    private void WriteLegacyMaps()
    {
        var maps = _object.Maps.Where(m => !IsData(m) && IsLegacy(m)).ToList();
        if (maps.Count == 0) return;
        byte[] contents = [.. maps.SelectMany(m => (byte[])[.. Bytes((uint)m.Type, m.KeySize, m.ValueSize, m.MaxEntries, (uint)m.Flags), .. m.LegacyExtra])];
        int section = AddSection("maps", DataFlags, contents, alignment: 4);
        ulong offset = 0;
        foreach (var map in maps)
        {
            ulong size = 20 + (ulong)map.LegacyExtra.Length;
            AddSymbol('m', map.Name, new ElfSymbol { Name = map.Name, Value = offset, Size = size, Type = ElfSymbolType.Object, Binding = ElfSymbolBinding.Global, SectionIndex = (uint)section });
            offset += size;
        }
    }

    private void WriteBtfMaps()
    {
        var maps = _object.Maps.Where(m => !IsData(m) && !IsLegacy(m) && m.Type != MapType.StructOps).ToList();
        if (maps.Count == 0)
        {
            if (_object.Btf?.TryFind(".maps", BtfKind.DataSection, out _) == true) ReplaceDataSection(".maps", []);
            return;
        }
        List<(uint Variable, uint Offset, uint Size)> entries = [];
        List<(MapSpec Map, uint Offset, uint Values)> places = [];
        uint end = 0;
        foreach (var map in maps)
        {
            var (variable, size, values) = Definition(map);
            uint length = map.Contents.Where(c => c.Value is string).Select(c => values + (Index(c.Key) + 1) * 8).Append(size).Max();
            entries.Add((variable, end, length));
            places.Add((map, end, values));
            end = (end + length + 7) & ~7u;
        }
        int section = AddSection(".maps", DataFlags, new byte[end]);
        for (int i = 0; i < maps.Count; i++)
        {
            AddSymbol('m', maps[i].Name, new ElfSymbol { Name = maps[i].Name, Value = entries[i].Offset, Size = entries[i].Size, Type = ElfSymbolType.Object, Binding = ElfSymbolBinding.Global, SectionIndex = (uint)section });
        }
        ReplaceDataSection(".maps", entries);
        _mapValues.AddRange(places.SelectMany(p => p.Map.Contents.Where(c => c.Value is string).Select(c => (section, (ulong)(p.Offset + p.Values + Index(c.Key) * 8), (string)c.Value, p.Map.Type == MapType.ProgramArray))));
        foreach (var map in maps.Where(m => m.Contents.Any(c => c.Value is not string)))
            throw new BpfException($"write {_object.Name}: an object file cannot hold first contents of map '{map.Name}' other than maps and programs");
    }

    /// <summary>The elements of maps of maps and program arrays, whose symbols come later.</summary>
    private readonly List<(int Section, ulong Offset, string Name, bool IsProgram)> _mapValues = [];

    private uint Index(byte[] key) => _object.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(key) : BinaryPrimitives.ReadUInt32BigEndian(key);

    /// <summary>The variable that defines a map: the one it was read from when it still says the same, or a new one.</summary>
    private (uint Variable, uint Size, uint Values) Definition(MapSpec map)
    {
        if (_object.Btf is { } btf && btf.TryFind(".maps", BtfKind.DataSection, out var section))
        {
            foreach (var entry in section.Variables)
            {
                if (entry.Variable.Name != map.Name) continue;
                var type = entry.Variable.Target.Resolve();
                if (!Same(new MapDefinitions(_object.Name).Read(map.Name, entry.Variable), map)) break;
                return (entry.VariableId, type.Size, type.Members.Where(m => m.Name == "values").Select(m => m.ByteOffset).FirstOrDefault());
            }
        }
        var (definition, size, values) = DefinitionType(map);
        return (_btf!.AddVariable(map.Name, definition), size, values);
    }

    private static bool Same(MapSpec? one, MapSpec? other) => one is null || other is null
        ? one == other
        : (one.Type, one.KeySize, one.ValueSize, one.MaxEntries, one.Flags, one.Extra, one.NumaNode, one.KeyTypeId, one.ValueTypeId, one.Pinning)
            == (other.Type, other.KeySize, other.ValueSize, other.MaxEntries, other.Flags, other.Extra, other.NumaNode, other.KeyTypeId, other.ValueTypeId, other.Pinning)
            && Same(one.InnerMap, other.InnerMap);

    private (uint Type, uint Size, uint Values) DefinitionType(MapSpec map)
    {
        List<BtfMemberDefinition> members = [];
        void Add(string name, uint type) => members.Add(new BtfMemberDefinition(name, type, (uint)members.Count * 64));
        void AddNumber(string name, uint value)
        {
            if (value != 0) Add(name, _btf!.AddPointer(_btf.AddArray(Int, Int, value)));
        }
        void AddType(string name, uint typeId, uint size)
        {
            if (typeId != 0 && _object.Btf is { } btf && btf[typeId].ByteSize == size) Add(name, _btf!.AddPointer(typeId));
            else AddNumber(name + "_size", size);
        }
        AddNumber("type", (uint)map.Type);
        AddType("key", map.KeyTypeId, map.KeySize);
        AddType("value", map.ValueTypeId, map.ValueSize);
        AddNumber("max_entries", map.MaxEntries);
        AddNumber("map_flags", (uint)map.Flags);
        AddNumber("numa_node", map.NumaNode);
        AddNumber("pinning", (uint)map.Pinning);
        if (map.Extra > uint.MaxValue) Add("map_extra", _btf!.AddEnum64("", 8, false, ($"__map_extra_{map.Name}", (long)map.Extra)));
        else AddNumber("map_extra", (uint)map.Extra);
        uint size = (uint)members.Count * 8, values = size;
        if (map.InnerMap is not null)
        {
            var (inner, _, _) = DefinitionType(map.InnerMap);
            Add("values", _btf!.AddArray(_btf.AddPointer(inner), Int, 0));
        }
        else if (map.Type == MapType.ProgramArray && map.Contents.Count > 0)
        {
            Add("values", _btf!.AddArray(_btf.AddPointer(_btf.AddPrototype(Int, ("", _btf.AddPointer(0)))), Int, 0));
        }
        return (_btf!.AddStruct("", size, [.. members]), size, values);
    }

    private uint Int
    {
        get
        {
            if (_int != 0) return _int;
            return _int = _object.Btf is { } btf && btf.TryFind("int", BtfKind.Int, out var type) ? type.Id : _btf!.AddInt("int", 4, BtfIntEncoding.Signed);
        }
    }

    /// <summary>
    /// Says which variables a section has. A section with another number of them is a new type; the old one, whose id is
    /// taken, becomes a struct of the same length that nobody refers to.
    /// </summary>
    private void ReplaceDataSection(string name, List<(uint Variable, uint Offset, uint Size)> entries)
    {
        uint size = entries.Count == 0 ? 0 : entries[^1].Offset + entries[^1].Size;
        if (_object.Btf is { } btf && btf.TryFind(name, BtfKind.DataSection, out var section))
        {
            if (section.Count == entries.Count)
            {
                _btf!.SetDataSectionVariables(section.Id, entries.ToArray());
                _btf.SetSize(section.Id, size);
                return;
            }
            ObjectBtf.Retire(_btf!, section);
        }
        if (entries.Count > 0) _btf!.AddDataSection(name, size, entries.ToArray());
    }

    private void WriteStructOps()
    {
        foreach (var (section, offset, name, isProgram) in _mapValues) Relocate(section, offset, Absolute64, isProgram ? 'f' : 'm', name);
        foreach (var group in _object.Maps.Where(m => m.Type == MapType.StructOps).GroupBy(m => (m.AutoCreate ? "" : "?") + ((m.Flags & MapFlags.Link) != 0 ? ".struct_ops.link" : ".struct_ops")))
        {
            List<(uint Variable, uint Offset, uint Size)> entries = [];
            List<byte> contents = [];
            foreach (var map in group)
            {
                if (_object.Btf is not { } btf) throw new BpfException($"write {_object.Name}: the table '{map.Name}' needs types, and the object has none");
                while (contents.Count % 8 != 0) contents.Add(0);
                var variable = btf.FindAll(map.Name).ToList().FirstOrDefault(t => t.Kind == BtfKind.Variable);
                uint id = variable != default ? variable.Id : _btf!.AddVariable(map.Name, map.ValueTypeId);
                entries.Add((id, (uint)contents.Count, map.ValueSize));
                contents.AddRange(map.Contents is [(_, byte[] bytes), ..] ? bytes : new byte[map.ValueSize]);
            }
            int section = AddSection(group.Key, DataFlags, contents.ToArray());
            int i = 0;
            foreach (var map in group)
            {
                var (_, offset, size) = entries[i++];
                AddSymbol('m', map.Name, new ElfSymbol { Name = map.Name, Value = offset, Size = size, Type = ElfSymbolType.Object, Binding = ElfSymbolBinding.Global, SectionIndex = (uint)section });
                foreach (var (member, program) in map.StructOpsPrograms)
                {
                    var at = _object.Btf![map.ValueTypeId].Members.FirstOrDefault(m => m.Name == member);
                    if (at.Name != member) throw new BpfException($"write {_object.Name}: '{map.Name}' has no member '{member}'");
                    Relocate(section, offset + at.ByteOffset, Absolute64, 'f', program);
                }
            }
            ReplaceDataSection(group.Key, entries);
        }
    }
}
