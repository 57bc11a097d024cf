namespace Hornet.Tracing.Dwarf;

/// <summary>Finds the inlined copies of functions in a unit: one pass over its entries.</summary>
internal static class InlinedScan
{
    /// <param name="unit">The unit.</param>
    /// <param name="origins">The entries that copies may name as what they are of.</param>
    /// <param name="addresses">Gets where the copies begin.</param>
    public static void Collect(DwarfUnit unit, HashSet<DwarfDie> origins, SortedSet<ulong> addresses)
    {
        var abbreviations = unit.Abbreviations;
        DwarfCursor cursor = new(unit.Data.Span[..unit.End], unit.FirstDie, unit.Image.Sections.LittleEndian, unit.Image.Sections.Name);
        while (!cursor.AtEnd)
        {
            int start = cursor.Position;
            ulong code = cursor.Uleb();
            if (code == 0) continue;
            var shape = abbreviations.Find(code) ?? throw new BpfFormatException($"{unit}: the entry at {start} has the abbreviation {code}, which is not declared");
            bool copy = shape.Tag == Tag.InlinedSubroutine;
            if (!copy && shape.FixedSize >= 0)
            {
                cursor.Skip((uint)shape.FixedSize);
                continue;
            }
            bool wanted = false;
            foreach (ref readonly var attribute in shape.Attributes.AsSpan())
            {
                if (copy && attribute.Name == At.AbstractOrigin)
                    wanted = DwarfValue.Read(ref cursor, unit, attribute).TryReference(out var origin) && origins.Contains(origin);
                else DwarfValue.Skip(ref cursor, unit, attribute);
            }
            if (wanted && DwarfRanges.Entry(new DwarfDie(unit, start)) is { } address) addresses.Add(address);
        }
    }
}
