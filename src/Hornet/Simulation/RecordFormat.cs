using System.Globalization;
using System.Text;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Kernel;

namespace Hornet;

/// <summary>The layout of a tracepoint's record where no kernel tells it: the struct's own, behind the fields that every record has.</summary>
internal static class RecordFormat
{
    /// <summary>The bytes of the common fields: type, flags, preemption count, process.</summary>
    public const int CommonBytes = 8;

    public static TracepointFormat Of(Type type, string tracepoint)
    {
        StringBuilder text = new(string.Create(CultureInfo.InvariantCulture, $"name: {tracepoint}\nID: 0\nformat:\n"));
        foreach (var field in Layout.InstanceFields(type))
        {
            string name = field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>')] : field.Name;
            int size = Layout.SizeOf(field.FieldType);
            var scalar = AddressType.IsOne(field.FieldType) ? null : ScalarShape.TryCreate(field.FieldType);
            bool signed = scalar?.IsSigned ?? false;
            string declaration = AddressType.IsOne(field.FieldType) ? $"char * {name}"
                : scalar is null ? $"unsigned char {name}[{size}]"
                : $"{(signed ? "" : "unsigned ")}{size switch { 1 => "char", 2 => "short", 4 => "int", _ => "long" }} {name}";
            text.Append(CultureInfo.InvariantCulture, $"\tfield:{declaration};\toffset:{CommonBytes + Layout.OffsetOf(field)};\tsize:{size};\tsigned:{(signed ? 1 : 0)};\n");
        }
        return TracepointFormat.Parse(text.ToString());
    }
}
