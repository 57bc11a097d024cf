using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// The numbers a value takes that depends on nothing but how often loops have run: constants, counters with constant
/// beginnings and steps, and what is computed of them. The verifier walks such loops round by round, so to it each is a
/// constant, and a pointer with one added keeps what was learned of it.
/// </summary>
internal static class ConcreteRange
{
    private const int Deep = 10;

    // Nothing overflows below this.
    private const long Small = 1 << 28;

    public static (long Least, long Most)? Of(Value value, BasicBlock at, DominatorTree dominators) => Of(value, at, dominators, 0);

    private static (long Least, long Most)? Of(Value value, BasicBlock at, DominatorTree dominators, int depth)
    {
        if (depth > Deep) return null;
        switch (value)
        {
            case Constant { IsNull: false } c:
                return Fits(c.Number, c.Number);
            case Conversion { Kind: ConversionKind.ZeroExtend32 or ConversionKind.SignExtend32 or ConversionKind.Truncate } c when c.Operand.Type.IsInteger:
                // A conversion of a number that fits both widths changes nothing; a negative one would.
                return Of(c.Operand, at, dominators, depth + 1) is { Least: >= 0 } same ? same : null;
            case Binary { Right: Constant { Number: > -Small and < Small } n } b:
                if (Of(b.Left, at, dominators, depth + 1) is not { } left) return null;
                return b.Operator switch
                {
                    BinaryOperator.Add => Fits(left.Least + n.Number, left.Most + n.Number),
                    BinaryOperator.Mul when n.Number > 0 => Fits(left.Least * n.Number, left.Most * n.Number),
                    BinaryOperator.Shl when n.Number is >= 0 and < 24 && left.Least >= 0 => Fits(left.Least << (int)n.Number, left.Most << (int)n.Number),
                    BinaryOperator.LShr when n.Number is >= 0 and < 32 && left.Least >= 0 => Fits(left.Least >> (int)n.Number, left.Most >> (int)n.Number),
                    _ => null,
                };
            case Phi phi:
                return Counter(phi, at, dominators, depth);
            default:
                return null;
        }
    }

    private static (long, long)? Fits(long least, long most) => least > -Small && most < Small ? (least, most) : null;

    /// <summary>A phi of a constant beginning and itself plus a constant, with an end that a condition gives.</summary>
    private static (long, long)? Counter(Phi phi, BasicBlock at, DominatorTree dominators, int depth)
    {
        if (phi.Operands.Count != 2) return null;
        for (int i = 0; i < 2; i++)
        {
            if (phi.Operands[i] is not Binary { Operator: BinaryOperator.Add, Right: Constant { Number: > 0 and < Small } } next || !ReferenceEquals(next.Left, phi)) continue;
            if (Of(phi.Operands[1 - i], phi.IncomingBlocks[1 - i], dominators, depth + 1) is not var (least, most)) return null;
            // The end: what the way back to the loop's head asks of the next number, or what the way here asks of this one.
            long? end = EndOnEdge(next, phi.IncomingBlocks[i], phi.Block!, dominators) is { } back ? Math.Max(most, back) : null;
            // Asked on the way to the loop's body, it holds there in every round.
            long? here = End(phi, at, dominators);
            if (here is not null && (end is null || here < end)) end = here;
            // Counting up from what is small, a number that is compared each round never passes the end by more than a step.
            return end is { } limit ? Fits(least, Math.Max(limit, least)) : null;
        }
        return null;
    }

    private static long? EndOnEdge(Value value, BasicBlock from, BasicBlock to, DominatorTree dominators)
    {
        long? best = End(value, from, dominators);
        if (from.Terminator is Branch branch && branch.Then != branch.Else && Bound(branch, value, taken: branch.Then == to) is { } edge && (best is null || edge < best)) best = edge;
        return best;
    }

    /// <summary>The largest a number can be in a block, by the branches on every way there.</summary>
    private static long? End(Value value, BasicBlock block, DominatorTree dominators)
    {
        long? best = null;
        foreach (var compare in Compares(value))
        {
            foreach (var user in compare.Users)
            {
                if (user is not Branch { Block: { } from } branch || branch.Then == branch.Else || !dominators.IsReachable(from)) continue;
                foreach (bool taken in (bool[])[true, false])
                {
                    var target = taken ? branch.Then : branch.Else;
                    if (target.Predecessors.Count != 1 || !dominators.IsReachable(target) || !dominators.Dominates(target, block)) continue;
                    if (Bound(branch, value, taken) is { } bound && (best is null || bound < best)) best = bound;
                }
            }
        }
        return best;
    }

    private static IEnumerable<Compare> Compares(Value value)
    {
        foreach (var user in value.Users)
        {
            if (user is Compare c) yield return c;
            else if (user is Conversion { Kind: ConversionKind.ZeroExtend32 or ConversionKind.SignExtend32 } w)
            {
                foreach (var wide in w.Users)
                {
                    if (wide is Compare d) yield return d;
                }
            }
        }
    }

    /// <summary>The largest a number can be where a branch on it went one way.</summary>
    private static long? Bound(Branch branch, Value value, bool taken)
    {
        if (branch.Condition is not Compare { Right: Constant { Number: > -Small and < Small } c } compare) return null;
        var left = compare.Left;
        if (left is Conversion { Kind: ConversionKind.ZeroExtend32 or ConversionKind.SignExtend32 } w) left = w.Operand;
        if (!ReferenceEquals(left, value)) return null;
        return (taken ? compare.Predicate : compare.Predicate.Negated()) switch
        {
            Predicate.Less => c.Number - 1,
            Predicate.LessOrEqual => c.Number,
            Predicate.Below when c.Number >= 0 => c.Number - 1,
            Predicate.BelowOrEqual when c.Number >= 0 => c.Number,
            _ => null,
        };
    }
}
