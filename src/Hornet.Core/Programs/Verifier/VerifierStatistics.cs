using System.Globalization;

namespace Hornet.Programs.Verifier;

/// <summary>The counts a verifier log closes with.</summary>
public sealed record VerifierStatistics
{
    /// <summary>Instructions walked, each path counted.</summary>
    public long Instructions { get; init; }

    /// <summary>The most instructions that may be walked: a million since 5.2 for the privileged.</summary>
    public long Limit { get; init; }

    /// <summary>The most states kept for one instruction.</summary>
    public long MaxStatesPerInstruction { get; init; }

    /// <summary>States kept altogether.</summary>
    public long TotalStates { get; init; }

    /// <summary>The most states kept at one time.</summary>
    public long PeakStates { get; init; }

    /// <summary>How long it took; null when the log does not say (<see cref="VerifierLogLevel.Statistics"/>).</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Bytes of stack per function, the main one first; empty when the log does not say.</summary>
    public IReadOnlyList<int> StackDepths { get; init; } = [];

    /// <summary>Reads one of the closing lines into the counts; false when it is none.</summary>
    internal static bool TryRead(ReadOnlySpan<char> line, ref VerifierStatistics? statistics)
    {
        if (line.StartsWith("processed ") && line.IndexOf(" insns (limit ") > 0)
        {
            statistics = (statistics ?? new()) with
            {
                Instructions = NumberAfter(line, "processed "),
                Limit = NumberAfter(line, "(limit "),
                MaxStatesPerInstruction = NumberAfter(line, "max_states_per_insn "),
                TotalStates = NumberAfter(line, "total_states "),
                PeakStates = NumberAfter(line, "peak_states "),
            };
            return true;
        }
        if (line.StartsWith("verification time "))
        {
            statistics = (statistics ?? new()) with { Duration = TimeSpan.FromMicroseconds(Math.Min(NumberAfter(line, "verification time "), int.MaxValue)) };
            return true;
        }
        if (line.StartsWith("stack depth ") && !line.Contains("exceeds", StringComparison.Ordinal))
        {
            List<int> depths = [];
            var rest = line["stack depth ".Length..];
            int end = rest.IndexOf(' ');
            if (end >= 0) rest = rest[..end];
            foreach (var part in rest.Split('+'))
                if (int.TryParse(rest[part], NumberStyles.None, CultureInfo.InvariantCulture, out int depth) && depths.Count < 1024) depths.Add(depth);
            statistics = (statistics ?? new()) with { StackDepths = depths };
            return true;
        }
        return false;
    }

    private static long NumberAfter(ReadOnlySpan<char> line, string label)
    {
        int at = line.IndexOf(label);
        if (at < 0) return 0;
        var digits = line[(at + label.Length)..];
        int n = digits.IndexOfAnyExceptInRange('0', '9');
        return long.TryParse(n < 0 ? digits : digits[..n], NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;
    }
}
