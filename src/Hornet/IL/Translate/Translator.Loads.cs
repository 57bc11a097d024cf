using System.Reflection.Metadata;
using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// Reading what is behind an address; what the instructions ldind and stind say.
internal sealed partial class Translator
{
    /// <summary>Reads a value of a shape.</summary>
    public ILValue LoadFrom(ILValue address, Shape shape, bool isVolatile)
    {
        switch (address)
        {
            case ErrorValue:
                return address;
            case VariableAddress place when ReadPart(place, shape) is { } part:
                return part;
            case ConstantData { Offset: Constant { Number: var offset } } data when offset >= 0 && offset + shape.Size <= data.Bytes.Length && shape is not MemoryShape:
                return Constants.Decode(shape, data.Bytes.AsSpan((int)offset));
            case ObjectConstant { Instance: null }:
                return Report(Rules.NullDereference, "null is dereferenced");
        }
        if (!shape.IsPlainData) return Report(Rules.ReferenceInMemory, $"a value of {Names.Of(shape.Type)}, which holds references, is read from memory");
        if (address is Pointer reached && TouchesKernelFields(reached, shape, "read")) return ErrorValue.Instance;
        if (shape is MemoryShape memory) return new MemoryValue(memory, address is ConstantData ? address : Reach(address, shape.Size), address is ConstantData);
        var pointer = Reach(address, shape.Size);
        if (Current is null) return ErrorValue.Instance;
        if (!Readable(pointer)) return ErrorValue.Instance;
        var leaves = new ILValue[shape.Leaves.Count];
        for (int i = 0; i < leaves.Length; i++) leaves[i] = LoadLeaf(pointer, shape.Leaves[i], isVolatile);
        return StructValue.Combine(shape, leaves);
    }

    private bool Readable(Pointer pointer)
    {
        if (pointer.IsNull)
        {
            Report(Rules.NullDereference, "null is dereferenced");
            return false;
        }
        return true;
    }

    // The verifier wants accesses of the stack aligned, other memory may be read anywhere.
    private bool IsMisaligned(Pointer pointer, int offset, int bytes) =>
        pointer.Region.Kind == RegionKind.Stack && bytes > 1 && KnownAlignment(pointer with { Offset = pointer.Offset + offset }) < bytes;

    private Value LoadBytes(Pointer pointer, int offset, ScalarShape shape)
    {
        Value value = Constant.Of(shape.IrType, 0);
        for (int i = 0; i < shape.Size; i++)
        {
            Value part = Emit(new Load(pointer.Base, pointer.Offset + offset + i, MemoryWidth.U8, IrType.I32));
            if (shape.IrType == IrType.I64) part = Widen(part, false);
            value = Arithmetic(BinaryOperator.Or, value, Arithmetic(BinaryOperator.Shl, part, Constant.Of(shape.IrType, 8 * i)));
        }
        return shape.Width == MemoryWidth.I16 ? Convert(ConversionKind.SignExtend16, value) : value;
    }

    private void StoreBytes(Pointer pointer, int offset, ScalarShape shape, Value value)
    {
        for (int i = 0; i < shape.Size; i++)
            Emit(new Store(pointer.Base, pointer.Offset + offset + i, MemoryWidth.U8, Narrow(Arithmetic(BinaryOperator.LShr, value, Constant.Of(value.Type, 8 * i)))));
    }

    private ILValue LoadLeaf(Pointer pointer, Leaf leaf, bool isVolatile) => leaf.Shape switch
    {
        ScalarShape scalar when IsMisaligned(pointer, leaf.Offset, scalar.Size) => new Scalar(LoadBytes(pointer, leaf.Offset, scalar)),
        ScalarShape scalar => new Scalar(Emit(new Load(pointer.Base, pointer.Offset + leaf.Offset, scalar.Width, scalar.IrType, isVolatile))),
        PointerShape => new Pointer(Emit(new Load(pointer.Base, pointer.Offset + leaf.Offset, MemoryWidth.U64, IrType.Pointer(Region.KernelUntrusted()), isVolatile))),
        _ => Report(Rules.ReferenceInMemory, "an object is read from memory"),
    };

    private ILValue? ReadPart(VariableAddress place, Shape shape)
    {
        if (place.Variable.Slot is not null) return null;
        var leaves = place.Shape.Leaves;
        int count = shape.Leaves.Count;
        if (shape is MemoryShape || leaves.Count < count) return null;
        // The same fields, or the first of them: a reference to a struct is one to its first field.
        for (int i = 0; i < count; i++)
        {
            if (!Alike(leaves[i], shape.Leaves[i])) return null;
        }
        if (leaves.Count > count && shape is StructShape) return null;
        var values = new ILValue[count];
        for (int i = 0; i < count; i++) values[i] = CoerceLeaf(Read(place.Variable.Leaves[place.FirstLeaf + i]), shape.Leaves[i].Shape);
        return StructValue.Combine(shape, values);
    }

    private static bool Alike(Leaf a, Leaf b) => a.Offset == b.Offset && (a.Shape, b.Shape) switch
    {
        (ScalarShape x, ScalarShape y) => x.Width.Bytes() == y.Width.Bytes(),
        (PointerShape, PointerShape) => true,
        (ObjectShape, ObjectShape) => true,
        _ => false,
    };

    private ILValue LoadIndirect(ILOpCode op, ILValue address)
    {
        Type? type = op switch
        {
            ILOpCode.Ldind_i1 => typeof(sbyte),
            ILOpCode.Ldind_u1 => typeof(byte),
            ILOpCode.Ldind_i2 => typeof(short),
            ILOpCode.Ldind_u2 => typeof(ushort),
            ILOpCode.Ldind_i4 => typeof(int),
            ILOpCode.Ldind_u4 => typeof(uint),
            ILOpCode.Ldind_i8 => typeof(long),
            ILOpCode.Ldind_i => typeof(nint),
            ILOpCode.Ldind_ref => typeof(object),
            _ => null,
        };
        if (type is null) return Report(Rules.FloatingPoint, "floating-point numbers do not exist in eBPF");
        // "ldind.i" is also how a pointer is read through a reference.
        if (op == ILOpCode.Ldind_i && address is VariableAddress { Shape: PointerShape pointer }) return LoadFrom(address, pointer, TakeVolatile());
        return Usable(LoadFrom(address, Shape.Of(type), TakeVolatile()));
    }

    private void StoreIndirect(ILOpCode op)
    {
        Type? type = op switch
        {
            ILOpCode.Stind_i1 => typeof(sbyte),
            ILOpCode.Stind_i2 => typeof(short),
            ILOpCode.Stind_i4 => typeof(int),
            ILOpCode.Stind_i8 => typeof(long),
            ILOpCode.Stind_i => typeof(nint),
            ILOpCode.Stind_ref => typeof(object),
            _ => null,
        };
        var value = Pop();
        var address = Pop();
        if (type is null)
        {
            Report(Rules.FloatingPoint, "floating-point numbers do not exist in eBPF");
            return;
        }
        var shape = op == ILOpCode.Stind_i && address is VariableAddress { Shape: PointerShape pointer } ? pointer : Shape.Of(type);
        StoreTo(address, shape, value, TakeVolatile());
    }
}
