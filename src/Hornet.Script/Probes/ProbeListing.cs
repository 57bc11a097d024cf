using Hornet.Btf;
using Hornet.Kernel;
using Hornet.Tracing;

namespace Hornet.Script.Probes;

/// <summary>
/// What can be probed, by a search: option -l. A line for each probe in the order of kinds and names, and with details
/// the arguments below it. Lines are made while they are written: a kernel has more functions than a terminal has patience.
/// </summary>
/// <param name="kernel">What the kernel has.</param>
/// <param name="options">Of the command line.</param>
/// <param name="isVerbose">Option -v: arguments too.</param>
internal sealed class ProbeListing(KernelCatalog kernel, ScriptProbeOptions options, bool isVerbose)
{
    private readonly UserCatalog _user = new(options.Process, options.IsUnsafe);

    /// <summary>What user functions take, for -v: lines; null where nothing tells.</summary>
    public Func<string, string, IReadOnlyList<string>?>? UserParameters { get; init; }

    /// <summary>What is said on the side, without <c>WARNING:</c>.</summary>
    public Action<string> Warn { get; init; } = static _ => { };

    /// <summary>Everything that matches: patterns with commas between; a name alone is looked for in all kinds; <c>struct x</c> shows types.</summary>
    public IEnumerable<string> Search(string search)
    {
        if (search.Contains('.') && !search.AsSpan().ContainsAny(':', '*'))
            Warn($"It appears that '{search}' is a filename but the file does not exist. Treating '{search}' as a search pattern.");
        foreach (string part in search.Split(','))
        {
            string pattern = string.Join(' ', part.Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries));
            if (IsType(pattern))
            {
                foreach (string line in TypeListing.Find(pattern, isVerbose)) yield return line;
                continue;
            }
            if (pattern.Length == 0) pattern = "*:*";
            else if (!pattern.Contains(':')) pattern = "*:" + pattern;
            foreach (string line in Probes(pattern)) yield return line;
        }
    }

    /// <summary>The places a script's probes mean.</summary>
    public IEnumerable<string> Of(IEnumerable<ProbeTarget> targets)
    {
        foreach (var target in targets)
        {
            if (target is SelfTarget { Type: ProbeType.Begin or ProbeType.End or ProbeType.Self }) continue;
            // How often is no part of what there is to probe.
            string name = target.FullName;
            yield return target.Type is ProbeType.Software or ProbeType.Hardware or ProbeType.Interval or ProbeType.Profile ? name[..(name.LastIndexOf(':') + 1)] : name;
            if (!isVerbose) continue;
            foreach (var argument in target.Arguments ?? []) yield return $"    {argument.Type} {argument.Name}";
            if (target.ReturnValue is { } result) yield return $"    {result.Type} retval";
        }
    }

    private static bool IsType(string search) => search.StartsWith("struct ", StringComparison.Ordinal) || search.StartsWith("union ", StringComparison.Ordinal) || search.StartsWith("enum ", StringComparison.Ordinal)
        || search is "struct" or "union" or "enum";

    private IEnumerable<string> Probes(string pattern)
    {
        string[] parts = pattern.Split(':');
        string rest = pattern[(pattern.IndexOf(':') + 1)..], kind = parts[0].Length == 0 ? "*" : parts[0];
        bool hasTarget = parts.Length > 1 && parts[1].Length > 0 && !Wildcard.Is(parts[1]) && File.Exists(parts[1]);
        SortedSet<string> kinds = new(StringComparer.Ordinal);
        if (Wildcard.Is(kind))
        {
            var wanted = Wildcard.Of(kind);
            bool user = options.Process is not null || hasTarget;
            foreach (var provider in ProbeNames.All)
            {
                if ((provider.IsKernelList || (user && provider.IsUserList)) && wanted.Matches(provider.Name)) kinds.Add(provider.Name);
            }
        }
        else if (ProbeNames.Find(kind) is { } one)
        {
            kinds.Add(one.Name);
        }
        return kinds.SelectMany(name => OfKind(ProbeNames.Find(name)!.Type, parts, rest.Length == 0 ? "*" : rest));
    }

    private IEnumerable<string> OfKind(ProbeType type, string[] parts, string rest)
    {
        string kind = ProbeNames.NameOf(type);
        bool hasTarget = parts.Length > 2;
        string both = hasTarget ? rest : "*:" + rest;
        switch (type)
        {
            case ProbeType.Kprobe or ProbeType.Kretprobe:
                var functions = kernel.Functions(hasTarget ? Wildcard.Of(parts[1]) : null, Wildcard.Of(hasTarget ? parts[2] : rest));
                return hasTarget
                    ? functions.SelectMany(f => Lines($"{kind}:{f.Module}:{f.Name}", () => Registers(type, f.Name)))
                    : functions.Select(f => f.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).SelectMany(f => Lines($"{kind}:{f}", () => Registers(type, f)));
            case ProbeType.Fentry or ProbeType.Fexit:
                if (hasTarget && parts[1] == "bpf")
                {
                    var wanted = Wildcard.Of(parts.Length > 3 ? rest : $"bpf:*:{parts[2]}");
                    return KernelCatalog.BpfPrograms().Where(p => wanted.Matches($"bpf:{p.Id}:{p.Name}")).Select(p => $"{kind}:bpf:{p.Id}:{p.Name}").Order(StringComparer.Ordinal);
                }
                return kernel.TypedFunctions(hasTarget ? Wildcard.Of(parts[1]) : null, Wildcard.Of(hasTarget ? parts[2] : rest))
                    .OrderBy(f => f.Module, StringComparer.Ordinal).ThenBy(f => f.Name, StringComparer.Ordinal)
                    .SelectMany(f => Lines($"{kind}:{f.Module}:{f.Name}", () => Prototype(f.Function.Target, 0, type == ProbeType.Fexit)));
            case ProbeType.RawTracepoint:
                return KernelCatalog.RawTracepoints(hasTarget ? Wildcard.Of(parts[1]) : null, Wildcard.Of(hasTarget ? parts[2] : rest))
                    .SelectMany(t => Lines($"{kind}:{t.Module}:{t.Name}", () => Prototype(t.Prototype, 1, false)));
            case ProbeType.Tracepoint:
                return KernelCatalog.Tracepoints(Wildcard.Of(both)).SelectMany(t => Lines($"{kind}:{t}", () => Format(t)));
            case ProbeType.Uprobe or ProbeType.Uretprobe:
                return UserFunctions(kind, hasTarget ? parts[1] : "*", Wildcard.Of(hasTarget ? string.Join(':', parts[2..]) : rest));
            case ProbeType.Usdt:
                return StaticProbes(kind, hasTarget ? parts[1] : "*", hasTarget ? string.Join(':', parts[2..]) : rest);
            case ProbeType.Software or ProbeType.Hardware:
                var events = Wildcard.Of(rest.TrimEnd(':') is "" ? "*" : rest);
                return CounterEvents.Names(CounterEvents.Of(type)).Where(n => events.Matches(n + ":") || events.Matches(n))
                    .Order(StringComparer.Ordinal).Select(n => $"{kind}:{n}:");
            case ProbeType.Profile or ProbeType.Interval:
                var units = Wildcard.Of(rest);
                return ((string[])["hz", "ms", "s", "us"]).Where(u => units.Matches(u + ":") || units.Matches(u)).Select(u => $"{kind}:{u}:");
            case ProbeType.Iter:
                return KernelCatalog.Iterators(Wildcard.Of(rest)).SelectMany(i => Lines($"{kind}:{i.Name}", () => i.Function is { } function ? Prototype(function.Target, 1, withResult: false) : []));
            case ProbeType.Self:
                return Wildcard.Of(rest).Matches("signal:SIGUSR1") ? ["self:signal:SIGUSR1"] : [];
            default:
                return [];
        }
    }

    private IEnumerable<string> Lines(string name, Func<IEnumerable<string>> details)
    {
        yield return name;
        if (!isVerbose) yield break;
        foreach (string line in details()) yield return "    " + line;
    }

    private IEnumerable<string> UserFunctions(string kind, string target, NamePattern name)
    {
        SortedDictionary<string, SortedSet<string>> files = new(StringComparer.Ordinal);
        foreach (string path in FilesOf(target))
        {
            SortedSet<string> names = new(StringComparer.Ordinal);
            foreach (var function in _user.Functions(path))
            {
                if (name.Matches(function.Name)) names.Add(function.Name);
            }
            if (names.Count > 0) files[path] = names;
        }
        foreach (var (path, names) in files)
        {
            if (isVerbose && UserParameters is not null && UserParameters(path, "") is null) Warn($"No DWARF found for \"{path}\", cannot show parameter info");
            foreach (string function in names)
            {
                foreach (string line in Lines($"{kind}:{path}:{function}", () => UserParameters?.Invoke(path, function) ?? [])) yield return line;
            }
        }
    }

    private IEnumerable<string> StaticProbes(string kind, string target, string rest)
    {
        var wanted = Wildcard.Of(rest.Contains(':') ? rest : "*:" + rest);
        return FilesOf(target).Order(StringComparer.Ordinal).SelectMany(path => _user.StaticProbes(path).Where(p => wanted.Matches($"{p.Provider}:{p.Name}"))
            .Select(p => $"{kind}:{path}:{p.Provider}:{p.Name}").Order(StringComparer.Ordinal));
    }

    // With a process, what it has mapped; else the files a target means.
    private IEnumerable<string> FilesOf(string target)
    {
        if (options.Process is not { } pid) return _user.Paths(target);
        var mapped = UserCatalog.MappedFiles(pid);
        if (target is "*" or "") return mapped;
        var pattern = Wildcard.Of(target);
        return target.Contains('*') ? mapped.Where(p => pattern.Matches(p)) : _user.Paths(target);
    }

    private static IEnumerable<string> Prototype(BtfType prototype, int skip, bool withResult)
    {
        var parameters = prototype.Parameters;
        for (int i = skip; i < parameters.Count; i++) yield return $"{BtfCFormatter.TypeName(parameters[i].Type)} {parameters[i].Name}";
        if (withResult && prototype.Target.Id != 0) yield return $"{BtfCFormatter.TypeName(prototype.Target)} retval";
    }

    private static IEnumerable<string> Registers(ProbeType type, string function)
    {
        if (KernelCatalog.Types?.FindFunction(function) is not { } known) yield break;
        var prototype = known.Target;
        if (type == ProbeType.Kretprobe)
        {
            yield return prototype.Target.Id == 0 ? "void" : $"{BtfCFormatter.TypeName(prototype.Target)} retval";
            yield break;
        }
        int number = 0;
        foreach (var parameter in prototype.Parameters)
        {
            // What is no integer travels elsewhere and has no number.
            if (parameter.Type.Resolve().Kind != BtfKind.Float) yield return $"{BtfCFormatter.TypeName(parameter.Type)} arg{number++}";
        }
    }

    // As tracefs writes it, but for the fields that every event has.
    private static IEnumerable<string> Format(string tracepoint)
    {
        int colon = tracepoint.IndexOf(':');
        string text;
        try
        {
            text = File.ReadAllText($"{Tracefs.Mount}/events/{tracepoint[..colon]}/{tracepoint[(colon + 1)..]}/format");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }
        bool isOwn = false;
        foreach (string line in text.Split('\n'))
        {
            if (line.Length == 0) isOwn = true;
            else if (isOwn && line.StartsWith("\tfield:", StringComparison.Ordinal)) yield return line[7..line.IndexOf(';')];
        }
    }
}

/// <summary>Types of the kernel, by pattern: <c>struct task*</c>; with details as C declares them.</summary>
internal static class TypeListing
{
    public static IEnumerable<string> Find(string search, bool isVerbose)
    {
        if (KernelCatalog.Types is not { } types) return [];
        var pattern = Wildcard.Of(search);
        SortedDictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (var spec in types.Specs)
        {
            foreach (var type in spec.OwnTypes)
            {
                string? keyword = type.Kind switch { BtfKind.Struct => "struct ", BtfKind.Union => "union ", BtfKind.Enum => "enum ", _ => null };
                if (keyword is null || type.IsAnonymous) continue;
                string name = keyword + type.Name;
                if (!pattern.Matches(name) || found.ContainsKey(name)) continue;
                found.Add(name, isVerbose ? $"{spec.Name}: {Declaration(type)}" : name);
            }
        }
        return found.Values;
    }

    private static string Declaration(BtfType type) => BtfCFormatter.Definition(type).TrimEnd('\n');
}
