using Hornet.Btf;
using Hornet.Compiler.CodeGen;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Isa;

namespace Hornet.Compiler.Passes;

/// <summary>The passes in their order.</summary>
internal sealed class PassPipeline(IrModule module, CompilerOptions options, CoreTypes? core, List<CompilationStage> stages, List<Diagnostic> diagnostics)
{
    public void Run()
    {
        if (options.KeepStages) stages.Add(new("front end", IrPrinter.Print(module)));
        Apply(new UnreachableBlocks());
        Apply(new Inliner(diagnostics));
        Apply(new UnusedFunctions());
        Apply(new PointerDistances());
        Optimize();
        Apply(new PreVerifier(options, diagnostics));
        Apply(new KernelAccessLowering(() => options.KernelTypes ?? (KernelBtf.IsAvailable ? KernelBtf.Vmlinux : null), core, diagnostics));
        Apply(new ScratchPlacement());
        Apply(new PacketLowering());
        Apply(new MemoryLowering(oldProbeRead: options.Kernel is { } kernel && kernel < new Version(5, 5)));
        Optimize();
        Apply(new SwitchLowering());
        if (options.IsaLevel < IsaLevel.V4) Apply(new SignedDivisionLowering());
        Apply(new ReturnSplitting());
        Apply(new DeadCode());
        Apply(new UnusedFunctions());
    }

    /// <summary>Each pass makes work for the others; a few rounds find nearly all of it.</summary>
    private void Optimize()
    {
        Unchanged[] passes = [new(new Simplify()), new(new SimplifyControlFlow()), new(new ScalarReplacement()), new(new ValueNumbering()), new(new DeadCode())];
        for (int round = 0; round < 4; round++)
        {
            bool changed = false;
            foreach (var pass in passes) changed |= Apply(pass);
            if (!changed) break;
        }
    }

    private bool Apply(Pass pass)
    {
        if (diagnostics.Exists(d => d.Severity == DiagnosticSeverity.Error)) return false;
        bool changed = pass.Run(module);
        if (changed && options.KeepStages) stages.Add(new(pass.Name, IrPrinter.Print(module)));
#if DEBUG
        IrVerifier.Verify(module, pass.Name);
#else
        if (options.VerifyPasses) IrVerifier.Verify(module, pass.Name);
#endif
        return changed;
    }

    /// <summary>A pass that leaves out the functions in which it found nothing to do, until something else changes them.</summary>
    private sealed class Unchanged(Pass pass) : Pass
    {
        private readonly Dictionary<IrFunction, int> _done = [];

        public override string Name => pass.Name;

        public override bool Run(IrFunction function)
        {
            int version = function.Version;
            if (_done.TryGetValue(function, out int done) && done == version) return false;
            bool changed = pass.Run(function);
            if (!changed && function.Version == version) _done[function] = version;
            return changed;
        }
    }
}
