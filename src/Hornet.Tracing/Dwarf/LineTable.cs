using System.Text;

namespace Hornet.Tracing.Dwarf;

/// <summary>A row of a line table.</summary>
/// <param name="Address">The first instruction it is about.</param>
/// <param name="File">The number of the file in the table; -1 for a row that only ends a run of code.</param>
/// <param name="Line">The line, from 1; 0 for code of no line.</param>
/// <param name="Column">The column, from 1; 0 when it is not recorded or the line's beginning.</param>
/// <param name="IsStatement">A good place to stop at.</param>
internal readonly record struct LineRow(ulong Address, int File, int Line, int Column, bool IsStatement)
{
    public bool IsEnd => File < 0;
}

/// <summary>
/// The line table of a unit. The files it names are read first; the rows, a program for a small machine, when they are wanted.
/// </summary>
internal sealed class LineTable
{
    // A byte of the program makes one row at most; the table of the largest unit has some millions.
    private const int MostRows = 1 << 24;
    private const int MostFiles = 1 << 20;

    private readonly DwarfUnit _unit;
    private readonly DwarfSections _sections;
    private readonly int _program, _end, _version;
    private readonly byte _instructionLength, _operationsPerInstruction, _range, _firstSpecial;
    private readonly sbyte _base;
    private readonly bool _isStatement;
    private readonly byte[] _lengths;
    private readonly List<string> _files = [];
    private LineRow[]? _rows;

    private LineTable(DwarfUnit unit, ref DwarfCursor cursor, DwarfSections sections)
    {
        (_unit, _sections) = (unit, sections);
        int start = cursor.Position;
        ulong length = cursor.InitialLength(out int offsetSize);
        if (length > (ulong)(cursor.Length - cursor.Position)) throw new BpfFormatException($"{sections.Name}: the line table at {start} reaches beyond its section");
        _end = cursor.Position + (int)length;
        _version = cursor.U16();
        if (_version is < 2 or > 5) throw new BpfFormatException($"{sections.Name}: the line table at {start} has the unknown version {_version}");
        if (_version >= 5)
        {
            int addressSize = cursor.U8();
            if (addressSize != unit.AddressSize || cursor.U8() != 0) throw new BpfFormatException($"{sections.Name}: the line table at {start} does not fit its unit");
        }
        ulong headerLength = cursor.Unsigned(offsetSize);
        if (headerLength > (ulong)(_end - cursor.Position)) throw new BpfFormatException($"{sections.Name}: the header of the line table at {start} is longer than the table");
        _program = cursor.Position + (int)headerLength;
        _instructionLength = cursor.U8();
        _operationsPerInstruction = _version >= 4 ? cursor.U8() : (byte)1;
        _isStatement = cursor.U8() != 0;
        _base = (sbyte)cursor.U8();
        _range = cursor.U8();
        _firstSpecial = cursor.U8();
        if (_range == 0 || _firstSpecial == 0) throw new BpfFormatException($"{sections.Name}: the line table at {start} divides by zero");
        _lengths = cursor.Take(_firstSpecial - 1).ToArray();
        if (_version >= 5) ReadFiles(ref cursor, offsetSize);
        else ReadOldFiles(ref cursor);
    }

    /// <summary>The files with their whole paths, by number.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>All rows in order of their addresses; a run of code ends with a row that is only an end.</summary>
    public LineRow[] Rows => _rows ??= Run();

    /// <summary>The line table of a unit; null when it has none.</summary>
    public static LineTable? Of(DwarfUnit unit)
    {
        // Split units have the table in the executable.
        var owner = unit.Skeleton ?? unit;
        if (!owner.Root.TryGet(At.StmtList, out var offset)) return null;
        var sections = owner.Image.Sections;
        var data = sections.Lines.Span;
        if (offset.Raw >= (ulong)data.Length) throw new BpfFormatException($"{owner}: its line table at {offset.Raw} lies outside the section");
        DwarfCursor cursor = new(data, (int)offset.Raw, sections.LittleEndian, $"{sections.Name}: .debug_line");
        return new LineTable(owner, ref cursor, sections);
    }

