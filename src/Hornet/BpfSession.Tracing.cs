using System.Reflection;
using Hornet.IL;
using Hornet.KernelTypes;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet;

/// <summary>Kernel code at a tracepoint, given the fields of its record that a struct names.</summary>
/// <typeparam name="T">The fields.</typeparam>
/// <param name="record">The record.</param>
public delegate void TracepointKernel<T>(in T record) where T : unmanaged;

/// <summary>Names the tracepoint that a struct is the record of.</summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class TracepointRecordAttribute : Attribute
{
    /// <summary>Names the tracepoint, written <c>group:name</c>.</summary>
    public TracepointRecordAttribute(string name) => Name = name;

    /// <summary>The tracepoint: <c>sched:sched_switch</c>.</summary>
    public string Name { get; }
}

// Probes. A lambda's parameters are the arguments of what is probed: by name where the names are the kernel's (case and
// underscores do not count), by position elsewhere. They are checked when the program is made.
public sealed partial class BpfSession
{
    /// <summary>Runs kernel code at a tracepoint (4.7), given the fields of its record that a struct names.</summary>
    /// <typeparam name="T">
    /// The fields by name: numbers as wide as the kernel's and of their sign, <see cref="KernelString"/> for text in the record,
    /// <see cref="UserString"/> and <see cref="UserPtr{T}"/> for arguments of system calls, arrays of fixed size.
    /// </typeparam>
    /// <param name="tracepoint">Written <c>group:name</c>, as in <c>sched:sched_switch</c>.</param>
    /// <param name="kernel">The code: <c>(in SchedSwitch e) => …</c>.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel, or a field does not fit; every reason is in it.</exception>
    /// <exception cref="BpfException">There is no such tracepoint.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public TracepointLink AttachTracepoint<T>(string tracepoint, [KernelCode] TracepointKernel<T> kernel, TracepointOptions? options = null) where T : unmanaged =>
        AttachTracepoint(tracepoint, (Delegate)kernel, options);

    /// <summary>Runs kernel code at the tracepoint that a struct is the record of (<see cref="TracepointRecordAttribute"/>).</summary>
    /// <inheritdoc cref="AttachTracepoint{T}(string, TracepointKernel{T}, TracepointOptions)"/>
    public TracepointLink AttachTracepoint<T>([KernelCode] TracepointKernel<T> kernel, TracepointOptions? options = null) where T : unmanaged =>
        typeof(T).GetCustomAttribute<TracepointRecordAttribute>() is { } attribute
            ? AttachTracepoint(attribute.Name, (Delegate)kernel, options)
            : throw new ArgumentException($"{typeof(T).Name} does not name its tracepoint: give the name, or put [TracepointRecord(\"group:name\")] on it.", nameof(kernel));

    /// <summary>Runs kernel code at a tracepoint (4.7), given fields of its record as parameters of their names.</summary>
    /// <param name="tracepoint">Written <c>group:name</c>, as in <c>sched:sched_switch</c>.</param>
    /// <param name="kernel">The code: <c>(int prevPid, int nextPid) => …</c>.</param>
    /// <param name="options">How to attach.</param>
    /// <inheritdoc cref="AttachTracepoint{T}(string, TracepointKernel{T}, TracepointOptions)"/>
    public TracepointLink AttachTracepoint(string tracepoint, [KernelCode] Delegate kernel, TracepointOptions? options = null)
    {
        var (group, name) = GroupAndName(tracepoint);
        return Own(TracepointLink.Attach(LoadTracepoint(tracepoint, kernel), group, name, options));
    }

    /// <summary>Loads kernel code for a tracepoint without attaching it.</summary>
    /// <inheritdoc cref="AttachTracepoint(string, Delegate, TracepointOptions)"/>
    public BpfProgram LoadTracepoint(string tracepoint, [KernelCode] Delegate kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var (group, name) = GroupAndName(tracepoint);
        return Load(KernelCode.TracepointFields(group, name, kernel));
    }

