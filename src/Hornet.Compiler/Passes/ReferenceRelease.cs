using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Isa;
using Instruction = Hornet.Compiler.IR.Instruction;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Whether every reserved ring buffer record and every reference to a kernel object is given back on every way to an end of
/// the function, and not used afterwards.
/// </summary>
internal static class ReferenceRelease
{
    /// <param name="function">The function.</param>
    /// <param name="calls">All calls of helpers and kernel functions in it.</param>
    /// <param name="error">Where to tell what is wrong.</param>
    public static void Check(IrFunction function, List<Instruction> calls, Action<DiagnosticRule, SourceLocation?, string> error)
    {
        foreach (var instruction in calls)
        {
            // Whoever reserves by a dynptr gives back by it, room or not.
            if (instruction is HelperCall { Helper: BpfHelper.RingbufReserveDynptr } bytes)
            {
                if (FindLeak(bytes, [PointerRoot.Of(bytes.Operands[3]).Root]) is { } end)
                    error(DiagnosticRules.RecordNotReleased, instruction.Location, $"this record is neither submitted nor discarded when {(end.Location is { Line: > 0 } line ? $"the function ends at line {line.Line}" : "the function ends on some way")}");
                continue;
            }
            if (instruction is KernelFunctionCall { Function: "bpf_rbtree_first" or "bpf_rbtree_root" or "bpf_rbtree_left" or "bpf_rbtree_right" or "bpf_list_front" or "bpf_list_back" }
                && FindLateUse(instruction, function) is { } late)
                error(DiagnosticRules.UsedAfterRelease, late.Location, $"{Describe(instruction)} is used after its lock was left");
            if (!Acquires(instruction)) continue;
            if (FindLeak(instruction, Names(instruction)) is { } leak)
            {
                string where = leak.Location is { Line: > 0 } at ? $"the function ends at line {at.Line}" : "the function ends on some way";
                if (instruction is HelperCall { Helper: BpfHelper.RingbufReserve }) error(DiagnosticRules.RecordNotReleased, instruction.Location, $"this record is neither submitted nor discarded when {where}");
                else error(DiagnosticRules.ReferenceNotReleased, instruction.Location, $"{Describe(instruction)} is not given back when {where}");
            }
            if (FindUse(instruction) is { } use) error(DiagnosticRules.UsedAfterRelease, use.Location, $"{Describe(instruction)} is used after it was given back");
        }
    }

    private static string Describe(Instruction reference) => reference switch
    {
        HelperCall { Helper: BpfHelper.RingbufReserve } => "a reserved record",
        HelperCall => "what was in the map",
        KernelFunctionCall call => $"the {call.Type.Region.TypeName ?? "object"} that {call.Function} gave",
        _ => "a reference",
    };

    private static bool Acquires(Instruction instruction) => instruction is HelperCall { Helper: BpfHelper.RingbufReserve or BpfHelper.KptrXchg }
        || (instruction is KernelFunctionCall { Type.IsPointer: true } call && KernelFunctionTable.Acquires(call.Function));

    // What gives a reference back, or hands it on.
    private static Value? Released(Instruction instruction) => instruction switch
    {
        HelperCall { Helper: BpfHelper.RingbufSubmit or BpfHelper.RingbufDiscard or BpfHelper.RingbufSubmitDynptr or BpfHelper.RingbufDiscardDynptr } call => call.Operands[0],
        HelperCall { Helper: BpfHelper.KptrXchg } call => call.Operands[1],
        KernelFunctionCall { Function: "bpf_list_push_front_impl" or "bpf_list_push_back_impl" or "bpf_rbtree_add_impl" or "bpf_list_add" } put => put.Operands[1],
        KernelFunctionCall { Operands.Count: > 0 } call when KernelFunctionTable.Releases(call.Function) => call.Operands[0],
        _ => null,
    };

    /// <summary>An end that can be reached with the reference still held.</summary>
    private static Terminator? FindLeak(Instruction reference, HashSet<Value> names)
    {
        HashSet<BasicBlock> seen = [];
        Stack<(BasicBlock Block, int Index)> work = new();
        work.Push((reference.Block!, reference.Block!.Instructions.ToList().IndexOf(reference) + 1));
        while (work.TryPop(out var at))
        {
            bool released = false;
            for (int i = at.Index; i < at.Block.Instructions.Count && !released; i++)
            {
                var instruction = at.Block.Instructions[i];
                released = Released(instruction) is { } back && names.Contains(PointerRoot.Of(back).Root)
                    // Handed to a function, or kept where a callback sees it, it is that one's to release.
                    || (instruction is Call call && call.Operands.Any(o => names.Contains(PointerRoot.Of(o).Root)))
                    || (instruction is Store store && names.Contains(PointerRoot.Of(store.Operands[1]).Root));
                if (!released && instruction is Return end) return end;
            }
            if (released) continue;
            foreach (var successor in at.Block.Successors.Distinct())
            {
                if (!IsNullEdge(at.Block, successor, names) && seen.Add(successor)) work.Push((successor, 0));
            }
        }
        return null;
    }

