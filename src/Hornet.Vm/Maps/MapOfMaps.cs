using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Vm.Maps;

/// <summary>Arrays and hashes of maps: programs get the inner map, the caller its number (<see cref="VmMap.Id"/>).</summary>
internal sealed class MapOfMaps : VmMap
{
    private readonly object _lock = new();
    private readonly Dictionary<string, (byte[] Key, VmMap Map)> _maps = new(StringComparer.Ordinal);

    public MapOfMaps(BpfMachine machine, MapSpec spec, uint id) : base(machine, spec, id)
    {
    }

    public override int Count => _maps.Count;

    public override IReadOnlyList<byte[]> Keys
    {
        get
        {
            lock (_lock) return [.. _maps.Values.Select(m => m.Key)];
        }
    }

    internal override ulong LookupAddress(ReadOnlySpan<byte> key, int cpu)
    {
        lock (_lock) return _maps.TryGetValue(Convert.ToHexString(key), out var found) ? found.Map.Handle : 0;
    }

    internal override byte[]? LookupCore(ReadOnlySpan<byte> key, int cpu)
    {
        lock (_lock) return _maps.TryGetValue(Convert.ToHexString(key), out var found) ? BitConverter.GetBytes(found.Map.Id) : null;
    }

    internal override Errno UpdateCore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MapUpdateFlags flags, int cpu)
    {
        if (Machine.MapById(MemoryMarshal.Read<uint>(value)) is not { } inner) return Errno.EBADF;
        if (Spec.InnerMap is { } wanted && (inner.Type != wanted.Type || inner.Spec.KeySize != wanted.KeySize || inner.Spec.ValueSize != wanted.ValueSize)) return Errno.EINVAL;
        lock (_lock)
        {
            string name = Convert.ToHexString(key);
            bool exists = _maps.ContainsKey(name);
            if (Type == MapType.ArrayOfMaps)
            {
                if (MemoryMarshal.Read<uint>(key) >= Spec.MaxEntries) return Errno.E2BIG;
                if (flags != MapUpdateFlags.Any) return Errno.EINVAL;
            }
            else
            {
                var error = CheckFlags(flags, exists);
                if (error != Errno.None) return error;
                if (!exists && _maps.Count >= Spec.MaxEntries) return Errno.E2BIG;
            }
            _maps[name] = (key.ToArray(), inner);
            return Errno.None;
        }
    }

    internal override Errno DeleteCore(ReadOnlySpan<byte> key)
    {
        lock (_lock) return _maps.Remove(Convert.ToHexString(key)) ? Errno.None : Errno.ENOENT;
    }

    private protected override string Why(Errno error) => error == Errno.EINVAL ? ". The inner map is of another kind or has other sizes than this map's values" : base.Why(error);
}