    /// <summary>
    /// Runs kernel code at a tracepoint (4.17), given what its function in the kernel is given. Objects are read by address;
    /// <see cref="AttachBtfTracepoint"/> reads them directly.
    /// </summary>
    /// <param name="name">The tracepoint without its group: <c>sched_switch</c>.</param>
    /// <param name="kernel">The code: <c>(TaskStruct prev, TaskStruct next) => …</c>.</param>
    /// <param name="options">How to attach.</param>
    /// <inheritdoc cref="AttachTracepoint{T}(string, TracepointKernel{T}, TracepointOptions)"/>
    public RawTracepointLink AttachRawTracepoint(string name, [KernelCode] Delegate kernel, RawTracepointOptions? options = null) =>
        Own(RawTracepointLink.Attach(LoadRawTracepoint(name, kernel), name, options));

    /// <summary>Loads kernel code for a raw tracepoint without attaching it.</summary>
    /// <inheritdoc cref="AttachRawTracepoint"/>
    public BpfProgram LoadRawTracepoint(string name, [KernelCode] Delegate kernel) => LoadProbe(name, kernel, KernelCode.RawTracepoint);

    /// <summary>
    /// Runs kernel code at a tracepoint (tp_btf, 5.5), given what its function in the kernel is given, with types the verifier
    /// knows: the cheapest way to read objects.
    /// </summary>
    /// <param name="name">The tracepoint without its group: <c>sched_switch</c>.</param>
    /// <param name="kernel">The code: <c>(TaskStruct prev, TaskStruct next) => …</c>.</param>
    /// <param name="options">How to attach.</param>
    /// <inheritdoc cref="AttachTracepoint{T}(string, TracepointKernel{T}, TracepointOptions)"/>
    public RawTracepointLink AttachBtfTracepoint(string name, [KernelCode] Delegate kernel, RawTracepointOptions? options = null) =>
        Own(RawTracepointLink.AttachTyped(LoadBtfTracepoint(name, kernel), options));

    /// <summary>Loads kernel code for a BTF tracepoint without attaching it.</summary>
    /// <inheritdoc cref="AttachBtfTracepoint"/>
    public BpfProgram LoadBtfTracepoint(string name, [KernelCode] Delegate kernel) => LoadProbe(name, kernel, KernelCode.TypedTracepoint);

    /// <summary>Runs kernel code when a function of the kernel begins (fentry, 5.5), given its parameters.</summary>
    /// <param name="function">The function: <c>vfs_read</c>.</param>
    /// <param name="kernel">The code: <c>(KernelFile file, UserPtr&lt;byte&gt; buf, ulong count) => …</c>.</param>
    /// <param name="options">How to attach.</param>
    /// <param name="sleepable">Whether the code may sleep (5.10), which few functions allow.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel, or its parameters are not the function's; every reason is in it.</exception>
    /// <exception cref="BpfException">There is no such function (with close names), or the kernel refused.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public TracingLink AttachFentry(string function, [KernelCode] Delegate kernel, TracingOptions? options = null, bool sleepable = false) =>
        Own(TracingLink.Attach(LoadFentry(function, kernel, sleepable), options));

    /// <summary>Loads kernel code for a function's beginning without attaching it.</summary>
    /// <inheritdoc cref="AttachFentry"/>
    public BpfProgram LoadFentry(string function, [KernelCode] Delegate kernel, bool sleepable = false) => LoadTrampoline(function, AttachType.TraceFentry, kernel, sleepable);

    /// <summary>Runs kernel code when a function of the kernel returns (fexit, 5.5), given its parameters and its <c>result</c>.</summary>
    /// <param name="function">The function: <c>vfs_read</c>.</param>
    /// <param name="kernel">The code: <c>(KernelFile file, long result) => …</c>.</param>
    /// <param name="options">How to attach.</param>
    /// <param name="sleepable">Whether the code may sleep (5.10), which few functions allow.</param>
    /// <inheritdoc cref="AttachFentry"/>
    public TracingLink AttachFexit(string function, [KernelCode] Delegate kernel, TracingOptions? options = null, bool sleepable = false) =>
        Own(TracingLink.Attach(LoadFexit(function, kernel, sleepable), options));

    /// <summary>Loads kernel code for a function's return without attaching it.</summary>
    /// <inheritdoc cref="AttachFexit"/>
    public BpfProgram LoadFexit(string function, [KernelCode] Delegate kernel, bool sleepable = false) => LoadTrampoline(function, AttachType.TraceFexit, kernel, sleepable);

