using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// Loops that intrinsics are made of.
internal sealed partial class Translator
{
    /// <summary>Makes a loop from 0 to a count.</summary>
    /// <param name="count">How often, 32 bits wide.</param>
    /// <param name="body">What to do with each index.</param>
    /// <param name="changes">Variables that the body assigns.</param>
    public void Loop(Value count, Action<Value> body, params ReadOnlySpan<Variable> changes)
    {
        FlowBlock header = NewBlock("loop"), inside = NewBlock("body"), end = NewBlock("done");
        header.IsLoopHeader = true;
        header.EntryEdges = 1;
        header.Assigned = [.. changes];
        var before = Current!;
        Goto(header);
        Enter(header);
        var index = header.Ir.Append(new Phi(IrType.I32) { Location = Location, Name = "index" });
        index.AddIncoming(before.Ir, Number32(0));
        BranchTo(Comparison(Predicate.Below, index, count), inside, end);
        Enter(inside);
        body(index);
        if (Current is not null)
        {
            var next = Arithmetic(BinaryOperator.Add, index, Number32(1));
            index.AddIncoming(Current.Ir, next);
            Goto(header);
        }
        Seal(header);
        Enter(end);
    }

    /// <summary>Makes a loop from 0 to a signed count whose body may end it.</summary>
    /// <param name="count">How often at most, 32 bits wide.</param>
    /// <param name="most">
    /// What the count cannot exceed. Verifiers before 6.8 take a loop for an endless one, or walk it thousands of times, unless the
    /// index is compared with a constant: only then do they tell one round from the next.
    /// </param>
    /// <param name="body">What to do with each index; 0 ends the loop, null goes on.</param>
    /// <returns>How often the body ran.</returns>
    public Value LoopWhile(Value count, int most, Func<Value, Value?> body)
    {
        FlowBlock header = NewBlock("loop"), inside = NewBlock("body"), end = NewBlock("done");
        header.IsLoopHeader = true;
        header.EntryEdges = 1;
        var before = Current!;
        Goto(header);
        Enter(header);
        var index = header.Ir.Append(new Phi(IrType.I32) { Location = Location, Name = "index" });
        index.AddIncoming(before.Ir, Number32(0));
        BranchTo(Comparison(Predicate.Below, index, Number32(most)), inside, end, [new Scalar(index)]);
        inside.Stacks[0] = [];
        Enter(inside);
        if (!IsKnown(count, out _))
        {
            var wanted = NewBlock("wanted");
            BranchTo(Comparison(Predicate.Less, index, count), wanted, end, [new Scalar(index)]);
            wanted.Stacks[0] = [];
            Enter(wanted);
        }
        var more = body(index);
        if (Current is not null)
        {
            var next = Arithmetic(BinaryOperator.Add, index, Number32(1));
            if (more is not null)
            {
                var latch = NewBlock("next");
                BranchTo(Comparison(Predicate.NotEqual, more, Number32(0)), latch, end, [new Scalar(next)]);
                if (latch.Stacks.Count > 0) latch.Stacks[0] = [];
                if (latch.Predecessors.Count > 0) Enter(latch);
                else Current = null;
            }
            if (Current is not null)
            {
                index.AddIncoming(Current.Ir, next);
                Goto(header);
            }
        }
        Seal(header);
        return Enter(end)[0] is Scalar ran ? ran.Ir : Number32(0);
    }

    /// <summary>The first index below a count for which something holds; -1 when there is none.</summary>
    /// <param name="count">How many there are, 32 bits wide.</param>
    /// <param name="from">The index to begin with and go down from; null to go up from 0.</param>
    /// <param name="holds">Whether it holds, a truth value; null when that cannot be computed (it was reported, or the program ends there).</param>
    public Value FindIndex(Value count, Value? from, Func<Value, Value?> holds)
    {
        FlowBlock header = NewBlock("find"), inside = NewBlock("look"), next = NewBlock("next"), end = NewBlock("found");
        header.IsLoopHeader = true;
        header.EntryEdges = 1;
        var before = Current!;
        Goto(header);
        Enter(header);
        var step = header.Ir.Append(new Phi(IrType.I32) { Location = Location, Name = "index" });
        step.AddIncoming(before.Ir, Number32(0));
        BranchTo(Comparison(Predicate.Below, step, count), inside, end, [new Scalar(Number32(-1))]);
        inside.Stacks[0] = [];
        Enter(inside);
        var index = from is null ? step : Arithmetic(BinaryOperator.Sub, from, step);
        var found = holds(index);
        if (Current is not null && found is not null)
        {
            BranchTo(found, end, next, [new Scalar(index)]);
            next.Stacks[0] = [];
            Enter(next);
            var following = Arithmetic(BinaryOperator.Add, step, Number32(1));
            step.AddIncoming(Current.Ir, following);
            Goto(header);
        }
        Seal(header);
        return Enter(end)[0] is Scalar result ? result.Ir : Number32(-1);
    }
}
