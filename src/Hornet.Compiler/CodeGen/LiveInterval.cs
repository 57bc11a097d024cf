namespace Hornet.Compiler.CodeGen;

/// <summary>When a register is occupied: ranges of positions, ascending, with holes between them.</summary>
internal sealed class LiveInterval(int register)
{
    // While they are built, backwards through the code, the ranges are in descending order.
    private readonly List<(int From, int To)> _ranges = [];

    /// <summary>The virtual register, or the machine's for what calls and the like occupy.</summary>
    public int Register { get; } = register;

    public List<(int From, int To)> Ranges => _ranges;

    public bool IsEmpty => _ranges.Count == 0;

    public int Start => _ranges[0].From;

    public int End => _ranges[^1].To;

    /// <summary>What it would cost to keep the value in memory, per position occupied.</summary>
    public double Weight { get; set; }

    /// <summary>Adds a range that ends at or before the beginning of all that were added before, or overlaps only the last of them.</summary>
    public void AddBefore(int from, int to)
    {
        if (_ranges.Count > 0 && _ranges[^1].From <= to)
        {
            _ranges[^1] = (Math.Min(from, _ranges[^1].From), Math.Max(to, _ranges[^1].To));
            return;
        }
        _ranges.Add((from, to));
    }

    /// <summary>The value begins to exist here: what was assumed before it in the block is cut off.</summary>
    public void CutAt(int from) => _ranges[^1] = (from, _ranges[^1].To);

    public void Finish() => _ranges.Reverse();

    public int Length
    {
        get
        {
            int length = 0;
            foreach (var (from, to) in _ranges) length += to - from;
            return length;
        }
    }

    public bool Intersects(LiveInterval other)
    {
        if (IsEmpty || other.IsEmpty || End <= other.Start || other.End <= Start) return false;
        var (few, many) = _ranges.Count <= other._ranges.Count ? (_ranges, other._ranges) : (other._ranges, _ranges);
        foreach (var (from, to) in few)
        {
            int low = 0, high = many.Count;
            while (low < high)
            {
                int middle = (low + high) >>> 1;
                if (many[middle].To > from) high = middle;
                else low = middle + 1;
            }
            if (low < many.Count && many[low].From < to) return true;
        }
        return false;
    }
}
