using System.Buffers.Binary;
using Hornet.Maps;

namespace Hornet.Links;

/// <summary>
/// A map of argument descriptions that a program looks its own up in by cookie: what <c>usdt.bpf.h</c> calls
/// <c>__bpf_usdt_specs</c>. Both layouts that header has had are known, told apart by the size of the value.
/// </summary>
public sealed class UsdtSpecTable
{
    /// <summary>The name of the map in objects that were compiled with <c>usdt.bpf.h</c>.</summary>
    public const string MapName = "__bpf_usdt_specs";

    private const int Arguments = 12;
    private const int Trailer = 16; // cookie, number of arguments, padding

    // Since libbpf 1.6 the description of an argument has an index register, and with it 24 bytes instead of 16.
    private const int ShortArgument = 16;
    private const int LongArgument = 24;

    private readonly Lock _lock = new();
    private readonly BpfMap _map;
    private readonly int _argumentSize;
    private readonly Stack<uint> _free = [];
    private uint _next;

    /// <summary>Takes an array map of an object. The map stays the caller's.</summary>
    /// <param name="map">The array.</param>
    /// <param name="addresses">
    /// Where the programs look up the number of their description by address; null when they take it from the cookie (5.15).
    /// </param>
    /// <exception cref="BpfException">The map is not a map of argument descriptions.</exception>
    public UsdtSpecTable(BpfMap map, UsdtAddressTable? addresses = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        Addresses = addresses;
        _map = map;
        _argumentSize = map.ValueSize switch
        {
            Arguments * ShortArgument + Trailer => ShortArgument,
            Arguments * LongArgument + Trailer => LongArgument,
            _ => throw new BpfException($"The map '{map.Name}' has values of {map.ValueSize} bytes; descriptions of USDT arguments have {Arguments * ShortArgument + Trailer} or {Arguments * LongArgument + Trailer}."),
        };
        if (map.Type != MapType.Array || map.KeySize != sizeof(uint)) throw new BpfException($"The map '{map.Name}' is not an array; it cannot hold descriptions of USDT arguments.");
    }

    /// <summary>Where programs look up their number by address; null when they take it from the cookie.</summary>
    public UsdtAddressTable? Addresses { get; }

    /// <summary>The definition of such a map, for programs that are not compiled with <c>usdt.bpf.h</c>.</summary>
    public static MapSpec CreateSpec(uint entries = 256) => new()
    {
        Name = MapName,
        Type = MapType.Array,
        KeySize = sizeof(uint),
        ValueSize = Arguments * LongArgument + Trailer,
        MaxEntries = entries,
    };

    /// <summary>Writes a description and returns its number.</summary>
    internal uint Add(IReadOnlyList<UsdtArgument> arguments, ulong cookie)
    {
        byte[] value = new byte[_map.ValueSize];
        for (int i = 0; i < arguments.Count; i++) Write(value.AsSpan(i * _argumentSize, _argumentSize), arguments[i]);
        var trailer = value.AsSpan(Arguments * _argumentSize);
        BinaryPrimitives.WriteUInt64LittleEndian(trailer, cookie);
        BinaryPrimitives.WriteInt16LittleEndian(trailer[8..], (short)arguments.Count);
        uint id;
        lock (_lock)
        {
            if (!_free.TryPop(out id))
            {
                if (_next >= _map.MaxEntries) throw new BpfException($"The map '{_map.Name}' has room for {_map.MaxEntries} descriptions of USDT arguments, and all are in use: make it larger before loading.");
                id = _next++;
            }
        }
        Span<byte> key = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(key, id);
        try
        {
            _map.Update(key, value);
        }
        catch
        {
            Remove(id);
            throw;
        }
        return id;
    }

    /// <summary>Makes a number free. The old description stays until it is overwritten: nothing refers to it.</summary>
    internal void Remove(uint id)
    {
        lock (_lock) _free.Push(id);
    }

    private void Write(Span<byte> to, in UsdtArgument argument)
    {
        if (argument.Kind == UsdtArgumentKind.IndexedMemory && _argumentSize == ShortArgument)
            throw new BpfException($"The USDT argument '{argument.Text}' has an index register, which the map '{_map.Name}' has no room for: compile the object with usdt.bpf.h of libbpf 1.6 or later.");
        BinaryPrimitives.WriteInt64LittleEndian(to, argument.Value);
        to[8] = (byte)argument.Kind;
        int rest = 12;
        if (_argumentSize == LongArgument)
        {
            int scale = int.Log2(argument.Scale);
            BinaryPrimitives.WriteUInt16LittleEndian(to[10..], (ushort)(argument.IndexOffset | scale << 12));
            rest = 14;
        }
        BinaryPrimitives.WriteInt16LittleEndian(to[rest..], (short)argument.RegisterOffset);
        to[rest + 2] = argument.IsSigned ? (byte)1 : (byte)0;
        to[rest + 3] = (byte)(64 - argument.Size * 8);
    }
}
