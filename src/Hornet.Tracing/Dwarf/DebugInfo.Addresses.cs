namespace Hornet.Tracing.Dwarf;

public sealed partial class DebugInfo
{
    // All ranges of all units of the largest programs are a tenth of this.
    private const int MostUnitRanges = 1 << 22;

    private List<(ulong Start, ulong End, DwarfUnit Unit)>? _unitRanges;
    private readonly Dictionary<DwarfUnit, List<DwarfDie>> _subprograms = [];

    /// <summary>The unit whose code an address is in; a split unit itself rather than its skeleton.</summary>
    private DwarfUnit? UnitAt(ulong address)
    {
        var ranges = _unitRanges ??= ReadUnitRanges();
        int low = 0, high = ranges.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            var (start, end, unit) = ranges[middle];
            if (address < start) high = middle - 1;
            else if (address >= end) low = middle + 1;
            else return unit;
        }
        return null;
    }

    private List<(ulong, ulong, DwarfUnit)> ReadUnitRanges()
    {
        List<(ulong Start, ulong End, DwarfUnit Unit)> all = [];
        List<AddressRange> ranges = [];
        Dictionary<DwarfUnit, DwarfUnit> split = [];
        foreach (var image in Images.Where(i => i.Skeleton is not null))
        {
            foreach (var unit in image.Units.Where(u => u.Type is UnitType.SplitCompile or UnitType.Compile)) split.TryAdd(image.Skeleton!, unit);
        }
        foreach (var unit in _main.Units)
        {
            if (unit.Type is UnitType.Type or UnitType.Partial) continue;
            ranges.Clear();
            DwarfRanges.Read(unit.Root, ranges);
            var owner = split.GetValueOrDefault(unit, unit);
            foreach (var range in ranges)
            {
                // Sections that the linker dropped begin at 0 (or at the largest address, for some linkers).
                if (range.Start != 0) all.Add((range.Start, range.End, owner));
            }
            if (all.Count > MostUnitRanges) throw new BpfFormatException($"{DebugPath}: the units have more than {MostUnitRanges} ranges of addresses");
        }
        all.Sort((a, b) => a.Start.CompareTo(b.Start));
        return all;
    }

    /// <summary>All functions of a unit that have code of their own, in the order of the file.</summary>
    private List<DwarfDie> SubprogramsOf(DwarfUnit unit)
    {
        if (_subprograms.TryGetValue(unit, out var list)) return list;
        list = SubprogramScan.Collect(unit);
        if (_subprograms.Count > 64) _subprograms.Clear();
        _subprograms.Add(unit, list);
        return list;
    }
}
