using System.Runtime.InteropServices;

namespace Hornet.Compiler.IR;

/// <summary>Instructions that run one after the other; the last says where it goes on.</summary>
public sealed class BasicBlock
{
    private readonly List<Instruction> _instructions = [];
    private readonly List<BasicBlock> _predecessors = [];
    private Terminator? _terminator;

    // Where an instruction was looked for last: passes go through a block, so that the next one is close by.
    private int _near;

    internal BasicBlock(IrFunction function, string name)
    {
        Function = function;
        Name = name;
    }

    /// <summary>The function.</summary>
    public IrFunction Function { get; internal set; }

    /// <summary>The name, unique in the function.</summary>
    public string Name { get; internal set; }

    /// <summary>The instructions: phis first, the terminator last.</summary>
    public IReadOnlyList<Instruction> Instructions => _instructions;

    /// <summary>The same for passes, which look at very many: without an interface in between. It holds until an instruction comes or goes.</summary>
    internal ReadOnlySpan<Instruction> Code => CollectionsMarshal.AsSpan(_instructions);

    /// <summary>The instructions as they are now, for a pass that changes them on its way.</summary>
    /// <param name="buffer">Where they are put; one for all blocks.</param>
    internal ReadOnlySpan<Instruction> Snapshot(ref Instruction[] buffer)
    {
        int count = _instructions.Count;
        if (buffer.Length < count) buffer = new Instruction[Math.Max(count, 2 * buffer.Length)];
        _instructions.CopyTo(buffer);
        return buffer.AsSpan(0, count);
    }

    /// <summary>The blocks that may come here, each once.</summary>
    public IReadOnlyList<BasicBlock> Predecessors => _predecessors;

    /// <summary>The same for passes: without an interface in between. It holds until one comes or goes.</summary>
    internal ReadOnlySpan<BasicBlock> PredecessorSpan => CollectionsMarshal.AsSpan(_predecessors);

    /// <summary>The end; null while the block is being built.</summary>
    public Terminator? Terminator => _terminator is { } end && ReferenceEquals(_instructions[^1], end) ? end : null;

    /// <summary>The blocks it may go to; one may stand here twice.</summary>
    public IReadOnlyList<BasicBlock> Successors => Terminator?.Targets ?? [];

    /// <summary>The phis.</summary>
    public IEnumerable<Phi> Phis
    {
        get
        {
            foreach (var instruction in _instructions)
            {
                if (instruction is not Phi phi) yield break;
                yield return phi;
            }
        }
    }

    /// <summary>The position in the function's order, while it is one of those that can be reached (<see cref="DominatorTree"/>).</summary>
    internal int Position { get; set; } = -1;

    /// <summary>A mark of a pass, one of <see cref="IrFunction.NewMark"/>: what a set of blocks would say, without one.</summary>
    internal int Mark { get; set; }

    /// <summary>Adds an instruction at the end; a phi goes behind the other phis.</summary>
    public T Append<T>(T instruction) where T : Instruction
    {
        if (instruction is Phi) return Insert(PhiCount(), instruction);
        if (Terminator is not null) throw new InvalidOperationException($"Block {Name} has ended already: {Terminator}");
        return Insert(_instructions.Count, instruction);
    }

    /// <summary>Puts an instruction before another of this block.</summary>
    public T InsertBefore<T>(Instruction before, T instruction) where T : Instruction => Insert(IndexOf(before), instruction);

    /// <summary>Puts an instruction at a position.</summary>
    public T Insert<T>(int index, T instruction) where T : Instruction
    {
        ArgumentNullException.ThrowIfNull(instruction);
        if (instruction.Block is not null) throw new InvalidOperationException("The instruction is in a block already.");
        _instructions.Insert(index, instruction);
        instruction.Block = this;
        if (instruction is Terminator terminator) Link(terminator);
        else Function.NoteChange();
        return instruction;
    }

