using Hornet.Compiler.CodeGen;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Compiler.Passes;
using Hornet.Isa;
using Hornet.Objects;
using Hornet.Programs;
using Instruction = Hornet.Isa.Instruction;

namespace Hornet.Compiler;

/// <summary>Compiles IR to eBPF that the Linux verifier accepts.</summary>
public static class BpfCompiler
{
    /// <summary>Compiles a program. The module is used up: passes change it.</summary>
    /// <exception cref="CompilationException">The program cannot be compiled; all reasons are in it.</exception>
    public static CompilationResult Compile(IrModule module, CompilerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        options ??= new CompilerOptions();
        List<Diagnostic> diagnostics = [];
        List<CompilationStage> stages = [];
        PassPipeline pipeline = new(module, options, stages, diagnostics);
        IrVerifier.Verify(module);
        pipeline.Run();
        ThrowOnErrors(diagnostics, options);
        DebugInfoBuilder debug = new();
        var code = CodeGenerator.Run(module, new CodeGenTarget(options.IsaLevel), debug, diagnostics);
        ThrowOnErrors(diagnostics, options);
        if (options.KeepStages) stages.Add(new("code", Disassembler.Format(code)));
        return new CompilationResult(module, MakeObject(module, options, code, debug), diagnostics, stages);
    }

    private static void ThrowOnErrors(List<Diagnostic> diagnostics, CompilerOptions options)
    {
        if (!diagnostics.Exists(d => d.Severity == DiagnosticSeverity.Error)) return;
        throw new CompilationException([.. diagnostics.Select(d => d with { Program = d.Program ?? options.DisplayName })]);
    }

    private static BpfObject MakeObject(IrModule module, CompilerOptions options, List<Instruction> code, DebugInfoBuilder debug)
    {
        BpfObject result = new(module.Name) { License = options.License, Btf = debug.Build(module.Name) };
        foreach (var map in module.Maps)
        {
            var spec = map.Spec.Clone();
            spec.Name = map.Name;
            result.Maps.Add(spec);
        }
        foreach (string name in code.Where(i => i.Metadata is { ReferenceKind: ReferenceKind.KernelFunction }).Select(i => i.Reference!).Distinct())
            result.Externs.Add(new ExternSymbol { Name = name, Kind = ExternKind.KernelFunction });
        result.Programs.Add(new ProgramSpec
        {
            Name = module.Name,
            Type = module.ProgramType,
            AttachType = module.AttachType,
            // Programs that are run by a system call may always sleep.
            Flags = module.Flags | (module.ProgramType == ProgramType.Syscall ? ProgramFlags.Sleepable : 0),
            License = options.License,
            Instructions = code,
        });
        return result;
    }
}
