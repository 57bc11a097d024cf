using System.Runtime.InteropServices;

namespace Hornet.Compiler.IR;

/// <summary>
/// Which blocks every path to a block leads through (Cooper, Harvey and Kennedy's simple algorithm). A tree holds until blocks
/// go elsewhere; then <see cref="IrFunction.Dominators"/> is another one.
/// </summary>
internal sealed class DominatorTree
{
    private readonly int[] _immediate;

    // The children of all blocks, one block's after the other's, and where each block's begin.
    private readonly int[] _children, _firstChild;

    // In a walk that goes down the tree, the number of each block and how many are from it on downwards.
    private readonly int[] _number, _size;

    public DominatorTree(List<BasicBlock> order)
    {
        Order = order;
        int count = order.Count;
        for (int i = 0; i < count; i++) order[i].Position = i;
        _immediate = FindImmediate();
        (_firstChild, _children, _number, _size) = (new int[count + 1], new int[count], new int[count], new int[count]);
        for (int i = 1; i < count; i++) _firstChild[_immediate[i] + 1]++;
        for (int i = 0; i < count; i++) _firstChild[i + 1] += _firstChild[i];
        var next = _firstChild.AsSpan(0, count).ToArray();
        for (int i = 1; i < count; i++) _children[next[_immediate[i]]++] = i;
        // A block comes behind its dominator in the order.
        for (int i = count - 1; i >= 0; i--)
        {
            _size[i]++;
            if (i > 0) _size[_immediate[i]] += _size[i];
        }
        for (int i = 0; i < count; i++)
        {
            int number = _number[i] + 1;
            foreach (int child in ChildrenOf(i))
            {
                _number[child] = number;
                number += _size[child];
            }
        }
    }

    /// <summary>The reachable blocks in reverse postorder.</summary>
    public List<BasicBlock> Order { get; }

    /// <summary>The blocks, by position in <see cref="Order"/>, that a block is the immediate dominator of.</summary>
    public ReadOnlySpan<int> ChildrenOf(int position) => _children.AsSpan(_firstChild[position].._firstChild[position + 1]);

    public bool IsReachable(BasicBlock block) => (uint)block.Position < (uint)Order.Count && ReferenceEquals(Order[block.Position], block);

    public int PositionOf(BasicBlock block) => IsReachable(block) ? block.Position : throw new ArgumentException($"Nothing reaches {block.Name}.", nameof(block));

    public BasicBlock? ImmediateDominator(BasicBlock block) => PositionOf(block) is > 0 and var i ? Order[_immediate[i]] : null;

    /// <summary>Whether every path to <paramref name="b"/> leads through <paramref name="a"/>; a block dominates itself.</summary>
    public bool Dominates(BasicBlock a, BasicBlock b)
    {
        int i = PositionOf(a), below = _number[PositionOf(b)] - _number[i];
        return below >= 0 && below < _size[i];
    }

    /// <summary>The blocks where the dominance of each block ends: where phis for a definition in it belong. Null for none.</summary>
    public List<int>?[] Frontiers()
    {
        var result = new List<int>?[Order.Count];
        for (int i = 0; i < Order.Count; i++)
        {
            var predecessors = Order[i].Predecessors;
            // The entry of a function with a loop to it has one predecessor that counts as two ways in.
            if (predecessors.Count < 2 && i != 0) continue;
            foreach (var predecessor in predecessors)
            {
                if (!IsReachable(predecessor)) continue;
                int runner = predecessor.Position;
                while (runner != _immediate[i])
                {
                    var frontier = result[runner] ??= [];
                    if (frontier is not [.., var last] || last != i) frontier.Add(i);
                    runner = _immediate[runner];
                }
            }
        }
        return result;
    }

    private int[] FindImmediate()
    {
        var blocks = CollectionsMarshal.AsSpan(Order);
        var immediate = new int[blocks.Length];
        Array.Fill(immediate, -1);
        immediate[0] = 0;
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = 1; i < blocks.Length; i++)
            {
                int best = -1;
                foreach (var predecessor in blocks[i].PredecessorSpan)
                {
                    if (!IsReachable(predecessor) || immediate[predecessor.Position] < 0) continue;
                    best = best < 0 ? predecessor.Position : Intersect(immediate, predecessor.Position, best);
                }
                if (best == immediate[i]) continue;
                immediate[i] = best;
                changed = true;
            }
        }
        return immediate;
    }

    private static int Intersect(int[] immediate, int a, int b)
    {
        while (a != b)
        {
            while (a > b) a = immediate[a];
            while (b > a) b = immediate[b];
        }
        return a;
    }
}
