using Hornet.Maps;

namespace Hornet.Buffers;

/// <summary>
/// Counts what programs could not deliver. The kernel does not count a ring buffer's losses, so programs do: where a
/// reservation fails they add one to a per-CPU slot of this map (or, atomically, to one for all), which is never reset.
/// Readers keep the last sum and report the difference, so no increment falls between reading and resetting:
/// produced = delivered + lost, exactly.
/// </summary>
public sealed class LossCounter : IDisposable
{
    private readonly BpfMap _map;
    private readonly byte[] _key;
    private readonly byte[] _values;
    private readonly Lock _gate = new();
    private readonly ulong _before;
    private ulong _reported;

    /// <summary>Reads the counter in a map that exists.</summary>
    /// <param name="map">An array, per CPU or not, whose values begin with a 64-bit counter. It stays the caller's.</param>
    /// <param name="index">The slot.</param>
    /// <exception cref="BpfException">The map is not such an array.</exception>
    public LossCounter(BpfMap map, uint index = 0)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.Type is not (MapType.PerCpuArray or MapType.Array) || map.ValueSize < sizeof(ulong))
            throw new BpfException($"A loss counter is an array, per CPU or not, of values of at least 8 bytes; this is a {map} with values of {map.ValueSize}.");
        if (index >= map.MaxEntries) throw new ArgumentOutOfRangeException(nameof(index), $"The {map} has {map.MaxEntries} slots.");
        _map = map;
        _key = BitConverter.GetBytes(index);
        _values = new byte[map.ValueBufferSize];
        _before = _reported = Read();
    }

    /// <summary>What the map of a counter looks like, for objects and programs under construction.</summary>
    /// <param name="name">The map's name.</param>
    /// <param name="slots">How many counters it has.</param>
    public static MapSpec Spec(string name, uint slots = 1) =>
        new() { Name = name, Type = MapType.PerCpuArray, KeySize = sizeof(uint), ValueSize = sizeof(ulong), MaxEntries = slots };

    /// <summary>Creates a counter with a map of its own.</summary>
    /// <param name="name">The map's name.</param>
    public static LossCounter Create(string name = "lost")
    {
        var map = BpfMap.Create(Spec(name));
        try
        {
            return new LossCounter(map) { OwnsMap = true };
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    private bool OwnsMap { get; init; }

    /// <summary>The map programs count in.</summary>
    public BpfMap Map => _map;

    /// <summary>What was lost since this object was made.</summary>
    public long Total
    {
        get
        {
            lock (_gate) return (long)(Read() - _before);
        }
    }

    /// <summary>What was lost since the last call.</summary>
    public long TakeDelta()
    {
        lock (_gate)
        {
            ulong now = Read();
            long delta = (long)(now - _reported);
            _reported = now;
            return delta;
        }
    }

    /// <summary>Closes the map if this object created it.</summary>
    public void Dispose()
    {
        if (OwnsMap) _map.Dispose();
    }

    private ulong Read()
    {
        if (!_map.TryLookup(_key, _values)) throw new BpfException($"The {_map} has no slot {BitConverter.ToUInt32(_key)}.");
        ulong sum = 0;
        for (int at = 0; at < _values.Length; at += _map.PerCpuStride) sum += BitConverter.ToUInt64(_values, at);
        return sum;
    }
}
