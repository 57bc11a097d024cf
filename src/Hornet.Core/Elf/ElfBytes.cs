using System.Buffers.Binary;

namespace Hornet.Elf;

/// <summary>Bytes with the byte order and word size of their file. Every read is checked.</summary>
internal readonly ref struct ElfBytes(ReadOnlySpan<byte> bytes, bool littleEndian, bool is64Bit, string what)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Length => _bytes.Length;

    public byte U8(int offset) => At(offset, 1)[0];

    public ushort U16(int offset) => littleEndian
        ? BinaryPrimitives.ReadUInt16LittleEndian(At(offset, 2))
        : BinaryPrimitives.ReadUInt16BigEndian(At(offset, 2));

    public uint U32(int offset) => littleEndian
        ? BinaryPrimitives.ReadUInt32LittleEndian(At(offset, 4))
        : BinaryPrimitives.ReadUInt32BigEndian(At(offset, 4));

    public ulong U64(int offset) => littleEndian
        ? BinaryPrimitives.ReadUInt64LittleEndian(At(offset, 8))
        : BinaryPrimitives.ReadUInt64BigEndian(At(offset, 8));

    /// <summary>A word of the file's class: 4 or 8 bytes.</summary>
    public ulong Word(int offset) => is64Bit ? U64(offset) : U32(offset);

    public ReadOnlySpan<byte> Slice(int offset, int length) => At(offset, length);

    private ReadOnlySpan<byte> At(int offset, int length)
    {
        if ((uint)offset > (uint)_bytes.Length || (uint)length > (uint)(_bytes.Length - offset))
            throw new BpfFormatException($"{what}: truncated at byte {offset} of {_bytes.Length}");
        return _bytes.Slice(offset, length);
    }
}
