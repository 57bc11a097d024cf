using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Hornet.Interop;

/// <summary>One message of an answer, without its header.</summary>
internal readonly record struct NetlinkMessage(ushort Type, NetlinkFlags Flags, byte[] Payload)
{
    /// <summary>The fixed struct the payload begins with.</summary>
    public T Header<T>() where T : unmanaged =>
        Payload.Length >= Unsafe.SizeOf<T>()
            ? MemoryMarshal.Read<T>(Payload)
            : throw new BpfFormatException($"netlink message {Type} has {Payload.Length} bytes, less than its {typeof(T).Name} of {Unsafe.SizeOf<T>()}");

    /// <summary>The attributes behind the fixed struct.</summary>
    public NetlinkAttributes Attributes<T>() where T : unmanaged
    {
        int header = (Unsafe.SizeOf<T>() + 3) & ~3;
        return Payload.Length < header
            ? throw new BpfFormatException($"netlink message {Type} has {Payload.Length} bytes, less than its {typeof(T).Name} of {header}")
            : new NetlinkAttributes(Payload.AsSpan(header));
    }
}

/// <summary>
/// A run of attributes (<c>struct nlattr</c>). Reading is by lookup: the kernel sends each attribute once and in any
/// order, and newer kernels send ones we do not know. Anything that does not add up is a <see cref="BpfFormatException"/>.
/// </summary>
internal readonly ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public Enumerator GetEnumerator() => new(_bytes);

    /// <summary>Finds an attribute's value.</summary>
    public bool TryGet(ushort type, out ReadOnlySpan<byte> value)
    {
        foreach (var attribute in this)
        {
            if (attribute.Type != type) continue;
            value = attribute.Value;
            return true;
        }
        value = default;
        return false;
    }

    /// <summary>The attributes inside an attribute; empty when it is not there.</summary>
    public NetlinkAttributes Nested(ushort type) => new(TryGet(type, out var value) ? value : default);

    public uint? UInt32(ushort type) => TryGet(type, out var value) ? Read<uint>(type, value) : null;

    public ushort? UInt16(ushort type) => TryGet(type, out var value) ? Read<ushort>(type, value) : null;

    public byte? Byte(ushort type) => TryGet(type, out var value) ? Read<byte>(type, value) : null;

    /// <summary>A string up to its terminating zero. Bytes that are not UTF-8 become U+FFFD.</summary>
    public string? String(ushort type)
    {
        if (!TryGet(type, out var value)) return null;
        int end = value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
    }

    private static T Read<T>(ushort type, ReadOnlySpan<byte> value) where T : unmanaged =>
        value.Length >= Unsafe.SizeOf<T>()
            ? MemoryMarshal.Read<T>(value)
            : throw new BpfFormatException($"netlink attribute {type} has {value.Length} bytes where {Unsafe.SizeOf<T>()} were expected");

    /// <summary>One attribute; the flag bits of its type are gone.</summary>
    internal readonly ref struct Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        public readonly ushort Type = type;
        public readonly ReadOnlySpan<byte> Value = value;

        public NetlinkAttributes Nested => new(Value);
    }

    /// <summary>Walks the attributes.</summary>
    internal ref struct Enumerator(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public Attribute Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty) return false;
            if (_rest.Length < 4) throw new BpfFormatException($"{_rest.Length} stray bytes after the last netlink attribute");
            ushort length = MemoryMarshal.Read<ushort>(_rest);
            ushort type = MemoryMarshal.Read<ushort>(_rest[2..]);
            if (length < 4 || length > _rest.Length)
                throw new BpfFormatException($"netlink attribute {type & Netlink.AttributeTypeMask} says {length} bytes, but {_rest.Length} are left");
            Current = new Attribute((ushort)(type & Netlink.AttributeTypeMask), _rest[4..length]);
            // The last attribute may lack its padding.
            _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
            return true;
        }
    }
}
