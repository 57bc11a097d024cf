using Hornet.Btf;
using Hornet.Kernel;
using Hornet.Script.Source;
using Hornet.Script.Types;
using Hornet.Tracing;

namespace Hornet.Script.Probes;

// Probes of the kernel.
internal sealed partial class ProbeResolver
{
    private readonly Dictionary<string, (IReadOnlyList<ScriptArgument>, CompositeType)?> _records = [];

    private IReadOnlyList<ProbeTarget> Kprobes(AttachPoint point, SourceSpan span, DiagnosticBag report)
    {
        if (point.Address is not null) return [new KprobeTarget(point, isMany: false)];
        bool isPattern = Wildcard.Is(point.Target) || Wildcard.Is(point.Function);
        if (isPattern)
        {
            // Names with modules cannot go into one link, and would be given twice where a pattern matches in several.
            var module = point.Target.Length == 0 ? null : Wildcard.Of(point.Target);
            bool isMany = module is null && HasKprobeMulti;
            var found = Kernel.Functions(module, Wildcard.Of(point.Function));
            return module is null
                ? [.. found.Select(f => f.Name).Distinct(StringComparer.Ordinal).Select(name => new KprobeTarget(point with { Function = name }, isMany))]
                : [.. found.Select(f => new KprobeTarget(point with { Target = f.Module, Function = f.Name }, isMany))];
        }
        if (point.Target is not ("" or KernelCatalog.KernelName) && !KernelCatalog.Modules().Contains(point.Target))
            report.Error(span, $"specified module {point.Target} in probe {ProbeNames.NameOf(point.Type)}:{point.Target}:{point.Function} is not loaded.");
        bool isKnown = Kernel.HasFunction(point.Function, point.Target);
        if (!isKnown && Config.MissingProbes != Runtime.MissingProbes.Ignore && !Kernel.HasFunction(point.Function))
            report.Warning(span, $"{point.Function} is not traceable (either non-existing, inlined, or marked as \"notrace\"); attaching to it will likely fail");
        return isKnown || options.IsUnsafe
            ? [new KprobeTarget(point, isMany: false)]
            : Missing(point, span, report, () => KernelSuggestion(point.Function));
    }

    private string? KernelSuggestion(string name) => CloseNames.Suggest(name, Kernel.Functions(null, Wildcard.Of(name.Length > 3 ? name[..3] + "*" : "*")).Select(f => f.Name));

    private IReadOnlyList<ProbeTarget> Fentries(AttachPoint point, SourceSpan span, DiagnosticBag report)
    {
        bool isPattern = Wildcard.Is(point.Target) || Wildcard.Is(point.Function);
        var module = point.Target.Length == 0 ? null : Wildcard.Of(point.Target);
        List<ProbeTarget> found = [];
        foreach (var (owner, name, function) in Kernel.TypedFunctions(module, Wildcard.Of(point.Function)))
        {
            var (arguments, result) = Words(function.Target, skip: 0);
            found.Add(new FentryTarget(point with { Target = owner, Function = name }, arguments, result));
        }
        if (isPattern) return found;
        if (found.Count > 1) throw new AttachPointException($"ambiguous attach point, please specify module containing the function '{point.Function}'");
        return found.Count == 1 ? found : Missing(point, span, report, () => KernelSuggestion(point.Function));
    }

    private IReadOnlyList<ProbeTarget> BpfFunctions(AttachPoint point, SourceSpan span, DiagnosticBag report)
    {
        var name = Wildcard.Of(point.Function);
        List<ProbeTarget> found = [];
        foreach (var (id, program) in KernelCatalog.BpfPrograms())
        {
            if ((point.BpfProgram == 0 || point.BpfProgram == id) && name.Matches(program))
                found.Add(new FentryTarget(point with { BpfProgram = id, Function = program }, null, Registers.Result with { Location = new ArgumentLocation.ContextWord(1) }));
        }
        return found.Count > 0 || Wildcard.Is(point.Function) || point.BpfProgram == 0 ? found : Missing(point, span, report);
    }

    /// <summary>Parameters as words of a tracing program's context, and behind them the result.</summary>
    private static (IReadOnlyList<ScriptArgument> Arguments, ScriptArgument? Result) Words(BtfType prototype, int skip)
    {
        var types = KernelCatalog.Types!;
        List<ScriptArgument> arguments = [];
        int word = 0;
        var parameters = prototype.Parameters;
        for (int i = skip; i < parameters.Count; i++)
        {
            var type = types.Get(parameters[i].Type);
            string name = parameters[i].Name;
            arguments.Add(new ScriptArgument(name.Length == 0 ? $"arg{i - skip}" : name, type, new ArgumentLocation.ContextWord(word)));
            word += Math.Max(1, (type.Size + 7) / 8);
        }
        var result = types.Get(prototype.Target);
        return (arguments, result is VoidType ? null : new ScriptArgument("retval", result, new ArgumentLocation.ContextWord(word)));
    }

