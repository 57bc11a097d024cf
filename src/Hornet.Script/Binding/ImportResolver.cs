using Hornet.Script.Source;
using Hornet.Script.Syntax;

namespace Hornet.Script.Binding;

/// <summary>Adds what a script imports to it: files of the language, headers, and folders of them.</summary>
internal sealed class ImportResolver(BindOptions options, DiagnosticBag diagnostics)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<ScriptSyntax> _imported = [];

    /// <summary>The script with everything that it and its imports import, theirs in front.</summary>
    public ScriptSyntax Resolve(ScriptSyntax script)
    {
        foreach (var import in script.Imports) Import(import);
        if (_imported.Count == 0) return script;
        ScriptSyntax[] all = [.. _imported, script];
        return script with
        {
            CDefinitions = [.. all.SelectMany(s => s.CDefinitions)],
            Macros = [.. all.SelectMany(s => s.Macros)],
            Functions = [.. all.SelectMany(s => s.Functions)],
            Maps = [.. all.SelectMany(s => s.Maps)],
            Probes = [.. all.SelectMany(s => s.Probes)],
        };
    }

    private void Import(ImportSyntax import)
    {
        // The library is always there.
        if (import.Path == "stdlib" || import.Path.StartsWith("stdlib/", StringComparison.Ordinal)) return;
        List<string> looked = [];
        string own = Path.GetDirectoryName(import.Span.Source.Name) is { Length: > 0 } folder ? folder : ".";
        foreach (string path in options.ImportPaths.Prepend(own).Select(f => Path.Combine(f, import.Path)))
        {
            looked.Add(path);
            if (!File.Exists(path) && !Directory.Exists(path)) continue;
            ImportPath(import, path, isNamed: true, mayBeFolder: true);
            return;
        }
        diagnostics.Error(import.Span, "Unable to find suitable path for import").Hints.Add($"checked: {string.Join(",", looked)}");
    }

    private void ImportPath(ImportSyntax import, string path, bool isNamed, bool mayBeFolder)
    {
        if (!_seen.Add(Path.GetFullPath(path))) return;
        if (IsWritableByAll(path))
        {
            diagnostics.Error(import.Span, $"cowardly refusing to import from a directory with global write permissions: {path}");
            return;
        }
        if (Directory.Exists(path))
        {
            if (!mayBeFolder) return;
            foreach (string entry in Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal)) ImportPath(import, entry, isNamed: false, mayBeFolder: false);
            return;
        }
        switch (Path.GetExtension(path))
        {
            case ".bt": Script(import, path); break;
            case ".h": Header(import, path); break;
            case ".c" or ".o" when path.EndsWith(".bpf.c", StringComparison.Ordinal) || path.EndsWith(".bpf.o", StringComparison.Ordinal):
                diagnostics.Error(import.Span, $"{Path.GetFileName(path)}: programs in C cannot be imported, there is no C compiler in here")
                    .Hints.Add("Write it as a function of the script: fn name($a : uint64) : uint64 { … }; a whole program in C is run by: hornet run FILE.bpf.o");
                break;
            default:
                if (isNamed) diagnostics.Error(import.Span, $"unknown import type: \"{Path.GetFileName(path)}\"");
                break;
        }
    }

    private void Script(ImportSyntax import, string path)
    {
        if (Read(import, path) is not { } text || options.Parse(new SourceText(path, text), diagnostics) is not { } script) return;
        foreach (var inner in script.Imports) Import(inner);
        _imported.Add(script);
    }

    private void Header(ImportSyntax import, string path)
    {
        if (Read(import, path) is not { } text) return;
        SourceSpan span = new(new SourceText(path, text), 0, text.Length);
        _imported.Add(new ScriptSyntax(span) { CDefinitions = [new CDefinitionsSyntax(span)] });
    }

    private string? Read(ImportSyntax import, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Error(import.Span, $"error reading import '{path}': {e.Message}");
            return null;
        }
    }

    private static bool IsWritableByAll(string path)
    {
        string folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        return (File.GetUnixFileMode(folder) & UnixFileMode.OtherWrite) != 0;
    }
}
