using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>Makes copies and fillings of sliced pieces of stack into loads and stores of their slices.</summary>
internal static class StackCopies
{
    public static void Expand(IrFunction function, StackSlices slices)
    {
        Instruction[] buffer = [];
        foreach (var block in function.Blocks)
        {
            foreach (var instruction in block.Snapshot(ref buffer))
            {
                switch (instruction)
                {
                    case MemoryCopy copy: Expand(block, copy, slices); break;
                    case MemorySet set: Expand(block, set, slices); break;
                }
            }
        }
    }

    private static void Expand(BasicBlock block, MemoryCopy copy, StackSlices slices)
    {
        var to = Known(copy.Destination, slices);
        var from = Known(copy.Source, slices);
        if ((to ?? from) is not { } known) return;
        // Both sides, where both are sliced, have the same cuts.
        List<(int Offset, int Size)> parts = [];
        foreach (var slice in slices.Of(known.Alloca))
        {
            int start = Math.Max(slice.Start, known.Offset), end = Math.Min(slice.End, known.Offset + copy.Size);
            if (start < end) parts.AddRange(Pieces(start - known.Offset, end - known.Offset, to is null || from is null ? copy.Align : 8));
        }
        // All are read before any is written: the values are what one copy would have seen.
        List<(int Offset, MemoryWidth Width, Value Value)> values = [];
        foreach (var (offset, size) in parts)
        {
            var width = MemoryWidths.Unsigned(size);
            var type = size == 8 ? from is { } f && slices.At(f.Alloca, f.Offset + offset).Type is { IsPointer: true } p ? p : to is { } t && slices.At(t.Alloca, t.Offset + offset).Type is { IsPointer: true } q ? q : IrType.I64 : IrType.I32;
            if (type.IsPointer && from is null) type = IrType.I64;
            values.Add((offset, width, block.InsertBefore(copy, new Load(copy.Source, offset, width, type) { Location = copy.Location })));
        }
        foreach (var (offset, width, value) in values)
            block.InsertBefore(copy, new Store(copy.Destination, offset, width, value) { Location = copy.Location });
        copy.Remove();
    }

    private static void Expand(BasicBlock block, MemorySet set, StackSlices slices)
    {
        if (Known(set.Destination, slices) is not { } at || set.Filler is not Constant filler) return;
        long pattern = unchecked((long)((ulong)(byte)filler.Number * 0x0101010101010101));
        foreach (var slice in slices.Of(at.Alloca))
        {
            int start = Math.Max(slice.Start, at.Offset), end = Math.Min(slice.End, at.Offset + set.Size);
            if (start >= end) continue;
            foreach (var (offset, size) in Pieces(start - at.Offset, end - at.Offset, 8))
            {
                var type = size == 8 ? IrType.I64 : IrType.I32;
                block.InsertBefore(set, new Store(set.Destination, offset, MemoryWidths.Unsigned(size), Constant.Of(type, pattern)) { Location = set.Location });
            }
        }
        set.Remove();
    }

    private static (Alloca Alloca, int Offset)? Known(Value pointer, StackSlices slices) =>
        StackSlices.Resolve(pointer) is { } at && slices.Contains(at.Alloca) ? at : null;

    private static IEnumerable<(int Offset, int Size)> Pieces(int start, int end, int align)
    {
        while (start < end)
        {
            int step = 8;
            while (step > end - start || step > align && step > 1 || start % Math.Min(step, align) != 0) step /= 2;
            yield return (start, step);
            start += step;
        }
    }
}
