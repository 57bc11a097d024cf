using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>Removes what has no effect: values nobody needs, phis that only feed each other, memory that is only written.</summary>
internal sealed class DeadCode : Pass
{
    public override bool Run(IrFunction function)
    {
        int dead = function.NewMark(), live = function.NewMark();
        List<Instruction> roots = [], writes = [];
        foreach (var block in function.BlockSpan)
        {
            foreach (var instruction in block.Code)
            {
                if (instruction.HasSideEffects) roots.Add(instruction);
                else if (instruction is Alloca alloca) MarkDeadMemory(alloca, writes, dead);
            }
        }
        Stack<Instruction> work = new();
        foreach (var instruction in roots)
        {
            if (instruction.Mark != dead) Add(instruction);
        }
        while (work.TryPop(out var instruction))
        {
            foreach (var operand in instruction.OperandSpan)
            {
                if (operand is Instruction definition) Add(definition);
            }
        }
        int removed = 0;
        foreach (var block in function.BlockSpan)
        {
            foreach (var instruction in block.Code)
            {
                if (instruction.Mark == live) continue;
                removed += block.RemoveAll(i => i.Mark != live);
                break;
            }
        }
        return removed > 0;

        void Add(Instruction instruction)
        {
            if (instruction.Mark == live) return;
            instruction.Mark = live;
            work.Push(instruction);
        }
    }

    /// <summary>Marks the stores to a piece of the stack that nothing reads and nobody else sees.</summary>
    private static void MarkDeadMemory(Alloca alloca, List<Instruction> writes, int dead)
    {
        writes.Clear();
        if (!OnlyWritten(alloca, writes)) return;
        foreach (var write in writes) write.Mark = dead;
    }

    private static bool OnlyWritten(Value pointer, List<Instruction> writes)
    {
        foreach (var user in pointer.UserSpan)
        {
            switch (user)
            {
                case Store { IsVolatile: false } s when !ReferenceEquals(s.Value, pointer): writes.Add(s); break;
                case MemorySet: writes.Add(user); break;
                case MemoryCopy m when !ReferenceEquals(m.Source, pointer): writes.Add(m); break;
                case PointerAdd or Conversion { Kind: ConversionKind.Reinterpret }:
                    if (!OnlyWritten(user, writes)) return false;
                    break;
                default: return false;
            }
        }
        return true;
    }
}
