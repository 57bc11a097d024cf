namespace Hornet.Script.Binding;

/// <summary>What somebody may have meant.</summary>
internal static class Similar
{
    /// <summary>The nearest of some names, at most a third of it mistyped; null when none is near.</summary>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        string? best = null;
        int limit = Math.Max(1, name.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            if (candidate == name || Math.Abs(candidate.Length - name.Length) >= limit) continue;
            int distance = Distance(name, candidate);
            if (distance < limit) (best, limit) = (candidate, distance);
        }
        return best;
    }

    private static int Distance(string a, string b)
    {
        Span<int> row = stackalloc int[Math.Min(b.Length, 255) + 1];
        if (a.Length > 255 || b.Length > 255) return int.MaxValue;
        for (int j = 0; j <= b.Length; j++) row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}
