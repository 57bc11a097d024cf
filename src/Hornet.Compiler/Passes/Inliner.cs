using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Compiles functions into their callers, callees first: what the verifier learns of a value is lost at a call, five
/// registers are few, and eBPF's stack is small. What is large and called often stays a function, as callbacks must.
/// </summary>
internal sealed class Inliner(List<Diagnostic> diagnostics) : Pass
{
    // A function this small costs less inlined than called.
    private const int Small = 40;

    // A program that has grown this large keeps its other functions.
    private const int Budget = 20_000;

    public override bool Run(IrModule module)
    {
        var all = module.Functions.SelectMany(f => f.Instructions).OfType<Call>().ToList();
        if (all.Count == 0) return false;
        var order = CalleesFirst(module);
        if (order is null) return false;
        bool changed = false;
        var calls = all.GroupBy(c => c.Function).ToDictionary(g => g.Key, g => g.Count());
        int total = 0;
        foreach (var function in module.Functions) total += function.Instructions.Count();
        foreach (var function in order)
        {
            foreach (var call in function.Instructions.OfType<Call>().ToList())
            {
                int size = call.Function.Instructions.Count();
                if (!IsWanted(call.Function, size, calls[call.Function], total)) continue;
                total += size;
                Inline(call);
                changed = true;
            }
        }
        return changed;
    }

    private static bool IsWanted(IrFunction function, int size, int calls, int total) => function.Inlining switch
    {
        InlineChoice.Never => false,
        InlineChoice.Always => true,
        // More than five arguments can only be inlined.
        _ => calls == 1 || size <= Small || function.Parameters.Count > 5 || total + size <= Budget / 4 && size * calls <= Budget / 8,
    };

    /// <summary>The functions, each behind those it calls; null, with errors, when some call themselves.</summary>
    private List<IrFunction>? CalleesFirst(IrModule module)
    {
        List<IrFunction> order = [];
        HashSet<IrFunction> done = [], open = [];
        bool recursive = false;
        foreach (var function in module.Functions) Visit(function);
        return recursive ? null : order;

        void Visit(IrFunction function)
        {
            if (!done.Add(function)) return;
            open.Add(function);
            foreach (var instruction in function.Instructions)
            {
                var callee = instruction switch { Call c => c.Function, FunctionReference f => f.Function, _ => null };
                if (callee is null) continue;
                if (open.Contains(callee) && instruction is Call)
                {
                    diagnostics.Add(Diagnostic.Error(DiagnosticRules.Recursion, instruction.Location, $"{callee.Name} calls itself{(callee == function ? "" : $", through {function.Name}")}"));
                    recursive = true;
                    continue;
                }
                Visit(callee);
            }
            open.Remove(function);
            order.Add(function);
        }
    }

    /// <summary>Puts a copy of a function in the place of a call.</summary>
    internal static void Inline(Call call)
    {
        var block = call.Block!;
        var caller = block.Function;
        var callee = call.Function;
        var rest = caller.AddBlockAfter(block, $"{block.Name}.after");
        block.MoveTail(block.Instructions.ToList().IndexOf(call) + 1, rest);
        foreach (var successor in rest.Successors.Distinct())
        {
            foreach (var phi in successor.Phis) phi.ReplaceIncomingBlock(block, rest);
        }

        Dictionary<Value, Value> map = [];
        for (int i = 0; i < callee.Parameters.Count; i++) map[callee.Parameters[i]] = call.Operands[i];
        Dictionary<BasicBlock, BasicBlock> blocks = [];
        var last = block;
        foreach (var original in callee.Blocks) blocks[original] = last = caller.AddBlockAfter(last, $"{callee.Name}.{original.Name}");
        List<(BasicBlock From, Value? Value)> returns = [];
        List<(Phi Copy, Phi Original)> phis = [];
        // Definitions before uses, whatever the order of the blocks; a phi's values come when all are there.
        foreach (var original in callee.ReversePostorder())
        {
            var copy = blocks[original];
            foreach (var instruction in original.Instructions)
            {
                Instruction clone;
                switch (instruction)
                {
                    case Phi phi:
                        clone = new Phi(phi.Type);
                        phis.Add(((Phi)clone, phi));
                        break;
                    case Return r:
                        returns.Add((copy, r.Value is { } value ? Map(value) : null));
                        clone = new Jump(rest);
                        break;
                    case Terminator t:
                        clone = t.CloneWith(Operands(t), [.. t.Targets.Select(b => blocks[b])]);
                        break;
                    default:
                        clone = instruction.CloneWith(Operands(instruction));
                        break;
                }
                clone.Name = instruction.Name;
                clone.Location = instruction.Location is null ? call.Location : call.Location is null ? instruction.Location : instruction.Location.WithCaller(call.Location);
                copy.Append(clone);
                map[instruction] = clone;
            }
        }
        foreach (var (copy, original) in phis)
        {
            for (int i = 0; i < original.Operands.Count; i++)
            {
                if (blocks[original.IncomingBlocks[i]].Terminator is not null) copy.AddIncoming(blocks[original.IncomingBlocks[i]], Map(original.Operands[i]));
            }
        }
        caller.RemoveBlocks([.. blocks.Values.Where(b => b.Terminator is null)]);
        if (!call.Type.IsVoid && !call.IsUnused)
        {
            Value result;
            if (returns.Count == 1)
            {
                result = returns[0].Value!;
            }
            else
            {
                Phi phi = new(call.Type) { Location = call.Location, Name = call.Name };
                foreach (var (from, value) in returns) phi.AddIncoming(from, value!);
                // A function that never returns has no value, and nothing behind its call runs.
                result = returns.Count == 0 ? call.Type.IsPointer ? Constant.Null(call.Type.Region) : Constant.Of(call.Type, 0) : rest.Append(phi);
            }
            call.ReplaceAllUsesWith(result);
        }
        call.Remove();
        block.Append(new Jump(blocks[callee.Entry]) { Location = call.Location });

        Value Map(Value value) => value is Constant ? value : map[value];

        Value[] Operands(Instruction instruction) => [.. instruction.Operands.Select(Map)];
    }
}
