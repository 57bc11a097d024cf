using System.Text;
using Hornet.Objects;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>Adds what a script imports to it: files of the language, headers, and folders of them.</summary>
internal sealed class ImportResolver(BindOptions options, DiagnosticBag diagnostics)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<ScriptSyntax> _imported = [];
    private readonly List<(ImportSyntax Import, string File, BpfObject Object)> _objects = [];

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

    /// <summary>The objects that were imported.</summary>
    /// <param name="types">The script's and the kernel's types.</param>
    public IReadOnlyList<ImportedLibrary> Libraries(ITypeSource? types)
    {
        List<ImportedLibrary> libraries = [];
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        foreach (var (import, file, code) in _objects)
        {
            ImportedLibrary library = new(file, import.Span, code, name => types?.FindType(name));
            foreach (string function in library.Functions.Keys)
            {
                if (!owners.TryAdd(function, file)) diagnostics.Error(import.Span, $"{file} defines {function}(), which {owners[function]} defines as well").Hints.Add("Make one of them static, or leave one import out");
            }
            string[] idle = [.. code.Programs.Select(p => p.Name).Where(p => !code.Maps.Any(m => m.Contents.Any(c => c.Value is string name && name == p)))];
            if (idle.Length > 0)
                diagnostics.Warning(import.Span, $"{file} has programs of its own ({string.Join(", ", idle.Take(5))}{(idle.Length > 5 ? ", …" : "")}), which are not attached: hornet run does that");
            libraries.Add(library);
        }
        return libraries;
    }

    private void Import(ImportSyntax import)
    {
        // The library is always there.
        if (import.Path == "stdlib" || import.Path.StartsWith("stdlib/", StringComparison.Ordinal)) return;
        if (options.Bundled is { } bundled)
        {
            foreach (var file in bundled)
            {
                if (file.From == import.Span.Source.Name && file.Import == import.Path && _seen.Add(file.Path)) Take(import, file.Path, file.Bytes);
            }
            return;
        }
        List<string> looked = [];
        string own = Path.GetDirectoryName(import.Span.Source.Name) is { Length: > 0 } folder ? folder : ".";
        foreach (string path in options.ImportPaths.Prepend(own).Select(f => Path.Combine(f, import.Path)))
        {
            looked.Add(path);
            if (!File.Exists(path) && !Directory.Exists(path)) continue;
            if (WritableByAll(path) is { } open)
            {
                diagnostics.Warning(import.Span, $"skipping due to global write permissions: \"{path}\"").Hints.Add(Close(open));
                continue;
            }
            ImportPath(import, path, isNamed: true, mayBeFolder: true);
            return;
        }
        diagnostics.Error(import.Span, "Unable to find suitable path for import").Hints.Add($"checked: {string.Join(",", looked)}");
    }

    private void ImportPath(ImportSyntax import, string path, bool isNamed, bool mayBeFolder)
    {
        if (!_seen.Add(Path.GetFullPath(path))) return;
        if (WritableByAll(path) is { } open)
        {
            diagnostics.Error(import.Span, $"cowardly refusing to import from a directory with global write permissions: \"{path}\"").Hints.Add(Close(open));
            return;
        }
        if (Directory.Exists(path))
        {
            if (!mayBeFolder) return;
            foreach (string entry in Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal)) ImportPath(import, entry, isNamed: false, mayBeFolder: false);
            return;
        }
        if (!IsKnown(path))
        {
            if (isNamed)
                diagnostics.Error(import.Span, $"unknown import type: \"{Path.GetFileName(path)}\"").Hints.Add("what is imported is told by the end of its name: .bt for scripts, .h for declarations in C, .bpf.c for programs in C, .bpf.o for compiled ones");
            return;
        }
        byte[]? bytes = path.EndsWith(".bpf.c", StringComparison.Ordinal) ? Compile(import, path) : Read(import, path);
        if (bytes is not null) Take(import, path, bytes);
    }

    private static bool IsKnown(string path) => Path.GetExtension(path) is ".bt" or ".h" || path.EndsWith(".bpf.c", StringComparison.Ordinal) || path.EndsWith(".bpf.o", StringComparison.Ordinal);

    // A file with its contents, which of a program in C are what clang made of it.
    private void Take(ImportSyntax import, string path, byte[] bytes)
    {
        options.Imported?.Invoke(new BundledImport(import.Span.Source.Name, import.Path, path, bytes));
        switch (Path.GetExtension(path))
        {
            case ".bt":
                if (options.Parse(new SourceText(path, Encoding.UTF8.GetString(bytes)), diagnostics) is not { } script) return;
                foreach (var inner in script.Imports) Import(inner);
                _imported.Add(script);
                break;
            case ".h":
                SourceText text = new(path, Encoding.UTF8.GetString(bytes));
                SourceSpan span = new(text, 0, text.Text.Length);
                _imported.Add(new ScriptSyntax(span) { CDefinitions = [new CDefinitionsSyntax(span)] });
                break;
            default:
                try
                {
                    _objects.Add((import, Path.GetFileName(path), BpfObject.Parse(bytes, Path.GetFileName(path))));
                }
                catch (BpfException e)
                {
                    diagnostics.Error(import.Span, $"{path} is no BPF object: {e.Message}").Hints.Add("it is made by: clang -target bpf -O2 -g -c FILE.bpf.c");
                }
                break;
        }
    }

    private byte[]? Compile(ImportSyntax import, string path)
    {
        if (options.CompileC(path) is not { } made) return null;
        if (made.IsMissing)
        {
            diagnostics.Error(import.Span, $"{Path.GetFileName(path)} is written in C, and clang, which compiles it, is not on this machine")
                .Hints.Add($"Install clang, or say in CLANG where it is; or compile it elsewhere (clang -target bpf -O2 -g -c {Path.GetFileName(path)}) and import the .bpf.o");
        }
        else if (made.Object is null)
        {
            diagnostics.Error(import.Span, "failed to build").Hints.Add(made.Messages);
        }
        else if (made.Messages.Length > 0)
        {
            diagnostics.Warning(import.Span, "found external warnings").Hints.Add(made.Messages);
        }
        return made.Object;
    }

    private byte[]? Read(ImportSyntax import, string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Error(import.Span, $"error reading import '{path}': {e.Message}");
            return null;
        }
    }

    // The file, or the folder it is in: who may write there may put another one in its place. Null when neither is.
    private static string? WritableByAll(string path) =>
        new[] { path, Path.GetDirectoryName(Path.GetFullPath(path)) ?? path }.FirstOrDefault(p => File.GetUnixFileMode(p).HasFlag(UnixFileMode.OtherWrite));

    // Folders like /tmp are to be written by all.
    private static string Close(string path) => File.GetUnixFileMode(path).HasFlag(UnixFileMode.StickyBit)
        ? $"everybody may write into {path}, and is meant to: import from a folder that is yours"
        : $"everybody may change what is imported; so that only its owner can: chmod o-w '{path}'";
}
