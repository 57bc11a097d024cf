using Hornet.Features;
using Hornet.Links;
using Hornet.Programs;
using Hornet.Script.Runtime;

namespace Hornet.Script.Probes;

/// <summary>What can be said while attaching; the texts have no <c>ERROR:</c> in front.</summary>
internal interface IAttachLog
{
    void Error(string text);
    void Warning(string text);
    void Verbose(string text);
}

/// <summary>Options of <see cref="ProbeAttacher"/>.</summary>
internal sealed record AttachOptions
{
    /// <summary>Option -p, or the child of -c.</summary>
    public int? Process { get; init; }
    public MissingProbes MissingProbes { get; init; }
}

/// <summary>
/// Attaches programs to their targets, many at once where the kernel can, and owns what it attached. The kernel calls the
/// programs at one place in the order of attaching for some kinds and the other way for others; a script's probes run as
/// they were written, so some are attached from the last to the first.
/// </summary>
internal sealed class ProbeAttacher(AttachOptions options, IAttachLog log) : IDisposable
{
    private readonly List<BpfLink> _links = [];

    /// <summary>How many probes are attached.</summary>
    public int Count { get; private set; }

    /// <summary>The iterator, which the caller reads; null when there is none.</summary>
    public (IteratorLink Link, IterTarget Target)? Iterator { get; private set; }

    /// <summary>Attaches all programs but those that are run by hand.</summary>
    /// <returns>False when one could not be attached and the script cannot do without.</returns>
    public bool Attach(IReadOnlyList<RunningProgram> programs, Func<bool> isInterrupted)
    {
        foreach (var (script, program) in programs)
        {
            if (!IsReversed(script) && (isInterrupted() || !Attach(script, program))) return false;
        }
        for (int i = programs.Count - 1; i >= 0; i--)
        {
            if (IsReversed(programs[i].Script) && (isInterrupted() || !Attach(programs[i].Script, programs[i].Program))) return false;
        }
        return true;
    }

    /// <summary>Detaches all. What is attached outlives nobody.</summary>
    public void Dispose()
    {
        BpfLink.DisposeAll(_links);
        _links.Clear();
    }

    private static bool IsReversed(ScriptProgram program) => program.Targets.Count > 0 && program.Targets[0].Type is
        ProbeType.Kprobe or ProbeType.Uprobe or ProbeType.Uretprobe or ProbeType.Usdt or ProbeType.Fentry or ProbeType.Fexit or ProbeType.Iter;

    private bool Attach(ScriptProgram script, BpfProgram program)
    {
        if (script.Targets is not [var first, ..] || first is SelfTarget) return true;
        return program.AttachType switch
        {
            AttachType.TraceKprobeMulti or AttachType.TraceKprobeSession => Many(script, program),
            AttachType.TraceUprobeMulti or AttachType.TraceUprobeSession when first is UprobeTarget => ManyOfPrograms(script, program),
            _ => EachAlone(script, program),
        };
    }

    private bool EachAlone(ScriptProgram script, BpfProgram program)
    {
        for (int i = 0; i < script.Targets.Count; i++)
        {
            var target = script.Targets[i];
            ulong cookie = script.UsesCookie ? script.FirstCookie + (ulong)i : 0;
            if (!Try(target, () => One(target, program, cookie), 1)) return false;
        }
        return true;
    }

    private bool Many(ScriptProgram script, BpfProgram program)
    {
        string[] functions = [.. script.Targets.Select(t => t.FunctionName!)];
        if (functions.Length > 1)
        {
            log.Verbose($"Attaching to {functions.Length} functions");
            foreach (string function in functions) log.Verbose(" " + function);
        }
        return Try(script.Targets[0], () => KprobeMultiLink.Attach(program, functions, new KprobeMultiOptions
        {
            IsReturn = script.Targets[0].Type == ProbeType.Kretprobe && program.AttachType != AttachType.TraceKprobeSession,
            Cookies = script.UsesCookie ? [.. functions.Select((_, i) => script.FirstCookie + (ulong)i)] : null,
        }), functions.Length);
    }

