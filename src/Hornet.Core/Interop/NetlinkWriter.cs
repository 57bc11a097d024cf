using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Hornet.Interop;

/// <summary>
/// Builds one netlink request: a header, a fixed struct and attributes, each aligned to four bytes. Lengths are filled
/// in when an attribute or the message is closed, so a nest cannot end up with a wrong one.
/// </summary>
internal sealed class NetlinkWriter
{
    private byte[] _buffer = new byte[256];
    private int _length;

    private NetlinkWriter(ushort type, NetlinkFlags flags)
    {
        Type = type;
        Flags = flags | NetlinkFlags.Request;
        _length = Netlink.HeaderSize;
    }

    public ushort Type { get; }

    public NetlinkFlags Flags { get; }

    /// <summary>Starts a request with the struct that its type begins with.</summary>
    public static NetlinkWriter Start<T>(ushort type, NetlinkFlags flags, in T payload) where T : unmanaged
    {
        var writer = new NetlinkWriter(type, flags);
        MemoryMarshal.Write(writer.Reserve(Unsafe.SizeOf<T>()), in payload);
        return writer;
    }

    public NetlinkWriter Add(ushort type, ReadOnlySpan<byte> value)
    {
        Span<byte> target = ReserveAttribute(type, value.Length);
        value.CopyTo(target);
        return this;
    }

    public NetlinkWriter Add<T>(ushort type, T value) where T : unmanaged
    {
        MemoryMarshal.Write(ReserveAttribute(type, Unsafe.SizeOf<T>()), in value);
        return this;
    }

    /// <summary>Adds a zero-terminated string.</summary>
    public NetlinkWriter Add(ushort type, string value)
    {
        Span<byte> target = ReserveAttribute(type, Encoding.UTF8.GetByteCount(value) + 1);
        Encoding.UTF8.GetBytes(value, target);
        return this;
    }

    /// <summary>Adds an attribute whose value is more attributes, written by <paramref name="content"/>.</summary>
    public NetlinkWriter Nest(ushort type, Action<NetlinkWriter> content)
    {
        int start = _length;
        Reserve(4);
        content(this);
        WriteAttributeHeader(start, (ushort)(type | Netlink.AttributeNested), _length - start);
        return this;
    }

    /// <summary>Adds a bare struct inside a nest: the peer of a veth pair is an <c>ifinfomsg</c> followed by attributes.</summary>
    public NetlinkWriter Struct<T>(in T value) where T : unmanaged
    {
        MemoryMarshal.Write(Reserve(Unsafe.SizeOf<T>()), in value);
        return this;
    }

    /// <summary>Fills in the header and returns the message as it goes on the wire.</summary>
    public ReadOnlySpan<byte> Finish(uint sequence)
    {
        Span<byte> header = _buffer.AsSpan(0, Netlink.HeaderSize);
        MemoryMarshal.Write(header, _length);
        MemoryMarshal.Write(header[4..], Type);
        MemoryMarshal.Write(header[6..], (ushort)Flags);
        MemoryMarshal.Write(header[8..], sequence);
        MemoryMarshal.Write(header[12..], 0u);
        return _buffer.AsSpan(0, _length);
    }

    private Span<byte> ReserveAttribute(ushort type, int length)
    {
        int start = _length;
        Reserve(4 + length);
        WriteAttributeHeader(start, type, 4 + length);
        return _buffer.AsSpan(start + 4, length);
    }

    private void WriteAttributeHeader(int at, ushort type, int length)
    {
        if (length > ushort.MaxValue) throw new ArgumentException($"a netlink attribute holds at most 65531 bytes, not {length - 4}");
        MemoryMarshal.Write(_buffer.AsSpan(at), (ushort)length);
        MemoryMarshal.Write(_buffer.AsSpan(at + 2), type);
    }

    private Span<byte> Reserve(int length)
    {
        int start = _length;
        int end = start + ((length + 3) & ~3);
        if (end > _buffer.Length) Array.Resize(ref _buffer, Math.Max(end, _buffer.Length * 2));
        _length = end;
        return _buffer.AsSpan(start, length);
    }
}