    private void ReadOldFiles(ref DwarfCursor cursor)
    {
        List<string> folders = [_unit.CompilationFolder];
        while (!cursor.AtEnd)
        {
            var name = cursor.CString();
            if (name.IsEmpty) break;
            folders.Add(Join(folders[0], Encoding.UTF8.GetString(name)));
            if (folders.Count > MostFiles) throw new BpfFormatException($"{_unit}: too many folders in its line table");
        }
        // Files count from 1; 0 is the unit itself.
        _files.Add(Join(folders[0], _unit.Name));
        while (!cursor.AtEnd)
        {
            var name = cursor.CString();
            if (name.IsEmpty) break;
            AddFile(ref cursor, name, folders);
        }
    }

    private void AddFile(ref DwarfCursor cursor, ReadOnlySpan<byte> name, List<string> folders)
    {
        string file = Encoding.UTF8.GetString(name);
        ulong folder = cursor.Uleb();
        cursor.Uleb();
        cursor.Uleb();
        _files.Add(Join(folder < (ulong)folders.Count ? folders[(int)folder] : "", file));
        if (_files.Count > MostFiles) throw new BpfFormatException($"{_unit}: too many files in its line table");
    }

    private void ReadFiles(ref DwarfCursor cursor, int offsetSize)
    {
        List<string> folders = [];
        foreach (var (path, _) in ReadEntries(ref cursor, offsetSize)) folders.Add(Join(folders.Count == 0 ? _unit.CompilationFolder : folders[0], path));
        foreach (var (path, folder) in ReadEntries(ref cursor, offsetSize)) _files.Add(Join(folder < (ulong)folders.Count ? folders[(int)folder] : "", path));
    }

    private List<(string Path, ulong Folder)> ReadEntries(ref DwarfCursor cursor, int offsetSize)
    {
        const ulong pathContent = 1, folderContent = 2;
        int formats = cursor.U8();
        var kinds = new (ulong Content, Form Form)[formats];
        for (int i = 0; i < formats; i++) kinds[i] = (cursor.Uleb(), (Form)Math.Min(cursor.Uleb(), 0xffff));
        ulong count = cursor.Uleb();
        if (count > MostFiles || (formats == 0 && count > 0)) throw new BpfFormatException($"{_unit}: {count} files in its line table");
        List<(string, ulong)> entries = [];
        for (ulong i = 0; i < count; i++)
        {
            string path = "";
            ulong folder = 0;
            foreach (var (content, form) in kinds)
            {
                switch (form)
                {
                    case Form.String:
                        var inPlace = cursor.CString();
                        if (content == pathContent) path = Encoding.UTF8.GetString(inPlace);
                        break;
                    case Form.LineStrp or Form.Strp:
                        DwarfValue text = new(_unit, form, cursor.Unsigned(offsetSize), 0);
                        if (content == pathContent) path = text.Text;
                        break;
                    case Form.Strx or Form.Udata:
                        ulong number = cursor.Uleb();
                        if (content == folderContent) folder = number;
                        else if (content == pathContent && form == Form.Strx) path = new DwarfValue(_unit, form, number, 0).Text;
                        break;
                    case Form.Data1 or Form.Data2 or Form.Data4 or Form.Data8:
                        ulong value = cursor.Unsigned(form == Form.Data1 ? 1 : form == Form.Data2 ? 2 : form == Form.Data4 ? 4 : 8);
                        if (content == folderContent) folder = value;
                        break;
                    case Form.Data16: cursor.Skip(16); break;
                    case Form.Block: cursor.Skip(cursor.Uleb()); break;
                    default: throw new BpfFormatException($"{_unit}: the files of its line table have the form 0x{(int)form:x}");
                }
            }
            entries.Add((path, folder));
        }
        return entries;
    }

    /// <summary>A path below a folder, without the detours over <c>.</c> and <c>..</c>.</summary>
    internal static string Join(string folder, string path)
    {
        string whole = path.StartsWith('/') || folder.Length == 0 ? path : $"{folder}/{path}";
        if (!whole.Contains("/.", StringComparison.Ordinal) && !whole.Contains("//", StringComparison.Ordinal) && !whole.StartsWith('.')) return whole;
        List<string> parts = [];
        foreach (string part in whole.Split('/'))
        {
            if (part is "." or "") continue;
            if (part == ".." && parts.Count > 0 && parts[^1] != "..") parts.RemoveAt(parts.Count - 1);
            else if (part != ".." || !whole.StartsWith('/')) parts.Add(part);
        }
        return (whole.StartsWith('/') ? "/" : "") + string.Join('/', parts);
    }

