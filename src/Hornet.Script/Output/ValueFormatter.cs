using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>Values as text, as bpftrace prints them. For one thread.</summary>
internal sealed partial class ValueFormatter(ValueContext context)
{
    private readonly Dictionary<EnumTypeInfo, Dictionary<ulong, byte[]>> _enums = [];
    private readonly Dictionary<long, string> _errors = [];

    public ValueContext Context { get; } = context;

    /// <summary>Writes a value.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="value">The value; where it was cut off, zeros are read.</param>
    /// <param name="divisor">What every number in it is divided by.</param>
    public void Text(ByteWriter writer, ScriptValue value, uint divisor = 1)
    {
        var bytes = value.Bytes;
        switch (value.Type)
        {
            case IntegerType:
                Number(writer, value, divisor);
                break;
            case StringType text:
                String(writer, text, bytes);
                break;
            case BooleanType:
                writer.Bytes(bytes.Length > 0 && bytes[0] != 0 ? "true"u8 : "false"u8);
                break;
            case PointerType:
                writer.Bytes("0x"u8);
                writer.Hex(value.Number);
                break;
            case EnumType e:
                Enum(writer, e, value.Number);
                break;
            case ArrayType array:
                writer.Byte((byte)'[');
                for (int i = 0; i < array.Count; i++)
                {
                    if (i > 0) writer.Byte((byte)',');
                    Text(writer, new(array.Element, Slice(bytes, i * array.Element.Size, array.Element.Size)), divisor);
                }
                writer.Byte((byte)']');
                break;
            case TupleType { Names: null } tuple:
                writer.Byte((byte)'(');
                TupleElements(writer, tuple, bytes, divisor);
                writer.Byte((byte)')');
                break;
            case TupleType record:
                RecordFields(writer, record, bytes, divisor);
                break;
            case CompositeType composite:
                bool any = false;
                Members(writer, composite, bytes, divisor, ref any);
                writer.Bytes(any ? " }"u8 : "{}"u8);
                break;
            case BufferType:
                Buffer(writer, Content(bytes), BufferStyle.Escaped);
                break;
            case AggregateType { Kind: AggregateKind.Stats } stats:
                var (total, count, average) = Aggregate.Stats(stats, bytes);
                writer.Bytes("{ .count = "u8);
                writer.Unsigned(count);
                writer.Bytes(", .average = "u8);
                Number(writer, average, stats.IsSigned, divisor);
                writer.Bytes(", .total = "u8);
                Number(writer, total, stats.IsSigned, 1);
                writer.Bytes(" }"u8);
                break;
            case AggregateType:
                Number(writer, value, divisor);
                break;
            case StackType stack:
                Stack(writer, stack, bytes);
                break;
            case VoidType or OpaqueType:
                writer.Bytes("null"u8);
                break;
            default:
                Named(writer, value);
                break;
        }
    }

    /// <summary>The elements of a tuple without its parentheses.</summary>
    public void TupleElements(ByteWriter writer, TupleType tuple, ReadOnlySpan<byte> bytes, uint divisor = 1)
    {
        for (int i = 0; i < tuple.Elements.Count; i++)
        {
            if (i > 0) writer.Bytes(", "u8);
            var element = tuple.Elements[i];
            Text(writer, new(element, Slice(bytes, tuple.Offset(i), element.Size)), divisor);
        }
    }

    /// <summary>How many bytes of a value's text are its first piece: field widths are of that, as with C++ streams.</summary>
    public static int FirstPiece(ScriptType type, int length) => type switch
    {
        ArrayType or TupleType { Names: null } => 1,
        CompositeType or TupleType or AggregateType { Kind: AggregateKind.Stats } => 2,
        _ => length,
    };

