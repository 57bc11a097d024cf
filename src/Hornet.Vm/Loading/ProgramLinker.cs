using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Vm.Execution;

namespace Hornet.Vm.Loading;

/// <summary>Puts addresses and functions of a machine in place of what instructions name.</summary>
/// <param name="machine">The machine.</param>
/// <param name="program">The program's name, for messages.</param>
/// <param name="programId">The program's number, which is part of its functions' addresses.</param>
/// <param name="maps">Maps by the names that the program uses; the machine's own for names that are not here.</param>
internal sealed class ProgramLinker(BpfMachine machine, string program, uint programId, IReadOnlyDictionary<string, VmMap>? maps)
{
    private readonly List<VmFunctionReference> _externals = [];
    private readonly Dictionary<(bool IsKernelFunction, long Number, string? Name), int> _indexes = [];

    public VmFunctionReference[] Externals => [.. _externals];

    /// <summary>The number that a 64-bit load puts into its register.</summary>
    public long ValueOf(in Instruction i, int slot)
    {
        var metadata = i.Metadata;
        switch (metadata?.ReferenceKind)
        {
            case ReferenceKind.Map:
                return (long)FindMap(metadata.Reference!).Handle;
            case ReferenceKind.MapValue:
                return (long)ValueAddress(FindMap(metadata.Reference!), (uint)((ulong)i.Constant >> 32));
            case ReferenceKind.KernelSymbol:
                return (long)FindSymbol(metadata.Reference!);
        }
        return i.PseudoSource switch
        {
            PseudoSource.None => i.Constant,
            PseudoSource.Function => (long)VmAddress.OfFunction(programId, slot + 1 + (int)i.Constant),
            PseudoSource.MapFd or PseudoSource.MapIndex => (long)FindMap((uint)i.Constant).Handle,
            PseudoSource.MapValue or PseudoSource.MapIndexValue => (long)ValueAddress(FindMap((uint)i.Constant), (uint)((ulong)i.Constant >> 32)),
            _ => throw Error($"it takes the address of the kernel variable with BTF id {(uint)i.Constant}, which only has a name in an object: load the object"),
        };
    }

    /// <summary>The place in <see cref="Externals"/> of the helper or kernel function that a call calls.</summary>
    public int ExternalOf(in Instruction i)
    {
        bool isKernelFunction = i.IsKernelFunctionCall || i.Metadata?.ReferenceKind == ReferenceKind.KernelFunction;
        string? name = isKernelFunction ? i.Metadata?.Reference ?? i.Metadata?.Comment : i.Metadata?.Comment;
        var key = (isKernelFunction, isKernelFunction && name is not null ? 0 : i.Constant, name);
        if (_indexes.TryGetValue(key, out int index)) return index;
        VmFunctionReference reference;
        if (isKernelFunction)
        {
            reference = new(name is null ? $"the kernel function with BTF id {i.Constant}" : $"the kernel function '{name}'", name is null ? null : machine.KernelFunction(name));
        }
        else
        {
            var helper = (BpfHelper)(int)i.Constant;
            string label = HelperTable.NameOf(helper) is { } known ? $"{known} (helper {(int)helper})" : name ?? $"helper {(int)helper}";
            reference = new(label, machine.Helper((int)helper));
        }
        _indexes.Add(key, index = _externals.Count);
        _externals.Add(reference);
        return index;
    }

    private static ulong ValueAddress(VmMap map, uint offset)
    {
        ulong address = map.DirectValueAddress(out uint size);
        if (offset >= size) throw new BpfFormatException($"the offset {offset} lies beyond the {size} bytes that map '{map.Name}' has");
        return address + offset;
    }

    private VmMap FindMap(string name)
    {
        if (maps is not null && maps.TryGetValue(name, out var map)) return map;
        if (machine.Maps.TryGetValue(name, out map)) return map;
        throw Error($"it uses the map '{name}', which the machine does not have. {CloseNames.Describe(name, [.. machine.Maps.Keys, .. maps?.Keys ?? []])}".TrimEnd());
    }

    private VmMap FindMap(uint id) => machine.MapById(id) ?? throw Error($"it uses the map {id}, and the machine has no map with that id. VmMap.Id says which there are");

    private ulong FindSymbol(string name) =>
        machine.Symbol(name) ?? throw Error($"it uses the kernel symbol '{name}', which this machine does not have. Give it memory: BpfMachine.AddMemory, then DefineSymbol");

    private BpfFormatException Error(string message) => new($"load program '{program}': {message}");
}
