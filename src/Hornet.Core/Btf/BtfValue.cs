using System.Buffers.Binary;
using System.Text.Json;

namespace Hornet.Btf;

/// <summary>Reads a value's bytes by its type: a map's key or value, a global variable, a record of a ring buffer.</summary>
public static class BtfValue
{
    /// <summary>Reports a value piece by piece.</summary>
    /// <param name="type">The type.</param>
    /// <param name="data">Its bytes, in the byte order of the type's set; at least as many as the type has.</param>
    /// <param name="visitor">Who is told.</param>
    /// <exception cref="BpfFormatException">There are too few bytes, or the type is malformed.</exception>
    public static void Visit(BtfType type, ReadOnlySpan<byte> data, IBtfValueVisitor visitor)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        new Reader(type.Spec, visitor).Value(type, data, 0);
    }

    /// <summary>A value as C-like text: <c>{ .pid = 42, .comm = "bash", .addr = { 127, 0, 0, 1 } }</c>. Nothing in it can control a terminal.</summary>
    /// <exception cref="BpfFormatException">There are too few bytes, or the type is malformed.</exception>
    public static string Format(BtfType type, ReadOnlySpan<byte> data)
    {
        BtfTextVisitor text = new();
        Visit(type, data, text);
        return text.ToString();
    }

    /// <summary>Writes a value as JSON: structs as objects, arrays as arrays, text as strings, enumerators by name, addresses as numbers.</summary>
    /// <exception cref="BpfFormatException">There are too few bytes, or the type is malformed.</exception>
    public static void WriteJson(BtfType type, ReadOnlySpan<byte> data, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Visit(type, data, new BtfJsonVisitor(writer));
    }

    private sealed class Reader(BtfSpec spec, IBtfValueVisitor visitor)
    {
        // Unions show the same bytes several times, which hostile types can repeat without end.
        private int _steps;

        public void Value(BtfType type, ReadOnlySpan<byte> data, int depth)
        {
            if (depth > 2 * BtfSpec.MaxDepth) throw spec.Malformed($"type {type.Id} is nested too deeply");
            if (++_steps > 1 << 22) throw spec.Malformed($"type {type.Id} has too many parts");
            if (type.Kind is BtfKind.Variable or BtfKind.DeclTag) type = type.Target;
            type = type.Resolve();
            long size = type.ByteSize;
            if (size > data.Length) throw new BpfFormatException($"{spec.Name}: a value of {type} has {size} bytes, but only {data.Length} are there");
            data = data[..(int)size];
            switch (type.Kind)
            {
                case BtfKind.Struct or BtfKind.Union:
                    visitor.BeginStruct(type);
                    Members(type, data, 0, depth);
                    visitor.EndStruct();
                    break;
                case BtfKind.DataSection:
                    visitor.BeginStruct(type);
                    foreach (var variable in type.Variables)
                    {
                        visitor.Member(variable.Variable.Name);
                        Value(variable.Variable, Slice(type, data, variable.Offset), depth + 1);
                    }
                    visitor.EndStruct();
                    break;
                case BtfKind.Array:
                    Array(type, data, depth);
                    break;
                case BtfKind.Pointer:
                    visitor.Pointer(type, (ulong)Word(data));
                    break;
                case BtfKind.Float when size is 2 or 4 or 8:
                    UInt128 bits = Word(data);
                    visitor.Float(size switch
                    {
                        2 => (double)BitConverter.UInt16BitsToHalf((ushort)bits),
                        4 => BitConverter.UInt32BitsToSingle((uint)bits),
                        _ => BitConverter.UInt64BitsToDouble((ulong)bits),
                    });
                    break;
                case BtfKind.Int or BtfKind.Enum or BtfKind.Enum64 when size is 1 or 2 or 4 or 8 or 16:
                    Scalar(type, Word(data), (int)size * 8);
                    break;
                default:
                    visitor.Raw(data);
                    break;
            }
        }

        private void Members(BtfType composite, ReadOnlySpan<byte> data, long baseBits, int depth)
        {
            if (depth > 2 * BtfSpec.MaxDepth) throw spec.Malformed($"type {composite.Id} is nested too deeply");
            foreach (var member in composite.Members)
            {
                if (++_steps > 1 << 22) throw spec.Malformed($"type {composite.Id} has too many parts");
                long bits = baseBits + member.BitOffset;
                if (member.NameBytes.IsEmpty)
                {
                    if (member.Type.Resolve() is { IsComposite: true } inner) Members(inner, data, bits, depth + 1);
                    continue;
                }
                visitor.Member(member.Name);
                if (member.BitfieldSize == 0) Value(member.Type, Slice(composite, data, bits / 8), depth + 1);
                else Scalar(member.Type.Resolve(), Bits(composite, data, bits, member.BitfieldSize), member.BitfieldSize);
            }
        }

        private void Array(BtfType type, ReadOnlySpan<byte> data, int depth)
        {
            BtfType element = type.Target.Resolve();
            if (element.Kind == BtfKind.Int && element.Size == 1 && (element.IntEncoding.HasFlag(BtfIntEncoding.Char) || element.NameBytes.SequenceEqual("char"u8)))
            {
                int end = data.IndexOf((byte)0);
                visitor.Text(end < 0 ? data : data[..end]);
                return;
            }
            int size = (int)element.ByteSize;
            // Elements without a size cannot be told apart.
            int length = size == 0 ? 0 : data.Length / size;
            visitor.BeginArray(type, length);
            for (int i = 0; i < length; i++) Value(element, data.Slice(i * size, size), depth + 1);
            visitor.EndArray();
        }

        private void Scalar(BtfType type, UInt128 raw, int width)
        {
            if (width < 128) raw &= (UInt128.One << width) - 1;
            Int128 signed = (Int128)(raw << (128 - width)) >> (128 - width);
            if (type.IsEnum)
            {
                long number = type.KindFlag ? (long)signed : (long)(ulong)raw;
                string? name = null;
                foreach (var value in type.Values)
                {
                    // A narrow bitfield holds only the low bits of a negative value.
                    if (value.Value != number && !(type.Kind == BtfKind.Enum && (int)value.Value == (int)signed)) continue;
                    name = value.Name;
                    break;
                }
                visitor.Enum(type, name, number);
            }
            else if (type.IntEncoding.HasFlag(BtfIntEncoding.Bool))
            {
                visitor.Bool(raw != 0);
            }
            else if (type.IsSigned)
            {
                visitor.Signed(type, signed);
            }
            else
            {
                visitor.Unsigned(type, raw);
            }
        }

        private ReadOnlySpan<byte> Slice(BtfType type, ReadOnlySpan<byte> data, long offset) => offset <= data.Length
            ? data[(int)offset..]
            : throw spec.Malformed($"a part of type {type.Id} lies at {offset}, outside of its {data.Length} bytes");

        private UInt128 Bits(BtfType type, ReadOnlySpan<byte> data, long offset, int width)
        {
            int first = (int)(offset / 8), last = (int)((offset + width - 1) / 8);
            if (last >= data.Length || last - first >= 16) throw spec.Malformed($"a bitfield of type {type.Id} lies outside");
            UInt128 value = Word(data[first..(last + 1)]);
            int skip = (int)(offset % 8);
            return spec.IsBigEndian ? value >> ((last - first + 1) * 8 - skip - width) : value >> skip;
        }

        /// <summary>Up to 16 bytes as a number.</summary>
        private UInt128 Word(ReadOnlySpan<byte> data)
        {
            Span<byte> whole = stackalloc byte[16];
            whole.Clear();
            if (spec.IsBigEndian)
            {
                data.CopyTo(whole[(16 - data.Length)..]);
                return BinaryPrimitives.ReadUInt128BigEndian(whole);
            }
            data.CopyTo(whole);
            return BinaryPrimitives.ReadUInt128LittleEndian(whole);
        }
    }
}
