using static Hornet.Compiler.CodeGen.MachineInstruction;

namespace Hornet.Compiler.CodeGen;

/// <summary>
/// Which virtual registers hold a value that is still needed at the end of each block. Each register is followed from where it is
/// read back to where it is written: most live within one block, and cost nothing.
/// </summary>
internal sealed class Liveness
{
    private readonly List<int>[] _out;

    public Liveness(MachineFunction function)
    {
        int count = function.Blocks.Count;
        for (int i = 0; i < count; i++) function.Blocks[i].Index = i;
        _out = new List<int>[count];
        var predecessors = new List<int>[count];
        for (int i = 0; i < count; i++) (_out[i], predecessors[i]) = ([], []);
        foreach (var block in function.Blocks)
        {
            foreach (var successor in block.Successors) predecessors[successor.Index].Add(block.Index);
        }
        // The blocks that write each register, and those that read it before they write it.
        var writers = new List<int>?[function.RegisterCount];
        var readers = new List<int>?[function.RegisterCount];
        foreach (var block in function.Blocks)
        {
            foreach (var instruction in block.Instructions)
            {
                Note(block.Index, instruction.Dst, instruction.DstAccess, Access.Read, writers, readers);
                Note(block.Index, instruction.Src, instruction.SrcAccess, Access.Read, writers, readers);
                Note(block.Index, instruction.Dst, instruction.DstAccess, Access.Write, writers, readers);
                Note(block.Index, instruction.Src, instruction.SrcAccess, Access.Write, writers, readers);
            }
        }
        // The register that each block was last found to write, to need at its beginning, at its end.
        int[] writes = new int[count], begins = new int[count], ends = new int[count];
        Stack<int> work = new();
        for (int register = 0; register < readers.Length; register++)
        {
            if (readers[register] is not { } reading) continue;
            foreach (int block in writers[register] ?? []) writes[block] = register;
            foreach (int block in reading)
            {
                begins[block] = register;
                work.Push(block);
            }
            while (work.TryPop(out int block))
            {
                foreach (int predecessor in predecessors[block])
                {
                    if (ends[predecessor] == register) continue;
                    ends[predecessor] = register;
                    _out[predecessor].Add(register);
                    if (writes[predecessor] == register || begins[predecessor] == register) continue;
                    begins[predecessor] = register;
                    work.Push(predecessor);
                }
            }
        }
    }

    public List<int> LiveOut(MachineBlock block) => _out[block.Index];

    // Blocks come in order, so that the last one noted is the one that is looked at.
    private static void Note(int block, int register, Access access, Access wanted, List<int>?[] writers, List<int>?[] readers)
    {
        if (!IsVirtual(register) || (access & wanted) == 0) return;
        if (wanted == Access.Write) Add(ref writers[register], block);
        else if (writers[register] is not [.., var last] || last != block) Add(ref readers[register], block);
    }

    private static void Add(ref List<int>? list, int block)
    {
        list ??= [];
        if (list.Count == 0 || list[^1] != block) list.Add(block);
    }
}
