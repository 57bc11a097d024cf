using Hornet.Isa;
using static Hornet.Compiler.CodeGen.MachineInstruction;

namespace Hornet.Compiler.CodeGen;

/// <summary>
/// Moves values to the stack: each read loads, each write stores, always all 8 bytes, so that the verifier still knows what
/// a pointer points to. What one instruction makes from nothing (a constant, a map) is made again instead. Values that are
/// never needed at the same time share a slot.
/// </summary>
internal static class Spiller
{
    /// <summary>Rewrites a function; the new registers live so shortly that they must not be spilled again.</summary>
    public static HashSet<int> Run(MachineFunction function, List<LiveInterval> spilled)
    {
        Dictionary<int, MachineInstruction> remade = FindRemade(function, spilled);
        Dictionary<int, FrameObject> slots = [];
        List<(FrameObject Slot, List<LiveInterval> Users)> shared = [];
        foreach (var interval in spilled.Where(s => !remade.ContainsKey(s.Register)))
        {
            int at = shared.FindIndex(s => !s.Users.Exists(interval.Intersects));
            if (at < 0)
            {
                at = shared.Count;
                shared.Add((new FrameObject(8, 8), []));
                function.Frame.Add(shared[at].Slot);
            }
            shared[at].Users.Add(interval);
            slots[interval.Register] = shared[at].Slot;
        }
        HashSet<int> made = [];
        foreach (var block in function.Blocks)
        {
            var old = block.Instructions.ToList();
            block.Instructions.Clear();
            foreach (var instruction in old) Rewrite(function, block.Instructions, instruction, slots, remade, made);
        }
        return made;
    }

    private static Dictionary<int, MachineInstruction> FindRemade(MachineFunction function, List<LiveInterval> spilled)
    {
        var wanted = spilled.Select(s => s.Register).ToHashSet();
        Dictionary<int, MachineInstruction> definitions = [];
        HashSet<int> several = [];
        foreach (var block in function.Blocks)
        {
            foreach (var i in block.Instructions)
            {
                if ((i.SrcAccess & Access.Write) != 0) several.Add(i.Src);
                if ((i.DstAccess & Access.Write) == 0 || !wanted.Contains(i.Dst)) continue;
                bool fromNothing = i.DstAccess == Access.Write && i.Src == NoRegister && i.Frame is null;
                if (!fromNothing || !definitions.TryAdd(i.Dst, i)) several.Add(i.Dst);
            }
        }
        foreach (int register in several) definitions.Remove(register);
        return definitions;
    }

    private static void Rewrite(
        MachineFunction function, List<MachineInstruction> code, MachineInstruction i, Dictionary<int, FrameObject> slots, Dictionary<int, MachineInstruction> remade, HashSet<int> made)
    {
        // What is made again where it is needed is not made here.
        if (i.DstAccess == Access.Write && remade.TryGetValue(i.Dst, out var definition) && ReferenceEquals(definition, i)) return;
        bool dstSpilled = slots.TryGetValue(i.Dst, out var dstSlot), srcSpilled = slots.TryGetValue(i.Src, out var srcSlot);
        if (i.IsCopy && dstSpilled && srcSpilled && dstSlot == srcSlot) return;
        if (i.IsCopy && srcSpilled && !dstSpilled)
        {
            code.Add(Load(i.Dst, srcSlot!, i));
            return;
        }
        if (i.IsCopy && dstSpilled && !srcSpilled && !remade.ContainsKey(i.Src))
        {
            code.Add(Store(dstSlot!, i.Src, i));
            return;
        }
        int oldDst = i.Dst, oldSrc = i.Src;
        if (srcSpilled || remade.ContainsKey(oldSrc))
        {
            i.Src = New(function, made);
            if ((i.SrcAccess & Access.Read) != 0) code.Add(srcSpilled ? Load(i.Src, srcSlot!, i) : Again(remade[oldSrc], i.Src, i));
        }
        if (dstSpilled || remade.ContainsKey(oldDst))
        {
            if (oldDst == oldSrc)
            {
                i.Dst = i.Src;
            }
            else
            {
                i.Dst = New(function, made);
                if ((i.DstAccess & Access.Read) != 0) code.Add(dstSpilled ? Load(i.Dst, dstSlot!, i) : Again(remade[oldDst], i.Dst, i));
            }
        }
        code.Add(i);
        if (srcSpilled && (i.SrcAccess & Access.Write) != 0) code.Add(Store(srcSlot!, i.Src, i));
        if (dstSpilled && (i.DstAccess & Access.Write) != 0) code.Add(Store(dstSlot!, i.Dst, i));
    }

    private static int New(MachineFunction function, HashSet<int> made)
    {
        int register = function.NewRegister();
        made.Add(register);
        return register;
    }

    private static MachineInstruction Again(MachineInstruction definition, int register, MachineInstruction user) =>
        new(definition.Form) { Dst = register, DstAccess = Access.Write, Location = user.Location };

    private static MachineInstruction Load(int register, FrameObject slot, MachineInstruction user)
    {
        var load = Machine.Load(Instruction.Load(MemorySize.U64, default, default, 0), register, (int)Register.R10, slot);
        load.Location = user.Location;
        return load;
    }

    private static MachineInstruction Store(FrameObject slot, int register, MachineInstruction user)
    {
        var store = Machine.Store(Instruction.Store(MemorySize.U64, default, 0, default(Register)), (int)Register.R10, register, slot);
        store.Location = user.Location;
        return store;
    }
}
