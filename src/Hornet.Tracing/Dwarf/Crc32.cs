using System.Buffers;
using System.Buffers.Binary;

namespace Hornet.Tracing.Dwarf;

/// <summary>The checksum of <c>.gnu_debuglink</c>: CRC-32 as of zip, eight bytes a step.</summary>
internal static class Crc32
{
    private static readonly uint[] s_tables = MakeTables();

    public static uint Of(ReadOnlySpan<byte> bytes) => ~Update(~0u, bytes);

    /// <summary>The checksum of a file; null when it cannot be read.</summary>
    public static uint? OfFile(string path)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 18);
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            uint state = ~0u;
            for (long at = 0; RandomAccess.Read(file, buffer, at) is > 0 and var n; at += n) state = Update(state, buffer.AsSpan(0, n));
            return ~state;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static uint Update(uint state, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<uint> tables = s_tables;
        while (bytes.Length >= 8)
        {
            uint low = state ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes), high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            state = tables[(7 << 8) + (int)(low & 0xff)] ^ tables[(6 << 8) + (int)(low >> 8 & 0xff)] ^ tables[(5 << 8) + (int)(low >> 16 & 0xff)] ^ tables[(4 << 8) + (int)(low >> 24)]
                ^ tables[(3 << 8) + (int)(high & 0xff)] ^ tables[(2 << 8) + (int)(high >> 8 & 0xff)] ^ tables[(1 << 8) + (int)(high >> 16 & 0xff)] ^ tables[(int)(high >> 24)];
            bytes = bytes[8..];
        }
        foreach (byte b in bytes) state = tables[(int)((state ^ b) & 0xff)] ^ state >> 8;
        return state;
    }

    private static uint[] MakeTables()
    {
        var tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? value >> 1 ^ 0xedb88320 : value >> 1;
            tables[i] = value;
        }
        for (int i = 256; i < tables.Length; i++) tables[i] = tables[i - 256] >> 8 ^ tables[tables[i - 256] & 0xff];
        return tables;
    }
}