    /// <summary>
    /// Runs kernel code before a function of the kernel (fmod_ret, 5.7): when it returns anything but 0, the function is not run
    /// and that is its result. System calls, security hooks and functions marked for error injection only.
    /// </summary>
    /// <param name="function">The function: <c>security_file_open</c>.</param>
    /// <param name="kernel">The code; it returns an int.</param>
    /// <param name="options">How to attach.</param>
    /// <param name="sleepable">Whether the code may sleep (5.10), which few functions allow.</param>
    /// <inheritdoc cref="AttachFentry"/>
    public TracingLink AttachFmodRet(string function, [KernelCode] Delegate kernel, TracingOptions? options = null, bool sleepable = false) =>
        Own(TracingLink.Attach(LoadFmodRet(function, kernel, sleepable), options));

    /// <summary>Loads kernel code that decides a function's result without attaching it.</summary>
    /// <inheritdoc cref="AttachFmodRet"/>
    public BpfProgram LoadFmodRet(string function, [KernelCode] Delegate kernel, bool sleepable = false) => LoadTrampoline(function, AttachType.ModifyReturn, kernel, sleepable);

    /// <summary>
    /// Runs kernel code at a hook of the security modules (5.7, with <c>bpf</c> among the kernel's <c>lsm=</c>): it returns 0, or a
    /// negative error number to forbid what is about to be done.
    /// </summary>
    /// <param name="hook">The hook: <c>file_open</c>.</param>
    /// <param name="kernel">The code: <c>(KernelFile file) => … ? -13 : 0</c>.</param>
    /// <param name="options">How to attach.</param>
    /// <param name="sleepable">Whether the code may sleep (5.10), which some hooks allow.</param>
    /// <inheritdoc cref="AttachFentry"/>
    public LsmLink AttachLsm(string hook, [KernelCode] Delegate kernel, TracingOptions? options = null, bool sleepable = false) =>
        Own(LsmLink.Attach(LoadLsm(hook, kernel, sleepable), options));

    /// <summary>Loads kernel code for a hook of the security modules without attaching it.</summary>
    /// <inheritdoc cref="AttachLsm"/>
    public BpfProgram LoadLsm(string hook, [KernelCode] Delegate kernel, bool sleepable = false) => LoadProbe(hook, kernel, (name, code) => KernelCode.SecurityHook(name, code, sleepable));

    /// <summary>
    /// Runs kernel code at a hook of the security modules for the processes of one control group and those below it (6.0): it
    /// returns 1 to allow what is about to be done, 0 to forbid it.
    /// </summary>
    /// <param name="cgroup">The folder of the control group, in a cgroup2 mount.</param>
    /// <param name="hook">The hook: <c>socket_bind</c>.</param>
    /// <param name="kernel">The code; it returns an int.</param>
    /// <inheritdoc cref="AttachFentry"/>
    public LsmCgroupLink AttachLsmCgroup(string cgroup, string hook, [KernelCode] Delegate kernel) =>
        Own(LsmCgroupLink.Attach(LoadProbe(hook, kernel, (name, code) => KernelCode.SecurityHook(name, code, sleepable: false, AttachType.LsmCgroup)), cgroup));

    /// <summary>Runs kernel code when a function of the kernel begins (kprobe, 4.1), given those of its parameters that are in registers.</summary>
    /// <param name="function">The function's symbol: <c>vfs_read</c>. Where the kernel's BTF has it, types and number of the parameters are checked.</param>
    /// <param name="kernel">The code: <c>(KernelFile file, UserPtr&lt;byte&gt; buf, ulong count) => …</c>; a <see cref="ProbeContext"/> has all registers.</param>
    /// <param name="options">How to attach.</param>
    /// <inheritdoc cref="AttachFentry"/>
    public KprobeLink AttachKprobe(string function, [KernelCode] Delegate kernel, KprobeOptions? options = null)
    {
        if (options is { IsReturn: true }) throw new ArgumentException("A probe at the return is attached with AttachKretprobe.", nameof(options));
        return Own(KprobeLink.Attach(LoadKprobe(function, kernel), function, options));
    }

