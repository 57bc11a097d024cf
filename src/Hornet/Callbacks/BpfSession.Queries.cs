namespace Hornet;

// Events that are chosen and changed by lambdas in the kernel before they are received.
public sealed partial class BpfSession
{
    /// <summary>Events to be chosen from at a tracepoint, with the fields of its record by name.</summary>
    /// <param name="tracepoint">Written <c>group:name</c>: <c>sched:sched_process_exec</c>.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <remarks>Needs Linux 5.8 and tracefs.</remarks>
    /// <exception cref="BpfException">There is no such tracepoint (with close names), or the kernel refused.</exception>
    public ProbeQuery OnTracepoint(string tracepoint, ProbeOptions? options = null) => Query(SingleProbe.Tracepoint(tracepoint), options);

    /// <summary>The same, with those of its values that a struct names.</summary>
    /// <typeparam name="T">The values, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnTracepoint(string, ProbeOptions)"/>
    public ProbeQuery<T> OnTracepoint<T>(string tracepoint, ProbeOptions? options = null) where T : unmanaged => Query<T>(SingleProbe.Tracepoint(tracepoint), options);

    /// <summary>Events to be chosen from when a kernel function begins (kprobe), with its parameters by name where BTF tells them.</summary>
    /// <param name="function">The function's symbol: <c>vfs_read</c>.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such function (with close names), or the kernel has no kprobes or refused.</exception>
    public ProbeQuery OnKprobe(string function, ProbeOptions? options = null) => Query(SingleProbe.Kprobe(function), options);

    /// <summary>The same, with those of its values that a struct names.</summary>
    /// <typeparam name="T">The values, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnKprobe(string, ProbeOptions)"/>
    public ProbeQuery<T> OnKprobe<T>(string function, ProbeOptions? options = null) where T : unmanaged => Query<T>(SingleProbe.Kprobe(function), options);

    /// <summary>Events to be chosen from when a kernel function returns (kretprobe), with its result.</summary>
    /// <param name="function">The function's symbol: <c>vfs_read</c>.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such function (with close names), or the kernel has no kprobes or refused.</exception>
    public ProbeQuery OnKretprobe(string function, ProbeOptions? options = null) => Query(SingleProbe.Kretprobe(function), options);

    /// <summary>Events to be chosen from when a kernel function begins (fentry, 5.5): cheaper than a kprobe, and with typed parameters.</summary>
    /// <param name="function">The function: <c>vfs_read</c>.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such function in the kernel's BTF (with close names), or the kernel refused.</exception>
    public ProbeQuery OnFunctionEntry(string function, ProbeOptions? options = null) => Query(SingleProbe.FunctionEntry(function), options);

    /// <summary>The same, with those of its values that a struct names.</summary>
    /// <typeparam name="T">The values, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnFunctionEntry(string, ProbeOptions)"/>
    public ProbeQuery<T> OnFunctionEntry<T>(string function, ProbeOptions? options = null) where T : unmanaged => Query<T>(SingleProbe.FunctionEntry(function), options);

    /// <summary>Events to be chosen from when a kernel function returns (fexit, 5.5), with its parameters and its result.</summary>
    /// <param name="function">The function: <c>vfs_read</c>.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such function in the kernel's BTF (with close names), or the kernel refused.</exception>
    public ProbeQuery OnFunctionExit(string function, ProbeOptions? options = null) => Query(SingleProbe.FunctionExit(function), options);

    /// <summary>The same, with those of its values that a struct names.</summary>
    /// <typeparam name="T">The values, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnFunctionExit(string, ProbeOptions)"/>
    public ProbeQuery<T> OnFunctionExit<T>(string function, ProbeOptions? options = null) where T : unmanaged => Query<T>(SingleProbe.FunctionExit(function), options);

    /// <summary>Events to be chosen from when a function of a program or library begins, with its arguments as numbers <c>arg0</c>, <c>arg1</c>…</summary>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="function">The function's symbol.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such binary or function (with close names), or the kernel refused.</exception>
    public ProbeQuery OnUprobe(string binary, string function, ProbeOptions? options = null) => Query(SingleProbe.Uprobe(binary, function, options), options);

