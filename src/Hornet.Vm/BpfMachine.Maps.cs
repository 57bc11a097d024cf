using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Vm.Maps;

namespace Hornet.Vm;

public sealed partial class BpfMachine
{
    /// <summary>
    /// While what this gives is not disposed, typed maps that are created in the same flow of control
    /// (<c>BpfHashMap&lt;TKey, TValue&gt;.Create</c>…) are maps of this machine and not of the kernel. Everything they
    /// offer by key works, also after that: lookups, updates, removal, enumeration, the memory of global variables.
    /// </summary>
    /// <returns>Ends it.</returns>
    public IDisposable OwnMaps() => new MapDeclarationScope(spec =>
    {
        if (spec.Type is MapType.PerCpuArray or MapType.PerCpuHash or MapType.LruPerCpuHash && Options.CpuCount != CpuList.PossibleCount)
            throw new BpfException($"map '{spec.Name}': its values are read for {CpuList.PossibleCount} CPUs and the machine has {Options.CpuCount}: set VmOptions.CpuCount to CpuList.PossibleCount");
        if (spec.Type is MapType.ProgramArray or MapType.ArrayOfMaps or MapType.HashOfMaps or MapType.CgroupArray or MapType.DevMap or MapType.DevMapHash or MapType.CpuMap or MapType.XskMap or MapType.SockMap or MapType.SockHash)
            throw new BpfException($"map '{spec.Name}': the elements of a map of the kind {spec.Type} are descriptors of the kernel's, which a map of this machine cannot be given by its members. Program arrays and maps of maps work in a machine with objects: BpfMachine.Load");
        var own = spec;
        for (int i = 1; _maps.ContainsKey(own.Name); i++)
        {
            own = spec.Clone();
            own.Name = $"{spec.Name}_{i}";
        }
        return new MapBackend(AddMap(own));
    });

    /// <summary>The machine's map that a map created under <see cref="OwnMaps"/> is.</summary>
    /// <exception cref="BpfException">It is the kernel's, or another machine's.</exception>
    public VmMap Map(BpfMap map) => map.Backend is MapBackend { Map: var own } && own.Machine == this
        ? own
        : throw new BpfException($"The {map} is no map of this machine: maps are, which are created after BpfMachine.OwnMaps");

    /// <inheritdoc cref="Map(BpfMap)"/>
    public VmMap Map(MapView map) => Map(map.Map);
}
