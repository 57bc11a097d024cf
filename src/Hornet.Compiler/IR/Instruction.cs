using System.Runtime.InteropServices;

namespace Hornet.Compiler.IR;

/// <summary>An operation. It is also the value that it results in, where it has one.</summary>
public abstract class Instruction : Value
{
    private readonly List<Value> _operands;

    private protected Instruction(IrType type, params ReadOnlySpan<Value> operands) : base(type)
    {
        _operands = new(operands.Length);
        foreach (var operand in operands) AddOperand(operand);
    }

    // One and two operands written out: for a list of them the runtime would compile a method for each length, in every process.
    private protected Instruction(IrType type, Value operand) : base(type)
    {
        _operands = new(1);
        AddOperand(operand);
    }

    private protected Instruction(IrType type, Value first, Value second) : base(type)
    {
        _operands = new(2);
        AddOperand(first);
        AddOperand(second);
    }

    /// <summary>What the operation works on.</summary>
    public IReadOnlyList<Value> Operands => _operands;

    /// <summary>The same for passes, which look at very many: without an interface in between. It holds until an operand comes or goes.</summary>
    internal ReadOnlySpan<Value> OperandSpan => CollectionsMarshal.AsSpan(_operands);

    internal Value OperandAt(int index) => _operands[index];

    /// <summary>A mark of a pass, one of <see cref="IrFunction.NewMark"/>: what a set of instructions would say, without one.</summary>
    internal int Mark { get; set; }

    /// <summary>The block it is in; null before it was put in one and after it was removed.</summary>
    public BasicBlock? Block { get; internal set; }

    /// <summary>Where it comes from; null when unknown.</summary>
    public SourceLocation? Location { get; set; }

    /// <summary>Whether it does something besides making its value, so that it must stay though nobody uses that.</summary>
    public virtual bool HasSideEffects => false;

    /// <summary>Whether its value may differ between two executions with equal operands, because it reads memory or calls.</summary>
    public virtual bool ReadsMemory => false;

    /// <summary>Replaces an operand.</summary>
    public void SetOperand(int index, Value value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var old = _operands[index];
        if (ReferenceEquals(old, value)) return;
        old.RemoveUser(this);
        _operands[index] = value;
        value.AddUser(this);
        Block?.Function.NoteChange();
    }

    /// <summary>Replaces a value wherever it is an operand.</summary>
    public void ReplaceOperand(Value old, Value value)
    {
        for (int i = 0; i < _operands.Count; i++)
        {
            if (ReferenceEquals(_operands[i], old)) SetOperand(i, value);
        }
    }

    /// <summary>Removes it from its block and lets go of its operands.</summary>
    public void Remove()
    {
        Block?.Detach(this);
        DropOperands();
    }

    internal void DropOperands()
    {
        foreach (var operand in _operands) operand.RemoveUser(this);
        _operands.Clear();
    }

    /// <summary>Makes the same operation on other operands, of which there must be as many.</summary>
    internal abstract Instruction CloneWith(ReadOnlySpan<Value> operands);

    private protected void AddOperand(Value value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _operands.Add(value);
        value.AddUser(this);
        Block?.Function.NoteChange();
    }

    private protected void RemoveOperandAt(int index)
    {
        _operands[index].RemoveUser(this);
        _operands.RemoveAt(index);
        Block?.Function.NoteChange();
    }

    /// <inheritdoc/>
    public override string ToString() => IrPrinter.Print(this);
}

/// <summary>The last instruction of a block: where it goes from there.</summary>
public abstract class Terminator : Instruction
{
    private readonly BasicBlock[] _targets;

    private protected Terminator(BasicBlock[] targets, params ReadOnlySpan<Value> operands) : base(IrType.Void, operands) => _targets = targets;

    /// <summary>The blocks it may go to. One block may stand here twice.</summary>
    public IReadOnlyList<BasicBlock> Targets => _targets;

    /// <summary>The same for passes: without an interface in between.</summary>
    internal ReadOnlySpan<BasicBlock> TargetSpan => _targets;

    /// <inheritdoc/>
    public override bool HasSideEffects => true;

    /// <summary>Goes to another block instead. Phis of the old and new target are the caller's business.</summary>
    public void SetTarget(int index, BasicBlock target)
    {
        var old = _targets[index];
        if (ReferenceEquals(old, target)) return;
        _targets[index] = target;
        if (Block is not { } block) return;
        block.Function.NoteEdges();
        if (!_targets.Contains(old)) old.RemovePredecessor(block);
        target.AddPredecessor(block);
    }

    /// <summary>Goes to another block wherever it went to one.</summary>
    public void ReplaceTarget(BasicBlock old, BasicBlock target)
    {
        for (int i = 0; i < _targets.Length; i++)
        {
            if (ReferenceEquals(_targets[i], old)) SetTarget(i, target);
        }
    }

    internal abstract Terminator CloneWith(ReadOnlySpan<Value> operands, BasicBlock[] targets);

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => CloneWith(operands, _targets.ToArray());
}
