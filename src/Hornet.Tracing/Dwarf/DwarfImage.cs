namespace Hornet.Tracing.Dwarf;

/// <summary>
/// The units of one set of debug sections. Entries of <c>.debug_types</c> are numbered on after those of
/// <c>.debug_info</c>, so that one number names an entry.
/// </summary>
internal sealed class DwarfImage
{
    // Several units share a table, and no honest file reads more of them than it has bytes by far.
    private long _abbreviationBudget;

    private readonly Dictionary<(ulong Offset, int AddressSize, int OffsetSize, int Version), AbbreviationTable> _abbreviations = [];
    private readonly Dictionary<ulong, DwarfUnit> _signatures = [];
    private readonly ReadOnlyMemory<byte> _info, _types;
    private DwarfNameIndex? _names;

    /// <param name="sections">The sections.</param>
    /// <param name="alternate">The file whose entries and strings several files share (dwz); null when there is none.</param>
    /// <param name="skeleton">For split units: the unit in the executable they belong to; null when they find it by id.</param>
    public DwarfImage(DwarfSections sections, DwarfImage? alternate, DwarfUnit? skeleton = null)
    {
        Sections = sections;
        Alternate = alternate;
        Skeleton = skeleton;
        _info = sections.Info;
        _types = sections.Types;
        _abbreviationBudget = 16L * sections.Abbreviations.Length + 65536;
        List<DwarfUnit> units = [];
        ReadUnits(_info, inTypes: false, units);
        ReadUnits(_types, inTypes: true, units);
        Units = [.. units];
    }

    public DwarfSections Sections { get; }

    public DwarfImage? Alternate { get; }

    public DwarfUnit? Skeleton { get; }

    /// <summary>All units in the order of their numbers.</summary>
    public DwarfUnit[] Units { get; }

    /// <summary>Where entries are by name; made when first asked for.</summary>
    public DwarfNameIndex Names => _names ??= DwarfNameIndex.Build(this);

    public ReadOnlyMemory<byte> Data(bool inTypes) => inTypes ? _types : _info;

    /// <summary>The number of an entry.</summary>
    public long NumberOf(DwarfDie die) => die.Unit.InTypes ? (long)_info.Length + die.Offset : die.Offset;

    /// <summary>The entry of a number.</summary>
    public DwarfDie DieAt(long number) => Find(number) is { } unit
        ? new DwarfDie(unit, (int)(unit.InTypes ? number - _info.Length : number))
        : throw new BpfFormatException($"{Sections.Name}: no unit has the entry at {number}");

    /// <summary>The unit that defines the type of a signature; null when there is none.</summary>
    public DwarfUnit? FindSignature(ulong signature) => _signatures.TryGetValue(signature, out var unit) ? unit : Elsewhere?.Invoke(signature);

    /// <summary>Looks for types by signature in other images of the same package.</summary>
    public Func<ulong, DwarfUnit?>? Elsewhere { get; init; }

    public AbbreviationTable AbbreviationsOf(DwarfUnit unit)
    {
        var key = (unit.AbbreviationOffset, unit.AddressSize, unit.OffsetSize, Math.Min(unit.Version, 3));
        lock (_abbreviations)
        {
            if (_abbreviations.TryGetValue(key, out var table)) return table;
            var data = Sections.Abbreviations.Span;
            if (unit.AbbreviationOffset > (ulong)data.Length) throw new BpfFormatException($"{Sections.Name}: the abbreviations at {unit.AbbreviationOffset} lie outside their section");
            DwarfCursor cursor = new(data, (int)unit.AbbreviationOffset, Sections.LittleEndian, $"{Sections.Name}: abbreviations");
            table = AbbreviationTable.Read(ref cursor, unit.AddressSize, unit.OffsetSize, unit.Version);
            if ((_abbreviationBudget -= cursor.Position - (long)unit.AbbreviationOffset) < 0)
                throw new BpfFormatException($"{Sections.Name}: overlapping tables of abbreviations expand beyond all measure");
            _abbreviations.Add(key, table);
            return table;
        }
    }

    private DwarfUnit? Find(long number)
    {
        int low = 0, high = Units.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            var unit = Units[middle];
            long start = (unit.InTypes ? _info.Length : 0L) + unit.HeaderOffset, end = (unit.InTypes ? _info.Length : 0L) + unit.End;
            if (number < start) high = middle - 1;
            else if (number >= end) low = middle + 1;
            else return number >= start + unit.FirstDie - unit.HeaderOffset ? unit : null;
        }
        return null;
    }

    private void ReadUnits(ReadOnlyMemory<byte> data, bool inTypes, List<DwarfUnit> units)
    {
        string what = $"{Sections.Name}: {(inTypes ? ".debug_types" : ".debug_info")}";
        DwarfCursor cursor = new(data.Span, 0, Sections.LittleEndian, what);
        while (!cursor.AtEnd)
        {
            int header = cursor.Position;
            ulong length = cursor.InitialLength(out int offsetSize);
            // Padding between units is written as zeroes by some linkers.
            if (length == 0 && offsetSize == 4) continue;
            if (length > (ulong)(cursor.Length - cursor.Position)) throw new BpfFormatException($"{what}: the unit at {header} reaches beyond the section");
            int end = cursor.Position + (int)length;
            int version = cursor.U16();
            if (version is < 2 or > 5) throw new BpfFormatException($"{what}: the unit at {header} is of DWARF {version}; 2 to 5 can be read");
            UnitType type = inTypes ? UnitType.Type : UnitType.Compile;
            int addressSize;
            ulong abbreviations;
            if (version >= 5)
            {
                type = (UnitType)cursor.U8();
                addressSize = cursor.U8();
                abbreviations = cursor.Unsigned(offsetSize);
            }
            else
            {
                abbreviations = cursor.Unsigned(offsetSize);
                addressSize = cursor.U8();
            }
            if (addressSize is not (4 or 8)) throw new BpfFormatException($"{what}: the unit at {header} has addresses of {addressSize} bytes");
            ulong id = 0, typeOffset = 0;
            if (type is UnitType.Type or UnitType.SplitType)
            {
                id = cursor.U64();
                typeOffset = cursor.Unsigned(offsetSize);
            }
            else if (type is UnitType.Skeleton or UnitType.SplitCompile) id = cursor.U64();
            if (cursor.Position > end) throw new BpfFormatException($"{what}: the unit at {header} is shorter than its header");
            DwarfUnit unit = new(this)
            {
                InTypes = inTypes,
                HeaderOffset = header,
                FirstDie = cursor.Position,
                End = end,
                Version = version,
                Type = type,
                AddressSize = addressSize,
                OffsetSize = offsetSize,
                AbbreviationOffset = abbreviations,
                Id = id,
                TypeOffset = typeOffset,
            };
            units.Add(unit);
            if (type is UnitType.Type or UnitType.SplitType) _signatures.TryAdd(id, unit);
            cursor.Position = end;
        }
    }
}
