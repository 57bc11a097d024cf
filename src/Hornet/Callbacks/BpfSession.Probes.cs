using Hornet.Btf;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Programs;
using Hornet.Tracing;

namespace Hornet;

public sealed partial class BpfSession
{
    /// <summary>Calls back at a tracepoint, with the fields of its record by name.</summary>
    /// <param name="tracepoint">Written <c>group:name</c>: <c>sched:sched_process_exec</c>.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, and how much of them.</param>
    /// <remarks>Needs Linux 5.8 and tracefs.</remarks>
    /// <exception cref="BpfException">There is no such tracepoint (with close names), or the kernel refused.</exception>
    public ProbeSubscription OnTracepoint(string tracepoint, ProbeHandler handler, ProbeOptions? options = null)
    {
        var (group, name) = Split(tracepoint);
        return OnTracepoint(group, name, On(handler, $"tracepoint:{tracepoint}", Checked(options), CaptureSources.OfTracepoint(Tracefs.Format(group, name))));
    }

    /// <summary>Calls back at a tracepoint, with those of its fields that a struct names. Allocates nothing per event.</summary>
    /// <typeparam name="T">The fields, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnTracepoint(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnTracepoint<T>(string tracepoint, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged
    {
        var (group, name) = Split(tracepoint);
        return OnTracepoint(group, name, On(handler, $"tracepoint:{tracepoint}", Checked(options), CaptureSources.OfTracepoint(Tracefs.Format(group, name))));
    }

    /// <summary>Calls back when a kernel function begins (kprobe), with its parameters by name where BTF tells them.</summary>
    /// <param name="function">The function's symbol: <c>vfs_read</c>.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, and how much of them.</param>
    /// <exception cref="BpfException">There is no such function (with close names), or the kernel has no kprobes or refused.</exception>
    public ProbeSubscription OnKprobe(string function, ProbeHandler handler, ProbeOptions? options = null) =>
        OnKprobe(function, isReturn: false, On(handler, $"kprobe:{function}", Checked(options), CaptureSources.OfRegisters(Prototype(function))));

    /// <summary>Calls back when a kernel function begins (kprobe), with those of its parameters that a struct names.</summary>
    /// <inheritdoc cref="OnKprobe(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnKprobe<T>(string function, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged =>
        OnKprobe(function, isReturn: false, On(handler, $"kprobe:{function}", Checked(options), CaptureSources.OfRegisters(Prototype(function))));

    /// <summary>Calls back when a kernel function returns (kretprobe), with its result.</summary>
    /// <inheritdoc cref="OnKprobe(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnKretprobe(string function, ProbeHandler handler, ProbeOptions? options = null) =>
        OnKprobe(function, isReturn: true, On(handler, $"kretprobe:{function}", Checked(options), []) with { Result = Result(Prototype(function), CaptureSources.Registers.Result) });

    /// <summary>Calls back when a kernel function begins (fentry, 5.5): cheaper than a kprobe, and with typed parameters.</summary>
    /// <param name="function">The function: <c>vfs_read</c>.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, and how much of them.</param>
    /// <exception cref="BpfException">There is no such function in the kernel's BTF (with close names), or the kernel refused.</exception>
    public ProbeSubscription OnFunctionEntry(string function, ProbeHandler handler, ProbeOptions? options = null) =>
        OnFunction(function, AttachType.TraceFentry, On(handler, $"fentry:{function}", Checked(options), CaptureSources.OfPrototype(RequiredPrototype(function), out _)));

    /// <summary>Calls back when a kernel function begins (fentry), with those of its parameters that a struct names.</summary>
    /// <inheritdoc cref="OnFunctionEntry(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnFunctionEntry<T>(string function, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged =>
        OnFunction(function, AttachType.TraceFentry, On(handler, $"fentry:{function}", Checked(options), CaptureSources.OfPrototype(RequiredPrototype(function), out _)));

    /// <summary>Calls back when a kernel function returns (fexit, 5.5), with its parameters and its result.</summary>
    /// <inheritdoc cref="OnFunctionEntry(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnFunctionExit(string function, ProbeHandler handler, ProbeOptions? options = null)
    {
        var prototype = RequiredPrototype(function);
        var sources = CaptureSources.OfPrototype(prototype, out int result);
        return OnFunction(function, AttachType.TraceFexit, On(handler, $"fexit:{function}", Checked(options), sources) with { Result = Result(prototype, result) });
    }

