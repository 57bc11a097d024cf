using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Options of <see cref="TracepointLink"/>.</summary>
public sealed record TracepointOptions
{
    /// <summary>A value the program gets from <c>bpf_get_attach_cookie</c> (5.15); 0 for none.</summary>
    public ulong Cookie { get; init; }
}

/// <summary>A program on a tracepoint of the kernel: <c>sched/sched_switch</c>. Linux 4.7.</summary>
/// <remarks>
/// The program runs for every process on every CPU: perf's pid and CPU filters do not hold for it. Its context is the
/// record that <see cref="Tracefs.Format"/> describes.
/// </remarks>
public sealed class TracepointLink : PerfLink
{
    private static readonly AttachNeeds s_needs = new("tracepoint", new Version(4, 7), "CONFIG_BPF_EVENTS", "CAP_BPF and CAP_PERFMON, and read access to tracefs");

    private TracepointLink(string group, string name) : base($"tracepoint {group}/{name}")
    {
        Group = group;
        Name = name;
    }

    /// <summary>The subsystem: <c>sched</c>.</summary>
    public string Group { get; }

    /// <summary>The event: <c>sched_switch</c>.</summary>
    public string Name { get; }

    /// <summary>Attaches a program of type <see cref="ProgramType.Tracepoint"/>.</summary>
    /// <param name="program">The program.</param>
    /// <param name="group">The subsystem: <c>sched</c>.</param>
    /// <param name="name">The event: <c>sched_switch</c>.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="BpfSyscallException">There is no such tracepoint (with close names), or the kernel refused.</exception>
    public static TracepointLink Attach(BpfProgram program, string group, string name, TracepointOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        Require.Type(program, ProgramType.Tracepoint, "a tracepoint");
        uint id = Tracefs.EventId(group, name);
        TracepointLink link = new(group, name);
        try
        {
            PerfEventAttr attr = new() { Type = PerfEvent.TypeTracepoint, Config = id, SamplePeriod = 1, WakeupEvents = 1 };
            // The program sees every CPU and process whatever is said here; one event on CPU 0 carries it.
            var perfEvent = PerfEvent.TryOpen(ref attr, pid: -1, cpu: 0, link.Description)
                ?? throw AttachError.Create($"open {link.Description}", Libc.LastError, s_needs);
            link.AttachTo(perfEvent, program, options?.Cookie ?? 0, s_needs);
            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>Attaches to a tracepoint written as <c>group/name</c> or <c>group:name</c>.</summary>
    public static TracepointLink Attach(BpfProgram program, string tracepoint, TracepointOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(tracepoint);
        int slash = tracepoint.AsSpan().IndexOfAny('/', ':');
        return slash > 0 && slash < tracepoint.Length - 1
            ? Attach(program, tracepoint[..slash], tracepoint[(slash + 1)..], options)
            : throw new ArgumentException($"'{tracepoint}' is not a tracepoint; write group/name, as in sched/sched_switch.", nameof(tracepoint));
    }
}
