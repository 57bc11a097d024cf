using System.IO.Compression;

namespace Hornet.Elf;

/// <summary>Sections stored compressed (<c>SHF_COMPRESSED</c>).</summary>
internal static class ElfCompression
{
    private const uint Zlib = 1, Zstd = 2;

    public static unsafe byte[] Decompress(ElfBytes section, bool is64Bit, ulong limit, string what)
    {
        uint kind = section.U32(0);
        ulong size = section.Word(is64Bit ? 8 : 4);
        int header = is64Bit ? 24 : 12;
        if (kind == Zstd) throw new BpfFormatException($"{what} is compressed with zstd, which cannot be read here; decompress it with objcopy --decompress-debug-sections");
        if (kind != Zlib) throw new BpfFormatException($"{what} is compressed in an unknown way ({kind})");
        // Deflate gains at most 1032:1, so a larger claim is a lie that would only cost memory.
        if (section.Length < header || size > (ulong)(section.Length - header) * 1032 + 64 || size > limit)
            throw new BpfFormatException($"{what} claims to decompress to {size} bytes, which cannot be");
        byte[] result = new byte[(int)size];
        var packed = section.Slice(header, section.Length - header);
        if (packed.IsEmpty) throw new BpfFormatException($"{what}: the compressed data are damaged");
        try
        {
            // Where it lies: sections of debug information are large.
            fixed (byte* bytes = packed)
            {
                using var stream = new ZLibStream(new UnmanagedMemoryStream(bytes, packed.Length), CompressionMode.Decompress);
                stream.ReadExactly(result);
                if (stream.ReadByte() >= 0) throw new BpfFormatException($"{what} decompresses to more than the {size} bytes it claims");
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new BpfFormatException($"{what}: the compressed data are damaged", e);
        }
        return result;
    }
}