    /// <summary>Calls back when a kernel function returns (fexit), with those of its parameters that a struct names, and its result.</summary>
    /// <inheritdoc cref="OnFunctionEntry(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnFunctionExit<T>(string function, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged
    {
        var prototype = RequiredPrototype(function);
        var sources = CaptureSources.OfPrototype(prototype, out int result);
        return OnFunction(function, AttachType.TraceFexit, On(handler, $"fexit:{function}", Checked(options), sources) with { Result = Result(prototype, result) });
    }

    /// <summary>Calls back when a function of a program or library begins, with its arguments as numbers <c>arg0</c>, <c>arg1</c>…</summary>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="function">The function's symbol.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such binary or function (with close names), or the kernel refused.</exception>
    public ProbeSubscription OnUprobe(string binary, string function, ProbeHandler handler, ProbeOptions? options = null) =>
        OnUprobe(binary, function, isReturn: false, options, On(handler, $"uprobe:{binary}:{function}", Checked(options), CaptureSources.OfUserRegisters()));

    /// <summary>Calls back when a function of a program or library begins, with those of its arguments that a struct names (<c>Arg0</c>…).</summary>
    /// <inheritdoc cref="OnUprobe(string, string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnUprobe<T>(string binary, string function, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged =>
        OnUprobe(binary, function, isReturn: false, options, On(handler, $"uprobe:{binary}:{function}", Checked(options), CaptureSources.OfUserRegisters()));

    /// <summary>Calls back when a function of a program or library returns, with its result.</summary>
    /// <inheritdoc cref="OnUprobe(string, string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnUretprobe(string binary, string function, ProbeHandler handler, ProbeOptions? options = null) =>
        OnUprobe(binary, function, isReturn: true, options, On(handler, $"uretprobe:{binary}:{function}", Checked(options), []) with { Result = (CaptureSources.Registers.Result, 64, true) });

    /// <summary>Calls back at a static probe of a program or library (USDT), with its arguments <c>arg0</c>, <c>arg1</c>…</summary>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="provider">The provider; null for whichever has a probe of that name.</param>
    /// <param name="name">The probe's name.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such binary or probe (with close names), or the kernel refused.</exception>
    public ProbeSubscription OnUsdt(string binary, string? provider, string name, ProbeHandler handler, ProbeOptions? options = null)
    {
        var probe = UsdtProbe.Find(binary, provider, name, options?.ProcessId);
        return OnUsdt(probe, options, On(handler, $"usdt:{probe.Path}:{probe}", Checked(options), CaptureSources.OfUsdt(probe)));
    }

    /// <summary>Calls back at a static probe of a program or library (USDT), with those of its arguments that a struct names (<c>Arg0</c>…).</summary>
    /// <inheritdoc cref="OnUsdt(string, string, string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnUsdt<T>(string binary, string? provider, string name, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged
    {
        var probe = UsdtProbe.Find(binary, provider, name, options?.ProcessId);
        return OnUsdt(probe, options, On(handler, $"usdt:{probe.Path}:{probe}", Checked(options), CaptureSources.OfUsdt(probe)));
    }