    /// <summary>The bytes of a buffer: those that its count says.</summary>
    public static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4) return default;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return bytes.Slice(4, (int)Math.Min(length, (uint)bytes.Length - 4));
    }

    /// <summary>A buffer's bytes: text with <c>\x</c> (plain), all of them so (<c>%rx</c>), or in hexadecimal with blanks (<c>%rh</c>).</summary>
    public static void Buffer(ByteWriter writer, ReadOnlySpan<byte> bytes, BufferStyle style)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (style == BufferStyle.Escaped && bytes[i] is >= 32 and <= 126)
            {
                writer.Byte(bytes[i]);
                continue;
            }
            if (style != BufferStyle.Hex) writer.Bytes("\\x"u8);
            else if (i > 0) writer.Byte((byte)' ');
            writer.Hex(bytes[i], 2);
        }
    }

    /// <summary>A text: up to its end, with the trailer when it has none, that is, when it was cut off.</summary>
    public void String(ByteWriter writer, StringType type, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > type.Length) bytes = bytes[..type.Length];
        int end = bytes.IndexOf((byte)0);
        Foreign(writer, end < 0 ? bytes : bytes[..end]);
        if (end < 0 && bytes.Length == type.Length && type.Length > 0) writer.Bytes(Context.TruncationTrailer);
    }

    /// <summary>Text that somebody else chose.</summary>
    public void Foreign(ByteWriter writer, ReadOnlySpan<byte> text)
    {
        if (Context.IsTerminal) TextEscapes.Terminal(writer, text);
        else writer.Bytes(text);
    }

    /// <summary>What of a value is there.</summary>
    public static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> bytes, int offset, int size) =>
        offset >= bytes.Length ? default : bytes.Slice(offset, Math.Min(size, bytes.Length - offset));

    private static ReadOnlySpan<byte> FieldBytes(ReadOnlySpan<byte> bytes, CompositeField field) =>
        Slice(bytes, field.Offset, field.BitSize > 0 ? (field.BitOffset + field.BitSize + 7) / 8 : field.Type.Size);

    private static void Number(ByteWriter writer, ScriptValue value, uint divisor) => Number(writer, value.Number, value.IsSigned, divisor);

    private static void Number(ByteWriter writer, ulong number, bool isSigned, uint divisor)
    {
        if (isSigned) writer.Signed(divisor > 1 ? (long)number / divisor : (long)number);
        else writer.Unsigned(divisor > 1 ? number / divisor : number);
    }

    private void RecordFields(ByteWriter writer, TupleType record, ReadOnlySpan<byte> bytes, uint divisor)
    {
        if (record.Elements.Count == 0)
        {
            writer.Bytes("{}"u8);
            return;
        }
        for (int i = 0; i < record.Elements.Count; i++)
        {
            writer.Bytes(i == 0 ? "{ ."u8 : ", ."u8);
            writer.Text(record.Names![i]);
            writer.Bytes(" = "u8);
            Text(writer, new(record.Elements[i], Slice(bytes, record.Offset(i), record.Elements[i].Size)), divisor);
        }
        writer.Bytes(" }"u8);
    }

    // Members of anonymous structs and unions count as the outer type's.
    private void Members(ByteWriter writer, CompositeType composite, ReadOnlySpan<byte> bytes, uint divisor, ref bool any)
    {
        foreach (var field in composite.Info.Fields)
        {
            var part = FieldBytes(bytes, field);
            if (field.Name.Length == 0)
            {
                if (field.Type is CompositeType inner) Members(writer, inner, part, divisor, ref any);
                continue;
            }
            writer.Bytes(any ? ", ."u8 : "{ ."u8);
            any = true;
            writer.Text(field.Name);
            writer.Bytes(" = "u8);
            if (field.BitSize > 0) BitField(writer, field, part, divisor);
            else Text(writer, new(field.Type, part), divisor);
        }
    }

    private void BitField(ByteWriter writer, CompositeField field, ReadOnlySpan<byte> bytes, uint divisor)
    {
        ulong bits = ScriptValue.Bits(bytes, field.BitOffset, field.BitSize);
        switch (field.Type)
        {
            case EnumType e: Enum(writer, e, bits); break;
            case BooleanType: writer.Bytes(bits != 0 ? "true"u8 : "false"u8); break;
            default: Number(writer, bits, false, divisor); break;
        }
    }

    private void Enum(ByteWriter writer, EnumType type, ulong number)
    {
        if (EnumName(type.Info, number) is { } name) writer.Bytes(name);
        else writer.Unsigned(number);
    }

    private byte[]? EnumName(EnumTypeInfo info, ulong number)
    {
        if (!_enums.TryGetValue(info, out var names))
        {
            _enums[info] = names = [];
            ulong mask = info.Bits >= 64 ? ulong.MaxValue : (1ul << info.Bits) - 1;
            foreach (var (name, value) in info.Values) names[(ulong)value & mask] = Source.ScriptBytes.Of(name);
        }
        return names.GetValueOrDefault(number);
    }

    // Types that are numbers with a name elsewhere.
    private void Named(ByteWriter writer, ScriptValue value)
    {
        var bytes = value.Bytes;
        switch (value.Type)
        {
            case InetType:
                NetworkText.Inet(writer, bytes);
                break;
            case MacAddressType:
                NetworkText.Mac(writer, bytes);
                break;
            case KernelSymbolType:
                KernelSymbol(writer, value.Number);
                break;
            case UserSymbolType:
                var ids = Slice(bytes, 8, 8);
                UserSymbol(writer, value.Number, (int)ScriptValue.Integer(ids, 32, true), (int)ScriptValue.Integer(Slice(ids, 4, 4), 32, true));
                break;
            case UserNameType:
                writer.Text(Context.System.User(value.Number));
                break;
            case TimestampType:
                uint clock = (uint)ScriptValue.Integer(Slice(bytes, 8, 4), 32, false), format = (uint)ScriptValue.Integer(Slice(bytes, 12, 4), 32, false);
                Context.Clock.Write(writer, value.Number, (TimestampClock)clock, Known(Context.TimeFormats, format));
                break;
            case CgroupPathType:
                string paths = Context.System.CgroupPaths(value.Number, Known(Context.CgroupFilters, ScriptValue.Integer(Slice(bytes, 8, 8), 64, false)));
                Foreign(writer, Source.ScriptBytes.Of(paths));
                break;
            case ErrorTextType:
                writer.Text(ErrorText((long)value.Number));
                break;
            case NameType:
                writer.Text(Known(Context.Names, value.Number));
                break;
            default:
                // What has no form of its own: a floating point number in a struct.
                writer.Bytes("null"u8);
                break;
        }
    }

    private string ErrorText(long number)
    {
        if (_errors.TryGetValue(number, out string? text)) return text;
        return _errors[number] = number is >= int.MinValue and <= int.MaxValue ? Marshal.GetPInvokeErrorMessage((int)number) : $"Unknown error {number}";
    }

    private static string Known(IReadOnlyList<string> list, ulong number) => number < (ulong)list.Count ? list[(int)number] : "";
}

/// <summary>Forms of a buffer's bytes.</summary>
internal enum BufferStyle { Escaped, AllEscaped, Hex }
