using System.Text;

namespace Hornet.Elf;

/// <summary>A table of zero-terminated strings. Names are decoded once and kept.</summary>
internal sealed class ElfStringTable(ReadOnlyMemory<byte> bytes, string what)
{
    private readonly Dictionary<uint, string> _names = [];
    // A hostile file can point a million symbols into the tail of one long string. Honest tables share tails too, but
    // never many times over.
    private long _budget = 16L * bytes.Length + 65536;

    /// <summary>All bytes of the table.</summary>
    public ReadOnlyMemory<byte> All => bytes;

    /// <summary>The bytes of the string at the offset, without the terminator.</summary>
    public ReadOnlySpan<byte> Bytes(uint offset)
    {
        var span = bytes.Span;
        if (offset == 0 && span.IsEmpty) return default;
        if (offset >= (uint)span.Length) throw new BpfFormatException($"{what}: no string at {offset}, the table has {span.Length} bytes");
        span = span[(int)offset..];
        int end = span.IndexOf((byte)0);
        if (end < 0) throw new BpfFormatException($"{what}: the string at {offset} has no end");
        return span[..end];
    }

    /// <summary>The string at the offset. Bytes that are not UTF-8 become U+FFFD.</summary>
    public string Get(uint offset)
    {
        if (_names.TryGetValue(offset, out string? name)) return name;
        var utf8 = Bytes(offset);
        if ((_budget -= utf8.Length) < 0) throw new BpfFormatException($"{what}: overlapping strings expand beyond all measure");
        name = utf8.IsEmpty ? "" : Encoding.UTF8.GetString(utf8);
        _names.Add(offset, name);
        return name;
    }
}