    // A link for each file.
    private bool ManyOfPrograms(ScriptProgram script, BpfProgram program)
    {
        Dictionary<string, (UprobeTarget First, List<UprobePlace> Places)> files = new(StringComparer.Ordinal);
        for (int i = 0; i < script.Targets.Count; i++)
        {
            var target = (UprobeTarget)script.Targets[i];
            if (!Check(target)) return false;
            if (target.Problem is not null) continue;
            if (!files.TryGetValue(target.AttachPath, out var file)) files[target.AttachPath] = file = (target, []);
            file.Places.Add(new UprobePlace(target.FileOffset, 0, script.UsesCookie ? script.FirstCookie + (ulong)i : 0));
        }
        foreach (var (path, (first, places)) in files)
        {
            if (!Try(first, () => UprobeMultiLink.Attach(program, path, places, new UprobeMultiOptions { IsReturn = first.IsReturn, Process = options.Process }), places.Count)) return false;
        }
        return true;
    }

    private bool Check(UprobeTarget target)
    {
        if (target.Warning is { } warning) log.Warning(warning);
        return target.Problem is not { } problem || Failed(target, problem, null);
    }

    private bool Try(ProbeTarget target, Func<BpfLink?> attach, int count)
    {
        try
        {
            if (target is UprobeTarget { Problem: { } problem }) return Failed(target, problem, null);
            if (target is UprobeTarget { Warning: { } warning }) log.Warning(warning);
            if (attach() is not { } link) return true;
            _links.Add(link);
            Count += count;
            return true;
        }
        catch (Exception e) when (e is BpfException or ArgumentException)
        {
            return Failed(target, Reason(target, e), Hint(target));
        }
    }

    private bool Failed(ProbeTarget target, string? reason, string? hint)
    {
        switch (options.MissingProbes)
        {
            case MissingProbes.Error:
                if (reason is not null) log.Error(reason);
                log.Error($"Unable to attach probe: {target.FullName}. If this is expected, set the 'missing_probes' config variable to 'warn'.{(hint is null ? "" : "\nHINT: " + hint)}");
                return false;
            case MissingProbes.Warn:
                if (reason is not null) log.Warning(reason);
                log.Warning($"Unable to attach probe: {target.FullName}. Skipping.");
                return true;
            default:
                return true;
        }
    }

    private static string Reason(ProbeTarget target, Exception e) => target is KprobeTarget && e is BpfSyscallException { Errno: Interop.Errno.EILSEQ }
        ? "Possible attachment attempt in the middle of an instruction, try a different offset."
        : target is UsdtTarget ? $"Failed to attach usdt probe: {e.Message}" : e.Message;

    private static string? Hint(ProbeTarget target)
    {
        if (target is not (KprobeTarget or FentryTarget { ProgramId: null }) || target.FunctionName is not { } function) return null;
        bool fentry = target is KprobeTarget && KernelFeatures.Find(FeatureCategory.Attach, "fentry")?.Probe().IsAvailable == true;
        return Alternatives.Nearest(function, target.Type is ProbeType.Kretprobe or ProbeType.Fexit, fentry) is { } nearest ? $"This kernel has {nearest} (option --adapt takes it)." : null;
    }

