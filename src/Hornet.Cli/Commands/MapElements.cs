using Hornet.Cli.Common;
using Hornet.Maps;

namespace Hornet.Cli.Commands;

/// <summary>Receives one element of a map.</summary>
internal delegate void ElementCallback(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

/// <summary>Walks a map of any kind that can be walked.</summary>
internal static class MapElements
{
    /// <summary>Whether user space can walk a map of this kind key by key.</summary>
    public static bool CanWalk(MapType type) => type is not (MapType.RingBuf or MapType.UserRingBuf or MapType.Queue or MapType.Stack or MapType.BloomFilter
        or MapType.PerfEventArray or MapType.Arena or MapType.SkStorage or MapType.InodeStorage or MapType.TaskStorage or MapType.CgrpStorage or MapType.StructOps);

    /// <summary>
    /// Calls back for each element. When the element a walk stands on is deleted meanwhile, the kernel begins again; keys
    /// that were seen are then left out, so none is reported twice.
    /// </summary>
    public static void ForEach(BpfMap map, ElementCallback callback)
    {
        if (!CanWalk(map.Type)) throw new UserException($"the elements of a {map} cannot be walked from user space.");
        byte[] key = new byte[map.KeySize];
        byte[] previous = new byte[map.KeySize];
        byte[] value = new byte[map.ValueBufferSize];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (bool more = map.TryGetNextKey([], key); more; more = map.TryGetNextKey(previous, key))
        {
            key.CopyTo(previous, 0);
            if (!seen.Add(Convert.ToHexString(key))) continue;
            if (map.TryLookup(key, value)) callback(key, value);
        }
    }
}
