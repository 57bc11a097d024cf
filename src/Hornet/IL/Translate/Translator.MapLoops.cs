using System.Reflection.Metadata;
using Hornet.Compiler.IR;
using Hornet.IL.Decoding;
using Hornet.IL.Intrinsics;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Translate;

// foreach over a map. The kernel walks through a map by calling a function with each element (bpf_for_each_map_elem, 5.13),
// so the blocks of the loop become one. break, continue, return and goto leave it with a number that says where to go on.
internal sealed partial class Translator
{
    // The head of a loop that foreach makes: ldloc enumerator, call MoveNext, branch.
    private MapWalk? MapLoopAt(ILBlock block, FlowBlock flow)
    {
        var instructions = Frame.Code.Instructions;
        int first = Frame.Code.IndexOf(block.Start), index = first;
        while (instructions[index].OpCode == ILOpCode.Nop) index++;
        if (index > first && Frame.Flow.IsLeader(instructions[index].Offset)) return null;
        if (instructions[index].OpCode != ILOpCode.Ldloc || index + 2 >= instructions.Length) return null;
        if (instructions[index + 1].OpCode is not (ILOpCode.Call or ILOpCode.Callvirt) || instructions[index + 2].OpCode is not (ILOpCode.Brtrue or ILOpCode.Brfalse)) return null;
        if (Frame.Locals[instructions[index].Index] is not { Slot: null, Leaves: [var leaf] }) return null;
        if (Read(leaf, flow.Predecessors[0]) is not MapWalk walk || Frame.Code.ResolveMethod(instructions[index + 1].Index).Name != "MoveNext") return null;
        return walk with { Enumerator = leaf, Branch = index + 2 };
    }

