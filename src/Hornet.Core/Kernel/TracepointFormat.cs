using System.Globalization;

namespace Hornet.Kernel;

/// <summary>Where the value of a tracepoint field is.</summary>
public enum TracepointFieldKind
{
    /// <summary>In the record itself.</summary>
    Plain,
    /// <summary>Elsewhere in the record: the field is 32 bits, the lower half the offset from the record's start, the upper half the length (<c>__data_loc</c>).</summary>
    DataLocation,
    /// <summary>As <see cref="DataLocation"/>, with the offset counted from the end of the field (<c>__rel_loc</c>, 5.17).</summary>
    RelativeLocation,
}

/// <summary>A field of a tracepoint's record.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="TypeName">The C type as the kernel writes it, without array brackets: <c>unsigned short</c>.</param>
/// <param name="Offset">Bytes from the start of the record: of the context of a tracepoint program.</param>
/// <param name="Size">Bytes in the record.</param>
/// <param name="IsSigned">Whether the element type is signed.</param>
/// <param name="ArrayLength">The number of elements of an array, 0 when it is no array; null when the kernel's length is not a number.</param>
/// <param name="Kind">Where the value is.</param>
/// <param name="IsCommon">Whether every event has the field. Programs cannot read these.</param>
public sealed record TracepointField(string Name, string TypeName, int Offset, int Size, bool IsSigned, int? ArrayLength, TracepointFieldKind Kind, bool IsCommon);

/// <summary>The layout of a tracepoint's record: the <c>format</c> file of tracefs.</summary>
public sealed class TracepointFormat
{
    private const int LongestText = 1 << 20;

    private TracepointFormat(string name, int id, IReadOnlyList<TracepointField> fields, string printFormat)
    {
        Name = name;
        Id = id;
        Fields = fields;
        PrintFormat = printFormat;
    }

    /// <summary>The event's name.</summary>
    public string Name { get; }

    /// <summary>The event's id.</summary>
    public int Id { get; }

    /// <summary>The fields in the order of the record.</summary>
    public IReadOnlyList<TracepointField> Fields { get; }

    /// <summary>The kernel's own text format, as written in the file.</summary>
    public string PrintFormat { get; }

    /// <summary>Bytes from the start of the record to the end of the last field.</summary>
    public int Size => Fields.Count == 0 ? 0 : Fields.Max(f => f.Offset + f.Size);

    /// <summary>The field of that name; null when there is none.</summary>
    public TracepointField? Field(string name)
    {
        foreach (var field in Fields)
        {
            if (field.Name == name) return field;
        }
        return null;
    }

    /// <summary>Reads the text of a <c>format</c> file.</summary>
    /// <exception cref="BpfFormatException">The text is not one.</exception>
    public static TracepointFormat Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > LongestText) throw new BpfFormatException($"A tracepoint format of {text.Length} characters is too long.");
        string? name = null;
        int id = -1;
        string print = "";
        List<TracepointField> fields = [];
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            var line = raw.Trim();
            if (line.StartsWith("name:")) name = line[5..].Trim().ToString();
            else if (line.StartsWith("ID:")) id = Number(line[3..], "ID");
            else if (line.StartsWith("field:") || line.StartsWith("field special:")) fields.Add(ParseField(line));
            else if (line.StartsWith("print fmt:")) print = line[10..].Trim().ToString();
        }
        if (name is null) throw new BpfFormatException("A tracepoint format has no 'name:' line.");
        if (id < 0) throw new BpfFormatException($"The format of tracepoint '{name}' has no 'ID:' line.");
        return new TracepointFormat(name, id, fields, print);
    }

    private static TracepointField ParseField(ReadOnlySpan<char> line)
    {
        string declaration = "";
        int offset = -1, size = -1;
        bool signed = false;
        foreach (var range in line.Split(';'))
        {
            var part = line[range].Trim();
            int colon = part.IndexOf(':');
            if (colon < 0) continue;
            var value = part[(colon + 1)..].Trim();
            switch (part[..colon])
            {
                case "field" or "field special": declaration = value.ToString(); break;
                case "offset": offset = Number(value, "offset"); break;
                case "size": size = Number(value, "size"); break;
                case "signed": signed = Number(value, "signed") != 0; break;
            }
        }
        if (declaration.Length == 0 || offset < 0 || size < 0 || offset > int.MaxValue - size)
            throw new BpfFormatException($"A tracepoint field is malformed: '{Shorten(line)}'.");
        return Declare(declaration, offset, size, signed);
    }

    /// <summary>Takes a declaration apart: <c>char comm[16]</c>, <c>__data_loc char[] name</c>, <c>const char * name</c>.</summary>
    private static TracepointField Declare(string declaration, int offset, int size, bool signed)
    {
        var kind = TracepointFieldKind.Plain;
        var text = declaration.AsSpan();
        if (text.StartsWith("__data_loc ")) kind = TracepointFieldKind.DataLocation;
        else if (text.StartsWith("__rel_loc ")) kind = TracepointFieldKind.RelativeLocation;
        if (kind != TracepointFieldKind.Plain) text = text[text.IndexOf(' ')..].Trim();

        int? length = 0;
        if (text.EndsWith("]"))
        {
            int bracket = text.LastIndexOf('[');
            if (bracket < 0) throw new BpfFormatException($"A tracepoint field is malformed: '{Shorten(declaration)}'.");
            length = int.TryParse(text[(bracket + 1)..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : null;
            text = text[..bracket].TrimEnd();
        }
        int start = text.Length;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] is '_' or '$' or '.' or '-')) start--;
        var name = text[start..];
        var type = text[..start].TrimEnd();
        // __data_loc char[] name: the brackets belong to the type, the length is in the record.
        if (type.EndsWith("[]"))
        {
            type = type[..^2].TrimEnd();
            length = null;
        }
        if (name.IsEmpty) throw new BpfFormatException($"A tracepoint field has no name: '{Shorten(declaration)}'.");
        return new TracepointField(name.ToString(), type.ToString(), offset, size, signed, length, kind, name.StartsWith("common_"));
    }

    private static int Number(ReadOnlySpan<char> text, string what) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new BpfFormatException($"The {what} of a tracepoint format is '{Shorten(text)}', not a number.");

    private static string Shorten(ReadOnlySpan<char> text) => text.Length <= 80 ? text.ToString() : $"{text[..80]}…";
}
