using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Hornet.Elf;
using Hornet.Interop;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Tracing.Dwarf;
using Hornet.Tracing.Symbols;

namespace Hornet.Script.Runtime;

/// <summary>
/// Keeps the maps filled that <c>dw_ustack</c> walks stacks with: the code of the processes it is about, and the rows of each binary,
/// once for all of them.
/// </summary>
internal sealed class UnwindTables : IDisposable
{
    private readonly BpfMap _code, _tables;
    private readonly IReadOnlyList<string> _debugFolders;
    private readonly Dictionary<(string Device, ulong Inode, string Name), Binary> _binaries = [];
    private readonly Dictionary<int, HashSet<(ulong Start, ulong End, ulong Inode)>> _processes = [];
    private readonly List<BpfMap> _rows = [];

    private UnwindTables(BpfMap code, BpfMap tables, IReadOnlyList<string> debugFolders) => (_code, _tables, _debugFolders) = (code, tables, debugFolders);

    /// <summary>Those of a script that walks stacks; null for one that does not.</summary>
    public static UnwindTables? Of(LoadedObject loaded, IReadOnlyList<string> debugFolders) =>
        loaded.Maps.TryGetValue(UnwindLayout.CodeMap, out var code) && loaded.Maps.TryGetValue(UnwindLayout.TablesMap, out var tables) ? new UnwindTables(code, tables, debugFolders) : null;

    /// <summary>Looks at what a process has mapped, and adds what is new.</summary>
    /// <returns>What is missing, in words; null when all is there.</returns>
    public string? Update(int process)
    {
        ProcessMaps maps;
        try
        {
            maps = ProcessMaps.Read(process, executableOnly: true);
        }
        catch (BpfSyscallException e)
        {
            return e.Message;
        }
        if (!_processes.TryGetValue(process, out var known))
        {
            _processes.Add(process, known = []);
            // Programs ask for what no longer entry covers.
            Add(process, 0, UnwindLayout.ProcessBits, default);
        }
        string? problem = null;
        foreach (var mapping in maps.Mappings)
        {
            if (known.Contains((mapping.Start, mapping.End, mapping.Inode))) continue;
            var place = PlaceOf(maps, mapping, ref problem);
            foreach (var (start, bits) in Prefixes(mapping.Start, mapping.End))
            {
                if (!Add(process, start, UnwindLayout.ProcessBits + bits, place)) return $"there is no room for more than {UnwindLayout.MostCode} pieces of code";
            }
            known.Add((mapping.Start, mapping.End, mapping.Inode));
        }
        return problem;
    }

    public void Dispose()
    {
        foreach (var map in _rows) map.Dispose();
        _rows.Clear();
    }

    /// <summary>A range of addresses as the fewest prefixes: each an address and how many of its bits count.</summary>
    internal static IEnumerable<(ulong Start, int Bits)> Prefixes(ulong start, ulong end)
    {
        while (start < end)
        {
            int size = start == 0 ? 63 : BitOperations.TrailingZeroCount(start);
            while (size > 0 && (1UL << size) > end - start) size--;
            yield return (start, 64 - size);
            start += 1UL << size;
        }
    }

    private bool Add(int process, ulong address, int bits, in Place place)
    {
        Span<byte> key = stackalloc byte[UnwindLayout.KeySize], value = stackalloc byte[UnwindLayout.CodeSize];
        MemoryMarshal.Write(key, bits);
        BinaryPrimitives.WriteInt32BigEndian(key[UnwindLayout.KeyProcess..], process);
        BinaryPrimitives.WriteUInt64BigEndian(key[UnwindLayout.KeyAddress..], address);
        MemoryMarshal.Write(value[UnwindLayout.CodeBase..], place.Base);
        MemoryMarshal.Write(value[UnwindLayout.CodeTable..], place.Table);
        MemoryMarshal.Write(value[UnwindLayout.CodeRows..], place.Rows);
        try
        {
            _code.Update(key, value);
            return true;
        }
        catch (BpfSyscallException e) when (e.Errno is Errno.ENOSPC or Errno.E2BIG)
        {
            return false;
        }
    }

    private Place PlaceOf(ProcessMaps maps, MemoryMapping mapping, ref string? problem)
    {
        Place none = new(0, UnwindLayout.FramePointers, 0);
        if (!mapping.IsFile) return none;
        var key = (mapping.Device, mapping.Inode, mapping.Name);
        if (!_binaries.TryGetValue(key, out var binary)) _binaries.Add(key, binary = Read(maps, mapping, ref problem));
        foreach (var segment in binary.Segments)
        {
            // Mappings are of whole pages, parts of a file are not.
            ulong offset = segment.Offset & ~0xffful;
            if (mapping.FileOffset < offset || mapping.FileOffset >= segment.Offset + segment.FileSize) continue;
            ulong mappedAt = (segment.VirtualAddress & ~0xffful) + (mapping.FileOffset - offset);
            return new Place(unchecked(mapping.Start - mappedAt + binary.Base), binary.Table, binary.Rows);
        }
        return none;
    }

    private Binary Read(ProcessMaps maps, MemoryMapping mapping, ref string? problem)
    {
        foreach (string path in maps.PathsOf(mapping))
        {
            try
            {
                using var file = ElfFile.Open(path);
                var table = UnwindTable.Open(path, _debugFolders);
                if (table.Rows.IsEmpty) return Binary.None;
                if (_rows.Count == UnwindLayout.MostTables - UnwindLayout.FirstTable)
                {
                    problem = $"there is no room for more than {_rows.Count} binaries";
                    return Binary.None;
                }
                int number = UnwindLayout.FirstTable + _rows.Count;
                Keep(number, table.Rows);
                const uint loaded = 1, executable = 1;
                return new Binary(table.Base, number, table.Rows.Length, [.. file.Segments.Where(s => s.Type == loaded && (s.Flags & executable) != 0)]);
            }
            catch (Exception e) when (e is BpfFormatException or BpfException)
            {
                // Not a binary, or a broken one: its code is walked by frame pointers.
                return Binary.None;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
        return Binary.None;
    }

    private void Keep(int number, ReadOnlySpan<UnwindRow> rows)
    {
        var map = BpfMap.Create(RowsSpec((uint)rows.Length));
        _rows.Add(map);
        var keys = new uint[rows.Length];
        for (int i = 0; i < keys.Length; i++) keys[i] = (uint)i;
        map.UpdateBatch(MemoryMarshal.AsBytes(keys.AsSpan()), MemoryMarshal.AsBytes(rows));
        new BpfArrayOfMaps(_tables).Set((uint)number, map);
    }

    /// <summary>The map of a binary's rows. All are alike but for their length.</summary>
    public static MapSpec RowsSpec(uint rows) => new()
    {
        Name = "unwind_rows",
        Type = MapType.Array,
        KeySize = sizeof(uint),
        ValueSize = UnwindLayout.RowSize,
        MaxEntries = rows,
        Flags = MapFlags.InnerMap,
    };

    private readonly record struct Place(ulong Base, int Table, int Rows);

    private sealed record Binary(ulong Base, int Table, int Rows, ElfSegment[] Segments)
    {
        public static readonly Binary None = new(0, UnwindLayout.FramePointers, 0, []);
    }
}
