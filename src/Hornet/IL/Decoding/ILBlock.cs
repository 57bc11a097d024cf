using System.Reflection;
using System.Reflection.Metadata;

namespace Hornet.IL.Decoding;

/// <summary>
/// A basic block of IL. The body of a <c>finally</c> is there once for each place it is left for: <see cref="Pending"/>
/// says where its <c>endfinally</c> goes. Exceptions do not exist in the kernel, so a finally block is ordinary code on
/// the way out of its try block.
/// </summary>
internal sealed class ILBlock(int start, Continuation? pending)
{
    /// <summary>The offset of the first instruction.</summary>
    public int Start { get; } = start;

    /// <summary>Where an <c>endfinally</c> in this block goes; null outside of finally blocks.</summary>
    public Continuation? Pending { get; } = pending;

    /// <summary>The position in reverse post-order; sources of back edges have positions not below their target's.</summary>
    public int Order { get; set; } = -1;

    /// <summary>Where control can go, in the order of the instruction: not taken before taken, switch cases in their order and then the default.</summary>
    public List<ILBlock> Successors { get; } = [];

    /// <summary>Where control can come from.</summary>
    public List<ILBlock> Predecessors { get; } = [];

    /// <summary>Whether an edge comes from a block that is later in the order: a loop begins here.</summary>
    public bool IsLoopHeader { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"IL_{Start:x4}{(Pending is null ? "" : $" then {Pending}")}";
}

/// <summary>What is still to do when a <c>leave</c> passes finally blocks: the next handler, and at last the target.</summary>
/// <param name="Handlers">The offsets of the handlers still to run.</param>
/// <param name="Target">Where the <c>leave</c> goes.</param>
/// <param name="Outer">What the leave's own block had pending: a try inside of a finally.</param>
internal sealed record Continuation(Continuation.Path Handlers, int Target, Continuation? Outer)
{
    /// <summary>A list with value equality, innermost first.</summary>
    public sealed record Path(int Handler, Path? Next);

    /// <inheritdoc/>
    public override string ToString() => $"IL_{Target:x4}";
}

/// <summary>The control flow of a method.</summary>
internal sealed class ILControlFlow
{
    private readonly MethodCode _code;
    private readonly HashSet<int> _leaders = [];
    private readonly Dictionary<Place, ILBlock> _blocks = [];
    private HashSet<ILBlock>? _inLoops;

    private ILControlFlow(MethodCode code)
    {
        _code = code;
        FindLeaders();
        Entry = Block(0, null);
        Blocks = Sort();
    }

    /// <summary>Where the method begins.</summary>
    public ILBlock Entry { get; }

    /// <summary>All blocks that control can reach, in reverse post-order.</summary>
    public IReadOnlyList<ILBlock> Blocks { get; }

    /// <summary>Finds the blocks of a method.</summary>
    public static ILControlFlow Build(MethodCode code) => new(code);

    /// <summary>Whether a block begins at an offset.</summary>
    public bool IsLeader(int offset) => _leaders.Contains(offset);

    /// <summary>The block at an offset as reached from another.</summary>
    public ILBlock Target(ILBlock from, int offset) => _blocks[new(offset, from.Pending)];

    /// <summary>The instructions of a block.</summary>
    public IEnumerable<ILInstruction> InstructionsOf(ILBlock block)
    {
        for (int index = _code.IndexOf(block.Start); ; index++)
        {
            var instruction = _code.Instructions[index];
            yield return instruction;
            if (instruction.EndsBlock || _leaders.Contains(instruction.Next)) yield break;
        }
    }

    /// <summary>Whether a block is in a loop.</summary>
    public bool IsInLoop(ILBlock block)
    {
        if (_inLoops is null)
        {
            _inLoops = [];
            foreach (var header in Blocks)
            {
                if (header.IsLoopHeader) _inLoops.UnionWith(LoopOf(header));
            }
        }
        return _inLoops.Contains(block);
    }

    /// <summary>The blocks of the loop that begins at a block: those from which control can come back to it.</summary>
    public HashSet<ILBlock> LoopOf(ILBlock header)
    {
        HashSet<ILBlock> loop = [header];
        Stack<ILBlock> open = new();
        foreach (var latch in header.Predecessors)
        {
            if (latch.Order >= header.Order && loop.Add(latch)) open.Push(latch);
        }
        while (open.TryPop(out var block))
        {
            foreach (var predecessor in block.Predecessors)
            {
                // Blocks before the head belong to it only in control flow that C# makes by goto; taking more is safe.
                if (predecessor.Order >= header.Order && loop.Add(predecessor)) open.Push(predecessor);
            }
        }
        return loop;
    }

