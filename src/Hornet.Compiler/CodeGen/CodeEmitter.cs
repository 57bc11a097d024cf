using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Isa;

namespace Hornet.Compiler.CodeGen;

/// <summary>Puts a function's machine instructions in line: registers and frame filled in, jumps to their places.</summary>
internal static class CodeEmitter
{
    // Objects, not structs, here and in other lists: the runtime has lists of objects precompiled, and would compile each list
    // of structs when a process first needs it, which is most of the time that its first kernel takes.

    /// <summary>An instruction of the final code, with where it comes from.</summary>
    public sealed record Emitted(Isa.Instruction Code, SourceLocation? Location);

    private sealed record Draft(Isa.Instruction Code, MachineBlock? Target, SourceLocation? Location);

    public static List<Emitted> Run(MachineFunction function, Func<int, Register> assign, IsaLevel level, List<Diagnostic> diagnostics)
    {
        // What became a copy of a register to itself is no reason for a block of its own.
        foreach (var block in function.Blocks) block.Instructions.RemoveAll(i => i.IsCopy && assign(i.Dst) == assign(i.Src));
        ThreadJumps(function);
        var blocks = ReachableInOrder(function);
        List<Draft> code = [];
        Dictionary<MachineBlock, int> starts = [];
        for (int b = 0; b < blocks.Count; b++)
        {
            starts[blocks[b]] = code.Count;
            var next = b + 1 < blocks.Count ? blocks[b + 1] : null;
            InvertBranch(blocks[b], next, level);
            foreach (var instruction in blocks[b].Instructions)
            {
                var form = Machine.Finish(instruction, assign);
                if (instruction.Frame is { } frame) form = WithFrame(form, frame);
                if (instruction.Target is { } target && target == next && form.Opcode == 0x05) continue;
                code.Add(new(form, instruction.Target, instruction.Location));
            }
        }
        return Resolve(function, code, starts, diagnostics);
    }

    private static Isa.Instruction WithFrame(Isa.Instruction form, FrameObject frame) =>
        form.IsMemory ? form with { Offset = (short)(form.Offset + frame.Offset) } : form with { Constant = form.Constant + frame.Offset };

    private static List<Emitted> Resolve(MachineFunction function, List<Draft> code, Dictionary<MachineBlock, int> starts, List<Diagnostic> diagnostics)
    {
        var slots = new int[code.Count + 1];
        for (int i = 0; i < code.Count; i++) slots[i + 1] = slots[i] + code[i].Code.Slots;
        List<Emitted> result = new(code.Count);
        for (int i = 0; i < code.Count; i++)
        {
            var (form, target, location) = code[i];
            if (target is not null)
            {
                int distance = slots[starts[target]] - slots[i + 1];
                if (distance is < short.MinValue or > short.MaxValue)
                {
                    diagnostics.Add(Diagnostic.Error(DiagnosticRules.ProgramTooLarge, location ?? function.Source.Location,
                        $"a jump crosses {Math.Abs(distance)} instructions of {function.Source.Name}, which has {slots[^1]}"));
                    return result;
                }
                form = form with { Offset = (short)distance };
            }
            result.Add(new Emitted(form, location));
        }
        return result;
    }

    /// <summary>Jumps to a block that only jumps on go there at once.</summary>
    private static void ThreadJumps(MachineFunction function)
    {
        foreach (var block in function.Blocks)
        {
            foreach (var instruction in block.Instructions)
            {
                if (instruction.Target is not { } target) continue;
                for (int steps = 0; steps < function.Blocks.Count && target.Instructions is [{ Form.Opcode: 0x05, Target: { } further }]; steps++) target = further;
                instruction.Target = target;
            }
        }
    }

    private static List<MachineBlock> ReachableInOrder(MachineFunction function)
    {
        HashSet<MachineBlock> reached = [function.Blocks[0]];
        Stack<MachineBlock> work = new([function.Blocks[0]]);
        Dictionary<MachineBlock, MachineBlock?> fallsInto = [];
        for (int i = 0; i < function.Blocks.Count; i++)
        {
            var block = function.Blocks[i];
            bool ends = block.Instructions is [.., var last] && (last.Form.IsExit || last.Form.Opcode == 0x05);
            fallsInto[block] = ends ? null : function.Blocks[i + 1];
        }
        while (work.TryPop(out var block))
        {
            foreach (var instruction in block.Instructions)
            {
                if (instruction.Target is { } target && reached.Add(target)) work.Push(target);
            }
            if (fallsInto[block] is { } next && reached.Add(next)) work.Push(next);
        }
        return [.. function.Blocks.Where(reached.Contains)];
    }

    /// <summary>When a block ends in a jump over a jump, the first one turned around saves the second.</summary>
    private static void InvertBranch(MachineBlock block, MachineBlock? next, IsaLevel level)
    {
        if (next is null || block.Instructions is not [.., { Form.IsBranch: true } branch, { Form.Opcode: 0x05 } jump]) return;
        if (branch.Target == jump.Target)
        {
            block.Instructions.Remove(branch);
            return;
        }
        if (branch.Form.Opcode == 0x05 || branch.Target != next || Inverse(branch.Form.JumpOp, level) is not { } inverse) return;
        branch.Form = branch.Form with { Opcode = (byte)(branch.Form.Opcode & 0x0f | (byte)inverse) };
        (branch.Target, jump.Target) = (jump.Target, branch.Target);
    }

    private static JumpOp? Inverse(JumpOp op, IsaLevel level) => op switch
    {
        JumpOp.Equal => JumpOp.NotEqual,
        JumpOp.NotEqual => JumpOp.Equal,
        JumpOp.Less => JumpOp.GreaterOrEqual,
        JumpOp.LessOrEqual => JumpOp.Greater,
        JumpOp.SignedLess => JumpOp.SignedGreaterOrEqual,
        JumpOp.SignedLessOrEqual => JumpOp.SignedGreater,
        JumpOp.Greater when level >= IsaLevel.V2 => JumpOp.LessOrEqual,
        JumpOp.GreaterOrEqual when level >= IsaLevel.V2 => JumpOp.Less,
        JumpOp.SignedGreater when level >= IsaLevel.V2 => JumpOp.SignedLessOrEqual,
        JumpOp.SignedGreaterOrEqual when level >= IsaLevel.V2 => JumpOp.SignedLess,
        _ => null,
    };
}
