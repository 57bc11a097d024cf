using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Makes signed divisions out of unsigned ones, for machines without (before ISA v4). With s the sign of x as all ones or
/// zeros, (x ^ s) - s is its magnitude, and the same gives the result its sign back. By zero it gives what a machine's
/// signed division gives, since the unsigned one does.
/// </summary>
internal sealed class SignedDivisionLowering : Pass
{
    public override bool Run(IrFunction function)
    {
        bool changed = false;
        foreach (var block in function.Blocks)
        {
            foreach (var instruction in block.Instructions.ToList())
            {
                if (instruction is not Binary { Operator: BinaryOperator.SDiv or BinaryOperator.SRem } division) continue;
                Lower(block, division);
                changed = true;
            }
        }
        return changed;
    }

    private static void Lower(BasicBlock block, Binary division)
    {
        int at = block.Instructions.ToList().IndexOf(division);
        bool remainder = division.Operator == BinaryOperator.SRem;
        var shift = Constant.Of(division.Type, division.Type.Bits - 1);
        Value leftSign = Add(BinaryOperator.AShr, division.Left, shift);
        Value magnitude = Add(BinaryOperator.Sub, Add(BinaryOperator.Xor, division.Left, leftSign), leftSign);
        Value divisor, sign;
        if (division.Right is Constant c)
        {
            divisor = Constant.Of(c.Type, c.Number < 0 ? unchecked(-c.Number) : c.Number);
            sign = remainder || c.Number >= 0 ? leftSign : Add(BinaryOperator.Xor, leftSign, Constant.Of(c.Type, -1));
        }
        else
        {
            Value rightSign = Add(BinaryOperator.AShr, division.Right, shift);
            divisor = Add(BinaryOperator.Sub, Add(BinaryOperator.Xor, division.Right, rightSign), rightSign);
            sign = remainder ? leftSign : Add(BinaryOperator.Xor, leftSign, rightSign);
        }
        Value quotient = Add(remainder ? BinaryOperator.URem : BinaryOperator.UDiv, magnitude, divisor);
        Value result = Add(BinaryOperator.Sub, Add(BinaryOperator.Xor, quotient, sign), sign);
        division.ReplaceAllUsesWith(result);
        division.Remove();

        Value Add(BinaryOperator op, Value left, Value right) => block.Insert(at++, new Binary(op, left, right) { Location = division.Location });
    }
}
