using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Vm.Maps;

/// <summary>
/// Longest-prefix matching. Keys are a prefix length in bits (32 bits, this machine's order) and the data, most significant
/// bit first. Elements of each length are in a table of their own, and a lookup tries the lengths that occur, longest first.
/// </summary>
internal sealed class LpmTrieMap : VmMap
{
    private readonly object _lock = new();
    private readonly ValueStore _values;
    private readonly SortedDictionary<int, Dictionary<string, int>> _byLength = new(Comparer<int>.Create((a, b) => b.CompareTo(a)));
    private readonly Stack<int> _free = new();
    private int _count;

    public LpmTrieMap(BpfMachine machine, MapSpec spec, uint id) : base(machine, spec, id)
    {
        if (spec.KeySize is < 5 or > 260) throw new BpfException($"map '{spec.Name}': the keys of an LPM trie have 4 bytes of prefix length and 1 to 256 bytes of data, not {spec.KeySize} bytes");
        if (!spec.Flags.HasFlag(MapFlags.NoPrealloc)) throw new BpfException($"map '{spec.Name}': an LPM trie wants the flag NoPrealloc (BPF_F_NO_PREALLOC)");
        _values = new ValueStore(machine, spec.Name, spec.MaxEntries, ValueSize, 1, !spec.Flags.HasFlag(MapFlags.ReadOnlyProgram));
        for (int i = (int)spec.MaxEntries - 1; i >= 0; i--) _free.Push(i);
    }

    public override int Count => _count;

    public override IReadOnlyList<byte[]> Keys
    {
        get
        {
            lock (_lock) return [.. _byLength.SelectMany(t => t.Value.Keys.Select(data => MakeKey(t.Key, data)))];
        }
    }

    internal override long LookupCost => (long)_byLength.Count * (KeySize >> 2);

    private int DataBits => (KeySize - 4) * 8;

    internal override ulong LookupAddress(ReadOnlySpan<byte> key, int cpu)
    {
        lock (_lock) return Match(key) is var element && element >= 0 ? _values.AddressOf(element, 0) : 0;
    }

    internal override byte[]? LookupCore(ReadOnlySpan<byte> key, int cpu)
    {
        lock (_lock) return Match(key) is var element && element >= 0 ? _values[element, 0].ToArray() : null;
    }

    internal override Errno UpdateCore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MapUpdateFlags flags, int cpu)
    {
        uint length = MemoryMarshal.Read<uint>(key);
        if (length > DataBits) return Errno.EINVAL;
        lock (_lock)
        {
            string data = Prefix(key[4..], (int)length);
            int element = _byLength.TryGetValue((int)length, out var table) && table.TryGetValue(data, out int found) ? found : -1;
            var error = CheckFlags(flags, element >= 0);
            if (error != Errno.None) return error;
            if (element < 0)
            {
                if (!_free.TryPop(out element)) return Errno.ENOSPC;
                if (table is null) _byLength.Add((int)length, table = new Dictionary<string, int>(StringComparer.Ordinal));
                table.Add(data, element);
                _count++;
            }
            value.CopyTo(_values[element, 0]);
            return Errno.None;
        }
    }

    internal override Errno DeleteCore(ReadOnlySpan<byte> key)
    {
        uint length = MemoryMarshal.Read<uint>(key);
        if (length > DataBits) return Errno.EINVAL;
        lock (_lock)
        {
            if (!_byLength.TryGetValue((int)length, out var table) || !table.Remove(Prefix(key[4..], (int)length), out int element)) return Errno.ENOENT;
            if (table.Count == 0) _byLength.Remove((int)length);
            _free.Push(element);
            _count--;
            return Errno.None;
        }
    }

    /// <summary>The element with the longest prefix of the key, no longer than the key's own length; -1 for none.</summary>
    private int Match(ReadOnlySpan<byte> key)
    {
        uint most = Math.Min(MemoryMarshal.Read<uint>(key), (uint)DataBits);
        foreach (var (length, table) in _byLength)
        {
            if (length <= most && table.TryGetValue(Prefix(key[4..], length), out int element)) return element;
        }
        return -1;
    }

    // One character for each byte: strings compare and hash well.
    private static string Prefix(ReadOnlySpan<byte> data, int bits) => string.Create(data.Length, (Bytes: data.ToArray(), bits), static (text, state) =>
    {
        for (int i = 0; i < text.Length; i++)
        {
            int left = Math.Clamp(state.bits - (i * 8), 0, 8);
            text[i] = (char)(state.Bytes[i] & (0xff00 >> left) & 0xff);
        }
    });

    private byte[] MakeKey(int length, string data)
    {
        byte[] key = new byte[KeySize];
        MemoryMarshal.Write(key, in length);
        for (int i = 0; i < data.Length; i++) key[4 + i] = (byte)data[i];
        return key;
    }
}
