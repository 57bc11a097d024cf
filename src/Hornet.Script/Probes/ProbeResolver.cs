using Hornet.Features;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Syntax;

namespace Hornet.Script.Probes;

/// <summary>What the resolver is told by the command line.</summary>
internal sealed record ScriptProbeOptions
{
    /// <summary><c>$1</c> and on.</summary>
    public IReadOnlyList<string> Positional { get; init; } = [];

    /// <summary>Option -p, or the child of -c.</summary>
    public int? Process { get; init; }
    public bool IsUnsafe { get; init; }

    /// <summary>Option --traceable-functions.</summary>
    public string? TraceableFunctions { get; init; }

    /// <summary>Option --no-feature: <c>kprobe_multi</c>, <c>kprobe_session</c>, <c>uprobe_multi</c>.</summary>
    public IReadOnlyCollection<string> WithoutFeatures { get; init; } = [];

    /// <summary>Option --adapt: kernel functions that cannot be probed here are replaced by what is nearest to them.</summary>
    public bool Adapts { get; init; }

    /// <summary>Arguments and result of a function of a program, from its debugging information; null where there is none.</summary>
    public Func<string, string, (IReadOnlyList<ScriptArgument> Arguments, Types.ScriptType? Result)?>? UserSignatures { get; init; }

    /// <summary>The types of a program, from its debugging information; null where there is none.</summary>
    public Func<string, Types.ITypeSource?>? UserTypes { get; init; }

    /// <summary>The address of a line of source: file, source file, line, column; null when the program has no such line.</summary>
    public Func<string, string, int, int, ulong?>? SourceLines { get; init; }

    /// <summary>The readable name of a C++ symbol; null when it is none.</summary>
    public Func<string, string?>? Demangle { get; init; }
}

/// <summary>From attach points to the places of this machine. Everything looked up is kept: one resolver for a script.</summary>
internal sealed partial class ProbeResolver(ScriptProbeOptions options) : IProbeResolver
{
    private readonly AttachPointParser _parser = new(new AttachPointContext(options.Positional, options.Process, options.IsUnsafe));
    private readonly UserCatalog _user = new(options.Process, options.IsUnsafe);
    private readonly Dictionary<string, SourceSpan> _namedProbes = [];
    private bool? _kprobeMulti, _uprobeMulti;

    public ScriptConfig Config { get; set; } = new();

    public KernelCatalog Kernel { get; } = new(options.TraceableFunctions);

    public IReadOnlyList<ProbeTarget> Resolve(AttachPointSyntax attachPoint, string text, DiagnosticBag report)
    {
        IReadOnlyList<AttachPoint> points;
        try
        {
            points = _parser.Parse(text);
        }
        catch (AttachPointException e)
        {
            var error = report.Error(attachPoint.Span, e.Message);
            if (e.Hint is { } hint) error.Hints.Add(hint);
            return [];
        }
        List<ProbeTarget> targets = [];
        foreach (var parsed in points)
        {
            var point = attachPoint.Alias is { } alias && parsed.UserName is null ? parsed with { UserName = alias } : parsed;
            try
            {
                targets.AddRange(Resolve(point, attachPoint.Span, report));
            }
            catch (AttachPointException e)
            {
                var error = report.Error(attachPoint.Span, e.Message);
                if (e.Hint is { } hint) error.Hints.Add(hint);
            }
            catch (BpfException e)
            {
                report.Error(attachPoint.Span, e.Message);
            }
        }
        return targets;
    }

    private IReadOnlyList<ProbeTarget> Resolve(AttachPoint point, SourceSpan span, DiagnosticBag report) => Adapted(point, span, report) ?? point.Type switch
    {
        ProbeType.Begin or ProbeType.End or ProbeType.Self => [new SelfTarget(point)],
        ProbeType.Test or ProbeType.Bench => Named(point, span, report),
        ProbeType.Kprobe or ProbeType.Kretprobe => Kprobes(point, span, report),
        ProbeType.Fentry or ProbeType.Fexit => point.Target == "bpf" ? BpfFunctions(point, span, report) : Fentries(point, span, report),
        ProbeType.Tracepoint => Tracepoints(point, span, report),
        ProbeType.RawTracepoint => RawTracepoints(point, span, report),
        ProbeType.Uprobe or ProbeType.Uretprobe => Uprobes(point, span, report),
        ProbeType.Usdt => StaticProbes(point, span, report),
        ProbeType.Profile or ProbeType.Interval => Wildcard.Is(point.Target) ? Missing(point, span, report) : [new TimerTarget(point)],
        ProbeType.Software or ProbeType.Hardware => Counters(point),
        ProbeType.Watchpoint => [new CounterTarget(point)],
        ProbeType.Iter => Iterators(point, span, report),
        ProbeType.Xdp => [new XdpTarget(point)],
        ProbeType.Tc => [new TcTarget(point)],
        ProbeType.Cgroup => [new CgroupTarget(point)],
        ProbeType.Lsm => SecurityHooks(point, span, report),
        _ => throw new AttachPointException($"Invalid provider: '{ProbeNames.NameOf(point.Type)}'"),
    };

