using Hornet.Compiler.IR;

namespace Hornet.Compiler.CodeGen;

/// <summary>
/// Whether a 32-bit number, widened, becomes part of an address or of a call's arguments. There the verifier asks for the
/// bounds of all 64 bits, which it forgets at some 32-bit operations though the upper half is zero after each.
/// </summary>
internal static class AddressUse
{
    private const int Deep = 8;

    public static bool Is(Value value) => Is(value, [], 0);

    private static bool Is(Value value, HashSet<Value> seen, int depth)
    {
        if (depth > Deep || !seen.Add(value)) return false;
        foreach (var user in value.UserSpan)
        {
            bool reached = user switch
            {
                PointerAdd add => ReferenceEquals(add.Bytes, value),
                Conversion { Kind: ConversionKind.ZeroExtend32 } or Phi => Is((Value)user, seen, depth + 1),
                // Operations on 32 bits set the upper half to zero for the verifier too.
                Binary { Operator: not (BinaryOperator.UDiv or BinaryOperator.SDiv or BinaryOperator.URem or BinaryOperator.SRem) } sum => sum.Type == IrType.I64 && Is(sum, seen, depth + 1),
                HelperCall or KernelFunctionCall or Call => true,
                _ => false,
            };
            if (reached) return true;
        }
        return false;
    }
}
