using System.Reflection;
using Hornet.Btf;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;

namespace Hornet.IL.Intrinsics;

/// <summary>
/// Open-coded iterators (6.4): three functions of the kernel, <c>bpf_iter_…_new</c>, <c>_next</c> and <c>_destroy</c>, and a
/// piece of stack. C#'s <c>foreach</c> calls them in this order, with the last in a <c>finally</c>.
/// </summary>
internal static class IteratorIntrinsics
{
    // BPF_CGROUP_ITER_DESCENDANTS_PRE
    private const int DescendantsFirst = 2;

    // CSS_TASK_ITER_PROCS
    private const int CssTaskProcesses = 1;

    public static void Register(IntrinsicRegistry registry)
    {
        var type = typeof(BpfIterator);
        registry.Add(type, static call => new KernelWalk("bpf_iter_num", call.Arguments, null), "Numbers");
        registry.Add(type, static call => new KernelWalk("bpf_iter_task", [new Pointer(Constant.Null(Region.Kernel("task_struct"))), new Scalar(Translator.Number32(1))], "task_struct"), "Threads");
        registry.Add(type, static call => new KernelWalk("bpf_iter_task", [new Pointer(Constant.Null(Region.Kernel("task_struct"))), new Scalar(Translator.Number32(0))], "task_struct"), "Processes");
        registry.Add(type, static call => new KernelWalk("bpf_iter_task", [call.Arguments[0], new Scalar(Translator.Number32(2))], "task_struct"), "ThreadsOf");
        registry.Add(type, static call => new KernelWalk("bpf_iter_css", [call.Arguments[0], new Scalar(Translator.Number32(DescendantsFirst))], "cgroup_subsys_state"), "Descendants");
        registry.Add(type, static call => new KernelWalk("bpf_iter_css_task", [call.Arguments[0], new Scalar(Translator.Number32(CssTaskProcesses))], "task_struct"), "ProcessesIn");
        registry.Add(type, static call => new KernelWalk("bpf_iter_task_vma", [call.Arguments[0], call.Arguments[1] is Scalar address ? new Scalar(call.Translator.Widen(address.Ir, false)) : call.Arguments[1]], "vm_area_struct"), "Areas");
        registry.Add(type, static _ => new KernelWalk("bpf_iter_kmem_cache", [], "kmem_cache"), "SlabCaches");
        registry.Add(type, static _ => new KernelWalk("bpf_iter_dmabuf", [], "dma_buf"), "DmaBufs");
        registry.Add(type, static call => new KernelWalk("bpf_iter_bits", [call.Arguments[0], new Scalar(Translator.Number32(1))], null), "Bits");
    }

    /// <summary>What <c>foreach</c> asks of an iterator.</summary>
    public static ILValue? Member(Translator t, MethodBase method, KernelWalk walk)
    {
        switch (method.Name)
        {
            case "GetEnumerator":
                return Begin(t, walk);
            case "MoveNext" when walk.State.Slot is { } slot:
                walk.State.Offset = t.Offset;
                if (!t.Frame.Iterators.Contains(walk)) t.Frame.Iterators.Add(walk);
                var next = t.Emit(new KernelFunctionCall($"{walk.Name}_next", IrType.Pointer(walk.Type is { } type ? Region.Kernel(type) : new Region(RegionKind.Memory, 4)), slot));
                walk.State.Current = next;
                return new Scalar(t.Comparison(Predicate.NotEqual, next, Constant.Null(next.Type.Region)));
            case "get_Current" when walk.State.Current is { } current:
                return walk.Type is null ? new Scalar(t.Emit(new Load(current, 0, MemoryWidth.U32, IrType.I32))) : new Pointer(current);
            case "Dispose" when walk.State.Slot is { } slot:
                t.Emit(new KernelFunctionCall($"{walk.Name}_destroy", IrType.Void, slot));
                return null;
            default:
                return t.Report(Rules.Unsupported, "an iterator of the kernel is used without foreach");
        }
    }

    private static ILValue? Begin(Translator t, KernelWalk walk)
    {
        string function = $"{walk.Name}_new";
        if (KernelFunctionTable.FirstKernel(function) is { } first && t.Request.Options.Kernel is { } kernel && kernel < first)
            return t.Report(TracingRules.KernelFunction, $"{function} exists since kernel {first}; this one is {kernel.Major}.{kernel.Minor}");
        if (t.KernelTypes is not { } types || !types.TryFind(walk.Name, BtfKind.Struct, out var state))
            return t.Report(TracingRules.KernelFunction, $"this kernel has no {walk.Name}");
        if (t.UnavailableFunction(function) is { } refused) return t.Report(TracingRules.KernelFunction, refused);
        var slot = t.NewSlot((int)state.ByteSize, 8, uninitialized: true);
        List<Value> arguments = [slot];
        foreach (var argument in walk.Arguments)
        {
            if (argument is ErrorValue) return argument;
            arguments.Add(argument is Scalar number ? number.Ir : t.AddressOf(t.RealPointer(argument)));
        }
        t.Emit(new KernelFunctionCall(function, IrType.I32, [.. arguments]));
        return walk with { State = new WalkState { Slot = slot, Scope = t.Scope } };
    }
}

/// <summary>An iterator of the kernel.</summary>
/// <param name="Name">The kernel's name, without what its functions add: <c>bpf_iter_task</c>.</param>
/// <param name="Arguments">What it begins with.</param>
/// <param name="Type">The kernel's name of what it shows; null for numbers.</param>
internal sealed record KernelWalk(string Name, ILValue[] Arguments, string? Type) : ILValue
{
    /// <summary>Where it is.</summary>
    public WalkState State { get; init; } = new();

    /// <inheritdoc/>
    public bool Equals(KernelWalk? other) => other is not null && ReferenceEquals(State, other.State);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(State);
}

/// <summary>Where an iterator of the kernel is while the program is translated.</summary>
internal sealed class WalkState
{
    /// <summary>Its piece of stack; null before <c>foreach</c> began.</summary>
    public Value? Slot { get; init; }

    /// <summary>The function that has it.</summary>
    public FunctionScope? Scope { get; init; }

    /// <summary>The offset of the instruction that asks it for more: the try block around it is where it is open.</summary>
    public int Offset { get; set; }

    /// <summary>What it showed last.</summary>
    public Value? Current { get; set; }
}
