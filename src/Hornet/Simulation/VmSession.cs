using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Btf;
using Hornet.Compiler;
using Hornet.IL;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Printing;
using Hornet.Vm;

namespace Hornet;

/// <summary>
/// Compiles C# to programs as <see cref="BpfSession"/> does, for a machine in user space: to test kernel code on any system, without a
/// kernel and without privileges. Nothing is attached; a program is run with a context of the test's making
/// (<see cref="VmContext"/>) and answers with what it returned.
/// <para>
/// Maps that are created while the session is open, in the same flow of control, are maps of the machine: kernel code
/// captures them as ever, and the test reads and writes them by their own members (indexers, <c>Set</c>, <c>TryGetValue</c>,
/// enumeration, <c>BpfGlobal.Value</c>). Only what needs a descriptor does not work: pins, batches of other processes, maps in maps.
/// </para>
/// </summary>
public sealed partial class VmSession : IDisposable
{
    private const int PrintBufferSize = 256 * 1024;

    private readonly CompilerOptions _options = new() { IsaLevel = IsaLevel.V4 };
    private readonly IDisposable _maps;
    private readonly List<string> _printed = [];
    private PrintChannel? _prints;
    private int _loaded;

    /// <summary>Opens a session with a machine of its own.</summary>
    /// <param name="options">How the machine is set up; null for the defaults. It has as many CPUs as this computer, because per-CPU maps show a value for each.</param>
    public VmSession(VmOptions? options = null)
    {
        Machine = new BpfMachine((options ?? new VmOptions()) with { CpuCount = CpuList.PossibleCount });
        _maps = Machine.OwnMaps();
    }

    /// <summary>The machine: its process and clock, memory to read, helpers of the test's own.</summary>
    public BpfMachine Machine { get; }

    /// <summary>The lines of <see cref="Bpf.Print"/> so far, oldest first.</summary>
    public IReadOnlyList<string> Printed
    {
        get
        {
            if (_prints is { } prints)
            {
                foreach (var record in ((VmEventMap)Machine.Map(prints.Ring)).Drain()) prints.Take(record.Data);
            }
            return _printed;
        }
    }

    /// <summary>Makes an XDP program. Run it with <see cref="VmContext.Xdp"/>; its <see cref="VmResult.ReturnCode"/> is an <c>XdpAction</c>.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name, for messages.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    public VmProgram LoadXdp([KernelCode] Func<XdpContext, XdpAction> kernel, string name = "xdp") => Load(KernelCode.Xdp(name, Given(kernel)));

    /// <summary>Makes a tc program. Run it with <see cref="VmContext.Skb"/>; its <see cref="VmResult.ReturnCode"/> is a <see cref="TcAction"/>.</summary>
    /// <inheritdoc cref="LoadXdp"/>
    public VmProgram LoadTc([KernelCode] Func<SkbContext, TcAction> kernel, string name = "tc") => Load(KernelCode.Network(name, $"tc:{name}", ProgramType.SchedCls, kernel));

    /// <summary>Makes a socket filter. Run it with <see cref="VmContext.Skb"/>; its <see cref="VmResult.ReturnCode"/> is the number of bytes kept.</summary>
    /// <inheritdoc cref="LoadXdp"/>
    public VmProgram LoadSocketFilter([KernelCode] Func<SkbContext, int> kernel, string name = "socketFilter") =>
        Load(KernelCode.Network(name, $"socket filter:{name}", ProgramType.SocketFilter, kernel));

    /// <summary>Makes a program for the packets that a control group receives. Run it with <see cref="VmContext.Skb"/>; its <see cref="VmResult.ReturnCode"/> is a <see cref="CgroupVerdict"/>.</summary>
    /// <inheritdoc cref="LoadXdp"/>
    public VmProgram LoadCgroupIngress([KernelCode] Func<SkbContext, CgroupVerdict> kernel, string name = "cgroupIngress") =>
        Load(KernelCode.Network(name, $"cgroup/cgroupingress:{name}", ProgramType.CgroupSkb, kernel, AttachType.CgroupInetIngress));

