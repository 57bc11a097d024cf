using Hornet.Btf;
using Hornet.Elf;
using Hornet.Maps;

namespace Hornet.Objects;

internal sealed partial class ObjectReader
{
    /// <summary>Tables of functions for the kernel: where each is, and its struct.</summary>
    private readonly List<(ElfSection Section, ulong Offset, MapSpec Map, BtfType Struct)> _structOps = [];

    private static bool IsStructOps(string section) => section.TrimStart('?') is ".struct_ops" or ".struct_ops.link";

    private void ReadStructOps()
    {
        foreach (var section in _elf.Sections)
        {
            if (!IsStructOps(section.Name)) continue;
            if (_btf is null || !_btf.TryFind(section.Name, BtfKind.DataSection, out var types))
                throw Broken($"the section '{section.Name}' is described by no BTF. Compile with -g");
            var symbols = SymbolsOf(section).ToLookup(s => s.Name);
            byte[] bytes = Contents(section).ToArray();
            foreach (var entry in types.Variables)
            {
                string name = entry.Variable.Name;
                var type = entry.Variable.Target.Resolve();
                if (type.Kind != BtfKind.Struct || type.IsAnonymous) throw Broken($"'{name}' in the section '{section.Name}' is no named struct");
                ulong offset = symbols[name].Cast<ElfSymbol?>().FirstOrDefault()?.Value ?? entry.Offset;
                if (offset > (ulong)bytes.Length || type.Size > (ulong)bytes.Length - offset) throw Broken($"'{name}' reaches beyond its section '{section.Name}'");
                MapSpec map = new()
                {
                    Name = name,
                    Type = MapType.StructOps,
                    KeySize = 4,
                    ValueSize = type.Size,
                    MaxEntries = 1,
                    Flags = section.Name.EndsWith(".link", StringComparison.Ordinal) ? MapFlags.Link : 0,
                    ValueTypeId = type.Id,
                    StructOpsType = type.EssentialName,
                    AutoCreate = !section.Name.StartsWith('?'),
                };
                map.Contents.Add((Key(0), bytes.AsSpan((int)offset, (int)type.Size).ToArray()));
                AddMap(map);
                _structOps.Add((section, offset, map, type));
            }
        }
    }

    /// <summary>The functions of the tables, given as relocations.</summary>
    private void ReadStructOpsPrograms()
    {
        foreach (var section in _elf.Sections)
        {
            if (!IsStructOps(section.Name)) continue;
            foreach (var relocation in _elf.Relocations(section))
            {
                var (_, offset, map, type) = _structOps.FirstOrDefault(s => s.Section == section && relocation.Offset >= s.Offset && relocation.Offset - s.Offset < s.Struct.Size);
                if (map is null) throw Broken($"a pointer at {relocation.Offset} of the section '{section.Name}' is in no variable");
                ulong inside = relocation.Offset - offset;
                var member = type.Members.Cast<BtfMember?>().FirstOrDefault(m => m!.Value.ByteOffset == inside)
                    ?? throw Broken($"'{map.Name}' has a pointer at {inside}, where {map.StructOpsType} has no member");
                var symbol = _elf.Symbols[relocation.SymbolIndex];
                ulong target = symbol.Value;
                if (symbol.Type == ElfSymbolType.Section)
                {
                    var bytes = _elf.Bytes(_elf.Read(section).Span, _name);
                    target += relocation.Addend is { } addend ? (ulong)addend : bytes.U64((int)relocation.Offset);
                }
                if (!symbol.IsInSection || FunctionAt((int)symbol.SectionIndex, target) is not { } function)
                    throw Broken($"'{map.Name}.{member.Name}' points to '{symbol.Name}', which is no program");
                map.StructOpsPrograms[member.Name] = function.Name;
            }
        }
    }
}
