using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>Bytes that an instruction reads or writes itself.</summary>
internal readonly record struct MemoryAccess(Value Pointer, int Offset, int Size, bool IsWrite)
{
    public static IEnumerable<MemoryAccess> Of(Instruction instruction)
    {
        switch (instruction)
        {
            case Load l: yield return new(l.Pointer, l.Offset, l.Width.Bytes(), false); break;
            case Store s: yield return new(s.Pointer, s.Offset, s.Width.Bytes(), true); break;
            case AtomicReadModifyWrite a: yield return new(a.Pointer, a.Offset, a.Value.Type.Bits / 8, true); break;
            case CompareExchange x: yield return new(x.Pointer, x.Offset, x.Value.Type.Bits / 8, true); break;
            case MemorySet m: yield return new(m.Destination, 0, m.Size, true); break;
            case MemoryCopy m:
                yield return new(m.Source, 0, m.Size, false);
                yield return new(m.Destination, 0, m.Size, true);
                break;
        }
    }
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