    private void TranslateMapLoop(ILBlock header, FlowBlock flow, MapWalk walk)
    {
        var frame = Frame;
        flow.IsLoopHeader = false;
        Enter(flow);
        _stack = [];
        var branch = frame.Code.Instructions[walk.Branch];
        Offset = branch.Offset;
        Location = frame.LocationOf(Offset);
        ILBlock taken = frame.Flow.Target(header, branch.Index), next = frame.Flow.Target(header, branch.Next);
        var (body, end) = branch.OpCode == ILOpCode.Brtrue ? (taken, next) : (next, taken);
        var loop = frame.Flow.LoopOf(header);
        // A body that never comes back still looks at an element.
        loop.Add(body);
        var blocks = loop.Where(block => block != header).OrderBy(block => block.Order).ToList();
        List<ILBlock> exits = [];
        foreach (var block in blocks) exits.AddRange(block.Successors.Where(to => !loop.Contains(to) && !exits.Contains(to)));

        var (scope, before) = (Scope, Current!);
        Outline outline = new(this, scope, before, frame.Key, Offset) { Assigned = AssignedIn(header) };
        var kept = exits.ToDictionary(exit => exit, exit => frame.Blocks[exit]);
        // long (*)(struct bpf_map *map, const void *key, void *value, void *ctx)
        var function = Module.AddFunction("each_element", IrType.I64);
        function.Inlining = InlineChoice.Never;
        function.Location = Location;
        function.AddParameter(IrType.Pointer(Region.MapHandle));
        var key = function.AddParameter(IrType.Pointer(Region.MapValue(walk.Key.Size)));
        var value = function.AddParameter(IrType.Pointer(Region.MapValue(walk.Value.Size)));
        var context = function.AddParameter(IrType.Pointer(new Region(RegionKind.Memory)));
        bool canFail = false;
        var inner = BeginFunction(function, (frame.Key, Offset, "foreach"), () =>
        {
            canFail = true;
            Emit(new Store(context, Outline.Exit, MemoryWidth.U64, Number(-1)));
            return Number(1);
        }, outline);
        outline.Begin(inner, context);
        walk.Enumerator!.Definitions[inner.Entry] = walk with { At = new WalkedElement(key, value) };
        foreach (var block in blocks) frame.Blocks[block] = new FlowBlock(AddBlock($"il_{block.Start:x}"), (frame.Key, block.Start, block.Pending)) { IsLoopHeader = block.IsLoopHeader };
        FlowBlock more = NewBlock("continue"), leave = NewBlock("leave");
        frame.Blocks[header] = more;
        foreach (var exit in exits) frame.Blocks[exit] = NewBlock("exit");
        Goto(frame.Blocks[body]);
        foreach (var block in blocks)
        {
            if (!frame.Outlined.Contains(block)) TranslateWithin(block);
        }
        Location = frame.LocationOf(branch.Offset);
        Offset = branch.Offset;
        if (more.Predecessors.Count > 0)
        {
            Enter(more);
            Goto(leave, [new Scalar(Number(0))]);
        }
        for (int i = 0; i < exits.Count; i++)
        {
            var exit = frame.Blocks[exits[i]];
            if (exit.Predecessors.Count == 0) continue;
            if (Enter(exit).Length > 0) Report(Rules.Unsupported, "a loop over a map is left with values on the evaluation stack");
            Goto(leave, [new Scalar(Number(i + 1))]);
        }
        Current = null;
        if (leave.Predecessors.Count > 0)
        {
            var way = ((Scalar)Enter(leave)[0]).Ir;
            var store = Emit(new Store(context, Outline.Exit, MemoryWidth.U64, way));
            outline.End(leave, store);
            Emit(new Return(Widen(Comparison(Predicate.NotEqual, way, Number(0)), false)));
        }
        EndFunction();
        frame.Outlined.UnionWith(loop);
        foreach (var (exit, block) in kept) frame.Blocks[exit] = block;
        frame.Blocks[header] = flow;
        (Scope, Current, _stack) = (scope, before, []);
        CurrentIlBlock = header;

        var slot = outline.MakeSlot();
        Emit(new Store(slot, Outline.Exit, MemoryWidth.U64, Number(0)));
        var map = walk.Map.Handle(this);
        var reference = Emit(new FunctionReference(function));
        var call = Emit(new HelperCall(BpfHelper.ForEachMapElem, IrType.I64, [map, reference, slot, Number(0)]));
        NoteMapWrite();
        var after = NewBlock("walked");
        Goto(after);
        Enter(after);
        var code = Emit(new Load(slot, Outline.Exit, MemoryWidth.U64, IrType.I64));
        outline.Called(call, after, code);
        if (canFail) LeaveProgramIf(Comparison(Predicate.Equal, code, Number(-1)));
        for (int i = 0; i < exits.Count; i++)
        {
            var other = NewBlock("other");
            BranchTo(Comparison(Predicate.Equal, code, Number(i + 1)), frame.Blocks[exits[i]], other);
            Enter(other);
        }
        Goto(frame.Blocks[end]);
        Current = null;
        SealHeaders(header);
        foreach (var block in blocks) SealHeaders(block);
    }
}

/// <summary>The enumerator of a map that foreach uses.</summary>
/// <remarks>A value of its own, whatever C# type it has.</remarks>
/// <param name="Map">The map.</param>
/// <param name="Item">The C# type of what it shows: the value, or a pair of key and value.</param>
/// <param name="Key">The key's shape.</param>
/// <param name="Value">The value's shape.</param>
internal sealed record MapWalk(MapTarget Map, Type Item, Shape Key, Shape Value) : ILValue
{
    /// <summary>The variable it is in, where the loop begins.</summary>
    public LeafVariable? Enumerator { get; init; }

    /// <summary>The index of the branch that ends the loop.</summary>
    public int Branch { get; init; }

    /// <summary>The element it stands at; null outside of the loop.</summary>
    public WalkedElement? At { get; init; }
}

/// <summary>An element that the kernel shows.</summary>
internal sealed record WalkedElement(Value Key, Value Value);
