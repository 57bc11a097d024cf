using System.Diagnostics.CodeAnalysis;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>A bloom filter (5.16): says surely "no" or maybe "yes" to whether a value was added. Nothing is ever removed.</summary>
/// <typeparam name="T">The value, without padding: all its bytes are hashed.</typeparam>
public sealed unsafe class BpfBloomFilter<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : MapView where T : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a map.</exception>
    public BpfBloomFilter(BpfMap map) : base(map, [MapType.BloomFilter])
    {
        ElementLayout.CheckKey<T>();
        CheckValueSize<T>();
    }

    /// <summary>Creates a filter.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="expected">How many values are expected; more make wrong "yes" likelier.</param>
    /// <param name="hashes">How many hash functions, 1 to 15; 0 for the kernel's choice, 5.</param>
    /// <param name="options">Flags and the like.</param>
    public static BpfBloomFilter<T> Create(string name, uint expected, int hashes = 0, MapOptions? options = null)
    {
        ElementLayout.CheckKey<T>();
        ArgumentOutOfRangeException.ThrowIfNegative(hashes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hashes, 15);
        return Own(MapOptions.Create(options, new()
        {
            Name = name,
            Type = MapType.BloomFilter,
            ValueSize = (uint)sizeof(T),
            MaxEntries = expected,
            Extra = (ulong)hashes,
        }), static map => new BpfBloomFilter<T>(map));
    }

    /// <summary>Adds a value.</summary>
    public void Add(in T value)
    {
        fixed (T* v = &value)
        {
            var errno = Map.UpdateRaw(null, v, 0);
            if (errno != Errno.None) throw MapErrors.Refused(Map, MapErrors.Update, default, errno);
        }
    }

    /// <summary>Whether a value may have been added. False is certain.</summary>
    public bool MayContain(in T value)
    {
        // The lookup reads the value although it is called an output.
        T copy = value;
        var errno = Map.LookupRaw(null, &copy, 0);
        if (errno == Errno.None) return true;
        return errno == Errno.ENOENT ? false : throw MapErrors.Refused(Map, MapErrors.Lookup, default, errno);
    }
}
