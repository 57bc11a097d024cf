using Hornet.Script.Probes;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>
/// From the tree of what is written to the tree of what it means. Types of variables and maps are found by binding every body
/// again until nothing new is learned (only bodies that use a map whose type has changed); then all are bound once more, in the order
/// of the script, and that is the result.
/// </summary>
internal sealed class Binder
{
    private const int MaxRounds = 200;

    private readonly BindingContext _context;
    private readonly DiagnosticBag _diagnostics;
    private readonly List<ProbeBody> _probes = [];
    private readonly List<FunctionBody> _functions = [];
    private IReadOnlyList<ImportedLibrary> _libraries = [];

    private Binder(BindingContext context, DiagnosticBag diagnostics) => (_context, _diagnostics) = (context, diagnostics);

    /// <summary>Binds a script; null with errors reported.</summary>
    public static BoundScript? Bind(ScriptSyntax script, BindOptions options, DiagnosticBag diagnostics)
    {
        ImportResolver imports = new(options, diagnostics);
        script = imports.Resolve(script);
        var config = ConfigTable.Read(script.Config, options.Environment, diagnostics);
        var types = options.Types(script, diagnostics);
        var libraries = imports.Libraries(types);
        if (libraries.Count > 0) types = new TypeSources([.. types is null ? (ITypeSource[])[] : [types], .. libraries.Select(l => l.Types).OfType<ITypeSource>()]);
        BindingContext context = new(options, config, types, diagnostics);
        foreach (var function in libraries.SelectMany(l => l.Functions.Values)) context.ImportedFunctions.TryAdd(function.Name, function);
        Binder binder = new(context, diagnostics) { _libraries = libraries };
        binder.Declare(script);
        if (diagnostics.HasErrors) return null;
        binder.Resolve(script);
        // Names and types are still worth checking where a place was not found.
        binder.Solve();
        var bound = binder.Finish(config);
        return diagnostics.HasErrors ? null : bound;
    }

    private void Declare(ScriptSyntax script)
    {
        foreach (var macro in script.Macros) _context.Macros.Add(macro);
        foreach (var function in script.Functions)
        {
            FunctionBody body = new(_context, function);
            if (!_context.Functions.TryAdd(function.Name, body)) _diagnostics.Error(function.Span, $"Redefinition of function: {function.Name}");
            // It could never be called.
            if (Functions.BuiltinTable.Find(function.Name) is not null)
                _diagnostics.Warning(function.Span, $"{function.Name}() is the language's own: calls of it do not mean this function").Hints.Add("Give the function another name");
            _functions.Add(body);
        }
        foreach (var map in script.Maps)
        {
            var slot = _context.Map(map.Name);
            if (slot.Declaration is not null) _diagnostics.Error(map.Span, $"Redeclaration of existing map: @{map.Name}");
            slot.Declaration = map;
            if (MapKinds.Find(map.Kind) is null) _diagnostics.Error(map.Span, $"Invalid bpf map type: {map.Kind}").Hints.Add($"Valid map types: {MapKinds.Names}");
            else if (map.MaxEntries == 0) _diagnostics.Error(map.Span, $"@{map.Name} needs room for at least one key");
        }
    }

    // ── Places ──────────────────────────────────────────────────────────────────────────────────────────────

    private void Resolve(ScriptSyntax script)
    {
        var resolver = _context.Options.Probes;
        resolver.Config = _context.Config;
        foreach (var probe in script.Probes)
        {
            List<List<ProbePlace>> groups = [];
            foreach (var point in probe.AttachPoints)
            {
                foreach (var target in Targets(resolver, point))
                {
                    // Places with a function of their own each never share; all others are few kinds.
                    var group = target.AttachTo is null ? groups.Find(g => ProbeBody.CanShare(g[0].Target, target) && g[0].Alias == point.Alias) : null;
                    ProbePlace place = new(target, point.Alias);
                    if (group is null) groups.Add([place]);
                    else group.Add(place);
                }
            }
            if (groups.Count == 0) ReportEmpty(probe);
            foreach (var group in groups) _probes.Add(new ProbeBody(_context, probe, group));
        }
    }

    private IReadOnlyList<ProbeTarget> Targets(IProbeResolver resolver, AttachPointSyntax point)
    {
        if (point.Fallbacks.Count == 0) return resolver.Resolve(point, point.Text, _diagnostics);
        // The first that is there; the last one's message when none is.
        DiagnosticBag silent = new();
        var found = Attachable(point, silent);
        for (int i = 0; found.Count == 0 && i < point.Fallbacks.Count - 1; i++) found = Attachable(point.Fallbacks[i], silent);
        return found.Count > 0 ? found : resolver.Resolve(point.Fallbacks[^1], point.Fallbacks[^1].Text, _diagnostics);

        // A kernel may know a place and not be able to probe it (no kprobes, fentry locked down): then the next one is meant.
        IReadOnlyList<ProbeTarget> Attachable(AttachPointSyntax one, DiagnosticBag report) =>
            [.. resolver.Resolve(one, one.Text, report).Where(target => _context.Options.System.CanAttach(target.Type))];
    }

    private void ReportEmpty(ProbeSyntax probe)
    {
        if (_diagnostics.HasErrors) return;
        if (_context.Config.MissingProbes == MissingProbes.Error) _diagnostics.Error(probe.Span, "Probe has no valid attach points.");
        else _diagnostics.Warning(probe.Span, "Probe has no valid attach points. It is being removed which may cause issues with program behavior.");
    }

    // ── Types ───────────────────────────────────────────────────────────────────────────────────────────────

