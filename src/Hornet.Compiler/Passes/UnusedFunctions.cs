using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>Removes functions that nothing calls or refers to: the verifier would not look at them and refuse that.</summary>
internal sealed class UnusedFunctions : Pass
{
    public override bool Run(IrModule module)
    {
        if (module.Functions.Count == 1) return false;
        HashSet<IrFunction> used = [module.EntryFunction];
        Stack<IrFunction> work = new([module.EntryFunction]);
        while (work.TryPop(out var function))
        {
            foreach (var instruction in function.Instructions)
            {
                var callee = instruction switch { Call c => c.Function, FunctionReference f => f.Function, _ => null };
                if (callee is not null && used.Add(callee)) work.Push(callee);
            }
        }
        var unused = module.Functions.Where(f => !used.Contains(f)).ToList();
        foreach (var function in unused) module.RemoveFunction(function);
        return unused.Count > 0;
    }
}