    /// <summary>Calls back for samples of what the CPUs do, with the fields <c>ip</c> and <c>sample_period</c>.</summary>
    /// <param name="frequency">Samples per second and CPU.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events.</param>
    /// <exception cref="BpfException">The kernel refused: the frequency is above <c>kernel.perf_event_max_sample_rate</c>, for instance.</exception>
    public ProbeSubscription OnSample(int frequency, ProbeHandler handler, ProbeOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frequency);
        var plan = On(handler, "sample", Checked(options), CaptureSources.OfSample());
        return Attach(plan, "sample", ProgramType.PerfEvent, program =>
            PerfEventLink.Attach(program, PerfEventSource.Software(SoftwareEvent.CpuClock), new PerfEventOptions { Frequency = (ulong)frequency }));
    }

    /// <summary>A callback whose layout is known, and whose program is not made yet.</summary>
    private sealed record Planned(string Probe, CapturePlan Plan, ProbeOptions Options, Func<ProbeSchema, ProbeGroup> MakeGroup)
    {
        /// <summary>Where the context has a result, its bits and sign.</summary>
        public (int At, int Bits, bool Signed) Result { get; init; } = (-1, 64, true);
    }

    private static Planned On(ProbeHandler handler, string probe, ProbeOptions options, List<Capture> sources)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new(probe, CapturePlanner.InOrder(sources, options, probe), options, schema => new NamedGroup(new Dictionary<uint, ProbeSchema> { [0] = schema }, handler));
    }

    private static Planned On<T>(ProbeHandler<T> handler, string probe, ProbeOptions options, List<Capture> sources) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new(probe, CapturePlanner.As<T>(sources, options, probe), options, schema => new TypedGroup<T>(schema, handler));
    }

    private ProbeSubscription OnTracepoint(string group, string name, Planned planned) =>
        Attach(planned, name, ProgramType.Tracepoint, program => TracepointLink.Attach(program, group, name));

    private ProbeSubscription OnKprobe(string function, bool isReturn, Planned planned) =>
        Attach(planned, function, ProgramType.Kprobe, program => KprobeLink.Attach(program, function, new KprobeOptions { IsReturn = isReturn }));

    private ProbeSubscription OnUprobe(string binary, string function, bool isReturn, ProbeOptions? options, Planned planned) =>
        Attach(planned, function, ProgramType.Kprobe, program => UprobeLink.Attach(program, binary, function, new UprobeOptions { IsReturn = isReturn, Process = options?.ProcessId }));

    private ProbeSubscription OnUsdt(UsdtProbe probe, ProbeOptions? options, Planned planned) =>
        Attach(planned, probe.Name, ProgramType.Kprobe, program => UsdtLink.Attach(program, probe, new UsdtOptions { Process = options?.ProcessId }));

    private ProbeSubscription OnFunction(string function, AttachType hook, Planned planned)
    {
        using var target = TracingTarget.Function(function);
        return Attach(planned, function, ProgramType.Tracing, program => TracingLink.Attach(program), target.For(), hook);
    }

    private ProbeSubscription Attach(Planned planned, string name, ProgramType type, Func<BpfProgram, BpfLink> attach, ProgramLoadOptions? load = null, AttachType hook = default) => Subscribe(subscription =>
    {
        ProbeSchema schema = new(planned.Probe, [.. planned.Plan.Captures.Select(c => c.Field)], resultIsError: false);
        int group = subscription.AddGroup(_ => planned.MakeGroup(schema));
        CaptureCode code = new(planned.Plan, planned.Options, group, Callbacks.ReaderThread);
        Isa.Instruction[] instructions = code.Single(planned.Result.At, planned.Result.Bits, planned.Result.Signed);
        var program = subscription.Own(Callbacks.Load(ProgramName(name), type, instructions, load, hook));
        subscription.Own(attach(program));
        subscription.ProbeNames.Add(planned.Probe);
    });

    private static BtfType? Prototype(string function) =>
        KernelBtf.IsAvailable && KernelFunctionProbe.Find(function).FirstOrDefault() is { } probe ? probe.Function.Target : null;

    private static BtfType RequiredPrototype(string function)
    {
        if (Prototype(function) is { } prototype) return prototype;
        // It says which names are close.
        TracingTarget.Function(function).Dispose();
        throw new BpfException($"The kernel's BTF has no prototype of '{function}'.");
    }

    private static (int, int, bool) Result(BtfType? prototype, int at)
    {
        if (prototype is null) return (at, 64, true);
        var type = CType.OfBtf(prototype.Value.Target);
        return prototype.Value.Target.Kind == BtfKind.Void ? (-1, 64, true) : (at, type.Bits, type.IsSigned);
    }

    private static (string Group, string Name) Split(string tracepoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(tracepoint);
        int colon = tracepoint.AsSpan().IndexOfAny(':', '/');
        return colon > 0 && colon < tracepoint.Length - 1
            ? (tracepoint[..colon], tracepoint[(colon + 1)..])
            : throw new ArgumentException($"'{tracepoint}' is not a tracepoint; write group:name, as in sched:sched_switch.", nameof(tracepoint));
    }

    // The kernel keeps 15 bytes, of letters, digits, '_' and '.'.
    private static string ProgramName(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_').Take(15));
}