    /// <summary>Ends the block another way. Phis of targets that are left are told; those of new targets are the caller's business.</summary>
    public void ReplaceTerminator(Terminator terminator)
    {
        ArgumentNullException.ThrowIfNull(terminator);
        var old = Terminator;
        terminator.Location ??= old?.Location;
        if (old is not null)
        {
            var left = old.Targets.Distinct().Except(terminator.Targets).ToList();
            old.Remove();
            foreach (var block in left) block.ForgetIncoming(this);
        }
        Append(terminator);
    }

    /// <summary>Replaces an instruction by another in the same place, which also takes over its uses.</summary>
    internal void Replace(Instruction old, Instruction instruction)
    {
        int at = IndexOf(old);
        instruction.Location ??= old.Location;
        instruction.Name ??= old.Name;
        Insert(at, instruction);
        old.ReplaceAllUsesWith(instruction);
        old.Remove();
    }

    /// <summary>Removes all instructions for which the condition holds; they must not be used any more.</summary>
    internal int RemoveAll(Predicate<Instruction> condition)
    {
        var all = CollectionsMarshal.AsSpan(_instructions);
        int kept = 0;
        for (int i = 0; i < all.Length; i++)
        {
            var instruction = all[i];
            if (condition(instruction))
            {
                Unlink(instruction);
                instruction.DropOperands();
                continue;
            }
            if (kept != i) all[kept] = instruction;
            kept++;
        }
        int removed = all.Length - kept;
        if (removed > 0) _instructions.RemoveRange(kept, removed);
        return removed;
    }

    /// <summary>The position of an instruction of this block.</summary>
    internal int IndexOf(Instruction instruction)
    {
        var all = CollectionsMarshal.AsSpan(_instructions);
        int near = Math.Min(_near, all.Length);
        for (int i = near; i < all.Length; i++)
        {
            if (ReferenceEquals(all[i], instruction)) return _near = i;
        }
        for (int i = near - 1; i >= 0; i--)
        {
            if (ReferenceEquals(all[i], instruction)) return _near = i;
        }
        return -1;
    }

    /// <summary>Moves the instructions from a position on to the end of another block.</summary>
    internal void MoveTail(int index, BasicBlock target)
    {
        var moved = _instructions.GetRange(index, _instructions.Count - index);
        foreach (var instruction in moved) Unlink(instruction);
        _instructions.RemoveRange(index, moved.Count);
        foreach (var instruction in moved) target.Insert(target._instructions.Count, instruction);
    }

    internal int PhiCount()
    {
        int count = 0;
        foreach (var instruction in Code)
        {
            if (instruction is not Phi) break;
            count++;
        }
        return count;
    }

    internal void ForgetIncoming(BasicBlock block)
    {
        if (_instructions is not [Phi, ..]) return;
        foreach (var phi in Phis) phi.RemoveIncoming(block);
    }

    internal void AddPredecessor(BasicBlock block)
    {
        if (IndexOfPredecessor(block) < 0) _predecessors.Add(block);
    }

    internal void RemovePredecessor(BasicBlock block)
    {
        int at = IndexOfPredecessor(block);
        if (at >= 0) _predecessors.RemoveAt(at);
    }

    private int IndexOfPredecessor(BasicBlock block)
    {
        var all = CollectionsMarshal.AsSpan(_predecessors);
        int at = all.Length - 1;
        while (at >= 0 && !ReferenceEquals(all[at], block)) at--;
        return at;
    }

    internal void Detach(Instruction instruction)
    {
        int at = IndexOf(instruction);
        if (at >= 0) _instructions.RemoveAt(at);
        Unlink(instruction);
    }

    private void Link(Terminator terminator)
    {
        _terminator = terminator;
        Function.NoteEdges();
        foreach (var target in terminator.Targets) target.AddPredecessor(this);
    }

    private void Unlink(Instruction instruction)
    {
        instruction.Block = null;
        if (instruction is not Terminator terminator)
        {
            Function.NoteChange();
            return;
        }
        if (ReferenceEquals(_terminator, terminator)) _terminator = null;
        Function.NoteEdges();
        foreach (var target in terminator.Targets) target.RemovePredecessor(this);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
