namespace Hornet.Compiler.CodeGen;

/// <summary>Who has a register of the machine when: ranges in order, found by binary search.</summary>
internal sealed class Occupancy
{
    // Side by side, since the runtime has lists of numbers and of objects precompiled.
    private readonly List<int> _from = [], _to = [];
    private readonly List<LiveInterval> _owners = [];

    public void Add(LiveInterval interval)
    {
        foreach (var (from, to) in interval.Ranges)
        {
            int at = FirstEndingAfter(from);
            _from.Insert(at, from);
            _to.Insert(at, to);
            _owners.Insert(at, interval);
        }
    }

    public void Remove(LiveInterval interval)
    {
        foreach (var (from, _) in interval.Ranges)
        {
            int at = FirstEndingAfter(from);
            _from.RemoveAt(at);
            _to.RemoveAt(at);
            _owners.RemoveAt(at);
        }
    }

    public bool IsFree(LiveInterval interval)
    {
        foreach (var (from, to) in interval.Ranges)
        {
            int at = FirstEndingAfter(from);
            if (at < _from.Count && _from[at] < to) return false;
        }
        return true;
    }

    /// <summary>Those who have it while another one wants it, each perhaps several times.</summary>
    public IEnumerable<LiveInterval> Overlapping(LiveInterval interval)
    {
        foreach (var (from, to) in interval.Ranges)
        {
            for (int at = FirstEndingAfter(from); at < _from.Count && _from[at] < to; at++) yield return _owners[at];
        }
    }

    private int FirstEndingAfter(int position)
    {
        int low = 0, high = _to.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_to[middle] > position) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
