namespace Hornet.Script.Output;

/// <summary>What is in a map, however it is read.</summary>
internal interface IMapContents
{
    /// <summary>All elements, in the map's own order.</summary>
    MapSnapshot Read();

    /// <summary>One element: a block for each CPU of a per-CPU map, one behind the other without gaps; null when it is not there.</summary>
    byte[]? Find(ReadOnlySpan<byte> key);

    void Clear();

    /// <summary>Sets all values to zero and keeps the keys.</summary>
    void Zero();
}

/// <summary>The elements of a map at one time, their bytes side by side.</summary>
/// <param name="keySize">Bytes of a key.</param>
/// <param name="valueSize">Bytes of one CPU's value.</param>
/// <param name="cpus">How many blocks a value has: 1 for maps that are not per CPU.</param>
internal sealed class MapSnapshot(int keySize, int valueSize, int cpus = 1)
{
    private readonly ByteWriter _keys = new(1024);
    private readonly ByteWriter _values = new(4096);

    public int Count { get; private set; }

    /// <summary>How many CPUs a value has blocks of.</summary>
    public int Cpus { get; } = cpus;

    public int ValueSize { get; } = valueSize;

    public ReadOnlySpan<byte> Key(int index) => _keys.Written.Slice(index * keySize, keySize);

    /// <summary>A value's blocks, one for each CPU.</summary>
    public ReadOnlySpan<byte> Value(int index) => _values.Written.Slice(index * ValueSize * Cpus, ValueSize * Cpus);

    /// <param name="key">The key.</param>
    /// <param name="value">The blocks of all CPUs.</param>
    /// <param name="stride">Bytes from one block to the next; the kernel rounds up to 8.</param>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int stride)
    {
        _keys.Bytes(key[..keySize]);
        for (int cpu = 0; cpu < Cpus; cpu++) _values.Bytes(value.Slice(cpu * stride, ValueSize));
        Count++;
    }
}
