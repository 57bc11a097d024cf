namespace Hornet.Kernel;

/// <summary>Finds the names a person may have meant: the "did you mean" of every error about an unknown name.</summary>
public static class CloseNames
{
    private const int LongestName = 128;

    /// <summary>
    /// The candidates nearest to a name, best first: by edit distance (at most a third of the name), then names that
    /// contain it. Linear in the candidates, bounded memory.
    /// </summary>
    public static IReadOnlyList<string> Find(string name, IEnumerable<string> candidates, int count = 3)
    {
        if (name.Length is 0 or > LongestName) return [];
        int limit = Math.Max(1, name.Length / 3);
        List<(int Distance, string Name)> best = [];
        foreach (string candidate in candidates)
        {
            if (candidate.Length > LongestName || candidate == name) continue;
            int distance = Math.Abs(candidate.Length - name.Length) > limit ? int.MaxValue : Distance(name, candidate, limit);
            // A name that contains what was typed (do_sys_open for sys_open) is worth telling, after the near misses.
            if (distance > limit && name.Length >= 4 && candidate.Contains(name, StringComparison.OrdinalIgnoreCase))
                distance = limit + candidate.Length - name.Length;
            else if (distance > limit) continue;
            if (best.Count == count && best[^1].Distance <= distance) continue;
            int at = best.FindIndex(b => distance < b.Distance);
            best.Insert(at < 0 ? best.Count : at, (distance, candidate));
            if (best.Count > count) best.RemoveAt(count);
        }
        return [.. best.Select(b => b.Name).Distinct()];
    }

    /// <summary>A sentence such as <c>Did you mean 'sched_switch' or 'sched_waking'?</c>; null when nothing is near.</summary>
    public static string? Suggest(string name, IEnumerable<string> candidates) => Find(name, candidates) switch
    {
        [] => null,
        [var one] => $"Did you mean '{one}'?",
        var several => $"Did you mean {string.Join(", ", several.Take(several.Count - 1).Select(n => $"'{n}'"))} or '{several[^1]}'?",
    };

    /// <summary>A sentence with the closest names, or with a few of all of them when none is close: for short lists.</summary>
    public static string Describe(string wanted, IReadOnlyCollection<string> known)
    {
        const int shown = 8;
        if (known.Count == 0) return "There are none.";
        if (Suggest(wanted, known) is { } suggestion) return suggestion;
        string more = known.Count > shown ? $" and {known.Count - shown} more" : "";
        return $"There are: {string.Join(", ", known.Take(shown))}{more}.";
    }

    /// <summary>The edit distance where a swap of neighbours counts once; anything above the limit when it is exceeded.</summary>
    private static int Distance(string a, string b, int limit)
    {
        Span<int> before = stackalloc int[LongestName + 1], previous = stackalloc int[LongestName + 1], current = stackalloc int[LongestName + 1];
        for (int j = 0; j <= b.Length; j++) previous[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            int smallest = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = a[i - 1] == b[j - 1] ? 0 : 1;
                int value = Math.Min(Math.Min(previous[j] + 1, current[j - 1] + 1), previous[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) value = Math.Min(value, before[j - 2] + 1);
                current[j] = value;
                smallest = Math.Min(smallest, value);
            }
            if (smallest > limit) return limit + 1;
            previous.CopyTo(before);
            current.CopyTo(previous);
        }
        return previous[b.Length];
    }
}
