namespace Hornet.Tracing.Dwarf;

/// <summary>A range of addresses.</summary>
/// <param name="Start">The first address.</param>
/// <param name="End">The address behind the last.</param>
internal readonly record struct AddressRange(ulong Start, ulong End);

/// <summary>Which addresses an entry covers.</summary>
internal static class DwarfRanges
{
    // One function or unit in a million pieces is beyond anything real.
    private const int MostRanges = 1 << 20;

    /// <summary>The ranges of an entry that has code; none for others.</summary>
    public static void Read(DwarfDie die, List<AddressRange> ranges)
    {
        if (die.TryGet(At.Ranges, out var list))
        {
            if (list.Form == Form.Rnglistx) ReadList(die.Unit, die.Unit.Image.Sections.RangeLists, die.Unit.RangeList(list.Raw), ranges);
            else if (die.Unit.Version >= 5) ReadList(die.Unit, die.Unit.Image.Sections.RangeLists, list.Raw, ranges);
            else ReadOldList(die.Unit, list.Raw, ranges);
            return;
        }
        if (!die.TryGet(At.LowPc, out var low) || !low.TryAddress(out ulong start)) return;
        ulong end = start;
        if (die.TryGet(At.HighPc, out var high) && !high.TryAddress(out end)) end = unchecked(start + high.Unsigned);
        if (end > start) ranges.Add(new AddressRange(start, end));
    }

    /// <summary>Where a function, or an instance of an inlined one, begins; null when it has no code.</summary>
    public static ulong? Entry(DwarfDie die)
    {
        bool hasLow = die.TryGet(At.LowPc, out var low);
        ulong start = 0;
        hasLow = hasLow && low.TryAddress(out start);
        if (die.TryGet(At.EntryPc, out var entry))
        {
            if (entry.TryAddress(out ulong address)) return address;
            if (entry.IsConstant && hasLow) return start + entry.Unsigned;
        }
        if (hasLow && !die.Has(At.Ranges)) return start;
        List<AddressRange> ranges = [];
        Read(die, ranges);
        if (ranges.Count == 0) return null;
        // The constant counts from the lowest address where there is none of its own.
        if (die.TryGet(At.EntryPc, out entry) && entry.IsConstant) return unchecked(ranges[0].Start + entry.Unsigned);
        return ranges[0].Start;
    }

    private static void ReadOldList(DwarfUnit unit, ulong offset, List<AddressRange> ranges)
    {
        // An old split unit's lists are in the executable.
        var sections = (unit.Skeleton ?? unit).Image.Sections;
        if (unit.Skeleton is not null) offset += unit.GnuRangesBase;
        var data = sections.Ranges.Span;
        if (offset > (ulong)data.Length) throw new BpfFormatException($"{unit}: the range list at {offset} lies outside its section");
        DwarfCursor cursor = new(data, (int)offset, sections.LittleEndian, $"{sections.Name}: .debug_ranges");
        ulong origin = unit.LowPc, mark = unit.AddressSize == 8 ? ulong.MaxValue : uint.MaxValue;
        for (int count = 0; ; count++)
        {
            if (count > MostRanges) throw new BpfFormatException($"{unit}: a range list does not end");
            ulong start = cursor.Unsigned(unit.AddressSize), end = cursor.Unsigned(unit.AddressSize);
            if (start == 0 && end == 0) return;
            if (start == mark) origin = end;
            else if (end > start) ranges.Add(new AddressRange(unchecked(origin + start), unchecked(origin + end)));
        }
    }

    private static void ReadList(DwarfUnit unit, ReadOnlyMemory<byte> section, ulong offset, List<AddressRange> ranges)
    {
        if (offset > (ulong)section.Length) throw new BpfFormatException($"{unit}: the range list at {offset} lies outside its section");
        DwarfCursor cursor = new(section.Span, (int)offset, unit.Image.Sections.LittleEndian, $"{unit.Image.Sections.Name}: .debug_rnglists");
        ulong origin = unit.LowPc;
        for (int count = 0; ; count++)
        {
            if (count > MostRanges) throw new BpfFormatException($"{unit}: a range list does not end");
            ulong start, end;
            switch (cursor.U8())
            {
                case 0: return;
                case 1:
                    origin = unit.Address(cursor.Uleb());
                    continue;
                case 2:
                    start = unit.Address(cursor.Uleb());
                    end = unit.Address(cursor.Uleb());
                    break;
                case 3:
                    start = unit.Address(cursor.Uleb());
                    end = unchecked(start + cursor.Uleb());
                    break;
                case 4:
                    start = unchecked(origin + cursor.Uleb());
                    end = unchecked(origin + cursor.Uleb());
                    break;
                case 5:
                    origin = cursor.Unsigned(unit.AddressSize);
                    continue;
                case 6:
                    start = cursor.Unsigned(unit.AddressSize);
                    end = cursor.Unsigned(unit.AddressSize);
                    break;
                case 7:
                    start = cursor.Unsigned(unit.AddressSize);
                    end = unchecked(start + cursor.Uleb());
                    break;
                case var kind: throw new BpfFormatException($"{unit}: a range of the unknown kind {kind}");
            }
            if (end > start) ranges.Add(new AddressRange(start, end));
        }
    }
}
