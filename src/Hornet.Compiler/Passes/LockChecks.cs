using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Isa;
using Instruction = Hornet.Compiler.IR.Instruction;

namespace Hornet.Compiler.Passes;

/// <summary>Whether lists and trees are used under their locks, and nothing is done under a lock that the kernel does not allow there.</summary>
internal static class LockChecks
{
    public static void Check(IrFunction function, List<Instruction> calls, Action<DiagnosticRule, SourceLocation?, string> error)
    {
        bool isEntry = function == function.Module.EntryFunction;
        if (!calls.Exists(i => i is HelperCall { Helper: BpfHelper.SpinLock } || isEntry && IsOperation(i))) return;
        // What is held at the beginning of a block; where ways meet with different locks, none is.
        Dictionary<BasicBlock, Value?> held = new() { [function.Entry] = null };
        Stack<BasicBlock> work = new([function.Entry]);
        while (work.TryPop(out var block))
        {
            var after = held[block];
            foreach (var instruction in block.Instructions) after = After(instruction, after);
            foreach (var successor in block.Successors.Distinct())
            {
                if (held.TryGetValue(successor, out var known) && (known is null || Same(known, after))) continue;
                held[successor] = held.ContainsKey(successor) ? null : after;
                work.Push(successor);
            }
        }
        foreach (var (block, before) in held)
        {
            var now = before;
            foreach (var instruction in block.Instructions)
            {
                CheckOne(instruction, now, isEntry, error);
                now = After(instruction, now);
            }
        }
    }

    private static bool IsOperation(Instruction instruction) => instruction is KernelFunctionCall call
        && (call.Function.StartsWith("bpf_list_", StringComparison.Ordinal) || call.Function.StartsWith("bpf_rbtree_", StringComparison.Ordinal));

    private static Value? After(Instruction instruction, Value? held) => instruction switch
    {
        HelperCall { Helper: BpfHelper.SpinLock } call => PointerRoot.Of(call.Operands[0]).Root,
        HelperCall { Helper: BpfHelper.SpinUnlock } => null,
        _ => held,
    };

    private static bool Same(Value? a, Value? b) => ReferenceEquals(a, b) || a is GlobalReference x && b is GlobalReference y && ReferenceEquals(x.Map, y.Map);

    private static void CheckOne(Instruction instruction, Value? held, bool isEntry, Action<DiagnosticRule, SourceLocation?, string> error)
    {
        if (IsOperation(instruction) && (held is not null || isEntry))
        {
            if (held is null) error(DiagnosticRules.LockNotHeld, instruction.Location, $"{((KernelFunctionCall)instruction).Function} is called, and no lock is held");
            else if (!Same(PointerRoot.Of(instruction.Operands[0]).Root, held)) error(DiagnosticRules.LockNotHeld, instruction.Location, $"{((KernelFunctionCall)instruction).Function} is called, and the lock of another value is held");
            return;
        }
        if (held is null) return;
        switch (instruction)
        {
            case HelperCall { Helper: BpfHelper.SpinUnlock }:
                break;
            case HelperCall { Helper: BpfHelper.SpinLock }:
                error(DiagnosticRules.ForbiddenUnderLock, instruction.Location, "a lock is entered while another one is held");
                break;
            case HelperCall call:
                error(DiagnosticRules.ForbiddenUnderLock, instruction.Location, $"{HelperTable.NameOf(call.Helper)} is called while a lock is held");
                break;
            case KernelFunctionCall { Function: not "bpf_refcount_acquire_impl" } function when !function.Function.StartsWith("bpf_iter_num_", StringComparison.Ordinal):
                error(DiagnosticRules.ForbiddenUnderLock, instruction.Location, $"{function.Function} is called while a lock is held");
                break;
            case Return:
                error(DiagnosticRules.ForbiddenUnderLock, instruction.Location, "the program may end while a lock is held");
                break;
        }
    }
}
