using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>A part of a piece of stack that is accessed as a whole.</summary>
internal sealed class StackSlice(Alloca alloca, int start, int end)
{
    public Alloca Alloca { get; } = alloca;

    public int Start { get; } = start;

    public int End { get; } = end;

    public int Size => End - Start;

    /// <summary>The type of the variable it becomes: pointers stay pointers when nothing else is ever there.</summary>
    public IrType Type { get; set; } = end - start > 4 ? IrType.I64 : IrType.I32;

    /// <summary>What <see cref="Promotion"/> knows of the variable.</summary>
    public Promotion.Variable? Variable { get; set; }
}

/// <summary>
/// Finds the pieces of stack whose address goes nowhere, and cuts them into slices: accesses that overlap are in one slice,
/// and a copy between two pieces carries the cuts of one over to the other.
/// </summary>
internal sealed class StackSlices
{
    /// <summary>A piece of stack and where it is cut; its mark, counted from the first one's, is its position in the list.</summary>
    private sealed class Piece(Alloca alloca, List<(int Start, int End)> cuts)
    {
        public Alloca Alloca { get; } = alloca;

        /// <summary>Null once it turned out that it stays memory.</summary>
        public List<(int Start, int End)>? Cuts { get; set; } = cuts;

        public List<StackSlice> Slices { get; } = [];
    }

    private readonly List<Piece> _pieces = [];
    private int _firstMark;

    public int Count { get; private set; }

    public IEnumerable<Alloca> Allocas => _pieces.Where(p => p.Cuts is not null).Select(p => p.Alloca);

    public List<StackSlice> Of(Alloca alloca) => Find(alloca)!.Slices;

    public bool Contains(Alloca alloca) => Find(alloca) is not null;

    /// <summary>The slice an access is in.</summary>
    public StackSlice At(Alloca alloca, int offset)
    {
        foreach (var slice in Of(alloca))
        {
            if (slice.Start <= offset && offset < slice.End) return slice;
        }
        throw new InvalidOperationException($"No slice of '{alloca}' has offset {offset}.");
    }

    private Piece? Find(Alloca alloca)
    {
        int at = alloca.Mark - _firstMark;
        return (uint)at < (uint)_pieces.Count && _pieces[at] is { Cuts: not null } piece ? piece : null;
    }

    public static StackSlices Find(IrFunction function)
    {
        StackSlices result = new();
        result.Run(function);
        return result;
    }

    /// <summary>The piece of stack and constant offset a pointer is; null when it is something else.</summary>
    public static (Alloca Alloca, int Offset)? Resolve(Value pointer)
    {
        long offset = 0;
        while (true)
        {
            switch (pointer)
            {
                case Alloca a: return offset is >= 0 and <= int.MaxValue ? (a, (int)offset) : null;
                case PointerAdd { Bytes: Constant c } p:
                    offset += c.Number;
                    pointer = p.Pointer;
                    break;
                case Conversion { Kind: ConversionKind.Reinterpret } c: pointer = c.Operand; break;
                default: return null;
            }
        }
    }

    private void Run(IrFunction function)
    {
        List<MemoryCopy> copies = [];
        List<(int Start, int End)> accesses = [];
        foreach (var block in function.BlockSpan)
        {
            foreach (var instruction in block.Code)
            {
                if (instruction is MemoryCopy copy) copies.Add(copy);
                if (instruction is not Alloca alloca) continue;
                accesses.Clear();
                if (Gather(alloca, alloca, 0, accesses)) _pieces.Add(new(alloca, Union(accesses)));
            }
        }
        if (_pieces.Count == 0) return;
        _firstMark = function.NewMarks(_pieces.Count);
        for (int i = 0; i < _pieces.Count; i++) _pieces[i].Alloca.Mark = _firstMark + i;
        for (bool changed = true; changed;)
        {
            // A slice longer than a register stays memory, and so does everything whose cuts depend on it.
            changed = Carry(copies);
            foreach (var piece in _pieces)
            {
                if (piece.Cuts is null || !piece.Cuts.Exists(static s => s.End - s.Start > 8)) continue;
                piece.Cuts = null;
                changed = true;
            }
            changed |= FillGaps(copies);
        }
        foreach (var piece in _pieces)
        {
            if (piece.Cuts is null) continue;
            Count++;
            foreach (var (start, end) in piece.Cuts) piece.Slices.Add(new StackSlice(piece.Alloca, start, end));
        }
        if (Count > 0) FindPointers(function);
    }

