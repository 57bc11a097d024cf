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
    public ProbeSubscription OnSyscall(string name, ProbeHandler handler, ProbeOptions? options = null) => OnSyscalls(name, handler, options, atEntry: false);

    /// <summary>Calls back when a system call begins, with its arguments by name.</summary>
    /// <inheritdoc cref="OnSyscall(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnSyscallEnter(string name, ProbeHandler handler, ProbeOptions? options = null) => OnSyscalls(name, handler, options, atEntry: true);

    /// <summary>Calls back when a system call has returned, with those of its arguments that a struct names. Allocates nothing per event.</summary>
    /// <typeparam name="T">
    /// A struct whose fields have the arguments' names (<c>Fd</c>, <c>UmyAddr</c>): numbers, enums, and for text types of
    /// bytes marked <c>[InlineArray]</c>, such as <see cref="Text128"/>.
    /// </typeparam>
    /// <inheritdoc cref="OnSyscall(string, ProbeHandler, ProbeOptions)"/>
    public ProbeSubscription OnSyscall<T>(string name, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged => OnSyscall(name, handler, options, atEntry: false);

    /// <summary>Calls back when a system call begins, with those of its arguments that a struct names. Allocates nothing per event.</summary>
    /// <inheritdoc cref="OnSyscall{T}(string, ProbeHandler{T}, ProbeOptions)"/>
    public ProbeSubscription OnSyscallEnter<T>(string name, ProbeHandler<T> handler, ProbeOptions? options = null) where T : unmanaged => OnSyscall(name, handler, options, atEntry: true);

    private ProbeSubscription OnSyscall<T>(string name, ProbeHandler<T> handler, ProbeOptions? options, bool atEntry) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(handler);
        options = Checked(options);
        var probe = SyscallProbe.Get(name);
        return Subscribe(subscription =>
        {
            var plan = CapturePlanner.As<T>(CaptureSources.OfSyscall(probe), options, probe.ToString());
            ProbeSchema schema = new(probe.ToString(), [.. plan.Captures.Select(c => c.Field)], resultIsError: true);
            int group = subscription.AddGroup(_ => new TypedGroup<T>(schema, handler));
            SyscallPrograms programs = new(Callbacks, subscription, options, atEntry);
            programs.Add([probe], plan, group);
            programs.Attach();
        });
    }

    private ProbeSubscription OnSyscalls(string name, ProbeHandler handler, ProbeOptions? options, bool atEntry)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(handler);
        options = Checked(options);
        IReadOnlyList<SyscallProbe> probes = name.AsSpan().ContainsAny('*', '?') ? SyscallProbe.Find(name) : [SyscallProbe.Get(name)];
        if (probes.Count == 0) throw new BpfException($"No system call matches '{name}'.");
        return Subscribe(subscription =>
        {
            SyscallPrograms programs = new(Callbacks, subscription, options, atEntry);
            // Calls whose arguments are of the same kinds share their programs: 360 calls need a few dozen.
            foreach (var alike in probes.Select(p => (Probe: p, Sources: CaptureSources.OfSyscall(p))).GroupBy(p => Shape(p.Probe, p.Sources)))
            {
                Dictionary<uint, ProbeSchema> schemas = [];
                CapturePlan? shared = null;
                foreach (var (probe, sources) in alike)
                {
                    var plan = CapturePlanner.InOrder(sources, options, probe.ToString());
                    shared ??= plan;
                    schemas[SyscallPrograms.NumberOf(probe)] = new(probe.ToString(), [.. plan.Captures.Select(c => c.Field)], resultIsError: true);
                }
                int group = subscription.AddGroup(_ => new NamedGroup(schemas, handler));
                programs.Add([.. alike.Select(a => a.Probe)], shared!, group);
            }
            programs.Attach();
        });
    }

    private static string Shape(SyscallProbe probe, List<Capture> sources) =>
        string.Concat(sources.Select(s => $"{s.Field.Kind},{s.LengthAt},{s.LengthIsPointer};")) + (probe.NeverReturns ? "never" : SyscallPrograms.ReplacesMemory(probe) ? "exec" : "");

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
