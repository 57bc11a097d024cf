using Hornet.Btf;
using Hornet.Elf;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Objects;

/// <summary>
/// A BPF object as plain data: programs, maps, types, what it wants of the kernel. Read from an ELF file or put together
/// in code; edited freely; loaded, or written back as a standard object file. Nothing in it depends on the running kernel.
/// </summary>
public sealed partial class BpfObject
{
    /// <summary>Begins an empty object.</summary>
    public BpfObject(string name) => Name = name;

    /// <summary>The object's name: the file's, without directory and extensions. Data-section maps are named after it.</summary>
    public string Name { get; set; }

    /// <summary>Whether the object is for little-endian machines. Only objects of this machine's order can be loaded.</summary>
    public bool IsLittleEndian { get; init; } = BitConverter.IsLittleEndian;

    /// <summary>The license (section <c>license</c>); programs take it over when they are read.</summary>
    public string License { get; set; } = "";

    /// <summary>The kernel version old kernels ask of kprobes (section <c>version</c>); 0 for none.</summary>
    public uint KernelVersion { get; set; }

    /// <summary>The programs.</summary>
    public NamedList<ProgramSpec> Programs { get; } = new("program", p => p.Name);

    /// <summary>The maps, those of the data sections (<c>.rodata</c>, <c>.bss</c>…) included.</summary>
    public NamedList<MapSpec> Maps { get; } = new("map", m => m.Name);

    /// <summary>What the object wants of the kernel.</summary>
    public NamedList<ExternSymbol> Externs { get; } = new("external symbol", e => e.Name);

    /// <summary>The types; null for objects without BTF.</summary>
    public BtfSpec? Btf { get; set; }

    /// <summary>
    /// What the file holds that has no effect, such as relocations in data, which no BPF loader can apply.
    /// </summary>
    public IReadOnlyList<string> Remarks { get; internal set; } = [];

    /// <summary>The variables of the data sections.</summary>
    internal List<GlobalVariable> Variables { get; } = [];

    /// <summary>The loaded types of a map that programs are loaded with instead of the object's own; null for none.</summary>
    internal SharedTypes? SharedTypes { get; set; }

    /// <summary>What the file said about its functions, by name: where they were and who may see them.</summary>
    internal Dictionary<string, FunctionTraits> Functions { get; } = [];

    /// <summary>The functions that are no programs, by name: what programs call, and what only another object's may.</summary>
    internal Dictionary<string, Instruction[]> Library { get; } = [];

    /// <summary>The first contents of the arena's globals (<c>.addr_space.1</c>); null without any.</summary>
    internal ArenaData? Arena { get; set; }

    /// <summary>Opens an object file.</summary>
    /// <exception cref="BpfFormatException">It is not a BPF object, or a broken one.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static BpfObject Open(string path) => Parse(File.ReadAllBytes(path), Path.GetFileName(path));