    /// <summary>All accesses of a piece of stack; false when its address goes somewhere they cannot be seen.</summary>
    private static bool Gather(Alloca alloca, Value pointer, long offset, List<(int Start, int End)> accesses)
    {
        foreach (var user in pointer.UserSpan)
        {
            switch (user)
            {
                case Load { IsVolatile: false } l when Add(offset + l.Offset, l.Width.Bytes()):
                case Store { IsVolatile: false } s when !ReferenceEquals(s.Value, pointer) && Add(offset + s.Offset, s.Width.Bytes()):
                case MemoryCopy m when IsInside(offset, m.Size):
                case MemorySet { Filler: Constant } f when IsInside(offset, f.Size):
                    break;
                case PointerAdd { Bytes: Constant c } p when Gather(alloca, p, offset + c.Number, accesses):
                case Conversion { Kind: ConversionKind.Reinterpret } r when Gather(alloca, r, offset, accesses):
                    break;
                default:
                    return false;
            }
        }
        return true;

        bool IsInside(long start, int size) => start >= 0 && start + size <= alloca.Size;

        bool Add(long start, int size)
        {
            if (!IsInside(start, size)) return false;
            accesses.Add(((int)start, (int)start + size));
            return true;
        }
    }

    private static List<(int Start, int End)> Union(List<(int Start, int End)> ranges)
    {
        // As numbers: sorting pairs is code that the runtime would compile first, in every process.
        var sorted = new long[ranges.Count];
        for (int i = 0; i < sorted.Length; i++) sorted[i] = (long)ranges[i].Start << 32 | (uint)ranges[i].End;
        Array.Sort(sorted);
        List<(int Start, int End)> result = [];
        foreach (long pair in sorted)
        {
            var range = (Start: (int)(pair >> 32), End: (int)pair);
            if (result.Count > 0 && range.Start < result[^1].End) result[^1] = (result[^1].Start, Math.Max(result[^1].End, range.End));
            else result.Add(range);
        }
        return result;
    }

    /// <summary>Carries cuts along copies, both ways.</summary>
    private bool Carry(List<MemoryCopy> copies)
    {
        bool changed = false;
        for (bool again = true; again; changed |= again)
        {
            again = false;
            foreach (var copy in copies)
            {
                if (Resolve(copy.Destination) is not { } to || Resolve(copy.Source) is not { } from) continue;
                if (!Contains(to.Alloca) || !Contains(from.Alloca)) continue;
                again |= Carry(from, to, copy.Size) | Carry(to, from, copy.Size);
            }
        }
        return changed;
    }

    private bool Carry((Alloca Alloca, int Offset) from, (Alloca Alloca, int Offset) to, int size)
    {
        var target = Find(to.Alloca)!.Cuts!;
        var all = target.ToList();
        foreach (var (start, end) in Find(from.Alloca)!.Cuts!)
        {
            // A slice that reaches out of the copied part is not copied whole: the part that is counts.
            int first = Math.Max(start, from.Offset), last = Math.Min(end, from.Offset + size);
            if (first >= last) continue;
            all.Add((first - from.Offset + to.Offset, last - from.Offset + to.Offset));
        }
        var united = Union(all);
        if (united.SequenceEqual(target)) return false;
        Find(to.Alloca)!.Cuts = united;
        return true;
    }

    /// <summary>What is only ever copied or filled is cut into pieces as large as registers.</summary>
    private bool FillGaps(List<MemoryCopy> copies)
    {
        bool changed = false;
        foreach (var copy in copies)
        {
            foreach (var place in new[] { Resolve(copy.Destination), Resolve(copy.Source) })
            {
                if (place is not { } at || Find(at.Alloca)?.Cuts is not { } slices) continue;
                List<(int Start, int End)> gaps = [];
                int position = at.Offset;
                foreach (var (start, end) in slices.Append((Start: at.Offset + copy.Size, End: at.Offset + copy.Size)))
                {
                    for (int limit = Math.Min(start, at.Offset + copy.Size); position < limit;)
                    {
                        int step = 8;
                        while (position % step != 0 || position + step > limit) step /= 2;
                        gaps.Add((position, position + step));
                        position += step;
                    }
                    position = Math.Max(position, end);
                }
                if (gaps.Count == 0) continue;
                Find(at.Alloca)!.Cuts = Union([.. slices, .. gaps]);
                changed = true;
            }
        }
        return changed;
    }

    /// <summary>A slice of eight bytes that holds pointers, and never part of it or a number, is a pointer.</summary>
    private void FindPointers(IrFunction function)
    {
        Dictionary<StackSlice, IrType?> types = [];
        foreach (var instruction in function.Instructions)
        {
            if (instruction is not (Load or Store) || instruction is Store { Value: Constant { Number: 0 } }) continue;
            if (Resolve(instruction.OperandAt(0)) is not { } at || !Contains(at.Alloca)) continue;
            var (offset, size, type) = instruction is Store s ? (s.Offset, s.Width.Bytes(), s.Value.Type) : (((Load)instruction).Offset, ((Load)instruction).Width.Bytes(), instruction.Type);
            var slice = At(at.Alloca, at.Offset + offset);
            IrType? own = type.IsPointer && size == 8 && slice.Size == 8 ? type : null;
            if (!types.TryGetValue(slice, out var known)) types[slice] = own;
            else if (known is not null && own is not null) types[slice] = Region.Join(known.Value.Region, own.Value.Region) is { } joined ? IrType.Pointer(joined) : null;
            else types[slice] = null;
        }
        foreach (var (slice, type) in types)
        {
            if (type is { } pointer) slice.Type = pointer;
        }
    }
}
