using System.Runtime.InteropServices;
using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Makes slices of the stack into SSA values: phis where different values meet, found by dominance frontiers; then one walk
/// down the dominator tree that knows each variable's value at every point.
/// </summary>
internal sealed class Promotion(IrFunction function, StackSlices slices)
{
    private readonly Dictionary<Phi, StackSlice> _phis = [];
    private readonly List<Before> _undo = [];
    private readonly int _dead = function.NewMark();
    private Instruction[] _buffer = [];

    /// <summary>A variable that a slice becomes.</summary>
    internal sealed class Variable(Value value)
    {
        /// <summary>Its value where the walk is.</summary>
        public Value Value { get; set; } = value;

        /// <summary>The blocks that write it, by position, ascending; each may be there several times.</summary>
        public List<int> Writers { get; } = [];

        /// <summary>The blocks that read it before they write it.</summary>
        public List<int> Readers { get; } = [];
    }

    /// <summary>A block to be looked at, or how far what was written is taken back.</summary>
    private sealed record Step(int Block, int Undo);

    /// <summary>What a variable was before a block wrote it.</summary>
    private sealed record Before(Variable Variable, Value Value);

    public void Run()
    {
        var dominators = function.Dominators;
        foreach (var alloca in slices.Allocas)
        {
            foreach (var slice in slices.Of(alloca)) slice.Variable = new Variable(Zero(slice));
        }
        PlacePhis(dominators);
        // What a block writes holds in those that it dominates, and is taken back behind them.
        Stack<Step> work = new();
        work.Push(new(0, -1));
        while (work.TryPop(out var item))
        {
            if (item.Undo >= 0)
            {
                for (int i = _undo.Count - 1; i >= item.Undo; i--) _undo[i].Variable.Value = _undo[i].Value;
                _undo.RemoveRange(item.Undo, _undo.Count - item.Undo);
                continue;
            }
            work.Push(new(0, _undo.Count));
            Rename(dominators.Order[item.Block]);
            foreach (int child in dominators.ChildrenOf(item.Block)) work.Push(new(child, -1));
        }
        // Addresses that stores and loads leave behind go with them.
        foreach (var alloca in slices.Allocas) MarkAddresses(alloca);
        foreach (var block in function.BlockSpan)
        {
            foreach (var instruction in block.Code)
            {
                if (instruction.Mark != _dead) continue;
                block.RemoveAll(i => i.Mark == _dead);
                break;
            }
        }
    }

    private void MarkAddresses(Instruction address)
    {
        address.Mark = _dead;
        foreach (var user in address.UserSpan)
        {
            if (user.Mark != _dead) MarkAddresses(user);
        }
    }

    private static Constant Zero(StackSlice slice) => slice.Type.IsPointer ? Constant.Null(slice.Type.Region) : Constant.Of(slice.Type, 0);

    private void PlacePhis(DominatorTree dominators)
    {
        List<StackSlice> written = [];
        for (int b = 0; b < dominators.Order.Count; b++)
        {
            foreach (var instruction in dominators.Order[b].Code)
            {
                if (instruction is Alloca alloca)
                {
                    if (!slices.Contains(alloca)) continue;
                    foreach (var slice in slices.Of(alloca)) Note(slice, b);
                }
                else if (Accessed(instruction) is { } slice)
                {
                    // A store of a part leaves the rest, so it reads too.
                    bool reads = instruction is not Store store || store.Width.Bytes() != slice.Size;
                    if (reads && slice.Variable!.Writers is var writers && (writers.Count == 0 || writers[^1] != b)) slice.Variable.Readers.Add(b);
                    if (instruction is Store) Note(slice, b);
                }
            }
        }
        var frontiers = dominators.Frontiers();
        // For each block, the last variable that was found to be written there, to be wanted at its beginning, to get a phi there.
        int[] writes = new int[frontiers.Length], wanted = new int[frontiers.Length], placed = new int[frontiers.Length];
        Stack<int> work = new();
        for (int number = 1; number <= written.Count; number++)
        {
            var slice = written[number - 1];
            var variable = slice.Variable!;
            if (variable.Readers.Count == 0) continue;
            foreach (int block in variable.Writers) writes[block] = number;
            foreach (int block in variable.Readers)
            {
                if (wanted[block] == number) continue;
                wanted[block] = number;
                work.Push(block);
            }
            while (work.TryPop(out int block))
            {
                foreach (var predecessor in dominators.Order[block].PredecessorSpan)
                {
                    if (!dominators.IsReachable(predecessor) || writes[predecessor.Position] == number || wanted[predecessor.Position] == number) continue;
                    wanted[predecessor.Position] = number;
                    work.Push(predecessor.Position);
                }
            }
            foreach (int block in variable.Writers) work.Push(block);
            while (work.TryPop(out int block))
            {
                foreach (int frontier in CollectionsMarshal.AsSpan(frontiers[block]))
                {
                    if (wanted[frontier] != number || placed[frontier] == number) continue;
                    placed[frontier] = number;
                    Phi phi = new(slice.Type) { Location = dominators.Order[frontier].Instructions[0].Location, Name = slice.Alloca.Name };
                    dominators.Order[frontier].Append(phi);
                    _phis[phi] = slice;
                    work.Push(frontier);
                }
            }
        }

        void Note(StackSlice slice, int block)
        {
            var writers = slice.Variable!.Writers;
            if (writers.Count == 0) written.Add(slice);
            if ((writers.Count == 0 || writers[^1] != block)) writers.Add(block);
        }
    }

    /// <summary>The slice that a load or a store is about.</summary>
    private StackSlice? Accessed(Instruction instruction) => instruction switch
    {
        Load l => Slice(l.Pointer, l.Offset),
        Store s => Slice(s.Pointer, s.Offset),
        _ => null,
    };

    private StackSlice? Slice(Value pointer, int offset) =>
        StackSlices.Resolve(pointer) is { } at && slices.Contains(at.Alloca) ? slices.At(at.Alloca, at.Offset + offset) : null;

    private void Set(StackSlice slice, Value value)
    {
        var variable = slice.Variable!;
        _undo.Add(new(variable, variable.Value));
        variable.Value = value;
    }

    private void Rename(BasicBlock block)
    {
        foreach (var instruction in block.Snapshot(ref _buffer))
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
                    l.ReplaceAllUsesWith(Read(l, slice, slice.Variable!.Value));
                    l.Mark = _dead;
                    break;
                case Store s when Slice(s.Pointer, s.Offset) is { } slice:
                    Set(slice, Write(s, slice, slice.Variable!.Value));
                    s.Mark = _dead;
                    break;
            }
        }
        foreach (var successor in block.Successors.Distinct())
        {
            foreach (var instruction in successor.Code)
            {
                if (instruction is not Phi phi) break;
                if (_phis.TryGetValue(phi, out var slice)) phi.AddIncoming(block, slice.Variable!.Value);
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
