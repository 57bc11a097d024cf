using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Maps;
using Instruction = Hornet.Compiler.IR.Instruction;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Moves large pieces of the stack to per-CPU memory: a program and what it calls have 512 bytes of stack together. A
/// program is not interrupted by itself on its CPU, so one value per CPU is as good as a stack. Should the kernel not find
/// the value, which it always does, the function returns 0.
/// </summary>
internal sealed class ScratchPlacement : Pass
{
    /// <summary>A piece larger than this never stays on the stack.</summary>
    public const int Large = 128;

    /// <summary>What the pieces of a function that stay may take together; the rest is for spilled registers and callees.</summary>
    public const int Budget = 256;

    // The kernel's PCPU_MIN_UNIT_SIZE: the largest per-CPU value.
    private const int LargestValue = 32 << 10;

    // Filled by stores in a row up to this, by a loop above.
    private const int Unrolled = 256;

    public override bool Run(IrModule module)
    {
        MapSymbol? map = null;
        bool changed = false;
        foreach (var function in module.Functions.ToList())
        {
            var moved = Choose(function);
            if (moved.Count == 0) continue;
            map ??= module.AddMap(new MapSpec { Name = ".scratch", Type = MapType.PerCpuArray, KeySize = 4, MaxEntries = 1 });
            Place(function, moved, map);
            changed = true;
        }
        return changed;
    }

    private static List<Alloca> Choose(IrFunction function)
    {
        var all = function.Instructions.OfType<Alloca>().Where(a => !a.IsUnused).OrderBy(a => MustStay(a) ? 0 : a.Size).ToList();
        int kept = 0;
        List<Alloca> moved = [];
        foreach (var alloca in all)
        {
            if (MustStay(alloca) || alloca.Size <= Large && kept + alloca.Size <= Budget) kept += (alloca.Size + 7) & ~7;
            else moved.Add(alloca);
        }
        return moved;
    }

    // What the verifier keeps book of must be on the stack itself: callbacks' contexts, iterators, dynptrs.
    private static bool MustStay(Alloca alloca) => alloca.Users.Any(user => user switch
    {
        HelperCall { Helper: BpfHelper.Loop or BpfHelper.ForEachMapElem or BpfHelper.FindVma or BpfHelper.UserRingbufDrain } call => ReferenceEquals(call.Operands[^2], alloca),
        HelperCall { Helper: BpfHelper.DynptrFromMem or BpfHelper.RingbufReserveDynptr } call => ReferenceEquals(call.Operands[3], alloca),
        KernelFunctionCall call => call.Function.StartsWith("bpf_iter_", StringComparison.Ordinal) || call.Function.StartsWith("bpf_dynptr_", StringComparison.Ordinal),
        _ => false,
    });

    private static void Place(IrFunction function, List<Alloca> moved, MapSymbol map)
    {
        // Each function has its own part: its caller's values are still wanted when it runs.
        int offset = (int)map.Spec.ValueSize;
        List<(Alloca Alloca, int Offset)> places = [];
        foreach (var alloca in moved)
        {
            places.Add((alloca, offset));
            offset += (alloca.Size + 7) & ~7;
        }
        if (offset > LargestValue) return; // The stack check tells how much it is.
        map.Spec.ValueSize = (uint)offset;
        var region = Region.MapValue(0);
        var entry = function.Entry;
        var body = function.AddBlockAfter(entry, $"{entry.Name}.body");
        entry.MoveTail(0, body);
        foreach (var successor in body.Successors.Distinct())
        {
            foreach (var phi in successor.Phis) phi.ReplaceIncomingBlock(entry, body);
        }
        var none = function.AddBlock("no_scratch");
        IrBuilder builder = new(entry) { Location = function.Location ?? body.Instructions[0].Location };
        var key = builder.Alloca(4, 4, uninitialized: true);
        builder.Store(key, 0, MemoryWidth.U32, Constant.Int32(0));
        var scratch = builder.Helper(BpfHelper.MapLookupElem, IrType.Pointer(region), builder.MapReference(map), key);
        scratch.Name = "scratch";
        builder.Branch(builder.Compare(Predicate.Equal, scratch, Constant.Null(region)), none, body);
        builder.Block = none;
        builder.Return(function.ReturnType.IsVoid ? null : function.ReturnType.IsPointer ? Constant.Null(function.ReturnType.Region) : Constant.Of(function.ReturnType, 0));
        foreach (var (alloca, at) in places)
        {
            PointerAdd address = new(scratch, Constant.Int64(at)) { Name = alloca.Name };
            int size = alloca.Size;
            bool fill = !alloca.Uninitialized;
            var block = alloca.Block!;
            block.Replace(alloca, address);
            Retype(address);
            if (fill) Fill(address, (size + 7) & ~7);
        }
    }

    /// <summary>What was derived from a pointer to the stack is now derived from one to a map's value.</summary>
    private static void Retype(Instruction pointer)
    {
        foreach (var user in pointer.Users.ToList())
        {
            if (user is not (PointerAdd or Phi) || !user.Type.IsPointer || user is Phi && user.Type.Region.Kind != RegionKind.Stack) continue;
            var type = user is Phi phi && phi.Operands.Any(o => o.Type.Region.Kind == RegionKind.Stack) ? IrType.Pointer(new Region(RegionKind.Memory)) : pointer.Type;
            if (user.Type == type) continue;
            user.Type = type;
            Retype(user);
        }
    }

    private static void Fill(PointerAdd address, int size)
    {
        var block = address.Block!;
        int next = block.Instructions.ToList().IndexOf(address) + 1;
        if (size <= Unrolled)
        {
            block.Insert(next, new MemorySet(address, Constant.Int32(0), size) { Location = address.Location });
            return;
        }
        var function = block.Function;
        var loop = function.AddBlockAfter(block, $"{block.Name}.clear");
        var rest = function.AddBlockAfter(loop, $"{block.Name}.cleared");
        block.MoveTail(next, rest);
        foreach (var successor in rest.Successors.Distinct())
        {
            foreach (var phi in successor.Phis) phi.ReplaceIncomingBlock(block, rest);
        }
        IrBuilder builder = new(block) { Location = address.Location };
        builder.Jump(loop);
        builder.Block = loop;
        var index = builder.Phi(IrType.I64);
        index.AddIncoming(block, Constant.Int64(0));
        builder.Store(builder.PointerAdd(address, index), 0, MemoryWidth.U64, Constant.Int64(0));
        var following = builder.Add(index, Constant.Int64(8));
        index.AddIncoming(loop, following);
        builder.Branch(builder.Compare(Predicate.Below, following, Constant.Int64(size)), loop, rest);
    }
}
