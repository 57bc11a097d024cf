using System.Buffers.Binary;
using System.Text;
using Hornet.Elf;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Links;

/// <summary>A place in a binary where a USDT probe is: inlining gives one probe many.</summary>
/// <param name="FileOffset">The offset of its <c>nop</c> in the file.</param>
/// <param name="Address">The address of its <c>nop</c>, as the binary was linked.</param>
/// <param name="SemaphoreOffset">The file offset of the counter that says whether somebody listens; 0 for none.</param>
/// <param name="Layout">Where the arguments are: an index in <see cref="UsdtProbe.Layouts"/>.</param>
public readonly record struct UsdtSite(ulong FileOffset, ulong Address, ulong SemaphoreOffset, int Layout);

/// <summary>
/// A static probe that a program's author put into a binary (USDT, "SystemTap probes"): described by notes in the section
/// <c>.note.stapsdt</c>.
/// </summary>
public sealed class UsdtProbe
{
    private const string NoteSection = ".note.stapsdt";
    private const string BaseSection = ".stapsdt.base";
    private const string NoteOwner = "stapsdt";
    private const uint NoteType = 3;
    private const int Words = 24; // three addresses of 8 bytes

    private readonly List<UsdtSite> _sites = [];
    private readonly List<IReadOnlyList<UsdtArgument>> _layouts = [];
    private readonly Dictionary<string, int> _layoutsByText = new(StringComparer.Ordinal);

    private UsdtProbe(string path, string provider, string name, bool isMovable) => (Path, Provider, Name, IsMovable) = (path, provider, name, isMovable);

    /// <summary>Whether the binary lies at another address in each process: a library, or a position independent executable.</summary>
    internal bool IsMovable { get; }

    /// <summary>The binary.</summary>
    public string Path { get; }

    /// <summary>The provider: usually the name of the program or library.</summary>
    public string Provider { get; }

    /// <summary>The probe's name.</summary>
    public string Name { get; }

    /// <summary>Where it is.</summary>
    public IReadOnlyList<UsdtSite> Sites => _sites;

    /// <summary>The different ways its arguments lie, at one place or another.</summary>
    public IReadOnlyList<IReadOnlyList<UsdtArgument>> Layouts => _layouts;

    /// <inheritdoc/>
    public override string ToString() => $"{Provider}:{Name}";

    /// <summary>Finds a probe.</summary>
    /// <param name="binary">A path, or the name of an executable or library (see <see cref="UserBinary"/>).</param>
    /// <param name="provider">The provider; null for whichever has a probe of that name.</param>
    /// <param name="name">The probe's name.</param>
    /// <param name="process">A process in whose view of the file system the binary is; null for our own.</param>
    /// <exception cref="BpfException">No such binary or probe (with close names), or the name is ambiguous.</exception>
    public static UsdtProbe Find(string binary, string? provider, string name, int? process = null)
    {
        var all = List(binary, process);
        var found = all.Where(p => p.Name == name && (provider is null || p.Provider == provider)).ToList();
        if (found.Count == 1) return found[0];
        string wanted = provider is null ? name : $"{provider}:{name}";
        if (found.Count > 1) throw new BpfException($"There are several probes named '{name}': {string.Join(", ", found)}. Give the provider.");
        throw new BpfSyscallException($"find USDT probe '{wanted}' in '{UserBinary.Find(binary, process)}'", Errno.ENOENT,
            all.Count == 0 ? "The binary has no USDT probes." : CloseNames.Describe(wanted, [.. all.Select(p => provider is null ? p.Name : p.ToString())]));
    }

    /// <summary>Every probe of a binary; empty when it has none.</summary>
    public static IReadOnlyList<UsdtProbe> List(string binary, int? process = null)
    {
        string path = UserBinary.Find(binary, process);
        using var file = ElfFile.Open(path);
        return Read(file, path);
    }

