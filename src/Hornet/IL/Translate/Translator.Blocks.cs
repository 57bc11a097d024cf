using System.Reflection;
using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// Blocks of memory: filled, copied, taken from the stack, constant.
internal sealed partial class Translator
{
    private void FillBlock(ILValue address, ILValue filler, ILValue length)
    {
        FlushStack();
        if (address is ErrorValue || filler is not Scalar value || length is not Scalar size) return;
        if (!IsKnown(size.Ir, out long bytes))
        {
            Report(Rules.VariableSize, "a block of memory is filled whose size is not constant");
            return;
        }
        if (bytes == 0) return;
        var pointer = Reach(address, (int)bytes);
        if (Current is not null) Emit(new MemorySet(AddressOf(pointer), Narrow(value.Ir), (int)bytes, 1));
    }

    private void CopyBlock(ILValue destination, ILValue source, ILValue length)
    {
        FlushStack();
        if (destination is ErrorValue || source is ErrorValue || length is not Scalar size) return;
        if (!IsKnown(size.Ir, out long bytes))
        {
            Report(Rules.VariableSize, "a block of memory is copied whose size is not constant");
            return;
        }
        CopyBytes(destination, source, (int)bytes);
    }

    /// <summary>Copies a known number of bytes.</summary>
    public void CopyBytes(ILValue destination, ILValue source, int bytes)
    {
        if (bytes == 0) return;
        var to = Reach(destination, bytes);
        if (Current is null) return;
        if (source is ConstantData { Offset: Constant { Number: var offset } } data && bytes <= 64)
        {
            StoreConstant(to, data.Bytes.AsSpan((int)offset, bytes));
            return;
        }
        var from = Reach(source, bytes);
        if (Current is not null) Emit(new MemoryCopy(AddressOf(to), AddressOf(from), bytes, 1));
    }

    // A short constant is cheaper as immediates than as a copy from a map.
    private void StoreConstant(Pointer to, ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            int width = 8, aligned = to.Region.Kind == RegionKind.Packet ? 1 : KnownAlignment(to with { Offset = to.Offset + at });
            while (width > bytes.Length - at || width > aligned) width /= 2;
            long number = 0;
            for (int i = width - 1; i >= 0; i--) number = (number << 8) | bytes[at + i];
            Emit(new Store(to.Base, to.Offset + at, MemoryWidths.Unsigned(width), width == 8 ? Number(number) : Number32((int)number)));
            at += width;
        }
    }

    private ILValue StackAllocate(ILValue length)
    {
        if (length is ErrorValue) return length;
        if (length is not Scalar { Known: { } bytes }) return Report(Rules.VariableSize, "stackalloc with a size that is not constant");
        if (bytes is < 0 or > 65536) return Report(Rules.VariableSize, $"stackalloc of {bytes} bytes");
        if (bytes == 0) return new Pointer(Constant.Null(Region.Stack));
        int size = (int)(bytes + 7) & ~7;
        bool again = Frame.InLoop || Frame.Flow.IsInLoop(CurrentIlBlock);
        var slot = NewSlot(size, 8, uninitialized: again);
        if (again) Emit(new MemorySet(slot, Number32(0), size, 8));
        return new Pointer(slot);
    }

    private static bool IsRvaField(FieldInfo field) => field.Attributes.HasFlag(FieldAttributes.HasFieldRVA);

    /// <summary>The bytes that the compiler put into the assembly for a literal or an array.</summary>
    public static byte[] DataOf(FieldInfo field)
    {
        object value = field.GetValue(null)!;
        int size = Layout.SizeOf(field.FieldType);
        return Layout.Data(value, size).ToArray();
    }
}
