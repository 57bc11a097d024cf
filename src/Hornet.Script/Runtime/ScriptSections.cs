using Hornet.Objects;
using Hornet.Programs;
using Hornet.Script.Probes;

namespace Hornet.Script.Runtime;

/// <summary>The names of sections for a script's programs, which tell other loaders what each is and where it belongs.</summary>
internal static class ScriptSections
{
    /// <summary>Names the sections of all programs.</summary>
    public static void Name(CompiledScript script)
    {
        foreach (var program in script.Programs)
        {
            var spec = script.Compilation.Object.Programs.First(p => p.Name == program.ProgramName);
            spec.SectionName = Of(program.Targets, spec);
            // A tracer runs these itself; whoever attaches what the sections say does not load them.
            if (program.Targets[0] is SelfTarget) spec.AutoLoad = false;
        }
    }

    private static string Of(IReadOnlyList<ProbeTarget> targets, ProgramSpec spec)
    {
        var target = targets[0];
        string kind = (target.Type, spec.AttachType) switch
        {
            (ProbeType.Kprobe, AttachType.TraceKprobeMulti) => "kprobe.multi",
            (ProbeType.Kretprobe, AttachType.TraceKprobeMulti) => "kretprobe.multi",
            (_, AttachType.TraceKprobeSession) => "kprobe.session",
            (ProbeType.Uprobe, AttachType.TraceUprobeMulti) => "uprobe.multi",
            (ProbeType.Uretprobe, AttachType.TraceUprobeMulti) => "uretprobe.multi",
            (ProbeType.Kprobe or ProbeType.Kretprobe or ProbeType.Uprobe or ProbeType.Uretprobe or ProbeType.Usdt or ProbeType.Fentry or ProbeType.Fexit or ProbeType.Tracepoint or ProbeType.Iter or ProbeType.Lsm, _) => ProbeNames.NameOf(target.Type),
            (ProbeType.RawTracepoint, _) => "tp_btf",
            _ => SectionTable.All.FirstOrDefault(s => s.Type == spec.Type && s.AttachType == spec.AttachType)?.Pattern.TrimEnd('+')
                ?? SectionTable.All.First(s => s.Type == spec.Type).Pattern.TrimEnd('+'),
        };
        // A section names one place; a program for several is attached by whoever knows them.
        if (targets.Count > 1) return kind;
        string place = target.FullName[(target.FullName.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return target.Type switch
        {
            ProbeType.Tracepoint => $"{kind}/{place.Replace(':', '/')}",
            ProbeType.Kprobe or ProbeType.Kretprobe or ProbeType.Uprobe or ProbeType.Uretprobe or ProbeType.Usdt => $"{kind}/{place}",
            _ when target.AttachTo is { } function => $"{kind}/{function}",
            _ => kind,
        };
    }
}
