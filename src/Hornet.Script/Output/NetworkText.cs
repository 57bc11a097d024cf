using System.Buffers.Binary;

namespace Hornet.Script.Output;

/// <summary>Network addresses as text.</summary>
internal static class NetworkText
{
    /// <summary>An address behind its 32-bit family, as inet_ntop writes it; nothing for families that are not IP.</summary>
    public static void Inet(ByteWriter writer, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8) return;
        switch (BinaryPrimitives.ReadInt32LittleEndian(bytes))
        {
            case 2: Version4(writer, bytes.Slice(4, 4)); break;
            case 10 when bytes.Length >= 20: Version6(writer, bytes.Slice(4, 16)); break;
            default: break;
        }
    }

    public static void Mac(ByteWriter writer, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < Math.Min(6, bytes.Length); i++)
        {
            if (i > 0) writer.Byte((byte)':');
            writer.Hex(bytes[i], 2, upper: true);
        }
    }

    private static void Version4(ByteWriter writer, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < 4; i++)
        {
            if (i > 0) writer.Byte((byte)'.');
            writer.Unsigned(bytes[i]);
        }
    }

    private static void Version6(ByteWriter writer, ReadOnlySpan<byte> bytes)
    {
        Span<ushort> words = stackalloc ushort[8];
        for (int i = 0; i < 8; i++) words[i] = BinaryPrimitives.ReadUInt16BigEndian(bytes[(i * 2)..]);
        // The first longest run of at least two zeros is left out.
        int start = -1, length = 1;
        for (int i = 0; i < 8; i++)
        {
            int end = i;
            while (end < 8 && words[end] == 0) end++;
            if (end - i > length) (start, length) = (i, end - i);
            if (end > i) i = end - 1;
        }
        if (start < 0) length = 0;
        for (int i = 0; i < 8; i++)
        {
            if (i == start)
            {
                writer.Byte((byte)':');
                i += length - 1;
                if (i == 7) writer.Byte((byte)':');
                continue;
            }
            if (i > 0) writer.Byte((byte)':');
            // IPv4 in IPv6: ::a.b.c.d and ::ffff:a.b.c.d.
            if (i == 6 && start == 0 && (length == 6 || (length == 5 && words[5] == 0xffff)))
            {
                Version4(writer, bytes[12..]);
                return;
            }
            writer.Hex(words[i]);
        }
    }
}