    private IReadOnlyList<ProbeTarget> Tracepoints(AttachPoint point, SourceSpan span, DiagnosticBag report)
    {
        if (!Wildcard.Is(point.Target) && !Wildcard.Is(point.Function))
        {
            return Tracefs.Exists(point.Target, point.Function)
                ? [Tracepoint(point)]
                : Missing(point, span, report, () => point.Target == "syscall"
                    ? $"Did you mean syscalls:{point.Function}?"
                    : CloseNames.Suggest($"{point.Target}:{point.Function}", KernelCatalog.Tracepoints(Wildcard.Of("*"))));
        }
        return [.. KernelCatalog.Tracepoints(Wildcard.Of($"{point.Target}:{point.Function}")).Select(name =>
        {
            int colon = name.IndexOf(':');
            return Tracepoint(point with { Target = name[..colon], Function = name[(colon + 1)..] });
        })];
    }

    private TracepointTarget Tracepoint(AttachPoint point) => new(point, () =>
    {
        string key = $"{point.Target}:{point.Function}";
        if (!_records.TryGetValue(key, out var record)) _records.Add(key, record = TracepointRecord.Read(key, Tracefs.Format(point.Target, point.Function), KernelCatalog.Types));
        return record;
    });

    private IReadOnlyList<ProbeTarget> RawTracepoints(AttachPoint point, SourceSpan span, DiagnosticBag report)
    {
        if (KernelCatalog.Types is null) throw new AttachPointException("rawtracepoints require kernel BTF. Try using a 'tracepoint' instead.");
        List<ProbeTarget> found = [];
        foreach (var (module, name, prototype) in KernelCatalog.RawTracepoints(point.Target == "*" ? null : Wildcard.Of(point.Target), Wildcard.Of(point.Function)))
            found.Add(new RawTracepointTarget(point with { Target = module, Function = name }, module, Words(prototype, skip: 1).Arguments));
        if (found.Count > 0 || Wildcard.Is(point.Function) || point.Target == "*") return found;
        return Missing(point, span, report, () => CloseNames.Suggest(point.Function, KernelCatalog.RawTracepoints(null, Wildcard.Of("*")).Select(t => t.Name)));
    }

    private IReadOnlyList<ProbeTarget> Iterators(AttachPoint point, SourceSpan span, DiagnosticBag report)
    {
        if (KernelCatalog.Types is not { } types) throw new AttachPointException("iter probes require kernel BTF.");
        if (Wildcard.Is(point.Function))
            return [.. KernelCatalog.Iterators(Wildcard.Of(point.Function)).SelectMany(i => Iterators(point with { Function = i.Name }, span, report))];
        if (types.FindType($"struct bpf_iter__{point.Function}") is not CompositeType context)
            throw new AttachPointException($"iter {point.Function} not available for your kernel version.", CloseNames.Suggest(point.Function, KernelCatalog.Iterators(Wildcard.Of("*")).Select(i => i.Name)));
        // Pointers are padded to 8 bytes by a union around each.
        List<ScriptArgument> fields = [];
        foreach (var field in context.Info.Fields)
        {
            var inner = field.Name.Length == 0 && field.Type is CompositeType union ? union.Info.Fields.FirstOrDefault(f => f.Name.Length > 0) : field;
            if (inner is not null) fields.Add(new ScriptArgument(inner.Name, inner.Type, new ArgumentLocation.ContextWord(field.Offset / 8)));
        }
        return [new IterTarget(point, context, fields)];
    }

    private IReadOnlyList<ProbeTarget> SecurityHooks(AttachPoint point, SourceSpan span, DiagnosticBag report)
    {
        if (KernelCatalog.Types is not { } types) throw new AttachPointException("lsm probes require kernel BTF.");
        List<ProbeTarget> found = [.. LsmProbe.Find(types.Spec, Wildcard.Of(point.Function)).Select(hook => new LsmTarget(point with { Function = hook.Name }, Words(hook.Function.Target, skip: 0).Arguments))];
        return found.Count > 0 || Wildcard.Is(point.Function) ? found
            : Missing(point, span, report, () => CloseNames.Suggest(point.Function, LsmProbe.Find(types.Spec, Wildcard.Of("*")).Select(h => h.Name)));
    }
}
