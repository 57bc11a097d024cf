namespace Hornet.Compiler.IR;

/// <summary>Instructions that run one after the other; the last says where it goes on.</summary>
public sealed class BasicBlock
{
    private readonly List<Instruction> _instructions = [];
    private readonly List<BasicBlock> _predecessors = [];

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

    /// <summary>The blocks that may come here, each once.</summary>
    public IReadOnlyList<BasicBlock> Predecessors => _predecessors;

    /// <summary>The end; null while the block is being built.</summary>
    public Terminator? Terminator => _instructions.Count > 0 ? _instructions[^1] as Terminator : null;

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

    /// <summary>A number for passes to index by; the function's <see cref="IrFunction.NumberBlocks"/> sets it.</summary>
    internal int Index { get; set; }

    /// <summary>Adds an instruction at the end; a phi goes behind the other phis.</summary>
    public T Append<T>(T instruction) where T : Instruction
    {
        if (instruction is Phi) return Insert(PhiCount(), instruction);
        if (Terminator is not null) throw new InvalidOperationException($"Block {Name} has ended already: {Terminator}");
        return Insert(_instructions.Count, instruction);
    }

    /// <summary>Puts an instruction before another of this block.</summary>
    public T InsertBefore<T>(Instruction before, T instruction) where T : Instruction => Insert(_instructions.IndexOf(before), instruction);

    /// <summary>Puts an instruction at a position.</summary>
    public T Insert<T>(int index, T instruction) where T : Instruction
    {
        ArgumentNullException.ThrowIfNull(instruction);
        if (instruction.Block is not null) throw new InvalidOperationException("The instruction is in a block already.");
        _instructions.Insert(index, instruction);
        instruction.Block = this;
        if (instruction is Terminator terminator) Link(terminator);
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
        int at = _instructions.IndexOf(old);
        instruction.Location ??= old.Location;
        instruction.Name ??= old.Name;
        Insert(at, instruction);
        old.ReplaceAllUsesWith(instruction);
        old.Remove();
    }

    /// <summary>Removes all instructions for which the condition holds; they must not be used any more.</summary>
    internal int RemoveAll(Predicate<Instruction> condition) => _instructions.RemoveAll(instruction =>
    {
        if (!condition(instruction)) return false;
        Unlink(instruction);
        instruction.DropOperands();
        return true;
    });

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
        while (count < _instructions.Count && _instructions[count] is Phi) count++;
        return count;
    }

    internal void ForgetIncoming(BasicBlock block)
    {
        foreach (var phi in Phis) phi.RemoveIncoming(block);
    }

    internal void AddPredecessor(BasicBlock block)
    {
        if (!_predecessors.Contains(block)) _predecessors.Add(block);
    }

    internal void RemovePredecessor(BasicBlock block) => _predecessors.Remove(block);

    internal void Detach(Instruction instruction)
    {
        _instructions.Remove(instruction);
        Unlink(instruction);
    }

    private void Link(Terminator terminator)
    {
        foreach (var target in terminator.Targets) target.AddPredecessor(this);
    }

    private void Unlink(Instruction instruction)
    {
        instruction.Block = null;
        if (instruction is not Terminator terminator) return;
        foreach (var target in terminator.Targets) target.RemovePredecessor(this);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
