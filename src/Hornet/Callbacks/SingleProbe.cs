using Hornet.Btf;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Programs;
using Hornet.Tracing;

namespace Hornet;

/// <summary>A probe that one program serves: what its context offers, and how the program is attached.</summary>
/// <param name="Name">For messages and events: <c>tracepoint:sched:sched_switch</c>.</param>
/// <param name="Function">What the program is called after.</param>
/// <param name="Type">The kind of program.</param>
/// <param name="Sources">The values.</param>
/// <param name="Attach">Attaches the loaded program.</param>
internal sealed record SingleProbe(string Name, string Function, ProgramType Type, List<Capture> Sources, Func<BpfProgram, BpfLink> Attach)
{
    /// <summary>Where the context has a result, its bits and sign; -1: nowhere.</summary>
    public (int At, int Bits, bool Signed) Result { get; init; } = (-1, 64, true);

    /// <summary>Whether it is in a program or library: then the kernel may begin a run on a CPU while another is under way there.</summary>
    public bool IsInUserSpace => Name.StartsWith('u');

    /// <summary>For fentry and fexit: which.</summary>
    public AttachType Hook { get; init; }

    public static SingleProbe Tracepoint(string tracepoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(tracepoint);
        int colon = tracepoint.AsSpan().IndexOfAny(':', '/');
        if (colon <= 0 || colon == tracepoint.Length - 1)
            throw new ArgumentException($"'{tracepoint}' is not a tracepoint; write group:name, as in sched:sched_switch.", nameof(tracepoint));
        if (tracepoint.AsSpan().ContainsAny('*', '?'))
            throw new ArgumentException($"'{tracepoint}' names several tracepoints, whose records differ: attach to each by itself. OnSyscall(\"*\") and OnSyscallEnter(\"*\") are all system calls at once.", nameof(tracepoint));
        string group = tracepoint[..colon], name = tracepoint[(colon + 1)..];
        return new($"tracepoint:{tracepoint}", name, ProgramType.Tracepoint, CaptureSources.OfTracepoint(Tracefs.Format(group, name)), program => TracepointLink.Attach(program, group, name));
    }

    public static SingleProbe Kprobe(string function) =>
        new($"kprobe:{function}", function, ProgramType.Kprobe, CaptureSources.OfRegisters(Prototype(function)), program => KprobeLink.Attach(program, function));

    public static SingleProbe Kretprobe(string function) =>
        new($"kretprobe:{function}", function, ProgramType.Kprobe, [], program => KprobeLink.Attach(program, function, new KprobeOptions { IsReturn = true }))
        {
            Result = ResultOf(Prototype(function), CaptureSources.Registers.Result),
        };

    public static SingleProbe FunctionEntry(string function) =>
        new($"fentry:{function}", function, ProgramType.Tracing, CaptureSources.OfPrototype(RequiredPrototype(function), out _), program => TracingLink.Attach(program)) { Hook = AttachType.TraceFentry };

    public static SingleProbe FunctionExit(string function)
    {
        var prototype = RequiredPrototype(function);
        var sources = CaptureSources.OfPrototype(prototype, out int result);
        return new($"fexit:{function}", function, ProgramType.Tracing, sources, program => TracingLink.Attach(program)) { Hook = AttachType.TraceFexit, Result = ResultOf(prototype, result) };
    }

    public static SingleProbe Uprobe(string binary, string function, ProbeOptions? options) =>
        new($"uprobe:{binary}:{function}", function, ProgramType.Kprobe, CaptureSources.OfUserRegisters(),
            program => UprobeLink.Attach(program, binary, function, new UprobeOptions { Process = options?.ProcessId }));

    public static SingleProbe Uretprobe(string binary, string function, ProbeOptions? options) =>
        new($"uretprobe:{binary}:{function}", function, ProgramType.Kprobe, [],
            program => UprobeLink.Attach(program, binary, function, new UprobeOptions { IsReturn = true, Process = options?.ProcessId }))
        {
            Result = (CaptureSources.Registers.Result, 64, true),
        };

    public static SingleProbe Usdt(string binary, string? provider, string name, ProbeOptions? options)
    {
        var probe = UsdtProbe.Find(binary, provider, name, options?.ProcessId);
        return new($"usdt:{probe.Path}:{probe}", probe.Name, ProgramType.Kprobe, CaptureSources.OfUsdt(probe),
            program => UsdtLink.Attach(program, probe, new UsdtOptions { Process = options?.ProcessId }));
    }

    public static SingleProbe Sample(int frequency)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frequency);
        return new("sample", "sample", ProgramType.PerfEvent, CaptureSources.OfSample(), program =>
            PerfEventLink.Attach(program, PerfEventSource.Software(SoftwareEvent.CpuClock), new PerfEventOptions { Frequency = (ulong)frequency }));
    }

    private static BtfType? Prototype(string function) =>
        KernelBtf.IsAvailable && KernelFunctionProbe.Find(function).FirstOrDefault() is { } probe ? probe.Function.Target : null;

    private static BtfType RequiredPrototype(string function)
    {
        if (Prototype(function) is { } prototype) return prototype;
        // It says which names are close.
        TracingTarget.Function(function).Dispose();
        throw new BpfException($"The kernel's BTF has no prototype of '{function}'.");
    }

    private static (int, int, bool) ResultOf(BtfType? prototype, int at)
    {
        if (prototype is null) return (at, 64, true);
        var type = CType.OfBtf(prototype.Value.Target);
        return prototype.Value.Target.Kind == BtfKind.Void ? (-1, 64, true) : (at, type.Bits, type.IsSigned);
    }
}