    /// <summary>Makes a program for the packets that a control group sends. Run it with <see cref="VmContext.Skb"/>; its <see cref="VmResult.ReturnCode"/> is a <see cref="CgroupVerdict"/>.</summary>
    /// <inheritdoc cref="LoadXdp"/>
    public VmProgram LoadCgroupEgress([KernelCode] Func<SkbContext, CgroupVerdict> kernel, string name = "cgroupEgress") =>
        Load(KernelCode.Network(name, $"cgroup/cgroupegress:{name}", ProgramType.CgroupSkb, kernel, AttachType.CgroupInetEgress));

    /// <summary>Makes a tracepoint program that looks at no field. Run it without a context.</summary>
    /// <param name="tracepoint">Written <c>group:name</c>, as in <c>sched:sched_switch</c>.</param>
    /// <param name="kernel">The code.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    public VmProgram LoadTracepoint(string tracepoint, [KernelCode] Action kernel)
    {
        ArgumentException.ThrowIfNullOrEmpty(tracepoint);
        return Load(KernelCode.Tracepoint(tracepoint, Given(kernel)));
    }

    /// <summary>
    /// Makes a tracepoint program. Run it with <see cref="Record"/>. The record is laid out as the struct is: that the kernel's
    /// has these fields, so wide and of this sign, is checked when <see cref="BpfSession"/> attaches the program.
    /// </summary>
    /// <typeparam name="T">The fields; <see cref="TracepointRecordAttribute"/> names the tracepoint.</typeparam>
    /// <param name="kernel">The code: <c>(in SchedSwitch e) => …</c>.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    public VmProgram LoadTracepoint<T>([KernelCode] TracepointKernel<T> kernel) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(kernel);
        string tracepoint = typeof(T).GetCustomAttribute<TracepointRecordAttribute>()?.Name ?? typeof(T).Name;
        return Load(KernelCode.TracepointRecord(tracepoint, kernel, RecordFormat.Of(typeof(T), tracepoint)));
    }

    /// <summary>Makes a program at a kernel function's beginning. Run it with <see cref="VmContext.PtRegs"/>.</summary>
    /// <param name="function">The function. Where the kernel's types are at hand, parameters are found by its parameters' names; else by position.</param>
    /// <param name="kernel">The code.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    public VmProgram LoadKprobe(string function, [KernelCode] Delegate kernel) => Load(KernelCode.Kprobe(function, isReturn: false, Given(kernel)));

    /// <summary>Makes a program at a kernel function's return. Run it with <see cref="VmContext.PtRegs"/>.</summary>
    /// <inheritdoc cref="LoadKprobe"/>
    public VmProgram LoadKretprobe(string function, [KernelCode] Delegate kernel) => Load(KernelCode.Kprobe(function, isReturn: true, Given(kernel)));

    /// <summary>
    /// Makes a program at a tracepoint's function, given its arguments by address. Run it with <see cref="VmContext.Arguments"/>: pointers are addresses
    /// of the machine's memory (<see cref="BpfMachine.AddMemory"/>), laid out as this computer's kernel has its types.
    /// </summary>
    /// <param name="name">The tracepoint, without its group.</param>
    /// <param name="kernel">The code. Parameters are found as <see cref="BpfSession.AttachRawTracepoint"/> finds them.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="BpfException">This computer's kernel does not describe its types, or has no such tracepoint.</exception>
    public VmProgram LoadRawTracepoint(string name, [KernelCode] Delegate kernel) => Load(WithTypes(name, () => KernelCode.RawTracepoint(name, Given(kernel))));

    /// <summary>Makes a program at a tracepoint's function, given its arguments with the kernel's types.</summary>
    /// <inheritdoc cref="LoadRawTracepoint"/>
    public VmProgram LoadTypedTracepoint(string name, [KernelCode] Delegate kernel) => Load(WithTypes(name, () => KernelCode.TypedTracepoint(name, Given(kernel))));

    /// <summary>Makes a program at a kernel function's beginning, given its arguments with the kernel's types.</summary>
    /// <param name="function">The function.</param>
    /// <param name="kernel">The code. Parameters are found as <see cref="BpfSession.AttachFentry"/> finds them.</param>
    /// <inheritdoc cref="LoadRawTracepoint"/>
    public VmProgram LoadFentry(string function, [KernelCode] Delegate kernel) => Load(WithTypes(function, () => KernelCode.Trampoline(function, AttachType.TraceFentry, Given(kernel), sleepable: false)));

    /// <summary>Makes a program at a kernel function's return; the result is the last of <see cref="VmContext.Arguments"/>.</summary>
    /// <inheritdoc cref="LoadFentry"/>
    public VmProgram LoadFexit(string function, [KernelCode] Delegate kernel) => Load(WithTypes(function, () => KernelCode.Trampoline(function, AttachType.TraceFexit, Given(kernel), sleepable: false)));

    /// <summary>Makes a program at a hook of the security modules; the decision is its <see cref="VmResult.ReturnCode"/>, what came before it the last of <see cref="VmContext.Arguments"/>.</summary>
    /// <param name="hook">The hook: <c>file_open</c>.</param>
    /// <param name="kernel">The code. Parameters are found as <see cref="BpfSession.AttachLsm"/> finds them.</param>
    /// <inheritdoc cref="LoadRawTracepoint"/>
    public VmProgram LoadLsm(string hook, [KernelCode] Delegate kernel) => Load(WithTypes(hook, () => KernelCode.SecurityHook(hook, Given(kernel), sleepable: false)));

    /// <summary>A tracepoint's record for a program of <see cref="LoadTracepoint{T}"/>. Texts and pointers are addresses of the machine's memory (<see cref="BpfMachine.AddMemory"/>).</summary>
    /// <param name="record">The fields.</param>
    public static VmContext Record<T>(in T record) where T : unmanaged
    {
        var bytes = new byte[RecordFormat.CommonBytes + Unsafe.SizeOf<T>()];
        MemoryMarshal.Write(bytes.AsSpan(RecordFormat.CommonBytes), in record);
        return VmContext.Tracepoint(bytes);
    }

    /// <summary>The machine's map that a map of this session is, to look at it by bytes.</summary>
    /// <exception cref="BpfException">The map was not created in this session.</exception>
    public VmMap Map(MapView map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Machine.Map(map);
    }

    /// <summary>Takes the records that programs submitted, oldest first.</summary>
    /// <exception cref="BpfException">The ring buffer was not created in this session.</exception>
    public IReadOnlyList<T> Take<T>(BpfRingBuffer<T> events) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(events);
        return [.. ((VmEventMap)Machine.Map(((IEventBuffer)events).Map)).Drain().Select(record => MemoryMarshal.Read<T>(record.Data))];
    }

    /// <summary>Ends the session: maps that are created from now on are the kernel's again.</summary>
    public void Dispose()
    {
        _maps.Dispose();
        _prints?.Dispose();
    }

    // What is probed is known by the types of a kernel: this computer's.
    private static KernelCode WithTypes(string name, Func<KernelCode> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!OperatingSystem.IsLinux() || !KernelBtf.IsAvailable)
            throw new BpfException($"A program at {name} is made with the types of this computer's kernel (BTF), and there are none. LoadKprobe and LoadTracepoint<T> do without them.");
        return make();
    }

    private static T Given<T>(T kernel, [CallerArgumentExpression(nameof(kernel))] string? name = null) where T : Delegate => kernel ?? throw new ArgumentNullException(name);

    private VmProgram Load(KernelCode code)
    {
        var result = code.Compile(_options, Prints);
        // Constants are in a map that is called after the object.
        result.Object.Name = $"{code.Name}_{++_loaded}";
        var maps = result.BoundMaps.ToDictionary(bound => bound.Key, bound => Machine.Map(bound.Value));
        return Machine.Load(result.Object, new VmObjectOptions { Maps = maps }).Program(code.Name);
    }

    private PrintChannel Prints()
    {
        if (_prints is not null) return _prints;
        // Also when the program is loaded elsewhere than where the session was opened.
        using var maps = Machine.OwnMaps();
        return _prints = new PrintChannel(PrintBufferSize, _printed.Add);
    }
}
