using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Isa;
using Instruction = Hornet.Isa.Instruction;

namespace Hornet.Compiler.CodeGen;

/// <summary>From lowered IR to instructions: selection, registers, frame, order, and what describes them.</summary>
internal static class CodeGenerator
{
    public static List<Instruction> Run(IrModule module, CodeGenTarget target, DebugInfoBuilder debug, List<Diagnostic> diagnostics)
    {
        List<Instruction> code = [];
        Dictionary<IrFunction, int> frames = [];
        // The kernel begins with the first function.
        foreach (var function in module.Functions.Where(f => f == module.EntryFunction).Concat(module.Functions.Where(f => f != module.EntryFunction)))
        {
            var machine = InstructionSelector.Run(function, target);
            var assign = RegisterAllocator.Run(machine);
            FrameLayout.Run(machine);
            frames[function] = machine.FrameSize;
            debug.Describe(function, function == module.EntryFunction, CodeEmitter.Run(machine, assign, target.Level, diagnostics), code);
        }
        CheckStack(module, frames, diagnostics);
        return code;
    }

    private static void CheckStack(IrModule module, Dictionary<IrFunction, int> frames, List<Diagnostic> diagnostics)
    {
        int depth = Depth(module.EntryFunction, [], 0);
        if (depth <= FrameLayout.Limit) return;
        var location = module.EntryFunction.Location ?? module.EntryFunction.Instructions.Select(i => i.Location).FirstOrDefault(l => l is not null);
        diagnostics.Add(Diagnostic.Error(DiagnosticRules.StackTooLarge, location,
            $"{module.Name} needs {depth} bytes of stack, in {string.Join(", ", frames.Where(f => f.Value > 0).Select(f => $"{f.Key.Name} {f.Value}"))}"));

        int Depth(IrFunction function, HashSet<IrFunction> callers, int before)
        {
            if (!callers.Add(function)) return 0; // Recursion is refused elsewhere.
            int most = 0, own = Math.Max(frames[function], 1) + 31 & ~31;
            // The program behind a tail call has a stack of its own, on top of the callers'.
            if (before >= FrameLayout.LimitBeforeTailCall && function.Instructions.FirstOrDefault(i => i is HelperCall { Helper: BpfHelper.TailCall }) is { } tail)
                diagnostics.Add(Diagnostic.Error(DiagnosticRules.StackTooLarge, tail.Location, $"a tail call in {function.Name}, whose callers have {before} bytes of stack; they may have {FrameLayout.LimitBeforeTailCall - 1}"));
            foreach (var instruction in function.Instructions)
            {
                var callee = instruction switch { Call c => c.Function, FunctionReference f => f.Function, _ => null };
                if (callee is not null) most = Math.Max(most, Depth(callee, callers, before + own));
            }
            callers.Remove(function);
            // The verifier counts each frame in steps of 32.
            return own + most;
        }
    }
}
