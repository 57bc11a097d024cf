namespace Hornet.Compiler.IR;

/// <summary>Which blocks every path to a block leads through (Cooper, Harvey and Kennedy's simple algorithm).</summary>
internal sealed class DominatorTree
{
    private readonly Dictionary<BasicBlock, int> _order = [];
    private readonly int[] _immediate;
    private readonly int[] _in, _out;

    public DominatorTree(IrFunction function)
    {
        Order = function.ReversePostorder();
        for (int i = 0; i < Order.Count; i++) _order[Order[i]] = i;
        _immediate = new int[Order.Count];
        Array.Fill(_immediate, -1);
        _immediate[0] = 0;
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = 1; i < Order.Count; i++)
            {
                int best = -1;
                foreach (var predecessor in Order[i].Predecessors)
                {
                    if (!_order.TryGetValue(predecessor, out int p) || _immediate[p] < 0) continue;
                    best = best < 0 ? p : Intersect(p, best);
                }
                if (best == _immediate[i]) continue;
                _immediate[i] = best;
                changed = true;
            }
        }
        Children = new List<int>[Order.Count];
        for (int i = 0; i < Order.Count; i++) Children[i] = [];
        for (int i = 1; i < Order.Count; i++) Children[_immediate[i]].Add(i);
        _in = new int[Order.Count];
        _out = new int[Order.Count];
        Number();
    }

    /// <summary>The reachable blocks in reverse postorder.</summary>
    public List<BasicBlock> Order { get; }

    /// <summary>The blocks, by position in <see cref="Order"/>, that each block is the immediate dominator of.</summary>
    public List<int>[] Children { get; }

    public bool IsReachable(BasicBlock block) => _order.ContainsKey(block);

    public int PositionOf(BasicBlock block) => _order[block];

    public BasicBlock? ImmediateDominator(BasicBlock block) => _order[block] is > 0 and var i ? Order[_immediate[i]] : null;

    /// <summary>Whether every path to <paramref name="b"/> leads through <paramref name="a"/>; a block dominates itself.</summary>
    public bool Dominates(BasicBlock a, BasicBlock b)
    {
        int i = _order[a], j = _order[b];
        return _in[i] <= _in[j] && _out[j] <= _out[i];
    }

    /// <summary>The blocks where the dominance of each block ends: where phis for a definition in it belong.</summary>
    public List<int>[] Frontiers()
    {
        var result = new List<int>[Order.Count];
        for (int i = 0; i < result.Length; i++) result[i] = [];
        for (int i = 0; i < Order.Count; i++)
        {
            var predecessors = Order[i].Predecessors;
            // The entry of a function with a loop to it has one predecessor that counts as two ways in.
            if (predecessors.Count < 2 && i != 0) continue;
            foreach (var predecessor in predecessors)
            {
                if (!_order.TryGetValue(predecessor, out int runner)) continue;
                while (runner != _immediate[i])
                {
                    if (!result[runner].Contains(i)) result[runner].Add(i);
                    runner = _immediate[runner];
                }
            }
        }
        return result;
    }

    private int Intersect(int a, int b)
    {
        while (a != b)
        {
            while (a > b) a = _immediate[a];
            while (b > a) b = _immediate[b];
        }
        return a;
    }

    private sealed record Visit(int Block, int Child);

    private void Number()
    {
        int clock = 0;
        Stack<Visit> stack = new();
        stack.Push(new(0, 0));
        while (stack.TryPop(out var top))
        {
            if (top.Child == 0) _in[top.Block] = clock++;
            if (top.Child < Children[top.Block].Count)
            {
                stack.Push(new(top.Block, top.Child + 1));
                stack.Push(new(Children[top.Block][top.Child], 0));
            }
            else
            {
                _out[top.Block] = clock++;
            }
        }
    }
}
