namespace Hornet.Compiler.IR;

/// <summary>Goes to a block.</summary>
public sealed class Jump : Terminator
{
    /// <summary>Makes a jump.</summary>
    public Jump(BasicBlock target) : base([target]) { }

    /// <summary>Where to.</summary>
    public BasicBlock Target => TargetSpan[0];

    internal override Terminator CloneWith(ReadOnlySpan<Value> operands, BasicBlock[] targets) => new Jump(targets[0]);
}

/// <summary>Goes to one of two blocks, by whether a 32-bit value is not zero.</summary>
public sealed class Branch : Terminator
{
    /// <summary>Makes a branch.</summary>
    public Branch(Value condition, BasicBlock then, BasicBlock @else) : base([then, @else], condition) { }

    /// <summary>The condition.</summary>
    public Value Condition => OperandAt(0);

    /// <summary>Where to when it is not zero.</summary>
    public BasicBlock Then => TargetSpan[0];

    /// <summary>Where to when it is zero.</summary>
    public BasicBlock Else => TargetSpan[1];

    internal override Terminator CloneWith(ReadOnlySpan<Value> operands, BasicBlock[] targets) => new Branch(operands[0], targets[0], targets[1]);
}

/// <summary>Goes where a number says.</summary>
public sealed class Switch : Terminator
{
    private readonly long[] _cases;

    /// <summary>Makes a switch; the last target is the default.</summary>
    public Switch(Value value, ReadOnlySpan<(long Case, BasicBlock Target)> cases, BasicBlock @default) : base(AllTargets(cases, @default), value)
    {
        _cases = new long[cases.Length];
        for (int i = 0; i < cases.Length; i++) _cases[i] = cases[i].Case;
    }

    private Switch(Value value, long[] cases, BasicBlock[] targets) : base(targets, value) => _cases = cases;

    /// <summary>The number.</summary>
    public Value Value => OperandAt(0);

    /// <summary>The numbers that have a target, sign-extended, in the order of the targets.</summary>
    public IReadOnlyList<long> Cases => _cases;

    /// <summary>Where to for all other numbers.</summary>
    public BasicBlock Default => TargetSpan[^1];

    internal override Terminator CloneWith(ReadOnlySpan<Value> operands, BasicBlock[] targets) => new Switch(operands[0], _cases, targets);

    private static BasicBlock[] AllTargets(ReadOnlySpan<(long Case, BasicBlock Target)> cases, BasicBlock @default)
    {
        var targets = new BasicBlock[cases.Length + 1];
        for (int i = 0; i < cases.Length; i++) targets[i] = cases[i].Target;
        targets[^1] = @default;
        return targets;
    }
}

/// <summary>Ends the function.</summary>
public sealed class Return : Terminator
{
    /// <summary>Makes a return, with a value where the function has one.</summary>
    public Return(Value? value = null) : base([], value is null ? [] : [value]) { }

    /// <summary>The value; null for a function without.</summary>
    public Value? Value => Operands.Count > 0 ? Operands[0] : null;

    internal override Terminator CloneWith(ReadOnlySpan<Value> operands, BasicBlock[] targets) => new Return(operands.Length > 0 ? operands[0] : null);
}

/// <summary>A place the program cannot come to. Should it, the function returns 0.</summary>
public sealed class Unreachable : Terminator
{
    /// <summary>Makes the end.</summary>
    public Unreachable() : base([]) { }

    internal override Terminator CloneWith(ReadOnlySpan<Value> operands, BasicBlock[] targets) => new Unreachable();
}
