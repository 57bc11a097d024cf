using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Options of <see cref="PerfEventLink"/>. Exactly one of <see cref="Period"/> and <see cref="Frequency"/> is given.</summary>
public sealed record PerfEventOptions
{
    /// <summary>Run the program once per so many events (nanoseconds for clocks).</summary>
    public ulong? Period { get; init; }

    /// <summary>Run the program about so many times per second. The kernel limits it (<c>kernel.perf_event_max_sample_rate</c>).</summary>
    public ulong? Frequency { get; init; }

    /// <summary>
    /// Only this process: its threads now, and those they start later. Null for all. Before 5.13 the kernel cannot keep the
    /// processes apart that it forks later; they count too.
    /// </summary>
    public int? Process { get; init; }

    /// <summary>Only this thread. Null for all.</summary>
    public int? Thread { get; init; }

    /// <summary>Only processes in this control group (a folder of cgroup2, or of the perf_event hierarchy).</summary>
    public string? Cgroup { get; init; }

    /// <summary>Only this CPU; null for all that are online now.</summary>
    public int? Cpu { get; init; }

    /// <summary>Do not count while the kernel runs.</summary>
    public bool ExcludeKernel { get; init; }

    /// <summary>Do not count while user code runs.</summary>
    public bool ExcludeUser { get; init; }

    /// <summary>How far the sampled instruction may be off, 0 (any) to 3 (not at all; needs hardware help).</summary>
    public int Precision { get; init; }

    /// <summary>A value the program gets from <c>bpf_get_attach_cookie</c> (5.15); 0 for none.</summary>
    public ulong Cookie { get; init; }
}

/// <summary>
/// A program on perf events: run at a rate of a clock, every so many page faults or cache misses, or when an address is
/// touched. Linux 4.9. The program is of type <see cref="ProgramType.PerfEvent"/>; its context is <c>struct bpf_perf_event_data</c>.
/// </summary>
public sealed class PerfEventLink : PerfLink
{
    private static readonly AttachNeeds s_needs = new("perf event", new Version(4, 9), "CONFIG_PERF_EVENTS");

    private PerfEventLink(string description) : base(description) { }

