using System.Buffers.Binary;
using System.Text;
using Hornet.Btf;
using Hornet.Elf;
using Hornet.Maps;

namespace Hornet.Objects;

/// <summary>
/// Reads an ELF file into a <see cref="BpfObject"/>: first maps and externs, then functions with their relocations turned
/// into references by name, then programs, each with the functions it calls.
/// </summary>
internal sealed partial class ObjectReader
{
    private const uint MaximumDataSize = 1 << 28;

    private readonly ElfFile _elf;
    private readonly BpfObject _object;
    private readonly string _name;
    private readonly BtfSpec? _btf;
    private readonly BtfExt _ext = BtfExt.Empty;
    private readonly List<string> _remarks = [];

    /// <summary>Symbols by the section they are in; section symbols and nameless ones are left out.</summary>
    private readonly Dictionary<int, List<ElfSymbol>> _symbolsOf = [];

    private ObjectReader(ElfFile elf, string name)
    {
        _elf = elf;
        _name = name;
        if (elf.Type != ElfType.Relocatable) throw Broken($"it is not a relocatable object but {elf.Type}");
        if (elf.Machine is not (ElfMachine.Bpf or ElfMachine.None)) throw Broken($"it holds code for {elf.Machine}, not BPF");
        if (!elf.Is64Bit) throw Broken("a BPF object has 64 bits");
        _object = new BpfObject(BaseName(name)) { IsLittleEndian = elf.IsLittleEndian };
        if (elf.FindSection(".BTF") is { Size: > 0 } btf)
        {
            _object.Btf = _btf = BtfSpec.Parse(elf.Read(btf), null, name);
            if (elf.FindSection(".BTF.ext") is { Size: > 0 } ext) _ext = BtfExt.Parse(elf.Read(ext).Span, _btf);
        }
        foreach (var symbol in elf.Symbols)
        {
            if (!symbol.IsInSection || symbol.Name.Length == 0 || symbol.Type is ElfSymbolType.Section or ElfSymbolType.File) continue;
            int section = (int)symbol.SectionIndex;
            if (!_symbolsOf.TryGetValue(section, out var list)) _symbolsOf.Add(section, list = []);
            list.Add(symbol);
        }
        foreach (var list in _symbolsOf.Values) list.Sort((a, b) => a.Value != b.Value ? a.Value.CompareTo(b.Value) : a.Index.CompareTo(b.Index));
    }

    public static BpfObject Read(ElfFile elf, string name)
    {
        try
        {
            ObjectReader reader = new(elf, name);
            reader.ReadLicenseAndVersion();
            reader.ReadMaps();
            reader.ReadStructOps();
            reader.ReadDataSections();
            reader.ReadExterns();
            reader.ReadFunctions();
            reader.ReadMapContents();
            reader.ReadStructOpsPrograms();
            reader.BuildPrograms();
            reader._object.Remarks = reader._remarks;
            return reader._object;
        }
        catch (Exception e) when (e is OverflowException or ArgumentException or IndexOutOfRangeException or InvalidOperationException)
        {
            // The checks above mean to catch everything by name; whatever hostile bytes still provoke is a format error too.
            throw new BpfFormatException($"{name}: malformed object: {e.Message}", e);
        }
    }

    private BpfFormatException Broken(string what) => new($"{_name}: {what}");

    private static string BaseName(string name)
    {
        string file = Path.GetFileName(name);
        int dot = file.IndexOf('.');
        return dot > 0 ? file[..dot] : file;
    }

    private List<ElfSymbol> SymbolsOf(ElfSection section) => _symbolsOf.GetValueOrDefault(section.Index) ?? [];

    private void ReadLicenseAndVersion()
    {
        if (_elf.FindSection("license") is { } license)
        {
            var bytes = _elf.Read(license).Span;
            int end = bytes.IndexOf((byte)0);
            _object.License = Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
        }
        if (_elf.FindSection("version") is { } version)
        {
            var bytes = _elf.Read(version).Span;
            if (bytes.Length != 4) throw Broken($"the section 'version' has {bytes.Length} bytes, expected 4");
            _object.KernelVersion = _elf.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
        }
    }

    private void AddMap(MapSpec map)
    {
        if (_object.Maps.Contains(map.Name)) throw Broken($"two maps are named '{map.Name}'");
        _object.Maps.Add(map);
    }
}
