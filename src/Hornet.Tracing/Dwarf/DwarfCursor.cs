using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Hornet.Tracing.Dwarf;

/// <summary>A place in a section of debug information. Every read is checked against the section's end.</summary>
internal ref struct DwarfCursor(ReadOnlySpan<byte> data, int position, bool littleEndian, string what)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private readonly string _what = what;

    public int Position = position;

    public readonly bool LittleEndian => littleEndian;

    public readonly int Length => _data.Length;

    public readonly bool AtEnd => Position >= _data.Length;

    public readonly ReadOnlySpan<byte> Data => _data;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte U8()
    {
        if ((uint)Position >= (uint)_data.Length) ThrowTruncated();
        return _data[Position++];
    }

    public ushort U16()
    {
        var span = Take(2);
        return littleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(span) : BinaryPrimitives.ReadUInt16BigEndian(span);
    }

    public uint U24()
    {
        var span = Take(3);
        return littleEndian ? span[0] | (uint)span[1] << 8 | (uint)span[2] << 16 : span[2] | (uint)span[1] << 8 | (uint)span[0] << 16;
    }

    public uint U32()
    {
        var span = Take(4);
        return littleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(span) : BinaryPrimitives.ReadUInt32BigEndian(span);
    }

    public ulong U64()
    {
        var span = Take(8);
        return littleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(span) : BinaryPrimitives.ReadUInt64BigEndian(span);
    }

    /// <summary>An unsigned number of 1, 2, 4 or 8 bytes.</summary>
    public ulong Unsigned(int size) => size switch
    {
        1 => U8(),
        2 => U16(),
        4 => U32(),
        8 => U64(),
        _ => throw new BpfFormatException($"{_what}: a number of {size} bytes at {Position}"),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Uleb()
    {
        byte first = U8();
        return first < 0x80 ? first : UlebRest(first);
    }

    /// <summary>A signed LEB128 number. Bits beyond 64 are dropped.</summary>
    public long Sleb()
    {
        long value = 0;
        int shift = 0;
        while (true)
        {
            byte b = U8();
            if (shift < 64) value |= (long)(b & 0x7f) << shift;
            shift += 7;
            if ((b & 0x80) != 0) continue;
            if (shift < 64 && (b & 0x40) != 0) value |= -1L << shift;
            return value;
        }
    }

    /// <summary>A length with its escape for 64-bit DWARF.</summary>
    public ulong InitialLength(out int offsetSize)
    {
        uint first = U32();
        offsetSize = first == 0xffffffff ? 8 : 4;
        if (first is >= 0xfffffff0 and not 0xffffffff) throw new BpfFormatException($"{_what}: the reserved length 0x{first:x} at {Position - 4}");
        return first == 0xffffffff ? U64() : first;
    }

    /// <summary>Bytes up to a terminating zero, which is passed over.</summary>
    public ReadOnlySpan<byte> CString()
    {
        if ((uint)Position > (uint)_data.Length) ThrowTruncated();
        int length = _data[Position..].IndexOf((byte)0);
        if (length < 0) throw new BpfFormatException($"{_what}: the string at {Position} has no end");
        var result = _data.Slice(Position, length);
        Position += length + 1;
        return result;
    }

    public ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_data.Length) ThrowTruncated();
        return Take((int)length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Take(int length)
    {
        int at = Position;
        if ((uint)at > (uint)_data.Length || (uint)length > (uint)(_data.Length - at)) ThrowTruncated();
        Position = at + length;
        return _data.Slice(at, length);
    }

    /// <summary>Passes over bytes that need not be looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(ulong length)
    {
        if (length > (ulong)(_data.Length - Position)) ThrowTruncated();
        Position += (int)length;
    }

    private ulong UlebRest(byte first)
    {
        ulong value = first & 0x7fu;
        for (int shift = 7; ; shift += 7)
        {
            byte b = U8();
            if (shift < 64) value |= (ulong)(b & 0x7f) << shift;
            if ((b & 0x80) == 0) return value;
        }
    }

    private readonly void ThrowTruncated() => throw new BpfFormatException($"{_what}: truncated at byte {Position} of {_data.Length}");
}
