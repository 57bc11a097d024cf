using System.Runtime.InteropServices;

namespace Hornet;

/// <summary>What a perf event has counted, and for how long (<c>struct bpf_perf_event_value</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PerfCounter
{
    /// <summary>The count.</summary>
    public ulong Value;

    /// <summary>Nanoseconds that the event was enabled.</summary>
    public ulong EnabledNs;

    /// <summary>Nanoseconds that it was counting; less than enabled when it shared its counter.</summary>
    public ulong RunningNs;
}
