using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Vm.Maps;

/// <summary>
/// Hash maps, LRU and per-CPU too. All elements are there from the beginning, free or in use. An LRU map that is full gives
/// up the element that was not used for longest; the kernel's does so nearly, by batches.
/// </summary>
internal sealed class HashMap : VmMap
{
    private const int None = -1;

    private readonly object _lock = new();
    private readonly ValueStore _values;
    private readonly byte[] _keys;
    private readonly int[] _buckets;
    private readonly int[] _next;
    private readonly uint[] _hashes;

    // The LRU order as a ring of element numbers; the last place is the ring's own.
    private readonly int[]? _newer, _older;
    private int _free;
    private int _count;

    public HashMap(BpfMachine machine, MapSpec spec, uint id) : base(machine, spec, id)
    {
        int most = checked((int)spec.MaxEntries);
        bool perCpu = spec.Type is MapType.PerCpuHash or MapType.LruPerCpuHash;
        _values = new ValueStore(machine, spec.Name, spec.MaxEntries, ValueSize, perCpu ? machine.Options.CpuCount : 1, !spec.Flags.HasFlag(MapFlags.ReadOnlyProgram));
        machine.TakeMapMemory(spec.Name, (long)most * (KeySize + 16));
        _keys = new byte[(long)most * KeySize];
        _buckets = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)most)];
        _next = new int[most];
        _hashes = new uint[most];
        Array.Fill(_buckets, None);
        for (int i = 0; i < most; i++) _next[i] = i + 1;
        _next[^1] = None;
        if (spec.Type is not (MapType.LruHash or MapType.LruPerCpuHash)) return;
        _newer = new int[most + 1];
        _older = new int[most + 1];
        _newer[most] = _older[most] = most;
    }

    public override int Count => _count;

    public override IReadOnlyList<byte[]> Keys
    {
        get
        {
            lock (_lock) return [.. Elements().Select(i => KeyAt(i).ToArray())];
        }
    }

    internal override ulong LookupAddress(ReadOnlySpan<byte> key, int cpu)
    {
        lock (_lock)
        {
            int element = Find(key, Hash(key));
            if (element == None) return 0;
            Use(element);
            return _values.AddressOf(element, cpu);
        }
    }

    internal override byte[]? LookupCore(ReadOnlySpan<byte> key, int cpu)
    {
        // As in the kernel, looking from outside does not count as use.
        lock (_lock) return Find(key, Hash(key)) is var element && element != None ? _values[element, cpu].ToArray() : null;
    }

    internal override Errno UpdateCore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MapUpdateFlags flags, int cpu)
    {
        lock (_lock)
        {
            uint hash = Hash(key);
            int element = Find(key, hash);
            var error = CheckFlags(flags, element != None);
            if (error != Errno.None) return error;
            if (element == None)
            {
                if (_free == None && _newer is not null) Remove(_newer[^1]);
                if (_free == None) return Errno.E2BIG;
                element = Add(key, hash);
            }
            else
            {
                Use(element);
            }
            value.CopyTo(_values[element, cpu]);
            return Errno.None;
        }
    }

    internal override Errno DeleteCore(ReadOnlySpan<byte> key)
    {
        lock (_lock)
        {
            int element = Find(key, Hash(key));
            if (element == None) return Errno.ENOENT;
            Remove(element);
            return Errno.None;
        }
    }

    internal override long ForEach(byte[] key, int cpu, Func<ulong, bool> callback)
    {
        int[] elements;
        lock (_lock) elements = [.. Elements()];
        long calls = 0;
        foreach (int element in elements)
        {
            lock (_lock)
            {
                // The callback, or another thread, may have removed it meanwhile.
                KeyAt(element).CopyTo(key);
                if (Find(key, _hashes[element]) != element) continue;
            }
            calls++;
            if (callback(_values.AddressOf(element, cpu))) break;
        }
        return calls;
    }

    private Span<byte> KeyAt(int element) => _keys.AsSpan(element * KeySize, KeySize);

    private IEnumerable<int> Elements()
    {
        foreach (int head in _buckets)
        {
            for (int element = head; element != None; element = _next[element]) yield return element;
        }
    }

    private int Find(ReadOnlySpan<byte> key, uint hash)
    {
        for (int element = _buckets[hash & (uint)(_buckets.Length - 1)]; element != None; element = _next[element])
        {
            if (_hashes[element] == hash && KeyAt(element).SequenceEqual(key)) return element;
        }
        return None;
    }

    private int Add(ReadOnlySpan<byte> key, uint hash)
    {
        int element = _free;
        _free = _next[element];
        key.CopyTo(KeyAt(element));
        _hashes[element] = hash;
        // Values of CPUs that are not written are zero, as the kernel does since 5.11.
        _values.Clear(element);
        ref int head = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        _next[element] = head;
        head = element;
        _count++;
        if (_newer is not null) Append(element);
        return element;
    }

    private void Remove(int element)
    {
        ref int link = ref _buckets[_hashes[element] & (uint)(_buckets.Length - 1)];
        while (link != element) link = ref _next[link];
        link = _next[element];
        _next[element] = _free;
        _free = element;
        _count--;
        if (_newer is not null) Unlink(element);
    }

    private void Use(int element)
    {
        if (_newer is null) return;
        Unlink(element);
        Append(element);
    }

    private void Append(int element)
    {
        int ring = _newer!.Length - 1, newest = _older![ring];
        (_newer[newest], _older[element]) = (element, newest);
        (_newer[element], _older[ring]) = (ring, element);
    }

    private void Unlink(int element)
    {
        _newer![_older![element]] = _newer[element];
        _older[_newer[element]] = _older[element];
    }

    private static uint Hash(ReadOnlySpan<byte> key)
    {
        // FNV-1a by words, then mixed: the same on every run, so that walks have an order that can be relied on in tests.
        ulong hash = 0xcbf29ce484222325;
        while (key.Length >= 8)
        {
            hash = (hash ^ BitConverter.ToUInt64(key)) * 0x9e3779b97f4a7c15;
            hash ^= hash >> 29;
            key = key[8..];
        }
        foreach (byte b in key) hash = (hash ^ b) * 0x100000001b3;
        return (uint)(hash ^ (hash >> 32));
    }
}