    /// <summary>Loads kernel code for a function's beginning (kprobe) without attaching it.</summary>
    /// <inheritdoc cref="AttachKprobe"/>
    public BpfProgram LoadKprobe(string function, [KernelCode] Delegate kernel) => LoadProbe(function, kernel, (name, code) => KernelCode.Kprobe(name, isReturn: false, code));

    /// <summary>Runs kernel code when a function of the kernel returns (kretprobe, 4.1), given its <c>result</c>.</summary>
    /// <param name="function">The function's symbol: <c>vfs_read</c>.</param>
    /// <param name="kernel">The code: <c>(long result) => …</c>.</param>
    /// <param name="options">How to attach.</param>
    /// <inheritdoc cref="AttachFentry"/>
    public KprobeLink AttachKretprobe(string function, [KernelCode] Delegate kernel, KprobeOptions? options = null) =>
        Own(KprobeLink.Attach(LoadKretprobe(function, kernel), function, (options ?? new()) with { IsReturn = true }));

    /// <summary>Loads kernel code for a function's return (kretprobe) without attaching it.</summary>
    /// <inheritdoc cref="AttachKretprobe"/>
    public BpfProgram LoadKretprobe(string function, [KernelCode] Delegate kernel) => LoadProbe(function, kernel, (name, code) => KernelCode.Kprobe(name, isReturn: true, code));

    /// <summary>Runs kernel code when any of many functions of the kernel begins (kprobe.multi, 5.18), attached at once.</summary>
    /// <param name="pattern">Functions by a name with <c>*</c> and <c>?</c>: <c>tcp_*</c>.</param>
    /// <param name="kernel">The code. Its parameters are the first arguments as they lie in the registers, unchecked.</param>
    /// <inheritdoc cref="AttachFentry"/>
    public KprobeMultiLink AttachKprobeMulti(string pattern, [KernelCode] Delegate kernel) =>
        Own(KprobeMultiLink.AttachPattern(LoadProbe(pattern, kernel, (name, code) => KernelCode.Kprobe(name, isReturn: false, code, AttachType.TraceKprobeMulti)), pattern));

    /// <summary>Runs kernel code when any of many functions of the kernel returns (kretprobe.multi, 5.18), given its <c>result</c>.</summary>
    /// <param name="pattern">Functions by a name with <c>*</c> and <c>?</c>.</param>
    /// <param name="kernel">The code.</param>
    /// <inheritdoc cref="AttachFentry"/>
    public KprobeMultiLink AttachKretprobeMulti(string pattern, [KernelCode] Delegate kernel) =>
        Own(KprobeMultiLink.AttachPattern(LoadProbe(pattern, kernel, (name, code) => KernelCode.Kprobe(name, isReturn: true, code, AttachType.TraceKprobeMulti)), pattern, new() { IsReturn = true }));

    /// <summary>
    /// Runs kernel code when any of many functions of the kernel begins and again when it returns (kprobe.session, 6.10).
    /// <see cref="Bpf.IsReturn"/> tells which; <see cref="Bpf.SessionCookie"/> carries a number from one to the other.
    /// </summary>
    /// <param name="pattern">Functions by a name with <c>*</c> and <c>?</c>.</param>
    /// <param name="kernel">The code. It may return an int: 1 at the beginning leaves the return out.</param>
    /// <inheritdoc cref="AttachFentry"/>
    public KprobeMultiLink AttachKprobeSession(string pattern, [KernelCode] Delegate kernel) =>
        Own(KprobeMultiLink.AttachPattern(LoadProbe(pattern, kernel, (name, code) => KernelCode.Kprobe(name, isReturn: false, code, AttachType.TraceKprobeSession)), pattern));

    /// <summary>Runs kernel code when a function of a program or library begins (uprobe, 4.1), given its arguments by position.</summary>
    /// <param name="binary">A path, or the name of an executable or library: <c>libc.so.6</c>.</param>
    /// <param name="function">The function's symbol: <c>getaddrinfo</c>.</param>
    /// <param name="kernel">The code: <c>(UserString node, UserString service) => …</c>. Nothing tells the types, so they are as the lambda says.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="BpfException">There is no such binary or function (with close names), or the kernel refused.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public UprobeLink AttachUprobe(string binary, string function, [KernelCode] Delegate kernel, UprobeOptions? options = null)
    {
        if (options is { IsReturn: true }) throw new ArgumentException("A probe at the return is attached with AttachUretprobe.", nameof(options));
        return Own(UprobeLink.Attach(LoadUprobe(binary, function, kernel), binary, function, options));
    }