    /// <summary>Reads an object file in memory. The bytes must not change afterwards.</summary>
    /// <param name="bytes">The ELF file.</param>
    /// <param name="name">Its name, for messages and for the names of data-section maps.</param>
    public static BpfObject Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        using var elf = ElfFile.Parse(bytes, name);
        return ObjectReader.Read(elf, name);
    }

    /// <summary>
    /// Creates the maps and loads the programs in the running kernel. When anything fails, nothing stays behind.
    /// </summary>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="VerifierException">The verifier refused a program.</exception>
    /// <exception cref="BpfNotSupportedException">The running kernel lacks something.</exception>
    /// <exception cref="BpfException">The object asks for something that does not exist or does not fit; the message names it.</exception>
    public LoadedObject Load(LoadOptions? options = null) => ObjectLoader.Load(this, options ?? new LoadOptions());

    /// <summary>
    /// Writes the object as a standard ELF object file, which this library and any other loader reads. What exists only
    /// here cannot be written: values given to <see cref="Externs"/>, pin paths, first contents of ordinary maps.
    /// </summary>
    /// <exception cref="BpfException">Something has no form in an object file; the message names it.</exception>
    public byte[] ToElf() => ObjectWriter.Write(this);

    /// <summary>Writes the object to a file, as <see cref="ToElf"/> makes it.</summary>
    public void Save(string path) => File.WriteAllBytes(path, ToElf());

    /// <summary>The functions that other objects' programs can call once the two are linked: global ones that are no programs, with their types where there is BTF.</summary>
    public IEnumerable<(string Name, BtfType? Type)> CallableFunctions =>
        from function in Library.Keys
        where Functions[function].Binding == ElfSymbolBinding.Global
        select (function, Btf is not null && Btf.TryFind(function, BtfKind.Function, out var type) ? (BtfType?)type : null);

    /// <summary>
    /// Adds what another object has, as a static linker does: its types, maps, variables, programs. What one of them declares
    /// (<c>extern</c>) and the other defines is found there, and programs get the functions they call. The other object stays as it is.
    /// </summary>
    /// <param name="other">What is added.</param>
    /// <param name="hidesFunctions">
    /// Whether the verifier looks at the added functions with each caller, whatever is passed to them, instead of once and by their types
    /// alone: as if they were declared <c>__hidden</c>.
    /// </param>
    /// <exception cref="BpfException">Both define something of one name; the message names it.</exception>
    public void Link(BpfObject other, bool hidesFunctions = false) => ObjectLinker.Link(this, other, hidesFunctions);

    /// <summary>
    /// Renames a map, together with what refers to it: instructions, and the first contents of other maps.
    /// </summary>
    public void RenameMap(string name, string newName)
    {
        var map = Maps[name];
        if (name == newName) return;
        if (Maps.Contains(newName)) throw new BpfException($"there is a map named '{newName}' already");
        map.Name = newName;
        foreach (var other in Maps) RenameContents(other, name, newName);
        foreach (var program in Programs)
        {
            for (int i = 0; i < program.Instructions.Count; i++)
            {
                if (program.Instructions[i].Metadata is { ReferenceKind: Isa.ReferenceKind.Map or Isa.ReferenceKind.MapValue } metadata && metadata.Reference == name)
                    program.Instructions[i] = program.Instructions[i] with { Metadata = metadata with { Reference = newName } };
            }
        }
        foreach (var variable in Variables)
        {
            if (variable.Map == name) variable.Map = newName;
        }
        if (Arena?.Map == name) Arena = Arena with { Map = newName };
    }

    /// <summary>Renames a program, together with the maps whose first contents name it. Its function keeps its name.</summary>
    public void RenameProgram(string name, string newName)
    {
        var program = Programs[name];
        if (name == newName) return;
        if (Programs.Contains(newName)) throw new BpfException($"there is a program named '{newName}' already");
        program.Name = newName;
        foreach (var map in Maps)
        {
            RenameContents(map, name, newName);
            foreach (string member in map.StructOpsPrograms.Where(p => p.Value == name).Select(p => p.Key).ToList()) map.StructOpsPrograms[member] = newName;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Programs.Count} programs, {Maps.Count} maps)";

    private static void RenameContents(MapSpec map, string name, string newName)
    {
        for (int i = 0; i < map.Contents.Count; i++)
        {
            if (map.Contents[i].Value is string value && value == name) map.Contents[i] = (map.Contents[i].Key, newName);
        }
    }
}

/// <summary>A variable in a data section.</summary>
internal sealed class GlobalVariable
{
    public required string Name { get; init; }

    /// <summary>The data-section map it is in.</summary>
    public required string Map { get; set; }

    public required uint Offset { get; init; }

    public required uint Size { get; init; }

    /// <summary>The variable in the object's BTF; 0 when it is not described there.</summary>
    public uint BtfId { get; init; }

    /// <summary>Its symbol, for writing it back.</summary>
    public ElfSymbolBinding Binding { get; init; } = ElfSymbolBinding.Global;

    public ElfSymbolVisibility Visibility { get; init; }
}

/// <summary>Where a function was, and who may see it.</summary>
internal sealed record FunctionTraits(string Section, ElfSymbolBinding Binding, ElfSymbolVisibility Visibility, string FileName);

/// <summary>The first contents of an arena.</summary>
internal sealed record ArenaData(string Map, byte[] Bytes);
