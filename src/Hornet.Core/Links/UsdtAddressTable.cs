using System.Buffers.Binary;
using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Links;

/// <summary>
/// A map in which a program looks up by its own address which place of a USDT probe it runs at: for kernels before 5.15,
/// which have no cookies. It is what <c>usdt.bpf.h</c> calls <c>__bpf_usdt_ip_to_spec_id</c>.
/// </summary>
/// <remarks>
/// Addresses are those of a running process. An executable that is not position independent has the same in every
/// process; for everything else <see cref="UsdtOptions.Process"/> must say which process is meant, and it must be running.
/// </remarks>
public sealed class UsdtAddressTable
{
    /// <summary>The name of the map in objects that were compiled with <c>usdt.bpf.h</c>.</summary>
    public const string MapName = "__bpf_usdt_ip_to_spec_id";

    private readonly BpfMap _map;

    /// <summary>Takes a hash map of an object: an address of 8 bytes to a number of 4. The map stays the caller's.</summary>
    /// <exception cref="BpfException">The map is not such a map.</exception>
    public UsdtAddressTable(BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map is not { Type: MapType.Hash, KeySize: sizeof(ulong), ValueSize: sizeof(uint) })
            throw new BpfException($"The map '{map.Name}' is not a hash of 8-byte addresses to 4-byte numbers; it cannot tell the places of a USDT probe apart.");
        _map = map;
    }

    /// <summary>The definition of such a map, for programs that are not compiled with <c>usdt.bpf.h</c>.</summary>
    public static MapSpec CreateSpec(uint entries = 1024) => new()
    {
        Name = MapName,
        Type = MapType.Hash,
        KeySize = sizeof(ulong),
        ValueSize = sizeof(uint),
        MaxEntries = entries,
    };

    internal void Add(ulong address, uint number, string target)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)], value = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(key, address);
        BinaryPrimitives.WriteUInt32LittleEndian(value, number);
        try
        {
            if (_map.TryUpdate(key, value, MapUpdateFlags.NoExist)) return;
        }
        catch (BpfSyscallException e) when (e.Errno == Errno.E2BIG)
        {
            throw new BpfException($"attach to {target}: the map '{_map.Name}' has room for {_map.MaxEntries} places, and all are in use: make it larger before loading.", e);
        }
        throw new BpfException($"attach to {target}: another USDT link with the map '{_map.Name}' is at 0x{address:x} already, and without cookies (Linux 5.15) a place has one number only. Dispose that link first, or load the object twice.");
    }

    internal void Remove(ulong address)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(key, address);
        _map.Remove(key);
    }
}
