using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// Writing what is behind an address.
internal sealed partial class Translator
{
    /// <summary>Writes a value of a shape.</summary>
    public void StoreTo(ILValue address, Shape shape, ILValue value, bool isVolatile)
    {
        FlushStack();
        if (address is ErrorValue || value is ErrorValue)
        {
            // What is not known must not look like the old value, or a loop over it would seem to stand still.
            if (address is VariableAddress spoiled && spoiled.Variable.Slot is null)
            {
                for (int i = 0; i < spoiled.Shape.Leaves.Count; i++) Write(spoiled.Variable.Leaves[spoiled.FirstLeaf + i], ErrorValue.Instance);
            }
            return;
        }
        if (CapturedBehind(address) is { } captured)
        {
            Report(Rules.CapturedWrite, $"{FieldName(captured)} is changed, which was captured from outside of the kernel code");
            return;
        }
        if (address is ConstantData)
        {
            Report(Rules.ReadOnlyWrite, "constant data is written");
            return;
        }
        if (address is VariableAddress place && WritePart(place, shape, value)) return;
        if (!shape.IsPlainData)
        {
            Report(Rules.ReferenceInMemory, $"a value of {Names.Of(shape.Type)}, which holds references, is written to memory");
            return;
        }
        var pointer = Reach(address, shape.Size);
        if (Current is null || !Readable(pointer) || TouchesKernelFields(pointer, shape, "written")) return;
        if (pointer.Region.Kind == RegionKind.MapValue) NoteMapWrite();
        WriteMemory(pointer, shape, value, isVolatile);
    }

    private void WriteMemory(Pointer pointer, Shape shape, ILValue value, bool isVolatile)
    {
        if (value is MemoryValue memory)
        {
            if (shape.Type == typeof(BpfDynptr))
            {
                Report(Rules.KernelFieldCopied, "a BpfDynptr is copied");
                return;
            }
            var source = RealPointer(memory.Address);
            if (source.Equals(pointer)) return;
            int align = source.Region.Kind == RegionKind.Packet || pointer.Region.Kind == RegionKind.Packet ? 1 : Layout.AlignmentOf(shape.Type);
            Emit(new MemoryCopy(AddressOf(pointer), AddressOf(source), shape.Size, align));
            return;
        }
        value = Coerce(value, shape);
        if (shape is MemoryShape)
        {
            if (value is not ErrorValue) Report(Rules.Unsupported, $"{Describe(value)} is stored as {Names.Of(shape.Type)}");
            return;
        }
        var leaves = StructValue.LeavesOf(value);
        for (int i = 0; i < leaves.Length; i++)
        {
            var leaf = shape.Leaves[i];
            switch (leaves[i], leaf.Shape)
            {
                case (Scalar scalar, ScalarShape target) when IsMisaligned(pointer, leaf.Offset, target.Size):
                    StoreBytes(pointer, leaf.Offset, target, target.IrType == IrType.I64 ? Widen(scalar.Ir, true) : Narrow(scalar.Ir));
                    break;
                case (Scalar scalar, ScalarShape target):
                    Emit(new Store(pointer.Base, pointer.Offset + leaf.Offset, target.Width, target.IrType == IrType.I64 ? Widen(scalar.Ir, true) : Narrow(scalar.Ir), isVolatile));
                    break;
                case (ErrorValue, _):
                    break;
                case (Pointer or ObjectConstant { Instance: null }, PointerShape):
                    var stored = RealPointer(leaves[i]);
                    Emit(new Store(pointer.Base, pointer.Offset + leaf.Offset, MemoryWidth.U64, Emit(new Conversion(ConversionKind.PointerToInteger, AddressOf(stored), IrType.I64)), isVolatile));
                    break;
                default:
                    Report(Rules.ReferenceInMemory, $"{Describe(leaves[i])} is written to memory");
                    break;
            }
        }
    }

    private bool WritePart(VariableAddress place, Shape shape, ILValue value)
    {
        if (place.Variable.Slot is not null || shape is MemoryShape) return false;
        int count = shape.Leaves.Count;
        if (place.Shape.Leaves.Count < count || (place.Shape.Leaves.Count > count && shape is StructShape)) return false;
        for (int i = 0; i < count; i++)
        {
            if (!Alike(place.Shape.Leaves[i], shape.Leaves[i])) return false;
        }
        if (value is MemoryValue memory) value = LoadFrom(memory.Address, shape, false);
        value = Coerce(value, shape);
        if (value is ErrorValue) return true;
        var leaves = StructValue.LeavesOf(value);
        for (int i = 0; i < count; i++) Write(place.Variable.Leaves[place.FirstLeaf + i], CoerceLeaf(leaves[i], place.Shape.Leaves[i].Shape));
        return true;
    }

    /// <summary>Fills a place with zeros, or a reference with null.</summary>
    public void Initialize(ILValue address, Shape shape)
    {
        if (shape is not MemoryShape)
        {
            StoreTo(address, shape, Default(shape), false);
            return;
        }
        FlushStack();
        if (address is ErrorValue) return;
        var pointer = Reach(address, shape.Size);
        if (Current is null) return;
        Emit(new MemorySet(AddressOf(pointer), Number32(0), shape.Size, pointer.Region.Kind == RegionKind.Packet ? 1 : Layout.AlignmentOf(shape.Type)));
    }
}
