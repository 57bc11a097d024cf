using Hornet.Compiler.IR;
using Hornet.Isa;

namespace Hornet.Compiler.CodeGen;

/// <summary>
/// Whether anybody looks at the upper half of the register a 32-bit value is in. Where nobody does, a value that may have
/// something there (a helper's result, the low half of a 64-bit value) need not be cut.
/// </summary>
internal sealed class UpperBits(IsaLevel level)
{
    private readonly Dictionary<Value, bool> _known = [];

    public bool Matter(Value value)
    {
        if (_known.TryGetValue(value, out bool known)) return known;
        _known[value] = true;
        bool matter = false;
        foreach (var user in value.UserSpan)
        {
            if (matter = Looks(user, value)) break;
        }
        return _known[value] = matter;
    }

    private bool Looks(IR.Instruction user, Value value) => user switch
    {
        Binary or Negate or ByteSwap => false,
        // Without 32-bit jumps, comparisons see all 64 bits.
        Compare or Branch => level < IsaLevel.V3,
        Conversion c => c.Kind == ConversionKind.ZeroExtend32,
        Store s => !ReferenceEquals(s.Value, value) || s.Width.Bytes() > 4,
        AtomicReadModifyWrite a => !ReferenceEquals(a.Value, value),
        CompareExchange x => ReferenceEquals(x.Pointer, value),
        _ => true,
    };
}
