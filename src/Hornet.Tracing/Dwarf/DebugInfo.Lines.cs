namespace Hornet.Tracing.Dwarf;

public sealed partial class DebugInfo
{
    // A whole program's tables would be large; those of the units asked for last are kept.
    private const int MostLineTables = 64;

    // Hundred times what the largest programs name.
    private const int MostFileEntries = 1 << 24;

    private readonly Dictionary<DwarfUnit, LineTable?> _lineTables = [];
    private Dictionary<string, List<(DwarfUnit Unit, int File)>>? _sourceFiles;

    /// <summary>
    /// The instructions that a line's statements begin with, in order of their addresses. The file is given by the end of its path, whole
    /// parts (<c>main.c</c>, <c>src/main.c</c>); of different files that end so, all are found: look at the paths. Where several
    /// addresses belong to one line (a loop, inlined code, copies), the first is where bpftrace attaches.
    /// </summary>
    /// <param name="file">The end of the file's path.</param>
    /// <param name="line">The line, from 1.</param>
    /// <param name="column">The column, from 1; 0 for any.</param>
    /// <returns>None when no code came from that line.</returns>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public IReadOnlyList<SourceLocation> FindLine(string file, int line, int column = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        ArgumentOutOfRangeException.ThrowIfLessThan(line, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        lock (_gate)
        {
            SortedDictionary<ulong, SourceLocation> found = [];
            foreach (var (unit, numbers) in UnitsWith(file))
            {
                if (TableOf(unit) is not { } table) continue;
                LineRow last = default;
                foreach (ref readonly var row in table.Rows.AsSpan())
                {
                    if (row.IsEnd) last = default;
                    else
                    {
                        // Within a line, compilers mark only its beginning.
                        bool here = row.Line == line && (column == 0 ? row.IsStatement : row.Column == column) && numbers.Contains(row.File);
                        // A further row of the same statement is no new beginning.
                        if (here && !(last.Line == row.Line && last.File == row.File && last.IsStatement && last.Column == row.Column && last.Address == row.Address))
                            found.TryAdd(row.Address, new SourceLocation(row.Address, table.Files[row.File], row.Line, row.Column));
                        last = row;
                    }
                }
            }
            return [.. found.Values];
        }
    }

    /// <summary>The lines of a file that have code, ascending. For a message about a line that has none.</summary>
    /// <param name="file">The end of the file's path.</param>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public IReadOnlyList<int> LinesOf(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        lock (_gate)
        {
            SortedSet<int> lines = [];
            foreach (var (unit, numbers) in UnitsWith(file))
            {
                if (TableOf(unit) is not { } table) continue;
                foreach (ref readonly var row in table.Rows.AsSpan())
                {
                    if (row.IsStatement && row.Line > 0 && numbers.Contains(row.File)) lines.Add(row.Line);
                }
            }
            return [.. lines];
        }
    }

    /// <summary>All source files that the line tables name, with their whole paths, sorted; headers are among them.</summary>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public IReadOnlyList<string> SourceFiles
    {
        get
        {
            lock (_gate) return [.. (_sourceFiles ??= ReadSourceFiles()).Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Where an instruction came from; null when nothing says so.</summary>
    /// <param name="address">A virtual address of the file: of an instruction, so of the call and not of what it returns to.</param>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public SourceLocation? FindSource(ulong address)
    {
        lock (_gate) return UnitAt(address) is { } unit ? LocationIn(unit, address) : null;
    }

    /// <summary>
    /// The functions an instruction is of, innermost first: those whose code was inlined there, then the one it is in. Empty when
    /// no debug information covers it.
    /// </summary>
    /// <param name="address">A virtual address of the file.</param>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public IReadOnlyList<SourceFrame> FindFrames(ulong address)
    {
        lock (_gate)
        {
            if (UnitAt(address) is not { } unit) return [];
            DwarfDie? function = null;
            foreach (var candidate in SubprogramsOf(unit))
            {
                if (!Covers(candidate, address)) continue;
                function = candidate;
                break;
            }
            if (function is not { } outer) return [];
            List<DwarfDie> chain = [outer];
            AddInlined(outer, address, chain, 0);
            var location = LocationIn(unit, address) ?? new SourceLocation(address, "", 0, 0);
            var table = TableOf(unit);
            List<SourceFrame> frames = [];
            for (int i = chain.Count - 1; i >= 0; i--)
            {
                var die = chain[i];
                string name = die.TryGetInherited(At.Name, out var text) ? text.Text : "";
                string? linkage = die.TryGetInherited(At.LinkageName, out text) || die.TryGetInherited(At.MipsLinkageName, out text) ? text.Text : null;
                frames.Add(new SourceFrame(name, linkage, location, i > 0));
                // The next frame outwards is at the call.
                int file = die.TryGet(At.CallFile, out text) ? (int)Math.Min(text.Raw, int.MaxValue) : -1;
                int line = die.TryGet(At.CallLine, out text) ? (int)Math.Min(text.Raw, int.MaxValue) : 0;
                location = new SourceLocation(address, table is not null && file >= 0 && file < table.Files.Count ? table.Files[file] : "", line, 0);
            }
            return frames;
        }
    }

    private static void AddInlined(DwarfDie scope, ulong address, List<DwarfDie> chain, int depth)
    {
        if (depth > 64) return;
        foreach (var child in scope.Children)
        {
            if (child.Tag is not (Tag.InlinedSubroutine or Tag.LexicalBlock)) continue;
            bool hasCode = child.Has(At.LowPc) || child.Has(At.Ranges);
            if (hasCode && !Covers(child, address)) continue;
            if (child.Tag == Tag.InlinedSubroutine)
            {
                if (!hasCode) continue;
                chain.Add(child);
            }
            int before = chain.Count;
            AddInlined(child, address, chain, depth + 1);
            if (child.Tag == Tag.InlinedSubroutine || chain.Count > before) return;
        }
    }

    private SourceLocation? LocationIn(DwarfUnit unit, ulong address)
    {
        if (TableOf(unit) is not { } table) return null;
        var rows = table.Rows;
        int low = 0, high = rows.Length - 1, found = -1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (rows[middle].Address <= address)
            {
                found = middle;
                low = middle + 1;
            }
            else high = middle - 1;
        }
        // The last row for the address counts, as it is what the instruction itself is of.
        if (found < 0 || rows[found].IsEnd || (uint)rows[found].File >= (uint)table.Files.Count) return null;
        return new SourceLocation(address, table.Files[rows[found].File], rows[found].Line, rows[found].Column);
    }

    private LineTable? TableOf(DwarfUnit unit)
    {
        unit = unit.Skeleton ?? unit;
        if (_lineTables.TryGetValue(unit, out var table)) return table;
        if (_lineTables.Count >= MostLineTables) _lineTables.Clear();
        return _lineTables[unit] = LineTable.Of(unit);
    }

    private List<(DwarfUnit Unit, HashSet<int> Files)> UnitsWith(string file)
    {
        string wanted = LineTable.Join("", file);
        Dictionary<DwarfUnit, HashSet<int>> units = [];
        List<(DwarfUnit, HashSet<int>)> order = [];
        foreach (var (path, places) in _sourceFiles ??= ReadSourceFiles())
        {
            bool same = path.EndsWith(wanted, StringComparison.Ordinal) && (path.Length == wanted.Length || wanted.StartsWith('/') || path[^(wanted.Length + 1)] == '/');
            if (!same || (wanted.StartsWith('/') && path.Length != wanted.Length)) continue;
            foreach (var (unit, number) in places)
            {
                if (!units.TryGetValue(unit, out var files))
                {
                    units.Add(unit, files = []);
                    order.Add((unit, files));
                }
                files.Add(number);
            }
        }
        return order;
    }

    private Dictionary<string, List<(DwarfUnit, int)>> ReadSourceFiles()
    {
        Dictionary<string, List<(DwarfUnit, int)>> files = [];
        HashSet<ulong> seen = [];
        long entries = 0;
        foreach (var unit in _main.Units)
        {
            // Only files are read here; units may share a table.
            if (unit.Type == UnitType.Type || !unit.Root.TryGet(At.StmtList, out var offset) || !seen.Add(offset.Raw) || LineTable.Of(unit) is not { } table) continue;
            if ((entries += table.Files.Count) > MostFileEntries) throw new BpfFormatException($"{DebugPath}: the line tables name more than {MostFileEntries} files");
            for (int i = 0; i < table.Files.Count; i++)
            {
                if (!files.TryGetValue(table.Files[i], out var places)) files.Add(table.Files[i], places = []);
                places.Add((unit, i));
            }
        }
        return files;
    }
}
