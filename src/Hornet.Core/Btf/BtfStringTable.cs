using System.Text;

namespace Hornet.Btf;

/// <summary>
/// The string section under construction: zero-terminated strings, each once. Strings of the base are reused. The index
/// is of offsets into the bytes, so that a table of a whole kernel makes no string objects.
/// </summary>
internal sealed class BtfStringTable
{
    private readonly BtfSpec? _base;
    private byte[] _bytes = new byte[256];
    private int _length;
    private uint[] _slots = new uint[256]; // global offset + 1; 0 is free
    private int _used;
    private bool _baseIndexed;
    private bool _ownIndexed = true;

    /// <summary>An empty table. Offset 0 is the empty string, here or in the base.</summary>
    public BtfStringTable(BtfSpec? baseSpec)
    {
        _base = baseSpec;
        BaseLength = baseSpec is null ? 0 : baseSpec.StringBase + (uint)baseSpec.StringLength;
        if (baseSpec is null) _length = 1;
    }

    /// <summary>A table that begins with the strings of a set, at their offsets.</summary>
    public static BtfStringTable CopyOf(BtfSpec spec)
    {
        BtfStringTable table = new(spec.Base);
        ReadOnlySpan<byte> own = spec.OwnStrings;
        table._bytes = new byte[Math.Max(own.Length, 256)];
        own.CopyTo(table._bytes);
        table._length = own.Length;
        table._ownIndexed = false;
        return table;
    }

    public uint BaseLength { get; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public uint Add(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Span<byte> buffer = length <= 256 ? stackalloc byte[length] : new byte[length];
        Encoding.UTF8.GetBytes(value, buffer);
        return Add(buffer);
    }

    public uint Add(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return 0;
        if (value.Contains((byte)0)) throw new ArgumentException("A BTF string cannot contain a zero byte.", nameof(value));
        if (_base is not null && !_baseIndexed)
        {
            // Only when a string is really added: loading an unchanged split set needs no index of its base.
            _baseIndexed = true;
            for (BtfSpec? spec = _base; spec is not null; spec = spec.Base) IndexAll(spec.OwnStrings, spec.StringBase);
        }
        if (!_ownIndexed)
        {
            _ownIndexed = true;
            IndexAll(Bytes, BaseLength);
        }
        int slot = Find(value);
        if (_slots[slot] != 0) return _slots[slot] - 1;

        uint offset = BaseLength + (uint)_length;
        if (_length + value.Length + 1 > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + value.Length + 1));
        value.CopyTo(_bytes.AsSpan(_length));
        _length += value.Length;
        _bytes[_length++] = 0;
        Occupy(slot, offset);
        return offset;
    }

    /// <summary>The bytes at an offset.</summary>
    public ReadOnlySpan<byte> Get(uint offset)
    {
        if (offset < BaseLength) return _base!.GetStringBytes(offset);
        if (offset - BaseLength >= (uint)_length)
            return offset == 0 ? [] : throw new BpfFormatException($"malformed BTF: string offset {offset} is outside the string section");
        ReadOnlySpan<byte> rest = _bytes.AsSpan((int)(offset - BaseLength), _length - (int)(offset - BaseLength));
        return rest[..rest.IndexOf((byte)0)];
    }

    private void IndexAll(ReadOnlySpan<byte> strings, uint start)
    {
        int position = 0;
        while (position < strings.Length)
        {
            int length = strings[position..].IndexOf((byte)0);
            if (length < 0) break;
            if (length > 0)
            {
                int slot = Find(strings.Slice(position, length));
                if (_slots[slot] == 0) Occupy(slot, start + (uint)position);
            }
            position += length + 1;
        }
    }

    private int Find(ReadOnlySpan<byte> value)
    {
        int slot = (int)BtfNameHash.Shared.Of(value) & (_slots.Length - 1);
        while (_slots[slot] != 0 && !Get(_slots[slot] - 1).SequenceEqual(value)) slot = (slot + 1) & (_slots.Length - 1);
        return slot;
    }

    private void Occupy(int slot, uint offset)
    {
        _slots[slot] = offset + 1;
        if (++_used * 2 < _slots.Length) return;
        uint[] old = _slots;
        _slots = new uint[old.Length * 2];
        foreach (uint entry in old)
        {
            if (entry == 0) continue;
            // All entries differ, so the place is the first free one.
            int target = (int)BtfNameHash.Shared.Of(Get(entry - 1)) & (_slots.Length - 1);
            while (_slots[target] != 0) target = (target + 1) & (_slots.Length - 1);
            _slots[target] = entry;
        }
    }
}