    /// <summary>The same, with those of its values that a struct names.</summary>
    /// <typeparam name="T">The values, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnUprobe(string, string, ProbeOptions)"/>
    public ProbeQuery<T> OnUprobe<T>(string binary, string function, ProbeOptions? options = null) where T : unmanaged => Query<T>(SingleProbe.Uprobe(binary, function, options), options);

    /// <summary>Events to be chosen from when a function of a program or library returns, with its result.</summary>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="function">The function's symbol.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such binary or function (with close names), or the kernel refused.</exception>
    public ProbeQuery OnUretprobe(string binary, string function, ProbeOptions? options = null) => Query(SingleProbe.Uretprobe(binary, function, options), options);

    /// <summary>Events to be chosen from at a static probe of a program or library (USDT), with its arguments <c>arg0</c>, <c>arg1</c>…</summary>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="provider">The provider; null for whichever has a probe of that name.</param>
    /// <param name="name">The probe's name.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such binary or probe (with close names), or the kernel refused.</exception>
    public ProbeQuery OnUsdt(string binary, string? provider, string name, ProbeOptions? options = null) => Query(SingleProbe.Usdt(binary, provider, name, options), options);

    /// <summary>The same, with those of its values that a struct names.</summary>
    /// <typeparam name="T">The values, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnUsdt(string, string, string, ProbeOptions)"/>
    public ProbeQuery<T> OnUsdt<T>(string binary, string? provider, string name, ProbeOptions? options = null) where T : unmanaged => Query<T>(SingleProbe.Usdt(binary, provider, name, options), options);

    /// <summary>Events to be chosen from for samples of what the CPUs do, with the fields <c>ip</c> and <c>sample_period</c>.</summary>
    /// <param name="frequency">Samples per second and CPU.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">The kernel refused: the frequency is above <c>kernel.perf_event_max_sample_rate</c>, for instance.</exception>
    public ProbeQuery OnSample(int frequency, ProbeOptions? options = null) => Query(SingleProbe.Sample(frequency), options);

    private ProbeQuery Query(SingleProbe probe, ProbeOptions? options)
    {
        options = Checked(options);
        var plan = CapturePlanner.InOrder(probe.Sources, options, probe.Name);
        return new ProbeQuery((stages, make) => Attach(probe, plan, options, stages, make));
    }

    private ProbeQuery<T> Query<T>(SingleProbe probe, ProbeOptions? options) where T : unmanaged
    {
        options = Checked(options);
        var plan = CapturePlanner.As<T>(probe.Sources, options, probe.Name);
        return new ProbeQuery<T>((stages, make) => Attach(probe, plan, options, stages, make));
    }

    private ProbeSubscription Attach(SingleProbe probe, CapturePlan plan, ProbeOptions options, IReadOnlyList<KernelStage> stages, GroupMaker make) => Subscribe(subscription =>
    {
        plan = plan.WithRoomFor(stages);
        ProbeSchema schema = new(probe.Name, [.. plan.Captures.Select(c => c.Field)], resultIsError: false);
        int group = subscription.AddGroup(_ => make(new Dictionary<uint, ProbeSchema> { [0] = schema }));
        using var compiled = KernelStages.Compile(stages, schema, plan.RecordSize, probe.Type, !probe.IsInUserSpace);
        CaptureCode code = new(plan, options, group, Callbacks.ReaderThread, compiled);
        using var target = probe.Hook == default ? null : Links.TracingTarget.Function(probe.Function);
        var program = subscription.Own(Callbacks.Load(ProgramName(probe.Function), probe.Type, code.Single(probe.Result.At, probe.Result.Bits, probe.Result.Signed), target?.For(), probe.Hook, compiled.Maps));
        subscription.Own(probe.Attach(program));
        subscription.ProbeNames.Add(probe.Name);
    });

    // The kernel keeps 15 bytes, of letters, digits, '_' and '.'.
    private static string ProgramName(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_').Take(15));
}
