using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Hornet.Cli.Output;

internal enum OutputFormat
{
    Text,
    Json,
    Csv,
}

/// <summary>How rows are laid out.</summary>
internal enum RowLayout
{
    /// <summary>Events as they come: fixed columns; one JSON object a line.</summary>
    Events,

    /// <summary>A complete list: columns fitted to their contents; one JSON array.</summary>
    List,

    /// <summary>One thing in detail: a line per column; one JSON object.</summary>
    Detail,
}

/// <summary>One column: its key in JSON and CSV, its heading in a table, and the least width there (negative: to the right).</summary>
internal readonly record struct Column(string Key, string Heading, int Width = 0)
{
    public bool RightAligned => Width < 0;

    public int MinimumWidth => Math.Abs(Width);
}

/// <summary>
/// The one writer of rows behind every command: a table for people, JSON or CSV for programs. A stream of events is
/// written row by row with fixed columns and as one JSON object a line; a list fits its columns to its contents and is
/// one JSON array. Text from the kernel or from processes passes <see cref="UntrustedText"/> here and nowhere else.
/// </summary>
internal sealed class RowWriter : IDisposable
{
    private const int FlushAt = 64 * 1024;

    private readonly Stream _sink;
    private readonly OutputFormat _format;
    private readonly Column[] _columns;
    private readonly RowLayout _layout;
    private readonly bool _headings;
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushAt);
    private readonly ArrayBufferWriter<byte> _cell = new(1024);
    private readonly List<byte[][]> _table = [];
    private readonly Utf8JsonWriter? _json;
    private byte[][] _row = [];
    private int _column;
    private bool _first = true;

    public RowWriter(Stream sink, OutputFormat format, RowLayout layout, bool headings, params Column[] columns)
    {
        _sink = sink;
        _format = format;
        _layout = layout;
        _headings = headings;
        _columns = columns;
        if (format == OutputFormat.Json) _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true, Encoder = SafeJsonEncoder.Instance });
    }

    /// <summary>Writes what comes before the first row: the headings, or the opening of the JSON array.</summary>
    public void Start()
    {
        if (_format == OutputFormat.Json && _layout == RowLayout.List) _buffer.Write("["u8);
        if (_format == OutputFormat.Csv && _headings) _buffer.Write(Encoding.UTF8.GetBytes(string.Join(',', _columns.Select(c => c.Key)) + "\n"));
        if (_format == OutputFormat.Text && _layout == RowLayout.Events && _headings)
        {
            BeginRow();
            foreach (var column in _columns) TextCell(Encoding.UTF8.GetBytes(column.Heading));
            EndRow();
        }
    }

    public void BeginRow()
    {
        _column = 0;
        if (_format == OutputFormat.Json)
        {
            if (_layout == RowLayout.List) _buffer.Write(_first ? "\n  "u8 : ",\n  "u8);
            _json!.Reset(_buffer);
            _json.WriteStartObject();
        }
        else if (Fitted) _row = new byte[_columns.Length][];
        _first = false;
    }

    public void EndRow()
    {
        if (_column != _columns.Length) throw new InvalidOperationException($"{_column} cells in a row of {_columns.Length} columns");
        if (_format == OutputFormat.Json)
        {
            _json!.WriteEndObject();
            _json.Flush();
            if (_layout != RowLayout.List) _buffer.Write("\n"u8);
        }
        else if (Fitted) _table.Add(_row);
        else _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= FlushAt) Flush();
    }

    public void Add(long value)
    {
        if (_format == OutputFormat.Json) _json!.WriteNumber(_columns[_column++].Key, value);
        else
        {
            Span<byte> text = stackalloc byte[24];
            _ = Utf8Formatter.TryFormat(value, text, out int n);
            TextCell(text[..n]);
        }
    }

    public void Add(ulong value)
    {
        if (_format == OutputFormat.Json) _json!.WriteNumber(_columns[_column++].Key, value);
        else
        {
            Span<byte> text = stackalloc byte[24];
            _ = Utf8Formatter.TryFormat(value, text, out int n);
            TextCell(text[..n]);
        }
    }

    public void Add(double value, int decimals)
    {
        if (_format == OutputFormat.Json) _json!.WriteNumber(_columns[_column++].Key, Math.Round(value, decimals));
        else TextCell(Encoding.ASCII.GetBytes(value.ToString("F" + decimals, CultureInfo.InvariantCulture)));
    }

    public void Add(bool value)
    {
        if (_format == OutputFormat.Json) _json!.WriteBoolean(_columns[_column++].Key, value);
        else TextCell(value ? "yes"u8 : "no"u8);
    }

    /// <summary>Nothing known: null in JSON, a dash in a table, empty in CSV.</summary>
    public void AddNothing()
    {
        if (_format == OutputFormat.Json) _json!.WriteNull(_columns[_column++].Key);
        else TextCell(_format == OutputFormat.Csv ? ""u8 : "-"u8);
    }

    /// <summary>Text of any origin; null is nothing known.</summary>
    public void Add(string? text)
    {
        if (text is null) AddNothing();
        else Add(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>
    /// Text of any origin. In JSON, bytes that are not UTF-8 become U+FFFD, and the exact bytes follow as
    /// <c>KEY_base64</c>; in CSV and tables they are spelled <c>\xNN</c>.
    /// </summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        if (_format != OutputFormat.Json)
        {
            _cell.ResetWrittenCount();
            UntrustedText.AppendEscaped(_cell, text);
            TextCell(_cell.WrittenSpan);
            return;
        }
        string key = _columns[_column++].Key;
        if (Utf8.IsValid(text)) _json!.WriteString(key, text);
        else
        {
            _json!.WriteString(key, Encoding.UTF8.GetString(text));
            _json.WriteBase64String(key + "_base64", text);
        }
    }

    /// <summary>A value that is JSON already (and safe): as it is in JSON, as its text elsewhere.</summary>
    public void AddJson(string json)
    {
        if (_format == OutputFormat.Json)
        {
            _json!.WritePropertyName(_columns[_column++].Key);
            _json.WriteRawValue(json);
        }
        else TextCell(Encoding.UTF8.GetBytes(json));
    }

    /// <summary>Several values: an array in JSON, joined by commas elsewhere.</summary>
    public void Add(IEnumerable<uint> values)
    {
        if (_format != OutputFormat.Json)
        {
            string joined = string.Join(',', values);
            if (joined.Length == 0) AddNothing();
            else TextCell(Encoding.ASCII.GetBytes(joined));
            return;
        }
        _json!.WriteStartArray(_columns[_column++].Key);
        foreach (uint value in values) _json.WriteNumberValue(value);
        _json.WriteEndArray();
    }

    /// <summary>Several texts: an array in JSON, joined by commas elsewhere.</summary>
    public void Add(IEnumerable<string> values)
    {
        if (_format != OutputFormat.Json)
        {
            string joined = string.Join(", ", values);
            Add(joined.Length == 0 ? null : joined);
            return;
        }
        _json!.WriteStartArray(_columns[_column++].Key);
        foreach (string value in values) _json.WriteStringValue(value);
        _json.WriteEndArray();
    }

    /// <summary>Hands everything written so far to the sink.</summary>
    public void Flush()
    {
        if (_buffer.WrittenCount == 0) return;
        _sink.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }

    /// <summary>Writes what comes after the last row and flushes.</summary>
    public void Finish()
    {
        if (_format == OutputFormat.Json && _layout == RowLayout.List) _buffer.Write(_first ? "]\n"u8 : "\n]\n"u8);
        if (Fitted && _layout == RowLayout.Detail) WriteDetails();
        else if (Fitted) WriteTable();
        Flush();
    }

    public void Dispose() => _json?.Dispose();

    // A text layout whose widths are known only at the end.
    private bool Fitted => _format == OutputFormat.Text && _layout != RowLayout.Events;

    private void WriteDetails()
    {
        int width = _columns.Max(c => c.Heading.Length);
        foreach (byte[][] row in _table)
        {
            for (int i = 0; i < row.Length; i++)
            {
                if (row[i] is [(byte)'-']) continue;
                _buffer.Write(Encoding.UTF8.GetBytes(_columns[i].Heading.PadRight(width) + "  "));
                _buffer.Write(row[i]);
                _buffer.Write("\n"u8);
            }
        }
    }

    private void WriteTable()
    {
        if (_table.Count == 0) return;
        if (_headings) _table.Insert(0, [.. _columns.Select(c => Encoding.UTF8.GetBytes(c.Heading))]);
        // The last column needs no width, unless it ends at the right.
        int[] widths = [.. _columns.Select((c, i) => i == _columns.Length - 1 && !c.RightAligned ? 0 : Math.Max(c.MinimumWidth, _table.Max(row => UntrustedText.DisplayWidth(row[i]))))];
        foreach (byte[][] row in _table)
        {
            for (int i = 0; i < row.Length; i++)
            {
                bool last = i == row.Length - 1;
                Pad(row[i], widths[i], _columns[i].RightAligned, last);
                if (!last) _buffer.Write("  "u8);
            }
            _buffer.Write("\n"u8);
            if (_buffer.WrittenCount >= FlushAt) Flush();
        }
    }

    private void TextCell(ReadOnlySpan<byte> text)
    {
        var column = _columns[_column];
        bool last = _column == _columns.Length - 1;
        if (_format == OutputFormat.Csv)
        {
            CsvCell(text);
            if (!last) _buffer.Write(","u8);
        }
        else if (Fitted) _row[_column] = text.ToArray();
        else
        {
            Pad(text, column.MinimumWidth, column.RightAligned, last);
            if (!last) _buffer.Write(" "u8);
        }
        _column++;
    }

    private void Pad(ReadOnlySpan<byte> text, int width, bool right, bool last)
    {
        if (width == 0)
        {
            _buffer.Write(text);
            return;
        }
        int padding = Math.Max(0, width - UntrustedText.DisplayWidth(text));
        if (right) Spaces(padding);
        _buffer.Write(text);
        if (!right && !last) Spaces(padding);
    }

    private void Spaces(int count)
    {
        if (count == 0) return;
        _buffer.GetSpan(count)[..count].Fill((byte)' ');
        _buffer.Advance(count);
    }

    // RFC 4180 quoting. A cell that a spreadsheet would run as a formula gets a leading apostrophe, unless it is a number.
    private void CsvCell(ReadOnlySpan<byte> text)
    {
        bool formula = !text.IsEmpty && text[0] is (byte)'=' or (byte)'+' or (byte)'@' or (byte)'-'
            && !(Utf8Parser.TryParse(text, out double _, out int used) && used == text.Length);
        if (!formula && text.IndexOfAny("\",\n\r"u8) < 0)
        {
            _buffer.Write(text);
            return;
        }
        _buffer.Write("\""u8);
        if (formula) _buffer.Write("'"u8);
        foreach (byte b in text)
        {
            if (b == (byte)'"') _buffer.Write("\""u8);
            _buffer.Write([b]);
        }
        _buffer.Write("\""u8);
    }
}
