using Hornet.Elf;
using Hornet.Kernel;
using Hornet.Script.Source;

namespace Hornet.Script.Probes;

// Probes of programs.
internal sealed partial class ProbeResolver
{
    private IReadOnlyList<ProbeTarget> Uprobes(AttachPoint point, SourceSpan span, DiagnosticBag report)
    {
        string kind = ProbeNames.NameOf(point.Type);
        if (point.Target.Length == 0)
        {
            string? program = options.Process is { } pid ? UserCatalog.ProgramOf(pid) : null;
            point = point with { Target = program ?? throw new AttachPointException($"{kind} should have a target") };
        }
        var paths = Files(point, kind, span, report);
        if (paths.Count == 0) return [];
        if (point.SourceFile.Length > 0) return [SourceLine(point with { Target = paths[0] })];
        bool isPattern = Wildcard.Is(point.Function) || point.Target.Contains('*') || point.Language == "cpp";
        if (!isPattern)
        {
            point = point with { Target = paths[0] };
            if (point.Address is not null || point.Function.Length == 0) return [AtAddress(point)];
            if (ZipEntry.TrySplit(point.Target, out string archive, out string entry)) return [InArchive(point, archive, entry)];
            var functions = _user.Functions(point.Target);
            foreach (var function in functions)
            {
                if (IsNamed(function, point.Function)) return [AtFunction(point, function, isMany: false)];
            }
            // A file without symbols may be probed all the same, at offsets.
            return Missing(point, span, report, () => CloseNames.Suggest(point.Function, functions.Select(f => f.Name).Distinct()));
        }
        List<ProbeTarget> found = [];
        foreach (string path in paths)
        {
            HashSet<string> seen = new(StringComparer.Ordinal);
            foreach (var function in Matching(path, point).OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                if (seen.Add(function.Name)) found.Add(AtFunction(point with { Target = path, Function = function.Name, Language = "" }, function, HasUprobeMulti));
            }
        }
        return found;
    }

    private IEnumerable<ElfFunction> Matching(string path, AttachPoint point)
    {
        var pattern = Wildcard.Of(point.Function);
        bool withParameters = point.Function.Contains('(');
        foreach (var function in _user.Functions(path))
        {
            if (pattern.Matches(function.Name)) yield return function;
            else if (point.Language == "cpp" && options.Demangle?.Invoke(function.Name) is { } readable && pattern.Matches(withParameters ? readable : WithoutParameters(readable))) yield return function;
        }
    }

    /// <summary><c>a::b(int)::{lambda}</c> and the like keep what stands behind; parameters are the last brackets.</summary>
    private static ReadOnlySpan<char> WithoutParameters(string name)
    {
        int depth = 0;
        for (int i = name.Length - 1; i > 0; i--)
        {
            if (name[i] == ')') depth++;
            else if (name[i] == '(' && --depth == 0) return name.AsSpan(0, i).ToString() is var head && head.EndsWith("operator", StringComparison.Ordinal) ? name : head;
        }
        return name;
    }

    private static bool IsNamed(ElfFunction function, string name)
    {
        int version = name.IndexOf('@');
        return version < 0 ? function.Name == name : function.Name == name[..version] && function.Version == name[(version + 1)..].TrimStart('@');
    }

    private UprobeTarget AtFunction(AttachPoint point, ElfFunction function, bool isMany)
    {
        string? problem = null;
        if (function.Size == 0 && point.Offset == 0)
        {
            if (!options.IsUnsafe)
                problem = $"Could not determine boundary for {function.Name} (symbol has size 0).\nUse --unsafe to force attachment. WARNING: This option could lead to data corruption in the target process.";
        }
        else if (point.Offset >= function.Size && point.Offset != 0)
        {
            problem = $"Offset outside the function bounds ('{function.Name}' size is {function.Size})";
        }
        return new UprobeTarget(point, function.FileOffset + point.Offset, isMany && problem is null && point.Offset == 0, Signature(point.Target, function.Name)) { Problem = problem, DebugTypes = options.UserTypes };
    }

    private Func<(IReadOnlyList<ScriptArgument>, Types.ScriptType?)?>? Signature(string path, string function) =>
        options.UserSignatures is { } signatures ? () => signatures(path, function) : null;

