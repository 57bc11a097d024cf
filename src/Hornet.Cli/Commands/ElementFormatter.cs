using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Hornet.Btf;
using Hornet.Cli.Common;
using Hornet.Cli.Output;
using Hornet.Maps;

namespace Hornet.Cli.Commands;

/// <summary>
/// Keys and values of a map as JSON, and read back from what a person writes: by their BTF types where the map has them, as a number where the size is
/// one of a number's, else as a text of the bytes in hexadecimal.
/// </summary>
internal sealed class ElementFormatter : IDisposable
{
    private readonly BtfSpec? _btf;
    private readonly BtfType? _key;
    private readonly BtfType? _value;

    public ElementFormatter(BpfMap map)
    {
        var info = map.GetInfo();
        if (info.BtfId == 0) return;
        try
        {
            using var btf = BpfBtf.Open(info.BtfId);
            _btf = btf.ReadSpec();
            if (info.KeyTypeId != 0) _key = _btf[info.KeyTypeId];
            if (info.ValueTypeId != 0) _value = _btf[info.ValueTypeId];
        }
        catch (BpfException)
        {
            // Types are a help, not a condition: without them the bytes are shown.
            _btf?.Dispose();
            _btf = null;
        }
    }

    public ElementFormatter(BtfSpec? btf, BtfType? record)
    {
        _btf = btf;
        _value = record;
    }

    public string Key(ReadOnlySpan<byte> key) => Format(_key, key);

    public string Value(ReadOnlySpan<byte> value) => Format(_value, value);

    public static byte[] Parse(string text, int size, string what)
    {
        byte[] bytes = new byte[size];
        if (text.StartsWith("hex:", StringComparison.Ordinal))
        {
            byte[]? given = TryHex(text[4..]);
            if (given is null || given.Length != size) throw new UserException($"the {what} has {size} bytes: write hex: and {2 * size} hexadecimal digits.");
            return given;
        }
        if (text.StartsWith("text:", StringComparison.Ordinal))
        {
            byte[] given = Encoding.UTF8.GetBytes(text[5..]);
            if (given.Length > size) throw new UserException($"the {what} has {size} bytes; the text has {given.Length}.");
            given.CopyTo(bytes, 0);
            return bytes;
        }
        bool hexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (Int128.TryParse(hexadecimal ? text[2..] : text, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            if (size is not (1 or 2 or 4 or 8)) throw new UserException($"the {what} has {size} bytes, which is no number's size: write hex: and {2 * size} hexadecimal digits, or text: and a text.");
            if (number >> (8 * size) != 0 && number >> (8 * size - 1) != -1) throw new UserException($"{text} does not fit the {size} bytes of the {what}.");
            Span<byte> wide = stackalloc byte[16];
            BinaryPrimitives.WriteInt128LittleEndian(wide, number);
            wide[..size].CopyTo(bytes);
            return bytes;
        }
        throw new UserException($"'{text}' is not a {what}: write a number (7, 0x1f), hex: and {2 * size} hexadecimal digits, or text: and a text.");
    }

    public void Dispose() => _btf?.Dispose();

    private static string Format(BtfType? type, ReadOnlySpan<byte> bytes)
    {
        if (type is { } known && known.Resolve() is var resolved && resolved.Kind != BtfKind.Void && known.ByteSize <= bytes.Length)
        {
            var buffer = new ArrayBufferWriter<byte>(256);
            using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, Encoder = SafeJsonEncoder.Instance }))
                BtfValue.WriteJson(known, bytes, json);
            return Encoding.UTF8.GetString(buffer.WrittenSpan);
        }
        return bytes.Length switch
        {
            0 => "null",
            1 => bytes[0].ToString(CultureInfo.InvariantCulture),
            2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes).ToString(CultureInfo.InvariantCulture),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes).ToString(CultureInfo.InvariantCulture),
            8 => BinaryPrimitives.ReadUInt64LittleEndian(bytes).ToString(CultureInfo.InvariantCulture),
            _ => $"\"{Convert.ToHexStringLower(bytes)}\"",
        };
    }

    private static byte[]? TryHex(string digits)
    {
        try
        {
            return Convert.FromHexString(digits.Replace(" ", "", StringComparison.Ordinal));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
