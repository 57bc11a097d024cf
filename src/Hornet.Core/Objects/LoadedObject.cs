using Hornet.Btf;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Objects;

/// <summary>
/// An object in the kernel: its maps and programs, owned. Dispose it when everything is done; links that were made of its
/// programs keep what they need in the kernel.
/// </summary>
public sealed partial class LoadedObject : IDisposable
{
    private readonly BpfBtf? _btf;
    private readonly Dictionary<string, BpfMap> _maps;
    private readonly Dictionary<string, BpfProgram> _programs;

    internal LoadedObject(BpfObject spec, Dictionary<string, BpfMap> maps, Dictionary<string, BpfProgram> programs, BpfBtf? btf, IReadOnlyDictionary<string, int> dataOffsets, IReadOnlyDictionary<string, byte[]> structOpsValues)
    {
        Spec = spec;
        _maps = maps;
        _programs = programs;
        _btf = btf;
        StructOpsValues = structOpsValues;
        Globals = new LoadedGlobals(spec, maps, dataOffsets);
    }

    /// <summary>The tables that take effect when they are written, for attaching.</summary>
    internal IReadOnlyDictionary<string, byte[]> StructOpsValues { get; }

    /// <summary>What was loaded. Editing it changes nothing here.</summary>
    public BpfObject Spec { get; }

    /// <summary>The maps by name.</summary>
    public IReadOnlyDictionary<string, BpfMap> Maps => _maps;

    /// <summary>The programs by name; those with automatic loading off are not among them.</summary>
    public IReadOnlyDictionary<string, BpfProgram> Programs => _programs;

    /// <summary>The programs' global variables.</summary>
    public LoadedGlobals Globals { get; }

    /// <summary>The object's types in the kernel; null when it has none, or the kernel is too old for them.</summary>
    public BpfBtf? Btf => _btf;

    /// <summary>
    /// Why the object's types are not in the kernel although it has some; null when they are. The programs work without,
    /// as long as they use nothing that types are needed for.
    /// </summary>
    public BpfException? BtfFailure { get; internal init; }

    /// <summary>The map of that name.</summary>
    /// <exception cref="BpfException">There is none; the message names those there are.</exception>
    public BpfMap Map(string name) => _maps.TryGetValue(name, out var map)
        ? map
        : throw new BpfException($"{Spec.Name} has no map '{name}' in the kernel; there are {string.Join(", ", _maps.Keys)}");

    /// <summary>The program of that name.</summary>
    /// <exception cref="BpfException">There is none; the message names those there are.</exception>
    public BpfProgram Program(string name) => _programs.TryGetValue(name, out var program)
        ? program
        : throw new BpfException($"{Spec.Name} has no program '{name}' in the kernel; there are {string.Join(", ", _programs.Keys)}");

    /// <summary>Unmaps the globals and closes programs, maps and types.</summary>
    public void Dispose()
    {
        Globals.Dispose();
        foreach (var program in _programs.Values) program.Dispose();
        foreach (var map in _maps.Values) map.Dispose();
        _btf?.Dispose();
    }
}
