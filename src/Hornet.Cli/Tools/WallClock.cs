using System.Diagnostics;
using System.Globalization;

namespace Hornet.Cli.Tools;

/// <summary>
/// Kernel times (<c>bpf_ktime_get_ns</c>: CLOCK_MONOTONIC) as times of day. The offset is taken once: a step of the wall
/// clock during a trace does not reorder its events.
/// </summary>
internal sealed class WallClock
{
    private readonly long _offsetTicks = DateTime.Now.Ticks - Stopwatch.GetTimestamp() / (Stopwatch.Frequency / TimeSpan.TicksPerSecond);

    /// <summary><c>14:03:59.123456</c>, local time.</summary>
    public string Format(ulong nanoseconds) =>
        new DateTime(_offsetTicks + (long)(nanoseconds / 100)).ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
}
