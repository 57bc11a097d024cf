using Hornet.Compiler.Diagnostics;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.Compiler;

/// <summary>A compiled program, or several that are one object.</summary>
public sealed class CompilationResult
{
    internal CompilationResult(BpfObject @object, IReadOnlyDictionary<string, BpfMap> bound, IReadOnlyList<Diagnostic> warnings, IReadOnlyList<CompilationStage> stages)
    {
        Object = @object;
        Diagnostics = warnings;
        Stages = stages;
        BoundMaps = bound;
    }

    /// <summary>The program with its maps, functions and lines as a whole object: load it, or write it to a file.</summary>
    public BpfObject Object { get; }

    /// <summary>The program; the first one of several.</summary>
    public ProgramSpec Program => Object.Programs[0];

    /// <summary>The live maps the program uses, by the name it uses.</summary>
    public IReadOnlyDictionary<string, BpfMap> BoundMaps { get; }

    /// <summary>Findings that did not prevent compilation.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    /// <summary>The IR after each pass, when it was asked for.</summary>
    public IReadOnlyList<CompilationStage> Stages { get; }

    /// <summary>Creates the maps that are not bound and loads the program.</summary>
    /// <param name="options">How; null for the defaults. Bound maps are added.</param>
    /// <exception cref="VerifierException">The verifier refused the program.</exception>
    public LoadedObject Load(LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        Dictionary<string, BpfMap> maps = new(options.MapReplacements);
        foreach (var (name, map) in BoundMaps) maps.TryAdd(name, map);
        return Object.Load(options with { MapReplacements = maps });
    }
}

/// <summary>The program after a step.</summary>
/// <param name="Name">The step.</param>
/// <param name="Text">The IR, or the instructions.</param>
public sealed record CompilationStage(string Name, string Text);
