using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>
/// A trie for the longest matching prefix (4.11): routes, networks, path prefixes. A lookup of an address finds the value
/// of the narrowest network that holds it.
/// </summary>
/// <typeparam name="TValue">The value.</typeparam>
public sealed unsafe class BpfLpmTrie<[DynamicallyAccessedMembers(ElementLayout.Fields)] TValue> : MapView where TValue : unmanaged
{
    private const int Header = sizeof(uint);
    private const int LongestKey = Header + 256;

    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a map.</exception>
    public BpfLpmTrie(BpfMap map) : base(map, [MapType.LpmTrie])
    {
        ElementLayout.CheckValue<TValue>();
        CheckValueSize<TValue>();
    }

    /// <summary>Creates a trie for prefixes of any data.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="dataSize">Bytes of the longest prefix, 1 to 256: 4 for IPv4, 16 for IPv6.</param>
    /// <param name="maxEntries">The largest number of prefixes.</param>
    /// <param name="options">Flags and the like.</param>
    public static BpfLpmTrie<TValue> Create(string name, int dataSize, uint maxEntries, MapOptions? options = null)
    {
        ElementLayout.CheckValue<TValue>();
        ArgumentOutOfRangeException.ThrowIfLessThan(dataSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dataSize, LongestKey - Header);
        return Own(MapOptions.Create(options, new()
        {
            Name = name,
            Type = MapType.LpmTrie,
            KeySize = (uint)(Header + dataSize),
            ValueSize = (uint)sizeof(TValue),
            MaxEntries = maxEntries,
            Flags = MapFlags.NoPrealloc,
        }), static map => new BpfLpmTrie<TValue>(map));
    }

    /// <summary>Creates a trie for networks of one address family.</summary>
    public static BpfLpmTrie<TValue> Create(string name, AddressFamily family, uint maxEntries, MapOptions? options = null) =>
        Create(name, family switch
        {
            AddressFamily.InterNetwork => 4,
            AddressFamily.InterNetworkV6 => 16,
            _ => throw new ArgumentOutOfRangeException(nameof(family), $"{family} is neither IPv4 nor IPv6."),
        }, maxEntries, options);

    /// <summary>Bytes of the longest prefix.</summary>
    public int DataSize => Map.KeySize - Header;

    /// <summary>Creates or replaces a prefix.</summary>
    /// <exception cref="BpfSyscallException">The trie is full (ENOSPC), or the kernel refused.</exception>
    public void Set(IPNetwork network, in TValue value, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        Span<byte> address = stackalloc byte[16];
        Set(AddressOf(network.BaseAddress, address), network.PrefixLength, value, flags);
    }

    /// <summary>Creates or replaces a prefix of any data.</summary>
    /// <param name="data">The bytes, the most significant first; missing ones are zero.</param>
    /// <param name="bits">How many bits count.</param>
    /// <param name="value">The value.</param>
    /// <param name="flags">How an existing prefix is treated.</param>
    public void Set(ReadOnlySpan<byte> data, int bits, in TValue value, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        byte* key = stackalloc byte[LongestKey];
        Fill(key, data, bits);
        fixed (TValue* v = &value)
        {
            var errno = Map.UpdateRaw(key, v, (ulong)flags);
            if (errno != Errno.None) throw MapErrors.Refused(Map, MapErrors.Update, new(key, Map.KeySize), errno, flags);
        }
    }

    /// <summary>The value of the longest prefix that an address matches.</summary>
    /// <returns>False when none matches.</returns>
    public bool TryMatch(IPAddress address, out TValue value)
    {
        Span<byte> bytes = stackalloc byte[16];
        return TryMatch(AddressOf(address, bytes), DataSize * 8, out value);
    }

    /// <summary>The value of the longest prefix that data matches.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="bits">How many bits of them there are: prefixes that are longer do not match.</param>
    /// <param name="value">The value; zero when none matches.</param>
    /// <returns>False when none matches.</returns>
    public bool TryMatch(ReadOnlySpan<byte> data, int bits, out TValue value)
    {
        byte* key = stackalloc byte[LongestKey];
        Fill(key, data, bits);
        Unsafe.SkipInit(out value);
        fixed (TValue* v = &value)
        {
            var errno = Map.LookupRaw(key, v, 0);
            if (errno == Errno.None) return true;
            value = default;
            return errno == Errno.ENOENT ? false : throw MapErrors.Refused(Map, MapErrors.Lookup, new(key, Map.KeySize), errno);
        }
    }