    private void Solve()
    {
        foreach (var function in _functions) _context.Enqueue(function);
        foreach (var probe in _probes) _context.Enqueue(probe);
        for (int round = 0; round < MaxRounds; round++)
        {
            while (_context.Pending.TryDequeue(out var body))
            {
                _context.Diagnostics = new DiagnosticBag();
                _context.Actions.Clear();
                body.Solve();
            }
            if (!Split() && !AnswerQuestions() && !SettleMaps()) return;
        }
    }

    private bool Split()
    {
        bool split = false;
        for (int i = 0; i < _probes.Count; i++)
        {
            List<ProbeBody> parts = [.. _probes[i].Split()];
            if (parts.Count == 0) continue;
            split = true;
            _probes.InsertRange(i + 1, parts);
            foreach (var part in parts) _context.Enqueue(part);
            i += parts.Count;
        }
        return split;
    }

    // Compile-time questions about types, asked when all else is known.
    private bool AnswerQuestions()
    {
        bool answered = false;
        foreach (var body in _functions.Concat<Body>(_probes))
        {
            if (!body.HasOpenQuestions) continue;
            _context.Diagnostics = new DiagnosticBag();
            body.AnswersQuestions = true;
            body.Solve();
            body.AnswersQuestions = false;
            if (!body.HasAnswered) continue;
            answered = true;
            _context.Enqueue(body);
        }
        return answered;
    }

    // A map that is only read, or counted up, holds zeros.
    private bool SettleMaps()
    {
        bool settled = !_context.MapsAreSettled;
        _context.MapsAreSettled = true;
        bool any = false;
        foreach (var map in _context.Maps)
        {
            if (map.Value is not null || map.Users.Count == 0 || map.RefusedAggregate) continue;
            map.Value = IntegerType.Int8;
            any = true;
            foreach (var user in map.Users) _context.Enqueue(user);
        }
        return any && settled;
    }

    // ── The result ──────────────────────────────────────────────────────────────────────────────────────────

    private BoundScript Finish(ScriptConfig config)
    {
        _context.Diagnostics = _diagnostics;
        _context.IsFinal = true;
        _context.Actions.Clear();
        _context.TimeFormats.Clear();
        _context.CgroupFilters.Clear();
        _context.Names.Clear();
        foreach (var function in _functions) function.Run();
        CheckRecursion();
        List<BoundProgram> programs = new(_probes.Count);
        foreach (var probe in _probes)
        {
            probe.Run();
            programs.Add(probe.Finish(programs.Count + 1));
        }
        CheckExpansion(config);
        foreach (var map in _context.Maps) map.Settle(config, _diagnostics);
        if (_context.NamedOptions.Unexpected.ToList() is { Count: > 0 } unexpected)
        {
            var known = _context.NamedOptions.All;
            // Asked for help, it says what they are for.
            string hint = known.Count == 0 ? "the script has no options of its own"
                : unexpected.Contains("help") ? "expected program options:" + string.Concat(known.Select(o => o.Description.Length > 0 ? $"\n--{o.Name}: {o.Description}" : $"\n--{o.Name}"))
                : $"expected program options: {string.Join(", ", known.Select(o => $"--{o.Name}"))}";
            _diagnostics.Error(default, $"unexpected program command line options: {string.Join(", ", unexpected.Select(n => $"--{n}"))}").Hints.Add(hint);
        }
        return new BoundScript
        {
            Config = config,
            Maps = [.. _context.Maps.Select(m => m.Bound)],
            Programs = programs,
            Functions = [.. _functions.Select(f => f.Signature()).OfType<BoundFunction>()],
            Libraries = _libraries,
            Actions = [.. _context.Actions],
            TimeFormats = [.. _context.TimeFormats],
            CgroupFilters = [.. _context.CgroupFilters],
            Names = [.. _context.Names],
            Options = [.. _context.NamedOptions.All],
            HelperErrors = _context.Options.HelperErrors,
        };
    }

    // What patterns become can be more than anybody meant; what is written out is meant.
    private void CheckExpansion(ScriptConfig config)
    {
        if (_probes.Count <= config.MaxPrograms) return;
        int count = 0;
        foreach (var expanded in _probes.GroupBy(p => p.Syntax, ReferenceEqualityComparer.Instance).Select(g => (Probe: g.First(), Count: g.Count())))
        {
            if (expanded.Count <= expanded.Probe.Syntax.AttachPoints.Count) continue;
            count += expanded.Count;
            if (count <= config.MaxPrograms) continue;
            _diagnostics.Error(expanded.Probe.Span, $"Your program is trying to generate more than {count} BPF programs, which exceeds the current limit of {config.MaxPrograms}")
                .Hints.Add("You can increase the limit through the BPFTRACE_MAX_BPF_PROGS environment variable.");
            return;
        }
    }

    // Programs have a small stack, and the kernel wants to see an end.
    private void CheckRecursion()
    {
        Dictionary<FunctionBody, bool> open = [];
        List<FunctionBody> chain = [];
        foreach (var function in _functions) Visit(function);

        void Visit(FunctionBody function)
        {
            if (open.TryGetValue(function, out bool isOpen))
            {
                if (isOpen) _diagnostics.Error(function.Span, $"Recursive function call detected. Call chain: {string.Join(" > ", chain.SkipWhile(f => f != function).Append(function).Select(f => f.Name))}");
                return;
            }
            open[function] = true;
            chain.Add(function);
            foreach (var called in function.Calls) Visit(called);
            chain.RemoveAt(chain.Count - 1);
            open[function] = false;
        }
    }
}
