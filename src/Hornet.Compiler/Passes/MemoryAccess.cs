using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>Bytes that an instruction reads or writes itself.</summary>
internal readonly record struct MemoryAccess(Value Pointer, int Offset, int Size, bool IsWrite)
{
    /// <summary>The bytes that an instruction reads or writes; of a copy, those it writes.</summary>
    public static MemoryAccess? Of(Instruction instruction) => instruction switch
    {
        Load l => new(l.Pointer, l.Offset, l.Width.Bytes(), false),
        Store s => new(s.Pointer, s.Offset, s.Width.Bytes(), true),
        AtomicReadModifyWrite a => new(a.Pointer, a.Offset, a.Value.Type.Bits / 8, true),
        CompareExchange x => new(x.Pointer, x.Offset, x.Value.Type.Bits / 8, true),
        MemorySet m => new(m.Destination, 0, m.Size, true),
        MemoryCopy m => new(m.Destination, 0, m.Size, true),
        _ => null,
    };
}

/// <summary>Where a pointer comes from.</summary>
internal static class PointerRoot
{
    /// <summary>The pointer that arithmetic began with, and the distance where it is constant.</summary>
    public static (Value Root, long? Offset) Of(Value pointer)
    {
        long? offset = 0;
        while (true)
        {
            switch (pointer)
            {
                case PointerAdd p:
                    offset = p.Bytes is Constant bytes ? offset + bytes.Number : null;
                    pointer = p.Pointer;
                    break;
                case Conversion { Kind: ConversionKind.Reinterpret } c: pointer = c.Operand; break;
                default: return (pointer, offset);
            }
        }
    }
}
