using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Compares and subtracts pointers into one piece of memory by their distances from its beginning. The verifier learns
/// nothing from a comparison of two pointers, so it would walk <c>for (p = begin; p != end; p++)</c> beyond the end; of two
/// numbers it learns.
/// </summary>
internal sealed class PointerDistances : Pass
{
    private const int Deep = 64;

    private readonly Dictionary<Phi, Phi> _distances = [];

    public override bool Run(IrFunction function)
    {
        bool changed = false;
        Instruction[] buffer = [];
        foreach (var block in function.Blocks)
        {
            foreach (var instruction in block.Snapshot(ref buffer))
            {
                if (instruction is not (Compare or Binary { Operator: BinaryOperator.Sub })) continue;
                if (Pointer(instruction.Operands[0]) is not { } left || Pointer(instruction.Operands[1]) is not { } right) continue;
                if (Root(left, [], 0) is not { } root || !ReferenceEquals(Root(right, [], 0), root)) continue;
                Value x = Distance(left, root, instruction), y = Distance(right, root, instruction);
                // Addresses compare as unsigned numbers; a distance may be negative.
                Instruction better = instruction is Compare compare ? new Compare(Signed(compare.Predicate), x, y) : new Binary(BinaryOperator.Sub, x, y);
                better.Location = instruction.Location;
                block.Replace(instruction, better);
                changed = true;
            }
        }
        if (_distances.Count > 0) Rebase();
        _distances.Clear();
        return changed;
    }

    private static Value? Pointer(Value number) =>
        number is Conversion { Kind: ConversionKind.PointerToInteger, Operand: { Type.Region.Kind: RegionKind.Stack or RegionKind.MapValue or RegionKind.RingRecord } pointer } ? pointer : null;

    /// <summary>The one value that a pointer is some distance from, whatever way it came; null when there are several.</summary>
    private static Value? Root(Value pointer, HashSet<Phi> seen, int depth)
    {
        while (pointer is PointerAdd add) pointer = add.Pointer;
        if (pointer is not Phi phi) return pointer is Constant ? null : pointer;
        if (depth > Deep || !seen.Add(phi)) return phi;
        Value? root = null;
        foreach (var operand in phi.Operands)
        {
            var from = Root(operand, seen, depth + 1);
            if (from is null) return null;
            // A pointer that goes round in the loop.
            if (from is Phi known && seen.Contains(known)) continue;
            if (root is not null && !ReferenceEquals(root, from)) return null;
            root = from;
        }
        return root ?? phi;
    }

    private Value Distance(Value pointer, Value root, Instruction before)
    {
        if (ReferenceEquals(pointer, root)) return Constant.Int64(0);
        switch (pointer)
        {
            case PointerAdd add:
                // Where the pointer is made, so that its distance is there wherever the pointer is.
                var start = Distance(add.Pointer, root, add);
                if (start is Constant { Number: 0 }) return add.Bytes;
                return add.Block!.InsertBefore(add, new Binary(BinaryOperator.Add, start, add.Bytes) { Location = add.Location });
            case Phi phi:
                if (_distances.TryGetValue(phi, out var known)) return known;
                var distance = phi.Block!.Insert(0, new Phi(IrType.I64) { Location = phi.Location, Name = phi.Name });
                _distances[phi] = distance;
                for (int i = 0; i < phi.Operands.Count; i++) distance.AddIncoming(phi.IncomingBlocks[i], Distance(phi.Operands[i], root, phi.IncomingBlocks[i].Terminator!));
                return distance;
            default:
                throw new InvalidOperationException($"'{pointer}' before '{before}' is not a distance from '{root}'.");
        }
    }

    // The pointer itself is then the beginning and the distance, which the verifier knows in each round.
    private void Rebase()
    {
        foreach (var (phi, distance) in _distances)
        {
            var root = Root(phi, [], 0)!;
            var block = phi.Block!;
            var pointer = block.Insert(block.PhiCount(), new PointerAdd(root, distance) { Location = phi.Location, Name = phi.Name });
            phi.ReplaceAllUsesWith(pointer);
        }
        foreach (var (phi, _) in _distances) phi.Remove();
    }

    private static Predicate Signed(Predicate predicate) => predicate switch
    {
        Predicate.Below => Predicate.Less,
        Predicate.BelowOrEqual => Predicate.LessOrEqual,
        Predicate.Above => Predicate.Greater,
        Predicate.AboveOrEqual => Predicate.GreaterOrEqual,
        _ => predicate,
    };
}