    private LineRow[] Run()
    {
        List<LineRow> rows = [];
        List<(int Start, int Count)> runs = [];
        DwarfCursor cursor = new(_sections.Lines.Span[.._end], _program, _sections.LittleEndian, $"{_sections.Name}: .debug_line");
        while (!cursor.AtEnd)
        {
            int first = rows.Count;
            bool ended = RunSequence(ref cursor, rows);
            // Code that the linker dropped begins at 0 and says nothing.
            if (!ended || rows.Count - first < 2 || rows[first].Address == 0) rows.RemoveRange(first, rows.Count - first);
            else runs.Add((first, rows.Count - first));
        }
        // Sequences come in any order; within one, addresses ascend.
        runs.Sort((a, b) => rows[a.Start].Address.CompareTo(rows[b.Start].Address));
        var sorted = new LineRow[rows.Count];
        int at = 0;
        foreach (var (start, count) in runs)
        {
            rows.CopyTo(start, sorted, at, count);
            at += count;
        }
        return sorted;
    }

    private bool RunSequence(ref DwarfCursor cursor, List<LineRow> rows)
    {
        ulong address = 0;
        uint operation = 0;
        int file = 1, line = 1, column = 0;
        bool statement = _isStatement;
        int first = rows.Count;
        while (!cursor.AtEnd)
        {
            if (rows.Count > MostRows) throw new BpfFormatException($"{_unit}: its line table has more than {MostRows} rows");
            byte opcode = cursor.U8();
            if (opcode >= _firstSpecial)
            {
                int adjusted = opcode - _firstSpecial;
                Advance((uint)(adjusted / _range));
                line = unchecked(line + _base + adjusted % _range);
                Add(rows);
                continue;
            }
            switch (opcode)
            {
                case 0:
                    ulong length = cursor.Uleb();
                    if (length == 0) break;
                    int next = cursor.Position;
                    cursor.Skip(length);
                    int behind = cursor.Position;
                    cursor.Position = next;
                    switch (cursor.U8())
                    {
                        case 1:
                            rows.Add(new LineRow(address, -1, 0, 0, false));
                            cursor.Position = behind;
                            return true;
                        case 2:
                            address = cursor.Unsigned(length - 1 is 4 or 8 ? (int)length - 1 : _unit.AddressSize);
                            operation = 0;
                            break;
                        case 3:
                            AddFile(ref cursor, cursor.CString(), [_unit.CompilationFolder]);
                            break;
                    }
                    cursor.Position = behind;
                    break;
                case 1: Add(rows); break;
                case 2: Advance(cursor.Uleb()); break;
                case 3: line = unchecked(line + (int)cursor.Sleb()); break;
                case 4: file = (int)Math.Min(cursor.Uleb(), int.MaxValue); break;
                case 5: column = (int)Math.Min(cursor.Uleb(), int.MaxValue); break;
                case 6: statement = !statement; break;
                case 7 or 10 or 11: break;
                case 8: Advance((uint)((255 - _firstSpecial) / _range)); break;
                case 9:
                    address = unchecked(address + cursor.U16());
                    operation = 0;
                    break;
                case 12: cursor.Uleb(); break;
                default:
                    // One that is newer than this: the header says how many numbers follow.
                    for (int i = _lengths[opcode - 1]; i > 0; i--) cursor.Uleb();
                    break;
            }
        }
        return false;

        void Advance(ulong by)
        {
            if (_operationsPerInstruction <= 1)
            {
                address = unchecked(address + by * _instructionLength);
                return;
            }
            address = unchecked(address + (operation + by) / _operationsPerInstruction * _instructionLength);
            operation = (uint)((operation + by) % _operationsPerInstruction);
        }

        void Add(List<LineRow> list)
        {
            // Addresses that go back would break every search.
            if (list.Count > first && address < list[^1].Address) return;
            list.Add(new LineRow(address, file, line, column, statement));
        }
    }
}
