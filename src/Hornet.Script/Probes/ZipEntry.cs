using System.Buffers.Binary;
using System.Text;

namespace Hornet.Script.Probes;

/// <summary>A program inside a zip archive, <c>archive!/path</c>: stored whole and aligned to pages it is mapped where it lies, as Android does.</summary>
internal static class ZipEntry
{
    private const uint EndOfDirectory = 0x06054b50, DirectoryEntry = 0x02014b50, LocalEntry = 0x04034b50;

    /// <summary>Whether a path names something in an archive that exists.</summary>
    public static bool TrySplit(string path, out string archive, out string entry)
    {
        int mark = path.IndexOf("!/", StringComparison.Ordinal);
        (archive, entry) = mark < 0 ? (path, "") : (path[..mark], path[(mark + 2)..]);
        return mark > 0 && File.Exists(archive);
    }

    /// <summary>Where an entry's bytes begin in the archive, and they themselves.</summary>
    /// <exception cref="BpfException">There is no such entry, or it is compressed.</exception>
    public static (ulong Offset, byte[] Bytes) Read(string archive, string entry)
    {
        byte[] data = File.ReadAllBytes(archive);
        int end = data.Length - 22;
        while (end >= 0 && U32(data, end) != EndOfDirectory) end--;
        if (end < 0) throw new BpfFormatException($"{archive} is no zip archive.");
        long at = U32(data, end + 16);
        for (int left = U16(data, end + 10); left > 0; left--)
        {
            if (at < 0 || at + 46 > data.Length || U32(data, at) != DirectoryEntry) break;
            int nameLength = U16(data, at + 28);
            long local = U32(data, at + 42);
            if (at + 46 + nameLength > data.Length) break;
            string name = Encoding.UTF8.GetString(data, (int)at + 46, nameLength);
            if (name == entry)
            {
                long size = U32(data, at + 20);
                if (U16(data, at + 10) != 0) throw new BpfException($"{entry} is compressed in {archive}; only what is stored as it is can be probed.");
                if (local + 30 > data.Length || U32(data, local) != LocalEntry) break;
                long start = local + 30 + U16(data, local + 26) + U16(data, local + 28);
                if (start + size > data.Length) break;
                return ((ulong)start, data.AsSpan((int)start, (int)size).ToArray());
            }
            at += 46 + nameLength + U16(data, at + 30) + U16(data, at + 32);
        }
        throw new BpfException($"{archive} has no entry '{entry}'.");
    }

    private static int U16(byte[] data, long at) => at + 2 <= data.Length ? BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan((int)at)) : 0;

    private static uint U32(byte[] data, long at) => at + 4 <= data.Length ? BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan((int)at)) : 0;
}