    /// <summary>What is done with a reference, and with places in what it refers to.</summary>
    private static List<Instruction> Uses(HashSet<Value> names) =>
        [.. names.SelectMany(name => name.Users).Where(user => user is not (PointerAdd or Conversion or Compare or Phi)).Distinct()];

    /// <summary>The reference, places in what it refers to, and the phis that are it or null: through others it may be another one.</summary>
    private static HashSet<Value> SureNames(Value reference)
    {
        HashSet<Value> names = [reference];
        Stack<Value> work = new([reference]);
        while (work.TryPop(out var value))
        {
            foreach (var user in value.Users)
            {
                bool isSure = user is PointerAdd or Conversion || user is Phi phi && phi.Operands.All(o => o is Constant { IsNull: true } || names.Contains(o));
                if (isSure && names.Add(user)) work.Push(user);
            }
        }
        return names;
    }

    /// <summary>The blocks at whose beginning a use still lies ahead, before the reference is taken anew.</summary>
    private static HashSet<BasicBlock> Ahead(Instruction reference, List<Instruction> uses)
    {
        HashSet<BasicBlock> ahead = [];
        Stack<BasicBlock> work = new();
        foreach (var use in uses)
        {
            if (use.Block != reference.Block && ahead.Add(use.Block!)) work.Push(use.Block!);
        }
        while (work.TryPop(out var block))
        {
            foreach (var predecessor in block.Predecessors)
            {
                if (predecessor != reference.Block && ahead.Add(predecessor)) work.Push(predecessor);
            }
        }
        return ahead;
    }

    /// <summary>A use that comes after the reference was given back.</summary>
    private static Instruction? FindUse(Instruction reference)
    {
        var names = SureNames(reference);
        var uses = Uses(names);
        return FindUse(reference, names, uses, uses.Where(use => Released(use) is { } back && names.Contains(PointerRoot.Of(back).Root)));
    }

    /// <summary>A use of what a list or tree only shows, which comes after its lock was left.</summary>
    private static Instruction? FindLateUse(Instruction shown, IrFunction function)
    {
        var names = SureNames(shown);
        return FindUse(shown, names, Uses(names), function.Instructions.Where(i => i is HelperCall { Helper: BpfHelper.SpinUnlock }));
    }

    private static Instruction? FindUse(Instruction reference, HashSet<Value> names, List<Instruction> uses, IEnumerable<Instruction> releases)
    {
        HashSet<BasicBlock>? ahead = null;
        foreach (var release in releases)
        {
            ahead ??= Ahead(reference, uses);
            // Nearly always nothing lies ahead; walking on from each record to the end of a large function would take long.
            bool alone = !uses.Exists(u => !ReferenceEquals(u, release) && u.Block == release.Block) && !release.Block!.Successors.Any(ahead.Contains);
            if (alone) continue;
            HashSet<BasicBlock> seen = [];
            Stack<(BasicBlock Block, int Index)> work = new();
            work.Push((release.Block!, release.Block!.Instructions.ToList().IndexOf(release) + 1));
            while (work.TryPop(out var at))
            {
                bool ends = false;
                for (int i = at.Index; i < at.Block.Instructions.Count && !ends; i++)
                {
                    var instruction = at.Block.Instructions[i];
                    // Taken anew in a loop.
                    if (ReferenceEquals(instruction, reference)) ends = true;
                    else if (instruction is not (Compare or Phi or PointerAdd or Conversion) && instruction.Operands.Any(o => o.Type.IsPointer && names.Contains(PointerRoot.Of(o).Root))) return instruction;
                }
                if (ends) continue;
                foreach (var successor in at.Block.Successors.Distinct())
                {
                    if (seen.Add(successor)) work.Push((successor, 0));
                }
            }
        }
        return null;
    }

    /// <summary>The reference and the phis it may be in.</summary>
    private static HashSet<Value> Names(Value reference)
    {
        HashSet<Value> names = [reference];
        Stack<Value> work = new([reference]);
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
