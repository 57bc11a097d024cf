using System.Text;
using Hornet.Tracing;

namespace Hornet;

public sealed partial class BpfSession
{
    /// <summary>
    /// Calls back when a system call has returned: with its arguments by name, its result or error, and how long it took.
    /// No kernel code needs to be written.
    /// </summary>
    /// <param name="name">The call's name, with the wildcards <c>*</c> and <c>?</c>: <c>bind</c>, <c>open*</c>, <c>*</c>.</param>
    /// <param name="handler">Runs on a thread of the session, one event after the other.</param>
    /// <param name="options">Which events, and how much of them.</param>
    /// <remarks>Calls that never return (<c>exit_group</c>) call back at their entry, without a result. Needs Linux 5.8 and tracefs.</remarks>
    /// <exception cref="BpfException">There is no such call (with close names), or the kernel refused.</exception>
    public ProbeSubscription OnSyscall(string name, ProbeHandler handler, ProbeOptions? options = null) => OnSyscall(name, options).Subscribe(handler);

    /// <summary>Calls back when a system call begins, with its arguments by name.</summary>
    /// <inheritdoc cref="OnSyscall(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnSyscallEnter(string name, ProbeHandler handler, ProbeOptions? options = null) => OnSyscallEnter(name, options).Subscribe(handler);

    /// <summary>Calls back when a system call has returned, with those of its arguments that a struct names. Allocates nothing per event.</summary>
    /// <typeparam name="T">
    /// A struct whose fields have the arguments' names (<c>Fd</c>, <c>UmyAddr</c>): numbers, enums, and for text types of
    /// bytes marked <c>[InlineArray]</c>, such as <see cref="Text128"/>.
    /// </typeparam>
    /// <inheritdoc cref="OnSyscall(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnSyscall<T>(string name, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged => OnSyscall<T>(name, options).Subscribe(handler);

    /// <summary>Calls back when a system call begins, with those of its arguments that a struct names. Allocates nothing per event.</summary>
    /// <inheritdoc cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>
    public ProbeSubscription OnSyscallEnter<T>(string name, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged => OnSyscallEnter<T>(name, options).Subscribe(handler);

    /// <summary>Returns of a system call, to be chosen from and changed by lambdas that run in the kernel.</summary>
    /// <param name="name">The call's name, with the wildcards <c>*</c> and <c>?</c>. Calls without a field that a lambda names are refused.</param>
    /// <param name="options">Which events, and how much of them.</param>
    /// <exception cref="BpfException">There is no such call (with close names).</exception>
    public ProbeQuery OnSyscall(string name, ProbeOptions? options = null) => Syscalls(name, options, atEntry: false);

    /// <summary>Beginnings of a system call, to be chosen from and changed by lambdas that run in the kernel.</summary>
    /// <inheritdoc cref="OnSyscall(string, ProbeOptions)"/>
    public ProbeQuery OnSyscallEnter(string name, ProbeOptions? options = null) => Syscalls(name, options, atEntry: true);

    /// <summary>Returns of a system call with those of its arguments that a struct names, to be chosen from and changed by lambdas that run in the kernel.</summary>
    /// <typeparam name="T">The arguments, by name. See <see cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>.</typeparam>
    /// <inheritdoc cref="OnSyscall(string, ProbeOptions)"/>
    public ProbeQuery<T> OnSyscall<T>(string name, ProbeOptions? options = null) where T : unmanaged => Syscall<T>(name, options, atEntry: false);

    /// <summary>Beginnings of a system call with those of its arguments that a struct names, to be chosen from and changed by lambdas that run in the kernel.</summary>
    /// <inheritdoc cref="OnSyscall{T}(string, ProbeOptions)"/>
    public ProbeQuery<T> OnSyscallEnter<T>(string name, ProbeOptions? options = null) where T : unmanaged => Syscall<T>(name, options, atEntry: true);

    private ProbeQuery<T> Syscall<T>(string name, ProbeOptions? options, bool atEntry) where T : unmanaged
    {
        options = Checked(options);
        var probe = SyscallProbe.Get(name);
        var planned = CapturePlanner.As<T>(CaptureSources.OfSyscall(probe), options, probe.ToString());
        return new ProbeQuery<T>((stages, make) => Subscribe(subscription =>
        {
            SyscallPrograms programs = new(Callbacks, subscription, options, atEntry, stages, make, isSingle: true);
            programs.Add([probe], planned.WithRoomFor(stages), [Schema(probe, planned)]);
            programs.Attach();
        }));
    }

    private ProbeQuery Syscalls(string name, ProbeOptions? options, bool atEntry)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        options = Checked(options);
        IReadOnlyList<SyscallProbe> probes = name.AsSpan().ContainsAny('*', '?') ? SyscallProbe.Find(name) : [SyscallProbe.Get(name)];
        if (probes.Count == 0) throw new BpfException($"No system call matches '{name}'.");
        return new ProbeQuery((stages, make) => Subscribe(subscription =>
        {
            SyscallPrograms programs = new(Callbacks, subscription, options, atEntry, stages, make, isSingle: probes.Count == 1);
            // Calls whose arguments are of the same kinds share their programs: 360 calls need a few dozen. Lambdas name the
            // arguments, so they must have the same names then.
            foreach (var alike in probes.Select(p => (Probe: p, Sources: CaptureSources.OfSyscall(p))).GroupBy(p => Shape(p.Probe, p.Sources, withNames: stages.Count > 0)))
            {
                var plans = alike.Select(a => (a.Probe, Plan: CapturePlanner.InOrder(a.Sources, options, a.Probe.ToString()))).ToList();
                programs.Add([.. alike.Select(a => a.Probe)], plans[0].Plan.WithRoomFor(stages), [.. plans.Select(p => Schema(p.Probe, p.Plan))]);
            }
            programs.Attach();
        }));
    }

    private static ProbeSchema Schema(SyscallProbe probe, CapturePlan plan) => new(probe.ToString(), [.. plan.Captures.Select(c => c.Field)], resultIsError: true);

    private static string Shape(SyscallProbe probe, List<Capture> sources, bool withNames) =>
        string.Concat(sources.Select(s => $"{(withNames ? s.Field.Name : "")},{s.Field.Kind},{s.LengthAt},{s.LengthIsPointer};")) + (probe.NeverReturns ? "never" : SyscallPrograms.ReplacesMemory(probe) ? "exec" : "");

    private static ProbeOptions Checked(ProbeOptions? options)
    {
        options ??= new ProbeOptions();
        if (options.TextSize is < 8 or > 4096 || options.TextSize % 8 != 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.TextSize, "The size of texts is a multiple of 8 from 8 to 4096.");
        if (options.ProcessName is { } name && Encoding.UTF8.GetByteCount(name) > 15)
            throw new ArgumentException($"'{name}' is longer than the 15 bytes that the kernel keeps of a process's name.", nameof(options));
        return options;
    }
}
