using System.Collections;
using static Hornet.Compiler.CodeGen.MachineInstruction;

namespace Hornet.Compiler.CodeGen;

/// <summary>Which virtual registers hold a value that is still needed, at the beginning and end of each block.</summary>
internal sealed class Liveness
{
    private readonly BitArray[] _in, _out;

    public Liveness(MachineFunction function)
    {
        int count = function.Blocks.Count, registers = function.RegisterCount;
        for (int i = 0; i < count; i++) function.Blocks[i].Index = i;
        _in = new BitArray[count];
        _out = new BitArray[count];
        var uses = new BitArray[count];
        var definitions = new BitArray[count];
        for (int i = 0; i < count; i++)
        {
            (_in[i], _out[i]) = (new BitArray(registers), new BitArray(registers));
            (uses[i], definitions[i]) = (new BitArray(registers), new BitArray(registers));
            foreach (var instruction in function.Blocks[i].Instructions)
            {
                Note(instruction.Dst, instruction.DstAccess, Access.Read, uses[i], definitions[i]);
                Note(instruction.Src, instruction.SrcAccess, Access.Read, uses[i], definitions[i]);
                Note(instruction.Dst, instruction.DstAccess, Access.Write, uses[i], definitions[i]);
                Note(instruction.Src, instruction.SrcAccess, Access.Write, uses[i], definitions[i]);
            }
        }
        BitArray scratch = new(registers);
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = count - 1; i >= 0; i--)
            {
                foreach (var successor in function.Blocks[i].Successors) _out[i].Or(_in[successor.Index]);
                // scratch = uses | (out & ~definitions)
                scratch.SetAll(false);
                scratch.Or(definitions[i]).Not().And(_out[i]).Or(uses[i]);
                if (!Adds(scratch, _in[i])) continue;
                _in[i].Or(scratch);
                changed = true;
            }
        }
    }

    public BitArray LiveIn(MachineBlock block) => _in[block.Index];

    public BitArray LiveOut(MachineBlock block) => _out[block.Index];

    private static void Note(int register, Access access, Access wanted, BitArray uses, BitArray definitions)
    {
        if (!IsVirtual(register) || (access & wanted) == 0) return;
        if (wanted == Access.Write) definitions[register] = true;
        else if (!definitions[register]) uses[register] = true;
    }

    private static bool Adds(BitArray from, BitArray to)
    {
        for (int i = 0; i < from.Length; i++)
        {
            if (from[i] && !to[i]) return true;
        }
        return false;
    }
}