    /// <summary>Loads kernel code for a function's beginning (uprobe) without attaching it.</summary>
    /// <inheritdoc cref="AttachUprobe"/>
    public BpfProgram LoadUprobe(string binary, string function, [KernelCode] Delegate kernel) => LoadProbe(function, kernel, (name, code) => KernelCode.Uprobe(binary, name, isReturn: false, code));

    /// <summary>Runs kernel code when a function of a program or library returns (uretprobe, 4.1), given its <c>result</c>.</summary>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="function">The function's symbol.</param>
    /// <param name="kernel">The code: <c>(int result) => …</c>.</param>
    /// <param name="options">How to attach.</param>
    /// <inheritdoc cref="AttachUprobe"/>
    public UprobeLink AttachUretprobe(string binary, string function, [KernelCode] Delegate kernel, UprobeOptions? options = null) =>
        Own(UprobeLink.Attach(LoadUretprobe(binary, function, kernel), binary, function, (options ?? new()) with { IsReturn = true }));

    /// <summary>Loads kernel code for a function's return (uretprobe) without attaching it.</summary>
    /// <inheritdoc cref="AttachUretprobe"/>
    public BpfProgram LoadUretprobe(string binary, string function, [KernelCode] Delegate kernel) => LoadProbe(function, kernel, (name, code) => KernelCode.Uprobe(binary, name, isReturn: true, code));

    /// <summary>Runs kernel code when any of many functions of a program or library begins (uprobe.multi, 6.6), attached at once.</summary>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="pattern">Functions by a name with <c>*</c> and <c>?</c>.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach; <see cref="UprobeMultiOptions.IsReturn"/> for the returns.</param>
    /// <inheritdoc cref="AttachUprobe"/>
    public UprobeMultiLink AttachUprobeMulti(string binary, string pattern, [KernelCode] Delegate kernel, UprobeMultiOptions? options = null) =>
        Own(UprobeMultiLink.AttachPattern(LoadProbe(pattern, kernel, (name, code) => KernelCode.Uprobe(binary, name, options?.IsReturn == true, code, AttachType.TraceUprobeMulti)), binary, pattern, options));

    /// <summary>
    /// Runs kernel code when any of many functions of a program or library begins and again when it returns (uprobe.session,
    /// 6.13). <see cref="Bpf.IsReturn"/> tells which; <see cref="Bpf.SessionCookie"/> carries a number from one to the other.
    /// </summary>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="pattern">Functions by a name with <c>*</c> and <c>?</c>.</param>
    /// <param name="kernel">The code. It may return an int: 1 at the beginning leaves the return out.</param>
    /// <param name="options">How to attach.</param>
    /// <inheritdoc cref="AttachUprobe"/>
    public UprobeMultiLink AttachUprobeSession(string binary, string pattern, [KernelCode] Delegate kernel, UprobeMultiOptions? options = null) =>
        Own(UprobeMultiLink.AttachPattern(LoadProbe(pattern, kernel, (name, code) => KernelCode.Uprobe(binary, name, isReturn: false, code, AttachType.TraceUprobeSession)), binary, pattern, options));

    /// <summary>Runs kernel code at a static probe of a program or library (USDT), given its arguments by position.</summary>
    /// <param name="binary">A path, or the name of an executable or library.</param>
    /// <param name="provider">The provider; null for whichever has a probe of that name.</param>
    /// <param name="name">The probe's name.</param>
    /// <param name="kernel">The code: <c>(int fd, UserString path) => …</c>. Widths are checked against the binary's notes.</param>
    /// <param name="options">How to attach.</param>
    /// <remarks>Where the arguments lie differently at the probe's places, Linux 5.15 is needed.</remarks>
    /// <inheritdoc cref="AttachUprobe"/>
    public UsdtLink AttachUsdt(string binary, string? provider, string name, [KernelCode] Delegate kernel, UsdtOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var probe = UsdtProbe.Find(binary, provider, name, options?.Process);
        return Own(UsdtLink.Attach(Load(KernelCode.Usdt(probe, kernel)), probe, options));
    }

