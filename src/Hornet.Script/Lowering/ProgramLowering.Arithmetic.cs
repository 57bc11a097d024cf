using Hornet.Compiler.IR;
using Hornet.Script.Binding;

namespace Hornet.Script.Lowering;

internal sealed partial class ProgramLowering
{
    private Value Unary(BoundUnary unary)
    {
        switch (unary.Operator)
        {
            case BoundUnaryOperator.Minus: return Fit(B.Negate(Scalar(unary.Operand)), unary.Type);
            case BoundUnaryOperator.Complement: return Fit(B.Binary(BinaryOperator.Xor, Scalar(unary.Operand), Number(-1)), unary.Type);
            default: return Fit(FromTruth(Condition(unary)), unary.Type);
        }
    }

    private Value Binary(BoundBinary binary)
    {
        bool isSigned = IsSigned(binary.Type);
        if (binary.Operator is BoundBinaryOperator.Divide or BoundBinaryOperator.Remainder) return Divide(binary, isSigned);
        Value left = Scalar(binary.Left), right = Scalar(binary.Right);
        var op = binary.Operator switch
        {
            BoundBinaryOperator.Add => BinaryOperator.Add,
            BoundBinaryOperator.Subtract => BinaryOperator.Sub,
            BoundBinaryOperator.Multiply => BinaryOperator.Mul,
            BoundBinaryOperator.And => BinaryOperator.And,
            BoundBinaryOperator.Or => BinaryOperator.Or,
            BoundBinaryOperator.Xor => BinaryOperator.Xor,
            BoundBinaryOperator.ShiftLeft => BinaryOperator.Shl,
            _ => isSigned ? BinaryOperator.AShr : BinaryOperator.LShr,
        };
        var result = B.Binary(op, left, right);
        // Bits of two numbers that fit fit again.
        return op is BinaryOperator.And or BinaryOperator.Or or BinaryOperator.Xor or BinaryOperator.LShr or BinaryOperator.AShr ? result : Fit(result, binary.Type);
    }

    // By zero it is 1, as bpftrace has it, and is reported.
    private Value Divide(BoundBinary binary, bool isSigned)
    {
        Value left = Scalar(binary.Left), right = Scalar(binary.Right);
        bool isDivision = binary.Operator == BoundBinaryOperator.Divide;
        var op = isSigned ? isDivision ? BinaryOperator.SDiv : BinaryOperator.SRem : isDivision ? BinaryOperator.UDiv : BinaryOperator.URem;
        if (right is Constant { Number: not 0 }) return Fit(B.Binary(op, left, right), binary.Type);
        return Choose(B.Compare(Predicate.Equal, right, Number(0)), () =>
        {
            if (binary.ZeroAction >= 0) Send(binary.ZeroAction, _ => { });
            return Number(1);
        }, () => Fit(B.Append(new Binary(op, left, right)), binary.Type));
    }
}