    /// <summary>The value of the longest prefix that an address matches.</summary>
    /// <typeparam name="TData">The address as its bytes lie on the wire, <see cref="DataSize"/> of them: <c>uint</c> for IPv4 in network order.</typeparam>
    /// <returns>False when none matches.</returns>
    public bool TryMatch<TData>(in TData data, out TValue value) where TData : unmanaged =>
        TryMatch(MemoryMarshal.AsBytes(new ReadOnlySpan<TData>(in data)), sizeof(TData) * 8, out value);

    /// <summary>Creates or replaces a prefix.</summary>
    /// <typeparam name="TData">The address as its bytes lie on the wire, <see cref="DataSize"/> of them.</typeparam>
    /// <param name="data">The address; bits after the prefix do not count.</param>
    /// <param name="bits">How many bits count.</param>
    /// <param name="value">The value.</param>
    /// <param name="flags">How an existing prefix is treated.</param>
    public void Set<TData>(in TData data, int bits, in TValue value, MapUpdateFlags flags = MapUpdateFlags.Any) where TData : unmanaged =>
        Set(MemoryMarshal.AsBytes(new ReadOnlySpan<TData>(in data)), bits, value, flags);

    /// <summary>Removes exactly this prefix; false when it is not there.</summary>
    /// <typeparam name="TData">The address as its bytes lie on the wire, <see cref="DataSize"/> of them.</typeparam>
    public bool Remove<TData>(in TData data, int bits) where TData : unmanaged =>
        Remove(MemoryMarshal.AsBytes(new ReadOnlySpan<TData>(in data)), bits);

    /// <summary>Removes exactly this prefix; false when it is not there.</summary>
    public bool Remove(IPNetwork network)
    {
        Span<byte> address = stackalloc byte[16];
        return Remove(AddressOf(network.BaseAddress, address), network.PrefixLength);
    }

    /// <summary>Removes exactly this prefix; false when it is not there.</summary>
    public bool Remove(ReadOnlySpan<byte> data, int bits)
    {
        byte* key = stackalloc byte[LongestKey];
        Fill(key, data, bits);
        var errno = Map.DeleteRaw(key);
        if (errno == Errno.None) return true;
        return errno == Errno.ENOENT ? false : throw MapErrors.Refused(Map, MapErrors.Delete, new(key, Map.KeySize), errno);
    }

    /// <summary>All prefixes as networks. For tries of 4 or 16 bytes.</summary>
    /// <exception cref="BpfException">The prefixes are not addresses.</exception>
    public IEnumerable<KeyValuePair<IPNetwork, TValue>> Networks()
    {
        if (DataSize is not (4 or 16)) throw new BpfException($"The {Map} has prefixes of {DataSize} bytes, which are not addresses.");
        foreach (var (data, bits, value) in Prefixes()) yield return new(new IPNetwork(new IPAddress(data), bits), value);
    }

    /// <summary>All prefixes.</summary>
    public IEnumerable<(byte[] Data, int Bits, TValue Value)> Prefixes()
    {
        var chunks = new MapChunks(Map);
        while (chunks.Next())
        {
            for (int i = 0; i < chunks.Count; i++)
            {
                var key = chunks.Key(i);
                yield return (key[Header..].ToArray(), (int)MemoryMarshal.Read<uint>(key), MemoryMarshal.Read<TValue>(chunks.Value(i)));
            }
        }
    }

    /// <summary>Kernel code only: the value of the longest prefix that data matches, in place; a null reference when none does.</summary>
    /// <param name="data">The bytes of the address; their number must be constant.</param>
    [KernelOnly]
    public ref TValue Find(ReadOnlySpan<byte> data) => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: the value of the longest prefix that an address matches, in place; a null reference when none does.</summary>
    /// <typeparam name="TData">The address as its bytes lie on the wire.</typeparam>
    [KernelOnly]
    public ref TValue Find<TData>(in TData data) where TData : unmanaged => throw KernelOnlyMember.Error();

    private void Fill(byte* key, ReadOnlySpan<byte> data, int bits)
    {
        if (data.Length > DataSize) throw new ArgumentException($"The {Map} has prefixes of {DataSize} bytes; {data.Length} were given.", nameof(data));
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, DataSize * 8);
        *(uint*)key = (uint)bits;
        Span<byte> target = new(key + Header, DataSize);
        target.Clear();
        data.CopyTo(target);
    }

    private ReadOnlySpan<byte> AddressOf(IPAddress address, Span<byte> into)
    {
        ArgumentNullException.ThrowIfNull(address);
        // The trie matches the bytes on the wire: the most significant first.
        if (!address.TryWriteBytes(into, out int length) || length != DataSize)
            throw new ArgumentException($"The {Map} has prefixes of {DataSize} bytes; {address} is not one of them.", nameof(address));
        return into[..length];
    }
}
