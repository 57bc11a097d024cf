using Hornet.Isa;

namespace Hornet.Vm.Loading;

/// <summary>A function of a program: the slots it takes.</summary>
/// <param name="Index">Its number in the program.</param>
/// <param name="Start">The first slot.</param>
/// <param name="End">The slot after the last.</param>
/// <param name="FrameBytes">How much of its stack frame must be zero when it begins: all of it, unless every use is plain.</param>
internal sealed record VmFunction(int Index, int Start, int End, int FrameBytes)
{
    /// <summary>The number of slots, which is what a call is charged.</summary>
    public int Length => End - Start;
}

/// <summary>A program that was checked: every jump stays in its function, every register exists, every function ends.</summary>
internal sealed unsafe class VmCode
{
    // Pinned, so that the interpreter can walk it with a pointer.
    private readonly Op[] _ops;

    public VmCode(Op[] ops, VmFunction[] functions, VmFunctionReference[] externals, Instruction[] slots)
    {
        _ops = ops;
        Functions = functions;
        Externals = externals;
        Slots = slots;
        fixed (Op* first = ops) Start = first;
    }

    /// <summary>The first operation. Lives as long as this object.</summary>
    public Op* Start { get; }

    public ReadOnlySpan<Op> Ops => _ops;

    public VmFunction[] Functions { get; }

    /// <summary>The helpers and kernel functions that are called.</summary>
    public VmFunctionReference[] Externals { get; }

    /// <summary>The instructions by slot, for messages. The second slot of a 64-bit load repeats the first.</summary>
    public Instruction[] Slots { get; }

    /// <summary>The function that begins at a slot; null when none does.</summary>
    public VmFunction? FunctionAt(long slot)
    {
        foreach (var function in Functions)
        {
            if (function.Start == slot) return function;
        }
        return null;
    }
}

/// <summary>A helper or kernel function that a program calls.</summary>
/// <param name="Name">The name, for messages: <c>bpf_ktime_get_ns (helper 5)</c>.</param>
/// <param name="Helper">What is run; null when the machine has none.</param>
internal sealed record VmFunctionReference(string Name, VmHelper? Helper);
