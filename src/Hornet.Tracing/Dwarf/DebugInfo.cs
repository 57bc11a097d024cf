using Hornet.Elf;

namespace Hornet.Tracing.Dwarf;

/// <summary>
/// The debug information of an executable or library (DWARF 2 to 5): its functions with parameters, its types, which line of which
/// file an instruction came from. It is found in the file itself or apart from it: by build id or <c>.gnu_debuglink</c> below
/// <c>/usr/lib/debug</c>, beside the binary or in folders of your own; split units (<c>.dwo</c>, <c>.dwp</c>) and what dwz shared are
/// followed. Opening reads headers; the first lookup by name makes one pass over all entries. Safe for concurrent use.
/// <para>Addresses are virtual addresses of the file, as its symbols have them; <see cref="FileOffset"/> says where a probe goes.</para>
/// </summary>
public sealed partial class DebugInfo : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ElfFile _binary, _debug;
    private readonly IReadOnlyList<string> _folders;
    private readonly List<ElfFile> _opened = [];
    private readonly List<string> _missing = [];
    private readonly DwarfImage _main;
    private readonly DwarfTypeImporter _importer;
    private List<DwarfImage>? _images;

    private DebugInfo(ElfFile binary, string path, ElfFile debug, IReadOnlyList<string> folders)
    {
        (_binary, _debug, _folders, BinaryPath) = (binary, debug, folders, path);
        DwarfImage? alternate = null;
        List<string> looked = [];
        if (DebugFiles.FindAlternate(debug, debug.Name, folders, looked) is { } shared)
        {
            _opened.Add(shared);
            alternate = new DwarfImage(new DwarfSections(shared, split: false), null);
        }
        else if (looked.Count > 0) _missing.Add($"the file that {debug.Name} shares entries with was not found ({string.Join(", ", looked)})");
        _main = new DwarfImage(new DwarfSections(debug, split: false), alternate);
        _importer = new DwarfTypeImporter(debug.Is64Bit ? 8 : 4, FindDefinition);
    }

    /// <summary>The binary.</summary>
    public string BinaryPath { get; }

    /// <summary>The file the debug information is in: the binary itself, or the one that was put apart.</summary>
    public string DebugPath => _debug.Name;

    /// <summary>
    /// What the debug information refers to and was not found: files of split units, what dwz shared. Functions and types of these
    /// are missing, the rest is there. Complete once something was looked up by name.
    /// </summary>
    public IReadOnlyList<string> Missing
    {
        get
        {
            lock (_gate) return [.. _missing];
        }
    }

    /// <summary>The machine.</summary>
    public ElfMachine Machine => _binary.Machine;

    /// <summary>Opens the debug information of a binary.</summary>
    /// <param name="path">The binary, as <see cref="Links.UserBinary.Find"/> finds it.</param>
    /// <param name="folders">Where separate debug files may be besides the usual places; each is laid out like <c>/usr/lib/debug</c> or simply holds them.</param>
    /// <exception cref="BpfException">There is none; the message says where was looked.</exception>
    /// <exception cref="BpfFormatException">The binary or its debug information is malformed.</exception>
    /// <exception cref="IOException">The binary cannot be read.</exception>
    public static DebugInfo Open(string path, params IReadOnlyList<string> folders) => TryOpen(path, folders, out var looked)
        ?? throw new BpfException($"{path} has no debug information{(looked.Count == 0 ? " and names no file that would have it" : $"; also looked for: {string.Join(", ", looked)}")}. Compile with -g, or install the debug symbols of its package");

    /// <summary>Opens the debug information of a binary; null when there is none.</summary>
    /// <param name="path">The binary.</param>
    /// <param name="folders">Where separate debug files may be besides the usual places.</param>
    /// <exception cref="BpfFormatException">The binary or its debug information is malformed.</exception>
    /// <exception cref="IOException">The binary cannot be read.</exception>
    public static DebugInfo? TryOpen(string path, params IReadOnlyList<string> folders) => TryOpen(path, folders, out _);

    /// <summary>Reads the debug information of a binary in memory; null when it has none.</summary>
    internal static DebugInfo? Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        var file = ElfFile.Parse(bytes, name);
        return file.FindSection(".debug_info") is null ? null : new DebugInfo(file, name, file, []);
    }

    /// <summary>Where in the binary the instruction at a virtual address is, as probes want it; null when it is in no loaded part.</summary>
    public ulong? FileOffset(ulong address) => _binary.FileOffset(address);

    /// <summary>Closes the files. Results that were handed out stay valid; what they read lazily is gone.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _binary.Dispose();
            _debug.Dispose();
            foreach (var file in _opened) file.Dispose();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => DebugPath == BinaryPath ? BinaryPath : $"{BinaryPath} ({DebugPath})";

    private static DebugInfo? TryOpen(string path, IReadOnlyList<string> folders, out List<string> looked)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(folders);
        looked = [];
        var binary = ElfFile.Open(path);
        ElfFile? debug = null;
        try
        {
            debug = DebugFiles.Find(binary, path, folders, looked);
            if (debug is not null) return new DebugInfo(binary, path, debug, folders);
            binary.Dispose();
            return null;
        }
        catch
        {
            binary.Dispose();
            debug?.Dispose();
            throw;
        }
    }

    /// <summary>All images that can have functions and types: the main one, what is shared, the split units.</summary>
    private List<DwarfImage> Images
    {
        get
        {
            if (_images is not null) return _images;
            List<DwarfImage> images = [_main];
            if (_main.Alternate is { } alternate) images.Add(alternate);
            AddSplitImages(images);
            return _images = images;
        }
    }
}
