using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Hornet.Links;

/// <summary>
/// The dynamic linker's list of libraries (<c>/etc/ld.so.cache</c>): the "glibc-ld.so.cache1.1" format, alone or behind
/// the older "ld.so-1.7.0" one (glibc, sysdeps/generic/dl-cache.h).
/// </summary>
internal static class LdSoCache
{
    private const int HeaderSize = 48;
    private const int EntrySize = 24;
    private const int OldHeaderSize = 16;
    private const int OldEntrySize = 12;
    private const uint ArchitectureMask = 0xff00;
    private const uint X8664 = 0x0300;
    private const uint Aarch64 = 0x0a00;

    /// <summary>Every library of this machine's architecture: file name and path, in the linker's order of preference.</summary>
    /// <exception cref="BpfFormatException">The bytes are no cache.</exception>
    public static List<(string Name, string Path)> Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("ld.so-1.7.0"u8))
        {
            if (bytes.Length < OldHeaderSize) throw Malformed("the header is cut off");
            ulong end = OldHeaderSize + (ulong)BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) * OldEntrySize;
            end = (end + 7) & ~7ul;
            if (end > (ulong)bytes.Length) throw Malformed("the old list is cut off");
            bytes = bytes[(int)end..];
        }
        if (bytes.Length < HeaderSize || !bytes.StartsWith("glibc-ld.so.cache1.1"u8)) throw Malformed("it does not begin with 'glibc-ld.so.cache1.1'");
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]);
        if (count > (uint)(bytes.Length - HeaderSize) / EntrySize) throw Malformed($"it claims {count} libraries");

        uint wanted = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? Aarch64 : X8664;
        List<(string, string)> result = [];
        for (int i = 0; i < (int)count; i++)
        {
            var entry = bytes.Slice(HeaderSize + i * EntrySize, EntrySize);
            if ((BinaryPrimitives.ReadUInt32LittleEndian(entry) & ArchitectureMask) != wanted) continue;
            result.Add((Text(bytes, BinaryPrimitives.ReadUInt32LittleEndian(entry[4..])), Text(bytes, BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]))));
        }
        return result;
    }

    private static string Text(ReadOnlySpan<byte> bytes, uint offset)
    {
        if (offset >= (uint)bytes.Length) throw Malformed("a name lies outside");
        var rest = bytes[(int)offset..];
        int end = rest[..Math.Min(rest.Length, 4096)].IndexOf((byte)0);
        if (end < 0) throw Malformed("a name does not end");
        return Encoding.UTF8.GetString(rest[..end]);
    }

    private static BpfFormatException Malformed(string why) => new($"The dynamic linker's cache (ld.so.cache) cannot be read: {why}.");
}
