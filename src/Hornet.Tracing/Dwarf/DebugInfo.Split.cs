using Hornet.Elf;

namespace Hornet.Tracing.Dwarf;

public sealed partial class DebugInfo
{
    /// <summary>The units that the compiler left in files of their own: each a file, or all in one package.</summary>
    private void AddSplitImages(List<DwarfImage> images)
    {
        SplitPackage? package = null;
        bool packageSought = false;
        foreach (var skeleton in _main.Units)
        {
            // Only the first entry is read; a unit without attributes of a skeleton costs nothing more.
            if (skeleton.Type is UnitType.Type or UnitType.Partial || skeleton.SplitFile is not { } split) continue;
            if (!packageSought)
            {
                packageSought = true;
                if (DebugFiles.FindPackage(BinaryPath, DebugPath, _folders) is { } file)
                {
                    _opened.Add(file);
                    package = SplitPackage.Read(file);
                }
            }
            if (package?.Find(split.Id, skeleton) is { } packed)
            {
                images.Add(packed);
                continue;
            }
            List<string> looked = [];
            if (DebugFiles.FindSplit(BinaryPath, split.Name, split.Folder, _folders, looked) is not { } apart)
            {
                _missing.Add($"the split unit {split.Name} was not found ({string.Join(", ", looked)})");
                continue;
            }
            _opened.Add(apart);
            DwarfImage image = new(new DwarfSections(apart, split: true), null, skeleton);
            bool same = image.Units.Any(u => u.Type == UnitType.SplitCompile ? u.Id == split.Id : u.Version < 5);
            if (same) images.Add(image);
            else _missing.Add($"{apart.Name} belongs to another build of {BinaryPath}");
        }
    }

    /// <summary>A package of split units (<c>.dwp</c>): sections of all, and an index that says which pieces are whose.</summary>
    private sealed class SplitPackage
    {
        private const uint InfoSection = 1, TypesSection = 2, AbbreviationSection = 3, LineSection = 4, StringOffsetSection = 6, RangeListSection = 8;

        private readonly DwarfSections _sections;
        private readonly Dictionary<ulong, (string, ReadOnlyMemory<byte>)[]> _units, _types;
        private readonly Dictionary<ulong, DwarfUnit?> _typeUnits = [];

        private SplitPackage(DwarfSections sections)
        {
            _sections = sections;
            _units = ReadIndex(".debug_cu_index");
            _types = ReadIndex(".debug_tu_index");
        }

        public static SplitPackage Read(ElfFile file) => new(new DwarfSections(file, split: true));

        public DwarfImage? Find(ulong id, DwarfUnit skeleton) => _units.TryGetValue(id, out var pieces)
            ? new DwarfImage(_sections.Slice(_sections.Name, pieces), null, skeleton) { Elsewhere = signature => FindType(signature, skeleton) }
            : null;

        private DwarfUnit? FindType(ulong signature, DwarfUnit skeleton)
        {
            if (_typeUnits.TryGetValue(signature, out var unit)) return unit;
            unit = _types.TryGetValue(signature, out var pieces)
                ? new DwarfImage(_sections.Slice(_sections.Name, pieces), null, skeleton) { Elsewhere = other => FindType(other, skeleton) }.FindSignature(signature)
                : null;
            return _typeUnits[signature] = unit;
        }

        private Dictionary<ulong, (string, ReadOnlyMemory<byte>)[]> ReadIndex(string name)
        {
            Dictionary<ulong, (string, ReadOnlyMemory<byte>)[]> result = [];
            var data = _sections.GetWhole(name);
            if (data.IsEmpty) return result;
            string what = $"{_sections.Name}: {name}";
            DwarfCursor cursor = new(data.Span, 0, _sections.LittleEndian, what);
            // Version 5 has 16 bits for it and 16 unused ones; version 2 is that of GNU.
            uint version = cursor.U32();
            if (!_sections.LittleEndian && version >> 16 == 5) version = 5;
            if (version is not (2 or 5)) throw new BpfFormatException($"{what} has the unknown version {version}");
            uint columns = cursor.U32(), units = cursor.U32(), slots = cursor.U32();
            if (columns > 16 || units > data.Length / 4 || slots > data.Length / 8) throw new BpfFormatException($"{what} does not fit its section");
            int ids = cursor.Position, rows = ids + (int)slots * 8, kinds = rows + (int)slots * 4, offsets = kinds + (int)columns * 4;
            for (int slot = 0; slot < slots; slot++)
            {
                cursor.Position = rows + slot * 4;
                uint row = cursor.U32();
                if (row == 0) continue;
                if (row > units) throw new BpfFormatException($"{what}: there is no unit {row}");
                cursor.Position = ids + slot * 8;
                ulong id = cursor.U64();
                List<(string, ReadOnlyMemory<byte>)> pieces = [];
                for (int column = 0; column < columns; column++)
                {
                    cursor.Position = kinds + column * 4;
                    string? section = SectionOf(cursor.U32(), version);
                    cursor.Position = offsets + (int)((row - 1) * columns + column) * 4;
                    uint offset = cursor.U32();
                    cursor.Position = offsets + (int)((units + row - 1) * columns + column) * 4;
                    uint size = cursor.U32();
                    if (section is null) continue;
                    var whole = _sections.Get(section);
                    if (offset > (uint)whole.Length || size > (uint)whole.Length - offset) throw new BpfFormatException($"{what}: a piece of {section} lies outside");
                    pieces.Add((section, whole.Slice((int)offset, (int)size)));
                }
                result.TryAdd(id, [.. pieces]);
            }
            return result;
        }

        private static string? SectionOf(uint kind, uint version) => kind switch
        {
            InfoSection => ".debug_info",
            TypesSection when version == 2 => ".debug_types",
            AbbreviationSection => ".debug_abbrev",
            LineSection => ".debug_line",
            StringOffsetSection => ".debug_str_offsets",
            RangeListSection when version == 5 => ".debug_rnglists",
            _ => null,
        };
    }
}
