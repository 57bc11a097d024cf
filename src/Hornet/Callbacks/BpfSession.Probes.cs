namespace Hornet;

public sealed partial class BpfSession
{
    /// <summary>Calls back at a tracepoint, with the fields of its record by name.</summary>
    /// <param name="tracepoint">Written <c>group:name</c>: <c>sched:sched_process_exec</c>.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <remarks>Needs Linux 5.8 and tracefs.</remarks>
    /// <exception cref="BpfException">There is no such tracepoint (with close names), or the kernel refused.</exception>
    public ProbeSubscription OnTracepoint(string tracepoint, ProbeHandler handler, ProbeOptions? options = null) => OnTracepoint(tracepoint, options).Subscribe(handler);

    /// <summary>The same, with those of its values that a struct names. Allocates nothing per event.</summary>
    /// <typeparam name="T">The values, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnTracepoint(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnTracepoint<T>(string tracepoint, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged => OnTracepoint<T>(tracepoint, options).Subscribe(handler);

    /// <summary>Calls back when a kernel function begins (kprobe), with its parameters by name where BTF tells them.</summary>
    /// <param name="function">The function's symbol: <c>vfs_read</c>.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such function (with close names), or the kernel has no kprobes or refused.</exception>
    public ProbeSubscription OnKprobe(string function, ProbeHandler handler, ProbeOptions? options = null) => OnKprobe(function, options).Subscribe(handler);

    /// <summary>The same, with those of its values that a struct names. Allocates nothing per event.</summary>
    /// <typeparam name="T">The values, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnKprobe(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnKprobe<T>(string function, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged => OnKprobe<T>(function, options).Subscribe(handler);

    /// <summary>Calls back when a kernel function returns (kretprobe), with its result.</summary>
    /// <param name="function">The function's symbol: <c>vfs_read</c>.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such function (with close names), or the kernel has no kprobes or refused.</exception>
    public ProbeSubscription OnKretprobe(string function, ProbeHandler handler, ProbeOptions? options = null) => OnKretprobe(function, options).Subscribe(handler);

    /// <summary>Calls back when a kernel function begins (fentry, 5.5): cheaper than a kprobe, and with typed parameters.</summary>
    /// <param name="function">The function: <c>vfs_read</c>.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such function in the kernel's BTF (with close names), or the kernel refused.</exception>
    public ProbeSubscription OnFunctionEntry(string function, ProbeHandler handler, ProbeOptions? options = null) => OnFunctionEntry(function, options).Subscribe(handler);

    /// <summary>The same, with those of its values that a struct names. Allocates nothing per event.</summary>
    /// <typeparam name="T">The values, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnFunctionEntry(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnFunctionEntry<T>(string function, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged => OnFunctionEntry<T>(function, options).Subscribe(handler);

    /// <summary>Calls back when a kernel function returns (fexit, 5.5), with its parameters and its result.</summary>
    /// <param name="function">The function: <c>vfs_read</c>.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such function in the kernel's BTF (with close names), or the kernel refused.</exception>
    public ProbeSubscription OnFunctionExit(string function, ProbeHandler handler, ProbeOptions? options = null) => OnFunctionExit(function, options).Subscribe(handler);

    /// <summary>The same, with those of its values that a struct names. Allocates nothing per event.</summary>
    /// <typeparam name="T">The values, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnFunctionExit(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnFunctionExit<T>(string function, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged => OnFunctionExit<T>(function, options).Subscribe(handler);

    /// <summary>Calls back when a function of a program or library begins, with its arguments as numbers <c>arg0</c>, <c>arg1</c>…</summary>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="function">The function's symbol.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such binary or function (with close names), or the kernel refused.</exception>
    public ProbeSubscription OnUprobe(string binary, string function, ProbeHandler handler, ProbeOptions? options = null) => OnUprobe(binary, function, options).Subscribe(handler);

    /// <summary>The same, with those of its values that a struct names. Allocates nothing per event.</summary>
    /// <typeparam name="T">The values, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnUprobe(string, string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnUprobe<T>(string binary, string function, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged => OnUprobe<T>(binary, function, options).Subscribe(handler);

    /// <summary>Calls back when a function of a program or library returns, with its result.</summary>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="function">The function's symbol.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such binary or function (with close names), or the kernel refused.</exception>
    public ProbeSubscription OnUretprobe(string binary, string function, ProbeHandler handler, ProbeOptions? options = null) => OnUretprobe(binary, function, options).Subscribe(handler);

    /// <summary>Calls back at a static probe of a program or library (USDT), with its arguments <c>arg0</c>, <c>arg1</c>…</summary>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="provider">The provider; null for whichever has a probe of that name.</param>
    /// <param name="name">The probe's name.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">There is no such binary or probe (with close names), or the kernel refused.</exception>
    public ProbeSubscription OnUsdt(string binary, string? provider, string name, ProbeHandler handler, ProbeOptions? options = null) => OnUsdt(binary, provider, name, options).Subscribe(handler);

    /// <summary>The same, with those of its values that a struct names. Allocates nothing per event.</summary>
    /// <typeparam name="T">The values, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnUsdt(string, string, string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnUsdt<T>(string binary, string? provider, string name, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged => OnUsdt<T>(binary, provider, name, options).Subscribe(handler);

    /// <summary>Calls back for samples of what the CPUs do, with the fields <c>ip</c> and <c>sample_period</c>.</summary>
    /// <param name="frequency">Samples per second and CPU.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, how much of them, and which arguments are text (<see cref="ProbeOptions.Texts"/>).</param>
    /// <exception cref="BpfException">The kernel refused: the frequency is above <c>kernel.perf_event_max_sample_rate</c>, for instance.</exception>
    public ProbeSubscription OnSample(int frequency, ProbeHandler handler, ProbeOptions? options = null) => OnSample(frequency, options).Subscribe(handler);
}
