using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Hornet.Printing;

/// <summary>A place in a text: text itself, or a value that a record holds.</summary>
/// <param name="Text">The text; null for a value.</param>
/// <param name="Type">The value's type: a number, or <c>byte[]</c> for text and bytes.</param>
/// <param name="Alignment">The least width; negative to align left.</param>
/// <param name="Format">The .NET format.</param>
/// <param name="Size">Bytes in the record.</param>
internal sealed record PrintPart(string? Text, Type? Type, int Alignment, string? Format, int Size);

/// <summary>
/// What a <c>Bpf.Print</c> prints. The record is the format's number, a word of lengths for each byte span of variable
/// length, and the values, each at a multiple of eight.
/// </summary>
internal sealed record PrintFormat(int Id, PrintPart[] Parts)
{
    /// <summary>Bytes before the values.</summary>
    public const int HeaderSize = 8;

    /// <summary>Whether another text has the same parts.</summary>
    public bool HasParts(ReadOnlySpan<PrintPart> parts) => Parts.AsSpan().SequenceEqual(parts);

    /// <summary>Makes the text of a record.</summary>
    public string ToText(ReadOnlySpan<byte> record)
    {
        StringBuilder text = new();
        int at = HeaderSize;
        foreach (var part in Parts)
        {
            if (part.Text is not null)
            {
                text.Append(part.Text);
                continue;
            }
            var bytes = record.Slice(at, part.Size);
            at += (part.Size + 7) & ~7;
            string value = part.Type == typeof(byte[]) ? Bytes(bytes, part.Format) : Number(bytes, part.Type!, part.Format);
            text.Append(part.Alignment < 0 ? value.PadRight(-part.Alignment) : value.PadLeft(part.Alignment));
        }
        return text.ToString();
    }

    /// <summary>Whether .NET has such a format for a type.</summary>
    public static bool IsFormat(Type type, string? format)
    {
        if (type == typeof(byte[])) return format is null or "" or "x" or "X";
        try
        {
            Number(new byte[8], type, format);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    // A word before the bytes says how many there are.
    private static string Bytes(ReadOnlySpan<byte> field, string? format)
    {
        var bytes = field.Slice(8, Math.Min(MemoryMarshal.Read<int>(field), field.Length - 8));
        return format switch
        {
            "x" => Convert.ToHexStringLower(bytes),
            "X" => Convert.ToHexString(bytes),
            _ => UntrustedText.Escape(UntrustedText.CString(bytes)),
        };
    }

    private static string Number(ReadOnlySpan<byte> bytes, Type type, string? format)
    {
        long number = MemoryMarshal.Read<long>(bytes);
        object value = Type.GetTypeCode(type) switch
        {
            _ when type.IsEnum => Enum.ToObject(type, number),
            TypeCode.Boolean => number != 0,
            TypeCode.Char => (char)number,
            TypeCode.Byte => (byte)number,
            TypeCode.SByte => (sbyte)number,
            TypeCode.Int16 => (short)number,
            TypeCode.UInt16 => (ushort)number,
            TypeCode.Int32 => (int)number,
            TypeCode.UInt32 => (uint)number,
            TypeCode.UInt64 => (ulong)number,
            _ when type == typeof(nuint) => (nuint)number,
            _ when type == typeof(nint) => (nint)number,
            _ => number,
        };
        return value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value.ToString()!;
    }
}
