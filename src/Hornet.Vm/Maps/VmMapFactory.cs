using Hornet.Maps;

namespace Hornet.Vm.Maps;

/// <summary>Makes maps, refusing what the kernel would refuse.</summary>
internal static class VmMapFactory
{
    public static VmMap Create(BpfMachine machine, MapSpec spec, uint id)
    {
        Check(spec);
        return spec.Type switch
        {
            MapType.Array or MapType.PerCpuArray => new ArrayMap(machine, spec, id),
            MapType.Hash or MapType.PerCpuHash or MapType.LruHash or MapType.LruPerCpuHash => new HashMap(machine, spec, id),
            MapType.LpmTrie => new LpmTrieMap(machine, spec, id),
            MapType.Queue or MapType.Stack => new SequenceMap(machine, spec, id),
            MapType.ProgramArray => new ProgramArrayMap(machine, spec, id),
            MapType.ArrayOfMaps or MapType.HashOfMaps => new MapOfMaps(machine, spec, id),
            MapType.RingBuf or MapType.PerfEventArray => new VmEventMap(machine, spec, id),
            _ => throw new BpfException($"map '{spec.Name}': this machine does not have maps of the kind {spec.Type}. It has arrays, hashes, LRU and per-CPU ones, LPM tries, queues, stacks, program arrays, maps of maps, ring buffers and perf event arrays"),
        };
    }

    private static void Check(MapSpec spec)
    {
        const int most = 1 << 27;
        bool keyed = spec.Type is not (MapType.Queue or MapType.Stack or MapType.RingBuf), events = spec.Type is MapType.RingBuf or MapType.PerfEventArray;
        if (spec.Type is MapType.Array or MapType.PerCpuArray or MapType.ProgramArray or MapType.ArrayOfMaps && spec.KeySize != 4)
            throw new BpfException($"map '{spec.Name}': the keys of a map of the kind {spec.Type} are 4-byte indexes, not {spec.KeySize} bytes");
        if (spec.Type is MapType.ProgramArray or MapType.ArrayOfMaps or MapType.HashOfMaps && spec.ValueSize != 4)
            throw new BpfException($"map '{spec.Name}': the values of a map of the kind {spec.Type} have 4 bytes, not {spec.ValueSize}");
        if (!keyed && spec.KeySize != 0) throw new BpfException($"map '{spec.Name}': a map of the kind {spec.Type} has no keys, and a key size of {spec.KeySize} is given");
        if (keyed && !events && spec.KeySize is 0 or > 1 << 20) throw new BpfException($"map '{spec.Name}': a key size of {spec.KeySize} is not possible");
        if (!events && spec.ValueSize is 0 or > most) throw new BpfException($"map '{spec.Name}': a value size of {spec.ValueSize} is not possible");
        if (spec.Type != MapType.PerfEventArray && spec.MaxEntries is 0 or > most)
            throw new BpfException($"map '{spec.Name}': a size of {spec.MaxEntries} (max_entries) is not possible");
    }
}
