using System.Numerics;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

internal sealed partial class ValueFormatter
{
    private ByteWriter? _jsonText;

    /// <summary>
    /// Writes a value as JSON: pointers and enumerations are numbers, numbers that a double does not hold exactly are strings, buffers arrays of
    /// (signed) bytes, tuples arrays, records and structs objects, all else strings.
    /// </summary>
    public void Json(ByteWriter writer, ScriptValue value, uint divisor = 1)
    {
        var bytes = value.Bytes;
        switch (value.Type)
        {
            case IntegerType or AggregateType { Kind: not AggregateKind.Stats }:
                JsonNumber(writer, Quotient(value.Number, value.IsSigned, divisor), value.IsSigned);
                break;
            case PointerType or EnumType:
                JsonNumber(writer, value.Number, false);
                break;
            case BooleanType or VoidType:
                Text(writer, value);
                break;
            case ArrayType array:
                writer.Byte((byte)'[');
                for (int i = 0; i < array.Count; i++)
                {
                    if (i > 0) writer.Byte((byte)',');
                    Json(writer, new(array.Element, Slice(bytes, i * array.Element.Size, array.Element.Size)), divisor);
                }
                writer.Byte((byte)']');
                break;
            case TupleType tuple:
                JsonTuple(writer, tuple, bytes, divisor);
                break;
            case CompositeType composite:
                writer.Byte((byte)'{');
                bool any = false;
                JsonMembers(writer, composite, bytes, divisor, ref any);
                writer.Byte((byte)'}');
                break;
            case BufferType:
                writer.Byte((byte)'[');
                var content = Content(bytes);
                for (int i = 0; i < content.Length; i++)
                {
                    if (i > 0) writer.Byte((byte)',');
                    writer.Signed((sbyte)content[i]);
                }
                writer.Byte((byte)']');
                break;
            case AggregateType stats:
                var (total, count, average) = Aggregate.Stats(stats, bytes);
                writer.Bytes("{\"count\": "u8);
                JsonNumber(writer, count, false);
                writer.Bytes(", \"average\": "u8);
                JsonNumber(writer, Quotient(average, stats.IsSigned, divisor), stats.IsSigned);
                writer.Bytes(", \"total\": "u8);
                JsonNumber(writer, total, stats.IsSigned);
                writer.Byte((byte)'}');
                break;
            default:
                var text = _jsonText ??= new();
                text.Clear();
                Text(text, value);
                if (IsNull(value.Type)) writer.Bytes(text.Written);
                else TextEscapes.JsonString(writer, text.Written);
                break;
        }
    }

    /// <summary>A number of 64 bits: as a string when a double does not hold it exactly, since most readers of JSON have nothing else.</summary>
    public static void JsonNumber(ByteWriter writer, ulong number, bool isSigned)
    {
        ulong size = isSigned && (long)number < 0 ? 0 - number : number;
        bool isExact = size == 0 || 64 - BitOperations.LeadingZeroCount(size) - BitOperations.TrailingZeroCount(size) <= 53;
        if (!isExact) writer.Byte((byte)'"');
        if (isSigned) writer.Signed((long)number);
        else writer.Unsigned(number);
        if (!isExact) writer.Byte((byte)'"');
    }

    private static ulong Quotient(ulong number, bool isSigned, uint divisor) =>
        divisor <= 1 ? number : isSigned ? (ulong)((long)number / divisor) : number / divisor;

    private static bool IsNull(ScriptType type) => type is not (StringType or StackType or InetType or MacAddressType or KernelSymbolType or UserSymbolType
        or UserNameType or TimestampType or CgroupPathType or ErrorTextType or NameType);

    private void JsonTuple(ByteWriter writer, TupleType tuple, ReadOnlySpan<byte> bytes, uint divisor)
    {
        writer.Byte(tuple.Names is null ? (byte)'[' : (byte)'{');
        for (int i = 0; i < tuple.Elements.Count; i++)
        {
            if (i > 0) writer.Bytes(tuple.Names is null ? ","u8 : ", "u8);
            if (tuple.Names is not null) JsonName(writer, tuple.Names[i]);
            Json(writer, new(tuple.Elements[i], Slice(bytes, tuple.Offset(i), tuple.Elements[i].Size)), divisor);
        }
        writer.Byte(tuple.Names is null ? (byte)']' : (byte)'}');
    }

    private void JsonMembers(ByteWriter writer, CompositeType composite, ReadOnlySpan<byte> bytes, uint divisor, ref bool any)
    {
        foreach (var field in composite.Info.Fields)
        {
            var part = FieldBytes(bytes, field);
            if (field.Name.Length == 0)
            {
                if (field.Type is CompositeType inner) JsonMembers(writer, inner, part, divisor, ref any);
                continue;
            }
            if (any) writer.Bytes(", "u8);
            any = true;
            JsonName(writer, field.Name);
            if (field.BitSize == 0) Json(writer, new(field.Type, part), divisor);
            else if (field.Type is BooleanType) BitField(writer, field, part, divisor);
            else JsonNumber(writer, Quotient(ScriptValue.Bits(part, field.BitOffset, field.BitSize), false, field.Type is EnumType ? 1 : divisor), false);
        }
    }

    private static void JsonName(ByteWriter writer, string name)
    {
        TextEscapes.JsonString(writer, Source.ScriptBytes.Of(name));
        writer.Bytes(": "u8);
    }
}
