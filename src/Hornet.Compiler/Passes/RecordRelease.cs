using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Isa;

namespace Hornet.Compiler.Passes;

/// <summary>Whether every reserved ring buffer record is given back on every way to an end of the function.</summary>
internal static class RecordRelease
{
    public static void Check(IrFunction function, Action<DiagnosticRule, SourceLocation?, string> error)
    {
        foreach (var instruction in function.Instructions)
        {
            if (instruction is HelperCall { Helper: BpfHelper.RingbufReserve } reserve && FindLeak(reserve) is { } leak)
            {
                string where = leak.Location is { Line: > 0 } at ? $"the function ends at line {at.Line}" : "the function ends on some way";
                error(DiagnosticRules.RecordNotReleased, reserve.Location, $"this record is neither submitted nor discarded when {where}");
            }
        }
    }

    /// <summary>An end that can be reached with the record still reserved.</summary>
    private static Terminator? FindLeak(HelperCall reserve)
    {
        HashSet<Value> names = Names(reserve);
        HashSet<BasicBlock> seen = [];
        Stack<(BasicBlock Block, int Index)> work = new();
        work.Push((reserve.Block!, reserve.Block!.Instructions.ToList().IndexOf(reserve) + 1));
        while (work.TryPop(out var at))
        {
            bool released = false;
            for (int i = at.Index; i < at.Block.Instructions.Count && !released; i++)
            {
                switch (at.Block.Instructions[i])
                {
                    case HelperCall { Helper: BpfHelper.RingbufSubmit or BpfHelper.RingbufDiscard } release when names.Contains(PointerRoot.Of(release.Operands[0]).Root):
                    // Handed to a function, it is that one's to release.
                    case Call call when call.Operands.Any(o => names.Contains(PointerRoot.Of(o).Root)):
                        released = true;
                        break;
                    case Return end: return end;
                }
            }
            if (released) continue;
            foreach (var successor in at.Block.Successors.Distinct())
            {
                if (!IsNullEdge(at.Block, successor, names) && seen.Add(successor)) work.Push((successor, 0));
            }
        }
        return null;
    }

    /// <summary>The record and the phis it may be in.</summary>
    private static HashSet<Value> Names(Value reserve)
    {
        HashSet<Value> names = [reserve];
        Stack<Value> work = new([reserve]);
        while (work.TryPop(out var value))
        {
            foreach (var user in value.Users)
            {
                if (user is Phi or PointerAdd or Conversion && names.Add(user)) work.Push(user);
            }
        }
        return names;
    }

    private static bool IsNullEdge(BasicBlock from, BasicBlock to, HashSet<Value> names) =>
        from.Terminator is Branch { Condition: Compare compare } branch && names.Contains(compare.Left) && Nullness.IsNullTest(compare, out bool equal)
        && branch.Then != branch.Else && (equal ? branch.Then : branch.Else) == to;
}
