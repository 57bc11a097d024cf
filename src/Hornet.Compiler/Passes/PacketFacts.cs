using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Lowers the packet accesses of a function in which nothing can move the packet. Its ends are loaded once; a comparison of
/// its length with a constant becomes one of pointers, from which the verifier learns; and what a comparison on every way
/// here has shown is not compared again.
/// </summary>
internal sealed class PacketFacts
{
    private readonly IrFunction _function;
    private readonly DominatorTree _dominators;
    private readonly Dictionary<PacketPointer, bool> _pointers = [];
    private readonly Dictionary<Compare, (int Length, bool Longer, bool Known)> _lengths = [];

    private PacketFacts(IrFunction function)
    {
        _function = function;
        _dominators = function.Dominators;
    }

    /// <summary>Returns whether anything was there to lower, and could be.</summary>
    public static bool Run(IrFunction function)
    {
        var context = function.Instructions.Select(i => i switch { PacketPointer p => p.Context, PacketLength l => l.Context, _ => null }).FirstOrDefault(c => c is not null);
        if (context is not Parameter parameter || MayMove(function, parameter)) return false;
        new PacketFacts(function).Lower(parameter);
        return true;
    }

    /// <summary>Whether anybody who has the context is called: after that, pointers into the packet may be gone.</summary>
    private static bool MayMove(IrFunction function, Parameter context) => function.Instructions.Any(i =>
        i is Call or KernelFunctionCall
        || i is PacketPointer p && p.Context != context || i is PacketLength l && l.Context != context
        || i is not (Load or Store or PacketPointer or PacketLength) && i.Operands.Contains(context));

    private void Lower(Parameter context)
    {
        Walk();
        var (beginOffset, endOffset, width) = PacketLowering.Offsets(_function.Module.ProgramType);
        var location = _function.Instructions.First(i => i is PacketPointer or PacketLength).Location;
        var entry = _function.Entry;
        var begin = entry.Insert(0, new Load(context, beginOffset, width, IrType.Pointer(Region.Packet)) { Location = location });
        var end = entry.Insert(1, new Load(context, endOffset, width, IrType.Pointer(Region.PacketEnd)) { Location = location });
        foreach (var (compare, fact) in _lengths)
        {
            if (fact.Known)
            {
                compare.ReplaceAllUsesWith(Constant.Boolean(fact.Longer));
                compare.Remove();
                continue;
            }
            var place = compare.Block!.InsertBefore(compare, new PointerAdd(begin, Constant.Int64(fact.Length)) { Location = compare.Location });
            compare.Block.Replace(compare, new Compare(fact.Longer ? Predicate.BelowOrEqual : Predicate.Above, place, end));
        }
        foreach (var (pointer, known) in _pointers)
        {
            if (!known) PacketLowering.Lower(pointer.Block!, pointer, begin, end);
            else pointer.Block!.Replace(pointer, new PointerAdd(begin, pointer.Offset));
        }
        foreach (var length in _function.Instructions.OfType<PacketLength>().ToList())
        {
            var block = length.Block!;
            var from = block.InsertBefore(length, new Conversion(ConversionKind.PointerToInteger, begin, IrType.I64) { Location = length.Location });
            var to = block.InsertBefore(length, new Conversion(ConversionKind.PointerToInteger, end, IrType.I64) { Location = length.Location });
            block.Replace(length, new Binary(BinaryOperator.Sub, to, from));
        }
    }

    /// <summary>Through the blocks with the length that is known, deciding about each access and comparison.</summary>
    private void Walk()
    {
        var order = _dominators.Order;
        var known = new long[order.Count];
        for (int i = 0; i < order.Count; i++)
        {
            var block = order[i];
            known[i] = i == 0 ? 0 : Entering(block, i, known);
            foreach (var instruction in block.Instructions)
            {
                if (instruction is PacketPointer pointer)
                    _pointers[pointer] = ConcreteRange.Of(pointer.Offset, block, _dominators) is var (least, most) && least >= 0 && most + pointer.Size <= known[i];
                else if (instruction is Compare compare && LengthTest(compare) is var (length, longer))
                    _lengths[compare] = (length, longer, length <= known[i]);
            }
        }
    }

    /// <summary>What all ways into a block know. The way back of a loop knows what its head did: nothing is forgotten.</summary>
    private long Entering(BasicBlock block, int position, long[] known)
    {
        long least = long.MaxValue;
        foreach (var predecessor in block.Predecessors)
        {
            if (!_dominators.IsReachable(predecessor) || _dominators.Dominates(block, predecessor)) continue;
            int from = _dominators.PositionOf(predecessor);
            if (from >= position) return 0;
            long learned = predecessor.Terminator is Branch branch && branch.Then != branch.Else ? Learned(branch, taken: branch.Then == block) : 0;
            least = Math.Min(least, Math.Max(known[from], learned));
        }
        return least == long.MaxValue ? 0 : least;
    }

    /// <summary>How long the packet is at least where a branch has gone one way.</summary>
    private long Learned(Branch branch, bool taken)
    {
        if (branch.Condition is not Compare compare) return 0;
        if (LengthTest(compare) is var (length, longer)) return taken == longer ? length : 0;
        if (compare.Left is PacketPointer pointer && Nullness.IsNullTest(compare, out bool equal) && taken != equal
            && ConcreteRange.Of(pointer.Offset, pointer.Block!, _dominators) is var (least, _) && least >= 0)
            return Math.Min(least + pointer.Size, PacketLowering.LongestPacket);
        return 0;
    }

    /// <summary>What a comparison asks of the packet's length: whether it is at least so long (or is not).</summary>
    private static (int Length, bool Longer)? LengthTest(Compare compare)
    {
        var left = compare.Left;
        while (left is Conversion { Kind: ConversionKind.Truncate or ConversionKind.ZeroExtend32 or ConversionKind.SignExtend32 } c) left = c.Operand;
        if (left is not PacketLength || compare.Right is not Constant { Number: >= 0 and < PacketLowering.LongestPacket } right) return null;
        int n = (int)right.Number;
        return compare.Predicate switch
        {
            Predicate.Less or Predicate.Below => (n, false),
            Predicate.LessOrEqual or Predicate.BelowOrEqual => (n + 1, false),
            Predicate.Greater or Predicate.Above => (n + 1, true),
            Predicate.GreaterOrEqual or Predicate.AboveOrEqual => (n, true),
            _ => null,
        };
    }
}
