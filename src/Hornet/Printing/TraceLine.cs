using System.Globalization;
using System.Text.RegularExpressions;

namespace Hornet;

/// <summary>A line of the trace buffer.</summary>
/// <param name="Task">The name of the task that wrote it.</param>
/// <param name="Pid">Its thread id.</param>
/// <param name="Cpu">The CPU.</param>
/// <param name="Flags">Interrupts, preemption: the kernel's letters.</param>
/// <param name="Timestamp">Seconds of the trace clock: since boot, without suspend.</param>
/// <param name="Message">The text.</param>
public readonly partial record struct TraceLine(string Task, int Pid, int Cpu, string Flags, double Timestamp, string Message)
{
    /// <summary>Reads a line; false for others, as the kernel's note of lost events.</summary>
    public static bool TryParse(string line, out TraceLine result)
    {
        ArgumentNullException.ThrowIfNull(line);
        result = default;
        if (Pattern().Match(line) is not { Success: true } match) return false;
        result = new TraceLine(match.Groups[1].Value.TrimStart(), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture),
            match.Groups[4].Value, double.Parse(match.Groups[5].ValueSpan, CultureInfo.InvariantCulture), match.Groups[6].Value);
        return true;
    }

    // "  comm-1234  (1234) [001] d..31  123.456789: bpf_trace_printk: text"; the group is there with record-tgid only.
    [GeneratedRegex(@"^\s*(.+)-(\d+)\s+(?:\([\s\d-]+\)\s+)?\[(\d+)\]\s+(\S+)\s+(\d+\.\d+): (?:\S+: )?(.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