    private BpfLink? One(ProbeTarget target, BpfProgram program, ulong cookie) => target switch
    {
        KprobeTarget { Point: { Address: { } address } } => KprobeLink.AttachAt(program, address, new KprobeOptions { IsReturn = target.Type == ProbeType.Kretprobe, Cookie = cookie }),
        KprobeTarget { Point: var point } => KprobeLink.Attach(program, point.Target is "" or KernelCatalog.KernelName ? point.Function : $"{point.Target}:{point.Function}",
            new KprobeOptions { IsReturn = target.Type == ProbeType.Kretprobe, Offset = point.Offset, Cookie = cookie }),
        FentryTarget or LsmTarget => target is LsmTarget ? LsmLink.Attach(program, new TracingOptions { Cookie = cookie }) : TracingLink.Attach(program, new TracingOptions { Cookie = cookie }),
        TracepointTarget { Point: var point } => TracepointLink.Attach(program, point.Target, point.Function, new TracepointOptions { Cookie = cookie }),
        RawTracepointTarget => RawTracepointLink.AttachTyped(program, new RawTracepointOptions { Cookie = cookie }),
        UprobeTarget uprobe => UprobeLink.AttachAt(program, uprobe.AttachPath, uprobe.FileOffset, new UprobeOptions { IsReturn = uprobe.IsReturn, Process = options.Process, Cookie = cookie }),
        UsdtTarget usdt => UsdtLink.Attach(program, usdt.Usdt, new UsdtOptions { Process = options.Process }),
        TimerTarget timer => Timer(timer, program, cookie),
        CounterTarget counter => Counter(counter, program, cookie),
        IterTarget iter => Iterate(iter, program),
        XdpTarget { Point: var point } => XdpLink.Attach(program, point.Target),
        TcTarget tc => TcLink.Attach(program, tc.Point.Target, tc.IsIngress ? TcDirection.Ingress : TcDirection.Egress),
        CgroupTarget { Point: var point } cgroup => CgroupLink.Attach(program, GroupPath(point.Target), new CgroupOptions { Hook = cgroup.AttachType }),
        _ => throw new InvalidOperationException($"{target.FullName} is not attached."),
    };

    // As a path, or as /proc/PID/cgroup names groups: below where they are mounted.
    private static string GroupPath(string path) => Kernel.Mounts.Cgroup2 is not { } root || path == root || path.StartsWith(root + "/", StringComparison.Ordinal) ? path : $"{root}/{path.TrimStart('/')}";

    private PerfEventLink Timer(TimerTarget target, BpfProgram program, ulong cookie) =>
        PerfEventLink.Attach(program, PerfEventSource.Software(SoftwareEvent.CpuClock), new PerfEventOptions
        {
            Period = target.Period,
            Frequency = target.Period is null ? target.Point.Frequency : null,
            // A profile is of one process; an interval passes whoever runs.
            Process = target.Type == ProbeType.Profile ? options.Process : null,
            Cpu = target.Type == ProbeType.Interval ? Kernel.CpuList.Online[0] : null,
            Cookie = cookie,
        });

    private PerfEventLink Counter(CounterTarget target, BpfProgram program, ulong cookie)
    {
        var point = target.Point;
        if (target.Type == ProbeType.Watchpoint)
        {
            BreakpointKind kind = 0;
            foreach (char c in point.Mode) kind |= c switch { 'r' => BreakpointKind.Read, 'w' => BreakpointKind.Write, _ => BreakpointKind.Execute };
            int length = kind == BreakpointKind.Execute ? 8 : (int)point.Length;
            return PerfEventLink.Attach(program, PerfEventSource.Watch(point.Address!.Value, kind, length), new PerfEventOptions { Period = 1, Process = options.Process, Cookie = cookie });
        }
        var known = CounterEvents.Find(CounterEvents.Of(target.Type), point.Target)!;
        return PerfEventLink.Attach(program, known.Source, new PerfEventOptions { Period = point.Frequency == 0 ? known.Period : point.Frequency, Process = options.Process, Cookie = cookie });
    }

    private IteratorLink Iterate(IterTarget target, BpfProgram program)
    {
        var link = IteratorLink.Attach(program, options.Process is { } pid && target.Point.Function.StartsWith("task", StringComparison.Ordinal) ? new IteratorOptions { Process = pid } : null);
        Iterator = (link, target);
        return link;
    }
}
