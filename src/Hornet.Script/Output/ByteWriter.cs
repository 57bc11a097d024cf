using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Hornet.Script.Output;

/// <summary>Bytes to be written: grows, is emptied and used again. Everything that is printed is made in one of these, without strings.</summary>
internal sealed class ByteWriter(int capacity = 256) : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>What was written, to be changed in place.</summary>
    public Span<byte> Editable => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Truncate(int length) => Length = length;

    public void Byte(byte value)
    {
        if (Length == _bytes.Length) Grow(1);
        _bytes[Length++] = value;
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        if (_bytes.Length - Length < value.Length) Grow(value.Length);
        value.CopyTo(_bytes.AsSpan(Length));
        Length += value.Length;
    }

    public void Fill(byte value, int count)
    {
        if (count <= 0) return;
        if (_bytes.Length - Length < count) Grow(count);
        _bytes.AsSpan(Length, count).Fill(value);
        Length += count;
    }

    public void Text(ReadOnlySpan<char> value)
    {
        int most = value.Length * 3;
        if (_bytes.Length - Length < most) Grow(most);
        Length += Encoding.UTF8.GetBytes(value, _bytes.AsSpan(Length));
    }

    public void Signed(long value)
    {
        if (_bytes.Length - Length < 20) Grow(20);
        _ = Utf8Formatter.TryFormat(value, _bytes.AsSpan(Length), out int written);
        Length += written;
    }

    public void Unsigned(ulong value)
    {
        if (_bytes.Length - Length < 20) Grow(20);
        _ = Utf8Formatter.TryFormat(value, _bytes.AsSpan(Length), out int written);
        Length += written;
    }

    /// <summary>A number that any count or difference of 64 bits fits in.</summary>
    public void Number(Int128 value)
    {
        if (value >= long.MinValue && value <= long.MaxValue) Signed((long)value);
        else if (value >= 0 && value <= ulong.MaxValue) Unsigned((ulong)value);
        else Text(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>In base 16 without a prefix, with zeros in front up to a width.</summary>
    public void Hex(ulong value, int width = 1, bool upper = false)
    {
        int most = Math.Max(width, 16);
        if (_bytes.Length - Length < most) Grow(most);
        Length += Hex(_bytes.AsSpan(Length), value, width, upper);
    }

    /// <summary>The same where there is room for it (16 bytes, or the width).</summary>
    /// <returns>How many bytes it is.</returns>
    public static int Hex(Span<byte> into, ulong value, int width, bool upper)
    {
        int digits = Math.Max(width, value == 0 ? 1 : (67 - System.Numerics.BitOperations.LeadingZeroCount(value)) / 4);
        var letters = upper ? "0123456789ABCDEF"u8 : "0123456789abcdef"u8;
        for (int i = digits - 1; i >= 0; i--, value >>= 4) into[i] = letters[(int)(value & 15)];
        return digits;
    }

    public void Octal(ulong value)
    {
        int digits = value == 0 ? 1 : (66 - System.Numerics.BitOperations.LeadingZeroCount(value)) / 3;
        if (_bytes.Length - Length < digits) Grow(digits);
        for (int i = Length + digits - 1; i >= Length; i--, value >>= 3) _bytes[i] = (byte)('0' + (value & 7));
        Length += digits;
    }

    /// <summary>As C prints a pointer: 0x and digits, but a zero alone.</summary>
    public void Address(ulong value)
    {
        if (value != 0) Bytes("0x"u8);
        Hex(value);
    }

    /// <summary>Puts bytes between those that are there.</summary>
    public void Insert(int at, byte value, int count)
    {
        if (count <= 0) return;
        if (_bytes.Length - Length < count) Grow(count);
        _bytes.AsSpan(at, Length - at).CopyTo(_bytes.AsSpan(at + count));
        _bytes.AsSpan(at, count).Fill(value);
        Length += count;
    }

    /// <summary>Takes bytes out.</summary>
    public void Remove(int at, int count)
    {
        _bytes.AsSpan(at + count, Length - at - count).CopyTo(_bytes.AsSpan(at));
        Length -= count;
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_bytes.Length - Length < Math.Max(1, sizeHint)) Grow(Math.Max(1, sizeHint));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override string ToString() => Encoding.UTF8.GetString(Written);

    private void Grow(int more) => Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, checked(Length + more)));
}
