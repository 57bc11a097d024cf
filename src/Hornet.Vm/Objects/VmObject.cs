using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Kernel;
using Hornet.Objects;
using Hornet.Vm.Maps;

namespace Hornet.Vm;

/// <summary>
/// An object that was loaded into a machine: its programs, maps and global variables. Unlike the kernel, the machine loads the programs it can:
/// those it cannot say why when they are asked for.
/// </summary>
public sealed class VmObject
{
    private readonly IReadOnlyDictionary<string, BpfException> _refused;

    internal VmObject(BpfObject spec, IReadOnlyDictionary<string, VmMap> maps, IReadOnlyDictionary<string, VmProgram> programs, IReadOnlyDictionary<string, BpfException> refused)
    {
        Spec = spec;
        Maps = maps;
        Programs = programs;
        _refused = refused;
    }

    /// <summary>The object.</summary>
    public BpfObject Spec { get; }

    /// <summary>The maps by the object's names for them, data sections included.</summary>
    public IReadOnlyDictionary<string, VmMap> Maps { get; }

    /// <summary>The programs that were loaded, by name.</summary>
    public IReadOnlyDictionary<string, VmProgram> Programs { get; }

    /// <summary>The programs that could not be loaded, and why.</summary>
    public IReadOnlyDictionary<string, string> NotLoaded => _refused.ToDictionary(r => r.Key, r => r.Value.Message);

    /// <summary>The program of a name.</summary>
    /// <exception cref="BpfException">It could not be loaded, or the object has none of that name.</exception>
    public VmProgram Program(string name) =>
        Programs.TryGetValue(name, out var program) ? program
        : _refused.TryGetValue(name, out var reason) ? throw new BpfException($"{Spec.Name}: the program '{name}' could not be loaded: {reason.Message}", reason)
        : throw new BpfException($"{Spec.Name} has no program '{name}'. {CloseNames.Describe(name, [.. Programs.Keys, .. _refused.Keys])}".TrimEnd());

    /// <summary>The map of a name.</summary>
    /// <exception cref="BpfException">The machine does not have it.</exception>
    public VmMap Map(string name) =>
        Maps.TryGetValue(name, out var map) ? map : throw new BpfException($"{Spec.Name} has no map '{name}'. {CloseNames.Describe(name, [.. Maps.Keys])}".TrimEnd());

    /// <summary>Reads a global variable.</summary>
    public T GetGlobal<T>(string name) where T : unmanaged => MemoryMarshal.Read<T>(Variable(name, Unsafe.SizeOf<T>()));

    /// <summary>Writes a global variable. Constants too: unlike in the kernel, nothing was decided from them when the program was loaded.</summary>
    public void SetGlobal<T>(string name, T value) where T : unmanaged => MemoryMarshal.Write(Variable(name, Unsafe.SizeOf<T>()), in value);

    private Span<byte> Variable(string name, int size)
    {
        var variable = Spec.Variables.FirstOrDefault(v => v.Name == name) ?? throw new BpfException($"{Spec.Name} has no global variable '{name}'. {CloseNames.Describe(name, [.. Spec.GlobalNames])}".TrimEnd());
        if (!Maps.TryGetValue(variable.Map, out var map) || map is not ArrayMap array) throw new BpfException($"{Spec.Name}: the variable '{name}' is in '{variable.Map}', which the machine does not have");
        if (variable.Size != size) throw new BpfException($"{Spec.Name}: the variable '{name}' has {variable.Size} bytes, not {size}");
        return array.ValueAt(0).Slice((int)variable.Offset, size);
    }
}
