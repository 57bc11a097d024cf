using System.Buffers.Binary;
using Hornet.Compiler.IR;

namespace Hornet.IL.Values;

/// <summary>Makes values of what exists now: fields of captured objects, constant bytes.</summary>
internal static class Constants
{
    /// <summary>A value of a shape from its bytes.</summary>
    public static ILValue Decode(Shape shape, ReadOnlySpan<byte> bytes)
    {
        var leaves = shape.Leaves;
        var values = new ILValue[leaves.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = leaves[i].Shape is ScalarShape scalar
                ? new Scalar(Number(scalar, bytes[leaves[i].Offset..]))
                : new Pointer(Constant.Null(Region.Unknown));
        }
        return StructValue.Combine(shape, values);
    }

    /// <summary>A value of a declared type from an object of the runtime.</summary>
    public static ILValue FromObject(object? value, Type type)
    {
        var shape = Shape.Of(type);
        switch (shape)
        {
            case ScalarShape scalar:
                return new Scalar(Number(scalar, Layout.Data(value!, scalar.Size)));
            case ObjectShape:
                return new ObjectConstant(value);
            case MemoryShape memory:
                return new MemoryValue(memory, new ConstantData(Layout.Data(value!, memory.Size).ToArray(), Constant.Int64(0)), true);
            case StructShape whole when Nullable.GetUnderlyingType(type) is { } underlying:
                var present = new Scalar(Constant.Int32(value is null ? 0 : 1));
                var inner = value is null ? Decode(Shape.Of(underlying), new byte[Layout.SizeOf(underlying)]) : FromObject(value, underlying);
                return new StructValue(whole, [present, .. StructValue.LeavesOf(inner)]);
            case StructShape whole:
                List<ILValue> leaves = [];
                foreach (var field in whole.Fields) leaves.AddRange(StructValue.LeavesOf(FromObject(field.Info!.GetValue(value), field.Info.FieldType)));
                return new StructValue(whole, [.. leaves]);
            default:
                // A pointer of this process means nothing to the kernel.
                return new ObjectConstant(value);
        }
    }

    private static Constant Number(ScalarShape shape, ReadOnlySpan<byte> bytes)
    {
        long number = shape.Width switch
        {
            MemoryWidth.U8 => bytes[0],
            MemoryWidth.I8 => (sbyte)bytes[0],
            MemoryWidth.U16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            MemoryWidth.I16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            MemoryWidth.U32 or MemoryWidth.I32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        };
        return Constant.Of(shape.IrType, number);
    }
}
