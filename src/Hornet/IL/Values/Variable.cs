using Hornet.Compiler.IR;

namespace Hornet.IL.Values;

/// <summary>
/// A variable of a method that is being translated: each leaf of its shape is an SSA variable. One that must have an
/// address, or whose shape is bytes, lies in a stack slot instead.
/// </summary>
internal sealed class Variable
{
    public Variable(VariableKey key, Shape shape)
    {
        Key = key;
        Shape = shape;
        var leaves = shape.Leaves;
        Leaves = new LeafVariable[leaves.Count];
        for (int i = 0; i < Leaves.Length; i++) Leaves[i] = new LeafVariable(this, i, leaves[i].Shape);
    }

    /// <summary>Who it is, the same in every attempt at translation.</summary>
    public VariableKey Key { get; }

    /// <summary>The shape.</summary>
    public Shape Shape { get; }

    /// <summary>The leaves.</summary>
    public LeafVariable[] Leaves { get; }

    /// <summary>The name in the source; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>The stack slot; null for a variable of leaves.</summary>
    public Value? Slot { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Key.ToString();
}

/// <summary>A leaf of a variable, with its value at the end of each block.</summary>
internal sealed class LeafVariable(Variable variable, int index, Shape shape)
{
    public Variable Variable { get; } = variable;

    public int Index { get; } = index;

    public Shape Shape { get; } = shape;

    /// <summary>For readers of the IR; null when the source has no name for it.</summary>
    public string? Name => Variable.Name is { } name && Variable.Shape is StructShape whole ? $"{name}.{whole.Leaves[Index].Path}" : Variable.Name;

    public Dictionary<FlowBlock, ILValue> Definitions { get; } = [];
}

/// <summary>Identifies a variable by where it is declared: the calls on the way to its method, and which one there.</summary>
internal sealed record VariableKey(FrameKey Frame, VariableKind Kind, int Index)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Index} of {Frame.Method.Name}";
}

/// <summary>What a variable is.</summary>
internal enum VariableKind
{
    Local,
    Argument,
    Result,
    Object,
    Temporary,
    Captured,
}

/// <summary>A part of a variable that a function of its own sees: a callback, by the context it is handed.</summary>
internal sealed record SharedKey(FrameKey Caller, int Offset, VariableKey Variable, int Leaf);

/// <summary>The calls on the way to a method that is translated.</summary>
internal sealed record FrameKey(FrameKey? Caller, int CallOffset, System.Reflection.MethodBase Method, object? Copy = null);

/// <summary>A block of the IR being built, with what SSA construction has to know of it.</summary>
internal sealed class FlowBlock(BasicBlock ir, object key)
{
    /// <summary>The block.</summary>
    public BasicBlock Ir { get; } = ir;

    /// <summary>Who it is, the same in every attempt.</summary>
    public object Key { get; } = key;

    /// <summary>The blocks that go here, in the order they were found to.</summary>
    public List<FlowBlock> Predecessors { get; } = [];

    /// <summary>Whether all predecessors are known.</summary>
    public bool IsSealed { get; set; }

    /// <summary>Whether a loop begins here.</summary>
    public bool IsLoopHeader { get; set; }

    /// <summary>How many of the predecessors are outside of the loop; they come first.</summary>
    public int EntryEdges { get; set; }

    /// <summary>The locals assigned in the loop: they get phis at once. Null for none.</summary>
    public HashSet<Variable>? Assigned { get; set; }

    /// <summary>Phis whose operands are added when the block is sealed.</summary>
    public List<(LeafVariable Leaf, ILValue Value)> Open { get; } = [];

    /// <summary>For the first block of a loop's body that is a function of its own: where values come from that it does not make.</summary>
    public Translate.Translator.Outline? Captures { get; set; }

    /// <summary>For the block after such a loop: what the loop changed.</summary>
    public Translate.Translator.Outline? Outlined { get; set; }

    /// <summary>The evaluation stacks that predecessors left, in their order.</summary>
    public List<ILValue[]> Stacks { get; } = [];
}
