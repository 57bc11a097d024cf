using Hornet.Isa;

namespace Hornet.Compiler.IR;

/// <summary>A map, as helpers take it.</summary>
public sealed class MapReference : Instruction
{
    /// <summary>Makes a reference.</summary>
    public MapReference(MapSymbol map) : base(IrType.Pointer(Region.MapHandle)) => Map = map;

    /// <summary>The map.</summary>
    public MapSymbol Map { get; }

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new MapReference(Map);
}

/// <summary>The address of a place in the single value of an array map: global data (kernel 5.2).</summary>
public sealed class GlobalReference : Instruction
{
    /// <summary>Makes a reference to a place in a map's value.</summary>
    public GlobalReference(MapSymbol map, int offset = 0) : base(IrType.Pointer(Region.MapValue((int)map.Spec.ValueSize - offset)))
    {
        Map = map;
        Offset = offset;
    }

    /// <summary>The map.</summary>
    public MapSymbol Map { get; }

    /// <summary>Bytes from the beginning of the value.</summary>
    public int Offset { get; }

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new GlobalReference(Map, Offset);
}

/// <summary>The address of a function, for helpers that call back.</summary>
public sealed class FunctionReference : Instruction
{
    /// <summary>Makes a reference.</summary>
    public FunctionReference(IrFunction function) : base(IrType.Pointer(Region.Function)) => Function = function;

    /// <summary>The function.</summary>
    public IrFunction Function { get; }

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new FunctionReference(Function);
}

/// <summary>A call of a helper.</summary>
public sealed class HelperCall : Instruction
{
    /// <summary>Makes a call with at most five arguments.</summary>
    public HelperCall(BpfHelper helper, IrType type, params ReadOnlySpan<Value> arguments) : base(type, arguments) => Helper = helper;

    /// <summary>The helper.</summary>
    public BpfHelper Helper { get; }

    /// <summary>
    /// Whether it only reads state that no program changes while it runs (the current task, the CPU), so that calls whose
    /// value nobody uses can go and equal ones can be one.
    /// </summary>
    public bool IsPure => Helper is BpfHelper.GetCurrentPidTgid or BpfHelper.GetCurrentUidGid or BpfHelper.GetCurrentTask
        or BpfHelper.GetCurrentTaskBtf or BpfHelper.GetSmpProcessorId or BpfHelper.GetNumaNodeId or BpfHelper.GetCurrentCgroupId;

    /// <inheritdoc/>
    public override bool HasSideEffects => !IsPure && Helper is not (BpfHelper.KtimeGetNs or BpfHelper.KtimeGetBootNs or BpfHelper.KtimeGetCoarseNs
        or BpfHelper.KtimeGetTaiNs or BpfHelper.GetPrandomU32 or BpfHelper.Jiffies64 or BpfHelper.MapLookupElem or BpfHelper.MapLookupPercpuElem);

    /// <inheritdoc/>
    public override bool ReadsMemory => !IsPure;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new HelperCall(Helper, Type, operands);
}

/// <summary>A call of a kernel function (kfunc, kernel 5.13), resolved by name when the program is loaded.</summary>
public sealed class KernelFunctionCall : Instruction
{
    /// <summary>Makes a call with at most five arguments.</summary>
    public KernelFunctionCall(string function, IrType type, params ReadOnlySpan<Value> arguments) : base(type, arguments) => Function = function;

    /// <summary>The kernel's name of the function.</summary>
    public string Function { get; }

    /// <inheritdoc/>
    public override bool HasSideEffects => true;

    /// <inheritdoc/>
    public override bool ReadsMemory => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new KernelFunctionCall(Function, Type, operands);
}

/// <summary>A call of a function of the program: inlined, or a call of a subprogram with at most five arguments.</summary>
public sealed class Call : Instruction
{
    /// <summary>Makes a call.</summary>
    public Call(IrFunction function, params ReadOnlySpan<Value> arguments) : base(function.ReturnType, arguments) => Function = function;

    /// <summary>The function.</summary>
    public IrFunction Function { get; }

    /// <inheritdoc/>
    public override bool HasSideEffects => true;

    /// <inheritdoc/>
    public override bool ReadsMemory => true;

    internal override Instruction CloneWith(ReadOnlySpan<Value> operands) => new Call(Function, operands);
}
