using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Hornet.Btf;

/// <summary>Values as C-like text.</summary>
internal sealed class BtfTextVisitor : IBtfValueVisitor
{
    private readonly StringBuilder _text = new();
    private readonly Stack<bool> _first = new();
    private bool _afterName;

    public void BeginStruct(BtfType type) => Open();

    public void Member(string name)
    {
        Separate();
        _text.Append(CultureInfo.InvariantCulture, $".{CNames.Identifier(name)} = ");
        _afterName = true;
    }

    public void EndStruct() => Close();

    public void BeginArray(BtfType type, int length) => Open();

    public void EndArray() => Close();

    public void Signed(BtfType type, Int128 value) => Put(value.ToString(CultureInfo.InvariantCulture));

    public void Unsigned(BtfType type, UInt128 value) => Put(value.ToString(CultureInfo.InvariantCulture));

    public void Bool(bool value) => Put(value ? "true" : "false");

    public void Float(double value) => Put(value.ToString("R", CultureInfo.InvariantCulture));

    public void Text(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new("\"");
        foreach (byte b in bytes)
        {
            if (b is (byte)'"' or (byte)'\\') text.Append('\\').Append((char)b);
            else if (b is >= 0x20 and < 0x7f) text.Append((char)b);
            // Octal, as C ends a hexadecimal escape only at a character that is no digit.
            else text.Append('\\').Append(Convert.ToString(b, 8).PadLeft(3, '0'));
        }
        Put(text.Append('"').ToString());
    }

    public void Enum(BtfType type, string? name, long value) =>
        Put(name is not null ? CNames.Identifier(name) : type.KindFlag ? value.ToString(CultureInfo.InvariantCulture) : ((ulong)value).ToString(CultureInfo.InvariantCulture));

    public void Pointer(BtfType type, ulong address) => Put(string.Create(CultureInfo.InvariantCulture, $"0x{address:x}"));

    public void Raw(ReadOnlySpan<byte> bytes) => Put("{ " + string.Join(", ", bytes.ToArray().Select(b => $"0x{b:x2}")) + " }");

    public override string ToString() => _text.ToString();

    private void Put(string value)
    {
        Separate();
        _text.Append(value);
    }

    private void Open()
    {
        Separate();
        _text.Append('{');
        _first.Push(true);
    }

    private void Close() => _text.Append(_first.Pop() ? "}" : " }");

    private void Separate()
    {
        if (_afterName)
        {
            _afterName = false;
            return;
        }
        if (_first.Count == 0) return;
        _text.Append(_first.Pop() ? " " : ", ");
        _first.Push(false);
    }
}

/// <summary>Values as JSON.</summary>
internal sealed class BtfJsonVisitor(Utf8JsonWriter writer) : IBtfValueVisitor
{
    public void BeginStruct(BtfType type) => writer.WriteStartObject();

    public void Member(string name) => writer.WritePropertyName(name);

    public void EndStruct() => writer.WriteEndObject();

    public void BeginArray(BtfType type, int length) => writer.WriteStartArray();

    public void EndArray() => writer.WriteEndArray();

    public void Signed(BtfType type, Int128 value) => writer.WriteRawValue(value.ToString(CultureInfo.InvariantCulture));

    public void Unsigned(BtfType type, UInt128 value) => writer.WriteRawValue(value.ToString(CultureInfo.InvariantCulture));

    public void Bool(bool value) => writer.WriteBooleanValue(value);

    public void Float(double value)
    {
        // JSON has no word for the others.
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }

    // Bytes that are not UTF-8 become U+FFFD, as everywhere in our JSON.
    public void Text(ReadOnlySpan<byte> bytes) => writer.WriteStringValue(Encoding.UTF8.GetString(bytes));

    public void Enum(BtfType type, string? name, long value)
    {
        if (name is not null) writer.WriteStringValue(name);
        else if (type.KindFlag) writer.WriteNumberValue(value);
        else writer.WriteNumberValue((ulong)value);
    }

    public void Pointer(BtfType type, ulong address) => writer.WriteNumberValue(address);

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        writer.WriteStartArray();
        foreach (byte b in bytes) writer.WriteNumberValue(b);
        writer.WriteEndArray();
    }
}
