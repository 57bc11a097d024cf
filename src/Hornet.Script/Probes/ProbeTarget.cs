using Hornet.Links;
using Hornet.Programs;
using Hornet.Script.Runtime;
using Hornet.Script.Types;

namespace Hornet.Script.Probes;

/// <summary>The kinds of probes, by their full names.</summary>
internal enum ProbeType
{
    Begin, End, Self, Test, Bench, Kprobe, Kretprobe, Fentry, Fexit, Tracepoint, RawTracepoint, Uprobe, Uretprobe, Usdt,
    Profile, Interval, Software, Hardware, Watchpoint, Iter,
    // Beyond bpftrace, with verdicts.
    Xdp, Tc, Cgroup, Lsm,
}

/// <summary>Where an argument of a probe is when its program starts.</summary>
internal abstract record ArgumentLocation
{
    /// <summary>Bytes of the context itself, laid out as the argument's type: a tracepoint's record, a field of a packet context.</summary>
    public sealed record ContextBytes(int Offset) : ArgumentLocation;

    /// <summary>A field of a packet context that is declared with 4 bytes and read as an address: where the packet begins or ends.</summary>
    public sealed record PacketAddress(int Offset) : ArgumentLocation;

    /// <summary>
    /// A word of 8 bytes of the context: BTF tracepoints, fentry, fexit, raw tracepoints, and iterators (a pointer the verifier
    /// knows the type of, which may be null).
    /// </summary>
    public sealed record ContextWord(int Index) : ArgumentLocation;

    /// <summary>A register, by its offset in <c>struct pt_regs</c>; the low bytes for smaller types.</summary>
    public sealed record Register(int Offset) : ArgumentLocation;

    /// <summary>Memory at the stack pointer plus an offset, of the user (uprobe) or kernel (kprobe).</summary>
    public sealed record StackSlot(int Offset, bool IsUser) : ArgumentLocation;

    /// <summary>As a USDT note says; sites of one probe may differ (see <see cref="ProbeTarget.Sites"/>).</summary>
    public sealed record Usdt(int Index) : ArgumentLocation;
}

/// <summary>An argument of a probe.</summary>
internal sealed record ScriptArgument(string Name, ScriptType Type, ArgumentLocation Location)
{
    /// <summary>A tracepoint's text or array whose place stands in the record (<c>__data_loc</c>).</summary>
    public bool IsDataLocation { get; init; }
}

/// <summary>One concrete place a program is attached to: an attach point after its patterns were expanded.</summary>
internal abstract class ProbeTarget
{
    public abstract ProbeType Type { get; }

    /// <summary>As <c>probe</c> and lists give it: <c>tracepoint:sched:sched_switch</c>, <c>uprobe:/bin/bash:readline</c>.</summary>
    public abstract string FullName { get; }

    /// <summary>What <c>func</c> is when it is known before; null when the instruction pointer tells, or nothing does.</summary>
    public virtual string? FunctionName => null;

    public abstract ProgramType ProgramType { get; }
    public virtual AttachType AttachType => default;
    public virtual ProgramFlags ProgramFlags => default;

    /// <summary>What the program is loaded for: the function of fentry, the event of tp_btf, the iterator; null for others.</summary>
    public virtual string? AttachTo => null;

    /// <summary>
    /// The arguments by name (<c>args.x</c>); null when the probe has none that are known. Targets whose arguments are equal share
    /// one program.
    /// </summary>
    public virtual IReadOnlyList<ScriptArgument>? Arguments => null;

    /// <summary>The type behind <c>args</c> as a whole, where it can be copied: a tracepoint's record; null else.</summary>
    public virtual CompositeType? ArgumentsType => null;

    /// <summary>What <c>retval</c> is and where; null when the probe has none.</summary>
    public virtual ScriptArgument? ReturnValue => null;

    /// <summary>Whether <c>arg0</c> and so on can be read, and where; null when the probe has none of that number.</summary>
    public virtual ScriptArgument? NumberedArgument(int index) => null;

    /// <summary>Whether the context is <c>struct pt_regs</c>: <c>reg("ip")</c>, <c>func</c>, user or kernel stacks from registers.</summary>
    public virtual bool HasRegisters => false;

    /// <summary>The type that <c>ctx</c> points to; null when it is opaque.</summary>
    public virtual ScriptType? ContextType => null;

    /// <summary>Types that are known at this place alone: a program's own, of its debug information; null when there are none.</summary>
    public virtual ITypeSource? Types => null;

    /// <summary>Where pointers without an address space go here.</summary>
    public virtual AddressSpace DefaultSpace => AddressSpace.Kernel;

    /// <summary>USDT: the sites, whose arguments may lie at different places; the program asks its cookie which one it is at.</summary>
    public virtual IReadOnlyList<UsdtSite>? Sites => null;

    /// <summary>
    /// USDT: where the arguments lie, by <see cref="UsdtSite.Layout"/>. Where they differ, the cookie of each site is the number of its
    /// layout, as <see cref="UsdtLink"/> sets it.
    /// </summary>
    public virtual IReadOnlyList<IReadOnlyList<UsdtArgument>>? Layouts => null;

    /// <summary>How many probes attaching it counts as.</summary>
    public virtual int Count => 1;
}

/// <summary>Expands attach points.</summary>
internal interface IProbeResolver
{
    /// <summary>What the script's <c>config</c> block says, known before anything is resolved.</summary>
    ScriptConfig Config { get; set; }

    /// <summary>
    /// All places a written attach point means, most specific error messages to <paramref name="report"/> (an error that ends the
    /// script, unless missing probes are configured to be warnings or ignored). Empty with a report, or when ignored.
    /// </summary>
    IReadOnlyList<ProbeTarget> Resolve(Syntax.AttachPointSyntax attachPoint, string text, Source.DiagnosticBag report);
}