    /// <summary>Runs kernel code at samples of an event (4.9): so many times a second, or every so many events.</summary>
    /// <param name="source">The event: <c>PerfEventSource.Software(SoftwareEvent.CpuClock)</c> for a profile.</param>
    /// <param name="kernel">The code: <c>() => …</c> or <c>(PerfSample sample) => …</c>.</param>
    /// <param name="options">How often, and for which processes and CPUs.</param>
    /// <inheritdoc cref="AttachUprobe"/>
    public PerfEventLink AttachPerfEvent(PerfEventSource source, [KernelCode] Delegate kernel, PerfEventOptions? options = null) =>
        Own(PerfEventLink.Attach(LoadPerfEvent(kernel), source, options));

    /// <summary>Loads kernel code for samples of an event without attaching it.</summary>
    /// <param name="kernel">The code: <c>() => …</c> or <c>(PerfSample sample) => …</c>.</param>
    /// <inheritdoc cref="AttachUprobe"/>
    public BpfProgram LoadPerfEvent([KernelCode] Delegate kernel) => LoadProbe("sample", kernel, KernelCode.PerfEvent);

    /// <summary>
    /// Makes kernel code that runs for each object of a kind (5.8) whenever somebody reads: <see cref="IteratorLink.OpenRead"/>. It
    /// writes with <see cref="Bpf.SeqWrite{T}(in T)"/>.
    /// </summary>
    /// <param name="kind">The kind: <c>task</c>, <c>task_file</c>, <c>bpf_map</c>, <c>bpf_map_elem</c>, <c>tcp</c>…</param>
    /// <param name="kernel">The code: <c>(TaskStruct task) => …</c>; <c>(in TKey key, ref TValue value) => …</c> for the elements of a map.</param>
    /// <param name="options">What is gone over: a map, a process, a control group.</param>
    /// <param name="sleepable">Whether the code may sleep (6.1).</param>
    /// <remarks>The kernel runs an iterator once more at its end, without an object; the code is not run then.</remarks>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel, or its parameters are not the iterator's; every reason is in it.</exception>
    /// <exception cref="BpfException">There is no such iterator (with close names), or the kernel refused.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public IteratorLink AttachIterator(string kind, [KernelCode] Delegate kernel, IteratorOptions? options = null, bool sleepable = false) =>
        Own(IteratorLink.Attach(LoadIterator(kind, kernel, sleepable), options));

    /// <summary>Loads kernel code for an iterator without attaching it.</summary>
    /// <inheritdoc cref="AttachIterator"/>
    public BpfProgram LoadIterator(string kind, [KernelCode] Delegate kernel, bool sleepable = false) => LoadProbe(kind, kernel, (name, code) => KernelCode.Iterator(name, code, sleepable));

    /// <summary>Loads kernel code that is run when asked to (5.14), with a struct that both sides read and write.</summary>
    /// <typeparam name="T">The struct, at most 64 KiB.</typeparam>
    /// <param name="kernel">The code: <c>(ref Request request) => { … return 0; }</c>. It may sleep, and call functions of the kernel (<see cref="KernelFunctionAttribute"/>).</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public SyscallProgram<T> LoadSyscall<T>([KernelCode] SyscallKernel<T> kernel) where T : unmanaged => new(LoadProbe("syscall", kernel, KernelCode.Syscall));

    private static (string Group, string Name) GroupAndName(string tracepoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(tracepoint);
        int colon = tracepoint.AsSpan().IndexOfAny(':', '/');
        return colon > 0 && colon < tracepoint.Length - 1
            ? (tracepoint[..colon], tracepoint[(colon + 1)..])
            : throw new ArgumentException($"'{tracepoint}' is not a tracepoint; write group:name, as in sched:sched_switch.", nameof(tracepoint));
    }

    private BpfProgram LoadTrampoline(string function, AttachType hook, Delegate kernel, bool sleepable) =>
        LoadProbe(function, kernel, (name, code) => KernelCode.Trampoline(name, hook, code, sleepable));

    private BpfProgram LoadProbe(string name, Delegate kernel, Func<string, Delegate, KernelCode> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(kernel);
        return Load(make(name, kernel));
    }
}
