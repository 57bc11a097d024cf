using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Makes switches into comparisons: one after the other for a few cases, a search tree for many, so that no number is
/// compared more than a few times.
/// </summary>
internal sealed class SwitchLowering : Pass
{
    private const int Few = 4;

    public override bool Run(IrFunction function)
    {
        bool changed = false;
        foreach (var block in function.Blocks.ToList())
        {
            if (block.Terminator is not Switch) continue;
            Lower(block);
            changed = true;
        }
        return changed;
    }

    private static void Lower(BasicBlock block)
    {
        var s = (Switch)block.Terminator!;
        var targets = s.Targets.Distinct().ToList();
        // Every edge will come from another block; what each phi gets from here is remembered.
        Dictionary<BasicBlock, List<(Phi Phi, Value Value)>> values = [];
        foreach (var target in targets)
        {
            values[target] = [.. target.Phis.Select(p => (p, p.ValueFor(block)!))];
            target.ForgetIncoming(block);
        }
        var (value, location, @default) = (s.Value, s.Location, s.Default);
        var cases = s.Cases.Select((c, i) => (Case: c, Target: s.Targets[i])).Where(c => c.Target != @default).OrderBy(c => c.Case).ToArray();
        s.Remove();
        Build(block, cases);

        void Build(BasicBlock at, ReadOnlySpan<(long Case, BasicBlock Target)> rest)
        {
            if (rest.Length > Few)
            {
                int middle = rest.Length / 2;
                var low = block.Function.AddBlockAfter(at, $"{block.Name}.low");
                var high = block.Function.AddBlockAfter(low, $"{block.Name}.high");
                var less = at.Append(new Compare(Predicate.Less, value, Constant.Of(value.Type, rest[middle].Case)) { Location = location });
                at.Append(new Branch(less, low, high) { Location = location });
                Build(low, rest[..middle]);
                Build(high, rest[middle..]);
                return;
            }
            if (rest.Length == 0)
            {
                at.Append(new Jump(@default) { Location = location });
                Arrive(at, @default);
                return;
            }
            var equal = at.Append(new Compare(Predicate.Equal, value, Constant.Of(value.Type, rest[0].Case)) { Location = location });
            if (rest.Length == 1)
            {
                at.Append(new Branch(equal, rest[0].Target, @default) { Location = location });
                Arrive(at, rest[0].Target);
                Arrive(at, @default);
                return;
            }
            var next = block.Function.AddBlockAfter(at, $"{block.Name}.case");
            at.Append(new Branch(equal, rest[0].Target, next) { Location = location });
            Arrive(at, rest[0].Target);
            Build(next, rest[1..]);
        }

        void Arrive(BasicBlock from, BasicBlock to)
        {
            foreach (var (phi, incoming) in values[to])
            {
                if (phi.ValueFor(from) is null) phi.AddIncoming(from, incoming);
            }
        }
    }
}
