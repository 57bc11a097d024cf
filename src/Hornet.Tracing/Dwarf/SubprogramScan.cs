namespace Hornet.Tracing.Dwarf;

/// <summary>Finds the functions of a unit that have code of their own: one pass over its entries.</summary>
internal static class SubprogramScan
{
    public static List<DwarfDie> Collect(DwarfUnit unit)
    {
        List<DwarfDie> found = [];
        var abbreviations = unit.Abbreviations;
        DwarfCursor cursor = new(unit.Data.Span[..unit.End], unit.FirstDie, unit.Image.Sections.LittleEndian, unit.Image.Sections.Name);
        while (!cursor.AtEnd)
        {
            int start = cursor.Position;
            ulong code = cursor.Uleb();
            if (code == 0) continue;
            var shape = abbreviations.Find(code) ?? throw new BpfFormatException($"{unit}: the entry at {start} has the abbreviation {code}, which is not declared");
            if (shape.Tag == Tag.Subprogram)
            {
                foreach (ref readonly var attribute in shape.Attributes.AsSpan())
                {
                    if (attribute.Name is At.LowPc or At.Ranges)
                    {
                        found.Add(new DwarfDie(unit, start));
                        break;
                    }
                }
            }
            if (shape.FixedSize >= 0) cursor.Skip((uint)shape.FixedSize);
            else
            {
                foreach (ref readonly var attribute in shape.Attributes.AsSpan()) DwarfValue.Skip(ref cursor, unit, attribute);
            }
        }
        return found;
    }
}
