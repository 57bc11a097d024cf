using Hornet.Compiler.IR;
using Hornet.Isa;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Makes copies and fillings of memory into loads and stores as wide as the alignment allows, and reads of foreign memory
/// into calls of helpers.
/// </summary>
internal sealed class MemoryLowering(bool oldProbeRead) : Pass
{
    public override bool Run(IrFunction function)
    {
        bool changed = false;
        IR.Instruction[] buffer = [];
        foreach (var block in function.Blocks)
        {
            foreach (var instruction in block.Snapshot(ref buffer))
            {
                switch (instruction)
                {
                    case MemoryCopy copy: Lower(block, copy); break;
                    case MemorySet set: Lower(block, set); break;
                    case ReadMemory read: Lower(block, read); break;
                    default: continue;
                }
                changed = true;
            }
        }
        return changed;
    }

    /// <summary>The largest alignment that both what is known of a pointer and what was promised of it give.</summary>
    private static int AlignOf(Value pointer, int promised)
    {
        long offset = 0;
        while (true)
        {
            switch (pointer)
            {
                case PointerAdd { Bytes: Constant c } p:
                    offset += c.Number;
                    pointer = p.Pointer;
                    continue;
                case Conversion { Kind: ConversionKind.Reinterpret } c:
                    pointer = c.Operand;
                    continue;
                case Alloca a:
                    return AlignOf(offset, a.Size >= 8 ? 8 : a.Align);
                case GlobalReference g:
                    return AlignOf(offset + g.Offset, 8);
                default:
                    // Packets begin where they like; machines that mind are told so by nobody but the program.
                    return promised;
            }
        }
    }

    private static int AlignOf(long offset, int most)
    {
        int align = most;
        while (align > 1 && offset % align != 0) align /= 2;
        return align;
    }

    private static IEnumerable<(int Offset, int Size)> Steps(int size, int align)
    {
        for (int at = 0; at < size;)
        {
            int step = Math.Min(align, 8);
            while (step > size - at) step /= 2;
            yield return (at, step);
            at += step;
        }
    }

    private static void Lower(BasicBlock block, MemoryCopy copy)
    {
        int align = Math.Min(AlignOf(copy.Destination, copy.Align), AlignOf(copy.Source, copy.Align));
        foreach (var (offset, size) in Steps(copy.Size, align))
        {
            var width = MemoryWidths.Unsigned(size);
            var type = size == 8 ? IrType.I64 : IrType.I32;
            var value = block.InsertBefore(copy, new Load(copy.Source, offset, width, type) { Location = copy.Location });
            block.InsertBefore(copy, new Store(copy.Destination, offset, width, value) { Location = copy.Location });
        }
        copy.Remove();
    }

    private static void Lower(BasicBlock block, MemorySet set)
    {
        int align = AlignOf(set.Destination, set.Align);
        Value? wide = null;
        foreach (var (offset, size) in Steps(set.Size, align))
        {
            block.InsertBefore(set, new Store(set.Destination, offset, MemoryWidths.Unsigned(size), FillerOf(size)) { Location = set.Location });
        }
        set.Remove();

        Value FillerOf(int size)
        {
            if (set.Filler is Constant c)
            {
                long pattern = unchecked((long)((ulong)(byte)c.Number * 0x0101010101010101));
                return Constant.Of(size == 8 ? IrType.I64 : IrType.I32, pattern);
            }
            if (wide is null)
            {
                // A byte times 0x0101…01 is that byte eight times.
                Value one = block.InsertBefore(set, new Conversion(ConversionKind.ZeroExtend8, set.Filler, IrType.I64) { Location = set.Location });
                wide = block.InsertBefore(set, new Binary(BinaryOperator.Mul, one, Constant.Int64(0x0101010101010101)) { Location = set.Location });
            }
            return size == 8 ? wide : block.InsertBefore(set, new Conversion(ConversionKind.Truncate, wide, IrType.I32) { Location = set.Location });
        }
    }

    private void Lower(BasicBlock block, ReadMemory read)
    {
        // Before 5.5 one helper read both kinds of memory.
        var helper = read.Kind switch
        {
            ReadMemoryKind.Kernel => oldProbeRead ? BpfHelper.ProbeRead : BpfHelper.ProbeReadKernel,
            ReadMemoryKind.User => oldProbeRead ? BpfHelper.ProbeRead : BpfHelper.ProbeReadUser,
            ReadMemoryKind.KernelString => oldProbeRead ? BpfHelper.ProbeReadStr : BpfHelper.ProbeReadKernelStr,
            _ => oldProbeRead ? BpfHelper.ProbeReadStr : BpfHelper.ProbeReadUserStr,
        };
        block.Replace(read, new HelperCall(helper, IrType.I64, read.Destination, read.Size, read.Source));
    }
}
