using Hornet.Maps;
using Hornet.Script.Binding;

namespace Hornet.Script.Lowering;

/// <summary>What follows from a map's kind and size.</summary>
internal static class MapShape
{
    // Memory for all keys at once up to this; beyond, keys get theirs when they come.
    private const long Preallocated = 16 << 20;

    // A table of 1 MiB, and memory for each key when it comes.
    private const uint GrownEntries = 64 << 10;

    /// <summary>How many keys a map may have. Those nobody limited grow, where memory for a key can be had whenever a program runs.</summary>
    public static uint EntriesOf(BoundMap map, LoweringOptions options) => Grows(map, options) ? Math.Max(map.MaxEntries, GrownEntries) : Math.Max(1, map.MaxEntries);

    // The kernel makes values for each CPU one by one, in the background: many new keys at once would be refused for want of memory.
    private static bool Grows(BoundMap map, LoweringOptions options) => map.Grows && map.Type == MapType.Hash && options.Has(6, 1);

    public static bool IsArray(MapType type) => type is MapType.Array or MapType.PerCpuArray;

    /// <summary>
    /// Large maps are not filled with memory before keys come: since 6.1 the kernel has an allocator that programs can use
    /// anywhere; before, such maps could stop a kernel whose allocator was traced.
    /// </summary>
    public static MapFlags FlagsOf(BoundMap map, LoweringOptions options)
    {
        if (map.Type is not (MapType.Hash or MapType.PerCpuHash) || !options.Has(6, 1)) return MapFlags.None;
        if (Grows(map, options)) return MapFlags.NoPrealloc;
        long element = (map.Key?.Size ?? 8) + 48 + (long)map.Value.Size * (map.Type == MapType.PerCpuHash ? options.CpuCount : 1);
        return element * map.MaxEntries > Preallocated ? MapFlags.NoPrealloc : MapFlags.None;
    }
}
