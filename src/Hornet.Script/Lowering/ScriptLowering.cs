using Hornet.Compiler;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Objects;
using Hornet.Script.Binding;
using Hornet.Script.Runtime;
using Hornet.Script.Source;

namespace Hornet.Script.Lowering;

/// <summary>Makes programs and maps of a script: the bound tree becomes IR, one module for each program, and the compiler makes one object of them.</summary>
internal static class ScriptLowering
{
    // The kernel's BPF_COMPLEXITY_LIMIT_INSNS.
    private const int MostInstructions = 1_000_000;

    /// <summary>Compiles a script.</summary>
    /// <exception cref="ScriptException">It needs what the kernel does not have, or is too large.</exception>
    public static CompiledScript Lower(BoundScript script, LoweringOptions? options = null)
    {
        ObjectLowering whole = new(script, options ?? new LoweringOptions());
        List<IrModule> modules = [];
        List<ScriptProgram> programs = [];
        ProgramPart[] parts = [.. script.Programs.SelectMany(p => ProgramParts.Split(p, whole.Options))];
        var sessions = Sessions.Find(parts, whole.Options);
        foreach (var part in parts.Except(sessions.Values, ReferenceEqualityComparer.Instance).Cast<ProgramPart>())
        {
            var returns = sessions.GetValueOrDefault(part);
            ProgramLowering lowering = new(whole, part, modules.Count, returns);
            modules.Add(lowering.Lower());
            whole.Parts.Add(part);
            programs.Add(new ScriptProgram(lowering.Name, part.Targets) { UsesCookie = part.UsesCookie, FirstCookie = 0, Span = part.Program.Span, Returns = returns?.Targets ?? [] });
        }
        whole.ThrowOnErrors();
        if (modules.Count > 0) whole.AddAllMaps(modules[0]);
        return new CompiledScript
        {
            Compilation = Compile(modules, whole, script),
            Config = script.Config,
            Programs = programs,
            Maps = whole.ScriptMaps,
            Actions = whole.Actions,
            StackMaps = whole.StackMaps,
            TimeFormats = script.TimeFormats,
            CgroupFilters = script.CgroupFilters,
            Names = script.Names,
            Places = whole.Places,
        };
    }

    // Functions are verified with what calls them: then they can be given whatever the script has.
    private static void Link(BpfObject into, ImportedLibrary library, ObjectLowering whole)
    {
        try
        {
            into.Link(library.Object, hidesFunctions: true);
        }
        catch (BpfException e)
        {
            whole.Error(library.Import, e.Message);
        }
    }

    private static CompilationResult Compile(List<IrModule> modules, ObjectLowering whole, BoundScript script)
    {
        try
        {
            var result = BpfCompiler.Compile(modules, "script", whole.Options.Compiler(script.Config.License));
            for (int i = 0; i < whole.Parts.Count; i++)
            {
                int slots = 0;
                foreach (var instruction in result.Object.Programs[i].Instructions) slots += instruction.Slots;
                if (slots > MostInstructions) whole.Error(whole.Parts[i].Program.Span, $"this probe's program has {slots} instructions; the kernel takes {MostInstructions}");
            }
            foreach (var library in script.Libraries) Link(result.Object, library, whole);
            whole.ThrowOnErrors();
            return result;
        }
        catch (CompilationException e)
        {
            throw new ScriptException([.. e.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(whole.Translate)]);
        }
    }
}
