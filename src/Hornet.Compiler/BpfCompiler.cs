using Hornet.Compiler.CodeGen;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Compiler.Passes;
using Hornet.Maps;

namespace Hornet.Compiler;

/// <summary>Compiles IR to eBPF that the Linux verifier accepts.</summary>
public static class BpfCompiler
{
    /// <summary>Compiles a program. The module is used up: passes change it.</summary>
    /// <exception cref="CompilationException">The program cannot be compiled; all reasons are in it.</exception>
    public static CompilationResult Compile(IrModule module, CompilerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        return Compile([module], module.Name, options);
    }

    /// <summary>
    /// Compiles programs that become one object: maps that several use are one map in it, and so are their constants. The
    /// modules are used up: passes change them.
    /// </summary>
    /// <param name="modules">The programs; each has another name.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="options">What to compile for; null for the defaults.</param>
    /// <exception cref="CompilationException">A program cannot be compiled; all reasons, of all programs, are in it.</exception>
    public static CompilationResult Compile(IReadOnlyList<IrModule> modules, string name, CompilerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(modules);
        options ??= new CompilerOptions();
        List<Diagnostic> diagnostics = [];
        List<CompilationStage> stages = [];
        var core = options.Relocatable ? new CoreTypes() : null;
        foreach (var module in modules)
        {
            // What is wrong with one program does not keep the others from being looked at.
            List<Diagnostic> own = [];
            IrVerifier.Verify(module);
            new PassPipeline(module, options, core, stages, own).Run();
            diagnostics.AddRange(own);
        }
        ThrowOnErrors(diagnostics, options);
        ObjectAssembler assembler = new(name, options, core, TypesOf(modules, diagnostics));
        ThrowOnErrors(diagnostics, options);
        foreach (var module in modules) assembler.Add(module, diagnostics, stages);
        ThrowOnErrors(diagnostics, options);
        return assembler.Finish(diagnostics, stages);
    }

    // An object has one set of types, and so has what its programs share with maps.
    private static SharedTypes? TypesOf(IReadOnlyList<IrModule> modules, List<Diagnostic> diagnostics)
    {
        if (modules.All(m => m.SharedTypes.Count == 0)) return null;
        var types = modules.SelectMany(m => m.SharedTypes).DistinctBy(t => (t.KeyType, t.ValueType)).ToArray();
        if (types.Length > 1)
            diagnostics.Add(Diagnostic.Error(DiagnosticRules.SeveralSharedTypes, null, $"maps with lists or trees in values of {string.Join(" and ", types.Select(t => t.ValueType.Name))} are used"));
        return types.FirstOrDefault();
    }

    private static void ThrowOnErrors(List<Diagnostic> diagnostics, CompilerOptions options)
    {
        if (!diagnostics.Exists(d => d.Severity == DiagnosticSeverity.Error)) return;
        throw new CompilationException([.. diagnostics.Select(d => d with { Program = d.Program ?? options.DisplayName, Location = WithText(d.Location) })]);
    }

    /// <summary>A place with its line of source, where the file is there.</summary>
    private static SourceLocation? WithText(SourceLocation? location)
    {
        if (location is not { SourceText: null, Line: > 0, File.Length: > 0 }) return location;
        try
        {
            return File.Exists(location.File) && File.ReadLines(location.File).Skip(location.Line - 1).FirstOrDefault() is { } line ? location with { SourceText = line } : location;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return location;
        }
    }
}
