using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Makes slices of the stack into SSA values: phis where different values meet, found by dominance frontiers; then one walk
/// down the dominator tree that knows each variable's value at every point.
/// </summary>
internal sealed class Promotion(IrFunction function, StackSlices slices)
{
    private readonly Dictionary<Phi, StackSlice> _phis = [];
    private readonly List<Instruction> _dead = [];
    private readonly List<Before> _undo = [];
    private Dictionary<StackSlice, Value> _values = [];

    /// <summary>A block to be looked at, or how far what was written is taken back.</summary>
    private sealed record Step(int Block, int Undo);

    /// <summary>What a variable was before a block wrote it.</summary>
    private sealed record Before(StackSlice Slice, Value Value);

    public void Run()
    {
        DominatorTree dominators = new(function);
        PlacePhis(dominators);
        Dictionary<StackSlice, Value> start = [];
        foreach (var alloca in slices.Allocas)
        {
            foreach (var slice in slices.Of(alloca)) start[slice] = Zero(slice);
        }
        _values = start;
        // What a block writes holds in those that it dominates, and is taken back behind them.
        Stack<Step> work = new();
        work.Push(new(0, -1));
        while (work.TryPop(out var item))
        {
            if (item.Undo >= 0)
            {
                for (int i = _undo.Count - 1; i >= item.Undo; i--) _values[_undo[i].Slice] = _undo[i].Value;
                _undo.RemoveRange(item.Undo, _undo.Count - item.Undo);
                continue;
            }
            work.Push(new(0, _undo.Count));
            Rename(dominators.Order[item.Block]);
            foreach (int child in dominators.Children[item.Block]) work.Push(new(child, -1));
        }
        // Users before what they use: stores and loads, then addresses, then the pieces themselves.
        foreach (var instruction in _dead) instruction.Remove();
        foreach (var alloca in slices.Allocas) RemoveAddresses(alloca);
    }

    private static void RemoveAddresses(Instruction address)
    {
        foreach (var user in address.Users.ToList()) RemoveAddresses(user);
        address.Remove();
    }

    private static Constant Zero(StackSlice slice) => slice.Type.IsPointer ? Constant.Null(slice.Type.Region) : Constant.Of(slice.Type, 0);

    private void PlacePhis(DominatorTree dominators)
    {
        Dictionary<StackSlice, HashSet<int>> definitions = [];
        Dictionary<StackSlice, HashSet<int>> needed = [];
        for (int b = 0; b < dominators.Order.Count; b++)
        {
            HashSet<StackSlice> written = [];
            foreach (var instruction in dominators.Order[b].Instructions)
            {
                foreach (var (slice, reads) in Accesses(instruction))
                {
                    if (reads && !written.Contains(slice)) Of(needed, slice).Add(b);
                    if (!reads || instruction is Store) Of(definitions, slice).Add(b);
                    // A store of a part leaves the rest, so it reads too.
                    if (!reads) written.Add(slice);
                }
            }
        }
        var frontiers = dominators.Frontiers();
        foreach (var (slice, blocks) in definitions)
        {
            if (!needed.TryGetValue(slice, out var readers)) continue;
            var liveIn = LiveIn(dominators, blocks, readers);
            HashSet<int> placed = [];
            Stack<int> work = new(blocks);
            while (work.TryPop(out int block))
            {
                foreach (int frontier in frontiers[block])
                {
                    if (!liveIn.Contains(frontier) || !placed.Add(frontier)) continue;
                    Phi phi = new(slice.Type) { Location = dominators.Order[frontier].Instructions[0].Location, Name = slice.Alloca.Name };
                    dominators.Order[frontier].Append(phi);
                    _phis[phi] = slice;
                    work.Push(frontier);
                }
            }
        }

        static HashSet<int> Of(Dictionary<StackSlice, HashSet<int>> sets, StackSlice slice) => sets.TryGetValue(slice, out var set) ? set : sets[slice] = [];
    }

    /// <summary>The blocks at whose beginning somebody still wants the variable's value.</summary>
    private static HashSet<int> LiveIn(DominatorTree dominators, HashSet<int> definitions, HashSet<int> readers)
    {
        HashSet<int> live = [.. readers];
        Stack<int> work = new(readers);
        while (work.TryPop(out int block))
        {
            foreach (var predecessor in dominators.Order[block].Predecessors)
            {
                if (!dominators.IsReachable(predecessor)) continue;
                int p = dominators.PositionOf(predecessor);
                if (!definitions.Contains(p) && live.Add(p)) work.Push(p);
            }
        }
        return live;
    }

    private IEnumerable<(StackSlice Slice, bool Reads)> Accesses(Instruction instruction)
    {
        switch (instruction)
        {
            case Alloca a when slices.Contains(a):
                foreach (var slice in slices.Of(a)) yield return (slice, false);
                break;
            case Load l when Slice(l.Pointer, l.Offset) is { } slice:
                yield return (slice, true);
                break;
            case Store s when Slice(s.Pointer, s.Offset) is { } slice:
                yield return (slice, s.Width.Bytes() != slice.Size);
                break;
        }
    }

    private StackSlice? Slice(Value pointer, int offset) =>
        StackSlices.Resolve(pointer) is { } at && slices.Contains(at.Alloca) ? slices.At(at.Alloca, at.Offset + offset) : null;

