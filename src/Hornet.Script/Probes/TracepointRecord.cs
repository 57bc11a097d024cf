using Hornet.Kernel;
using Hornet.Script.Types;

namespace Hornet.Script.Probes;

/// <summary>A tracepoint's record as types of the language.</summary>
internal static class TracepointRecord
{
    /// <summary>The fields of a format: the types are looked up by name, sizes and signs are those of the record (system calls widen all to 8 bytes).</summary>
    public static (IReadOnlyList<ScriptArgument> Arguments, CompositeType Type) Read(string name, TracepointFormat format, BtfTypes? types)
    {
        List<ScriptArgument> arguments = [];
        List<CompositeField> fields = [];
        foreach (var field in format.Fields)
        {
            var type = TypeOf(field, types);
            bool isLocation = field.Kind == TracepointFieldKind.DataLocation;
            arguments.Add(new ScriptArgument(field.Name, type, new ArgumentLocation.ContextBytes(field.Offset)) { IsDataLocation = isLocation });
            fields.Add(new CompositeField(field.Name, type, field.Offset) { IsDataLocation = isLocation, Space = type is PointerType pointer ? pointer.Space : AddressSpace.None });
        }
        return (arguments, new CompositeType(new CompositeTypeInfo($"struct tracepoint:{name}_args", false, format.Size, () => fields)));
    }

    private static ScriptType TypeOf(TracepointField field, BtfTypes? types)
    {
        // The address of what the record holds further on; the generator adds the record's own.
        if (field.Kind == TracepointFieldKind.DataLocation) return IntegerType.Int64;
        if (field.Kind == TracepointFieldKind.RelativeLocation) return IntegerType.UInt32;
        var type = BtfTypes.ParseC(field.TypeName, types);
        if (field.ArrayLength is not 0)
        {
            if (field.TypeName is "char") return new StringType(field.Size);
            return type is { Size: > 0 } && field.Size % type.Size == 0 ? new ArrayType(type, field.Size / type.Size) : new ArrayType(IntegerType.UInt8, field.Size);
        }
        return type switch
        {
            PointerType or EnumType or BooleanType or CompositeType when type.Size == field.Size => type,
            _ when field.Size is 1 or 2 or 4 or 8 => new IntegerType(field.Size * 8, field.IsSigned),
            _ => new ArrayType(IntegerType.UInt8, field.Size),
        };
    }
}