    /// <summary>Reads the notes of a binary.</summary>
    /// <exception cref="BpfFormatException">The notes are malformed.</exception>
    internal static IReadOnlyList<UsdtProbe> Read(ElfFile file, string path)
    {
        Dictionary<(string, string), UsdtProbe> probes = [];
        if (file.FindSection(NoteSection) is null) return [];
        if (!file.Is64Bit || !file.IsLittleEndian) throw new BpfFormatException($"{path}: USDT probes of 32-bit or big-endian binaries are not known.");
        ulong linkedBase = file.FindSection(BaseSection)?.Address ?? 0;
        Dictionary<string, ulong>? symbols = null;
        ulong? Symbol(string name)
        {
            if (symbols is null)
            {
                symbols = new(StringComparer.Ordinal);
                foreach (var symbol in file.Symbols.Concat(file.DynamicSymbols)) if (symbol.IsInSection) symbols.TryAdd(symbol.Name, symbol.Value);
            }
            return symbols.TryGetValue(name, out ulong value) ? value : null;
        }
        foreach (var note in file.NotesOf(NoteSection))
        {
            if (note.Type != NoteType || note.Owner != NoteOwner) continue;
            var bytes = note.Description.Span;
            if (bytes.Length < Words) throw new BpfFormatException($"{path}: a USDT note of {bytes.Length} bytes is cut off.");
            ulong address = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            ulong noteBase = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
            ulong semaphore = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
            var text = bytes[Words..];
            string provider = Text(ref text, path), name = Text(ref text, path), arguments = Text(ref text, path);
            if (address == 0) continue; // the linker threw the code away and kept the note
            // Prelink moves the code and not the notes; the section header of the base tells how far.
            if (linkedBase != 0 && noteBase != 0)
            {
                address += linkedBase - noteBase;
                if (semaphore != 0) semaphore += linkedBase - noteBase;
            }
            if (!probes.TryGetValue((provider, name), out var probe)) probes.Add((provider, name), probe = new UsdtProbe(path, provider, name, file.Type == ElfType.SharedObject));
            probe.Add(file, address, semaphore, arguments, Symbol);
        }
        return [.. probes.Values];
    }

    private void Add(ElfFile file, ulong address, ulong semaphore, string arguments, Func<string, ulong?> symbol)
    {
        ulong offset = OffsetOf(file, address, executable: true) ?? throw new BpfFormatException($"{Path}: the probe {this} at 0x{address:x} lies in no executable segment.");
        ulong counter = 0;
        if (semaphore != 0)
            counter = OffsetOf(file, semaphore, executable: false) ?? throw new BpfFormatException($"{Path}: the semaphore of {this} at 0x{semaphore:x} lies in no data of the file.");
        // An operand relative to the instruction pointer differs from place to place although its text does not.
        string key = arguments.Contains("(%rip)", StringComparison.Ordinal) ? $"{arguments} at {address}" : arguments;
        if (!_layoutsByText.TryGetValue(key, out int layout))
        {
            layout = _layouts.Count;
            _layouts.Add(UsdtArgument.ParseAll(arguments, file.Machine, (address, symbol)));
            _layoutsByText.Add(key, layout);
        }
        _sites.Add(new UsdtSite(offset, address, counter, layout));
    }

    private static ulong? OffsetOf(ElfFile file, ulong address, bool executable)
    {
        foreach (var segment in file.Segments)
        {
            if (segment.IsLoaded && segment.IsExecutable == executable && address >= segment.VirtualAddress && address - segment.VirtualAddress < segment.FileSize)
                return address - segment.VirtualAddress + segment.Offset;
        }
        return null;
    }

    private static string Text(ref ReadOnlySpan<byte> bytes, string path)
    {
        int end = bytes.IndexOf((byte)0);
        if (end < 0) throw new BpfFormatException($"{path}: a text of a USDT note does not end.");
        string text = Encoding.UTF8.GetString(bytes[..end]);
        bytes = bytes[(end + 1)..];
        // The assembler writes a lone colon where there are no arguments.
        return text == ":" ? "" : text;
    }
}
