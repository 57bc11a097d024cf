using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>Which pointers may be null where: results of lookups and the like, until a branch has tested them.</summary>
internal sealed class Nullness
{
    private readonly Dictionary<(Value, BasicBlock), bool> _known = [];

    public Nullness(IrFunction function) => Dominators = function.Dominators;

    public DominatorTree Dominators { get; }

    public bool MayBeNull(Value pointer, BasicBlock block)
    {
        if (pointer is Alloca or GlobalReference or Parameter) return false;
        if (_known.TryGetValue((pointer, block), out bool known)) return known;
        // A phi in a loop is its own operand; it adds nothing.
        _known[(pointer, block)] = false;
        return _known[(pointer, block)] = Find(pointer, block);
    }

    private bool Find(Value pointer, BasicBlock block)
    {
        switch (pointer)
        {
            case Constant { IsNull: true }: return true;
            case PacketPointer: break;
            // A cgroup's local storage always exists.
            case HelperCall { Helper: Isa.BpfHelper.GetLocalStorage }: return false;
            case HelperCall { Helper: Isa.BpfHelper.KptrXchg }: break;
            // A reference that a map keeps.
            case Load { Type: { IsPointer: true, Region.Kind: RegionKind.Kernel }, Pointer.Type.Region.Kind: RegionKind.MapValue }: break;
            case KernelFunctionCall call when call.Type.IsPointer && Isa.KernelFunctionTable.MayBeNull(call.Function): break;
            case HelperCall h when h.Type.Region.Kind is RegionKind.MapValue or RegionKind.RingRecord or RegionKind.Memory or RegionKind.MapHandle: break;
            case Phi phi:
                if (IsTested(phi, block)) return false;
                for (int i = 0; i < phi.Operands.Count; i++)
                {
                    var from = phi.IncomingBlocks[i];
                    if (Dominators.IsReachable(from) && MayBeNull(PointerRoot.Of(phi.Operands[i]).Root, from) && !EdgeTests(phi.Operands[i], from, phi.Block!)) return true;
                }
                return false;
            default: return false;
        }
        return !IsTested(pointer, block);
    }

    /// <summary>Whether every way to a block leads through the branch of a test that found the pointer not null.</summary>
    private bool IsTested(Value pointer, BasicBlock block)
    {
        foreach (var user in pointer.UserSpan)
        {
            if (user is not Compare compare || !IsNullTest(compare, out bool equal)) continue;
            foreach (var next in compare.UserSpan)
            {
                if (next is not Branch branch) continue;
                var target = equal ? branch.Else : branch.Then;
                var other = equal ? branch.Then : branch.Else;
                if (target == other || branch.Block is not { } from || !Dominators.IsReachable(from)) continue;
                // The branch leads there alone, so that being there means having taken it.
                if (target.Predecessors.Count == 1 && Dominators.Dominates(target, block)) return true;
            }
        }
        return false;
    }

    private static bool EdgeTests(Value pointer, BasicBlock from, BasicBlock to) =>
        from.Terminator is Branch { Condition: Compare compare } branch && ReferenceEquals(compare.Left, pointer) && IsNullTest(compare, out bool equal)
        && branch.Then != branch.Else && (equal ? branch.Else : branch.Then) == to;

    public static bool IsNullTest(Compare compare, out bool equal)
    {
        equal = compare.Predicate == Predicate.Equal;
        return compare.Right is Constant { IsNull: true } && compare.Predicate is Predicate.Equal or Predicate.NotEqual;
    }
}

/// <summary>Which places of the packet were compared with its end.</summary>
internal sealed class PacketChecks(IrFunction function)
{
    private readonly DominatorTree _dominators = function.Dominators;
    private List<(Value Root, BasicBlock Block)>? _checks;

    // Most programs look at no packet.
    private List<(Value Root, BasicBlock Block)> FindChecks()
    {
        List<(Value Root, BasicBlock Block)> checks = [];
        foreach (var instruction in function.Instructions)
        {
            if (instruction is not Compare compare || !compare.Left.Type.IsPointer) continue;
            if (compare.Right.Type.Region.Kind == RegionKind.PacketEnd) checks.Add((PointerRoot.Of(compare.Left).Root, compare.Block!));
            else if (compare.Left.Type.Region.Kind == RegionKind.PacketEnd) checks.Add((PointerRoot.Of(compare.Right).Root, compare.Block!));
        }
        return checks;
    }

    /// <summary>Whether a pointer is checked by its making, or a comparison of something with the same origin comes before.</summary>
    public bool IsChecked(Value root, BasicBlock block) =>
        root is PacketPointer or Phi or Parameter
        || (_checks ??= FindChecks()).Exists(c => SameOrigin(c.Root, root) && c.Block != block && _dominators.IsReachable(c.Block) && _dominators.Dominates(c.Block, block));

    // Two loads of the packet's beginning are the same to the verifier too.
    private static bool SameOrigin(Value a, Value b) => ReferenceEquals(a, b)
        || a is Load x && b is Load y && ReferenceEquals(x.Pointer, y.Pointer) && x.Offset == y.Offset;
}
