using Hornet.Script.Types;

namespace Hornet.Script.Probes;

/// <summary>A place that the parts of an attach point describe.</summary>
internal abstract class PointTarget(AttachPoint point) : ProbeTarget
{
    /// <summary>The attach point; without patterns.</summary>
    public AttachPoint Point { get; } = point;

    public override ProbeType Type => Point.Type;
    public override string FullName { get; } = point.FullName;
}

/// <summary>What Hornet runs itself: begin, end, a signal to itself, tests and measurements.</summary>
internal sealed class SelfTarget(AttachPoint point) : PointTarget(point)
{
    // Tests and measurements need a result and repetition, which raw tracepoints cannot be run with.
    public override ProgramType ProgramType => Type is ProbeType.Test or ProbeType.Bench ? ProgramType.Xdp : ProgramType.RawTracepoint;
}

/// <summary>A function of the kernel, by a breakpoint or its tracing entry: kprobe, kretprobe.</summary>
internal sealed class KprobeTarget(AttachPoint point, bool isMany) : PointTarget(point)
{
    public override ProgramType ProgramType => ProgramType.Kprobe;
    public override AttachType AttachType => isMany ? AttachType.TraceKprobeMulti : default;
    public override string? FunctionName => Point.Function.Length > 0 ? Point.Function : null;
    public override ScriptArgument? ReturnValue => Type == ProbeType.Kretprobe ? Registers.Result : null;
    public override ScriptArgument? NumberedArgument(int index) => Type == ProbeType.Kprobe ? Registers.Argument(index, isUser: false) : null;
    public override bool HasRegisters => true;
    public override ScriptType? ContextType => KernelContext.Registers;
}

/// <summary>A function of the kernel or of a BPF program through BTF: fentry, fexit.</summary>
internal sealed class FentryTarget(AttachPoint point, IReadOnlyList<ScriptArgument>? arguments, ScriptArgument? result) : PointTarget(point)
{
    private CompositeType? _type;

    public override ProgramType ProgramType => ProgramType.Tracing;
    public override AttachType AttachType => Type == ProbeType.Fexit ? AttachType.TraceFexit : AttachType.TraceFentry;
    public override string? FunctionName => Point.Function;

    /// <summary>The program that is probed, by its id; null for the kernel.</summary>
    public uint? ProgramId => Point.Target == "bpf" ? Point.BpfProgram : null;
    public override string? AttachTo => Point.Target is "" or "vmlinux" or "bpf" ? Point.Function : $"{Point.Target}:{Point.Function}";
    public override IReadOnlyList<ScriptArgument>? Arguments => arguments;
    public override CompositeType? ArgumentsType => arguments is null ? null : _type ??= KernelContext.WordsType($"{FullName}_args", arguments);
    public override ScriptArgument? ReturnValue => Type == ProbeType.Fexit ? result : null;
}

/// <summary>A tracepoint with its record.</summary>
internal sealed class TracepointTarget(AttachPoint point, Func<(IReadOnlyList<ScriptArgument> Arguments, CompositeType Type)?> record) : PointTarget(point)
{
    private (IReadOnlyList<ScriptArgument> Arguments, CompositeType Type)? _record;
    private bool _isRead;

    // Reading a format takes the kernel longer than all else of a probe; most scripts use no field of it.
    private (IReadOnlyList<ScriptArgument> Arguments, CompositeType Type)? Record
    {
        get
        {
            if (!_isRead) (_record, _isRead) = (record(), true);
            return _record;
        }
    }

    public override ProgramType ProgramType => ProgramType.Tracepoint;
    public override IReadOnlyList<ScriptArgument>? Arguments => Record?.Arguments;
    public override CompositeType? ArgumentsType => Record?.Type;

    // What programs hand to system calls are their own pointers.
    public override AddressSpace DefaultSpace => Point.Target == "syscalls" ? AddressSpace.User : AddressSpace.Kernel;
}

/// <summary>A tracepoint's own arguments, typed by BTF.</summary>
internal sealed class RawTracepointTarget(AttachPoint point, string module, IReadOnlyList<ScriptArgument> arguments) : PointTarget(point)
{
    private CompositeType? _type;

    public override ProgramType ProgramType => ProgramType.Tracing;
    public override AttachType AttachType => AttachType.TraceRawTp;
    public override string? AttachTo => module == "vmlinux" ? Point.Function : $"{module}:{Point.Function}";
    public override IReadOnlyList<ScriptArgument>? Arguments => arguments;
    public override CompositeType? ArgumentsType => _type ??= KernelContext.WordsType($"{FullName}_args", arguments);
    public override ScriptArgument? NumberedArgument(int index) =>
        index is >= 0 and < Registers.Arguments ? new ScriptArgument($"arg{index}", IntegerType.UInt64, new ArgumentLocation.ContextWord(index)) : null;
}

/// <summary>A regular event on every processor (profile) or one (interval).</summary>
internal sealed class TimerTarget(AttachPoint point) : PointTarget(point)
{
    public override ProgramType ProgramType => ProgramType.PerfEvent;
    public override ScriptType? ContextType => KernelContext.PerfEvent;
    public override bool HasRegisters => true;

    /// <summary>Nanoseconds between two; null for a frequency.</summary>
    public ulong? Period => Point.Target switch
    {
        "s" => Point.Frequency * 1_000_000_000,
        "ms" => Point.Frequency * 1_000_000,
        "us" => Point.Frequency * 1_000,
        _ => null,
    };
}

/// <summary>A counter of the kernel or the processor that runs over, or a watched address.</summary>
internal sealed class CounterTarget(AttachPoint point) : PointTarget(point)
{
    public override ProgramType ProgramType => ProgramType.PerfEvent;
    public override ScriptType? ContextType => KernelContext.PerfEvent;
    public override bool HasRegisters => true;
}

/// <summary>A walk over objects of the kernel.</summary>
internal sealed class IterTarget(AttachPoint point, CompositeType context, IReadOnlyList<ScriptArgument> arguments) : PointTarget(point)
{
    public override ProgramType ProgramType => ProgramType.Tracing;
    public override AttachType AttachType => AttachType.TraceIter;
    public override string? AttachTo => Point.Function;
    public override IReadOnlyList<ScriptArgument>? Arguments => arguments;
    public override CompositeType? ArgumentsType => context;
    public override ScriptType? ContextType => context;
}
