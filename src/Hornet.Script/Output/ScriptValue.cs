using System.Buffers.Binary;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>Bytes that the kernel side wrote, and what they are.</summary>
internal readonly ref struct ScriptValue(ScriptType type, ReadOnlySpan<byte> bytes)
{
    public ScriptType Type { get; } = type;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>Whether it counts as a number that may be negative.</summary>
    public bool IsSigned => Type is IntegerType { IsSigned: true } or AggregateType { IsSigned: true, Kind: not AggregateKind.Count };

    /// <summary>The number in 64 bits, extended as its type says; of pointers the address, of enumerations the bits.</summary>
    public ulong Number => Type switch
    {
        IntegerType integer => Integer(Bytes, integer.Bits, integer.IsSigned),
        EnumType e => Integer(Bytes, e.Info.Bits, false),
        AggregateType aggregate => Aggregate.Number(aggregate, Bytes),
        BooleanType => Bytes.Length > 0 && Bytes[0] != 0 ? 1ul : 0,
        _ => Integer(Bytes, Math.Min(8, Type.Size) * 8, false),
    };

    /// <summary>A number of so many bits; bytes that are missing are zero.</summary>
    public static ulong Integer(ReadOnlySpan<byte> bytes, int bits, bool isSigned)
    {
        switch (bits)
        {
            case 64 when bytes.Length >= 8:
                return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            case 32 when bytes.Length >= 4:
                uint word = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
                return isSigned ? (ulong)(int)word : word;
            case 16 when bytes.Length >= 2:
                ushort half = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
                return isSigned ? (ulong)(short)half : half;
            case 8 when bytes.Length >= 1:
                return isSigned ? (ulong)(sbyte)bytes[0] : bytes[0];
            case <= 0:
                return 0;
            default:
                ulong value = 0;
                int count = Math.Min(bytes.Length, (Math.Min(64, bits) + 7) / 8);
                for (int i = 0; i < count; i++) value |= (ulong)bytes[i] << (8 * i);
                int unused = 64 - Math.Min(64, bits);
                return isSigned ? (ulong)((long)(value << unused) >> unused) : value << unused >> unused;
        }
    }

    /// <summary>
    /// The number in a bitfield. It is never negative, whatever the declared type: bpftrace prints the bits.
    /// </summary>
    public static ulong Bits(ReadOnlySpan<byte> bytes, int bitOffset, int bitSize)
    {
        UInt128 value = 0;
        int first = bitOffset / 8, last = Math.Min(bytes.Length, (bitOffset + bitSize + 7) / 8);
        for (int i = first; i < last; i++) value |= (UInt128)bytes[i] << (8 * (i - first));
        ulong shifted = (ulong)(value >> (bitOffset % 8));
        return bitSize >= 64 ? shifted : shifted & ((1ul << bitSize) - 1);
    }
}