    private SelfTarget[] Named(AttachPoint point, SourceSpan span, DiagnosticBag report)
    {
        string kind = ProbeNames.NameOf(point.Type), key = $"{kind}:{point.Target}";
        if (_namedProbes.TryGetValue(key, out var first) && first != span)
        {
            report.Error(span, $"\"{point.Target}\" was used as the name for more than one {kind.ToUpperInvariant()} probe").Context.Add((first, "this is the other instance"));
            return [];
        }
        _namedProbes[key] = span;
        return [new SelfTarget(point)];
    }

    private static List<ProbeTarget> Counters(AttachPoint point)
    {
        if (!Wildcard.Is(point.Target)) return [new CounterTarget(point)];
        var pattern = Wildcard.Of(point.Target);
        return [.. CounterEvents.Of(point.Type).Where(e => pattern.Matches(e.Name)).Select(e => new CounterTarget(point with { Target = e.Name }))];
    }

    /// <summary>No place for an attach point that is no pattern: an error, a warning or nothing, as the script wants it.</summary>
    private ProbeTarget[] Missing(AttachPoint point, SourceSpan span, DiagnosticBag report, Func<string?>? hint = null)
    {
        string message = $"No matches for {ProbeNames.NameOf(point.Type)} {(point.Target.Length == 0 ? "" : point.Target + ":")}{point.Function}";
        if (Config.MissingProbes == MissingProbes.Warn) report.Warning(span, message + ". Skipping.");
        if (Config.MissingProbes != MissingProbes.Error) return [];
        var error = report.Error(span, message + ".");
        error.Hints.Add(hint?.Invoke() ?? $"What there is: hornet trace -l '{ProbeNames.NameOf(point.Type)}:*'");
        return [];
    }

    private IReadOnlyList<ProbeTarget>? Adapted(AttachPoint point, SourceSpan span, DiagnosticBag report)
    {
        if (!options.Adapts || point.Function.Length == 0 || Wildcard.Is(point.Function)) return null;
        bool isKprobe = point.Type is ProbeType.Kprobe or ProbeType.Kretprobe;
        if (!isKprobe && (point.Type is not (ProbeType.Fentry or ProbeType.Fexit) || point.Target == "bpf")) return null;
        bool hasFentry = IsThere("fentry");
        if (isKprobe ? IsThere("kprobe") : hasFentry) return null;
        if (Alternatives.Nearest(point.Function, point.Type is ProbeType.Kretprobe or ProbeType.Fexit, hasFentry && isKprobe) is not { } nearest) return null;
        report.Warning(span, $"this kernel cannot probe {point.Function}; {nearest} is taken instead");
        return [.. _parser.Parse(nearest).SelectMany(p => Resolve(point.UserName is null ? p : p with { UserName = point.UserName }, span, report))];
    }

    /// <summary>Whether the kernel has probes of a kind, wherever they are.</summary>
    public static bool CanAttach(ProbeType type) => type switch
    {
        ProbeType.Kprobe or ProbeType.Kretprobe => IsThere("kprobe"),
        ProbeType.Fentry or ProbeType.Fexit => IsThere("fentry"),
        ProbeType.Uprobe or ProbeType.Uretprobe or ProbeType.Usdt => IsThere("uprobe"),
        _ => true,
    };

    private bool HasKprobeMulti => _kprobeMulti ??= !options.WithoutFeatures.Contains("kprobe_multi") && IsThere("kprobe.multi link");

    private bool HasUprobeMulti => _uprobeMulti ??= !options.WithoutFeatures.Contains("uprobe_multi") && IsThere("uprobe.multi link");

    private static bool IsThere(string attachment) => KernelFeatures.Find(FeatureCategory.Attach, attachment)?.Probe().IsAvailable == true;
}
