using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>Removes what has no effect: values nobody needs, phis that only feed each other, memory that is only written.</summary>
internal sealed class DeadCode : Pass
{
    public override bool Run(IrFunction function)
    {
        HashSet<Instruction> live = [];
        Stack<Instruction> work = new();
        var deadMemory = DeadMemory(function);
        foreach (var instruction in function.Instructions)
        {
            if (instruction.HasSideEffects && !deadMemory.Contains(instruction) && live.Add(instruction)) work.Push(instruction);
        }
        while (work.TryPop(out var instruction))
        {
            foreach (var operand in instruction.Operands)
            {
                if (operand is Instruction definition && live.Add(definition)) work.Push(definition);
            }
        }
        int removed = 0;
        foreach (var block in function.Blocks) removed += block.RemoveAll(i => !live.Contains(i));
        return removed > 0;
    }

    /// <summary>The stores to pieces of the stack that nothing reads and nobody else sees.</summary>
    private static HashSet<Instruction> DeadMemory(IrFunction function)
    {
        HashSet<Instruction> dead = [];
        foreach (var instruction in function.Instructions)
        {
            if (instruction is not Alloca alloca) continue;
            List<Instruction> writes = [];
            if (OnlyWritten(alloca, writes)) dead.UnionWith(writes);
        }
        return dead;
    }

    private static bool OnlyWritten(Value pointer, List<Instruction> writes)
    {
        foreach (var user in pointer.Users)
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