    private void Set(StackSlice slice, Value value)
    {
        _undo.Add(new(slice, _values[slice]));
        _values[slice] = value;
    }

    private void Rename(BasicBlock block)
    {
        foreach (var instruction in block.Instructions.ToList())
        {
            switch (instruction)
            {
                case Phi phi when _phis.TryGetValue(phi, out var own):
                    Set(own, phi);
                    break;
                case Alloca a when slices.Contains(a):
                    foreach (var slice in slices.Of(a)) Set(slice, Zero(slice));
                    break;
                case Load l when Slice(l.Pointer, l.Offset) is { } slice:
                    l.ReplaceAllUsesWith(Read(l, slice, _values[slice]));
                    _dead.Add(l);
                    break;
                case Store s when Slice(s.Pointer, s.Offset) is { } slice:
                    Set(slice, Write(s, slice, _values[slice]));
                    _dead.Add(s);
                    break;
            }
        }
        foreach (var successor in block.Successors.Distinct())
        {
            foreach (var phi in successor.Phis)
            {
                if (_phis.TryGetValue(phi, out var slice)) phi.AddIncoming(block, _values[slice]);
            }
        }
    }

    private static int OffsetIn(StackSlice slice, Value pointer, int offset) => StackSlices.Resolve(pointer)!.Value.Offset + offset - slice.Start;

    private static Value Read(Load load, StackSlice slice, Value value)
    {
        var block = load.Block!;
        if (load.Type.IsPointer)
        {
            if (value.Type == load.Type) return value;
            if (value is Constant { Number: 0 }) return Constant.Null(load.Type.Region);
            return Add(new Conversion(value.Type.IsPointer ? ConversionKind.Reinterpret : ConversionKind.IntegerToPointer, value, load.Type));
        }
        if (value.Type.IsPointer) value = Add(new Conversion(ConversionKind.PointerToInteger, value, IrType.I64));
        int shift = 8 * OffsetIn(slice, load.Pointer, load.Offset);
        if (shift != 0) value = Add(new Binary(BinaryOperator.LShr, value, Constant.Of(value.Type, shift)));
        ConversionKind? kind = load.Width switch
        {
            MemoryWidth.U8 => ConversionKind.ZeroExtend8,
            MemoryWidth.I8 => ConversionKind.SignExtend8,
            MemoryWidth.U16 => ConversionKind.ZeroExtend16,
            MemoryWidth.I16 => ConversionKind.SignExtend16,
            MemoryWidth.U32 when load.Type == IrType.I64 => ConversionKind.ZeroExtend32,
            MemoryWidth.I32 when load.Type == IrType.I64 => ConversionKind.SignExtend32,
            MemoryWidth.U32 or MemoryWidth.I32 when value.Type == IrType.I64 => ConversionKind.Truncate,
            _ => null,
        };
        return kind is { } conversion ? Add(new Conversion(conversion, value, load.Type)) : value;

        Value Add(Instruction instruction)
        {
            instruction.Location = load.Location;
            return block.InsertBefore(load, instruction);
        }
    }

    private static Value Write(Store store, StackSlice slice, Value old)
    {
        var block = store.Block!;
        var value = store.Value;
        if (slice.Type.IsPointer)
        {
            if (value.Type == slice.Type) return value;
            if (value is Constant { Number: 0 }) return Zero(slice);
            return value.Type.IsPointer ? Add(new Conversion(ConversionKind.Reinterpret, value, slice.Type)) : Add(new Conversion(ConversionKind.IntegerToPointer, value, slice.Type));
        }
        if (value.Type.IsPointer) value = value is Constant ? Constant.Int64(0) : Add(new Conversion(ConversionKind.PointerToInteger, value, IrType.I64));
        int size = store.Width.Bytes();
        if (size == slice.Size || size == 4 && slice.Size == 4)
        {
            // The bits above a narrow variable are nobody's: its loads cut them off.
            return value.Type == slice.Type ? value : value is Constant c ? Constant.Of(slice.Type, c.Number)
                : Add(new Conversion(slice.Type == IrType.I32 ? ConversionKind.Truncate : ConversionKind.ZeroExtend32, value, slice.Type));
        }
        int shift = 8 * OffsetIn(slice, store.Pointer, store.Offset);
        long mask = size == 8 ? -1 : (1L << 8 * size) - 1;
        if (value.Type != slice.Type) value = value is Constant c2 ? Constant.Of(slice.Type, c2.Number) : Add(new Conversion(slice.Type == IrType.I32 ? ConversionKind.Truncate : ConversionKind.ZeroExtend32, value, slice.Type));
        value = Add(new Binary(BinaryOperator.And, value, Constant.Of(slice.Type, mask)));
        if (shift != 0) value = Add(new Binary(BinaryOperator.Shl, value, Constant.Of(slice.Type, shift)));
        var rest = Add(new Binary(BinaryOperator.And, old, Constant.Of(slice.Type, ~(mask << shift))));
        return Add(new Binary(BinaryOperator.Or, rest, value));

        Value Add(Instruction instruction)
        {
            instruction.Location = store.Location;
            return block.InsertBefore(store, instruction);
        }
    }
}
