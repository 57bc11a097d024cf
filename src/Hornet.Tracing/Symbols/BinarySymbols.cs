using System.Text;
using Hornet.Elf;
using Hornet.Tracing.Dwarf;

namespace Hornet.Tracing.Symbols;

/// <summary>A symbol found for an address.</summary>
/// <param name="Name">The name as it is in the file, without a version.</param>
/// <param name="Address">Where it begins: a virtual address of the file.</param>
/// <param name="Size">Bytes; 0 when not recorded.</param>
public readonly record struct BinarySymbol(string Name, ulong Address, ulong Size);

/// <summary>
/// The symbols of a binary by address: both of its tables and, when it is stripped, those of its separate debug file. Four
/// numbers a symbol and the string tables as they are in the file; names become text when they are asked for. Safe for concurrent use.
/// </summary>
public sealed class BinarySymbols
{
    private readonly ulong[] _addresses;
    private readonly uint[] _sizes;
    // The string table in the two highest bits, the offset in it below.
    private readonly uint[] _names;
    private readonly ReadOnlyMemory<byte>[] _strings;
    private readonly ElfSegment[] _segments;

    private BinarySymbols(ulong[] addresses, uint[] sizes, uint[] names, ReadOnlyMemory<byte>[] strings, ElfFile file)
    {
        (_addresses, _sizes, _names, _strings) = (addresses, sizes, names, strings);
        _segments = [.. file.Segments.Where(s => s.IsLoaded)];
        BuildId = file.BuildId is { } id ? Convert.ToHexStringLower(id.Span) : null;
    }

    /// <summary>The number of addresses that have a symbol.</summary>
    public int Count => _addresses.Length;

    /// <summary>The linker's fingerprint of the file in hexadecimal digits; null when it has none.</summary>
    public string? BuildId { get; }

    /// <summary>Reads the symbols of a binary.</summary>
    /// <param name="path">The binary; also below <c>/proc/PID/root</c>, or a file of <c>/proc/PID/map_files</c>.</param>
    /// <param name="folders">Where separate debug files may be besides the usual places.</param>
    /// <exception cref="BpfFormatException">It is not an ELF file, or a broken one.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static BinarySymbols Open(string path, params IReadOnlyList<string> folders)
    {
        using var file = ElfFile.Open(path);
        return Read(file, path, folders);
    }

    /// <summary>The symbol an address lies in: one whose range has it, or the last one before it without a size. Null for none.</summary>
    /// <param name="address">A virtual address of the file.</param>
    public BinarySymbol? Find(ulong address)
    {
        int index = Array.BinarySearch(_addresses, address);
        if (index < 0) index = ~index - 1;
        // A short symbol inside a longer one (an alias of its middle) hides the longer one; a few steps back find it.
        for (int steps = 0; index >= 0 && steps < 8; index--, steps++)
        {
            if (address - _addresses[index] < _sizes[index] || (_sizes[index] == 0 && steps == 0)) return At(index);
        }
        return null;
    }

    /// <summary>The virtual address of the byte at an offset of the file; null when no loaded part has it.</summary>
    public ulong? AddressOf(ulong fileOffset)
    {
        foreach (var segment in _segments)
        {
            if (fileOffset >= segment.Offset && fileOffset - segment.Offset < segment.FileSize) return fileOffset - segment.Offset + segment.VirtualAddress;
        }
        return null;
    }

    internal static BinarySymbols Read(ElfFile file, string path, IReadOnlyList<string> folders)
    {
        Builder builder = new(file.Machine);
        builder.Add(file.Symbols);
        builder.Add(file.DynamicSymbols);
        if (file.Symbols.Count == 0)
        {
            // Stripped: the file that was put apart has the whole table.
            try
            {
                if (DebugFiles.FindSymbols(file, path, folders) is { } apart)
                {
                    using (apart) builder.Add(apart.Symbols);
                }
            }
            catch (BpfFormatException)
            {
                // A broken debug file takes away what it would have added, no more.
            }
        }
        return builder.Build(file);
    }

    private BinarySymbol At(int index)
    {
        uint name = _names[index];
        var text = _strings[(int)(name >> 30)].Span[(int)(name & 0x3fffffff)..];
        int end = text.IndexOf((byte)0);
        if (end >= 0) text = text[..end];
        // The linker's table writes versions into names.
        int at = text.IndexOf((byte)'@');
        if (at > 0) text = text[..at];
        return new BinarySymbol(Encoding.UTF8.GetString(text), _addresses[index], _sizes[index]);
    }

    private sealed class Builder(ElfMachine machine)
    {
        private readonly List<(ulong Address, uint Size, uint Name, int Rank)> _all = [];
        private readonly List<ReadOnlyMemory<byte>> _strings = [];

        public void Add(ElfSymbolTable table)
        {
            if (table.Count == 0 || _strings.Count == 4) return;
            uint number = (uint)_strings.Count << 30;
            _strings.Add(table.StringBytes);
            for (int i = 1; i < table.Count; i++)
            {
                var raw = table.RawAt(i);
                if (raw.SectionIndex is 0 or >= ElfSymbol.AbsoluteSection and <= 0xffff || raw.NameOffset == 0 || raw.NameOffset >= (uint)Math.Min(table.StringBytes.Length, 0x3fffffff)) continue;
                // Functions before data before what assembly left without a type.
                int rank = raw.Type switch
                {
                    ElfSymbolType.Function or ElfSymbolType.IndirectFunction => 0,
                    ElfSymbolType.Object => 4,
                    ElfSymbolType.None => 8,
                    _ => -1,
                };
                // Mapping symbols of Arm ($x, $d) say where code turns into data.
                if (rank < 0 || table.StringBytes.Span[(int)raw.NameOffset] is 0 or (byte)'$') continue;
                rank += raw.Binding switch { ElfSymbolBinding.Global => 0, ElfSymbolBinding.Weak => 1, _ => 2 };
                ulong address = machine == ElfMachine.Arm ? raw.Value & ~1UL : raw.Value;
                _all.Add((address, (uint)Math.Min(raw.Size, uint.MaxValue), number | raw.NameOffset, rank));
            }
        }

        public BinarySymbols Build(ElfFile file)
        {
            _all.Sort((a, b) => a.Address != b.Address ? a.Address.CompareTo(b.Address) : (a.Size == 0) != (b.Size == 0) ? (a.Size == 0).CompareTo(b.Size == 0) : a.Rank != b.Rank ? a.Rank.CompareTo(b.Rank) : a.Name.CompareTo(b.Name));
            List<ulong> addresses = new(_all.Count);
            List<uint> sizes = new(_all.Count), names = new(_all.Count);
            foreach (var (address, size, name, _) in _all)
            {
                if (addresses.Count > 0 && addresses[^1] == address) continue;
                addresses.Add(address);
                sizes.Add(size);
                names.Add(name);
            }
            return new BinarySymbols([.. addresses], [.. sizes], [.. names], [.. _strings], file);
        }
    }
}
