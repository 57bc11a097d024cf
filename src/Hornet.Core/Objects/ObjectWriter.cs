using System.Buffers.Binary;
using System.Text;
using Hornet.Btf;
using Hornet.Elf;
using Hornet.Maps;

namespace Hornet.Objects;

/// <summary>
/// Writes a <see cref="BpfObject"/> as an ELF object that any loader reads: what was resolved into names becomes symbols
/// and relocations again. Functions that programs share are written once.
/// </summary>
internal sealed partial class ObjectWriter
{
    private const uint Absolute64 = 2, Load64 = 1, Call32 = 10;

    private readonly BpfObject _object;
    private readonly BtfBuilder? _btf;
    private readonly ElfWriter _elf;

    /// <summary>Symbols in the order of their making; locals are numbered before the others when all are known.</summary>
    private readonly List<ElfSymbol> _symbols = [];

    /// <summary>The place in <see cref="_symbols"/> of what relocations refer to: a function, map, extern or section.</summary>
    private readonly Dictionary<(char Kind, string Name), int> _symbolOf = [];

    /// <summary>Relocations by section; the symbol is a place in <see cref="_symbols"/>.</summary>
    private readonly Dictionary<int, List<ElfRelocation>> _relocations = [];

    private readonly HashSet<string> _written = [ObjectReader.KconfigMap, ".ksyms"];

    private ObjectWriter(BpfObject spec)
    {
        _object = spec;
        bool needsTypes = spec.Maps.Any(m => !IsData(m) && !IsLegacy(m));
        _btf = spec.Btf is not null ? BtfBuilder.CopyOf(spec.Btf) : needsTypes ? new BtfBuilder() : null;
        _elf = new ElfWriter(ElfMachine.Bpf, spec.IsLittleEndian);
    }

    public static byte[] Write(BpfObject spec)
    {
        ObjectWriter writer = new(spec);
        writer.CollectFunctions();
        if (spec.License.Length > 0) writer.WriteWord("license", "_license", [.. Encoding.UTF8.GetBytes(spec.License), 0], 1);
        if (spec.KernelVersion != 0) writer.WriteWord("version", "_version", writer.Bytes(spec.KernelVersion), 4);
        writer.WriteExterns();
        writer.WriteDataSections();
        writer.WriteLegacyMaps();
        writer.WriteBtfMaps();
        writer.WriteCode();
        writer.WriteStructOps();
        writer.WriteTypes();
        return writer.Finish();
    }

    /// <summary>A section with one variable, called as the types call it.</summary>
    private void WriteWord(string section, string name, byte[] contents, ulong alignment)
    {
        int index = AddSection(section, ElfSectionFlags.Allocate | ElfSectionFlags.Write, contents, alignment);
        if (_object.Btf is { } btf && btf.TryFind(section, BtfKind.DataSection, out var types) && types.Count > 0) name = types.Variables[0].Variable.Name;
        _symbols.Add(new ElfSymbol { Name = name, Size = (ulong)contents.Length, Type = ElfSymbolType.Object, Binding = ElfSymbolBinding.Global, SectionIndex = (uint)index });
    }

    private int AddSection(string name, ElfSectionFlags flags, ReadOnlyMemory<byte> contents, ulong alignment = 8)
    {
        _written.Add(name);
        return _elf.AddSection(name, ElfSectionType.ProgramBits, flags, contents, alignment);
    }

    private void AddSymbol(char kind, string name, ElfSymbol symbol)
    {
        _symbolOf[(kind, name)] = _symbols.Count;
        _symbols.Add(symbol);
    }

    private void Relocate(int section, ulong offset, uint type, char kind, string name)
    {
        if (!_symbolOf.TryGetValue((kind, name), out int symbol)) throw new BpfException($"write {_object.Name}: something refers to '{name}', which the object does not have");
        if (!_relocations.TryGetValue(section, out var list)) _relocations.Add(section, list = []);
        list.Add(new ElfRelocation(offset, type, symbol, null));
    }

    private void WriteExterns()
    {
        // All of them, used or not: loaders expect a symbol for every external variable that the types describe.
        foreach (var external in _object.Externs)
        {
            AddSymbol('x', external.Name, new ElfSymbol { Name = external.Name, Binding = external.IsWeak ? ElfSymbolBinding.Weak : ElfSymbolBinding.Global });
        }
    }

    private bool IsData(MapSpec map) =>
        map.Name == ObjectReader.KconfigMap
        || (map is { Type: MapType.Array, KeySize: 4, MaxEntries: 1 } && (map.Name.StartsWith('.') || _object.Variables.Any(v => v.Map == map.Name)));

    private void WriteDataSections()
    {
        foreach (var map in _object.Maps)
        {
            if (!IsData(map) || map.Name == ObjectReader.KconfigMap) continue;
            byte[]? contents = map.Contents.Count > 0 ? map.Contents[0].Value as byte[] : null;
            var flags = ElfSectionFlags.Allocate | ((map.Flags & MapFlags.ReadOnlyProgram) == 0 ? ElfSectionFlags.Write : 0);
            bool empty = contents is null || !contents.AsSpan().ContainsAnyExcept((byte)0);
            bool isBss = map.Name == ".bss" || map.Name.StartsWith(".bss.", StringComparison.Ordinal);
            string name = map.Name;
            if (isBss && !empty)
            {
                // What began as .bss and was given values is data, and loaders know it only by such a name.
                name = ".data" + map.Name;
                if (_object.Btf?.TryFind(map.Name, BtfKind.DataSection, out var types) == true) _btf!.SetName(types.Id, name);
            }
            int section = contents is null || (isBss && empty)
                ? _elf.AddSection(name, ElfSectionType.NoBits, flags, default, 8, map.ValueSize)
                : AddSection(name, flags, contents);
            _written.Add(name);
            AddVariables(map.Name, map.Name, section);
        }
        if (_object.Arena is { } arena)
        {
            int section = AddSection(".addr_space.1", ElfSectionFlags.Allocate | ElfSectionFlags.Write, arena.Bytes);
            AddVariables(arena.Map, ".addr_space.1", section);
        }
    }

    private void AddVariables(string map, string section, int index)
    {
        AddSymbol('s', section, new ElfSymbol { Name = section, Type = ElfSymbolType.Section, SectionIndex = (uint)index });
        foreach (var variable in _object.Variables)
        {
            if (variable.Map != map) continue;
            _symbols.Add(new ElfSymbol
            {
                Name = variable.Name,
                Value = variable.Offset,
                Size = variable.Size,
                Type = ElfSymbolType.Object,
                Binding = variable.Binding,
                Visibility = variable.Visibility,
                SectionIndex = (uint)index,
            });
        }
    }

    private byte[] Bytes(params ReadOnlySpan<uint> words)
    {
        byte[] bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
        {
            if (_object.IsLittleEndian) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
            else BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * 4), words[i]);
        }
        return bytes;
    }

    private byte[] Finish()
    {
        int[] numbers = new int[_symbols.Count];
        foreach (bool local in (bool[])[true, false])
        {
            for (int i = 0; i < numbers.Length; i++)
            {
                if (_symbols[i].Binding == ElfSymbolBinding.Local == local) numbers[i] = _elf.AddSymbol(_symbols[i]);
            }
        }
        foreach (var (section, relocations) in _relocations)
            _elf.AddRelocations(section, [.. relocations.OrderBy(r => r.Offset).Select(r => r with { SymbolIndex = numbers[r.SymbolIndex] })]);
        return _elf.ToArray();
    }
}