    private UprobeTarget AtAddress(AttachPoint point)
    {
        ulong address = point.Address ?? 0;
        foreach (var function in _user.Functions(point.Target))
        {
            if (address < function.Address || address - function.Address >= function.Size) continue;
            ulong offset = address - function.Address;
            string? problem = point.Type == ProbeType.Uretprobe && offset != 0
                ? $"uretprobes cannot be attached at function offset. (address resolved to: {function.Name}+{offset})"
                : null;
            return new UprobeTarget(point, function.FileOffset + offset, false, null) { Problem = problem, DebugTypes = options.UserTypes };
        }
        return new UprobeTarget(point, address, false, null)
        {
            DebugTypes = options.UserTypes,
            Problem = options.IsUnsafe ? null : $"Could not resolve address: {point.Target}:0x{address:x}",
            Warning = options.IsUnsafe
                ? $"Could not determine instruction boundary for {point.FullName} (binary appears stripped). Misaligned probes can lead to tracee crashes!"
                : null,
        };
    }

    private static UprobeTarget InArchive(AttachPoint point, string archive, string entry)
    {
        var (start, bytes) = ZipEntry.Read(archive, entry);
        using var file = ElfFile.Parse(bytes, point.Target);
        var function = file.FindFunction(point.Function) ?? throw new AttachPointException($"No matches for {ProbeNames.NameOf(point.Type)} {point.Target}:{point.Function}.");
        return new UprobeTarget(point, start + function.FileOffset + point.Offset, false, null) { AttachPath = archive };
    }

    private UprobeTarget SourceLine(AttachPoint point)
    {
        if (options.SourceLines is not { } lines) throw new AttachPointException($"No DWARF debug info found for '{point.Target}', cannot attach by source code location.");
        ulong address = lines(point.Target, point.SourceFile, point.Line, point.Column)
            ?? throw new AttachPointException($"No code at {point.SourceFile}:{point.Line}{(point.Column > 0 ? $":{point.Column}" : "")} in '{point.Target}'.");
        var at = point with { Address = address };
        using var file = ElfFile.Open(point.Target);
        return new UprobeTarget(at, file.FileOffset(address) ?? address, false, null) { DebugTypes = options.UserTypes };
    }

    private IReadOnlyList<string> Files(AttachPoint point, string kind, SourceSpan span, DiagnosticBag report)
    {
        var paths = _user.Paths(point.Target);
        if (paths.Count == 0)
        {
            throw new AttachPointException($"{kind} target file '{point.Target}' does not exist or is not executable");
        }
        if (paths.Count > 1 && !point.Target.Contains('*'))
        {
            report.Warning(span, $"attaching to {kind} target file '{paths[0]}' but matched {paths.Count} binaries");
            return [paths[0]];
        }
        return paths;
    }

    private IReadOnlyList<ProbeTarget> StaticProbes(AttachPoint point, SourceSpan span, DiagnosticBag report)
    {
        IReadOnlyList<string> paths;
        if (options.Process is { } pid)
        {
            paths = UserCatalog.MappedFiles(pid);
            if (paths.Count == 0) throw new AttachPointException($"Failed to read the maps of process {pid}");
            if (point.Target.Length > 0)
            {
                // Of what the process has mapped, the file that was meant, whatever it is mounted as.
                var wanted = point.Target.Contains('*') ? Wildcard.Of(point.Target) : null;
                HashSet<string> exact = wanted is null ? [.. Files(point, "usdt", span, report).Select(p => Path.GetFullPath(p))] : [];
                paths = [.. paths.Where(p => wanted?.Matches(p) ?? (exact.Contains(p) || exact.Any(e => p.EndsWith(e, StringComparison.Ordinal))))];
                if (paths.Count == 0 && exact.Count > 0) paths = [.. exact];
            }
        }
        else
        {
            paths = Files(point, "usdt", span, report);
        }
        var provider = Wildcard.Of(point.Namespace.Length == 0 ? "*" : point.Namespace);
        var name = Wildcard.Of(point.Function);
        List<ProbeTarget> found = [];
        foreach (string path in paths)
        {
            foreach (var probe in _user.StaticProbes(path).OrderBy(p => p.ToString(), StringComparer.Ordinal))
            {
                if (provider.Matches(probe.Provider) && name.Matches(probe.Name))
                    found.Add(new UsdtTarget(point with { Target = path, Namespace = probe.Provider, Function = probe.Name }, probe, HasUprobeMulti && options.Process is null));
            }
        }
        if (found.Count > 0 || Wildcard.Is(point.Function) || Wildcard.Is(point.Target)) return found;
        return Missing(point with { Target = paths.Count == 1 ? paths[0] : point.Target }, span, report,
            () => CloseNames.Suggest(point.Function, paths.SelectMany(_user.StaticProbes).Select(p => p.Name).Distinct()));
    }
}
