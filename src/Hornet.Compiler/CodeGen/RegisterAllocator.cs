using Hornet.Isa;
using static Hornet.Compiler.CodeGen.MachineInstruction;

namespace Hornet.Compiler.CodeGen;

/// <summary>
/// Linear scan: intervals in the order they begin take a register that is free for all of their ranges, one that saves a
/// copy if possible. When none is free, whoever costs least in memory makes room. What stays without a register is spilled
/// (<see cref="Spiller"/>), which leaves only tiny intervals of it, and everything is tried again.
/// </summary>
internal sealed class RegisterAllocator
{
    // The ones that calls overwrite first: values that live across calls need the others.
    private static readonly int[] s_order = [1, 2, 3, 4, 5, 0, 6, 7, 8, 9];

    // The next one last, where it is taken off a list.
    private static readonly Comparer<LiveInterval> s_latestFirst =
        Comparer<LiveInterval>.Create(static (a, b) => a.Start != b.Start ? b.Start.CompareTo(a.Start) : b.Register.CompareTo(a.Register));

    private readonly MachineFunction _function;
    private readonly HashSet<int> _unspillable;
    private readonly LiveIntervals _intervals;
    private readonly Dictionary<int, List<int>> _hints = [];
    private readonly Occupancy[] _assigned = new Occupancy[(int)Register.R10];
    private readonly Dictionary<int, int> _result = [];

    private RegisterAllocator(MachineFunction function, HashSet<int> unspillable)
    {
        _function = function;
        _unspillable = unspillable;
        _intervals = new LiveIntervals(function);
        for (int i = 0; i < _assigned.Length; i++) _assigned[i] = new Occupancy();
    }

    /// <summary>Decides the register of every virtual one, spilling where ten are not enough.</summary>
    public static Func<int, Register> Run(MachineFunction function)
    {
        HashSet<int> unspillable = [];
        for (int round = 0; ; round++)
        {
            // Every round leaves fewer long intervals; a handful is usual.
            if (round > 100) throw new InvalidOperationException($"The registers of {function.Source.Name} cannot be allocated.");
            RegisterAllocator allocator = new(function, unspillable);
            var spilled = allocator.Assign();
            if (spilled.Count == 0) return register => IsVirtual(register) ? (Register)allocator._result[register] : (Register)register;
            unspillable.UnionWith(Spiller.Run(function, spilled));
        }
    }

    private List<LiveInterval> Assign()
    {
        Weigh();
        List<LiveInterval> queue = [.. _intervals.Virtual];
        queue.Sort(s_latestFirst);
        List<LiveInterval> spilled = [];
        while (queue.Count > 0)
        {
            var interval = queue[^1];
            queue.RemoveAt(queue.Count - 1);
            if (FindFree(interval) is { } register)
            {
                Take(interval, register);
                continue;
            }
            if (FindCheapest(interval) is { } contested)
            {
                foreach (var loser in _assigned[contested].Overlapping(interval).Distinct().ToList())
                {
                    _assigned[contested].Remove(loser);
                    _result.Remove(loser.Register);
                    queue.Insert(~queue.BinarySearch(loser, s_latestFirst), loser);
                }
                Take(interval, contested);
                continue;
            }
            if (double.IsPositiveInfinity(interval.Weight))
                throw new InvalidOperationException($"No register is left for an operand in {_function.Source.Name}.");
            spilled.Add(interval);
        }
        return spilled;
    }

    private void Take(LiveInterval interval, int register)
    {
        _assigned[register].Add(interval);
        _result[interval.Register] = register;
    }

    private int? FindFree(LiveInterval interval)
    {
        if (_hints.TryGetValue(interval.Register, out var hints))
        {
            foreach (int hint in hints)
            {
                int register = IsVirtual(hint) ? _result.GetValueOrDefault(hint, -1) : hint;
                if (register is >= 0 and < (int)Register.R10 && IsFree(register, interval)) return register;
            }
            // A neighbour that is not decided yet may itself want a certain register.
            foreach (int hint in hints)
            {
                if (!IsVirtual(hint) || !_hints.TryGetValue(hint, out var second)) continue;
                foreach (int next in second)
                {
                    int register = IsVirtual(next) ? _result.GetValueOrDefault(next, -1) : next;
                    if (register is >= 0 and < (int)Register.R10 && IsFree(register, interval) && _intervals[hint] is { } other && !_intervals.Fixed[register].Intersects(other)) return register;
                }
            }
        }
        foreach (int register in s_order)
        {
            if (IsFree(register, interval)) return register;
        }
        return null;
    }

    private bool IsFree(int register, LiveInterval interval)
    {
        return !_intervals.Fixed[register].Intersects(interval) && _assigned[register].IsFree(interval);
    }

    /// <summary>The register whose present owners all cost less in memory than this one, and least of all such.</summary>
    private int? FindCheapest(LiveInterval interval)
    {
        int? best = null;
        double least = interval.Weight;
        foreach (int register in s_order)
        {
            if (_intervals.Fixed[register].Intersects(interval)) continue;
            double most = 0;
            foreach (var other in _assigned[register].Overlapping(interval)) most = Math.Max(most, other.Weight);
            if (most >= least) continue;
            least = most;
            best = register;
        }
        return best;
    }

    private void Weigh()
    {
        foreach (var block in _function.Blocks)
        {
            double cost = Math.Pow(10, Math.Min(block.LoopDepth, 6));
            foreach (var i in block.Instructions)
            {
                if (i.IsCopy)
                {
                    Hint(i.Dst, i.Src);
                    Hint(i.Src, i.Dst);
                }
                if (IsVirtual(i.Dst)) Add(i.Dst, cost * (i.DstAccess == Access.ReadWrite ? 2 : 1));
                if (IsVirtual(i.Src)) Add(i.Src, cost * (i.SrcAccess == Access.ReadWrite ? 2 : 1));
            }
        }
        foreach (var interval in _intervals.Virtual)
            interval.Weight = _unspillable.Contains(interval.Register) ? double.PositiveInfinity : interval.Weight / interval.Length;

        void Add(int register, double cost)
        {
            if (_intervals[register] is { } interval) interval.Weight += cost;
        }
    }

    private void Hint(int register, int other)
    {
        if (!IsVirtual(register)) return;
        if (!_hints.TryGetValue(register, out var list)) _hints[register] = list = [];
        list.Add(other);
    }
}