    private void FindLeaders()
    {
        _leaders.Add(0);
        foreach (ref readonly var instruction in _code.Instructions.AsSpan())
        {
            if (instruction.IsBranch) _leaders.Add(instruction.Index);
            foreach (int target in instruction.Targets ?? []) _leaders.Add(target);
            if (instruction.EndsBlock) _leaders.Add(instruction.Next);
        }
        foreach (var clause in _code.Clauses)
        {
            _leaders.Add(clause.TryOffset);
            _leaders.Add(clause.HandlerOffset);
        }
    }

    private ILBlock Block(int offset, Continuation? pending)
    {
        Place place = new(offset, pending);
        if (!_blocks.TryGetValue(place, out var block)) _blocks.Add(place, block = new ILBlock(offset, pending));
        return block;
    }

    // Objects: the runtime has no precompiled collections of tuples.
    private sealed record Place(int Offset, Continuation? Pending);

    private sealed record Visit(ILBlock Block, int Next);

    private List<ILBlock> Sort()
    {
        List<ILBlock> postOrder = [];
        HashSet<ILBlock> seen = [Entry];
        Stack<Visit> stack = new();
        AddSuccessors(Entry);
        stack.Push(new(Entry, 0));
        while (stack.TryPop(out var top))
        {
            if (top.Next == top.Block.Successors.Count)
            {
                postOrder.Add(top.Block);
                continue;
            }
            stack.Push(new(top.Block, top.Next + 1));
            var successor = top.Block.Successors[top.Next];
            if (!seen.Add(successor)) continue;
            AddSuccessors(successor);
            stack.Push(new(successor, 0));
        }
        postOrder.Reverse();
        for (int i = 0; i < postOrder.Count; i++) postOrder[i].Order = i;
        foreach (var block in postOrder)
        {
            foreach (var successor in block.Successors)
            {
                successor.Predecessors.Add(block);
                if (successor.Order <= block.Order) successor.IsLoopHeader = true;
            }
        }
        return postOrder;
    }

    private void AddSuccessors(ILBlock block)
    {
        int index = _code.IndexOf(block.Start);
        while (true)
        {
            ref readonly var instruction = ref _code.Instructions[index];
            if (instruction.OpCode == ILOpCode.Leave)
            {
                block.Successors.Add(Leave(block, instruction));
                return;
            }
            if (instruction.OpCode == ILOpCode.Endfinally)
            {
                if (block.Pending is { } pending) block.Successors.Add(AfterFinally(pending));
                return;
            }
            if (instruction.EndsControl)
            {
                if (instruction.IsBranch) block.Successors.Add(Block(instruction.Index, block.Pending));
                return;
            }
            if (instruction.EndsBlock)
            {
                foreach (int target in instruction.Targets ?? []) block.Successors.Add(Block(target, block.Pending));
                block.Successors.Add(Block(instruction.Next, block.Pending));
                if (instruction.IsBranch) block.Successors.Add(Block(instruction.Index, block.Pending));
                return;
            }
            if (++index == _code.Instructions.Length) throw new BpfFormatException($"{_code.Method} runs off its end.");
            if (_leaders.Contains(_code.Instructions[index].Offset))
            {
                block.Successors.Add(Block(_code.Instructions[index].Offset, block.Pending));
                return;
            }
        }
    }

    // The finally blocks between the leave and its target run first, innermost first.
    private ILBlock Leave(ILBlock block, ILInstruction leave)
    {
        Continuation.Path? path = null;
        for (int i = _code.Clauses.Length - 1; i >= 0; i--)
        {
            var clause = _code.Clauses[i];
            if (clause.Flags != ExceptionHandlingClauseOptions.Finally) continue;
            if (Inside(clause, leave.Offset) && !Inside(clause, leave.Index)) path = new Continuation.Path(clause.HandlerOffset, path);
        }
        return path is null
            ? Block(leave.Index, block.Pending)
            : Block(path.Handler, new Continuation(path, leave.Index, block.Pending));
    }

    private ILBlock AfterFinally(Continuation pending) => pending.Handlers.Next is { } next
        ? Block(next.Handler, pending with { Handlers = next })
        : Block(pending.Target, pending.Outer);

    private static bool Inside(ExceptionHandlingClause clause, int offset) =>
        offset >= clause.TryOffset && offset < clause.TryOffset + clause.TryLength;
}