    /// <summary>Opens the events and attaches the program to each.</summary>
    /// <exception cref="BpfException">The options contradict each other, the CPU has no such counter, or the kernel refused.</exception>
    public static PerfEventLink Attach(BpfProgram program, PerfEventSource source, PerfEventOptions? options = null)
    {
        Require.Type(program, ProgramType.PerfEvent, "a perf event");
        options ??= new();
        Check(source, options);
        PerfEventLink link = new($"perf event {source.Name}");
        FileDescriptor? cgroup = null;
        try
        {
            if (options.Cgroup is { } folder)
                cgroup = new(Libc.Check(Libc.Open(folder, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC), $"open cgroup '{folder}'"), folder);
            bool perTask = options.Process is not null || options.Thread is not null;
            var cpus = options.Cpu is { } one ? [one] : perTask ? (IEnumerable<int>)[-1] : CpuList.Online;
            foreach (int task in Tasks(options, cgroup))
            {
                foreach (int cpu in cpus) link.AttachOne(program, source, options, task, cpu, cgroup is not null);
            }
            if (link.Events.Count == 0) throw new BpfSyscallException($"attach '{program.Name}' to {link.Description}", Errno.ESRCH, $"There is no process {options.Process}.");
            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
        finally
        {
            cgroup?.Dispose();
        }
    }

    private void AttachOne(BpfProgram program, PerfEventSource source, PerfEventOptions options, int task, int cpu, bool cgroup)
    {
        PerfEventAttr attr = new()
        {
            Type = source.Type,
            Config = source.Config,
            SamplePeriod = options.Frequency ?? options.Period ?? 1,
            WakeupEvents = 1,
            BreakpointType = (uint)source.Breakpoint,
            Config1 = source.Address,
            Config2 = source.Length,
            Flags = (options.Frequency is not null ? PerfEventFlags.Frequency : 0)
                | (options.ExcludeKernel ? PerfEventFlags.ExcludeKernel : 0)
                | (options.ExcludeUser ? PerfEventFlags.ExcludeUser : 0)
                | (options.Process is not null ? PerfEventFlags.Inherit | PerfEventFlags.InheritThread : 0)
                | (PerfEventFlags)((ulong)options.Precision * (ulong)PerfEventFlags.PreciseIpLow)
                // It begins to count when the program is on it.
                | PerfEventFlags.Disabled,
        };
        var perfEvent = PerfEvent.TryOpen(ref attr, task, cpu, Description, cgroup);
        if (perfEvent is null && options.Process is not null && Libc.LastError == Errno.EINVAL)
        {
            attr.Flags &= ~PerfEventFlags.InheritThread;
            perfEvent = PerfEvent.TryOpen(ref attr, task, cpu, Description, cgroup);
        }
        if (perfEvent is not null)
        {
            AttachTo(perfEvent, program, options.Cookie, s_needs);
            return;
        }
        var errno = Libc.LastError;
        // A thread may end between the listing and here.
        if (errno == Errno.ESRCH && options.Process is not null) return;
        throw AttachError.Create($"open {Description}{(cpu < 0 ? "" : $" on CPU {cpu}")}", errno, s_needs, errno switch
        {
            Errno.ENOENT or Errno.EOPNOTSUPP or Errno.ENODEV or Errno.EINVAL when cpu >= 0 && !CpuList.Online.Contains(cpu) => $"CPU {cpu} is not online.",
            Errno.ENOENT when cgroup => "The control group is in a hierarchy without the perf_event controller (see /proc/cgroups).",
            Errno.ENODEV when cpu >= 0 => $"CPU {cpu} does not exist or is not online, or has no such counter.",
            Errno.ENOENT or Errno.EOPNOTSUPP or Errno.ENODEV => "This CPU has no such counter; virtual machines often have none. Software events and clocks work everywhere.",
            Errno.ESRCH => $"There is no process or thread {task}.",
            Errno.ENOSPC => "All hardware breakpoints are in use.",
            Errno.EBUSY => "Somebody else uses the counter exclusively.",
            Errno.EINVAL when options.Frequency is not null => "The event cannot be sampled this way, or the frequency is above kernel.perf_event_max_sample_rate.",
            Errno.EINVAL when source.Type == PerfEvent.TypeBreakpoint => "The CPU cannot watch for this (x86 has no breakpoint on reads alone), or the address needs a process.",
            Errno.EBADF when cgroup => "The folder is not a control group that perf events know.",
            _ => null,
        });
    }

    private static IEnumerable<int> Tasks(PerfEventOptions options, FileDescriptor? cgroup)
    {
        if (cgroup is not null) return [cgroup.Value];
        if (options.Thread is { } thread) return [thread];
        if (options.Process is not { } process) return [-1];
        string tasks = $"/proc/{process}/task";
        return Directory.Exists(tasks) ? [.. Directory.EnumerateDirectories(tasks).Select(d => int.Parse(Path.GetFileName(d), System.Globalization.CultureInfo.InvariantCulture))] : [];
    }

    private static void Check(PerfEventSource source, PerfEventOptions options)
    {
        bool breakpoint = source.Type == PerfEvent.TypeBreakpoint;
        if (source.Name is null) throw new ArgumentException("The event source is empty.", nameof(source));
        if (options is { Period: not null, Frequency: not null }) throw new ArgumentException("Give a period or a frequency, not both.", nameof(options));
        if (options is { Period: null, Frequency: null } && !breakpoint) throw new ArgumentException("Give a period or a frequency: without one the event counts, and never runs the program.", nameof(options));
        if (options.Period is 0 || options.Frequency is 0) throw new ArgumentException("A period or frequency of 0 never runs the program.", nameof(options));
        int filters = (options.Process is null ? 0 : 1) + (options.Thread is null ? 0 : 1) + (options.Cgroup is null ? 0 : 1);
        if (filters > 1) throw new ArgumentException("Give one of process, thread and cgroup.", nameof(options));
        if (options.Precision is < 0 or > 3) throw new ArgumentException($"Precision is {options.Precision}; it must be 0 to 3.", nameof(options));
    }
}
